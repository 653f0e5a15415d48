//! The runtime as a library: what a program without the command line, or without files, makes of a run.

use config::Which;
use runtime::model::{Folders, OpenedModel, Parts};
use search::packed::Precision;

use super::*;

const LINES: [&str; 3] = ["I eat rice .", "you buy tea .", ""];

/// What a model of the library writes.
fn said(model: &OpenedModel) -> Vec<String> {
    model.translator().texts(&LINES).unwrap()
}

#[test]
fn the_library_writes_what_the_program_writes() {
    let sandbox = Sandbox::trained();
    let input = LINES.map(|line| format!("{line}\n")).concat();
    let file = |name: &str| std::fs::read(sandbox.path(format!("{RUN}/{name}"))).unwrap();
    for (precision, name) in [(Precision::Full, "f32"), (Precision::Int8, "int8")] {
        let written = translate(&sandbox, &["--precision", name], input.clone()).out;
        let written: Vec<&str> = written.lines().collect();
        let folders = Folders::open(&[sandbox.path(RUN)], &[]).unwrap();
        let opened = folders.packed(&[Which::Best], precision).unwrap();
        assert_eq!(said(&opened), written, "{name}");
        let parts = Parts {
            config: &sandbox.text(format!("{RUN}/config.toml")),
            source: file("tokenizer.source.json"),
            target: file("tokenizer.target.json"),
            parameters: &file("checkpoints/best/model.safetensors"),
        };
        let opened = OpenedModel::of_parts(parts.clone(), &[], precision).unwrap();
        assert_eq!(said(&opened), written, "{name}");
        let swapped = Parts {
            source: parts.target.clone(),
            ..parts.clone()
        };
        let message = OpenedModel::of_parts(swapped, &[], precision).unwrap_err();
        assert!(
            message.to_string().contains("encoder.embedding"),
            "{message}"
        );
        let cut = Parts {
            parameters: &parts.parameters[..1000],
            ..parts
        };
        let message = OpenedModel::of_parts(cut, &[], precision).unwrap_err();
        assert!(message.to_string().contains("damaged"), "{message}");
    }
}
