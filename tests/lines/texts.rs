//! Text comes back as it was.

use super::*;

#[test]
fn sentences_learned_by_heart_come_back_byte_for_byte() {
    let sandbox = trained("sp", 700, &[]);
    assert_eq!(right(&sandbox, "sp_train.tsv", &[]), 1.0);
}

#[test]
fn phones_between_spaces_stay_between_spaces() {
    for kind in ["word", "space"] {
        let kind = format!("tokenizer.target.kind={kind}");
        let sandbox = trained("xs", 700, &[&kind]);
        assert_eq!(right(&sandbox, "xs_valid.tsv", &[]), 1.0, "{kind}");
    }
}

#[test]
fn a_tokenizer_file_is_decoded_as_its_library_does() {
    for file in ["phones.json", "phones_dec.json"] {
        let file = format!("tokenizer.target.file={file}");
        let sandbox = trained("xs", 700, &[&file]);
        assert_eq!(right(&sandbox, "xs_valid.tsv", &[]), 1.0, "{file}");
    }
}

#[test]
fn samples_are_a_line_each() {
    let sandbox = trained("bpe", 300, &[]);
    let input = sandbox.bytes("src1k.txt");
    let outcome = translate(&sandbox, &["--set", "search.method=sample"], input);
    assert_eq!(outcome.out.matches('\n').count(), 1_080);
    assert!(
        !outcome
            .out
            .contains(['\0', '\r', '\t', '\u{2028}', '\u{85}'])
    );
}

#[test]
fn a_dictionary_of_three_columns_is_refused() {
    let sandbox = trained("ru", 30, &[]);
    sandbox.write("words.tsv", "Nyax\tMyax\tnoun\n");
    let replace = ["translate", "--run", RUN, "--replace-unknown", "words.tsv"];
    let outcome = sandbox.pipe(&replace, "Nyax sees Nkex .\n");
    outcome.assert_refused(&["words.tsv:1", "3 columns"]);
    sandbox.write("words.tsv", "Nyax\tMyax\n");
    let outcome = sandbox.pipe(&replace, "Nyax sees Nkex .\n");
    outcome.assert_done();
}
