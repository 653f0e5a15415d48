//! An encoder, and a decoder that is called for each word: what searches of others drive.
//!
//! The names and shapes are those of encoder-decoders with a cache of keys and values, as Optimum and transformers.js
//! read them. A state travels as such a cache: the numbers of a row as `key`, the sums of its weights as `value`.

use network::tree::{Decoder, Output};
use network::{Network, Values};

use super::file;
use crate::decoder::{State, Writer, logits};
use crate::encoder::encode;
use crate::graph::{Attribute, Axis, Graph, Kind, Value};
use crate::memory::{Memory, Source};

/// A state is at least so wide. Loaders take the third axis of a cache for the number of words that it has seen, and hand
/// over only those of a hypothesis that come after them, but at least the last; a state is to seem to have seen them all.
const WIDEST: usize = 4096;

const KEY: &str = "past_key_values.0.decoder.key";
const VALUE: &str = "past_key_values.0.decoder.value";

/// Two files.
#[derive(Debug)]
pub struct Steps {
    /// Reads `input_ids` and `attention_mask`, `[batch, positions]`, or `pixel_values`, `[batch, channels, height, width]`.
    pub encoder: Vec<u8>,
    /// Reads the words so far, or the last of them and the state before it, and gives the energies of all next words.
    pub decoder: Vec<u8>,
}

/// Writes a network down in two graphs.
pub fn steps(network: &Network<Values>) -> Steps {
    let mut graph = Graph::new();
    let encoded = encode(&mut graph, &network.encoder);
    let source = Source::new(&mut graph, &network.decoder, encoded);
    let widths = Widths::new(network);
    let handed = widths.hand_over(&mut graph, &source);
    let axes = [
        Axis::Any("batch_size"),
        Axis::Any("vectors"),
        Axis::Of(widths.vector),
    ];
    graph.output("last_hidden_state", &handed, Kind::Float, &axes);
    Steps {
        encoder: file(graph, "encoder"),
        decoder: file(decoder(network, &widths), "decoder"),
    }
}

/// How an encoder's output is laid out: some vectors that hold what is known once of a sentence, then one a position.
struct Widths {
    /// Of the parts of a state.
    state: Vec<usize>,
    share: Option<usize>,
    /// Of values and keys.
    positions: Vec<usize>,
    /// Of each vector.
    vector: usize,
    /// How many vectors hold what is known once.
    vectors: usize,
}

impl Widths {
    fn new(network: &Network<Values>) -> Self {
        let writer = Writer::new(&network.decoder);
        let memory = network.encoder.memory_size();
        let positions = match network.decoder.attention() {
            None => vec![memory],
            Some(attention) => {
                let heads = attention.heads.as_ref();
                let values = heads.map_or(memory, |heads| heads.value.outputs());
                let keys = attention.key.as_ref().map(network::tree::Linear::outputs);
                std::iter::once(values).chain(keys).collect()
            }
        };
        let (state, share) = (writer.widths(), writer.share_width());
        let vector = positions.iter().sum();
        let once: usize = state.iter().chain(&share).sum();
        Self {
            vectors: once.div_ceil(vector),
            state,
            share,
            positions,
            vector,
        }
    }

    /// `[batch, vectors + positions, vector]`
    fn hand_over(&self, graph: &mut Graph, source: &Source) -> Value {
        let once: Vec<&Value> = source.once.iter().collect();
        let once = graph.concat(-1, &once);
        let used: usize = self.state.iter().chain(&self.share).sum();
        let once = graph.filled(&once, self.vectors * self.vector - used);
        let shape = [0, self.vectors as i64, self.vector as i64];
        let once = graph.reshape(&once, &shape);
        let positions: Vec<&Value> = source.positions.iter().collect();
        let positions = graph.concat(-1, &positions);
        graph.concat(1, &[&once, &positions])
    }

    /// The parts of the first state and of what stands behind it, and values and keys.
    fn take(&self, graph: &mut Graph, handed: &Value) -> (Vec<Value>, Vec<Value>) {
        let once = graph.slice(handed, 1, 0, self.vectors);
        let size = (self.vectors * self.vector) as i64;
        let once = graph.reshape(&once, &[0, size]);
        let widths: Vec<usize> = self.state.iter().chain(&self.share).copied().collect();
        let once = graph.parts(&once, &widths);
        let positions = graph.slice_from(handed, 1, self.vectors);
        (once, graph.parts(&positions, &self.positions))
    }

    /// Numbers of a state, the number of steps among them.
    fn row(&self) -> usize {
        self.state.iter().sum::<usize>() + 1
    }
}

fn decoder(network: &Network<Values>, widths: &Widths) -> Graph {
    let mut graph = Graph::new();
    let ids_axes = [
        Axis::Any("batch_size"),
        Axis::Any("decoder_sequence_length"),
    ];
    let ids = graph.input("input_ids", Kind::Int64, &ids_axes);
    let axes = [
        Axis::Any("batch_size"),
        Axis::Any("vectors"),
        Axis::Of(widths.vector),
    ];
    let handed = graph.input("encoder_hidden_states", Kind::Float, &axes);
    let (once, positions) = widths.take(&mut graph, &handed);
    let mask = mask(&mut graph, network, &positions);
    let (first, share) = once.split_at(widths.state.len());
    let attention = network.decoder.attention();
    let memory = Memory::new(
        &mut graph,
        attention,
        &positions,
        mask,
        share.first().cloned(),
    );
    let writer = Writer::new(&network.decoder);
    let start = start(&mut graph, &writer, widths, first, &memory);
    let table = graph.weight(network.decoder.embedding());
    let words = graph.rows(&table, &ids);
    let words = graph.transpose(&words, &[1, 0, 2]);
    let read = Reading {
        writer,
        widths,
        memory: &memory,
    };
    let (outputs, row, sums) = read.walk(&mut graph, &start, &words);
    give(
        &mut graph,
        &network.decoder,
        &network.output,
        &table,
        &outputs,
    );
    let row = graph.filled(&row, WIDEST.saturating_sub(widths.row()));
    let size = WIDEST.max(widths.row());
    let row = graph.reshape(&row, &[0, 1, size as i64, 1]);
    let axes = [
        Axis::Any("batch_size"),
        Axis::Of(1),
        Axis::Of(size),
        Axis::Of(1),
    ];
    graph.output("present.0.decoder.key", &row, Kind::Float, &axes);
    let sums = graph.reshape(&sums, &[0, 1, -1, 1]);
    let axes = [
        Axis::Any("batch_size"),
        Axis::Of(1),
        Axis::Any("positions"),
        Axis::Of(1),
    ];
    graph.output("present.0.decoder.value", &sums, Kind::Float, &axes);
    graph
}

