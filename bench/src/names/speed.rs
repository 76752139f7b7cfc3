//! How many names are compared in a second. In: pairs of names. Out: rates on one thread, beside a slow reference in the same run: the
//! Jaro-Winkler similarity of strsim on names that `any_ascii` has romanised.

use std::hint::black_box;
use std::time::Duration;

use any_ascii::any_ascii;
use names::{Name, NameKind, analyse, score};

use super::pairs::Pair;
use crate::phases::{Finding, Target};
use crate::stopwatch::timed;

/// Names are compared soon after they are analysed: a batch stays in the cache.
const BATCH: usize = 500;

/// Times of everything that was measured.
#[derive(Default)]
struct Taken {
    analysis: Duration,
    comparison: Duration,
    romanisation: Duration,
    reference: Duration,
}

pub(crate) fn findings(pairs: &[Pair]) -> Vec<Finding> {
    let mut taken = Taken::default();
    pairs.chunks(BATCH).for_each(|batch| taken.note(batch));
    let rate = |time: Duration| pairs.len() as f64 / time.as_secs_f64();
    let unprepared = rate(taken.analysis + taken.comparison);
    let reference = rate(taken.romanisation + taken.reference);
    let finding = |what: &str, value: f64, unit: &str, target: Option<f64>| Finding {
        what: what.to_owned(),
        value,
        unit: unit.to_owned(),
        target: target.map(Target::AtLeast),
    };
    vec![
        finding("comparisons a second, names not prepared", unprepared, "/s", Some(200_000.0)),
        finding("comparisons a second, prepared once", rate(taken.comparison), "/s", Some(1_500_000.0)),
        finding(
            "analysis of one name",
            taken.analysis.as_secs_f64() * 1e6 / (2 * pairs.len()) as f64,
            "µs",
            None,
        ),
        finding("Jaro-Winkler on romanised names, not prepared", reference, "/s", None),
        finding("Jaro-Winkler on romanised names, prepared once", rate(taken.reference), "/s", None),
        finding("not prepared: this many times Jaro-Winkler's speed", unprepared / reference, "×", None),
    ]
}

impl Taken {
    fn note(&mut self, batch: &[Pair]) {
        let analysed =
            |pair: &Pair| [&pair.query, &pair.target].map(|named| analyse(&named.name, NameKind::Person));
        let (analysed, time) = timed(|| batch.iter().map(analysed).collect::<Vec<[Name; 2]>>());
        self.analysis += time;
        let (sum, time) = timed(|| analysed.iter().map(|[a, b]| u64::from(score(a, b))).sum::<u64>());
        self.comparison += time;
        black_box(sum);
        let romanised = |pair: &Pair| [&pair.query, &pair.target].map(|named| any_ascii(&named.name));
        let (romanised, time) = timed(|| batch.iter().map(romanised).collect::<Vec<[String; 2]>>());
        self.romanisation += time;
        let (sum, time) = timed(|| romanised.iter().map(|[a, b]| strsim::jaro_winkler(a, b)).sum::<f64>());
        self.reference += time;
        black_box(sum);
    }
}
