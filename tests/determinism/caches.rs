//! Corpora that are kept as ids on disk.

use super::support::finish;
use super::*;

/// More pairs than this are large.
const LARGE: [&str; 2] = ["--set", "data.most_in_memory=25"];

fn large(more: &[&'static str]) -> Vec<&'static str> {
    [&LARGE[..], more].concat()
}

#[test]
fn a_run_is_the_same_whether_its_corpus_is_in_memory_or_on_disk() {
    let sandbox = Sandbox::new();
    sandbox.train_in("memory", &[]);
    let made = sandbox.train_in("disk", &["--set", "data.cache=on"]);
    assert!(made.err.contains("the 40 pairs become ids in"), "{made:#?}");
    assert_same(&sandbox, "memory", "disk");
    let memory = large(&["--set", "data.cache=off"]);
    let outcome = sandbox.train_in("large-memory", &memory);
    let note = "vocabularies are learned from 25 of 40 pairs";
    assert!(outcome.err.contains(note), "{outcome:#?}");
    let outcome = sandbox.train_in("large-disk", &LARGE);
    assert!(outcome.err.contains(note), "{outcome:#?}");
    assert_same(&sandbox, "large-memory", "large-disk");
    assert!(sandbox.last("large-disk") != sandbox.last("memory"));
    for unit in ["sentences", "tokens"] {
        let unit = format!("train.batch_unit={unit}");
        let size = ["--set", "train.batch_size=20", "--set", &unit];
        let [memory, disk] = ["off", "auto"].map(|cache| {
            let cache = format!("data.cache={cache}");
            let run = format!("{unit}-{cache}");
            sandbox.train_in(&run, &[&LARGE[..], &size, &["--set", &cache]].concat());
            run
        });
        assert_same(&sandbox, &memory, &disk);
    }
}

#[test]
fn a_cache_is_made_once_and_found_until_the_corpus_changes() {
    let sandbox = Sandbox::new();
    sandbox.train_in("whole", &LARGE);
    let again = sandbox.train_in("again", &large(&["--set", "seed=8"]));
    assert!(again.err.contains("its ids are in"), "{again:#?}");
    assert!(!again.err.contains("become ids"), "{again:#?}");
    assert_eq!(fs::read_dir(sandbox.path("cache")).unwrap().count(), 1);
    // Other settings, other ids.
    let other = sandbox.train_in("other", &large(&["--set", "data.max_length=4"]));
    assert!(other.err.contains("become ids"), "{other:#?}");
    // A run that goes on knows its own, with kinds that were decided when it began or without.
    for stop in ["3", "10", "16", "25"] {
        let run = format!("stopped-at-{stop}");
        sandbox.train_in(&run, &large(&["--max-steps", stop]));
        let outcome = sandbox.train_in(&run, &large(&["--resume"]));
        assert!(!outcome.err.contains("become ids"), "{outcome:#?}");
        assert_same(&sandbox, "whole", &run);
    }
    let run = "in-two-places";
    sandbox.train_in(run, &large(&["--max-steps", "13"]));
    sandbox.train_in(run, &large(&["--resume", "--set", "data.cache=off"]));
    assert_same(&sandbox, "whole", run);
    // The same text at another time is looked at again; another text is another corpus.
    let text = fs::read_to_string(sandbox.path("train.tsv")).unwrap();
    sandbox.train_in("changed", &large(&["--max-steps", "13"]));
    fs::write(sandbox.path("train.tsv"), text + "you see\t你看\n").unwrap();
    let refused = finish(&mut sandbox.training("changed", &large(&["--resume"])), b"");
    assert_eq!(refused.code, Some(2), "{refused:#?}");
    assert!(refused.err.contains("data.train"), "{refused:#?}");
}

#[test]
fn kinds_that_the_corpus_decides_are_those_of_the_cache() {
    let sandbox = Sandbox::new();
    let open = large(&[
        "--set",
        "tokenizer.source.kind=auto",
        "--set",
        "tokenizer.target.kind=auto",
    ]);
    sandbox.train_in("whole", &open);
    let config = fs::read_to_string(sandbox.path("whole/config.toml")).unwrap();
    assert!(!config.contains("kind = \"auto\""), "{config}");
    let run = "stopped";
    let begun = sandbox.train_in(run, &[&open[..], &["--max-steps", "9"]].concat());
    assert!(!begun.err.contains("become ids"), "{begun:#?}");
    sandbox.train_in(run, &[&open[..], &["--resume"]].concat());
    assert_same(&sandbox, "whole", run);
}

#[test]
fn a_damaged_cache_is_noticed() {
    let sandbox = Sandbox::new();
    sandbox.train_in("whole", &LARGE);
    let cache = fs::read_dir(sandbox.path("cache")).unwrap().next().unwrap();
    let ids = cache.unwrap().path().join("pairs.ids");
    let mut bytes = fs::read(&ids).unwrap();
    bytes[3] ^= 1;
    fs::write(&ids, bytes).unwrap();
    let damaged = finish(&mut sandbox.training("again", &LARGE), b"");
    assert_eq!(damaged.code, Some(2), "{damaged:#?}");
    assert!(damaged.err.contains("delete its folder"), "{damaged:#?}");
    fs::remove_dir_all(ids.parent().unwrap()).unwrap();
    let mended = finish(&mut sandbox.training("again", &large(&["--resume"])), b"");
    assert_eq!(mended.code, Some(0), "{mended:#?}");
    assert_same(&sandbox, "whole", "again");
}

#[test]
fn what_needs_more_than_ids_stays_in_memory() {
    let sandbox = Sandbox::new();
    let set = [
        "data.cache=on",
        "train.objective=minimum-risk",
        "train.start_from=x",
    ];
    let risk = set.map(|set| ["--set", set]).concat();
    let refused = finish(&mut sandbox.training("risk", &risk), b"");
    assert_eq!(refused.code, Some(2), "{refused:#?}");
    assert!(refused.err.contains("`data.cache`"), "{refused:#?}");
}

/// A limit on the size of files stands for a full disk.
#[cfg(unix)]
#[test]
fn a_full_disk_ends_the_making_and_costs_nothing() {
    let sandbox = Sandbox::new();
    let pairs = tsv(&pairs()).repeat(2_000);
    sandbox.write("train.tsv", pairs);
    let mut full = sandbox.training("full", &large(&["--max-steps", "2"]));
    let program = full.get_program().to_owned();
    let arguments: Vec<_> = full.get_args().map(std::ffi::OsStr::to_owned).collect();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "trap '' XFSZ; ulimit -f 500; exec \"$@\"", "sh"])
        .arg(program)
        .args(arguments)
        .current_dir(sandbox.path(""));
    full = shell;
    let outcome = finish(&mut full, b"");
    assert_eq!(outcome.code, Some(2), "{outcome:#?}");
    assert!(outcome.err.contains("make room"), "{outcome:#?}");
    let outcome = sandbox.train_in("full", &large(&["--max-steps", "2"]));
    assert!(outcome.err.contains("made in"), "{outcome:#?}");
    sandbox.train_in(
        "whole",
        &large(&["--max-steps", "2", "--set", "data.cache=off"]),
    );
    assert!(sandbox.last("full") == sandbox.last("whole"));
}

