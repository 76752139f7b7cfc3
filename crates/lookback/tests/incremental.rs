//! Invariant(INCREMENTAL), Invariant(REPLAY): after every commit the alerts are those that the state alone has, whatever way led there.
//!
//! Random journals over a tiny vocabulary, so that matches are frequent. After each commit the standing alerts are held against a
//! screening from scratch, against every pair scored without an index, and every subject's network finding against the account that
//! look-ups in the ledger give of it; what was answered for earlier times is asked again; at
//! the end the journal is exported, replayed, and told at once to a new store. proptest prints the seed of a failure.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::path::Path;

use ledger::{RowId, Version, View};
use lookback::model::{
    Cause, CauseKind, Coverage, DatasetName, Digest, Fingerprint, KnownAt, ListVersion, Pair, Role, Score,
};
use lookback::{Policy, Settings, Silent, Store, from_scratch};
use matching::Profile;
use proptest::prelude::*;
use screening::{Accounts, NetworkStanding, Validity};
use support::{Bench, essence, hash_of, settings, size};

const DATASETS: [(&str, Role); 5] = [
    ("watch-a", Role::List),
    ("watch-b", Role::List),
    ("arrivals", Role::Population),
    ("customers", Role::Population),
    ("reports", Role::Intelligence),
];
const ROLES: [&str; 3] = ["list", "population", "intelligence"];

/// Spellings of few people, words that are no names, and nothing.
const NAMES: [&str; 16] = [
    "Karim Haddad",
    "HADDAD, Karim",
    "Kareem Hadad",
    "كريم حداد",
    "Карим Хаддад",
    "K. Haddad",
    "Karim bin Said Haddad",
    "Tamara Orlik",
    "Тамара Орлик",
    "Tamra Orlik",
    "თამარა ორლიკი",
    "Orlik Haddad",
    "Saidzoda",
    "Harbour Trading Ltd",
    "HARBOUR TRADING LIMITED",
    "...",
];
const BIRTHS: [&str; 6] = ["1958-04-22", "1958", "1958-01-01", "1985", "1958-04-23", "1987-11-09"];
const GENDERS: [&str; 2] = ["male", "female"];
const PASSPORTS: [&str; 3] = ["XA 900 100", "XA900100", "XB 1"];
const PROGRAMS: [&str; 2] = ["P1", "P2"];
const TOPICS: [&str; 5] = ["sanction", "crime.terror", "poi", "crime.terror", "role.lawyer"];
const KINDS: [&str; 4] = ["phone", "booking", "document", "vehicle"];
const GRADES: [Option<&str>; 3] = [None, Some("A1"), Some("C3")];
const SOURCES: [Option<&str>; 3] = [None, Some("report 1"), Some("report 2")];
const EVENTS: [&str; 2] = ["released", "redress_granted"];
const SCHEMATA: [&str; 6] = ["Person", "Person", "Person", "Company", "LegalEntity", "Address"];

/// One place of a table, or nothing.
type Maybe = Option<prop::sample::Index>;

#[derive(Debug, Clone)]
enum Act {
    Entity {
        id: u8,
        dataset: u8,
        schema: u8,
        names: Vec<prop::sample::Index>,
        weak: Maybe,
        birth: Maybe,
        gender: Maybe,
        passport: Maybe,
        program: Maybe,
        topic: Maybe,
        phone: Option<u8>,
        late: bool,
    },
    Link {
        id: u8,
        from: u8,
        to: u8,
        grade: u8,
        days: (Option<u8>, Option<u8>),
    },
    Delete {
        id: u8,
    },
    Observe {
        id: u8,
        subject: u8,
        relation: u8,
        attribute: (u8, u8),
        days: (Option<u8>, Option<u8>),
        grade: u8,
        source: u8,
    },
    Unobserve {
        id: u8,
    },
    Generic {
        attribute: (u8, u8),
        op: u8,
    },
    Event {
        id: u8,
        subject: u8,
        event: u8,
    },
    Dataset {
        dataset: u8,
        role: u8,
    },
    Policy(Draw),
}

