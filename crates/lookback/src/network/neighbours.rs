//! Whom a party shares attributes with, grouped by kind. In: a party, a period. Out: its attributes with everybody to whom each
//! leads, and a warning where it does not lead to all who have it.

use std::fmt;

use model::{Attribute, EntityId, KnownAt};
use network::reach::{Neighbour, OfKind, Shared};
use network::{AttributeId, PersonId, Relation};
use serde::Serialize;

use super::{NetworkAsOf, PartyView, Period, passage_word};
use crate::linked::between;
use crate::{Error, ObservationView};

/// Whom a party shares attributes with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct NeighboursAnswer {
    /// Who.
    pub party: PartyView,
    /// When.
    pub period: Period,
    /// As known at.
    pub known_at: KnownAt,
    /// What they have of each kind, in the order of the policy.
    pub kinds: Vec<KindView>,
}

/// The attributes of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct KindView {
    /// Its word.
    pub kind: String,
    /// Kinds of one family count once as evidence.
    pub family: String,
    /// With more persons on it an attribute is a hub.
    pub cap: u32,
    /// To how many parties the attributes lead.
    pub parties: u32,
    /// The attributes, by value.
    pub attributes: Vec<SharedView>,
}

/// An attribute and who else has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SharedView {
    /// Its value.
    pub value: String,
    /// How many parties are on it in all, whenever that was.
    pub on_it: u32,
    /// Between whom it leads: `everybody`, `operators` (it is a hub: only from and to them), `nobody` (it is declared generic).
    pub leads: &'static str,
    /// Why it does not lead to everybody, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// What was observed of the party that is asked about.
    pub observations: Vec<ObservationView>,
    /// To whom it leads, by id.
    pub neighbours: Vec<NeighbourView>,
}

/// Somebody who has the same attribute.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
pub struct NeighbourView {
    /// Who.
    #[serde(flatten)]
    pub party: PartyView,
    /// `operated`, `used` or `stated`: the first of these that was observed.
    pub relation: &'static str,
    /// So many days one of the nearest observations of the two begins after the other ended; 0 when they have a day in common.
    pub gap_days: u32,
}

impl fmt::Display for NeighbourView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { party, relation, gap_days } = self;
        match (*relation, *gap_days) {
            ("stated", _) => write!(f, "{party} has it in its record"),
            (relation, 0) => write!(f, "{party} {relation} it at the same time"),
            (relation, days) => write!(f, "{party} {relation} it; {}", between(days)),
        }
    }
}

impl NetworkAsOf<'_> {
    /// Whom a party shares attributes with in a period.
    pub fn neighbours(&self, id: &EntityId, period: Period) -> Result<NeighboursAnswer, Error> {
        let person = self.person(id)?;
        let kinds = self.network().neighbours(person, period.interval());
        let kinds = kinds.iter().map(|of_kind| self.kind(person, of_kind, period));
        let kinds = kinds.collect::<Result<_, _>>()?;
        Ok(NeighboursAnswer { party: self.party(person)?, period, known_at: self.known_at, kinds })
    }

    fn kind(&self, person: PersonId, of_kind: &OfKind, period: Period) -> Result<KindView, Error> {
        let rule = &self.policy.kind[usize::from(of_kind.kind.0)];
        let shared = |shared| self.shared(person, shared, rule.cap, period);
        let mut attributes: Vec<SharedView> =
            of_kind.attributes.iter().map(shared).collect::<Result<_, _>>()?;
        attributes.sort_by(|a, b| a.value.cmp(&b.value));
        Ok(KindView {
            kind: rule.kind.clone(),
            family: rule.family.clone(),
            cap: rule.cap,
            parties: of_kind.persons,
            attributes,
        })
    }

    fn shared(
        &self,
        person: PersonId,
        shared: &Shared,
        cap: u32,
        period: Period,
    ) -> Result<SharedView, Error> {
        let own = self.network().observations_on(person, shared.attribute);
        let own = own.filter(|own| own.interval.overlap(period.interval()).is_some());
        let own = own.map(|own| self.observed(&own)).collect::<Result<Vec<_>, _>>()?;
        let attribute = own.first().expect("it is shared by what was observed").0.clone();
        let neighbour = |neighbour| self.neighbour(shared.attribute, neighbour, period);
        let neighbours = shared.neighbours.iter().copied().map(neighbour);
        let mut neighbours = neighbours.collect::<Result<Vec<_>, _>>()?;
        neighbours.sort();
        Ok(SharedView {
            warning: self.warning(&attribute, shared, cap)?,
            value: attribute.value,
            on_it: shared.degree,
            leads: passage_word(shared.passage),
            observations: own.into_iter().map(|(_, observation)| observation).collect(),
            neighbours,
        })
    }

    fn warning(&self, attribute: &Attribute, shared: &Shared, cap: u32) -> Result<Option<String>, Error> {
        if let Some(generic) = self.view.generic(attribute)? {
            let reason = generic.reason.as_deref().unwrap_or("no reason given");
            return Ok(Some(format!("declared generic ({reason}): it leads to nobody")));
        }
        Ok((shared.degree > cap).then(|| {
            let on_it = shared.degree;
            format!(
                "a hub: {on_it} parties are on it, more than {cap}; it leads only from and to its operators"
            )
        }))
    }

    fn neighbour(
        &self,
        attribute: AttributeId,
        neighbour: Neighbour,
        period: Period,
    ) -> Result<NeighbourView, Error> {
        let observations = self.network().observations_on(neighbour.person, attribute);
        let observations = observations.filter(|theirs| theirs.interval.overlap(period.interval()).is_some());
        let theirs: Vec<Relation> = observations.map(|observation| observation.relation).collect();
        let relation = match () {
            () if theirs.contains(&Relation::Operated) => "operated",
            () if theirs.contains(&Relation::Used) => "used",
            () => "stated",
        };
        Ok(NeighbourView { party: self.party(neighbour.person)?, relation, gap_days: neighbour.gap_days })
    }
}
