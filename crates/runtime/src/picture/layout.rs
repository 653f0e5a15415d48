//! Where the panels of an image go: one for each token, side by side in rows.

use super::{Alignment, ImageView};

/// About how wide a panel is.
const PANEL: usize = 320;
/// About how wide a row of panels is.
const ROW: usize = 1040;
/// Between panels, and around all.
pub(super) const GAP: usize = 16;
/// Room for a line of text.
pub(super) const LINE: usize = 24;

/// Where the panels of an image go, from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    /// Pixels of the panel to a pixel of the image.
    pub(super) scale: usize,
    /// Width and height of a panel.
    pub(super) panel: [usize; 2],
    /// How many there are; without attention one, the image itself.
    pub(super) count: usize,
    across: usize,
}

impl Layout {
    pub(super) fn new(image: &ImageView, alignment: &Alignment) -> Self {
        let scale = (PANEL / image.width.max(1)).clamp(1, 8);
        let panel = [image.width * scale, image.height * scale];
        let count = alignment.weights.len().max(1);
        Self {
            scale,
            panel,
            count,
            across: (ROW / (panel[0] + GAP)).clamp(1, count),
        }
    }

    /// The upper left corner of a panel, to the right and down; its token stands below it.
    pub(super) fn place(&self, index: usize) -> [usize; 2] {
        let [width, height] = self.panel;
        [
            GAP + index % self.across * (width + GAP),
            LINE + GAP / 2 + index / self.across * (height + LINE + GAP / 2),
        ]
    }

    /// Width and height of all, the line of text above the panels included.
    pub(super) fn size(&self) -> [usize; 2] {
        let [width, height] = self.panel;
        let rows = self.count.div_ceil(self.across);
        [
            GAP + self.across * (width + GAP),
            LINE + GAP / 2 + rows * (height + LINE + GAP / 2) + GAP,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Seen, overlay};
    use super::*;

    #[test]
    fn panels_do_not_overlap_and_lie_within() {
        let image = overlay::tests::view(100, 32);
        let alignment = Alignment {
            seen: Seen::Image {
                image: image.clone(),
            },
            target: vec!["1".into(); 8],
            weights: vec![vec![0.0]; 8],
            text: String::new(),
            score: 0.0,
        };
        let layout = Layout::new(&image, &alignment);
        assert_eq!((layout.scale, layout.panel), (3, [300, 96]));
        let [width, height] = layout.size();
        for index in 0..8 {
            let [x, y] = layout.place(index);
            assert!(x + 300 <= width && y + 96 + LINE <= height);
            for other in 0..index {
                let [left, top] = layout.place(other);
                assert!(x >= left + 300 || y >= top + 96 + LINE || left >= x + 300);
            }
        }
    }
}
