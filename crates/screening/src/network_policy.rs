//! The `[network]` part of the policy: what a chain is, what a link is worth, which properties count as observations.
//!
//! In: a section of the policy file. Out: checked rules for the crate `network`. Documented in docs/reference/policy.md. The defaults are
//! the rule of the default policy in words (docs/reference/network.md).

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use model::{Entity, EntityId, PartialDate, Schema, Score};
use network::cotravel::CoTravel;
use network::{Day, FamilyId, Interval, KindId, KindRule, Percent, Proof, Rules};
use serde::{Deserialize, Serialize};

/// How evidence of links is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkPolicy {
    /// The topic that a chain of affiliation must end in.
    pub target_topic: String,
    /// Who has this event is neither an alert nor a lead, and hands nothing on.
    pub excluding_event: String,
    /// Links from so many families make an alert, where none is of a strong kind.
    pub families_needed: u32,
    /// So many days may lie between the two observations of a link that counts for an alert.
    pub max_gap_days: u32,
    /// The strength from which somebody is a lead, from 0 to 1.
    pub lead_threshold: f64,
    /// The share of people without any tie whom a score like this leaves alone: states how many false leads to expect.
    pub specificity: f64,
    /// Who has one of these topics or positions hands nothing on: meeting people is their work.
    pub pass_through_0: Vec<String>,
    /// How far a source is trusted, by the letter of its grade; `F` also where none is given. From 0.01 to 1.
    pub reliability: BTreeMap<char, f64>,
    /// How far what it says is credible, by the figure of its grade.
    pub credibility: BTreeMap<char, f64>,
    /// When travelling together is more than chance.
    pub co_travel: CoTravelRule,
    /// What makes a step of a chain.
    pub step: Vec<StepRule>,
    /// Relations that are no step, and inform leads.
    pub relation: Vec<RelationRule>,
    /// The kinds of attribute.
    pub kind: Vec<AttributeKind>,
    /// Properties of entities that count as stated observations.
    pub property: Vec<PropertyRule>,
}

/// When sharing journeys with somebody of the network makes a lead. The level is one for each pair, and fixed: a level that followed the
/// number of tests would move with every record of anybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CoTravelRule {
    /// The kinds of attribute that are journeys.
    pub journeys: Vec<String>,
    /// So many people might have been on any journey.
    pub population: NonZeroU32,
    /// Chance brings it about in no more than one pair of so many.
    pub odds: u64,
    /// So many journeys have to be shared.
    pub least: u32,
}

impl Default for CoTravelRule {
    fn default() -> Self {
        let CoTravel { population, odds, least, .. } = CoTravel::default();
        Self { journeys: vec!["booking".to_owned()], population, odds, least }
    }
}

/// A relation that leads on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepRule {
    /// Its schema.
    pub schema: String,
    /// The property that names where it begins.
    pub from: String,
    /// The property that names where it leads.
    pub to: String,
    /// Whether its own dates bind.
    #[serde(default, skip_serializing_if = "Validity::is_ignored")]
    pub validity: Validity,
}

/// Whether the dates that a relation states of itself bind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    /// It counts while it is in force.
    #[default]
    Ignored,
    /// It carries a link only if its dates and the days of the link overlap.
    Binds,
}

impl Validity {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
    fn is_ignored(&self) -> bool {
        *self == Self::Ignored
    }
}

/// On which days a relation carries links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carries {
    /// Its dates do not bind, or it states none.
    Always,
    /// On these.
    On(Interval),
    /// It ends before it begins.
    Never,
}

impl Carries {
    /// Whether it carries a link that holds on these days.
    pub(crate) fn during(self, days: Interval) -> bool {
        match self {
            Self::Always => true,
            Self::On(own) => own.overlap(days).is_some(),
            Self::Never => false,
        }
    }
}

/// A relation that leads nowhere and informs leads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelationRule {
    /// Its schema.
    pub schema: String,
    /// What being related to somebody of the network is worth at best, from 0.01 to 1.
    pub weight: f64,
}

/// Two parties with a relation that informs leads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Related {
    /// Both, in the order of their ids.
    pub ends: [EntityId; 2],
    /// What it is worth at best.
    pub weight: Percent,
}

