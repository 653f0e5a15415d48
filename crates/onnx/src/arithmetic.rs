//! Short names for the operators that networks are made of.

use network::tree::{LayerNorm, Linear, Positions};
use network::{Shaped, Values};

use crate::graph::{Attribute, Graph, Kind, Value};

impl Graph {
    /// `left + right`.
    pub fn add(&mut self, left: &Value, right: &Value) -> Value {
        self.op("Add", &[left, right])
    }

    /// `left * right`, number by number.
    pub fn mul(&mut self, left: &Value, right: &Value) -> Value {
        self.op("Mul", &[left, right])
    }

    /// `value * factor`.
    pub fn scale(&mut self, value: &Value, factor: f32) -> Value {
        let factor = self.float(factor);
        self.mul(value, &factor)
    }

    /// The product of matrices.
    pub fn matmul(&mut self, left: &Value, right: &Value) -> Value {
        self.op("MatMul", &[left, right])
    }

    /// `input W`.
    pub fn product(&mut self, input: &Value, weight: &Values) -> Value {
        let weight = self.weight(weight);
        self.matmul(input, &weight)
    }

    /// `input W + b`, of the last axis.
    pub fn linear(&mut self, input: &Value, layer: &Linear<Values>) -> Value {
        let product = self.product(input, &layer.weight);
        match &layer.bias {
            Some(bias) => {
                let bias = self.weight(bias);
                self.add(&product, &bias)
            }
            None => product,
        }
    }

    /// The hyperbolic tangent.
    pub fn tanh(&mut self, value: &Value) -> Value {
        self.op("Tanh", &[value])
    }

    /// The logistic function.
    pub fn sigmoid(&mut self, value: &Value) -> Value {
        self.op("Sigmoid", &[value])
    }

    /// `values` one after another along `axis`.
    pub fn concat(&mut self, axis: i64, values: &[&Value]) -> Value {
        match values {
            [one] => (*one).clone(),
            _ => self.op_with("Concat", values, vec![("axis", Attribute::Int(axis))]),
        }
    }

    /// The part of `value` from `start` up to `end` along `axis`.
    pub fn slice(&mut self, value: &Value, axis: i64, start: usize, end: usize) -> Value {
        let [start, end, axis] =
            [start as i64, end as i64, axis].map(|number| self.ints(&[number]));
        self.op("Slice", &[value, &start, &end, &axis])
    }

    /// Equal parts of `value` along its last axis.
    pub fn split<const N: usize>(&mut self, value: &Value) -> [Value; N] {
        self.ops("Split", &[value], vec![("axis", Attribute::Int(-1))])
    }

    /// Consecutive parts of `value` of these `widths` along its last axis.
    pub fn parts(&mut self, value: &Value, widths: &[usize]) -> Vec<Value> {
        let mut start = 0;
        let part = |&width: &usize| {
            let part = self.slice(value, -1, start, start + width);
            start += width;
            part
        };
        widths.iter().map(part).collect()
    }

    /// The part of `value` from `start` on along `axis`.
    pub fn slice_from(&mut self, value: &Value, axis: i64, start: usize) -> Value {
        self.slice(value, axis, start, i64::MAX as usize)
    }

    /// Another shape: 0 keeps an axis, -1 is what remains.
    pub fn reshape(&mut self, value: &Value, shape: &[i64]) -> Value {
        let shape = self.ints(shape);
        self.op("Reshape", &[value, &shape])
    }

    /// The axes in another order.
    pub fn transpose(&mut self, value: &Value, order: &[i64]) -> Value {
        self.op_with(
            "Transpose",
            &[value],
            vec![("perm", Attribute::Ints(order))],
        )
    }

    /// With an axis of length one more.
    pub fn unsqueeze(&mut self, value: &Value, axis: i64) -> Value {
        let axis = self.ints(&[axis]);
        self.op("Unsqueeze", &[value, &axis])
    }

    /// Without an axis of length one.
    pub fn squeeze(&mut self, value: &Value, axis: i64) -> Value {
        let axis = self.ints(&[axis]);
        self.op("Squeeze", &[value, &axis])
    }

