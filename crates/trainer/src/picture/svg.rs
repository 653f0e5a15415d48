//! Attention matrices as one SVG: source across, target down, the darker the more.

use std::fmt::Write;

use super::Alignment;

/// The side of a cell in pixels.
const CELL: usize = 30;
/// Between two matrices.
const GAP: usize = 24;
/// One Chinese character, or about two Latin ones.
const GLYPH: usize = 15;

/// All matrices, one below another.
pub(super) fn render(alignments: &[Alignment]) -> String {
    let mut body = String::new();
    let (mut top, mut width) = (GAP, 0);
    for alignment in alignments {
        let (drawn, [across, down]) = matrix(alignment, top);
        body += &drawn;
        top += down + GAP;
        width = width.max(across);
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{top}\" \
         viewBox=\"0 0 {width} {top}\" font-family=\"Noto Sans CJK SC, Noto Sans SC, PingFang SC, \
         Microsoft YaHei, sans-serif\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{body}</svg>\n"
    )
}

/// About how wide a text is.
fn extent(text: &str) -> usize {
    text.chars()
        .map(|c| {
            if c as u32 > 0x2e7f {
                GLYPH
            } else {
                GLYPH * 3 / 5
            }
        })
        .sum()
}

fn widest(tokens: &[String]) -> usize {
    tokens.iter().map(|token| extent(token)).max().unwrap_or(0)
}

/// One matrix from `top` down, and its size.
fn matrix(alignment: &Alignment, top: usize) -> (String, [usize; 2]) {
    let left = widest(&alignment.target) + GAP;
    let head = widest(&alignment.source) + GAP;
    let (columns, rows) = (alignment.source.len(), alignment.target.len());
    let mut out = String::new();
    // Writing to a string cannot fail.
    for (column, token) in alignment.source.iter().enumerate() {
        let (x, y) = (left + column * CELL + CELL / 2 + 5, top + head - 6);
        let _ = writeln!(
            out,
            "<text x=\"{x}\" y=\"{y}\" transform=\"rotate(-90 {x} {y})\">{}</text>",
            escape(token)
        );
    }
    for (row, token) in alignment.target.iter().enumerate() {
        let y = top + head + row * CELL;
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            left - 8,
            y + CELL / 2 + 5,
            escape(token)
        );
        for (column, weight) in alignment.weights.get(row).into_iter().flatten().enumerate() {
            let _ = writeln!(
                out,
                "<rect x=\"{}\" y=\"{y}\" width=\"{CELL}\" height=\"{CELL}\" fill=\"#1f4e9c\" \
                 fill-opacity=\"{weight:.3}\" stroke=\"#d8dce4\"><title>{} → {}: {weight:.3}</title></rect>",
                left + column * CELL,
                escape(&alignment.source[column]),
                escape(token),
            );
        }
    }
    if alignment.weights.is_empty() {
        let y = top + head + CELL / 2 + 5;
        let _ = writeln!(out, "<text x=\"{left}\" y=\"{y}\">(no attention)</text>");
    }
    let caption = top + head + rows * CELL + 20;
    let _ = writeln!(
        out,
        "<text x=\"{left}\" y=\"{caption}\" fill=\"#555555\">{}</text>",
        escape(&alignment.text)
    );
    let width = (left + columns * CELL).max(left + extent(&alignment.text)) + GAP;
    (out, [width, head + rows * CELL + 28])
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            // XML has no way to write these.
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alignment() -> Alignment {
        Alignment {
            source: vec!["<b>".into(), "\"&\u{1}".into()],
            target: vec!["汤".into(), "姆".into(), "</s>".into()],
            weights: vec![vec![0.25, 0.75], vec![1.0, 0.0], vec![0.5, 0.5]],
            text: "汤姆".into(),
            score: -0.1,
        }
    }

    #[test]
    fn every_weight_is_a_cell_and_marks_are_escaped() {
        let svg = render(&[alignment(), alignment()]);
        assert_eq!(svg.matches("<title>").count(), 12);
        assert!(svg.contains("fill-opacity=\"0.750\""));
        assert!(svg.contains("&lt;b&gt;"));
        assert!(svg.contains("&quot;&amp;\u{fffd}"));
        assert!(!svg.contains("<b>"));
    }

    #[test]
    fn a_model_without_attention_says_so() {
        let bare = Alignment {
            weights: vec![],
            ..alignment()
        };
        assert!(render(&[bare]).contains("no attention"));
    }
}
