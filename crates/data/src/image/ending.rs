//! How the names of images end.

/// How the names of images end, in lower case.
pub(super) const ENDINGS: [&str; 5] = [".png", ".jpg", ".jpeg", ".pgm", ".ppm"];

/// Whether `name` ends like that of an image.
pub(super) fn is_named_like_one(name: &str) -> bool {
    let name = name.to_lowercase();
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_like_images_in_capitals_too() {
        assert!(is_named_like_one("a/B.PNG") && is_named_like_one("x.jpeg"));
        assert!(!is_named_like_one("x.tsv") && !is_named_like_one("png"));
    }
}
