use data::corpus::{Corpus, Pair, Summary};

use super::*;
use crate::config::Repeated;

fn corpus() -> Corpus {
    let pairs = [
        ("I like the red tea .", "我 喜欢 红茶 。"),
        ("I like the red tea .", "我 爱 红茶 。"),
        ("OK", "OK"),
        ("12 34 ?!", "12 34 ?!%"),
        (
            "see http://example.org/averyveryverylongaddress",
            "见 http://example.org",
        ),
        ("Я люблю красный чай .", "我 喜欢 红茶 。"),
        ("I like the red tea .", "我 喜欢 红茶 。"),
        (
            "yes",
            "是 的 是 的 是 的 是 的 是 的 是 的 是 的 是 的 是 的",
        ),
    ];
    Corpus {
        pairs: pairs
            .iter()
            .map(|(source, target)| Pair::new(*source, *target))
            .collect(),
        lines: (1..=pairs.len()).collect(),
        summary: Summary {
            read: pairs.len(),
            ..Summary::default()
        },
        ..Corpus::default()
    }
}

/// The lines that are left.
fn left(change: impl FnOnce(&mut FilterConfig)) -> Vec<usize> {
    let mut config = FilterConfig::default();
    change(&mut config);
    let mut corpus = corpus();
    let said = apply(&config, &mut corpus).unwrap();
    assert_eq!(corpus.pairs.len(), corpus.lines.len());
    if corpus.pairs.len() < 8 {
        assert!(
            said[0].contains(&format!("kept {} of 8", corpus.pairs.len())),
            "{said:?}"
        );
        assert!(said[2].starts_with("    line "), "{said:?}");
    }
    corpus.lines
}

#[test]
fn nothing_is_dropped_unless_told() {
    assert_eq!(left(|_| {}), [1, 2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn each_filter_drops_its_own() {
    assert_eq!(left(|config| config.min_words = 2), [1, 2, 4, 5, 6, 7]);
    assert_eq!(left(|config| config.max_words = 5), [3, 4, 5, 6]);
    assert_eq!(left(|config| config.max_ratio = 4.0), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(
        left(|config| config.max_word_length = 20),
        [1, 2, 3, 4, 6, 7, 8]
    );
    assert_eq!(
        left(|config| config.equal_sides = true),
        [1, 2, 4, 5, 6, 7, 8]
    );
    assert_eq!(
        left(|config| config.min_letters = 0.5),
        [1, 2, 3, 5, 6, 7, 8]
    );
    assert_eq!(
        left(|config| config.repeated = Repeated::Pair),
        [1, 2, 3, 4, 5, 6, 8]
    );
    assert_eq!(
        left(|config| config.repeated = Repeated::Source),
        [1, 3, 4, 5, 6, 8]
    );
    assert_eq!(
        left(|config| config.repeated = Repeated::Target),
        [1, 2, 3, 4, 5, 8]
    );
    let pattern = |config: &mut FilterConfig| config.pattern = Some("https?://".into());
    assert_eq!(left(pattern), [1, 2, 3, 4, 6, 7, 8]);
    let script = |config: &mut FilterConfig| config.source_script = Some("Latin".into());
    assert_eq!(left(script), [1, 2, 3, 4, 5, 7, 8]);
    let script = |config: &mut FilterConfig| config.target_script = Some("Han".into());
    assert_eq!(left(script), [1, 2, 4, 6, 7, 8]);
}

#[test]
fn features_and_images_are_no_text() {
    let mut pair = Pair::new("идти\tV\tPST", "шёл");
    pair.features = data::corpus::Features::new("V;PST");
    let left = |pair: Pair, pictures: usize| {
        let mut corpus = Corpus {
            pairs: vec![pair, Pair::new("идти", "идёт")],
            lines: vec![1, 2],
            ..Corpus::default()
        };
        corpus.pictures = (0..pictures)
            .map(|_| data::image::Picture {
                pixels: [0].into(),
                channels: 1,
                height: 1,
                width: 1,
                cut: 0,
            })
            .collect();
        let config = FilterConfig {
            source_script: Some("Cyrillic".into()),
            min_words: 1,
            max_words: 1,
            ..FilterConfig::default()
        };
        apply(&config, &mut corpus).unwrap();
        corpus.lines
    };
    assert_eq!(left(pair, 0), [1, 2]);
    assert_eq!(
        left(Pair::new("digits/1.png digits/2.png", "12"), 2),
        [1, 2]
    );
    assert_eq!(left(Pair::new("go", "went"), 0), [2]);
}

#[test]
fn only_a_language_that_is_sure_counts() {
    let english = "The weather has been rather pleasant during the whole of this week .";
    let german = "Das Wetter ist während der ganzen Woche recht angenehm gewesen .";
    let mut corpus = Corpus {
        pairs: vec![
            Pair::new(english, "a"),
            Pair::new(german, "b"),
            Pair::new("OK", "c"),
        ],
        lines: vec![1, 2, 3],
        ..Corpus::default()
    };
    let config = FilterConfig {
        source_language: Some("eng".into()),
        ..FilterConfig::default()
    };
    apply(&config, &mut corpus).unwrap();
    assert_eq!(corpus.lines, [1, 3]);
}

#[test]
fn what_is_not_known_is_named() {
    let refused = |config: FilterConfig| check(&config).unwrap_err();
    let message = refused(FilterConfig {
        target_script: Some("Hann".into()),
        ..FilterConfig::default()
    });
    assert!(
        message.contains("data.filter.target_script") && message.contains("`Hann`"),
        "{message}"
    );
    let message = refused(FilterConfig {
        source_language: Some("english".into()),
        ..FilterConfig::default()
    });
    assert!(message.contains("ISO 639-3"), "{message}");
    let message = refused(FilterConfig {
        pattern: Some("(".into()),
        ..FilterConfig::default()
    });
    assert!(message.contains("no regular expression"), "{message}");
}

#[test]
fn scores_drop_what_models_find_improbable_or_do_not_agree_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        Some(path)
    };
    let forward = file("forward", "-1\n-2\n-3\n-4\n-1\tI -1\n-1\n-1\n-9\n");
    let reverse = file("reverse", "-1\n-2\n-3\n-4\n-4\n-1\n-inf\n-9\n");
    let alone = |config: &mut FilterConfig| {
        config.scores.clone_from(&forward);
        config.min_score = Some(-3.5);
    };
    assert_eq!(left(alone), [1, 2, 3, 5, 6, 7]);
    // Of line 5 the mean is -2.5 and the difference 3.
    let both = |config: &mut FilterConfig| {
        alone(config);
        config.reverse_scores.clone_from(&reverse);
    };
    assert_eq!(left(both), [1, 2, 3, 6]);
    let failure = |text: &str| {
        let config = FilterConfig {
            scores: file("wrong", text),
            min_score: Some(0.0),
            ..FilterConfig::default()
        };
        apply(&config, &mut corpus()).unwrap_err()
    };
    assert!(
        failure("0\n0\n").contains("has 2 lines, and of the corpus a pair stands in its line 3")
    );
    assert!(failure(&"0\n".repeat(9)).contains("has 9 lines, and of the corpus it has 8"));
    assert!(failure("0\nnone\n").contains("wrong:2: `none` is no score"));
}
