//! The order of the queue: one function of an alert and the policy, which says so in words.
//!
//! Nothing of a person's origin is in it, and nothing of how many reviewers there are. It decides what comes first, never what is there.

use model::{AlertId, KnownAt, Verdict};
use serde::Serialize;

use super::policy::ORDINARY;
use super::{Desk, Review, ReviewPolicy};

/// The order in words, as documents and reports give it.
pub const ORDER: &str = "by class of the first priority in the policy that fits (0 first, 5 where none does), then by score, \
    highest first, then by when the alert came, oldest first, then by id";

/// Where an alert stands in the queue. Compares as the queue is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[schema(as = QueuePlace)]
pub struct Place {
    /// Class of the first priority that fits.
    pub class: u8,
    /// A million less the score in millionths, so that the highest comes first.
    #[serde(skip)]
    below: u32,
    #[serde(skip)]
    opened: KnownAt,
    #[serde(skip)]
    alert: AlertId,
}

impl Place {
    /// What only age tells apart.
    pub(crate) fn band(&self) -> (u8, u32) {
        (self.class, self.below)
    }
}

/// Where a review stands under a policy.
pub fn place(review: &Review, policy: &ReviewPolicy) -> Place {
    let pair = &review.pair;
    let fits = |priority: &&super::Priority| {
        let is = |wanted: &Option<String>, word: &str| wanted.as_deref().is_none_or(|wanted| wanted == word);
        is(&priority.kind, pair.cause.kind.word())
            && is(&priority.list, pair.cause.dataset.as_str())
            && is(&priority.population, pair.dataset.as_str())
            && priority.score.is_none_or(|score| review.score.fraction() >= score)
    };
    let class = policy.priorities.iter().find(fits).map_or(ORDINARY, |priority| priority.class);
    let below = model::Score::ONE.0.saturating_sub(review.score.0);
    Place { class, below, opened: review.opened, alert: review.alert }
}

/// How many alerts share a class and a score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TieBand {
    /// The class.
    pub class: u8,
    /// The score.
    pub score: f64,
    /// How many.
    pub alerts: u64,
}

impl Desk {
    /// The largest bands of pending alerts that only age tells apart, largest first.
    pub fn tie_bands(&self, now: KnownAt) -> Vec<TieBand> {
        self.tied(now).into_iter().map(|(band, _)| band).collect()
    }

    /// The same bands with their alerts, in the order of the queue.
    pub fn tied(&self, now: KnownAt) -> Vec<(TieBand, Vec<AlertId>)> {
        let policy = self.rulebook().policies.at(now);
        let pending = self.reviews(now).filter(|review| review.state().is_pending());
        tied(pending.map(|review| place(&review, &policy)))
    }

    /// Of the alerts that were found to concern their subject, which share stands within the first so many of all that were decided, in
    /// the order of the queue. `None` while none was found to.
    pub fn recall_at(&self, budget: usize, now: KnownAt) -> Option<f64> {
        let decided = self.decided_in_order(now);
        let concerned = |of: &[(AlertId, bool)]| of.iter().filter(|(_, same)| *same).count();
        let all = concerned(&decided);
        (all > 0).then(|| concerned(&decided[..budget.min(decided.len())]) as f64 / all as f64)
    }

    /// The alerts that were decided, in the order of the queue, and whether each was found to concern its subject.
    pub fn decided_in_order(&self, now: KnownAt) -> Vec<(AlertId, bool)> {
        let policy = self.rulebook().policies.at(now);
        let decided = self.reviews(now).filter_map(|review| {
            let verdict = review.disposition()?.proposal.verdict;
            Some((place(&review, &policy), verdict == Verdict::Same))
        });
        let mut decided: Vec<(Place, bool)> = decided.collect();
        decided.sort_unstable();
        decided.into_iter().map(|(place, same)| (place.alert, same)).collect()
    }
}

/// The bands of places that only age tells apart, largest first; a place alone in its band is none.
pub fn tie_bands(places: impl Iterator<Item = Place>) -> Vec<TieBand> {
    tied(places).into_iter().map(|(band, _)| band).collect()
}

fn tied(places: impl Iterator<Item = Place>) -> Vec<(TieBand, Vec<AlertId>)> {
    let mut sizes = std::collections::BTreeMap::<(u8, u32), Vec<Place>>::new();
    for place in places {
        sizes.entry(place.band()).or_default().push(place);
    }
    let band = |((class, below), mut places): ((u8, u32), Vec<Place>)| {
        places.sort_unstable();
        let score = model::Score(model::Score::ONE.0 - below).fraction();
        let alerts = places.iter().map(|place| place.alert).collect();
        (TieBand { class, score, alerts: places.len() as u64 }, alerts)
    };
    let mut bands: Vec<_> = sizes.into_iter().filter(|(_, places)| places.len() > 1).map(band).collect();
    bands.sort_by_key(|(band, _)| std::cmp::Reverse(band.alerts));
    bands
}
