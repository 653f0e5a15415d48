//! The same training on every backend: equal losses, equal translations.

mod support;

use std::io::Write;
use std::path::Path;

use support::{Sandbox, finish, images};

/// The largest difference of two losses of one update.
const TOLERANCE: f64 = 1e-3;

const SENTENCES: [(&str, &str); 8] = [
    ("I like tea.", "我喜欢茶。"),
    ("She is at home.", "她在家。"),
    ("Do you have a cat?", "你有猫吗？"),
    ("He bought three books yesterday.", "他昨天买了三本书。"),
    ("We are happy.", "我们很高兴。"),
    ("Tom chases Jerry.", "汤姆追逐杰瑞。"),
    ("The apple is red.", "苹果是红色的。"),
    ("How are you?", "你好吗？"),
];

/// What a backend made of `configs/smoke.toml`.
#[derive(Debug)]
struct Trained {
    losses: Vec<f64>,
    validation: f64,
    translations: Vec<String>,
}

/// The thirty updates of `configs/smoke.toml`. The validation at their end translates eight
/// sentences of our own: they have the shape of a training batch, so that a GPU compiles nothing
/// for them alone.
fn train(sandbox: &Sandbox, backend: &str) -> Trained {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/smoke.toml");
    let pairs = SENTENCES.map(|(source, target)| (source.to_owned(), target.to_owned()));
    sandbox.write("eight.tsv", support::tsv(&pairs));
    let mut command = sandbox.attune(&["--config"]);
    command
        .arg(config)
        .args(["--backend", backend, "--run-dir", backend, "--json"]);
    command.args(["--set", "data.valid=eight.tsv", "--set", "valid.samples=8"]);
    let report = finish(&mut command, b"").json();
    assert_eq!(
        (&report["backend"], &report["steps"]),
        (&backend.into(), &30.into())
    );
    let log = sandbox.text(Path::new(backend).join("log.txt"));
    let hypotheses = log
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("hypothesis"))
        .map(|text| text.trim().to_owned());
    // A slow device shows some on its way, too.
    let mut translations: Vec<String> = hypotheses.collect();
    translations.drain(..translations.len().saturating_sub(SENTENCES.len()));
    let records = sandbox.metrics(backend);
    let of_updates = records.iter().filter(|record| record["kind"] == "train");
    Trained {
        losses: of_updates
            .map(|record| record["loss"].as_f64().unwrap())
            .collect(),
        validation: report["valid"]["loss"].as_f64().unwrap(),
        translations,
    }
}

fn assert_same(sandbox: &Sandbox, backend: &str) {
    let [cpu, other] = ["cpu", backend].map(|backend| train(sandbox, backend));
    assert_eq!(
        (cpu.losses.len(), cpu.translations.len()),
        (30, 8),
        "{cpu:?}"
    );
    assert!(
        cpu.losses[29] < cpu.losses[0] - 0.5,
        "nothing was learned: {cpu:?}"
    );
    assert_eq!(other.losses.len(), 30);
    for (step, (one, two)) in (1..).zip(cpu.losses.iter().zip(&other.losses)) {
        assert!(
            (one - two).abs() <= TOLERANCE,
            "update {step}: cpu {one}, {backend} {two}"
        );
    }
    assert!(
        (cpu.validation - other.validation).abs() <= TOLERANCE,
        "{cpu:?} {other:?}"
    );
    assert_eq!(cpu.translations, other.translations);
}

/// The losses of the sixteen updates of a tiny model of images, and that of the validation at their end.
fn train_on_images(sandbox: &Sandbox, backend: &str) -> Vec<f64> {
    let outcome = images::train(sandbox, backend, &["--backend", backend, "--json"]);
    let report = outcome.json();
    assert_eq!(report["backend"], backend);
    let records = sandbox.metrics(backend);
    let of_updates = records.iter().filter(|record| record["kind"] == "train");
    let losses = of_updates.map(|record| record["loss"].as_f64().unwrap());
    let last = report["valid"]["loss"].as_f64().unwrap();
    losses.chain([last]).collect()
}

fn assert_same_on_images(backend: &str) {
    let sandbox = images::sandbox();
    let [cpu, other] = ["cpu", backend].map(|backend| train_on_images(&sandbox, backend));
    assert_eq!((cpu.len(), other.len()), (17, 17));
    assert!(cpu[15] < cpu[0], "nothing was learned: {cpu:?}");
    for (step, (one, two)) in (1..).zip(cpu.iter().zip(&other)) {
        assert!(
            (one - two).abs() <= TOLERANCE,
            "update {step}: cpu {one}, {backend} {two}"
        );
    }
}

#[cfg(feature = "ndarray")]
#[test]
fn ndarray_trains_as_the_cpu_does() {
    assert_same(&Sandbox::new(), "ndarray");
}

#[cfg(feature = "ndarray")]
#[test]
fn ndarray_trains_on_images_as_the_cpu_does() {
    assert_same_on_images("ndarray");
}

/// Whether there is a GPU, a real one or the software one that continuous integration installs. Where there is
/// none, says so.
#[cfg(feature = "wgpu")]
fn has_gpu(sandbox: &Sandbox) -> bool {
    let devices = sandbox.run(&["devices"]);
    devices.assert_done();
    if devices.out.contains("--backend wgpu --device 0") {
        return true;
    }
    assert!(
        std::env::var_os("CI").is_none_or(|value| value != "true"),
        "CI=true, and there is no Vulkan device: install a driver, for example mesa-vulkan-drivers"
    );
    // Past the test runner, which shows nothing of a test that passes.
    let _ = writeln!(std::io::stderr(), "skipped: no Vulkan device");
    false
}

#[cfg(feature = "wgpu")]
#[test]
fn wgpu_trains_as_the_cpu_does() {
    let sandbox = Sandbox::new();
    if has_gpu(&sandbox) {
        assert_same(&sandbox, "wgpu");
    }
}

#[cfg(feature = "wgpu")]
#[test]
fn wgpu_trains_on_images_as_the_cpu_does() {
    if has_gpu(&Sandbox::new()) {
        assert_same_on_images("wgpu");
    }
}
