//! Why the network says of a subject what it says: every link with source, grade and dates, what was ignored, why it is not stronger.
//!
//! In: a subject and a known time. Out: data for tables and JSON, each link also as a sentence. Always holds: it is worked out by look-ups
//! in the ledger, not by the network that found the alert; the tests hold one against the other.

use std::collections::BTreeSet;

use ledger::{Known, Version, View};
use model::{
    Attribute, CauseKind, EntityId, KnownAt, Observation, PartialDate, Record, Relation, Score, Text,
};
use network::Chain;
use screening::{
    Account, Accounts, Companionship, Graph, Ignored, Lead, LeadRelation, LeadStep, NetworkPolicy,
    NetworkStanding, Tie,
};
use serde::Serialize;

use crate::{Error, Store};

/// What the network says of a subject, and what it rests on.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct NetworkWhy {
    /// `moved by the network`, `single evidence only`, `lead` or `not linked`.
    pub standing: &'static str,
    /// Every link to a seed.
    pub links: Vec<LinkView>,
    /// The families of evidence among them.
    pub families: BTreeSet<String>,
    /// For a lead: the strongest way of each family.
    pub lead: Option<LeadView>,
    /// What looked like a link, and why it is none.
    pub ignored: Vec<String>,
    /// Why it is not more.
    pub why_not_stronger: Vec<String>,
}

/// One link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LinkView {
    /// All of it as a chain of sentences.
    pub sentence: String,
    /// What both were observed with.
    pub attribute: Attribute,
    /// What was observed of the subject.
    pub subject: ObservationView,
    /// What was observed of the seed.
    pub seed: ObservationView,
    /// From the seed to the listed party.
    pub chain: Vec<ChainStepView>,
}

/// An observation as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ObservationView {
    /// Its id; of what a party's own record states, the party's.
    pub id: String,
    /// Of whom.
    pub subject: String,
    /// `used`, `operated`, or `stated` by the party's own record.
    pub relation: &'static str,
    /// First day; `null` is open.
    pub valid_from: Option<PartialDate>,
    /// Last day; `null` is open.
    pub valid_to: Option<PartialDate>,
    /// Who said so.
    pub source: Option<String>,
    /// How far they are trusted.
    pub grade: Option<String>,
    /// When it became known.
    pub known_at: KnownAt,
}

/// One relation of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ChainStepView {
    /// Its id.
    pub relation: String,
    /// What it is.
    pub schema: String,
    /// Where it begins.
    pub from: String,
    /// Where it leads.
    pub to: String,
    /// Who states it.
    pub source: Option<String>,
    /// How far they are trusted.
    pub grade: Option<String>,
    /// When it became known.
    pub known_at: KnownAt,
}

/// A lead as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LeadView {
    /// How strong it is in all.
    pub strength: Score,
    /// By family.
    pub factors: Vec<LeadFactorView>,
    /// With whom of the network the subject travelled more often than chance has it, in words.
    pub companions: Vec<String>,
    /// To whom of the network the subject is related, in words; the first counts.
    pub relations: Vec<String>,
}

/// The strongest way of one family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LeadFactorView {
    /// The family.
    pub family: String,
    /// How strong it is by itself.
    pub strength: Score,
    /// Each step as a sentence, from the seed on.
    pub steps: Vec<String>,
}

impl ObservationView {
    /// What was observed.
    pub(crate) fn of(known: &Known<Observation>) -> Self {
        let Known { known_at, record, .. } = known;
        Self {
            id: record.id.to_string(),
            subject: record.subject.to_string(),
            relation: match record.relation {
                Relation::Used => "used",
                Relation::Operated => "operated",
            },
            valid_from: record.valid_from.as_ref().map(Text::value),
            valid_to: record.valid_to.as_ref().map(Text::value),
            source: record.source.clone(),
            grade: record.grade.clone(),
            known_at: *known_at,
        }
    }

    /// What an entity's own record states.
    pub(crate) fn stated(version: &Version) -> Self {
        let (id, record) = (version.record.entity.id.to_string(), &version.record);
        Self {
            id: id.clone(),
            subject: id,
            relation: "stated",
            valid_from: None,
            valid_to: None,
            source: record.source.clone(),
            grade: record.grade.clone(),
            known_at: version.from,
        }
    }

    /// `P1 used it from 2030-01-01 to 2030-02-01 (report 7, B2)`.
    fn words(&self, what: &str) -> String {
        self.words_of(&self.subject, what)
    }

    /// The same of somebody by another name than the id.
    pub fn words_of(&self, subject: &str, what: &str) -> String {
        let said = by(self.source.as_ref(), self.grade.as_ref());
        match self.relation {
            "stated" => format!("{subject} has {what} in its record{said}"),
            relation => {
                let days = days_in_words(self.valid_from, self.valid_to);
                format!("{subject} {relation} {what} {days}{said}")
            }
        }
    }
}

