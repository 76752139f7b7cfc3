//! All reviews at once, kept in step with the ledger, and the queue made of them.
//!
//! In: what happened, in any order within what is new. Out: the review of every alert, and pages of the queue as of a time. Always
//! holds: what is followed step by step is what is read anew (`REVIEW-PURE`); asking changes nothing, since what time does is worked out
//! for the time that is asked about.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use ledger::{Known, LedgerError, View};
use model::{AccountName, AlertChange, AlertId, CauseKind, Decision, Deed, EntityId, KnownAt};
use serde::Serialize;

use super::one::Happening;
use super::order::{Place, place};
use super::{Refusal, Review, ReviewPolicies, Rulebook, Standing, State, Stood, rulebook};

/// Something that happened, to whichever alert.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// Screening changed an alert.
    Screened(AlertChange),
    /// Somebody decided something about an alert.
    Decided(Known<Decision>),
    /// A merge brought new facts.
    NewFacts(KnownAt),
}

impl Event {
    /// What merges later than a time brought.
    pub(crate) fn facts(rulebook: &Rulebook, after: KnownAt) -> impl Iterator<Item = Self> {
        let times: BTreeSet<KnownAt> = rulebook.merges.brought().filter(|at| *at > after).collect();
        times.into_iter().map(Self::NewFacts)
    }

    fn at(&self) -> KnownAt {
        match self {
            Self::Screened(change) => change.known_at,
            Self::Decided(known) => known.known_at,
            Self::NewFacts(at) => *at,
        }
    }

    /// Of one known time, what screening found comes first, then what a merge brought, then what was decided, by id.
    fn order(&self) -> (KnownAt, u8, AlertId, Option<&EntityId>) {
        const NONE: AlertId = AlertId([0; 16]);
        match self {
            Self::Screened(change) => (change.known_at, 0, change.alert, None),
            Self::NewFacts(at) => (*at, 1, NONE, None),
            Self::Decided(known) => (known.known_at, 2, NONE, Some(&known.record.id)),
        }
    }
}

/// All reviews.
#[derive(Debug, Clone, Default)]
pub struct Desk {
    rulebook: Rulebook,
    reviews: BTreeMap<AlertId, Review>,
    of_subject: BTreeMap<EntityId, Vec<AlertId>>,
    at: Option<KnownAt>,
}

impl Desk {
    /// With nothing on it.
    pub fn new(rulebook: Rulebook) -> Self {
        Self { rulebook, ..Self::default() }
    }

    /// Everything that a view knows.
    pub fn read(view: &View<'_>, policies: ReviewPolicies) -> Result<Self, LedgerError> {
        let mut desk = Self::default();
        desk.catch_up(view, policies)?;
        Ok(desk)
    }

    /// Follows what a later view knows more. When something became known at the very time up to which it had followed, read anew instead.
    pub fn catch_up(&mut self, view: &View<'_>, policies: ReviewPolicies) -> Result<(), LedgerError> {
        self.catch_up_telling(view, policies, &mut |_, _| {})
    }

    /// The same, and tells of every decision on an alert, in order, whether it counted or why it is void.
    pub fn catch_up_telling(
        &mut self,
        view: &View<'_>,
        policies: ReviewPolicies,
        told: &mut dyn FnMut(Known<Decision>, Result<(), Refusal>),
    ) -> Result<(), LedgerError> {
        let after = self.at.unwrap_or(KnownAt::MIN);
        self.rulebook = rulebook(view, policies)?;
        let changes = view.alert_changes_after(after)?.into_iter();
        let changes = changes.filter(|change| change.pair.is_alert()).map(Event::Screened);
        let decisions = view.decisions_after(after)?.into_iter();
        let on_alerts = |known: &Known<Decision>| matches!(known.record.deed, Deed::Alert { .. });
        let decisions = decisions.filter(on_alerts).map(Event::Decided);
        let facts = Event::facts(&self.rulebook, after);
        self.take_all(changes.chain(decisions).chain(facts).collect(), told);
        self.at = view.last_commit()?.map(|(commit, _)| commit.header.known_at);
        Ok(())
    }

    /// Up to when it has followed.
    pub fn known_at(&self) -> Option<KnownAt> {
        self.at
    }

    /// What the reviews are judged by.
    pub fn rulebook(&self) -> &Rulebook {
        &self.rulebook
    }