/// Numbers that a policy is made of.
#[derive(Debug, Clone)]
struct Draw {
    threshold: u8,
    list_threshold: Option<u8>,
    program: Option<u8>,
    populations: Option<bool>,
    topics: bool,
    strong: bool,
    good_pairs: Vec<(u8, u8, u8, bool)>,
    /// Families needed, days between, hundredths of a lead.
    network: (u8, u8, u8),
    /// Whether the dates of relations bind.
    binds: bool,
}

#[derive(Debug, Clone)]
enum Step {
    /// Lines of one known time in as many commits as there are parts.
    Batch {
        parts: Vec<Vec<Act>>,
        joins: bool,
    },
    Reopen(Files),
    Try(Draw),
}

/// What happens to the files beside the store while it is closed.
#[derive(Debug, Clone, Copy)]
enum Files {
    Kept,
    Deleted,
    Damaged(usize),
    OneDeleted,
}

fn maybe() -> impl Strategy<Value = Maybe> {
    prop::option::weighted(0.4, any::<prop::sample::Index>())
}

fn entity() -> impl Strategy<Value = Act> {
    let dataset = prop_oneof![6 => Just(None), 1 => (0..5_u8).prop_map(Some)];
    let names = prop::collection::vec(any::<prop::sample::Index>(), 0..3);
    let main = (0..12_u8, dataset, 0..6_u8, names, any::<bool>());
    let phone = prop::option::weighted(0.2, 0..3_u8);
    (main, (maybe(), maybe(), maybe()), (maybe(), maybe(), maybe(), phone)).prop_map(
        |((id, dataset, schema, names, late), (weak, birth, gender), (passport, program, topic, phone))| {
            let dataset = dataset.unwrap_or(id % 4);
            Act::Entity {
                id,
                dataset,
                schema,
                names,
                weak,
                birth,
                gender,
                passport,
                program,
                topic,
                phone,
                late,
            }
        },
    )
}

fn draw() -> impl Strategy<Value = Draw> {
    let pair = (0..12_u8, 0..12_u8, 0..20_u8, any::<bool>());
    let good_pairs = prop::collection::vec(pair, 0..4);
    let list = (prop::option::of(0..40_u8), prop::option::of(0..40_u8), prop::option::of(any::<bool>()));
    let network = ((1..3_u8, 0..3_u8, 0..80_u8), any::<bool>());
    (0..40_u8, list, any::<bool>(), any::<bool>(), good_pairs, network).prop_map(
        |(
            threshold,
            (list_threshold, program, populations),
            topics,
            strong,
            good_pairs,
            (network, binds),
        )| Draw {
            threshold,
            list_threshold,
            program,
            populations,
            topics,
            strong,
            good_pairs,
            network,
            binds,
        },
    )
}

fn attribute() -> impl Strategy<Value = (u8, u8)> {
    (prop_oneof![12 => 0..3_u8, 1 => Just(3_u8)], 0..2_u8)
}

fn evidence() -> impl Strategy<Value = Act> {
    let day = || prop::option::weighted(0.6, 0..9_u8);
    let observation = (0..24_u8, 0..12_u8, 0..3_u8, attribute(), (day(), day()), 0..3_u8, 0..3_u8);
    prop_oneof![
        16 => observation.prop_map(|(id, subject, relation, attribute, days, grade, source)| {
            Act::Observe { id, subject, relation, attribute, days, grade, source }
        }),
        3 => (0..24_u8).prop_map(|id| Act::Unobserve { id }),
        2 => (attribute(), 0..2_u8).prop_map(|(attribute, op)| Act::Generic { attribute, op }),
        1 => (0..12_u8, 0..12_u8, 0..2_u8).prop_map(|(id, subject, event)| Act::Event { id, subject, event }),
    ]
}

fn days_of_link() -> impl Strategy<Value = (Option<u8>, Option<u8>)> {
    let day = || prop::option::weighted(0.4, 0..12_u8);
    (day(), day())
}

fn link() -> impl Strategy<Value = Act> {
    (0..8_u8, 0..12_u8, 0..12_u8, 0..3_u8, days_of_link()).prop_map(|(id, from, to, grade, days)| Act::Link {
        id,
        from,
        to,
        grade,
        days,
    })
}

