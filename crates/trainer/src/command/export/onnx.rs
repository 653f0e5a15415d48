//! `--format onnx`: graphs that ONNX runtimes run, in a folder that loaders of other projects read.

use std::path::Path;

use ::onnx::Greedy;
use clap::ValueEnum;
use data::special::{END, MARKS, PAD, START, UNK};
use runtime::output_folder::OutputFolder;
use serde_json::{Value, json};

use super::hand_over::HandOver;
use crate::error::RunError;

/// Which graphs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Layout {
    /// An encoder, and a decoder for each word: the files that Optimum and transformers.js read.
    #[default]
    Steps,
    /// One graph that writes whole sentences, the most probable word at each step.
    Greedy,
}

/// Most words that loaders write unless they are told otherwise, as `search.max_length` is.
const START_MARK: usize = 1;

/// Writes the folder `out`.
///
/// # Errors
/// What is there already, a tokenizer that cannot be read, and a disk that is full or fails.
pub(super) fn write(model: &HandOver, layout: Layout, out: &Path) -> Result<(), RunError> {
    let folder = OutputFolder::begin(out)?;
    let barred = barred(model)?;
    match layout {
        Layout::Steps => {
            let files = ::onnx::steps(&model.network);
            folder.write("onnx/encoder_model.onnx", &files.encoder)?;
            folder.write("onnx/decoder_model_merged.onnx", &files.decoder)?;
            folder.write("config.json", &pretty(&config(model)))?;
            folder.write(
                "generation_config.json",
                &pretty(&generation(model, &barred)),
            )?;
        }
        Layout::Greedy => {
            let how = Greedy {
                start: START,
                end: END,
                pad: PAD,
                barred: &barred,
            };
            folder.write("model.onnx", &::onnx::greedy(&model.network, &how))?;
        }
    }
    for &side in model.sides() {
        tokenizer(model, side, &folder)?;
    }
    let card = model.card("onnx", &["onnx"], &how_to_use(model, layout));
    folder.write("README.md", card.as_bytes())?;
    Ok(folder.finish()?)
}

fn pretty(value: &Value) -> Vec<u8> {
    format!("{value:#}\n").into_bytes()
}

/// The words that a translation never has.
fn barred(model: &HandOver) -> Result<Vec<u32>, RunError> {
    let mut barred = vec![PAD, START];
    if !model.config.search.allow_unknown {
        barred.push(UNK);
    }
    barred.extend(model.target.unwritable()?);
    Ok(barred)
}

/// The config by which loaders know an encoder-decoder with a cache.
fn config(model: &HandOver) -> Value {
    let words = model.target.vocab_size();
    json!({
        "model_type": "marian",
        "architectures": ["MarianMTModel"],
        "is_encoder_decoder": true,
        "use_cache": true,
        "vocab_size": words,
        "decoder_vocab_size": words,
        "share_encoder_decoder_embeddings": false,
        "d_model": model.config.model.hidden_size,
        "encoder_layers": 1,
        "decoder_layers": 1,
        "encoder_attention_heads": 1,
        "decoder_attention_heads": 1,
        "max_position_embeddings": model.config.search.max_source_length,
        "pad_token_id": PAD,
        "bos_token_id": START,
        "eos_token_id": END,
        "decoder_start_token_id": START,
        "forced_eos_token_id": null,
    })
}

/// How loaders write unless they are told otherwise: greedily, and none of the `barred` words.
fn generation(model: &HandOver, barred: &[u32]) -> Value {
    let barred: Vec<[u32; 1]> = barred.iter().map(|&word| [word]).collect();
    json!({
        "pad_token_id": PAD,
        "bos_token_id": START,
        "eos_token_id": END,
        "decoder_start_token_id": START,
        "bad_words_ids": barred,
        "max_length": model.config.search.max_length + START_MARK,
        "num_beams": 1,
        "length_penalty": model.config.search.length_penalty,
        "no_repeat_ngram_size": model.config.search.no_repeat_ngram,
    })
}

