//! One graph that writes whole sentences: the most probable word at each step.

use network::{Network, Values};

use super::file;
use crate::decoder::{State, Writer, logits};
use crate::encoder::encode;
use crate::graph::{Attribute, Axis, Graph, Kind, Value};
use crate::memory::{Memory, Source};
use crate::pool::LOWEST;

/// How sentences are written.
#[derive(Debug, Clone, Copy)]
pub struct Greedy<'a> {
    /// What the first step reads.
    pub start: u32,
    /// What ends a sentence.
    pub end: u32,
    /// What stands behind the end of a shorter sentence.
    pub pad: u32,
    /// Words that are never written.
    pub barred: &'a [u32],
}

/// Writes a network down in a graph that reads `input_ids` and `attention_mask`, `[batch, positions]` (or `pixel_values`,
/// `[batch, channels, height, width]`), and `max_length`, `[1]`, and gives `sequences`, `[batch, words]`, the log-probability
/// of each word, `log_probabilities`, `[batch, words]`, and, of a network that asks at each step, `attention`, `[batch,
/// words, positions]`.
pub fn greedy(network: &Network<Values>, how: &Greedy<'_>) -> Vec<u8> {
    let mut graph = Graph::new();
    let encoded = encode(&mut graph, &network.encoder);
    let most = graph.input("max_length", Kind::Int64, &[Axis::Of(1)]);
    let most = graph.squeeze(&most, 0);
    let source = Source::new(&mut graph, &network.decoder, encoded);
    let writer = Writer::new(&network.decoder);
    let (first, share) = source.once.split_at(writer.widths().len());
    let (attention, share) = (network.decoder.attention(), share.first().cloned());
    let memory = Memory::new(&mut graph, attention, &source.positions, source.mask, share);
    let table = graph.weight(network.decoder.embedding());
    let search = Search {
        network,
        how,
        writer,
        memory: &memory,
        table: &table,
    };
    let found = search.run(&mut graph, first, &most);
    let axes = [
        Axis::Any("batch_size"),
        Axis::Any("words"),
        Axis::Any("positions"),
    ];
    graph.output("sequences", &found[0], Kind::Int64, &axes[..2]);
    graph.output("log_probabilities", &found[1], Kind::Float, &axes[..2]);
    if let Some(weights) = found.get(2) {
        graph.output("attention", weights, Kind::Float, &axes);
    }
    file(graph, "greedy")
}

struct Search<'a> {
    network: &'a Network<Values>,
    how: &'a Greedy<'a>,
    writer: Writer<'a>,
    memory: &'a Memory,
    table: &'a Value,
}

/// What a step reads and leaves to the next, in the order of the loop's values.
struct Row {
    /// The last word of each sentence, `[batch]`.
    words: Value,
    /// Which sentences go on, `[batch]`.
    open: Value,
    state: State,
}

impl Row {
    fn values(&self) -> Vec<(&Value, Kind)> {
        let mut all = vec![
            (&self.words, Kind::Int64),
            (&self.open, Kind::Bool),
            (&self.state.steps, Kind::Float),
        ];
        let state = self.state.parts.iter().chain(&self.state.sums);
        all.extend(state.map(|value| (value, Kind::Float)));
        all
    }
}