/// A relation of those that make two chains to one party, told with one date or another.
fn link_of_chain() -> impl Strategy<Value = Act> {
    const ENDS: [(u8, u8); 4] = [(2, 0), (2, 1), (1, 0), (6, 2)];
    (0..4_u8, days_of_link()).prop_map(|(id, days)| {
        let (from, to) = ENDS[usize::from(id)];
        Act::Link { id, from, to, grade: 1, days }
    })
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        24 => entity(),
        4 => (0..12_u8).prop_map(|id| Act::Delete { id }),
        4 => link(),
        16 => evidence(),
        1 => (0..8_u8).prop_map(|id| Act::Delete { id: id + 100 }),
        1 => (0..5_u8, 0..3_u8).prop_map(|(dataset, role)| Act::Dataset { dataset, role }),
        1 => draw().prop_map(Act::Policy),
    ]
}

/// People who are seldom more than a name, many of the listed ones targets, and much that was observed of them.
fn act_of_network() -> impl Strategy<Value = Act> {
    let place = any::<prop::sample::Index>();
    let plain = (entity(), any::<bool>(), place).prop_map(move |(mut act, listed, place)| {
        if let Act::Entity { id, dataset, schema, topic, .. } = &mut act {
            (*dataset, *schema) = (*id % 4, 0);
            if *dataset < 2 && listed {
                *topic = Some(place);
            }
        }
        act
    });
    prop_oneof![12 => plain, 30 => evidence(), 16 => link_of_chain(), 12 => act()]
}

fn step(act: impl Strategy<Value = Act> + 'static) -> impl Strategy<Value = Step> {
    let part = prop::collection::vec(act, 1..8);
    let batch = (prop::collection::vec(part, 1..3), prop::bool::weighted(0.25));
    let files = prop_oneof![
        Just(Files::Kept),
        Just(Files::Deleted),
        Just(Files::OneDeleted),
        any::<usize>().prop_map(Files::Damaged)
    ];
    prop_oneof![
        8 => batch.prop_map(|(parts, joins)| Step::Batch { parts, joins }),
        1 => files.prop_map(Step::Reopen),
        1 => draw().prop_map(Step::Try),
    ]
}

fn id_of(id: u8) -> String {
    if id < 100 { format!("E-{id}") } else { format!("L-{}", id - 100) }
}

fn pick<'a>(table: &[&'a str], place: &Maybe) -> Vec<&'a str> {
    place.iter().map(|place| *place.get(table)).collect()
}

fn fraction(hundredths: u8) -> f64 {
    0.6 + f64::from(hundredths) / 100.0
}

impl Draw {
    fn text(&self, now: KnownAt) -> String {
        let own = |name: &str| {
            Policy::parse(&format!("[[list]]\ndataset = {name:?}")).expect("a policy").lists.remove(0)
        };
        let mut policy = Policy { threshold: fraction(self.threshold), ..Policy::default() };
        let (mut a, mut b) = (own("watch-a"), own("watch-b"));
        a.threshold = self.list_threshold.map(fraction);
        b.programs = self.program.map(|program| ("P1".to_owned(), fraction(program))).into_iter().collect();
        let arrivals = || DatasetName::new("arrivals").expect("a name");
        b.populations = self.populations.map(|some| if some { vec![arrivals()] } else { Vec::new() });
        a.topics = self.topics.then(|| vec!["sanction".to_owned()]);
        policy.lists = vec![a, b];
        if !self.strong {
            policy.rules.strong_identifiers.clear();
        }
        let (families, gap, lead) = self.network;
        policy.network.families_needed = families.into();
        policy.network.max_gap_days = gap.into();
        let validity = if self.binds { Validity::Binds } else { Validity::Ignored };
        for step in &mut policy.network.step {
            step.validity = validity;
        }
        policy.network.lead_threshold = f64::from(lead) / 100.0;
        policy.network.co_travel.least = families.into();
        policy.network.co_travel.odds = u64::from(gap) * 500_000;
        policy.good_pairs = self.good_pairs.iter().map(|pair| good_pair(*pair, now)).collect();
        policy.to_text()
    }
}

