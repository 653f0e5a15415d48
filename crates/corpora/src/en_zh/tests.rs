//! Properties of the corpus as a whole.

use super::sample::Sampler;
use super::split::Counts;
use super::*;
use std::collections::{HashMap, HashSet};

const SPLITS: [Split; 4] = [Split::Train, Split::Valid, Split::Test, Split::Unseen];

#[test]
fn splits_have_their_sizes() {
    for split in SPLITS {
        assert_eq!(pairs(split).len(), size(split), "{split:?}");
    }
}

#[test]
fn no_sentence_of_either_side_is_there_twice_but_phrases_in_training() {
    let grammar = grammar();
    let is_phrase = |pair: &AlignedPair| {
        let named = |pattern: &&super::pattern::Pattern| pattern.name == pair.pattern;
        let pattern = grammar.patterns.iter().find(named).unwrap();
        pattern.template.slots.is_empty()
    };
    let (mut sources, mut targets) = (HashSet::new(), HashSet::new());
    let mut phrases: HashMap<String, usize> = HashMap::new();
    for split in SPLITS {
        for pair in pairs(split) {
            let first = sources.insert(pair.source.clone());
            assert_eq!(
                first,
                targets.insert(pair.target.clone()),
                "{}",
                pair.source
            );
            if is_phrase(&pair) {
                assert_eq!(split, Split::Train, "{}", pair.source);
                *phrases.entry(pair.source).or_default() += 1;
            } else {
                assert!(first, "{}", pair.source);
            }
        }
    }
    assert!(phrases.contains_key("How are you?"));
    assert!(
        phrases
            .values()
            .all(|&times| times == phrases["How are you?"])
    );
}

#[test]
fn each_source_has_one_target_and_60_000_pairs_are_reachable() {
    let grammar = grammar();
    let mut targets: HashMap<String, (String, &str)> = HashMap::new();
    let mut twice = Vec::new();
    for seed in 0..2 {
        let mut sampler = Sampler::new(&grammar.lexicon, &grammar.patterns, 1_000 + seed);
        for drawn in (0..100_000)
            .filter_map(|_| sampler.draw())
            .collect::<Vec<_>>()
        {
            let pair = sampler.realise(&drawn);
            let entry = targets.entry(pair.source.clone());
            let (target, pattern) = entry.or_insert((pair.target.clone(), pair.pattern));
            if *target != pair.target {
                twice.push(format!(
                    "{} {target} {pattern} / {} {}",
                    pair.source, pair.target, pair.pattern
                ));
            }
        }
    }
    assert!(twice.is_empty(), "{}", twice.join("\n"));
    assert!(targets.len() >= 60_000, "{}", targets.len());
    assert!(combinations() > 1_000_000);
}

#[test]
fn training_shows_every_word_and_character_often_enough() {
    let train = pairs(Split::Train);
    let counts = Counts::new(&train);
    let patterns: HashSet<_> = train.iter().map(|pair| pair.pattern).collect();
    for pair in [Split::Valid, Split::Test, Split::Unseen]
        .into_iter()
        .flat_map(pairs)
    {
        assert!(counts.rarest(&pair) >= 3, "{} {}", pair.source, pair.target);
        assert!(patterns.contains(pair.pattern), "{}", pair.pattern);
    }
}

#[test]
fn training_shows_the_whole_lexicon_and_every_pattern() {
    let grammar = grammar();
    let counts = Counts::new(&pairs(Split::Train));
    let train = pairs(Split::Train);
    let patterns: HashSet<_> = train.iter().map(|pair| pair.pattern).collect();
    for pattern in &grammar.patterns {
        assert!(patterns.contains(pattern.name), "{}", pattern.name);
    }
    let homeless: Vec<_> = {
        let used: HashSet<usize> = grammar
            .patterns
            .iter()
            .flat_map(|p| p.atoms(&grammar.lexicon))
            .collect();
        (0..grammar.lexicon.words)
            .filter(|word| !used.contains(word))
            .collect()
    };
    let names: Vec<_> = homeless
        .iter()
        .map(|&w| &grammar.lexicon.entries[w].key)
        .collect();
    assert!(names.is_empty(), "no pattern uses {names:?}");
    let rare: Vec<_> = grammar.lexicon.entries[..grammar.lexicon.words]
        .iter()
        .filter(|entry| {
            let target = entry.chinese[0].1.iter().map(|p| p.text.as_str()).collect();
            let pair = AlignedPair {
                source: String::new(),
                target,
                alignment: Vec::new(),
                pattern: "",
            };
            counts.rarest(&pair) < 8
        })
        .map(|entry| &entry.key)
        .collect();
    assert!(rare.is_empty(), "rare in training: {rare:?}");
}