/// Writes a tokenizer as loaders read it: the source's at the top, the target's in a folder of its own.
fn tokenizer(model: &HandOver, side: &str, folder: &OutputFolder) -> Result<(), RunError> {
    let place = if side == "source" { "" } else { "target/" };
    let name = format!("tokenizer.{side}.json");
    let mut text: Value = serde_json::from_slice(&model.tokenizer(side)?)
        .map_err(|error| RunError::Usage(format!("`{name}` is no JSON: {error}")))?;
    if side == "source" {
        // What the encoder reads ends with the mark.
        text["post_processor"] = json!({
            "type": "TemplateProcessing",
            "single": [
                {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": MARKS[END as usize], "type_id": 0}},
            ],
            "pair": [
                {"Sequence": {"id": "A", "type_id": 0}},
                {"Sequence": {"id": "B", "type_id": 0}},
                {"SpecialToken": {"id": MARKS[END as usize], "type_id": 0}},
            ],
            "special_tokens": {
                MARKS[END as usize]: {
                    "id": MARKS[END as usize],
                    "ids": [END],
                    "tokens": [MARKS[END as usize]],
                },
            },
        });
    }
    folder.write(&format!("{place}tokenizer.json"), &pretty(&text))?;
    let config = json!({
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_input_names": ["input_ids", "attention_mask"],
        "model_max_length": model.config.search.max_source_length + START_MARK,
        "clean_up_tokenization_spaces": false,
        "pad_token": MARKS[PAD as usize],
        "unk_token": MARKS[UNK as usize],
        "bos_token": MARKS[START as usize],
        "eos_token": MARKS[END as usize],
    });
    folder.write(&format!("{place}tokenizer_config.json"), &pretty(&config))?;
    Ok(())
}

fn how_to_use(model: &HandOver, layout: Layout) -> String {
    match (layout, model.source.images().is_some()) {
        (Layout::Steps, false) => STEPS.into(),
        (Layout::Steps, true) => IMAGES.into(),
        (Layout::Greedy, _) => GREEDY.into(),
    }
}

const STEPS: &str = r#"The files are those of an encoder-decoder with a cache, so that loaders of such models run it as it is. Source and target
have a tokenizer each: that of the target is in `target`.

```python
from optimum.onnxruntime import ORTModelForSeq2SeqLM   # pip install optimum-onnx[onnxruntime]
from transformers import PreTrainedTokenizerFast

model = ORTModelForSeq2SeqLM.from_pretrained("FOLDER")
source = PreTrainedTokenizerFast.from_pretrained("FOLDER")
target = PreTrainedTokenizerFast.from_pretrained("FOLDER/target")
ids = model.generate(**source(["a line"], return_tensors="pt", padding=True), num_beams=5)
print(target.batch_decode(ids, skip_special_tokens=True))
```

```js
import { AutoModelForSeq2SeqLM, AutoTokenizer } from '@huggingface/transformers';   // greedy: it has no beam

const model = await AutoModelForSeq2SeqLM.from_pretrained('FOLDER', { dtype: 'fp32' });
const source = await AutoTokenizer.from_pretrained('FOLDER');
const target = await AutoTokenizer.from_pretrained('FOLDER/target');
const ids = await model.generate(await source('a line'));   // one by one: of several it does not stop at their ends
console.log(target.batch_decode(ids, { skip_special_tokens: true }));
```
"#;

const IMAGES: &str = "`onnx/encoder_model.onnx` reads `pixel_values`, `[batch, channels, height, width]`, images of one width, from 0 for \
the background to 1; `onnx/decoder_model_merged.onnx` takes the words so far and gives the energies of the next. `--layout greedy` \
makes one graph of both.\n";

const GREEDY: &str = r#"One graph writes whole sentences, the most probable word at each step.

```python
import numpy, onnxruntime, tokenizers   # pip install onnxruntime tokenizers

model = onnxruntime.InferenceSession("FOLDER/model.onnx")
source = tokenizers.Tokenizer.from_file("FOLDER/tokenizer.json")
target = tokenizers.Tokenizer.from_file("FOLDER/target/tokenizer.json")
ids = numpy.array([source.encode("a line").ids])
given = {"input_ids": ids, "attention_mask": numpy.ones_like(ids), "max_length": numpy.array([100])}
print(target.decode(model.run(["sequences"], given)[0][0]))
```

It also gives `log_probabilities`, of each word, and `attention`, each word's weights of the source, where the model has any. An image model
reads `pixel_values`, `[batch, channels, height, width]`, and no `input_ids`.
"#;