fn good_pair((subject, entry, after, judged): (u8, u8, u8, bool), now: KnownAt) -> screening::GoodPair {
    screening::GoodPair {
        subject: id_of(subject),
        entry: id_of(entry),
        reason: "seen".into(),
        owner: "tests".into(),
        expires: KnownAt::from_micros(now.micros() + i64::from(after) * TICK / 4),
        fingerprint: judged.then_some(Fingerprint([7; 16])),
    }
}

impl Act {
    /// Its key and its line without the time.
    fn line(&self, now: KnownAt) -> (String, serde_json::Value) {
        match self {
            Self::Entity { .. } => self.entity(),
            Self::Link { id, from, to, grade, days } => {
                let (schema, source, target) =
                    [("UnknownLink", "subject", "object"), ("Family", "person", "relative")]
                        [usize::from(*id / 4)];
                let day = |day: &Option<u8>| {
                    // A month is all of its days.
                    let text =
                        |day: &u8| if *day == 0 { "2030-01".into() } else { format!("2030-01-{day:02}") };
                    day.iter().map(text).collect::<Vec<String>>()
                };
                let ends = serde_json::json!({
                    source: [id_of(*from)], target: [id_of(*to)],
                    "startDate": day(&days.0), "endDate": day(&days.1),
                });
                let id = id_of(id + 100);
                let entity = serde_json::json!({ "id": id, "schema": schema, "properties": ends });
                let grade = GRADES[usize::from(*grade)];
                let line = serde_json::json!({"op": "put", "kind": "entity", "dataset": "watch-a", "entity": entity, "grade": grade});
                (id, line)
            }
            Self::Observe { .. } => self.observation(),
            Self::Unobserve { id } => {
                let id = format!("O-{id}");
                (format!("delete {id}"), serde_json::json!({"op": "delete", "kind": "observation", "id": id}))
            }
            Self::Generic { attribute, op } => {
                let (op, attribute) = (["put", "delete"][usize::from(*op)], attribute_of(*attribute));
                let line = serde_json::json!({"op": op, "kind": "generic", "attribute": attribute, "reason": "seen"});
                (format!("generic {attribute}"), line)
            }
            Self::Event { id, subject, event } => {
                let (id, event) = (format!("V-{id}-{subject}-{event}"), EVENTS[usize::from(*event)]);
                let line = serde_json::json!({"op": "put", "kind": "event", "id": id, "subject": id_of(*subject), "event": event});
                (id, line)
            }
            Self::Delete { id } => (
                format!("delete {id}"),
                serde_json::json!({"op": "delete", "kind": "entity", "id": id_of(*id)}),
            ),
            Self::Dataset { dataset, role } => {
                let (name, _) = DATASETS[usize::from(*dataset)];
                let role = ROLES[usize::from(*role)];
                let line = serde_json::json!({"op": "put", "kind": "dataset", "name": name, "role": role});
                (format!("dataset {name}"), line)
            }
            Self::Policy(draw) => {
                let line = serde_json::json!({"op": "put", "kind": "policy", "text": draw.text(now)});
                ("policy".to_owned(), line)
            }
        }
    }

    fn observation(&self) -> (String, serde_json::Value) {
        let Self::Observe { id, subject, relation, attribute, days, grade, source } = self else {
            unreachable!("only called for observations")
        };
        let day = |day: Option<u8>| day.map(|day| format!("2030-01-{:02}", day + 1));
        let relation = ["used", "operated", "operated"][usize::from(*relation)];
        let id = format!("O-{id}");
        let line = serde_json::json!({
            "op": "put", "kind": "observation", "id": id, "subject": id_of(*subject), "relation": relation,
            "attribute": attribute_of(*attribute), "valid_from": day(days.0), "valid_to": day(days.1.map(|day| day + 4)),
            "grade": GRADES[usize::from(*grade)], "source": SOURCES[usize::from(*source)],
        });
        (id, line)
    }