/// `from 2030-01-01 to 2030-02-01`.
pub(crate) fn days_in_words(first: Option<PartialDate>, last: Option<PartialDate>) -> String {
    match (first, last) {
        (Some(from), Some(to)) if from == to => format!("on {from}"),
        (Some(from), Some(to)) => format!("from {from} to {to}"),
        (Some(from), None) => format!("from {from} on"),
        (None, Some(to)) => format!("until {to}"),
        (None, None) => "at no stated time".to_owned(),
    }
}

/// ` (report 7, B2)`.
fn by(source: Option<&String>, grade: Option<&String>) -> String {
    let said: Vec<&str> = [source, grade].into_iter().flatten().map(String::as_str).collect();
    if said.is_empty() { " (no source given)".to_owned() } else { format!(" ({})", said.join(", ")) }
}

pub(crate) fn named(attribute: &Attribute) -> String {
    format!("{} {}", attribute.kind, attribute.value)
}

impl Store {
    /// What the network says of a subject at a known time; `None` where it says nothing and ignored nothing.
    pub(crate) fn network_why(
        &self,
        view: &View<'_>,
        subject: &EntityId,
        kinds: &BTreeSet<CauseKind>,
    ) -> Result<Option<NetworkWhy>, Error> {
        let policy = self.policy(view.known_at())?.network;
        let account = Accounts::new(*view, &policy).of(subject)?;
        let is_lead = kinds.contains(&CauseKind::Lead);
        let of = |graph: &Graph| Ok(Lead::of(graph, view, subject)?);
        let lead = if is_lead { self.with_graph(view, of)? } else { None };
        if account.ties.is_empty() && account.ignored.is_empty() && lead.is_none() {
            return Ok(None);
        }
        let links = account.ties.iter().map(|tie| link_of(view, tie)).collect::<Result<_, _>>()?;
        let ignored = account.ignored.iter().map(|ignored| ignored_in_words(view, ignored));
        let standing = match account.standing(&policy) {
            NetworkStanding::Moved => "moved by the network",
            NetworkStanding::Single => "single evidence only",
            NetworkStanding::Unlinked if lead.is_some() => "lead",
            NetworkStanding::Unlinked => "not linked",
        };
        Ok(Some(NetworkWhy {
            standing,
            links,
            ignored: ignored.collect::<Result<_, Error>>()?,
            why_not_stronger: why_not_stronger(&policy, &account, lead.is_some()),
            families: account.families,
            lead: lead.map(|lead| lead_of(view, lead)).transpose()?,
        }))
    }
}

fn link_of(view: &View<'_>, tie: &Tie) -> Result<LinkView, Error> {
    let (subject, seed) = (ObservationView::of(&tie.own), ObservationView::of(&tie.seed));
    let chain = chain_of(view, &tie.chain)?;
    let attribute = tie.own.record.attribute.clone();
    let sentence = format!(
        "{}. {}. {}",
        subject.words(&named(&attribute)),
        seed.words("it"),
        chain_in_words(&seed.subject, &chain)
    );
    Ok(LinkView { sentence, attribute, subject, seed, chain })
}

fn chain_in_words(seed: &str, chain: &[ChainStepView]) -> String {
    if chain.is_empty() {
        return format!("{seed} is listed itself.");
    }
    let step = |step: &ChainStepView| {
        let said = by(step.source.as_ref(), step.grade.as_ref());
        format!("{} leads to {} by {} {}{said}", step.from, step.to, step.schema, step.relation)
    };
    let steps: Vec<String> = chain.iter().map(step).collect();
    format!("{}.", steps.join("; "))
}

fn chain_of(view: &View<'_>, chain: &Chain<EntityId>) -> Result<Vec<ChainStepView>, Error> {
    let mut from = &chain.from;
    let mut steps = Vec::with_capacity(chain.steps.len());
    for (relation, to) in &chain.steps {
        let Some(version) = view.entity(relation)? else { continue };
        steps.push(ChainStepView {
            relation: relation.to_string(),
            schema: version.record.entity.schema.to_string(),
            from: from.to_string(),
            to: to.to_string(),
            source: version.record.source.clone(),
            grade: version.record.grade.clone(),
            known_at: version.from,
        });
        from = to;
    }
    Ok(steps)
}

