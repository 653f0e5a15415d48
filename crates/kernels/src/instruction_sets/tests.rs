use std::sync::Mutex;

use rten_simd::ops::BitOps;
use rten_simd::{Isa, SimdOp};

use super::*;
use crate::matmul::{Matrix, Packed, matmul, matmul_packed};
use crate::parallel;
use crate::testing::{assert_close, random, under_each_cap, wide};

/// How many numbers a vector holds.
struct Lanes;

impl SimdOp for Lanes {
    type Output = usize;

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) -> usize {
        isa.f32().len()
    }
}

#[test]
fn each_cap_is_read_back_by_its_name() {
    for cap in Cap::ALL {
        assert_eq!(Cap::read(cap.name()), Ok(Some(cap)));
    }
    assert_eq!(Cap::read(""), Ok(None));
}

#[test]
fn anything_else_is_refused_with_the_choices() {
    for value in ["AVX2", "avx", "sse", "avx2 ", "1"] {
        let error = Cap::read(value).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "`ATTUNE_ISA={value}` in the environment names no instruction sets: set it to `portable`, `avx2`, `avx512` or `amx`, or remove it to use all that the processor has"
            )
        );
    }
}

#[test]
fn each_cap_leaves_what_lower_ones_leave_and_nothing_above_itself() {
    let mut lower = InstructionSets::under(Cap::Portable);
    assert_eq!(lower.iter().count(), 0);
    assert_eq!(lower.to_string(), "portable");
    for cap in Cap::ALL {
        let sets = InstructionSets::under(cap);
        assert!(lower.iter().all(|set| sets.has(set)));
        assert!(sets.iter().all(|set| set.cap() <= cap));
        let left = InstructionSets::of_processor().iter();
        assert!(left.filter(|set| set.cap() <= cap).eq(sets.iter()));
        lower = sets;
    }
    assert_eq!(lower, InstructionSets::of_processor());
}

#[test]
fn names_are_listed_in_one_line() {
    let sets = [InstructionSet::AmxInt8, InstructionSet::Avx2];
    let bits = sets.iter().fold(0, |bits, &set| bits | 1 << set as u16);
    assert_eq!(InstructionSets(bits).to_string(), "avx2, amx-int8");
}

#[test]
fn no_thread_uses_longer_vectors_than_the_cap_allows() {
    for (cap, most) in Cap::ALL.into_iter().zip([4, 8, 16, 16]) {
        capped(cap, || {
            assert_eq!(InstructionSets::in_use(), InstructionSets::under(cap));
            let found = Mutex::new(Vec::new());
            parallel::each(vec![(); 64], |()| found.lock().unwrap().push(Lanes.run()));
            parallel::inside(|| {
                parallel::each(vec![(); 64], |()| found.lock().unwrap().push(Lanes.run()));
            });
            let found = found.into_inner().unwrap();
            assert_eq!(found.len(), 128);
            assert!(found.iter().all(|&lanes| lanes <= most), "{cap}");
            assert!(found.iter().all(|&lanes| lanes == found[0]), "{cap}");
        });
    }
    assert_eq!(capped(Cap::Portable, || Lanes.run()), 4);
}

#[cfg(target_arch = "x86_64")]
#[test]
fn tiles_are_used_under_no_cap_but_theirs() {
    for cap in [Cap::Portable, Cap::Avx2, Cap::Avx512] {
        assert_eq!(capped(cap, crate::amx::Amx::get), None);
    }
}

/// A right-hand side says itself which instructions multiply it.
#[test]
fn what_is_packed_under_one_cap_is_multiplied_under_another() {
    let (rows, inner, columns) = (37, 90, 70);
    let (a, b) = (random(rows * inner, 1), random(inner * columns, 2));
    let (a, b) = (
        Matrix::new(&a, rows, inner),
        Matrix::new(&b, inner, columns),
    );
    let mut wanted = vec![0.0; rows * columns];
    capped(Cap::Portable, || matmul(a, b, &mut wanted, false));
    for cap in Cap::ALL {
        let packed = capped(cap, || Packed::new(b));
        under_each_cap(|| {
            let mut found = vec![0.0; rows * columns];
            matmul_packed(a, &packed, &mut found, false);
            assert_close("product", &found, &wide(&wanted), 1e-6);
        });
    }
}
