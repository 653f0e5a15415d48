//! Operations on each position by itself: lookup, dropout, layers, and putting parts side by side.

use model::Padded;
use model::dropout::Mask;
use operations::affine::{Activation, affine, affine_beside};
use operations::dropout::dropout;
use operations::embedding::embed;
use operations::join::{Order, join};

use super::{Family, Operation, Run, Sizes, Work};

/// How many steps have a mask of their own.
#[derive(Debug, Clone, Copy)]
enum Masked {
    No,
    Each,
    Shared,
}

fn mask(masked: Masked, [time, batch, size]: [usize; 3], work: &mut Work) -> Option<Mask> {
    let time = match masked {
        Masked::No => return None,
        Masked::Each => time,
        Masked::Shared => 1,
    };
    let shape = [time, batch, size];
    let values = work.mask(shape).into_data().iter::<f32>().collect();
    Some(Mask { values, shape })
}

fn lookup(masked: Masked, sizes: &Sizes, work: &mut Work) {
    let places = sizes.source * sizes.batch();
    // Most words stand at several places.
    let ids: Vec<i32> = (0..places)
        .map(|place| (place * place % sizes.words) as i32)
        .collect();
    let words = Padded {
        ids: &ids,
        lengths: sizes.lengths,
        time: sizes.source,
    };
    let table = work.input("table", [sizes.words, sizes.input]);
    let mask = mask(masked, [sizes.source, sizes.batch(), sizes.input], work);
    work.result("vectors", embed(table, words, mask));
}

fn drop_units(masked: Masked, sizes: &Sizes, work: &mut Work) {
    let shape = [sizes.target, sizes.batch(), sizes.hidden];
    let values = work.input("values", shape);
    if let Some(mask) = mask(masked, shape, work) {
        work.result("values", dropout(values, mask));
    }
}

fn layer(activation: Activation, biased: bool, sizes: &Sizes, work: &mut Work) {
    let rows = sizes.target * sizes.batch();
    let input = work.input("input", [rows, sizes.input]);
    let weight = work.input("weight", [sizes.input, sizes.hidden]);
    let bias = biased.then(|| work.input("bias", [sizes.hidden]));
    work.result("output", affine(input, weight, bias, activation));
}

fn layer_of_two(sizes: &Sizes, work: &mut Work) {
    let rows = sizes.target * sizes.batch();
    let left = work.input("left", [rows, sizes.hidden]);
    let right = work.input("right", [rows, sizes.memory]);
    let weight = work.input("weight", [sizes.hidden + sizes.memory, sizes.hidden]);
    let bias = Some(work.input("bias", [sizes.hidden]));
    let output = affine_beside(left, right, weight, bias, Activation::Tanh);
    work.result("output", output);
}

fn side_by_side(two: bool, order: Order, sizes: &Sizes, work: &mut Work) {
    let (time, batch) = (sizes.source, sizes.batch());
    let first = work.input("first", [time, batch, sizes.hidden]);
    let second = two.then(|| work.input("second", [time, batch, sizes.memory]));
    work.result("joined", join(first, second, order));
}

pub(super) fn all() -> Vec<Operation> {
    let mut all = Vec::new();
    let mut add = |settings: String, run: Run| {
        all.push(Operation::new(Family::Rows, settings, run));
    };
    for masked in [Masked::No, Masked::Each, Masked::Shared] {
        let run = move |s: &Sizes, w: &mut Work| lookup(masked, s, w);
        add(format!("lookup, masked: {masked:?}"), Box::new(run));
    }
    for masked in [Masked::Each, Masked::Shared] {
        let run = move |s: &Sizes, w: &mut Work| drop_units(masked, s, w);
        add(format!("dropout, masked: {masked:?}"), Box::new(run));
    }
    for activation in [Activation::Identity, Activation::Tanh] {
        for biased in [false, true] {
            let run = move |s: &Sizes, w: &mut Work| layer(activation, biased, s, w);
            let settings = format!("layer, {activation:?}, biased: {biased}");
            add(settings, Box::new(run));
        }
    }
    add("layer of two parts".into(), Box::new(layer_of_two));
    for order in [Order::TimeMajor, Order::BatchMajor] {
        for two in [false, true] {
            let run = move |s: &Sizes, w: &mut Work| side_by_side(two, order, s, w);
            add(format!("join, {order:?}, two: {two}"), Box::new(run));
        }
    }
    all
}
