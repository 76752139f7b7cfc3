//! One question about one entity: whom on the lists does it match, and does anybody want it kept?
//!
//! Always holds: an answer says whether the question was kept. Only an enrolled entity is screened again when a list changes.

use std::convert::Infallible;

use ledger::Version;
use matching::{Explanation, Profile, Rules};
use model::{
    Counts, Dataset, DatasetName, Digest, Entity, EntityRecord, KnownAt, Op, Record, Role, Score, SourceFile,
};
use screening::Match;
use serde::Serialize;
use serde_json::Value;
use sources::{File, Item};

use crate::fact::policy_digest;
use crate::store::{Ending, screen_and_finish};
use crate::{Error, ScreenedList, ScreeningFact, Store};

/// The answer to one question.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Screened {
    /// The id of the entity asked about, or a digest of what was asked.
    pub query: String,
    /// Whether any entry alerts.
    pub alert: bool,
    /// Set when the entity cannot be screened: it is then not clear.
    pub unscreenable: Option<String>,
    /// What it matches, best first.
    pub matches: Vec<ScreenedMatch>,
    /// The lists it was held against, by name.
    pub lists: Vec<ScreenedList>,
    /// Digest of the policy used.
    pub policy: Digest,
    /// As known at.
    pub known_at: Option<KnownAt>,
    /// Where it was kept; `None`: nothing was kept, and no later list change will look at it again.
    pub enrolled: Option<Enrolled>,
}

/// A match as it is shown.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ScreenedMatch {
    /// The entry's id.
    pub entry: String,
    /// The list.
    pub dataset: String,
    /// The name under which the entry is stated.
    pub caption: Option<String>,
    /// The score.
    pub score: Score,
    /// Whether it reaches the threshold.
    pub alert: bool,
    /// Where the score comes from.
    pub explanation: Explanation,
}

/// Where an entity was kept.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Enrolled {
    /// The population.
    pub dataset: String,
    /// The id under which it stands.
    pub id: String,
    /// The commit; `None` when it stood there just so before.
    pub commit: Option<u64>,
    /// How it was screened when it was put there as it is.
    pub fact: ScreeningFact,
}

/// Matches from this score on are shown, also below the threshold: a person is looked for by hand with less than a full name, and one in twelve
/// such pairs is still the same person's.
const SHOWN_FROM: Score = Score(80_000);

impl Store {
    /// Screens one entity against the lists. Nothing is kept.
    pub fn screen(&mut self, entity: &Entity, limit: usize) -> Result<Screened, Error> {
        let head = self.ledger.head()?;
        let (ledger, engine) = self.parts_to_ask()?;
        let least = engine.policy().threshold_least().min(SHOWN_FROM);
        let matches = engine.screen(ledger, entity, least)?;
        let rules = engine.policy().rules.clone();
        let profile = Profile::of(entity);
        let unscreenable = profile.unscreenable(&rules).map(|reason| reason.to_string());
        let alert = matches.iter().any(|found| found.score >= found.threshold);
        Ok(Screened {
            query: entity.id.to_string(),
            alert,
            unscreenable,
            matches: matches.iter().take(limit).map(|found| shown(&rules, &profile, found)).collect(),
            lists: ScreenedList::all(engine.coverage()).collect(),
            policy: policy_digest(head.as_ref()),
            known_at: head.map(|commit| commit.header.known_at),
            enrolled: None,
        })
    }

    /// Screens one entity and keeps it as a subject of a population, so that every later change looks at it again.
    ///
    /// The same id with the same content is kept once, and every answer carries the screening fact of when it was.
    pub fn enrol(&mut self, entity: &Entity, dataset: &DatasetName, limit: usize) -> Result<Screened, Error> {
        let view = self.ledger.as_of(KnownAt::MAX);
        let known = view.dataset(dataset)?;
        if known.as_ref().is_some_and(|dataset| dataset.role != Role::Population) {
            return Err(Error::Usage(format!(
                "{dataset} is no population; subjects are enrolled in populations"
            )));
        }
        let before = view.entity(&entity.id)?;
        if let Some(version) = before.as_ref().filter(|version| version.record.dataset != *dataset) {
            return Err(Error::Usage(format!(
                "{} stands in dataset {} already",
                entity.id, version.record.dataset
            )));
        }
        let mut commit = None;
        if before.is_none_or(|version| version.record.entity != *entity) {
            commit = Some(self.enrol_anew(entity, dataset, known.is_none())?);
        }
        let mut screened = self.screen(entity, limit)?;
        let subject =
            self.ledger.as_of(KnownAt::MAX).entity(&entity.id)?.expect("it was put, or stood there");
        self.take_over_from_the_book(&subject, &mut screened)?;
        let fact = self.fact(&subject, subject.from)?;
        screened.enrolled =
            Some(Enrolled { dataset: dataset.to_string(), id: entity.id.to_string(), commit, fact });
        Ok(screened)
    }