/// What one kind of attribute is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeKind {
    /// Its word in observations.
    pub kind: String,
    /// Kinds of one family count once.
    pub family: String,
    /// Whether one link is enough for an alert.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub strong: bool,
    /// How far one sharing goes at best, from 0.01 to 1.
    pub weight: f64,
    /// So many share one as a rule, from 2 to 101; sharing with more is discounted.
    pub usual: u32,
    /// With more users, shared use says nothing. A power of two.
    pub cap: u32,
    /// After a gap of so many days a link is worth 1/e; left out: a gap takes nothing away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decay_days: Option<u32>,
    /// After more days there is no link; left out: there always is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap_days: Option<u32>,
}

/// A property whose values count as attributes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PropertyRule {
    /// The property.
    pub property: String,
    /// As which kind.
    pub kind: String,
}

impl Default for NetworkPolicy {
    fn default() -> Self {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let marks = |marks: &[(char, f64)]| marks.iter().copied().collect();
        let step = |[schema, from, to]: [&str; 3]| StepRule {
            schema: schema.to_owned(),
            from: from.to_owned(),
            to: to.to_owned(),
            validity: Validity::Ignored,
        };
        let relation = |schema: &str| RelationRule { schema: schema.to_owned(), weight: 0.3 };
        let property = |[property, kind]: [&str; 2]| PropertyRule {
            property: property.to_owned(),
            kind: kind.to_owned(),
        };
        Self {
            target_topic: "crime.terror".to_owned(),
            excluding_event: "redress_granted".to_owned(),
            families_needed: 2,
            max_gap_days: 0,
            lead_threshold: 0.2,
            specificity: 0.995,
            pass_through_0: texts(&[
                "role.lawyer",
                "lawyer",
                "interpreter",
                "carer",
                "officer",
                "shelter staff",
            ]),
            reliability: marks(&[('A', 1.0), ('B', 0.8), ('C', 0.6), ('D', 0.4), ('E', 0.2), ('F', 0.5)]),
            credibility: marks(&[('1', 1.0), ('2', 0.8), ('3', 0.6), ('4', 0.4), ('5', 0.2), ('6', 0.5)]),
            co_travel: CoTravelRule::default(),
            step: [["Membership", "member", "organization"], ["UnknownLink", "subject", "object"]]
                .map(step)
                .to_vec(),
            relation: ["Family", "Associate", "Ownership", "Directorship"].map(relation).to_vec(),
            kind: default_kinds(),
            property: [
                ["phone", "phone"],
                ["email", "email"],
                ["address", "address"],
                ["idNumber", "document"],
                ["passportNumber", "document"],
                ["registrationNumber", "document"],
            ]
            .map(property)
            .to_vec(),
        }
    }
}

/// The kinds of [`Rules::default`], in words.
fn default_kinds() -> Vec<AttributeKind> {
    let words = [
        (KindId::DOCUMENT, "document", "document"),
        (KindId::BOOKING, "booking", "booking"),
        (KindId::PHONE, "phone", "phone"),
        (KindId::DEVICE, "device", "phone"),
        (KindId::ACCOUNT, "account", "account"),
        (KindId::ADDRESS, "address", "address"),
        (KindId::EMAIL, "email", "email"),
    ];
    let rules = Rules::default();
    let kind = |(id, kind, family): (KindId, &str, &str)| {
        let rule = rules.kind(id);
        AttributeKind {
            kind: kind.to_owned(),
            family: family.to_owned(),
            strong: rule.proof == Proof::Strong,
            weight: f64::from(rule.weight.get()) / 100.0,
            usual: rule.usual,
            cap: rule.cap,
            decay_days: rule.decay_days.map(NonZeroU32::get),
            gap_days: Some(rule.max_gap_days).filter(|days| *days != u32::MAX),
        }
    };
    words.map(kind).to_vec()
}

