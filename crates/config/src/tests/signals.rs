//! The tables of training signals.

use super::{right, says, wrong};

#[test]
fn numbers_out_of_range_name_the_range() {
    for (line, expected) in [
        ("teacher_forcing.ratio = 1.5", "0 to 1"),
        ("teacher_forcing.ratio = nan", "a finite number"),
        (
            "teacher_forcing = { kind = \"linear\", c = 0 }",
            "`train.teacher_forcing.c` is 0.0, but must be above 0",
        ),
        (
            "teacher_forcing = { kind = \"linear\", k = 2, c = 0.1 }",
            "0 to 1 under `kind = \"linear\"`",
        ),
        (
            "teacher_forcing = { kind = \"exponential\", k = 1 }",
            "above 0 and below 1 under `kind = \"exponential\"`",
        ),
        (
            "teacher_forcing = { kind = \"inverse-sigmoid\", k = 0.5 }",
            "at least 1 under `kind = \"inverse-sigmoid\"`",
        ),
        (
            "teacher_forcing = { kind = \"exponential\", k = 0.5, floor = 1 }",
            "`train.teacher_forcing.floor` is 1.0",
        ),
        ("word_dropout.source = 1", "at least 0 and below 1"),
        ("word_dropout.target = -0.1", "at least 0 and below 1"),
        ("guided_alignment.weight = -1", "at least 0"),
        ("guided_alignment.decay = 0", "above 0, at most 1"),
    ] {
        says(&wrong(&format!("[train]\n{line}\n"), &[]), &[expected]);
    }
    let risk = "[train]\nobjective = \"minimum-risk\"\nstart_from = \"x\"\n[train.minimum_risk]\n";
    for (line, expected) in [
        ("samples = 0", "at least 1"),
        ("alpha = 0", "above 0"),
        ("mix = 1", "at least 0 and below 1"),
    ] {
        says(&wrong(&format!("{risk}{line}\n"), &[]), &[expected]);
    }
}

#[test]
fn schedules_need_their_numbers_and_no_others() {
    for (kind, key) in [
        ("linear", "c"),
        ("exponential", "k"),
        ("inverse-sigmoid", "k"),
    ] {
        let message = wrong(
            &format!("[train.teacher_forcing]\nkind = \"{kind}\"\n"),
            &[],
        );
        let needed = format!("`train.teacher_forcing.{key}`");
        let reason = format!("(`kind = \"{kind}\"` needs it)");
        says(&message, &["x.toml:4:1", &needed, &reason]);
    }
    let message = wrong("[train.teacher_forcing]\nk = 0.5\n", &[]);
    says(
        &message,
        &["x.toml:4:1", "`kind = \"constant\"`", "inverse-sigmoid"],
    );
    let message = wrong(
        "[train.teacher_forcing]\nkind = \"linear\"\nc = 0.1\nratio = 0.5\n",
        &[],
    );
    says(&message, &["x.toml:6:1", "`train.teacher_forcing.ratio`"]);
}

#[test]
fn an_override_of_a_kind_takes_the_old_keys_with_it() {
    let lines = "[train.teacher_forcing]\nkind = \"linear\"\nc = 1e-4\nfloor = 0.2\n";
    let loaded = right(lines, &["train.teacher_forcing.kind=constant"]);
    assert_eq!(loaded.notices.len(), 2, "{:?}", loaded.notices);
    assert!(!loaded.config.train.teacher_forcing.is_on());
    let lines =
        "[train]\nobjective = \"minimum-risk\"\nstart_from = \"x\"\nminimum_risk.samples = 7\n";
    let loaded = right(lines, &["train.objective=cross-entropy"]);
    says(
        &loaded.notices[0],
        &["`train.minimum_risk.samples` is left out"],
    );
    let lines = "data.alignments = \"x\"\n[train]\nguided_alignment.weight = 0.5\n";
    let loaded = right(lines, &["model.attention.kind=none"]);
    says(
        &loaded.notices[0],
        &["`train.guided_alignment.weight` is left out"],
    );
    assert!(!loaded.config.train.guided_alignment.is_on());
}

#[test]
fn signals_of_the_likelihood_need_some_of_it() {
    let risk = "[train]\nobjective = \"minimum-risk\"\nstart_from = \"x\"\n";
    for line in [
        "coverage_loss = 1.0",
        "teacher_forcing.ratio = 0.5",
        "word_dropout.source = 0.1",
    ] {
        let message = wrong(&format!("{risk}{line}\n"), &[]);
        says(&message, &["train.minimum_risk.mix above 0"]);
        right(&format!("{risk}{line}\nminimum_risk.mix = 0.1\n"), &[]);
    }
    let message = wrong("[train]\nobjective = \"minimum-risk\"\n", &[]);
    says(&message, &["x.toml:4:1", "`train.start_from`", "needs it"]);
    let message = wrong("[train]\nstart_checkpoint = \"bset\"\n", &[]);
    says(&message, &["x.toml:4:1", "train.start_checkpoint"]);
}

/// Every line that `configs/README.md` offers to add to a config is valid.
#[test]
fn the_lines_that_may_be_added_are_right() {
    let page = include_str!("../../../../configs/README.md");
    let added = page.lines().filter_map(|line| line.strip_prefix("# "));
    let added: Vec<&str> = added.filter(|line| line.contains(" = ")).collect();
    assert_eq!(added.len(), 18, "{added:?}");
    for line in added {
        let table = |keys: &[&str]| keys.iter().any(|key| line.starts_with(key));
        let text = match line {
            _ if table(&["alignments", "columns", "one_sided", "max_characters"]) => {
                format!("data.{line}\n")
            }
            _ if table(&["kind", "normalize"]) => format!("[tokenizer.target]\n{line}\n"),
            _ if table(&["shared"]) => format!("[tokenizer]\n{line}\n"),
            _ if table(&["share_embeddings"]) => {
                format!("[tokenizer]\nshared = true\n[model]\n{line}\n")
            }
            _ if table(&["max_"]) => format!("[search]\n{line}\n"),
            _ => format!("[train]\n{line}\n"),
        };
        let mut overrides = vec!["data.alignments=x", "train.start_from=x"];
        if line.starts_with("minimum_risk") {
            overrides.push("train.objective=minimum-risk");
        }
        right(&text, &overrides);
    }
}
