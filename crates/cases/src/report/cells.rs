//! Counts of people by group that nobody can be picked out of: small cells are not told, and neither is what would give them away.
//!
//! In: a count for each group, of a total that is known from elsewhere. Out: what may be shown. Always holds (`SMALL-CELLS`): a count
//! under [`SMALL`] is never shown, and whatever is shown and the total leave every number from 0 to one less than [`SMALL`] possible
//! for each of them. Where that cannot be had, nothing of the column is shown.

use super::Cell;

/// A cell of fewer people is not shown.
pub const SMALL: u64 = 10;

/// What may be shown of a column of counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cells(Vec<Shown>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Plain(u64),
    Small,
    /// Large enough, and kept back, as the small ones would follow from it.
    Withheld,
}

impl Cells {
    /// Of the counts of a column.
    pub fn of(counts: &[u64]) -> Self {
        let small = |count: &u64| *count < SMALL;
        let mut shown: Vec<Shown> = counts
            .iter()
            .map(|count| if small(count) { Shown::Small } else { Shown::Plain(*count) })
            .collect();
        let smalls = counts.iter().filter(|count| small(count)).count() as u64;
        if smalls == 0 {
            return Self(shown);
        }
        // What is not shown adds up to what is known: the total less what is shown. With so much of it in large cells, the small ones
        // may be anything.
        let mut hidden: u64 = counts.iter().filter(|count| small(count)).sum();
        let mut enough = smalls * (SMALL - 1);
        let mut large: Vec<usize> = (0..counts.len()).filter(|place| !small(&counts[*place])).collect();
        large.sort_by_key(|place| (counts[*place], *place));
        let mut kept_back = false;
        for place in large {
            if kept_back && hidden >= enough {
                break;
            }
            shown[place] = Shown::Withheld;
            (hidden, enough, kept_back) = (hidden + counts[place], enough + SMALL, true);
        }
        if !kept_back || hidden < enough {
            shown.fill(Shown::Withheld);
        }
        Self(shown)
    }

    /// The cell of a group.
    pub fn cell(&self, place: usize) -> Cell {
        match self.0[place] {
            Shown::Plain(count) => Cell::Count(count),
            Shown::Small => format!("<{SMALL}").into(),
            Shown::Withheld => "withheld".into(),
        }
    }

    /// The count of a group, where it is shown.
    pub fn plain(&self, place: usize) -> Option<u64> {
        match self.0[place] {
            Shown::Plain(count) => Some(count),
            Shown::Small | Shown::Withheld => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(counts: &[u64]) -> Vec<String> {
        let cells = Cells::of(counts);
        (0..counts.len()).map(|place| cells.cell(place).shown()).collect()
    }

    #[test]
    fn a_small_cell_is_hidden_with_what_would_give_it_away() {
        assert_eq!(shown(&[]), Vec::<String>::new());
        assert_eq!(shown(&[10, 2_500]), ["10", "2,500"]);
        assert_eq!(shown(&[3, 500, 40]), ["<10", "500", "withheld"]);
        assert_eq!(shown(&[3, 12, 500, 40]), ["<10", "withheld", "500", "withheld"]);
        assert_eq!(shown(&[3, 0, 9]), ["withheld"; 3]);
        assert_eq!(shown(&[9, 10]), ["<10", "withheld"]);
        assert_eq!(shown(&[8, 10]), ["withheld"; 2]);
    }

    /// Invariant(SMALL-CELLS): whoever knows the total subtracts what is shown, and still has to take everything for possible.
    #[test]
    fn whatever_is_shown_leaves_every_small_number_possible() {
        let mut seed = 7_u64;
        let mut below = |bound: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % bound
        };
        let mut with_small = 0;
        for _ in 0..5_000 {
            let groups = 1 + below(7);
            let counts: Vec<u64> = (0..groups)
                .map(|_| {
                    let most = [3, 12, 30, 900][below(4) as usize];
                    below(most)
                })
                .collect();
            let cells = Cells::of(&counts);
            let hidden: u64 =
                counts.iter().enumerate().filter(|(n, _)| cells.plain(*n).is_none()).map(|(_, c)| c).sum();
            let of = |wanted| cells.0.iter().filter(|shown| **shown == wanted).count() as u64;
            let (smalls, withheld) = (of(Shown::Small), of(Shown::Withheld));
            assert!(
                counts.iter().enumerate().all(|(n, count)| *count >= SMALL || cells.plain(n).is_none()),
                "{counts:?}"
            );
            if smalls == 0 {
                continue;
            }
            with_small += 1;
            for one in 0..SMALL {
                // The others may be anything that a small cell may be; the large ones take the rest, at least SMALL each.
                let possible = (0..=(smalls - 1) * (SMALL - 1)).any(|others| {
                    withheld > 0
                        && hidden.checked_sub(one + others).is_some_and(|rest| rest >= withheld * SMALL)
                });
                assert!(possible, "{counts:?}: {one} could be told to be impossible");
                assert!(
                    hidden >= one + (smalls - 1) * (SMALL - 1) + withheld * SMALL,
                    "{counts:?}: the others could be narrowed"
                );
            }
        }
        assert!(with_small > 500, "{with_small}");
    }
}
