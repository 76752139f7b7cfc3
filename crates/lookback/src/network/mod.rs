//! The analyst's questions to the network: the path between two parties, whom somebody shares attributes with, and the
//! network as a drawing for other programs.
//!
//! In: a known time, ids, a period of the world. Out: data for sentences, tables, JSON and files. Always holds: the answer for a
//! past known time is the one that the store gave then (`TWO-TIMES`); every word of it is read from a record that the view sees in
//! force. Ids stand for people, unless names are asked for. Nothing here alerts: a path shows that something was shared, not why.

mod path;
pub use path::{PathAnswer, PathQuestion, PathStep};

mod neighbours;
pub use neighbours::{KindView, NeighbourView, NeighboursAnswer, SharedView};

mod drawing;
pub use drawing::{AttributeNode, Drawing, ObservationEdge, PartyNode, RelationEdge, Surroundings};

mod export;
pub use export::DrawingFormat;

use std::fmt;

use ledger::View;
use model::{Attribute, Entity, EntityId, EntityRecord, KnownAt, PartialDate};
use network::reach::Passage;
use network::{Day, Interval, Network, PersonId};
use screening::{Graph, NetworkPolicy, Observed};
use serde::Serialize;

use crate::linked::days_in_words;
use crate::{Error, ObservationView, Store};

pub use network::reach::{Aim, Direction};

/// Whether the names of parties are told beside their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Captions {
    /// Ids alone.
    Omitted,
    /// The name under which each is stated, too.
    Included,
}

/// Days of the world, from the first day of one date to the last day of another; an end that is left out is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = NetworkPeriod)]
pub struct Period {
    from: Option<PartialDate>,
    to: Option<PartialDate>,
}

impl Period {
    /// All days.
    pub const ALWAYS: Self = Self { from: None, to: None };

    /// Refuses one that ends before it begins.
    pub fn new(from: Option<PartialDate>, to: Option<PartialDate>) -> Result<Self, Error> {
        let period = Self { from, to };
        period.days().map(|_| period).ok_or_else(|| {
            let [from, to] = [from, to].map(|date| date.map(|date| date.to_string()).unwrap_or_default());
            Error::Usage(format!("--from {from} is after --to {to}"))
        })
    }

    /// The days that one date can mean.
    pub fn of(date: PartialDate) -> Self {
        Self { from: Some(date), to: Some(date) }
    }

    /// From the first day of this date on.
    pub fn from(self) -> Option<PartialDate> {
        self.from
    }

    /// Until the last day of this one.
    pub fn to(self) -> Option<PartialDate> {
        self.to
    }

    fn days(self) -> Option<Interval> {
        let first = self.from.map(|date| Day(date.days_since_1970()));
        Interval::new(first, self.to.map(|date| Day(date.last_day().days_since_1970())))
    }

    fn interval(self) -> Interval {
        self.days().expect("checked when it was made")
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&days_in_words(self.from, self.to))
    }
}

/// The network as it was known at a time.
pub struct NetworkAsOf<'a> {
    view: View<'a>,
    policy: NetworkPolicy,
    graph: &'a Graph,
    known_at: KnownAt,
    captions: Captions,
}

impl Store {
    /// Asks the network of a known time. Everything that is asked of it sees one state of the store.
    pub fn network<T>(
        &self,
        known_at: KnownAt,
        captions: Captions,
        ask: impl FnOnce(&NetworkAsOf<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.ledger.snapshot(|ledger| {
            let empty = || Error::NotFound("the store is empty: nothing is known of a network".to_owned());
            let head = ledger.head()?.ok_or_else(empty)?.header.known_at;
            let view = ledger.as_of(known_at);
            let policy = self.policy(known_at)?.network;
            let known_at = if known_at == KnownAt::MAX { head } else { known_at };
            self.with_graph(&view, |graph| ask(&NetworkAsOf { view, policy, graph, known_at, captions }))
        })
    }
}

/// A party as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
pub struct PartyView {
    /// Its id.
    pub id: EntityId,
    /// The name under which it is stated, where names are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
}

impl fmt::Display for PartyView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.caption {
            Some(caption) => write!(f, "{} ({caption})", self.id),
            None => write!(f, "{}", self.id),
        }
    }
}

/// Reading records behind numbers.
impl NetworkAsOf<'_> {
    fn network(&self) -> &Network {
        self.graph.network()
    }

    fn person(&self, id: &EntityId) -> Result<PersonId, Error> {
        let unknown = || Error::NotFound(format!("{id}: no party known at that time"));
        self.graph.person_of(id).ok_or_else(unknown)
    }

    fn record(&self, person: PersonId) -> Result<EntityRecord, Error> {
        let row = self.graph.version_of(person).expect("whoever is in the network is in force");
        Ok(self.view.version(row)?.record)
    }

    fn party(&self, person: PersonId) -> Result<PartyView, Error> {
        Ok(self.shown(&self.record(person)?.entity))
    }

    fn shown(&self, entity: &Entity) -> PartyView {
        let caption = match self.captions {
            Captions::Included => entity.first("name").map(str::to_owned),
            Captions::Omitted => None,
        };
        PartyView { id: entity.id.clone(), caption }
    }

    /// With what, and what was observed.
    fn observed(&self, observation: &network::Observation) -> Result<(Attribute, ObservationView), Error> {
        let observed = self.graph.observed(observation, &self.view)?;
        let shown = match &observed {
            Observed::Recorded(known) => ObservationView::of(known),
            Observed::Stated(version, _) => ObservationView::stated(version),
        };
        Ok((observed.attribute().clone(), shown))
    }
}

/// Between whom an attribute leads.
fn passage_word(passage: Passage) -> &'static str {
    match passage {
        Passage::Everybody => "everybody",
        Passage::ByOperators => "operators",
        Passage::Nobody => "nobody",
    }
}