impl Search<'_> {
    fn first(&self, graph: &mut Graph, parts: &[Value]) -> Row {
        let batch = graph.length(&self.memory.mask, 0);
        let start = graph.int(i64::from(self.how.start));
        let yes = graph.flag(true);
        let sums = self.writer.covers().then(|| {
            let real = graph.cast(&self.memory.mask, Kind::Float);
            graph.scale(&real, 0.0)
        });
        Row {
            words: graph.op("Expand", &[&start, &batch]),
            open: graph.op("Expand", &[&yes, &batch]),
            state: State {
                parts: parts.to_vec(),
                steps: graph.zeros(&batch, 1),
                sums,
            },
        }
    }

    /// Words, log-probabilities and weights, `[batch, words, ..]`.
    fn run(&self, graph: &mut Graph, parts: &[Value], most: &Value) -> Vec<Value> {
        let first = self.first(graph, parts);
        let mut body = graph.inner();
        // The number of the step, and whether to go on: a loop hands both over.
        let (_, _) = (body.scalar(Kind::Int64), body.scalar(Kind::Bool));
        let before = Row {
            words: body.parameter(Kind::Int64),
            open: body.parameter(Kind::Bool),
            state: State {
                steps: body.parameter(Kind::Float),
                parts: parts.iter().map(|_| body.parameter(Kind::Float)).collect(),
                sums: first
                    .state
                    .sums
                    .as_ref()
                    .map(|_| body.parameter(Kind::Float)),
            },
        };
        let (after, log_probability, weights) = self.step(&mut body, &before);
        let open = body.cast(&after.open, Kind::Int32);
        let keeps = vec![("keepdims", Attribute::Int(0))];
        let any = body.op_with("ReduceMax", &[&open], keeps);
        let any = body.cast(&any, Kind::Bool);
        body.result(&any, Kind::Bool);
        for (value, kind) in after.values() {
            body.result(value, kind);
        }
        body.result(&after.words, Kind::Int64);
        body.result(&log_probability, Kind::Float);
        if let Some(weights) = &weights {
            body.result(weights, Kind::Float);
        }
        let carried: Vec<&Value> = first.values().into_iter().map(|(value, _)| value).collect();
        let given = 2 + usize::from(weights.is_some());
        let yes = graph.flag(true);
        let operands: Vec<&Value> = [most, &yes]
            .into_iter()
            .chain(carried.iter().copied())
            .collect();
        let attributes = vec![("body", Attribute::Inner(body))];
        let made = graph.many("Loop", &operands, carried.len() + given, attributes);
        let given = made[carried.len()..].iter().enumerate();
        given
            .map(|(place, value)| graph.transpose(value, &[1, 0, 2][..2 + place / 2]))
            .collect()
    }

    /// The next row, the log-probability of its words, `[batch]`, and the weights that chose them.
    fn step(&self, graph: &mut Graph, before: &Row) -> (Row, Value, Option<Value>) {
        let vectors = graph.rows(self.table, &before.words);
        let stepped = self
            .writer
            .step(graph, &vectors, &before.state, self.memory);
        let logits = logits(graph, &self.network.output, self.table, &stepped.output);
        let attributes = vec![("axis", Attribute::Int(-1))];
        let all = graph.op_with("LogSoftmax", &[&logits], attributes);
        let words = network::Shaped::rows(self.network.decoder.embedding());
        let mut bars = vec![0.0; words];
        for &word in self.how.barred {
            if let Some(bar) = bars.get_mut(word as usize) {
                *bar = LOWEST;
            }
        }
        let bars = graph.floats(&[words], &bars);
        let allowed = graph.add(&all, &bars);
        let axes = vec![
            ("axis", Attribute::Int(-1)),
            ("keepdims", Attribute::Int(1)),
        ];
        let best = graph.op_with("ArgMax", &[&allowed], axes);
        let at = vec![("axis", Attribute::Int(-1))];
        let log_probability = graph.op_with("GatherElements", &[&all, &best], at);
        let log_probability = graph.squeeze(&log_probability, 1);
        let log_probability = graph.kept(&before.open, &log_probability, 0.0);
        let best = graph.squeeze(&best, 1);
        let pad = graph.int(i64::from(self.how.pad));
        let chosen = graph.op("Where", &[&before.open, &best, &pad]);
        let end = graph.int(i64::from(self.how.end));
        let ended = graph.op("Equal", &[&chosen, &end]);
        let more = graph.op("Not", &[&ended]);
        let row = Row {
            open: graph.op("And", &[&before.open, &more]),
            words: chosen,
            state: self.writer.next(graph, &before.state, &stepped),
        };
        (row, log_probability, stepped.weights)
    }
}