    fn entity(&self) -> (String, serde_json::Value) {
        let Self::Entity {
            id,
            dataset,
            schema,
            names,
            weak,
            birth,
            gender,
            passport,
            program,
            topic,
            phone,
            late,
        } = self
        else {
            unreachable!("only called for entities")
        };
        let names: Vec<&str> = names.iter().map(|name| *name.get(&NAMES)).collect();
        let schema = SCHEMATA[usize::from(*schema)];
        let mut properties = serde_json::Map::new();
        let stated = [
            ("name", names),
            ("weakAlias", pick(&NAMES, weak)),
            ("birthDate", pick(&BIRTHS, birth)),
            ("gender", pick(&GENDERS, gender)),
            ("passportNumber", pick(&PASSPORTS, passport)),
            ("program", pick(&PROGRAMS, program)),
            ("topics", pick(&TOPICS, topic)),
            ("phone", phone.iter().map(|phone| ["0", "1", "2"][usize::from(*phone)]).collect()),
        ];
        for (property, values) in stated {
            if !values.is_empty() {
                properties.insert(property.to_owned(), serde_json::json!(values));
            }
        }
        let entity = serde_json::json!({ "id": id_of(*id), "schema": schema, "properties": properties });
        let (dataset, _) = DATASETS[usize::from(*dataset)];
        let mut line =
            serde_json::json!({"op": "put", "kind": "entity", "dataset": dataset, "entity": entity});
        if *late {
            line["valid_from"] = "1999-12-31".into();
        }
        (id_of(*id), line)
    }
}

fn attribute_of((kind, value): (u8, u8)) -> serde_json::Value {
    serde_json::json!({ "kind": KINDS[usize::from(kind)], "value": value.to_string() })
}

/// A day.
const TICK: i64 = 86_400_000_000;

/// Every pair, scored without an index: slow, and plain enough to be believed.
fn brute(view: &View<'_>, known_at: KnownAt) -> (Vec<(Pair, Score, Fingerprint)>, Coverage) {
    let policy = policy_of(view);
    let roles: BTreeMap<_, _> =
        view.datasets().expect("the store answers").into_iter().map(|d| (d.name, d.role)).collect();
    let (mut subjects, mut entries, mut coverage) = (Vec::new(), Vec::new(), Coverage::default());
    let read = view.entities(None, &mut |version: Version| {
        let profile = Profile::of(&version.record.entity);
        let unscreenable = profile.unscreenable(&policy.rules);
        let dataset = &version.record.dataset;
        match (roles[dataset], unscreenable) {
            (Role::Population, None) => subjects.push((version, profile)),
            (Role::Population, Some(matching::Unscreenable::NotMatchable)) | (Role::Intelligence, _) => {}
            (Role::Population, Some(reason)) => {
                *coverage.unscreenable.entry(reason.word().to_owned()).or_default() += 1;
            }
            (Role::List, None) if policy.is_entry(dataset, &version.record.entity) => {
                *coverage.entries.entry(dataset.to_string()).or_default() += 1;
                entries.push((version, profile));
            }
            (Role::List, _) => *coverage.unmatchable.entry(dataset.to_string()).or_default() += 1,
        }
        Ok(())
    });
    read.expect("the store answers");
    coverage.screened = subjects.len() as u64;
    coverage.subjects = coverage.screened + coverage.unscreenable.values().sum::<u64>();
    let mut alerts = Vec::new();
    for (subject, left) in &subjects {
        for (entry, right) in &entries {
            let score = matching::score(&policy.rules, left, right);
            alerts.extend(judge(&policy, subject, entry, score, known_at));
        }
    }
    alerts.sort();
    (alerts, coverage)
}