    /// As numbers of another kind.
    pub fn cast(&mut self, value: &Value, kind: Kind) -> Value {
        let to = match kind {
            Kind::Float => 1,
            Kind::Int32 => 6,
            Kind::Int64 => 7,
            Kind::Bool => 9,
        };
        self.op_with("Cast", &[value], vec![("to", Attribute::Int(to))])
    }

    /// The rows `places` of a table.
    pub fn rows(&mut self, table: &Value, places: &Value) -> Value {
        self.op_with(
            "Gather",
            &[table, places],
            vec![("axis", Attribute::Int(0))],
        )
    }

    /// The vectors of `places`, of which those beyond the last share its vector.
    pub fn positions(&mut self, places: &Value, positions: &Positions<Values>) -> Value {
        let last = self.int(positions.table.rows() as i64 - 1);
        let places = self.op("Min", &[places, &last]);
        let table = self.weight(&positions.table);
        self.rows(&table, &places)
    }

    /// The first half of the last axis times the logistic function of the second (Dauphin et al. 2017).
    pub fn gated(&mut self, sums: &Value) -> Value {
        let [values, gates] = self.split(sums);
        let gates = self.sigmoid(&gates);
        self.mul(&values, &gates)
    }

    /// The sum along an axis.
    pub fn sum(&mut self, value: &Value, axis: i64, keeps_axis: bool) -> Value {
        let axis = self.ints(&[axis]);
        let keeps = Attribute::Int(i64::from(keeps_axis));
        self.op_with("ReduceSum", &[value, &axis], vec![("keepdims", keeps)])
    }

    /// The softmax along an axis.
    pub fn softmax(&mut self, value: &Value, axis: i64) -> Value {
        self.op_with("Softmax", &[value], vec![("axis", Attribute::Int(axis))])
    }

    /// The length of an axis, `[1]`.
    pub fn length(&mut self, value: &Value, axis: i64) -> Value {
        let ends = vec![
            ("start", Attribute::Int(axis)),
            ("end", Attribute::Int(axis + 1)),
        ];
        self.op_with("Shape", &[value], ends)
    }

    /// The numbers from 0 up to `count`, which is `[1]`.
    pub fn count(&mut self, count: &Value) -> Value {
        let count = self.squeeze(count, 0);
        let [zero, one] = [0, 1].map(|number| self.int(number));
        self.op("Range", &[&zero, &count, &one])
    }

    /// Zeros of `[batch, width]`, for a `batch` that is `[1]`.
    pub fn zeros(&mut self, batch: &Value, width: usize) -> Value {
        let width = self.ints(&[width as i64]);
        let shape = self.concat(0, &[batch, &width]);
        let zero = self.float(0.0);
        self.op("Expand", &[&zero, &shape])
    }

    /// `[batch, width]` with as many zeros more as asked for.
    pub fn filled(&mut self, value: &Value, more: usize) -> Value {
        let pads = self.ints(&[0, 0, 0, more as i64]);
        self.op("Pad", &[value, &pads])
    }

    /// Where `condition` holds `value`, else `number`.
    pub fn kept(&mut self, condition: &Value, value: &Value, number: f32) -> Value {
        let number = self.float(number);
        self.op("Where", &[condition, value, &number])
    }

    /// Layer normalisation of the last axis.
    pub fn normalised(&mut self, value: &Value, norm: &LayerNorm<Values>) -> Value {
        let [gain, bias] = [&norm.gain, &norm.bias].map(|values| self.weight(values));
        self.normalised_by(value, &gain, &bias)
    }

    /// Layer normalisation of the last axis by values of the graph.
    pub fn normalised_by(&mut self, value: &Value, gain: &Value, bias: &Value) -> Value {
        let attributes = vec![
            ("axis", Attribute::Int(-1)),
            ("epsilon", Attribute::Float(1e-5)),
        ];
        self.op_with("LayerNormalization", &[value, gain, bias], attributes)
    }
}