fn ignored_in_words(view: &View<'_>, ignored: &Ignored) -> Result<String, Error> {
    Ok(match ignored {
        Ignored::Generic { own, declaration } => {
            let reason = declaration.reason.as_deref().unwrap_or("no reason given");
            let what = named(&declaration.attribute);
            format!("{}; but {what} is declared generic ({reason}).", ObservationView::of(own).words(&what))
        }
        Ignored::OutOfTime { tie, gap_days } => {
            let link = link_of(view, tie)?;
            let why = match gap_days {
                Some(days) => between(*days),
                None => "one of the two ends before it begins".to_owned(),
            };
            let (own, seed) = (link.subject.words(&named(&link.attribute)), link.seed.words("it"));
            format!("{own}; {seed}; but {why}.")
        }
        Ignored::Unaffiliated { tie } => {
            let link = link_of(view, tie)?;
            let (own, seed) = (link.subject.words(&named(&link.attribute)), link.seed.words("it"));
            let relations: Vec<&str> = link.chain.iter().map(|step| step.relation.as_str()).collect();
            let chain = relations.join(", ");
            format!("{own}; {seed}; but no chain holds then, by the dates of its relations ({chain}).")
        }
    })
}

/// How far apart two intervals are that have no day in common.
pub(crate) fn between(gap_days: u32) -> String {
    match gap_days.saturating_sub(1) {
        0 => "one begins the day after the other ended".to_owned(),
        1 => "one day lies between the two".to_owned(),
        days => format!("{days} days lie between the two"),
    }
}

fn why_not_stronger(policy: &NetworkPolicy, account: &Account, lead: bool) -> Vec<String> {
    let mut reasons = Vec::new();
    if let Some(redress) = &account.redress {
        reasons.push(format!("redress was granted ({})", redress.record.id));
    }
    let strong: Vec<&str> =
        policy.kind.iter().filter(|kind| kind.strong).map(|kind| kind.kind.as_str()).collect();
    if !account.ties.is_empty() && !account.strong {
        let families: Vec<&str> = account.families.iter().map(String::as_str).collect();
        reasons.push(format!(
            "no link is of a strong kind ({}); families of evidence: {} of {} needed ({})",
            strong.join(", "),
            families.len(),
            policy.families_needed,
            families.join(", ")
        ));
    }
    if account.ties.is_empty() && lead {
        let unaffiliated = account.ignored.iter().any(|i| matches!(i, Ignored::Unaffiliated { .. }));
        let reason = if unaffiliated {
            "no chain from a seed holds on the days of what they shared: a lead, and no alert"
        } else {
            "no attribute that a seed operated was used at the same time: a lead, and no alert"
        };
        reasons.push(reason.to_owned());
    }
    reasons
}

fn lead_of(view: &View<'_>, lead: Lead) -> Result<LeadView, Error> {
    let mut factors = Vec::new();
    for factor in lead.factors {
        let steps = factor.steps.iter().map(|step| step_in_words(view, step));
        let steps = steps.collect::<Result<_, Error>>()?;
        factors.push(LeadFactorView { family: factor.family, strength: factor.strength, steps });
    }
    let companions = lead.companions.iter().map(companionship_in_words).collect();
    let relations = lead.relations.iter().map(|relation| relation_in_words(view, relation));
    let relations = relations.collect::<Result<_, _>>()?;
    Ok(LeadView { strength: lead.strength, factors, companions, relations })
}

fn relation_in_words(view: &View<'_>, relation: &LeadRelation) -> Result<String, Error> {
    let LeadRelation { with, relation: id, strength } = relation;
    let version = view.entity(id)?;
    let record = version.as_ref().map(|version| &version.record);
    let schema = record.map_or("relation", |record| record.entity.schema.name());
    let said = record.map_or_else(String::new, |record| by(record.source.as_ref(), record.grade.as_ref()));
    Ok(format!("related to {with} by {schema} {id}{said}; {:.2} by itself", strength.fraction()))
}

fn companionship_in_words(companionship: &Companionship) -> String {
    let Companionship { with, journeys, of, odds } = companionship;
    let shared: Vec<String> = journeys.iter().map(named).collect();
    format!(
        "{} of {of} journeys shared with {with} ({}); by chance in no more than one pair of {odds}",
        shared.len(),
        shared.join(", ")
    )
}

fn step_in_words(view: &View<'_>, step: &LeadStep) -> Result<String, Error> {
    let what = step.attribute.as_ref().map_or_else(|| "the same".to_owned(), named);
    let mut sides = Vec::new();
    for (row, id) in step.rows.iter().zip([&step.from, &step.to]) {
        let record = row.map(|row| view.record_of(row).map(|record| (row, record))).transpose()?;
        sides.push(match record {
            Some((row, Record::Observation(record))) => {
                let known = Known { row, known_at: view.known_at(), record };
                ObservationView::of(&known).words(&what)
            }
            _ => format!("{id} has {what} in its record"),
        });
    }
    let gap = match step.gap_days {
        0 => String::new(),
        days => format!(" ({})", between(days)),
    };
    Ok(format!("{}; {}{gap}", sides[0], sides[1]))
}
