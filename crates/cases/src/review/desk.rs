//! All reviews at once, kept in step with the ledger, and the queue made of them.
//!
//! In: what happened, in any order within what is new. Out: the review of every alert, and pages of the queue as of a time. Always
//! holds: what is followed step by step is what is read anew (`REVIEW-PURE`); asking changes nothing, since what time does is worked out
//! for the time that is asked about.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use ledger::{Known, LedgerError, View};
use model::{AccountName, AlertChange, AlertId, CauseKind, Decision, Deed, EntityId, KnownAt};
use serde::Serialize;

use super::one::Happening;
use super::order::{Place, place};
use super::{Refusal, Review, ReviewPolicies, ReviewPolicy, Rulebook, Standing, State, Stood, rulebook};

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

    pub(super) fn at(&self) -> KnownAt {
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
    /// As the last event left each, in the order in which the alerts came.
    reviews: Vec<Review>,
    place_of: BTreeMap<AlertId, usize>,
    of_subject: BTreeMap<EntityId, Vec<AlertId>>,
    at: Option<KnownAt>,
    queue: Queue,
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

    /// An empty desk and everything that a view knows, in order, for one who wants to follow it step by step.
    pub(super) fn unread(
        view: &View<'_>,
        policies: ReviewPolicies,
    ) -> Result<(Self, Vec<Event>), LedgerError> {
        let mut desk = Self::new(rulebook(view, policies)?);
        let mut events = desk.events(view, KnownAt::MIN)?;
        events.sort_by(|a, b| a.order().cmp(&b.order()));
        desk.at = None;
        Ok((desk, events))
    }

    /// What a view knows later than a time.
    fn events(&self, view: &View<'_>, after: KnownAt) -> Result<Vec<Event>, LedgerError> {
        let changes = view.alert_changes_after(after)?.into_iter();
        let changes = changes.filter(|change| change.pair.is_alert()).map(Event::Screened);
        let decisions = view.decisions_after(after)?.into_iter();
        let on_alerts = |known: &Known<Decision>| matches!(known.record.deed, Deed::Alert { .. });
        let decisions = decisions.filter(on_alerts).map(Event::Decided);
        Ok(changes.chain(decisions).chain(Event::facts(&self.rulebook, after)).collect())
    }

    /// How many reviews there are.
    pub(super) fn len(&self) -> usize {
        self.reviews.len()
    }

    /// Whether a review by its place is pending at a time.
    pub(super) fn is_pending_at(&self, place: usize, at: KnownAt) -> bool {
        standing(&self.reviews[place], at, &self.rulebook).state().is_pending()
    }

    /// The review that an event is about, where it is here already.
    pub(super) fn places_of(&self, event: &Event) -> Vec<usize> {
        let alert = match event {
            Event::Screened(change) => change.alert,
            Event::Decided(known) => match known.record.deed {
                Deed::Alert { alert, .. } => alert,
                _ => return Vec::new(),
            },
            Event::NewFacts(_) => return Vec::new(),
        };
        self.place_of.get(&alert).copied().into_iter().collect()
    }

    /// The reviews that were touched since this was asked last.
    pub(super) fn touched(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.queue.stale)
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
        let before = std::mem::replace(&mut self.rulebook, rulebook(view, policies)?);
        if before.policies != self.rulebook.policies {
            self.queue = Queue::default();
        }
        let events = self.events(view, after)?;
        self.take_all(events, told);
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
        self.place_of.get(&alert).map(|place| standing(&self.reviews[*place], now, &self.rulebook))
    }

    /// All reviews at a time, in the order in which the alerts came.
    pub fn reviews(&self, now: KnownAt) -> impl Iterator<Item = Cow<'_, Review>> {
        self.reviews.iter().map(move |review| standing(review, now, &self.rulebook))
    }

    /// The alerts that ever were on a subject, by its own id alone.
    pub fn alerts_of(&self, subject: &EntityId) -> &[AlertId] {
        self.of_subject.get(subject).map_or(&[], Vec::as_slice)
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
        if self.place_of.contains_key(&alert) {
            // Only decisions are refused.
            let _ = self.follow(alert, change.known_at, Happening::Screened(change));
            return;
        }
        let subject = &change.pair.subject.id;
        let elsewhere = self.elsewhere(alert, subject, change.pair.cause.kind, &change.pair.cause.entry.id);
        let review = Review::opened(change, &self.rulebook, &elsewhere);
        self.of_subject.entry(subject.clone()).or_default().push(alert);
        self.place_of.insert(alert, self.reviews.len());
        self.queue.stale.push(self.reviews.len());
        self.reviews.push(review);
    }

    fn new_facts(&mut self, at: KnownAt) {
        let concerned = self.reviews.iter().filter(|review| {
            let ids = [&review.pair.subject.id, &review.pair.cause.entry.id];
            ids.into_iter().any(|id| self.rulebook.merges.brought_facts_to(id, at))
        });
        for alert in concerned.map(|review| review.alert).collect::<Vec<_>>() {
            let _ = self.follow(alert, at, Happening::NewFacts);
        }
    }

    fn follow(&mut self, alert: AlertId, at: KnownAt, happening: Happening<'_>) -> Result<(), Refusal> {
        let Some(&place) = self.place_of.get(&alert) else { return Err(Refusal::NoSuchProposal) };
        let elsewhere = if matches!(happening, Happening::Screened(_)) {
            let (subject, cause) = (&self.reviews[place].pair.subject, &self.reviews[place].pair.cause);
            self.elsewhere(alert, &subject.id, cause.kind, &cause.entry.id)
        } else {
            Vec::new()
        };
        let review = &mut self.reviews[place];
        let followed = review.follow(at, happening, &self.rulebook, &elsewhere);
        self.queue.stale.push(place);
        let ended: Vec<EntityId> = review.ended(at).cloned().collect();
        if !ended.is_empty() {
            let (subject, cause) = (review.pair.subject.id.clone(), review.pair.cause.clone());
            for other in self.together_with(alert, &subject, cause.kind, &cause.entry.id) {
                let place = self.place_of[&other];
                for confirmation in &ended {
                    self.reviews[place].taken_back(confirmation, at);
                }
                self.queue.stale.push(place);
            }
        }
        followed
    }

    /// Verdicts on other alerts of what may be the same two.
    fn elsewhere(&self, alert: AlertId, subject: &EntityId, kind: CauseKind, entry: &EntityId) -> Vec<Stood> {
        let together = self.together_with(alert, subject, kind, entry);
        together.iter().flat_map(|other| self.reviews[self.place_of[other]].stood()).cloned().collect()
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
            let cause = &self.reviews[self.place_of[*other]].pair.cause;
            **other != alert && cause.kind == kind && entries.contains(&cause.entry.id)
        };
        merges.ever(subject).iter().flat_map(|id| self.alerts_of(id)).filter(fits).copied().collect()
    }
}

