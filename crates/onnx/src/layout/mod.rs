//! Which graphs a network becomes.

mod greedy;
mod steps;
#[cfg(test)]
mod tests;

pub use greedy::{Greedy, greedy};
pub use steps::{Steps, steps};

use prost::Message;

use crate::graph::Graph;
use crate::proto::{ModelProto, OperatorSetIdProto};

/// Version of the operators that graphs are written in.
const OPERATORS: i64 = 17;
/// Version of the format itself.
const FORMAT: i64 = 8;

/// The bytes of a file with this graph.
fn file(graph: Graph, name: &str) -> Vec<u8> {
    let model = ModelProto {
        ir_version: Some(FORMAT),
        producer_name: Some("attune".into()),
        producer_version: Some(env!("CARGO_PKG_VERSION").into()),
        graph: Some(graph.into_proto(name)),
        opset_import: vec![OperatorSetIdProto {
            domain: Some(String::new()),
            version: Some(OPERATORS),
        }],
    };
    model.encode_to_vec()
}
