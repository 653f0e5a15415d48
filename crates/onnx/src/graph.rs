//! Building a graph, one operator after another.

use network::Values;

use crate::proto::{
    AttributeProto, DimensionProto, GraphProto, NodeProto, TensorProto, TensorShapeProto,
    TensorTypeProto, TypeProto, ValueInfoProto,
};

/// The kind of a tensor's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Single precision.
    Float,
    /// 32 bits.
    Int32,
    /// 64 bits.
    Int64,
    /// True or false.
    Bool,
}

impl Kind {
    /// Its number in `onnx.proto`.
    fn number(self) -> i32 {
        match self {
            Kind::Float => 1,
            Kind::Int32 => 6,
            Kind::Int64 => 7,
            Kind::Bool => 9,
        }
    }
}

/// What an operator makes, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value(String);

impl Value {
    /// Nothing, where an operator's input may be left out.
    pub fn none() -> Self {
        Self(String::new())
    }
}

/// An axis of an input or output.
#[derive(Debug, Clone, Copy)]
pub enum Axis<'a> {
    /// Always of this length.
    Of(usize),
    /// Of any length, which has a name.
    Any(&'a str),
}

/// An attribute of an operator.
#[derive(Debug)]
pub enum Attribute<'a> {
    /// A number.
    Int(i64),
    /// Numbers.
    Ints(&'a [i64]),
    /// A number with a fraction.
    Float(f32),
    /// A word.
    Text(&'a str),
    /// Words.
    Texts(Vec<&'a str>),
    /// A graph of its own.
    Inner(Graph),
}

/// A graph that is being built.
#[derive(Debug, Default)]
pub struct Graph {
    prefix: String,
    made: usize,
    nodes: Vec<NodeProto>,
    constants: Vec<TensorProto>,
    inputs: Vec<ValueInfoProto>,
    outputs: Vec<ValueInfoProto>,
}

impl Graph {
    /// An empty graph.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty graph that is to be an attribute of one of this graph's operators. It reads the values of this one by their
    /// names.
    pub fn inner(&mut self) -> Self {
        self.made += 1;
        Self {
            prefix: format!("{}{}.", self.prefix, self.made),
            ..Self::default()
        }
    }

    fn fresh(&mut self) -> Value {
        self.made += 1;
        Value(format!("{}{}", self.prefix, self.made))
    }

    /// Declares an input called `name`.
    pub fn input(&mut self, name: &str, kind: Kind, axes: &[Axis<'_>]) -> Value {
        self.inputs.push(info(name, kind, axes));
        Value(name.into())
    }

    /// Declares an input of a graph inside another, whose type follows from what it is given.
    pub fn parameter(&mut self, kind: Kind) -> Value {
        let value = self.fresh();
        self.inputs.push(untyped(&value.0, kind));
        value
    }

    /// Declares an input of a graph inside another that is one number without axes.
    pub fn scalar(&mut self, kind: Kind) -> Value {
        let value = self.fresh();
        self.inputs.push(info(&value.0, kind, &[]));
        value
    }

    /// Gives `value` out as `name`.
    pub fn output(&mut self, name: &str, value: &Value, kind: Kind, axes: &[Axis<'_>]) {
        self.nodes.push(NodeProto {
            input: vec![value.0.clone()],
            output: vec![name.into()],
            op_type: Some("Identity".into()),
            ..NodeProto::default()
        });
        self.outputs.push(info(name, kind, axes));
    }

    /// Gives `value` out of a graph inside another.
    pub fn result(&mut self, value: &Value, kind: Kind) {
        // What comes from outside is no result of this graph's own.
        let own = self.op("Identity", &[value]);
        self.outputs.push(untyped(&own.0, kind));
    }

    /// A parameter of the network.
    pub fn weight(&mut self, values: &Values) -> Value {
        self.floats(&values.shape, &values.data)
    }

    /// Numbers in single precision.
    pub fn floats(&mut self, shape: &[usize], data: &[f32]) -> Value {
        let bytes = data.iter().flat_map(|number| number.to_le_bytes());
        self.constant(Kind::Float, shape, bytes.collect())
    }

    /// One number, without axes.
    pub fn float(&mut self, number: f32) -> Value {
        self.floats(&[], &[number])
    }

    /// A list of whole numbers.
    pub fn ints(&mut self, numbers: &[i64]) -> Value {
        let bytes = numbers.iter().flat_map(|number| number.to_le_bytes());
        self.constant(Kind::Int64, &[numbers.len()], bytes.collect())
    }

    /// One whole number, without axes.
    pub fn int(&mut self, number: i64) -> Value {
        self.constant(Kind::Int64, &[], number.to_le_bytes().to_vec())
    }

    /// True or false, without axes.
    pub fn flag(&mut self, flag: bool) -> Value {
        self.constant(Kind::Bool, &[], vec![u8::from(flag)])
    }

    fn constant(&mut self, kind: Kind, shape: &[usize], bytes: Vec<u8>) -> Value {
        let value = self.fresh();
        self.constants.push(TensorProto {
            dims: shape.iter().map(|&length| length as i64).collect(),
            data_type: Some(kind.number()),
            name: Some(value.0.clone()),
            raw_data: Some(bytes),
        });
        value
    }

    /// An operator with one output.
    pub fn op(&mut self, kind: &str, inputs: &[&Value]) -> Value {
        self.op_with(kind, inputs, Vec::new())
    }

    /// An operator with attributes and one output.
    pub fn op_with(
        &mut self,
        kind: &str,
        inputs: &[&Value],
        attributes: Vec<(&str, Attribute<'_>)>,
    ) -> Value {
        let [output] = self.ops(kind, inputs, attributes);
        output
    }

    /// An operator with several outputs.
    pub fn ops<const N: usize>(
        &mut self,
        kind: &str,
        inputs: &[&Value],
        attributes: Vec<(&str, Attribute<'_>)>,
    ) -> [Value; N] {
        let outputs = std::array::from_fn(|_| self.fresh());
        self.node(kind, inputs, &outputs, attributes);
        outputs
    }

    /// An operator with as many outputs as asked for.
    pub fn many(
        &mut self,
        kind: &str,
        inputs: &[&Value],
        outputs: usize,
        attributes: Vec<(&str, Attribute<'_>)>,
    ) -> Vec<Value> {
        let outputs: Vec<Value> = (0..outputs).map(|_| self.fresh()).collect();
        self.node(kind, inputs, &outputs, attributes);
        outputs
    }

    fn node(
        &mut self,
        kind: &str,
        inputs: &[&Value],
        outputs: &[Value],
        attributes: Vec<(&str, Attribute<'_>)>,
    ) {
        let attributes = attributes.into_iter();
        let attribute = attributes.map(|(name, attribute)| self.attribute(name, attribute));
        let attribute = attribute.collect();
        let names = |values: &mut dyn Iterator<Item = &Value>| -> Vec<String> {
            values.map(|value| value.0.clone()).collect()
        };
        self.nodes.push(NodeProto {
            input: names(&mut inputs.iter().copied()),
            output: names(&mut outputs.iter()),
            name: Some(format!("{}{kind}", outputs[0].0)),
            op_type: Some(kind.into()),
            attribute,
        });
    }

    fn attribute(&mut self, name: &str, attribute: Attribute<'_>) -> AttributeProto {
        let mut proto = AttributeProto {
            name: Some(name.into()),
            ..AttributeProto::default()
        };
        let kind = match attribute {
            Attribute::Float(number) => {
                proto.f = Some(number);
                1
            }
            Attribute::Int(number) => {
                proto.i = Some(number);
                2
            }
            Attribute::Text(text) => {
                proto.s = Some(text.into());
                3
            }
            Attribute::Inner(mut graph) => {
                // All weights lie in the outermost graph.
                self.constants.append(&mut graph.constants);
                proto.g = Some(graph.into_proto("inner"));
                5
            }
            Attribute::Ints(numbers) => {
                proto.ints = numbers.to_vec();
                7
            }
            Attribute::Texts(texts) => {
                proto.strings = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
                8
            }
        };
        proto.r#type = Some(kind);
        proto
    }

    /// The finished graph.
    pub fn into_proto(self, name: &str) -> GraphProto {
        GraphProto {
            node: self.nodes,
            name: Some(name.into()),
            initializer: self.constants,
            input: self.inputs,
            output: self.outputs,
        }
    }
}

fn untyped(name: &str, kind: Kind) -> ValueInfoProto {
    ValueInfoProto {
        name: Some(name.into()),
        r#type: Some(TypeProto {
            tensor_type: Some(TensorTypeProto {
                elem_type: Some(kind.number()),
                shape: None,
            }),
        }),
    }
}

fn info(name: &str, kind: Kind, axes: &[Axis<'_>]) -> ValueInfoProto {
    let dim = |axis: &Axis<'_>| match axis {
        Axis::Of(length) => DimensionProto {
            dim_value: Some(*length as i64),
            dim_param: None,
        },
        Axis::Any(name) => DimensionProto {
            dim_value: None,
            dim_param: Some((*name).into()),
        },
    };
    let shape = Some(TensorShapeProto {
        dim: axes.iter().map(dim).collect(),
    });
    let mut info = untyped(name, kind);
    if let Some(tensor) = info
        .r#type
        .as_mut()
        .and_then(|found| found.tensor_type.as_mut())
    {
        tensor.shape = shape;
    }
    info
}