/// A review at a time.
fn standing<'a>(review: &'a Review, now: KnownAt, rulebook: &Rulebook) -> Cow<'a, Review> {
    if !review.lapses_by(now) {
        return Cow::Borrowed(review);
    }
    let mut later = review.clone();
    later.pass(now, rulebook);
    Cow::Owned(later)
}

/// What the queue sorts and filters by, kept from one question to the next: going through all reviews for each page took ten times as long.
#[derive(Debug, Clone, Default)]
struct Queue {
    slots: Vec<Slot>,
    /// All of them in the order of the queue.
    order: BTreeMap<Place, usize>,
    /// How many pending ones only age tells apart.
    bands: BTreeMap<(u8, u32), u64>,
    /// Which slots no longer say what their review says.
    stale: Vec<usize>,
    /// When time alone changes which review next.
    lapses: BinaryHeap<Reverse<(KnownAt, usize)>>,
    /// The latest time that was asked about.
    at: Option<KnownAt>,
}

/// One review as it stood when it was last asked about.
#[derive(Debug, Clone)]
struct Slot {
    place: Place,
    state: State,
    due: KnownAt,
    snoozed: bool,
    /// The review, where time has changed it since its last event.
    lapsed: Option<Box<Review>>,
}

impl Slot {
    fn of(review: &Review, now: KnownAt, rulebook: &Rulebook, policy: &ReviewPolicy) -> Self {
        let standing = standing(review, now, rulebook);
        let (place, state, due) = (place(&standing, policy), standing.state(), standing.due());
        let snoozed = standing.snoozed().is_some();
        let lapsed = match standing {
            Cow::Owned(later) => Some(Box::new(later)),
            Cow::Borrowed(_) => None,
        };
        Self { place, state, due, snoozed, lapsed }
    }

    fn is_overdue(&self, now: KnownAt) -> bool {
        self.state.is_pending() && self.due <= now
    }
}