impl NetworkPolicy {
    /// What is wrong with it: the field and why.
    pub(crate) fn fault(&self) -> Option<String> {
        let shares = [("lead_threshold", self.lead_threshold), ("specificity", self.specificity)];
        let mut outside = shares.iter().filter(|(_, share)| !(0.0..=1.0).contains(share));
        if let Some((field, _)) = outside.next() {
            return Some(format!("{field} must lie between 0 and 1"));
        }
        let marks = self.reliability.iter().chain(&self.credibility);
        let kinds = self.kind.iter().map(|kind| (kind.kind.clone(), kind.weight));
        let relations = self.relation.iter().map(|rule| (rule.schema.clone(), rule.weight));
        let shares = marks.map(|(mark, share)| (mark.to_string(), *share));
        let mut shares = shares.chain(kinds).chain(relations);
        if let Some((what, _)) = shares.find(|(_, share)| percent(*share).is_none()) {
            return Some(format!("{what:?} must lie between 0.01 and 1"));
        }
        if let Some(step) = self.step.iter().find(|step| !step.is_known()) {
            return Some(format!("step {:?}: no such schema or property", step.schema));
        }
        let edge = |rule: &&RelationRule| Schema::named(&rule.schema).and_then(Schema::edge).is_none();
        if let Some(rule) = self.relation.iter().find(edge) {
            return Some(format!("relation {:?}: no such relation", rule.schema));
        }
        let kinds = |rule: &&PropertyRule| self.kind_of(&rule.kind).is_none();
        if let Some(rule) = self.property.iter().find(kinds) {
            return Some(format!("property {:?}: there is no kind {:?}", rule.property, rule.kind));
        }
        let unknown = |word: &&String| self.kind_of(word).is_none();
        if let Some(word) = self.co_travel.journeys.iter().find(unknown) {
            return Some(format!("co_travel: there is no kind {word:?}"));
        }
        let mut words: Vec<&str> = self.kind.iter().map(|kind| kind.kind.as_str()).collect();
        words.sort_unstable();
        if let Some([twice, _]) = words.array_windows().find(|[one, next]| one == next) {
            return Some(format!("kind {twice:?} has two sections"));
        }
        self.rules().fault().map(|fault| format!("kind: {fault:?}"))
    }

    /// The rules of the crate `network`.
    pub fn rules(&self) -> Rules {
        let kind = |kind: &AttributeKind| KindRule {
            family: self.family_of(&kind.family),
            proof: if kind.strong { Proof::Strong } else { Proof::OneOfSeveral },
            weight: percent(kind.weight).unwrap_or(Percent::FULL),
            usual: kind.usual,
            cap: kind.cap,
            decay_days: kind.decay_days.and_then(NonZeroU32::new),
            max_gap_days: kind.gap_days.unwrap_or(u32::MAX),
        };
        Rules {
            kinds: self.kind.iter().map(kind).collect(),
            statement: FamilyId(self.families().len() as u8),
            families_needed: self.families_needed,
            gate_max_gap_days: self.max_gap_days,
            ..Rules::default()
        }
    }

    /// The gate of the crate `network` for travelling together.
    pub fn co_travel(&self) -> CoTravel {
        let CoTravelRule { journeys, population, odds, least } = &self.co_travel;
        let journeys = journeys.iter().filter_map(|word| self.kind_of(word)).collect();
        CoTravel { journeys, population: *population, odds: *odds, least: *least }
    }

    /// The families in order of their first kind; what only records state is a family after them.
    pub fn families(&self) -> Vec<&str> {
        let mut families: Vec<&str> = Vec::new();
        for kind in &self.kind {
            if !families.contains(&kind.family.as_str()) {
                families.push(&kind.family);
            }
        }
        families
    }

    fn family_of(&self, word: &str) -> FamilyId {
        FamilyId(self.families().iter().position(|family| *family == word).unwrap_or_default() as u8)
    }

    /// The kind of that word.
    pub fn kind_of(&self, word: &str) -> Option<KindId> {
        self.kind.iter().position(|kind| kind.kind == word).map(|at| KindId(at as u8))
    }

    /// The word of a family.
    pub fn family_word(&self, family: FamilyId) -> &str {
        self.families().get(usize::from(family.0)).copied().unwrap_or("statement")
    }

    /// How far what has a grade (a letter and a figure, such as `B2`) is relied on.
    pub fn confidence(&self, grade: Option<&str>) -> Percent {
        let mut marks = grade.unwrap_or_default().chars();
        let share = |marks: &BTreeMap<char, f64>, mark: Option<char>, unknown| {
            mark.and_then(|mark| marks.get(&mark)).or_else(|| marks.get(&unknown)).copied().unwrap_or(1.0)
        };
        let reliability = share(&self.reliability, marks.next(), 'F');
        let credibility = share(&self.credibility, marks.next(), '6');
        percent((reliability * credibility).max(0.01)).unwrap_or(Percent::FULL)
    }