/// Holds every subject's network finding against the account of it; how many seeds there are.
fn check_network(view: &View<'_>, standing: &[(Pair, Score, Fingerprint)]) -> u64 {
    let policy = policy_of(view);
    let roles: BTreeMap<_, _> =
        view.datasets().expect("the store answers").into_iter().map(|d| (d.name, d.role)).collect();
    let mut versions = Vec::new();
    let read = view.entities(None, &mut |version: Version| {
        versions.push(version);
        Ok(())
    });
    read.expect("the store answers");
    let mut accounts = Accounts::new(*view, &policy.network);
    let (mut told, mut seeds) = (BTreeSet::new(), 0);
    for version in &versions {
        let (id, schema) = (&version.record.entity.id, version.record.entity.schema);
        let leads_on = schema.edge().is_none() && accounts.chain(id).expect("the store answers").is_some();
        seeds += u64::from(leads_on);
        if roles[&version.record.dataset] != Role::Population || schema.name() != "Person" {
            continue;
        }
        let kind = match accounts.of(id).expect("the store answers").standing(&policy.network) {
            NetworkStanding::Unlinked => continue,
            NetworkStanding::Single => CauseKind::Single,
            NetworkStanding::Moved => CauseKind::Network,
        };
        told.insert((version.identity(), kind));
    }
    let linked = standing.iter().map(|(pair, ..)| (pair.subject.clone(), pair.cause.kind));
    let linked: BTreeSet<_> =
        linked.filter(|(_, kind)| matches!(kind, CauseKind::Single | CauseKind::Network)).collect();
    assert_eq!(linked, told, "network findings, and the accounts of the subjects");
    seeds
}

fn policy_of(view: &View<'_>) -> Policy {
    view.policy()
        .expect("the store answers")
        .map_or_else(Policy::default, |p| Policy::parse(&p.text).expect("a sound policy"))
}

fn judge(
    policy: &Policy,
    subject: &Version,
    entry: &Version,
    score: Score,
    known_at: KnownAt,
) -> Option<(Pair, Score, Fingerprint)> {
    let (population, list) = (&subject.record.dataset, &entry.record.dataset);
    let prints = [subject, entry].map(|side| matching::fingerprint(&side.record.entity));
    let print = matching::of_pair(prints[0], prints[1]);
    let good = policy.good_pairs.iter().any(|good| {
        (good.subject.as_str(), good.entry.as_str())
            == (subject.record.entity.id.as_str(), entry.record.entity.id.as_str())
            && good.expires > known_at
            && good.fingerprint.is_none_or(|judged| judged == print)
    });
    let alerts =
        score >= policy.threshold_of(list, &entry.record.entity) && policy.applies(list, population) && !good;
    let cause = Cause { kind: CauseKind::Name, dataset: list.clone(), entry: entry.identity() };
    alerts.then(|| (Pair { subject: subject.identity(), dataset: population.clone(), cause }, score, print))
}

/// A store under test, and what it answered while each time was the newest.
struct Trial {
    bench: Bench,
    settings: Settings,
    now: KnownAt,
    /// What was put at `now`: a key that is put again must be put the same, or the whole batch is refused.
    put: BTreeSet<String>,
    answered: BTreeMap<KnownAt, Digest>,
    /// The rows of each list after the last commit, and the version that they were told to be.
    lists: BTreeMap<DatasetName, (BTreeSet<RowId>, ListVersion)>,
    /// Every content that a list was told to have, and its rows.
    contents: BTreeMap<Digest, BTreeSet<RowId>>,
}

impl Trial {
    fn new(rows_worth_saving: u64) -> Self {
        let settings = Settings { rows_worth_saving, threads: NonZero::<usize>::MIN, ..settings() };
        let bench = Bench::with(settings.clone());
        let now = KnownAt::from_micros(2_000_000_000 * 1_000_000);
        let (put, answered) = (BTreeSet::new(), BTreeMap::new());
        Self { bench, settings, now, put, answered, lists: BTreeMap::new(), contents: BTreeMap::new() }
    }

    fn take(mut self, step: &Step) -> Self {
        match step {
            Step::Batch { parts, joins } => {
                self.batch(parts, *joins);
                self
            }
            Step::Reopen(files) => {
                let settings = self.settings.clone();
                let bench = self.bench.reopen(|folder| spoil(folder, *files), settings);
                Self { bench, ..self }
            }
            Step::Try(draw) => {
                let before = self.bench.fingerprint();
                self.bench.store.try_policy(&draw.text(self.now)).map(drop).unwrap_or_default();
                assert_eq!(self.bench.fingerprint(), before, "a trial changes nothing");
                self
            }
        }
    }