#[test]
fn unseen_pairs_have_a_word_where_training_never_shows_it() {
    let grammar = grammar();
    // Whatever is drawn, with any seed, is on one side of the line only.
    let mut sampler = Sampler::new(&grammar.lexicon, &grammar.patterns, 77);
    let train: HashSet<String> = pairs(Split::Train).into_iter().map(|p| p.source).collect();
    let unseen: HashSet<String> = pairs(Split::Unseen).into_iter().map(|p| p.source).collect();
    let (mut held, mut free) = (0, 0);
    for drawn in (0..50_000)
        .filter_map(|_| sampler.draw())
        .collect::<Vec<_>>()
    {
        let source = sampler.realise(&drawn).source;
        if grammar.has_held_out(&drawn) {
            held += 1;
            assert!(!train.contains(&source), "{source}");
        } else {
            free += 1;
            assert!(!unseen.contains(&source), "{source}");
        }
    }
    assert!(
        held * 40 > free && held * 3 < free,
        "{held} held out, {free} free"
    );
}

#[test]
fn alignments_are_within_the_sentences_and_link_the_words() {
    let mut links = 0;
    for pair in SPLITS.into_iter().flat_map(pairs) {
        let words = source_tokens(&pair.source).len();
        let characters = pair.target.chars().count();
        let ordered = pair.alignment.windows(2).all(|two| two[0] < two[1]);
        assert!(ordered, "{pair:?}");
        assert!(
            pair.alignment
                .iter()
                .all(|&(i, j)| i < words && j < characters),
            "{pair:?}"
        );
        assert!(
            pair.alignment.contains(&(words - 1, characters - 1)),
            "{pair:?}"
        );
        let linked: HashSet<usize> = pair.alignment.iter().map(|&(i, _)| i).collect();
        assert!(linked.len() * 2 >= words, "{pair:?}");
        links += pair.alignment.len();
    }
    assert!(links > 200_000, "{links}");
}

#[test]
fn tokens_and_characters_match_the_words_they_translate() {
    let pair = pairs(Split::Train)
        .into_iter()
        .find(|p| p.source == "Tom chases Jerry.")
        .unwrap();
    assert_eq!(pair.target, "汤姆追逐杰瑞。");
    let expected = [(0, 0), (0, 1), (1, 2), (1, 3), (2, 4), (2, 5), (3, 6)];
    assert_eq!(pair.alignment, expected);
    let greeting = pairs(Split::Train)
        .into_iter()
        .find(|p| p.source == "How are you?")
        .unwrap();
    assert_eq!(greeting.target, "你好吗？");
}

#[test]
fn sentences_are_well_formed() {
    for pair in SPLITS.into_iter().flat_map(pairs) {
        assert!(pair.source.ends_with(['.', '?', '!']), "{}", pair.source);
        assert!(pair.target.ends_with(['。', '？', '！']), "{}", pair.target);
        assert!(
            pair.source.is_ascii() && !pair.source.contains("  "),
            "{}",
            pair.source
        );
        assert!(
            pair.source.starts_with(|c: char| c.is_ascii_uppercase()),
            "{}",
            pair.source
        );
        let foreign = |c: char| c.is_ascii() || c.is_whitespace();
        assert!(!pair.target.contains(foreign), "{}", pair.target);
    }
}

#[test]
fn the_corpus_is_big_enough() {
    assert!(lexicon_size() >= 1_200, "{}", lexicon_size());
    assert!(pattern_count() >= 120, "{}", pattern_count());
}