#[test]
fn a_corpus_with_another_time_is_looked_at_and_known_again() {
    let sandbox = Sandbox::new();
    sandbox.train_in("first", &LARGE);
    let text = sandbox.bytes("train.tsv");
    for (run, says) in [("second", "is as it was"), ("third", "its ids are in")] {
        if run == "second" {
            std::thread::sleep(Duration::from_millis(20));
            sandbox.write("train.tsv", &text);
        }
        let outcome = sandbox.train_in(run, &LARGE);
        assert!(outcome.err.contains(says), "{outcome:#?}");
        assert!(!outcome.err.contains("become ids"), "{outcome:#?}");
        assert_eq!(outcome.err.contains("is as it was"), run == "second");
        assert_eq!(fs::read_dir(sandbox.path("cache")).unwrap().count(), 1);
        assert_same(&sandbox, "first", run);
    }
}

#[test]
fn a_run_keeps_its_own_settings_whoever_made_its_cache() {
    let sandbox = Sandbox::new();
    // Both sizes hold all words, so that the vocabularies are the same.
    for size in ["50", "60"] {
        let size = ["tokenizer.source.vocab_size", "tokenizer.target.vocab_size"]
            .map(|key| format!("{key}={size}"));
        let set = [
            "--set",
            &size[0],
            "--set",
            &size[1],
            "--set",
            "data.cache=on",
        ];
        for more in [
            &["--max-steps", "9"][..],
            &["--resume", "--max-steps", "12"],
            &["--resume"],
        ] {
            sandbox.train_in(&size[0], &[&set[..], more].concat());
        }
    }
}