impl Queue {
    /// Puts a slot in the place of the one before. Places are given out in order.
    fn put(&mut self, at: usize, slot: Slot) {
        if let Some(old) = self.slots.get(at) {
            self.order.remove(&old.place);
            if old.state.is_pending()
                && let Some(band) = self.bands.get_mut(&old.place.band())
            {
                *band -= 1;
            }
        }
        self.order.insert(slot.place, at);
        if slot.state.is_pending() {
            *self.bands.entry(slot.place.band()).or_default() += 1;
        }
        match self.slots.get_mut(at) {
            Some(old) => *old = slot,
            None => self.slots.push(slot),
        }
    }
}

impl Desk {
    /// Brings what the queue goes by up to a time.
    fn bring_queue_to(&mut self, now: KnownAt) {
        if self.queue.at.is_none_or(|at| now < at) {
            self.queue = Queue { stale: (0..self.reviews.len()).collect(), ..Queue::default() };
        }
        let policy = self.rulebook.policies.at(now);
        let queue = &mut self.queue;
        while let Some(Reverse((at, place))) =
            queue.lapses.peek().copied().filter(|Reverse((at, _))| *at <= now)
        {
            debug_assert!(at <= now);
            queue.lapses.pop();
            queue.stale.push(place);
        }
        let mut stale = std::mem::take(&mut queue.stale);
        stale.sort_unstable();
        stale.dedup();
        for place in stale {
            let slot = Slot::of(&self.reviews[place], now, &self.rulebook, &policy);
            let standing = slot.lapsed.as_deref().unwrap_or(&self.reviews[place]);
            if let Some(at) = standing.lapses_at() {
                queue.lapses.push(Reverse((at, place)));
            }
            queue.put(place, slot);
        }
        queue.at = Some(now);
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
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = QueueRow)]
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
    /// How many that are pending have the same class and score: between them, age alone decides.
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
    pub fn page(&mut self, query: &Query, now: KnownAt) -> Page {
        self.bring_queue_to(now);
        let sees = |at: usize| {
            query.viewer.as_ref().is_none_or(|viewer| self.may_see(viewer, &self.reviews[at], now))
        };
        let (mut states, mut overdue, mut total) = ([0_u64; State::ALL.len()], 0, 0);
        for (slot, at) in self.queue.slots.iter().zip(0..).filter(|(_, at)| sees(*at)) {
            states[slot.state as usize] += 1;
            overdue += u64::from(slot.is_overdue(now));
            total += u64::from(query.fits(slot, &self.reviews[at], now));
        }
        let fits = |at: &usize| query.fits(&self.queue.slots[*at], &self.reviews[*at], now) && sees(*at);
        let shown = self.queue.order.values().copied().filter(fits).skip(query.offset).take(query.limit);
        let rows = shown.map(|at| {
            let slot = &self.queue.slots[at];
            let ties = self.queue.bands.get(&slot.place.band()).copied().unwrap_or_default();
            row(&slot.place, slot.lapsed.as_deref().unwrap_or(&self.reviews[at]), ties)
        });
        let rows = rows.collect();
        let states = State::ALL.iter().zip(states).filter(|(_, number)| *number > 0);
        Page { total, states: states.map(|(state, n)| (state.word(), n)).collect(), overdue, rows }
    }

    /// Whether an account may see the alert: it is in all compartments of the subject.
    pub fn may_see(&self, viewer: &Standing, review: &Review, now: KnownAt) -> bool {
        self.rulebook.flags.may_see(viewer, &review.pair.subject.id, now)
    }
}

impl Query {
    fn fits(&self, slot: &Slot, review: &Review, now: KnownAt) -> bool {
        let in_state =
            if self.states.is_empty() { slot.state.is_pending() } else { self.states.contains(&slot.state) };
        let pair = &review.pair;
        let of =
            |dataset: &String| *dataset == pair.dataset.as_str() || *dataset == pair.cause.dataset.as_str();
        in_state
            && (self.snoozed || !slot.snoozed)
            && self.kind.is_none_or(|kind| kind == pair.cause.kind)
            && self.dataset.as_ref().is_none_or(of)
            && self.assigned.as_ref().is_none_or(|to| review.assigned() == Some(to))
            && (!self.overdue || slot.is_overdue(now))
    }
}

fn row(place: &Place, review: &Review, ties: u64) -> Row {
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
        ties,
    }
}