    fn batch(&mut self, parts: &[Vec<Act>], joins: bool) {
        if !joins {
            self.now = KnownAt::from_micros(self.now.micros() + TICK);
            self.put.clear();
        }
        for part in parts {
            let mut lines = Vec::new();
            for act in part {
                let (key, mut line) = act.line(self.now);
                if self.put.insert(key) {
                    line["known_at"] = self.now.to_string().into();
                    lines.push(line.to_string());
                }
            }
            if !lines.is_empty() {
                self.bench.journal(&lines.join("\n")).expect("a sound journal");
                self.check();
            }
        }
    }

    /// A target, two parties between, and a facilitator who ran a document on some days that somebody else used on others.
    fn told_of_a_chain(mut self) -> Self {
        self.now = KnownAt::from_micros(self.now.micros() + TICK);
        let ids = [0, 1, 2, 3, 6, 7].map(id_of).into_iter().chain((0..4).map(|id| format!("O-{id}")));
        self.put = ids.flat_map(|id| [format!("delete {id}"), id]).collect();
        let entity = |id: u8, topics: &[&str]| {
            let properties = serde_json::json!({ "name": ["..."], "topics": topics });
            let entity = serde_json::json!({ "id": id_of(id), "schema": "Person", "properties": properties });
            let (dataset, _) = DATASETS[usize::from(id % 4)];
            serde_json::json!({"op": "put", "kind": "entity", "dataset": dataset, "entity": entity})
        };
        let observation = |id: u8, subject: u8, relation: &str, days: [&str; 2]| {
            serde_json::json!({
                "op": "put", "kind": "observation", "id": format!("O-{id}"), "subject": id_of(subject), "relation": relation,
                "attribute": attribute_of((2, 0)), "valid_from": days[0], "valid_to": days[1],
            })
        };
        let mut lines = vec![
            entity(0, &["crime.terror"]),
            entity(1, &[]),
            entity(2, &[]),
            entity(3, &[]),
            entity(6, &[]),
            entity(7, &[]),
            observation(0, 2, "operated", ["2030-01-03", "2030-01-09"]),
            observation(1, 6, "operated", ["2030-01-01", "2030-01-05"]),
            observation(2, 3, "used", ["2030-01-01", "2030-01-04"]),
            observation(3, 7, "used", ["2030-01-05", "2030-01-12"]),
        ];
        for line in &mut lines {
            line["known_at"] = self.now.to_string().into();
        }
        let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        self.bench.journal(&lines.join("\n")).expect("a sound journal");
        self.check();
        self
    }

    fn check(&mut self) {
        let store = &self.bench.store;
        let view = store.ledger().as_of(KnownAt::MAX);
        let standing = essence(view.alerts().expect("the store answers"));
        let (brute, counted) = brute(&view, self.now);
        let by_name: Vec<_> =
            standing.iter().filter(|(pair, ..)| pair.cause.kind == CauseKind::Name).cloned().collect();
        assert_eq!(by_name, brute, "standing alerts, and every pair scored");
        let scratch = from_scratch(&view, self.now, NonZero::<usize>::MIN).expect("the store answers");
        assert_eq!(scratch, standing, "from scratch, and standing");
        let seeds = check_network(&view, &standing);
        let (_, coverage) =
            store.coverage(KnownAt::MAX).expect("the store answers").expect("the store answers");
        let Coverage { controls, examination, ref list_versions, .. } = coverage;
        let list_versions_told = list_versions.clone();
        let expected =
            Coverage { controls, examination, list_versions: list_versions_told, seeds, ..counted };
        assert_eq!(coverage, expected, "coverage");
        self.answered.insert(self.now, hash_of(&standing));
        self.ask_again(store);
        self.check_lists(&coverage.list_versions);
    }

