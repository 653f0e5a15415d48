//! The forms of a corpus.

use super::*;

/// Frames of a format with the data as it is, so that no compressor is needed.
fn gzip(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let length = u16::try_from(data.len()).unwrap();
    out.push(1); // the last block, stored
    out.extend(length.to_le_bytes());
    out.extend((!length).to_le_bytes());
    out.extend(data);
    out.extend(crc32(data).to_le_bytes());
    out.extend(u32::from(length).to_le_bytes());
    out
}

/// CRC-32 of RFC 1952, section 8.
fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 * (crc & 1))
        })
    })
}

/// RFC 8878: one frame of one raw block.
fn zstd(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x28, 0xb5, 0x2f, 0xfd];
    let length = u32::try_from(data.len()).unwrap();
    out.push(0b1010_0000); // one segment, four bytes of content size
    out.extend(length.to_le_bytes());
    out.extend(&((length << 3) | 1).to_le_bytes()[..3]);
    out.extend(data);
    out
}

/// However the pairs are stored, they are the same pairs.
#[test]
fn every_form_of_a_corpus_gives_the_same_bytes() {
    let sandbox = Sandbox::new();
    sandbox.train(&[]);
    let side = |of: fn(&(String, String)) -> &str| -> Vec<u8> {
        pairs()
            .iter()
            .flat_map(|pair| format!("{}\n", of(pair)).into_bytes())
            .collect()
    };
    let (sources, targets) = (side(|pair| &pair.0), side(|pair| &pair.1));
    let whole = sandbox.bytes("train.tsv");
    sandbox.write("pairs.tsv.gz", gzip(&whole));
    sandbox.write("pairs.tsv.zst", zstd(&whole));
    sandbox.write("x.en", &sources);
    sandbox.write("x.zh.gz", gzip(&targets));
    sandbox.write("x.zh.zst", zstd(&targets));
    for (run, corpus) in [
        ("gz", "pairs.tsv.gz"),
        ("zst", "pairs.tsv.zst"),
        ("parallel-gz", "{ source = \"x.en\", target = \"x.zh.gz\" }"),
        (
            "parallel-zst",
            "{ source = \"x.en\", target = \"x.zh.zst\" }",
        ),
    ] {
        sandbox.train_in(run, &["--set", &format!("data.train={corpus}")]);
        assert!(sandbox.last(run) == sandbox.last(RUN), "{run}");
    }
}

#[test]
fn a_run_is_evaluated_on_the_built_in_corpus_too() {
    let sandbox = Sandbox::trained();
    let evaluate = [
        "evaluate",
        "--run",
        RUN,
        "--data",
        "builtin:en-zh:unseen",
        "--beam",
        "1",
        "--json",
    ];
    assert!(number(&sandbox.run(&evaluate).json(), "sentences") > 100.0);
}

#[test]
fn filters_drop_pairs_and_say_which() {
    let sandbox = Sandbox::new();
    let text = sandbox.text("train.tsv");
    let first = text.lines().next().unwrap();
    sandbox.write("train.tsv", format!("{text}{first}\nOK\tOK\n"));
    let more = [
        "--max-steps",
        "2",
        "--set",
        "data.filter.repeated=pair",
        "--set",
        "data.filter.equal_sides=true",
    ];
    let outcome = sandbox.train(&more);
    for said in [
        "filters kept 40 of 42 training pairs",
        "1 dropped: both sides are the same",
        "line 42: OK | OK",
        "1 dropped: the pair stands in an earlier line",
        "line 41: ",
        "training on 40 pairs",
    ] {
        assert!(outcome.err.contains(said), "{said}: {outcome:#?}");
    }
    let outcome = finish(
        &mut sandbox.training(RUN, &["--resume", "--max-steps", "4"]),
        b"",
    );
    outcome.assert_refused(&["`data.filter.equal_sides` was true and is false"]);
    let unknown = ["--overwrite", "--set", "data.filter.source_script=Latn1"];
    let outcome = finish(&mut sandbox.training(RUN, &unknown), b"");
    outcome.assert_refused(&["data.filter.source_script", "`Latn1`", "Latin"]);
    let nothing = ["--overwrite", "--set", "data.filter.min_words=50"];
    let outcome = finish(&mut sandbox.training(RUN, &nothing), b"");
    outcome.assert_refused(&["leaves none of 42 training pairs", "fewer than 50 words"]);
}

#[test]
fn corpora_are_shown_and_compared() {
    let sandbox = Sandbox::new();
    let outcome = sandbox.run(&["data", "train.tsv", "valid.tsv"]);
    outcome.assert_done();
    for said in [
        "train.tsv: read 40 pairs",
        "letters: Latin 100.0%",
        "letters: Han",
        "also in the first corpus: pairs",
        "unknown to its",
    ] {
        assert!(outcome.out.contains(said), "{said}: {outcome:#?}");
    }
    let outcome = sandbox.run(&["data", "--json", "--config", "tiny.toml"]);
    let last = outcome.json();
    assert_eq!(
        (&last["pairs"], &last["source"]["distinct"]),
        (&3.into(), &9.into()),
        "{last}"
    );
    sandbox
        .run(&["data", "missing.tsv"])
        .assert_refused(&["missing.tsv"]);
    sandbox.run(&["data"]).assert_error(2, &["<CORPUS>"]);
}
