//! Backends and devices.

use super::*;

#[cfg(not(feature = "cuda"))]
#[test]
fn a_backend_that_is_not_compiled_in_says_how_to_get_it() {
    let sandbox = Sandbox::new();
    let words = ["built without the `cuda` backend", "--features cuda"];
    refused(&sandbox, &["--backend", "cuda"], &words);
    refused(&sandbox, &["--set", "train.backend=cuda"], &words);
}

#[test]
fn an_unknown_backend_lists_the_backends() {
    refused(
        &Sandbox::new(),
        &["--backend", "gpu"],
        &["'gpu'", "wgpu", "ndarray"],
    );
}

/// Only Vulkan can be taken away, so only where nothing else is to be had.
#[cfg(all(feature = "wgpu", not(feature = "cuda"), target_os = "linux"))]
#[test]
fn a_machine_without_a_gpu_says_so_and_auto_takes_the_cpu() {
    let sandbox = Sandbox::new();
    let before = sandbox.snapshot();
    let blind = |more: &[&str]| -> Outcome {
        let mut command = sandbox.training(RUN, more);
        for name in ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"] {
            command.env(name, sandbox.path("no-driver.json"));
        }
        finish(&mut command, b"")
    };
    let outcome = blind(&["--backend", "wgpu"]);
    outcome.assert_refused(&[
        "no GPU found",
        "--backend wgpu",
        "--backend cpu",
        "attune devices",
    ]);
    assert_unchanged(&sandbox, &before);
    let outcome = blind(&["--backend", "auto", "--max-steps", "2"]);
    outcome.assert_done();
    assert!(outcome.err.contains("backend: cpu"), "{outcome:#?}");
}

#[cfg(feature = "wgpu")]
#[test]
fn a_device_that_does_not_exist_is_refused() {
    let words = ["no GPU found", "--backend cpu"];
    refused(
        &Sandbox::new(),
        &["--backend", "wgpu", "--device", "99"],
        &words,
    );
}
