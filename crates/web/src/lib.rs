//! Trained models as WebAssembly: the runtime behind a handful of plain functions over the module's memory.
//!
//! A host asks [`attune_allocate`] for room, writes what it has there, and hands over places and lengths. A call that fails
//! gives 1 and leaves the message as its result, one that succeeds gives 0 and leaves the answer.
//! `scripts/web_translate.mjs` shows all of it.

#[cfg(target_arch = "wasm32")]
mod seeds;

use std::cell::RefCell;

use runtime::model::{OpenedModel, Parts};
use runtime::translator::Request;
use search::packed::Precision;

thread_local! {
    static MODEL: RefCell<Option<OpenedModel>> = const { RefCell::new(None) };
    static RESULT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Room for `size` bytes.
#[unsafe(no_mangle)]
pub extern "C" fn attune_allocate(size: usize) -> *mut u8 {
    Box::into_raw(vec![0u8; size].into_boxed_slice()).cast()
}

/// Takes room back.
///
/// # Safety
/// `place` and `size` are those of an [`attune_allocate`] that was not taken back yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn attune_free(place: *mut u8, size: usize) {
    // SAFETY: so the caller promises.
    drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(place, size)) });
}

/// Where the last call's result begins.
#[unsafe(no_mangle)]
pub extern "C" fn attune_result() -> *const u8 {
    RESULT.with_borrow(|result| result.as_ptr())
}

/// How many bytes the last call's result has.
#[unsafe(no_mangle)]
pub extern "C" fn attune_result_length() -> usize {
    RESULT.with_borrow(Vec::len)
}

/// Opens a model from the four files of a run: `config.toml`, the two tokenizers and `model.safetensors`, each as place
/// and length; with `int8`, its weights become 8-bit integers.
///
/// # Safety
/// Each place has so many bytes to read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn attune_open(
    config: *const u8,
    config_length: usize,
    source: *const u8,
    source_length: usize,
    target: *const u8,
    target_length: usize,
    parameters: *const u8,
    parameters_length: usize,
    int8: u32,
) -> u32 {
    // SAFETY: so the caller promises.
    let [config, source, target, parameters] = unsafe {
        [
            std::slice::from_raw_parts(config, config_length),
            std::slice::from_raw_parts(source, source_length),
            std::slice::from_raw_parts(target, target_length),
            std::slice::from_raw_parts(parameters, parameters_length),
        ]
    };
    let precision = match int8 {
        0 => Precision::Full,
        _ => Precision::Int8,
    };
    let opened = str::from_utf8(config)
        .map_err(|error| error.to_string())
        .and_then(|config| {
            let parts = Parts {
                config,
                source: source.to_vec(),
                target: target.to_vec(),
                parameters,
            };
            OpenedModel::of_parts(parts, &[], precision).map_err(|error| error.to_string())
        });
    finish(opened.map(|model| {
        MODEL.set(Some(model));
        String::new()
    }))
}

/// Translates the lines of a UTF-8 text; the result has a line for each.
///
/// # Safety
/// The place has so many bytes to read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn attune_translate(text: *const u8, length: usize, beam: usize) -> u32 {
    // SAFETY: so the caller promises.
    let text = unsafe { std::slice::from_raw_parts(text, length) };
    finish(translate(text, beam))
}

fn translate(text: &[u8], beam: usize) -> Result<String, String> {
    let text = str::from_utf8(text).map_err(|error| error.to_string())?;
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    MODEL.with_borrow(|model| {
        let model = model.as_ref().ok_or("no model is open")?;
        let mut translator = model.translator();
        translator.search.beam = beam.max(1);
        let found = translator
            .translate(&lines, &Request::default())
            .map_err(|error| error.to_string())?;
        let best = found.into_iter().map(|found| found.into_iter().next());
        let texts = best.map(|best| best.map_or_else(String::new, |best| best.text));
        Ok(texts.map(|text| text + "\n").collect())
    })
}

/// Leaves a result, and says whether it is a message.
fn finish(result: Result<String, String>) -> u32 {
    let (text, failed) = match result {
        Ok(text) => (text, 0),
        Err(message) => (message, 1),
    };
    RESULT.set(text.into_bytes());
    failed
}