    /// Of a subject, what alerts is what stands in the book: a list may not apply to its population, a pair may be known as good.
    fn take_over_from_the_book(&self, subject: &Version, screened: &mut Screened) -> Result<(), Error> {
        let mut open = self.ledger.as_of(KnownAt::MAX).alerts_of_subject(&subject.identity())?;
        open.retain(|alert| alert.pair.is_alert());
        screened.alert = !open.is_empty();
        for found in &mut screened.matches {
            found.alert = open.iter().any(|alert| alert.pair.cause.entry.id.as_str() == found.entry);
        }
        Ok(())
    }

    fn enrol_anew(&mut self, entity: &Entity, dataset: &DatasetName, is_new: bool) -> Result<u64, Error> {
        let bytes = serde_json::to_vec(entity).expect("entities are strings");
        let source = SourceFile { name: "enrolled query".into(), digest: Digest::of(&bytes) };
        let header = self.header(self.next_known_at()?, "enrol", vec![source]);
        let (ledger, engine) = self.parts()?;
        let mut batch = ledger.begin(header)?;
        if is_new {
            let dataset = Dataset { name: dataset.clone(), role: Role::Population, title: None };
            batch.stage(&Op::Put(Record::Dataset(dataset)), 1)?;
        }
        let record = EntityRecord {
            dataset: dataset.clone(),
            entity: entity.clone(),
            source: None,
            grade: None,
            valid_from: None,
            reporting: None,
            published: None,
        };
        batch.stage(&Op::Put(Record::Entity(record)), 1)?;
        let counts = Counts { rows: 1, ..Counts::default() };
        let finished = screen_and_finish(engine, batch, counts, Ending::Commit);
        if finished.is_err() {
            self.drop_engine();
        }
        let (_, commit, _) = finished?;
        self.count_unsaved(1);
        Ok(commit.map_or(0, |commit| commit.seq))
    }
}

/// Reads the entity that a question is about, as an ingestion would: the entity and what is odd about it, or why it is none.
///
/// One that brings no id is asked about under a digest of what is stated. No reason repeats a value.
pub fn read_query(json: &str) -> Result<(Entity, Vec<String>), String> {
    let none = || "it is no entity: one JSON object with `schema` and `properties` is needed".to_owned();
    let file = File::from_bytes("query", (with_id(json) + "\n").into_bytes());
    let dataset = DatasetName::new("query").expect("it is a sound name");
    let (mut read, mut odd) = (Err(none()), Vec::new());
    let each = &mut |item| {
        match item {
            Item::Op { op: Op::Put(Record::Entity(record)), .. } => read = Ok(record.entity),
            Item::Op { .. } => {}
            Item::Notice { text, .. } => odd.push(text),
            Item::Reject(reject) => read = Err(reject.reason),
        }
        Ok::<_, Infallible>(())
    };
    // What is wrong with a row is in its reject; an error here says that it is no row.
    sources::read_ftm(&file, &dataset, each).map_err(|_| none())?;
    read.map(|entity| (entity, odd))
}

fn with_id(json: &str) -> String {
    match serde_json::from_str(json) {
        Ok(Value::Object(mut stated)) if !stated.contains_key("id") => {
            let digest = Digest::of(Value::from(stated.clone()).to_string().as_bytes()).to_string();
            stated.insert("id".to_owned(), format!("query-{}", &digest[..24]).into());
            Value::from(stated).to_string()
        }
        _ => json.to_owned(),
    }
}

fn shown(rules: &Rules, profile: &Profile, found: &Match) -> ScreenedMatch {
    ScreenedMatch {
        entry: found.identity.id.to_string(),
        dataset: found.dataset.to_string(),
        caption: found.entry.first("name").map(str::to_owned),
        score: found.score,
        alert: found.score >= found.threshold,
        explanation: matching::explain(rules, profile, &Profile::of(&found.entry)),
    }
}

/// The score of two names of persons.
pub fn compare_names(left: &str, right: &str) -> Score {
    let analyse = |text| names::analyse(text, names::NameKind::Person);
    Score(names::score(&analyse(left), &analyse(right)))
}

/// The score of two entities and where it comes from.
pub fn compare_entities(rules: &Rules, left: &Entity, right: &Entity) -> Explanation {
    matching::explain(rules, &Profile::of(left), &Profile::of(right))
}