    /// The review of an alert at a time not before what was followed last.
    pub fn review(&self, alert: AlertId, now: KnownAt) -> Option<Cow<'_, Review>> {
        self.reviews.get(&alert).map(|review| self.standing(review, now))
    }

    /// All reviews at a time, in order of alert.
    pub fn reviews(&self, now: KnownAt) -> impl Iterator<Item = Cow<'_, Review>> {
        self.reviews.values().map(move |review| self.standing(review, now))
    }

    /// The alerts that ever were on a subject, by its own id alone.
    pub fn alerts_of(&self, subject: &EntityId) -> &[AlertId] {
        self.of_subject.get(subject).map_or(&[], Vec::as_slice)
    }

    fn standing<'a>(&self, review: &'a Review, now: KnownAt) -> Cow<'a, Review> {
        if !review.lapses_by(now) {
            return Cow::Borrowed(review);
        }
        let mut later = review.clone();
        later.pass(now, &self.rulebook);
        Cow::Owned(later)
    }

    /// Takes events in, in their order, and tells of every decision whether it counted.
    pub(crate) fn take_all(
        &mut self,
        mut events: Vec<Event>,
        told: &mut dyn FnMut(Known<Decision>, Result<(), Refusal>),
    ) {
        events.sort_by(|a, b| a.order().cmp(&b.order()));
        for event in events {
            let at = event.at();
            match event {
                Event::Screened(change) => self.screened(&change),
                Event::NewFacts(at) => self.new_facts(at),
                Event::Decided(known) => {
                    let Deed::Alert { alert, .. } = known.record.deed else { continue };
                    let counted = self.follow(alert, at, Happening::Decided(&known.record));
                    told(known, counted);
                }
            }
        }
    }

    fn screened(&mut self, change: &AlertChange) {
        let alert = change.alert;
        if self.reviews.contains_key(&alert) {
            // Only decisions are refused.
            let _ = self.follow(alert, change.known_at, Happening::Screened(change));
            return;
        }
        let subject = &change.pair.subject.id;
        let elsewhere = self.elsewhere(alert, subject, change.pair.cause.kind, &change.pair.cause.entry.id);
        let review = Review::opened(change, &self.rulebook, &elsewhere);
        self.of_subject.entry(subject.clone()).or_default().push(alert);
        self.reviews.insert(alert, review);
    }

    fn new_facts(&mut self, at: KnownAt) {
        let concerned: Vec<AlertId> = self
            .reviews
            .values()
            .filter(|review| {
                let ids = [&review.pair.subject.id, &review.pair.cause.entry.id];
                ids.into_iter().any(|id| self.rulebook.merges.brought_facts_to(id, at))
            })
            .map(|review| review.alert)
            .collect();
        for alert in concerned {
            let _ = self.follow(alert, at, Happening::NewFacts);
        }
    }

    fn follow(&mut self, alert: AlertId, at: KnownAt, happening: Happening<'_>) -> Result<(), Refusal> {
        let Some(review) = self.reviews.get(&alert) else { return Err(Refusal::NoSuchProposal) };
        let asks_elsewhere = matches!(happening, Happening::Screened(_));
        let elsewhere = if asks_elsewhere {
            let cause = &review.pair.cause;
            self.elsewhere(alert, &review.pair.subject.id, cause.kind, &cause.entry.id)
        } else {
            Vec::new()
        };
        let review = self.reviews.get_mut(&alert).expect("it was found above");
        let followed = review.follow(at, happening, &self.rulebook, &elsewhere);
        let ended: Vec<EntityId> = review.ended(at).cloned().collect();
        if !ended.is_empty() {
            let (subject, cause) = (review.pair.subject.id.clone(), review.pair.cause.clone());
            for other in self.together_with(alert, &subject, cause.kind, &cause.entry.id) {
                let other = self.reviews.get_mut(&other).expect("it hangs together with one that is here");
                ended.iter().for_each(|confirmation| other.taken_back(confirmation, at));
            }
        }
        followed
    }

    /// Verdicts on other alerts of what may be the same two.
    fn elsewhere(&self, alert: AlertId, subject: &EntityId, kind: CauseKind, entry: &EntityId) -> Vec<Stood> {
        let together = self.together_with(alert, subject, kind, entry);
        together.iter().flat_map(|other| self.reviews[other].stood()).cloned().collect()
    }

    /// Other alerts of what may be the same two: of one kind, on ids that were ever merged.
    fn together_with(
        &self,
        alert: AlertId,
        subject: &EntityId,
        kind: CauseKind,
        entry: &EntityId,
    ) -> Vec<AlertId> {
        let merges = &self.rulebook.merges;
        let entries = merges.ever(entry);
        let fits = |other: &&AlertId| {
            let cause = &self.reviews[*other].pair.cause;
            **other != alert && cause.kind == kind && entries.contains(&cause.entry.id)
        };
        merges.ever(subject).iter().flat_map(|id| self.alerts_of(id)).filter(fits).copied().collect()
    }
}

/// Which part of the queue.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// In these states; none: whatever is pending.
    pub states: Vec<State>,
    /// Given to this account.
    pub assigned: Option<AccountName>,
    /// Of this kind.
    pub kind: Option<CauseKind>,
    /// Of this population or list.
    pub dataset: Option<String>,
    /// Only what is past its time.
    pub overdue: bool,
    /// What is snoozed as well.
    pub snoozed: bool,
    /// As whom: what an account may not see is not in its queue. `None` sees everything.
    pub viewer: Option<Standing>,
    /// How many to pass over.
    pub offset: usize,
    /// How many at most.
    pub limit: usize,
}

