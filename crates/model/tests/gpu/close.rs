//! Equal but for rounding.

use model::parameters::Parameters;

/// Asserts that gradients differ by less than a ten-thousandth of the parameter's largest.
pub fn assert_close(name: &str, found: &Parameters, wanted: &Parameters) {
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        wanted.keys().collect::<Vec<_>>(),
        "{name}"
    );
    for (parameter, a) in wanted {
        let b = &found[parameter];
        assert_eq!(a.shape, b.shape, "{name}: {parameter}");
        let largest = a
            .data
            .iter()
            .fold(1e-3f32, |most, value| most.max(value.abs()));
        for (place, (x, y)) in a.data.iter().zip(&b.data).enumerate() {
            assert!(
                (x - y).abs() <= 1e-4 * largest,
                "{name}: {parameter} at {place}: {y} is not {x}"
            );
        }
    }
}