    /// A list's version is another one exactly when other rows are in force in it; equal contents, equal rows.
    fn check_lists(&mut self, told: &BTreeMap<DatasetName, ListVersion>) {
        let ledger = self.bench.store.ledger();
        let (view, head) = (ledger.as_of(KnownAt::MAX), ledger.head().expect("a head").expect("a commit"));
        let lists = view.datasets().expect("datasets").into_iter().filter(|d| d.role == Role::List);
        let mut lists: BTreeMap<_, BTreeSet<RowId>> = lists.map(|d| (d.name, BTreeSet::new())).collect();
        let read = view.entities(None, &mut |version| {
            if let Some(rows) = lists.get_mut(&version.record.dataset) {
                rows.insert(version.row);
            }
            Ok(())
        });
        read.expect("entities");
        assert!(told.keys().eq(lists.keys()), "{told:?}");
        let before = std::mem::take(&mut self.lists);
        for (list, rows) in lists {
            let ListVersion { content, .. } = told[&list];
            let new = ListVersion { commit: head.seq, known_at: head.header.known_at, content };
            let same = before.get(&list).filter(|(before, _)| *before == rows);
            assert_eq!(told[&list], same.map_or(new, |(_, version)| *version), "version of {list}");
            assert_eq!(self.contents.entry(content).or_insert_with(|| rows.clone()), &rows);
            self.lists.insert(list.clone(), (rows, told[&list]));
        }
    }

    fn ask_again(&self, store: &Store) {
        for (known_at, hash) in &self.answered {
            assert_eq!(store.hashes(*known_at).expect("the store answers").state, *hash, "as of {known_at}");
        }
    }

    /// Exported, told at once to a new store, replayed, verified: all come to the same.
    fn finish(self) {
        let store = &self.bench.store;
        let mut other = Bench::with(self.settings.clone());
        let exported = self.bench.export();
        if !exported.is_empty() {
            other.journal(&exported).expect("what was exported is a journal");
        }
        assert_eq!(
            other.store.hashes(KnownAt::MAX).expect("the store answers"),
            store.hashes(KnownAt::MAX).expect("the store answers"),
            "told at once"
        );
        self.ask_again(&other.store);
        let replayed = store.replay(&mut Silent).expect("replay");
        assert!(replayed.agrees(), "{replayed:?}");
        store.ledger().verify().expect("verify");
    }
}

fn spoil(folder: &Path, files: Files) {
    let names = ["store.db.entries.index", "store.db.network", "store.db.subjects.index"];
    let paths = names.map(|name| folder.join(name));
    for path in paths.iter().filter(|path| path.exists()) {
        match files {
            Files::Kept => {}
            Files::Deleted => std::fs::remove_file(path).expect("the store answers"),
            Files::Damaged(at) => {
                let mut bytes = std::fs::read(path).expect("the store answers");
                let at = at % bytes.len();
                bytes[at] ^= 0x41;
                std::fs::write(path, bytes).expect("the store answers");
            }
            Files::OneDeleted => return std::fs::remove_file(path).expect("the store answers"),
        }
    }
}

fn datasets() -> Step {
    let declared = DATASETS.iter().enumerate().map(|(dataset, (_, role))| Act::Dataset {
        dataset: dataset as u8,
        role: ROLES.iter().position(|word| *word == format!("{role:?}").to_lowercase()).expect("a role")
            as u8,
    });
    Step::Batch { parts: vec![declared.collect()], joins: false }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: size(300, 4000) as u32, max_shrink_iters: 4000, ..ProptestConfig::default() })]

    #[test]
    fn the_standing_alerts_are_those_of_the_state_alone(
        steps in prop::collection::vec(step(act()), 1..10),
        rows_worth_saving in prop_oneof![Just(1_u64), Just(6), Just(u64::MAX)],
    ) {
        let trial = Trial::new(rows_worth_saving).take(&datasets());
        steps.iter().fold(trial, Trial::take).finish();
    }

    #[test]
    fn the_network_s_findings_are_those_of_the_state_alone(
        steps in prop::collection::vec(step(act_of_network()), 4..16),
        policy in prop::option::of(draw()),
        rows_worth_saving in prop_oneof![Just(1_u64), Just(u64::MAX)],
    ) {
        let policy = Step::Batch { parts: vec![policy.into_iter().map(Act::Policy).collect()], joins: false };
        let trial = Trial::new(rows_worth_saving).take(&datasets()).take(&policy).told_of_a_chain();
        steps.iter().fold(trial, Trial::take).finish();
    }
}