    /// The strength from which somebody is a lead.
    pub fn lead_score(&self) -> Score {
        Score::from_fraction(self.lead_threshold).expect("checked to lie between 0 and 1")
    }

    /// Whether an entity carries the topic that chains end in.
    pub fn is_target(&self, entity: &Entity) -> bool {
        entity.values("topics").contains(&self.target_topic)
    }

    /// Whether an entity hands on what it is linked to.
    pub fn passes_through(&self, entity: &Entity) -> bool {
        let mut roles = entity.values("topics").iter().chain(entity.values("position"));
        !roles.any(|role| self.pass_through_0.iter().any(|none| none.eq_ignore_ascii_case(role)))
    }

    /// For a relation that is a step: where from and where to, each pair of its ends.
    pub fn steps_of<'a>(&self, entity: &'a Entity) -> Vec<(&'a str, &'a str)> {
        let rules = self.step.iter().filter(|step| entity.schema.is_a(&step.schema));
        let pairs = rules.flat_map(|step| {
            let from = entity.values(&step.from).iter();
            from.flat_map(|from| entity.values(&step.to).iter().map(|to| (from.as_str(), to.as_str())))
        });
        pairs.collect()
    }

    /// Whether the dates of some relations bind.
    pub(crate) fn has_bound_steps(&self) -> bool {
        self.step.iter().any(|step| step.validity == Validity::Binds)
    }

    /// On which days a relation carries links. A rule that ignores its dates goes before one by which they bind.
    pub(crate) fn carries(&self, entity: &Entity) -> Carries {
        let mut rules = self.step.iter().filter(|step| entity.schema.is_a(&step.schema)).peekable();
        if rules.peek().is_none() || rules.any(|step| step.validity == Validity::Ignored) {
            return Carries::Always;
        }
        let days = |property| {
            let dates = entity.values(property).iter().filter_map(|date| date.parse::<PartialDate>().ok());
            dates.collect::<Vec<_>>()
        };
        let (starts, ends) = (days("startDate"), days("endDate"));
        let first = starts.iter().map(|date| Day(date.days_since_1970())).min();
        let last = ends.iter().map(|date| Day(date.last_day().days_since_1970())).max();
        match Interval::new(first, last) {
            _ if first.is_none() && last.is_none() => Carries::Always,
            Some(days) => Carries::On(days),
            None => Carries::Never,
        }
    }

    /// Who is related to whom by a relation that informs leads, at the weight of the first rule that has it.
    pub fn related(&self, relation: &Entity) -> Vec<Related> {
        let rule = self.relation.iter().find(|rule| relation.schema.is_a(&rule.schema));
        let (Some(rule), Some((source, target))) = (rule, relation.schema.edge()) else { return Vec::new() };
        let weight = percent(rule.weight).unwrap_or(Percent::FULL);
        let mut pairs = BTreeSet::new();
        for from in relation.values(source).iter().filter_map(|id| EntityId::new(id).ok()) {
            for to in relation.values(target).iter().filter_map(|id| EntityId::new(id).ok()) {
                let mut ends = [from.clone(), to];
                ends.sort();
                if ends[0] != ends[1] {
                    pairs.insert(Related { ends, weight });
                }
            }
        }
        pairs.into_iter().collect()
    }

    /// What an entity states that counts as an attribute: its kind, the word of the kind, and the value.
    pub fn stated<'a>(&'a self, entity: &'a Entity) -> impl Iterator<Item = (KindId, &'a str, &'a str)> {
        self.property.iter().flat_map(move |rule| {
            let kind = self.kind_of(&rule.kind);
            let values = entity.values(&rule.property).iter();
            values.filter_map(move |value| Some((kind?, rule.kind.as_str(), value.as_str())))
        })
    }
}

impl StepRule {
    fn is_known(&self) -> bool {
        let schema = Schema::named(&self.schema);
        schema.is_some_and(|schema| {
            [&self.from, &self.to].iter().all(|end| schema.property_type(end) == Some("entity"))
        })
    }
}

fn percent(share: f64) -> Option<Percent> {
    #[expect(
        clippy::cast_sign_loss,
        clippy::cast_possible_truncation,
        reason = "checked to lie between 0 and 1"
    )]
    (0.0..=1.0).contains(&share).then(|| (share * 100.0).round() as u8).and_then(Percent::new)
}
