//! The tables of `docs/walkthrough.md`.

use crate::school::{SCHOOL, School};
use crate::steps::{Step, distance, encoder_steps, forced, free};

/// A table of the page, as its lines.
fn table(head: &[&str], rows: Vec<Vec<String>>) -> Vec<String> {
    let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let head: Vec<String> = head.iter().map(|&cell| cell.to_owned()).collect();
    let rule = format!("|{}", "---|".repeat(head.len()));
    let mut lines = vec![line(head), rule];
    lines.extend(rows.into_iter().map(line));
    lines
}

fn encoder_table(school: &School) -> Vec<String> {
    let states = encoder_steps(&school.after, &school.pair().source.words().unwrap().ids);
    let mut before = vec![0.0; 32];
    let mut rows = Vec::new();
    for (step, (token, state)) in school.reading().into_iter().zip(states).enumerate() {
        rows.push(vec![
            format!("{}", step + 1),
            format!("`{token}`"),
            format!("{:.2} {:.2} {:.2} …", state[0], state[1], state[2]),
            format!("{:.2}", distance(&before, &state)),
        ]);
        before = state;
    }
    table(&["step", "reads", "state afterwards", "moved by"], rows)
}

fn training_table(school: &School) -> Vec<String> {
    let batch = school.pair();
    let steps = forced(&school.before, &batch)
        .into_iter()
        .zip(forced(&school.after, &batch));
    let rows = steps.zip(&batch.target_output.ids).enumerate();
    let row = |(place, ((before, after), &right)): (usize, ((Step, Step), &i32))| {
        let probability = |step: &Step| step.probabilities[right as usize];
        vec![
            format!("{}", place + 1),
            format!("`{}`", school.spell(before.fed)),
            format!("`{}`", school.spell(right as u32)),
            format!("`{}`", school.spell(before.says)),
            format!("{:.2}", probability(&before)),
            format!("{:.2}", -probability(&before).ln()),
            format!("{:.3}", probability(&after)),
        ]
    };
    let head = [
        "step",
        "is fed",
        "is to say",
        "says untrained",
        "p(right word)",
        "cost, -ln p",
        "p after training",
    ];
    table(&head, rows.map(row).collect())
}

fn translation_table(school: &School) -> Vec<String> {
    let row = |(place, step): (usize, &Step)| {
        let mut row = vec![
            format!("{}", place + 1),
            format!("`{}`", school.spell(step.fed)),
        ];
        row.extend(step.weights.iter().map(|weight| format!("{weight:.2}")));
        row.push(format!("`{}`", school.spell(step.says)));
        row.push(format!("{:.3}", step.probabilities[step.says as usize]));
        row
    };
    let steps = free(&school.after, &school.pair());
    let reading: Vec<String> = school
        .reading()
        .iter()
        .map(|token| format!("`{token}`"))
        .collect();
    let mut head = vec!["step", "is fed"];
    head.extend(reading.iter().map(String::as_str));
    head.extend(["says", "probability"]);
    table(&head, steps.iter().enumerate().map(row).collect())
}

/// The first four steps of the untrained model.
fn lost_table(school: &School) -> Vec<String> {
    let row = |(place, step): (usize, &Step)| {
        vec![
            format!("{}", place + 1),
            format!("`{}`", school.spell(step.fed)),
            format!("`{}`", school.spell(step.says)),
            format!("{:.3}", step.probabilities[step.says as usize]),
        ]
    };
    let steps = free(&school.before, &school.pair());
    let rows = steps.iter().take(4).enumerate().map(row);
    table(&["step", "is fed", "says", "probability"], rows.collect())
}

/// Whether a cell of the page says what was made: numbers may differ a little, since other
/// processors round otherwise.
fn agrees(shown: &str, made: &str) -> bool {
    let mut parts = shown.split_whitespace().zip(made.split_whitespace());
    shown.split_whitespace().count() == made.split_whitespace().count()
        && parts.all(
            |(shown, made)| match (shown.parse::<f32>(), made.parse::<f32>()) {
                (Ok(shown), Ok(made)) => (shown - made).abs() <= 0.02,
                _ => shown == made,
            },
        )
}

#[test]
fn the_page_shows_what_the_model_does() {
    let school = &*SCHOOL;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/walkthrough.md");
    let page = std::fs::read_to_string(path).unwrap();
    let shown: Vec<&str> = page.lines().filter(|line| line.starts_with('|')).collect();
    let mut made = Vec::new();
    for (title, table) in [
        ("The encoder", encoder_table(school)),
        ("The decoder in training", training_table(school)),
        ("The decoder in translation", translation_table(school)),
        ("The same, untrained", lost_table(school)),
    ] {
        println!("\n{title}\n\n{}", table.join("\n"));
        made.extend(table);
    }
    assert_eq!(shown.len(), made.len(), "the page's tables are those above");
    for (shown, made) in shown.iter().zip(&made) {
        let cells = |line: &str| line.split('|').map(str::to_owned).collect::<Vec<_>>();
        let (shown, made) = (cells(shown), cells(made));
        assert_eq!(shown.len(), made.len(), "{shown:?} is not {made:?}");
        for (cell, wanted) in shown.iter().zip(&made) {
            assert!(agrees(cell, wanted), "{shown:?} is not {made:?}");
        }
    }
}
