//! "How are you" becomes 你好吗, step by step: what the encoder reads, what the decoder is fed and
//! what it says, in training and in translation. `docs/walkthrough.md` tells the story; to see its
//! tables made:
//!
//!     cargo test --test walkthrough -- --nocapture

#[path = "walkthrough/page.rs"]
mod page;
#[path = "walkthrough/school.rs"]
mod school;
#[path = "walkthrough/steps.rs"]
mod steps;

use data::special::{END, MARKS as SPELLINGS};
use metrics::bleu::Tokenize;
use model::SearchConfig;
use model::decoder::Decoder;
use model::search::{Favour, Precision, greedy, searcher};
use trainer::Reader;
use trainer::translator::{MARKS, Translator, input, pairs};

use school::{PAIRS, SCHOOL};
use steps::{distance, encoder_steps, fed, forced, free, hidden, numbers, says};

#[test]
fn the_encoder_steps_three_times_and_reads_the_end_mark() {
    let school = &*SCHOOL;
    let batch = school.pair();
    assert_eq!(
        school.reading(),
        ["how", "are", "you", SPELLINGS[END as usize]]
    );

    for model in [&school.before, &school.after] {
        let states = encoder_steps(model, &batch.source.words().unwrap().ids);
        assert_eq!(states.len(), 3 + 1, "three words and the end mark");

        // Step by step is what the model does with the whole sentence at once.
        let encoded = model.encoder.encode(input(&batch.source), None);
        let memory = numbers(encoded.memory);
        for (memory, state) in memory.chunks(32).zip(&states) {
            assert!(distance(memory, state) < 1e-5);
        }
        let last = numbers(encoded.states[0].hidden.clone());
        assert!(
            distance(&last, &states[3]) < 1e-5,
            "the last state is the one after </s>"
        );

        // Each step changes the state, and no two states are the same.
        let zero = vec![0.0; 32];
        let all: Vec<&Vec<f32>> = std::iter::once(&zero).chain(&states).collect();
        for (place, state) in all.iter().enumerate() {
            assert!(
                all[..place]
                    .iter()
                    .all(|other| distance(state, other) > 0.1)
            );
        }

        // A state knows only what has been read: two words alone leave the same two states.
        for (short, long) in encoder_steps(model, &batch.source.words().unwrap().ids[..2])
            .iter()
            .zip(&states)
        {
            assert_eq!(short, long);
        }

        // The decoder's first state is made of the encoder's last: s_0 = tanh(W h_4 + b).
        let Decoder::Recurrent(decoder) = &model.decoder else {
            panic!("the decoder is recurrent");
        };
        let project = decoder.bridge.project.as_ref().unwrap();
        let bridged = numbers(project.rows(encoded.states[0].hidden.clone()).tanh());
        let (_, start) = model.start(input(&batch.source));
        assert!(distance(&bridged, &hidden(&start)) < 1e-5);
    }
}

#[test]
fn in_training_the_decoder_is_fed_the_right_words() {
    let school = &*SCHOOL;
    let batch = school.pair();
    let spell =
        |ids: &[i32]| -> Vec<&str> { ids.iter().map(|&id| school.spell(id as u32)).collect() };
    assert_eq!(spell(&batch.target_input.ids), ["<s>", "你", "好", "吗"]);
    assert_eq!(spell(&batch.target_output.ids), ["你", "好", "吗", "</s>"]);

    for model in [&school.before, &school.after] {
        let steps = forced(model, &batch);
        assert_eq!(fed(&steps), ["<s>", "你", "好", "吗"], "whatever it says");

        // What counts is the probability of the right word at each step.
        let right = batch.target_output.ids.iter().zip(&steps);
        let costs: Vec<f32> = right
            .map(|(&id, step)| -step.probabilities[id as usize].ln())
            .collect();
        let scores = &model.score(pairs(&batch))[0];
        for (cost, score) in costs.iter().zip(scores) {
            assert!((cost + score).abs() < 1e-4, "{cost} is not {}", -score);
        }
        let loss = model.loss(pairs(&batch), 0.0, None);
        let total: f32 = costs.iter().sum();
        assert!((loss.sum.into_scalar::<f32>() - total).abs() < 1e-4);
        assert_eq!(loss.tokens, 4);
    }

    // Untrained, it says other things and is fed the right words nevertheless.
    assert_ne!(
        says(&forced(&school.before, &batch)),
        ["你", "好", "吗", "</s>"]
    );
    assert_eq!(
        says(&forced(&school.after, &batch)),
        ["你", "好", "吗", "</s>"]
    );
}

#[test]
fn in_translation_the_decoder_is_fed_its_own_words() {
    let school = &*SCHOOL;
    let batch = school.pair();
    let steps = free(&school.after, &batch);
    assert_eq!(steps.len(), 4);
    assert_eq!(fed(&steps), ["<s>", "你", "好", "吗"]);
    assert_eq!(says(&steps), ["你", "好", "吗", "</s>"]);

    // The same words are fed as in training, so everything is the same.
    for (free, forced) in steps.iter().zip(&forced(&school.after, &batch)) {
        assert_eq!((free.fed, &free.state), (forced.fed, &forced.state));
    }

    // Each step asks the source anew, and moves the state on.
    let (_, start) = school.after.start(input(&batch.source));
    let start = hidden(&start);
    for (place, step) in steps.iter().enumerate() {
        assert_eq!(step.weights.len(), 4, "how, are, you, </s>");
        assert!((step.weights.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        assert!((step.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        assert!(distance(&step.state, &start) > 0.1);
        let earlier = &steps[..place];
        assert!(
            earlier
                .iter()
                .all(|other| distance(&step.state, &other.state) > 0.1)
        );
        assert!(
            earlier
                .iter()
                .all(|other| distance(&step.weights, &other.weights) > 1e-3)
        );
    }

    // Untrained, its first word is wrong, and what it is fed from there on is wrong too.
    let lost = free(&school.before, &batch);
    assert_eq!(fed(&lost)[0], "<s>");
    assert_ne!(fed(&lost)[1], "你");
    for (step, next) in lost.iter().zip(&lost[1..]) {
        assert_eq!(step.says, next.fed);
    }
}

#[test]
fn search_and_translator_walk_the_same_steps() {
    let school = &*SCHOOL;
    let batch = school.pair();
    let search = SearchConfig {
        beam: 1,
        max_length: 10,
        ..SearchConfig::default()
    };
    for model in [&school.before, &school.after] {
        let steps = free(model, &batch);
        let found = &greedy(model, input(&batch.source), &search, &MARKS, true)[0];
        let said: Vec<u32> = steps.iter().map(|step| step.says).collect();
        assert_eq!(found.tokens, said);
        assert_eq!(found.attention.len(), steps.len());
        for (weights, step) in found.attention.iter().zip(&steps) {
            assert!(distance(weights, &step.weights) < 1e-5);
        }
    }
    let source = Reader::from(school.source.clone());
    for beam in [1, 5] {
        let searcher = searcher(&school.after, Precision::Full, Favour::Throughput);
        let translator = Translator {
            searcher: &searcher,
            source: &source,
            target: &school.target,
            search: SearchConfig {
                beam,
                ..SearchConfig::default()
            },
            batch_size: 4,
            pad_multiple: 1,
            tokenize: Tokenize::Zh,
        };
        let (sources, targets): (Vec<&str>, Vec<&str>) = PAIRS.iter().copied().unzip();
        assert_eq!(translator.texts(&sources[..1]).unwrap(), ["你好吗"]);
        assert_eq!(translator.texts(&sources).unwrap(), targets);
    }
}
