//! From the names of images to the images.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;

use corpora::Builtin;

use super::ending::is_named_like_one;
use super::file;
use super::options::ImageOptions;
use super::picture::Picture;
use super::problem::ImageProblem;
use super::raster::Raster;
use crate::corpus::{Content, ContentHasher};
use crate::error::DataError;

/// Whether `text` names an image: a path that ends like one, or an image of a built-in corpus.
pub fn is_name(text: &str) -> bool {
    Builtin::is_name(text) || is_named_like_one(text)
}

/// Where names of images stand.
#[derive(Debug, Clone)]
pub struct Names {
    /// Name of the list in messages: a file, or standard input.
    pub list: String,
    /// Where relative paths start.
    pub folder: PathBuf,
}

impl Names {
    /// Those in a file, whose relative paths start at its folder.
    pub fn of_file(path: &Path) -> Self {
        Self {
            list: path.display().to_string(),
            folder: path.parent().unwrap_or(Path::new("")).to_owned(),
        }
    }

    /// The image called `name`, which stands on `line`, from 1.
    ///
    /// # Errors
    /// A name that is none of an image; an image that is missing, damaged, empty or too large.
    pub fn picture(
        &self,
        name: &str,
        line: usize,
        options: &ImageOptions,
    ) -> Result<Picture, DataError> {
        self.known_picture(name, line, options)
            .map(|(picture, _)| picture)
    }

    /// As [`Self::picture`], with what tells the image from others.
    fn known_picture(
        &self,
        name: &str,
        line: usize,
        options: &ImageOptions,
    ) -> Result<(Picture, Content), DataError> {
        let path = self.folder.join(name);
        let image = if Builtin::is_name(name) {
            let unknown = || ImageProblem::Builtin {
                example: Builtin::image_example(),
            };
            let image = Builtin::image(name).map(Raster::from).ok_or_else(unknown);
            image.map(|image| {
                let mut hasher = ContentHasher::default();
                hasher.update(&image.pixels);
                (image, hasher.content(1))
            })
        } else if is_named_like_one(name) {
            file::decode(&path, options.background.paper())
        } else {
            Err(ImageProblem::Name)
        };
        match image {
            Ok((image, content)) => Ok((Picture::new(image, options), content)),
            Err(problem) => Err(DataError::Image {
                list: self.list.clone(),
                line,
                name: match problem {
                    // Where it was looked for.
                    ImageProblem::Missing => path.display().to_string(),
                    _ => name.chars().take(80).collect(),
                },
                problem: Box::new(problem),
            }),
        }
    }

    /// The images called `names`, each with its line, in this order; read by all processors together.
    ///
    /// # Errors
    /// Those of [`Self::picture`], of the first name that has one.
    pub fn pictures(
        &self,
        names: &[(&str, usize)],
        options: &ImageOptions,
    ) -> Result<Vec<Picture>, DataError> {
        let known = self.known_pictures(names, options, &|| true)?;
        Ok(known.into_iter().map(|(picture, _)| picture).collect())
    }

    /// As [`Self::pictures`], with what tells each image from others. Before each image `go_on` is asked.
    pub(crate) fn known_pictures(
        &self,
        names: &[(&str, usize)],
        options: &ImageOptions,
        go_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<Vec<(Picture, Content)>, DataError> {
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        let share = names.len().div_ceil(threads).max(1);
        let read = |names: &[(&str, usize)]| -> Result<Vec<(Picture, Content)>, DataError> {
            let each = names.iter();
            each.map(|&(name, line)| match go_on() {
                true => self.known_picture(name, line, options),
                false => Err(DataError::Stopped {
                    path: PathBuf::from(&self.list),
                    lines: line,
                }),
            })
            .collect()
        };
        let found: Vec<_> = thread::scope(|scope| {
            let (shares, read) = (names.chunks(share), &read);
            let threads: Vec<_> = shares
                .map(|names| scope.spawn(move || read(names)))
                .collect();
            let each = threads.into_iter();
            each.map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect()
        });
        let mut all = Vec::with_capacity(names.len());
        for pictures in found {
            all.extend(pictures?);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Background;

    const OPTIONS: ImageOptions = ImageOptions {
        height: 4,
        channels: 1,
        max_width: 100,
        background: Background::Light,
    };

    #[test]
    fn images_come_in_the_order_of_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let mut names = Vec::new();
        for width in 1..=9 {
            let name = format!("{width}.png");
            let image = Raster::grey(width, 4, |_, _| 0).png();
            std::fs::write(folder.path().join(&name), image).unwrap();
            names.push(name);
        }
        let names: Vec<(&str, usize)> = names.iter().map(String::as_str).zip(1..).collect();
        let list = Names::of_file(&folder.path().join("list.tsv"));
        let pictures = list.pictures(&names, &OPTIONS).unwrap();
        let widths: Vec<usize> = pictures.iter().map(|picture| picture.width).collect();
        assert_eq!(widths, (1..=9).collect::<Vec<_>>());
        assert!(list.pictures(&[], &OPTIONS).unwrap().is_empty());
    }

    #[test]
    fn mistakes_name_the_line_and_the_image() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("bad.png"), "no").unwrap();
        let list = Names::of_file(&folder.path().join("list.tsv"));
        let message = |name| {
            let names = [("bad.png", 9), (name, 7)];
            let wrong = list.pictures(&names[1..], &OPTIONS).unwrap_err();
            wrong.to_string()
        };
        for (name, expected) in [
            ("bad.png", "list.tsv:7: `bad.png`: this is no PNG"),
            ("other.png", "other.png`: no such image"),
            ("How are you?", "list.tsv:7: `How are you?`: not the name"),
            ("builtin:digits:test", "names are like `builtin:digits:"),
            ("builtin:digits:test:0", "names are like `builtin:digits:"),
        ] {
            let found = message(name);
            assert!(found.contains(expected), "{found}");
        }
    }
}
