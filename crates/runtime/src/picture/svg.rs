//! Attention as one SVG: of sentences matrices, source across, target down, the darker the more; of images a
//! panel for each token.

use std::fmt::Write;

use super::layout::{self, LINE, Layout};
use super::{Alignment, ImageView, Seen, overlay};

/// The side of a cell in pixels.
const CELL: usize = 30;
/// Between two matrices.
const GAP: usize = 24;
/// One Chinese character, or about two Latin ones.
const GLYPH: usize = 15;

/// All matrices and images, one below another.
pub(super) fn render(alignments: &[Alignment]) -> String {
    let mut body = String::new();
    let (mut top, mut width) = (GAP, 0);
    for alignment in alignments {
        let (drawn, [across, down]) = match &alignment.seen {
            Seen::Words { source } => matrix(alignment, source, top),
            Seen::Image { image } => panels(alignment, image, top),
        };
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
fn matrix(alignment: &Alignment, source: &[String], top: usize) -> (String, [usize; 2]) {
    let left = widest(&alignment.target) + GAP;
    let head = widest(source) + GAP;
    let (columns, rows) = (source.len(), alignment.target.len());
    let mut out = String::new();
    // Writing to a string cannot fail.
    for (column, token) in source.iter().enumerate() {
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
                escape(&source[column]),
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

/// The panels of one image from `top` down, and their size.
fn panels(alignment: &Alignment, image: &ImageView, top: usize) -> (String, [usize; 2]) {
    let layout = Layout::new(image, alignment);
    let [width, height] = layout.panel;
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "<text x=\"{}\" y=\"{}\"><tspan font-weight=\"bold\">{}</tspan> <tspan fill=\"#555555\">{}</tspan></text>",
        layout::GAP,
        top + LINE - 8,
        escape(&alignment.text),
        escape(&image.name),
    );
    for index in 0..layout.count {
        let weights = alignment.weights.get(index);
        let drawn = overlay::panel(image, weights.map_or(&[], Vec::as_slice), layout.scale);
        let [x, y] = layout.place(index);
        let y = y + top;
        let text = match (weights, alignment.target.get(index)) {
            (Some(_), Some(token)) => escape(token),
            _ => "(no attention)".into(),
        };
        let _ = writeln!(
            out,
            "<image x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" \
             href=\"data:image/png;base64,{}\"/>\n\
             <rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"none\" stroke=\"#d8dce4\"/>\n\
             <text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{text}</text>",
            base64(&drawn.png()),
            x + width / 2,
            y + height + LINE - 7,
        );
    }
    (out, layout.size())
}

/// Bytes as text (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let of = |place: usize| u32::from(three.get(place).copied().unwrap_or(0));
        let bits = of(0) << 16 | of(1) << 8 | of(2);
        for place in 0..4 {
            match place <= three.len() {
                true => out.push(char::from(DIGITS[(bits >> (18 - 6 * place) & 63) as usize])),
                false => out.push('='),
            }
        }
    }
    out
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
            seen: Seen::Words {
                source: vec!["<b>".into(), "\"&\u{1}".into()],
            },
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
    fn bytes_become_text_as_in_the_standard() {
        // The examples of RFC 4648, section 10.
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foob", "Zm9vYg=="),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xfb, 0xff, 0xff]), "+///");
    }

    #[test]
    fn an_image_has_a_panel_for_each_token() {
        let image = overlay::tests::view(40, 16);
        let places = image.rows * image.columns;
        let alignment = Alignment {
            seen: Seen::Image { image },
            weights: vec![vec![1.0 / places as f32; places]; 3],
            ..alignment()
        };
        let svg = render(std::slice::from_ref(&alignment));
        assert_eq!(svg.matches("<image ").count(), 3);
        for text in [">汤</text>", ">&lt;/s&gt;</text>", ">a&amp;b.png</tspan>"] {
            assert!(svg.contains(text), "{text}");
        }
        let bare = Alignment {
            weights: vec![],
            ..alignment
        };
        let svg = render(&[bare]);
        assert_eq!(svg.matches("<image ").count(), 1);
        assert!(svg.contains("no attention"));
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