/// How many reviews are in which state.
pub type Counts = BTreeMap<&'static str, u64>;

/// A row of the queue.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The alert.
    pub alert: AlertId,
    /// The subject's id.
    pub subject: EntityId,
    /// Its population.
    pub population: String,
    /// What kind of cause.
    pub kind: &'static str,
    /// The list.
    pub list: String,
    /// The list entry's id.
    pub entry: EntityId,
    /// The score.
    pub score: f64,
    /// The state.
    pub state: State,
    /// Since when.
    pub since: KnownAt,
    /// When the alert last came.
    pub opened: KnownAt,
    /// What screening did last, and when.
    pub moved: (KnownAt, &'static str),
    /// By when it is to be decided.
    pub due: KnownAt,
    /// Who is at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock: Option<AccountName>,
    /// To whom it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned: Option<AccountName>,
    /// How many steps it has: to be sent back with a decision.
    pub steps: u32,
    /// Where it stands in the order.
    pub place: Place,
    /// How many in the whole selection have the same class and score: between them, age alone decides.
    pub ties: u64,
}

/// A page of the queue.
#[derive(Debug, Clone, Serialize)]
pub struct Page {
    /// How many fit the query.
    pub total: u64,
    /// How many reviews there are in each state, whatever the query.
    pub states: Counts,
    /// How many are past their time.
    pub overdue: u64,
    /// The rows, in order.
    pub rows: Vec<Row>,
}

impl Desk {
    /// A page of the queue at a time not before what was followed last.
    pub fn page(&self, query: &Query, now: KnownAt) -> Page {
        let policy = self.rulebook.policies.at(now);
        let (mut states, mut overdue) = (Counts::new(), 0);
        let mut fitting: Vec<(Place, Cow<'_, Review>)> = Vec::new();
        for review in self.reviews(now) {
            if !query.viewer.as_ref().is_none_or(|viewer| self.may_see(viewer, &review, now)) {
                continue;
            }
            let state = review.state();
            *states.entry(state.word()).or_default() += 1;
            overdue += u64::from(is_overdue(&review, now));
            if query.fits(&review, now) {
                fitting.push((place(&review, &policy), review));
            }
        }
        let total = fitting.len() as u64;
        let mut ties: BTreeMap<(u8, u32), u64> = BTreeMap::new();
        for (place, _) in &fitting {
            *ties.entry(place.band()).or_default() += 1;
        }
        let end = query.offset.saturating_add(query.limit).min(fitting.len());
        if end > 0 && end < fitting.len() {
            fitting.select_nth_unstable_by(end - 1, |a, b| a.0.cmp(&b.0));
        }
        fitting.truncate(end);
        fitting.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let rows = fitting.iter().skip(query.offset).map(|(place, review)| row(place, review, &ties));
        Page { total, states, overdue, rows: rows.collect() }
    }

    /// Whether an account may see the alert: it is in all compartments of the subject.
    pub fn may_see(&self, viewer: &Standing, review: &Review, now: KnownAt) -> bool {
        self.rulebook.flags.may_see(viewer, &review.pair.subject.id, now)
    }
}

/// Whether something is past its time.
fn is_overdue(review: &Review, now: KnownAt) -> bool {
    review.state().is_pending() && review.due() <= now
}

impl Query {
    fn fits(&self, review: &Review, now: KnownAt) -> bool {
        let state = review.state();
        let in_state = if self.states.is_empty() { state.is_pending() } else { self.states.contains(&state) };
        let pair = &review.pair;
        let of =
            |dataset: &String| *dataset == pair.dataset.as_str() || *dataset == pair.cause.dataset.as_str();
        in_state
            && (self.snoozed || review.snoozed().is_none())
            && self.kind.is_none_or(|kind| kind == pair.cause.kind)
            && self.dataset.as_ref().is_none_or(of)
            && self.assigned.as_ref().is_none_or(|to| review.assigned() == Some(to))
            && (!self.overdue || is_overdue(review, now))
    }
}

fn row(place: &Place, review: &Review, ties: &BTreeMap<(u8, u32), u64>) -> Row {
    let pair = &review.pair;
    Row {
        alert: review.alert,
        subject: pair.subject.id.clone(),
        population: pair.dataset.to_string(),
        kind: pair.cause.kind.word(),
        list: pair.cause.dataset.to_string(),
        entry: pair.cause.entry.id.clone(),
        score: review.score.fraction(),
        state: review.state(),
        since: review.since(),
        opened: review.opened,
        moved: (review.moved.0, review.moved.1.word()),
        due: review.due(),
        lock: review.lock().map(|lock| lock.by.clone()),
        assigned: review.assigned().cloned(),
        steps: review.steps,
        place: *place,
        ties: ties.get(&place.band()).copied().unwrap_or_default(),
    }
}