/// Which positions are real, `[batch, positions]`; of images, all are.
fn mask(graph: &mut Graph, network: &Network<Values>, positions: &[Value]) -> Value {
    if matches!(network.encoder, network::tree::Encoder::Image(_)) {
        let first = graph.slice(&positions[0], 2, 0, 1);
        let first = graph.squeeze(&first, 2);
        return graph.op("Equal", &[&first, &first]);
    }
    let axes = [
        Axis::Any("batch_size"),
        Axis::Any("encoder_sequence_length"),
    ];
    let mask = graph.input("encoder_attention_mask", Kind::Int64, &axes);
    graph.cast(&mask, Kind::Bool)
}

/// Declares the state before, and gives it or the first state: `[batch, row]` and the sums of weights, `[batch,
/// positions]`.
fn start(
    graph: &mut Graph,
    writer: &Writer<'_>,
    widths: &Widths,
    first: &[Value],
    memory: &Memory,
) -> [Value; 2] {
    let mut past = |name: &str| {
        let own: Vec<String> = (0..3).map(|place| format!("{name}.{place}")).collect();
        let axes: Vec<Axis<'_>> = std::iter::once(Axis::Any("batch_size"))
            .chain(own.iter().map(|name| Axis::Any(name)))
            .collect();
        graph.input(name, Kind::Float, &axes)
    };
    let (key, value) = (past(KEY), past(VALUE));
    let goes_on = graph.input("use_cache_branch", Kind::Bool, &[Axis::Of(1)]);
    let goes_on = graph.squeeze(&goes_on, 0);
    let mut later = graph.inner();
    let row = later.reshape(&key, &[0, WIDEST.max(widths.row()) as i64]);
    let row = later.slice(&row, -1, 0, widths.row());
    later.result(&row, Kind::Float);
    let sums = later.reshape(&value, &[0, -1]);
    later.result(&sums, Kind::Float);
    let mut begins = graph.inner();
    let batch = begins.length(&memory.lengths, 0);
    let zero = begins.zeros(&batch, 1);
    let parts: Vec<&Value> = first.iter().chain([&zero]).collect();
    let row = begins.concat(-1, &parts);
    begins.result(&row, Kind::Float);
    let sums = match writer.covers() {
        true => {
            let real = begins.cast(&memory.mask, Kind::Float);
            begins.scale(&real, 0.0)
        }
        false => zero,
    };
    begins.result(&sums, Kind::Float);
    let branches = vec![
        ("then_branch", Attribute::Inner(later)),
        ("else_branch", Attribute::Inner(begins)),
    ];
    graph.ops("If", &[&goes_on], branches)
}

/// A walk over words.
struct Reading<'a> {
    writer: Writer<'a>,
    widths: &'a Widths,
    memory: &'a Memory,
}

impl Reading<'_> {
    /// Outputs `[words, batch, hidden]` of words with vectors `[words, batch, embedding]`, and the last state.
    fn walk(&self, graph: &mut Graph, start: &[Value; 2], words: &Value) -> (Value, Value, Value) {
        let mut body = graph.inner();
        let row = body.parameter(Kind::Float);
        let sums = body.parameter(Kind::Float);
        let word = body.parameter(Kind::Float);
        let mut widths = self.widths.state.clone();
        widths.push(1);
        let mut parts = body.parts(&row, &widths);
        let state = State {
            steps: parts.pop().unwrap_or_else(Value::none),
            parts,
            sums: self.writer.covers().then(|| sums.clone()),
        };
        let stepped = self.writer.step(&mut body, &word, &state, self.memory);
        let next = self.writer.next(&mut body, &state, &stepped);
        let parts: Vec<&Value> = next.parts.iter().chain([&next.steps]).collect();
        let row = body.concat(-1, &parts);
        body.result(&row, Kind::Float);
        body.result(next.sums.as_ref().unwrap_or(&sums), Kind::Float);
        body.result(&stepped.output, Kind::Float);
        let attributes = vec![
            ("body", Attribute::Inner(body)),
            ("num_scan_inputs", Attribute::Int(1)),
        ];
        let operands = [&start[0], &start[1], words];
        let [row, sums, outputs] = graph.ops("Scan", &operands, attributes);
        (outputs, row, sums)
    }
}

/// Gives out the energies of all words.
fn give(
    graph: &mut Graph,
    decoder: &Decoder<Values>,
    output: &Output<Values>,
    table: &Value,
    outputs: &Value,
) {
    let outputs = graph.transpose(outputs, &[1, 0, 2]);
    let found = logits(graph, output, table, &outputs);
    let words = network::Shaped::rows(decoder.embedding());
    let axes = [
        Axis::Any("batch_size"),
        Axis::Any("decoder_sequence_length"),
        Axis::Of(words),
    ];
    graph.output("logits", &found, Kind::Float, &axes);
}
