//! Tries a parser with what is kept and with mutants of that.

use std::any::Any;
use std::env;
use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::panic::{catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::thread;
use std::time::{Duration, Instant};

use runtime::checkpoint::checksum;

use crate::mutate::Mutator;
use crate::{allocation, kept};

/// For how many seconds each target is tried with mutants.
const SECONDS: &str = "ATTUNE_FUZZ_SECONDS";
/// The seed of the mutants.
const SEED: &str = "ATTUNE_FUZZ_SEED";
/// The stack that parsers have to do with, in bytes: that of a program's first thread on Linux and macOS.
const STACK: usize = 8 << 20;

/// A parser, and what its inputs are made of.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, and that of the folder of the inputs that are kept for it.
    pub name: &'static str,
    /// Pieces that mean something to it.
    pub dictionary: &'static [&'static [u8]],
    /// Gives it an input. Panics where something does not hold that is promised.
    pub run: fn(&[u8]),
}

impl Target {
    /// Tries the kept inputs, and mutants of them until the time is over, and shows what was done.
    ///
    /// # Panics
    /// When an input makes the parser panic or ask for too much memory, or something that is promised does not hold.
    /// The input is written down then, and the message says where.
    pub fn fuzz(self) {
        let thread = thread::Builder::new().stack_size(STACK);
        let thread = thread.spawn(move || self.try_all());
        match thread.expect("a thread can be made").join() {
            Ok(Ok(done)) => println!("{done}"),
            Ok(Err(wrong)) => panic!("{wrong}"),
            Err(panic) => resume_unwind(panic),
        }
    }

    /// Says what was done, or what is wrong.
    fn try_all(self) -> Result<String, String> {
        let kept = kept::inputs(self.name);
        let mut trial = Trial::new(self).map_err(|error| error.to_string())?;
        for (name, input) in &kept {
            trial.try_one(format!("the kept input {name}"), input)?;
        }
        let inputs: Vec<Vec<u8>> = kept.into_iter().map(|(_, input)| input).collect();
        let seed = setting(SEED, 1);
        let mutator = Mutator {
            kept: &inputs,
            dictionary: self.dictionary,
            seed,
        };
        let most = Duration::from_secs(setting(SECONDS, 2));
        let begin = Instant::now();
        let mut count = 0;
        while begin.elapsed() < most {
            let input = mutator.mutant(count);
            trial.try_one(format!("mutant {count} of seed {seed}"), &input)?;
            count += 1;
        }
        let (name, kept, block) = (self.name, inputs.len(), trial.largest);
        let (time, slowest) = &trial.slowest;
        let tried = format!("{name}: {kept} kept inputs and {count} mutants of seed {seed}");
        let cost = format!("at most {time:?} ({slowest}) and {block} bytes at once");
        Ok(format!("{tried}; {cost}"))
    }
}

/// Reads a variable of the environment, or else returns the usual value.
fn setting<T: FromStr>(name: &str, usual: T) -> T {
    match env::var(name) {
        Ok(text) => match text.parse() {
            Ok(value) => value,
            Err(_) => panic!("{name} is `{text}`, and must be a whole number"),
        },
        Err(_) => usual,
    }
}

/// Where inputs are written down: in Cargo's folder of what it builds, which has a tag.
fn folder() -> PathBuf {
    let program = env::current_exe().unwrap_or_default();
    let mut folders = program.ancestors();
    let built = folders.find(|folder| folder.join("CACHEDIR.TAG").is_file());
    let built = built.map_or_else(env::temp_dir, Path::to_path_buf);
    built.join("fuzz")
}

/// A target while it is tried.
struct Trial {
    target: Target,
    /// Where the input lies that is tried, in case the process ends over it.
    path: PathBuf,
    file: File,
    /// How long the slowest input took, and what it is called.
    slowest: (Duration, String),
    /// The largest block of memory that was asked for, in bytes.
    largest: usize,
}

impl Trial {
    fn new(target: Target) -> io::Result<Self> {
        fs::create_dir_all(folder())?;
        let path = folder().join(format!("{}-at-work", target.name));
        Ok(Self {
            target,
            file: File::create(&path)?,
            path,
            slowest: (Duration::ZERO, "none".to_owned()),
            largest: 0,
        })
    }

    /// Tries an input, which messages call `called`. Says what is wrong.
    fn try_one(&mut self, called: String, input: &[u8]) -> Result<(), String> {
        self.put_down(input).map_err(|error| error.to_string())?;
        let run = self.target.run;
        allocation::take_largest();
        let begin = Instant::now();
        let ended = catch_unwind(|| run(input));
        let time = begin.elapsed();
        let block = allocation::take_largest();
        if let Err(panic) = ended {
            return Err(self.complaint(&called, input, said(panic.as_ref())));
        }
        if block > allocation::MOST {
            let wrong = format!("the parser asks for {block} bytes of memory at once");
            return Err(self.complaint(&called, input, &wrong));
        }
        self.largest = self.largest.max(block);
        if time > self.slowest.0 {
            self.slowest = (time, called);
        }
        Ok(())
    }

    fn put_down(&mut self, input: &[u8]) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(input)
    }

    /// Writes an input down and says what is wrong with it, where it lies, and what to do.
    fn complaint(&self, called: &str, input: &[u8], wrong: &str) -> String {
        let name = self.target.name;
        let path = folder().join(format!("{name}-{:016x}", checksum(input)));
        let written = fs::write(&path, input);
        let path = path.display();
        let corpus = format!("crates/fuzz/corpus/{name}/");
        let lies = match written {
            Ok(()) => format!("It lies in {path}; to keep it: cp {path} {corpus}"),
            Err(error) => format!("It cannot be written to {path}: {error}"),
        };
        let count = input.len();
        format!("{name}: {called}, {count} bytes: {wrong}\n{lies}")
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        // It is in nobody's way.
        let _ = fs::remove_file(&self.path);
    }
}

/// The message of a panic.
fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_that_is_wrong_is_written_down() {
        let target = Target {
            name: "lines",
            dictionary: &[],
            run: |input| assert!(!input.contains(&b'x'), "there is an x"),
        };
        let mut trial = Trial::new(target).unwrap();
        assert_eq!(trial.try_one("first".into(), b"abc"), Ok(()));
        assert_eq!(fs::read(&trial.path).unwrap(), b"abc");
        let message = trial.try_one("second".into(), b"wxyz").unwrap_err();
        let says = "lines: second, 4 bytes: there is an x\nIt lies in ";
        assert!(message.starts_with(says), "{message}");
        let path = folder().join(format!("lines-{:016x}", checksum(b"wxyz")));
        assert!(message.contains(path.to_str().unwrap()), "{message}");
        assert_eq!(fs::read(&path).unwrap(), b"wxyz");
        fs::remove_file(path).unwrap();
        let at_work = trial.path.clone();
        drop(trial);
        assert!(!at_work.exists());
    }
}
