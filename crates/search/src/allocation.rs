//! How a beam is shared out among hypotheses that have said more and less of what they must say: dynamic beam
//! allocation (Post and Vilar 2018, section 4).

/// The continuations, by index, that a beam of `width` keeps. `banks` gives for each continuation, best first, how
/// many required words it has said, at most `most`.
///
/// Each number of words has a bank of the beam, all of one size; what is over belongs to the last, of those that
/// have said everything. Places that a bank cannot fill go to the nearest bank that can, the fuller one of two. The
/// indices come in their order.
pub(super) fn share(width: usize, banks: &[usize], most: usize) -> Vec<usize> {
    let mut members = vec![Vec::new(); most + 1];
    for (index, &bank) in banks.iter().enumerate() {
        members[bank].push(index);
    }
    let mut places = vec![width / (most + 1); most + 1];
    places[most] += width % (most + 1);
    for bank in 0..=most {
        while places[bank] > members[bank].len() {
            let open = |&other: &usize| places[other] < members[other].len();
            let distance = |&other: &usize| (other.abs_diff(bank), most - other);
            let Some(other) = (0..=most).filter(open).min_by_key(distance) else {
                break;
            };
            places[bank] -= 1;
            places[other] += 1;
        }
    }
    let mut kept: Vec<usize> = members
        .iter()
        .zip(places)
        .flat_map(|(members, places)| members.iter().take(places).copied())
        .collect();
    kept.sort_unstable();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn banks_are_of_one_size_and_lend_what_they_cannot_fill() {
        assert_eq!(share(4, &[0, 0, 0, 0, 1, 1], 1), [0, 1, 4, 5]);
        assert_eq!(share(5, &[0, 0, 0, 1, 1, 1], 1), [0, 1, 3, 4, 5]);
        assert_eq!(share(4, &[0, 0, 0, 0, 1], 1), [0, 1, 2, 4]);
        // Nobody has said two words yet; the one who has said one goes first.
        assert_eq!(share(3, &[0, 0, 0, 1, 1], 2), [0, 3, 4]);
        assert_eq!(share(1, &[0, 0, 1, 0], 3), [2]);
    }

    proptest! {
        #[test]
        fn the_beam_is_full_if_it_can_be(
            width in 1usize..9,
            banks in prop::collection::vec(0usize..4, 0..20),
        ) {
            let kept = share(width, &banks, 3);
            prop_assert_eq!(kept.len(), width.min(banks.len()));
            prop_assert!(kept.is_sorted_by(|a, b| a < b));
        }

        #[test]
        fn without_requirements_the_best_stay(
            width in 1usize..9,
            count in 0usize..20,
        ) {
            let best: Vec<usize> = (0..width.min(count)).collect();
            prop_assert_eq!(share(width, &vec![0; count], 0), best);
        }
    }
}
