//! Invariant(TWO-TIMES): what is asked of the network as of a time is answered as it was then. Paths and neighbours are held against a
//! network that the test makes by itself of the records in force, with numbers of its own; and every step of a path is taken.
//!
//! Random journals over few people and attributes, so that hubs, generic attributes, corrections and people who are withdrawn are
//! frequent. The seed of a failure is told.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use invented::Random;
use ledger::View;
use lookback::model::{EntityId, KnownAt, PartialDate, Record, RecordKind, Relation as Role, Text};
use lookback::network::{
    Aim, Captions, Direction, DrawingFormat, NetworkAsOf, PathAnswer, PathQuestion, PathStep, Period,
    Surroundings,
};
use lookback::{Error, Policy, Settings};
use network::reach::Bounds;
use network::{
    AttributeId, Columns, Day, Generic, Interval, KindId, Network, Observation, ObservationId, Percent,
    PersonId, Relation,
};
use support::{Bench, settings, size};

const PEOPLE: u64 = 9;
const KINDS: [&str; 2] = ["phone", "address"];
const VALUES: u32 = 6;

/// With five people on it an attribute is a hub.
const POLICY: &str = r#"
[network.co_travel]
journeys = []
[[network.kind]]
kind = "phone"
family = "phone"
weight = 0.6
usual = 2
cap = 4
[[network.kind]]
kind = "address"
family = "address"
weight = 0.4
usual = 2
cap = 4
[[network.property]]
property = "phone"
kind = "phone"
"#;

fn id(text: &str) -> EntityId {
    EntityId::new(text).expect("a sound id")
}

fn time(day: u64) -> KnownAt {
    KnownAt::parse(&format!("2031-01-{day:02}")).expect("a day")
}

fn date(text: &str) -> PartialDate {
    text.parse().expect("a date")
}

fn some_date(random: &mut Random) -> Option<PartialDate> {
    let day = random.below(14);
    (day < 12).then(|| date(&format!("2030-03-{:02}", day + 1)))
}

fn interval(from: Option<PartialDate>, to: Option<PartialDate>) -> Option<Interval> {
    let first = from.map(|date| Day(date.days_since_1970()));
    Interval::new(first, to.map(|date| Day(date.last_day().days_since_1970())))
}

fn number(kind: &str, value: &str) -> AttributeId {
    let kind = KINDS.iter().position(|known| *known == kind).expect("a kind of the policy") as u32;
    AttributeId(kind * VALUES + value.parse::<u32>().expect("a number"))
}

/// Random lines of a journal, by key: a batch holds one line of a key.
struct Lines<'a> {
    random: &'a mut Random,
    known_at: KnownAt,
    by_key: BTreeMap<String, String>,
}

impl Lines<'_> {
    fn add(&mut self) {
        let person = format!("P{}", self.random.below(PEOPLE));
        match self.random.below(12) {
            0 => self.delete("entity", &person),
            1 => {
                let id = self.observation_id();
                self.delete("observation", &id);
            }
            2 => self.declare(),
            3 | 4 => self.state(&person),
            _ => self.observe(&person),
        }
    }

    fn put(&mut self, key: String, mut line: serde_json::Value) {
        line["known_at"] = serde_json::json!(self.known_at);
        self.by_key.insert(key, line.to_string());
    }

    fn observation_id(&mut self) -> String {
        format!("O{}", self.random.below(40))
    }

    fn attribute(&mut self) -> serde_json::Value {
        let value = self.random.below(u64::from(VALUES)).to_string();
        serde_json::json!({ "kind": self.random.choose(&KINDS), "value": value })
    }

    fn delete(&mut self, kind: &str, id: &str) {
        self.put(id.to_owned(), serde_json::json!({ "op": "delete", "kind": kind, "id": id }));
    }

    fn declare(&mut self) {
        let (op, attribute) = (*self.random.choose(&["put", "delete"]), self.attribute());
        let key = attribute.to_string();
        self.put(key, serde_json::json!({ "op": op, "kind": "generic", "attribute": attribute }));
    }

    fn state(&mut self, person: &str) {
        let mut properties = serde_json::json!({ "name": [format!("Ilka Sarkh {person}")] });
        if self.random.chance(300) {
            properties["phone"] = serde_json::json!([self.random.below(6).to_string()]);
        }
        let entity = serde_json::json!({ "id": person, "schema": "Person", "properties": properties });
        let line =
            serde_json::json!({ "op": "put", "kind": "entity", "dataset": "people", "entity": entity });
        self.put(person.to_owned(), line);
    }

    fn observe(&mut self, subject: &str) {
        let id = self.observation_id();
        let (from, to) = (some_date(self.random), some_date(self.random));
        let relation = *self.random.choose(&["used", "used", "operated"]);
        let line = serde_json::json!({
            "op": "put", "kind": "observation", "id": id, "subject": subject, "relation": relation,
            "attribute": self.attribute(), "valid_from": from, "valid_to": to, "source": "report 7", "grade": "B2",
        });
        self.put(id, line);
    }
}

/// A store that learns something on each of six days; it is shown after each.
fn tell(random: &mut Random, mut each: impl FnMut(&mut Random, &Bench, KnownAt)) -> Bench {
    // Some stores have the network in memory, some in its file, some in a file that has to be caught up with.
    let rows_worth_saving = *random.choose(&[1, 30, 60, u64::MAX]);
    let mut bench = Bench::with(Settings { rows_worth_saving, ..settings() });
    bench.store.adopt_policy(POLICY).expect("a sound policy");
    for day in 1..=6 {
        let mut lines = Lines { random, known_at: time(day), by_key: BTreeMap::new() };
        if day == 1 {
            let dataset =
                serde_json::json!({ "op": "put", "kind": "dataset", "name": "people", "role": "population" });
            lines.put("people".to_owned(), dataset);
            lines.put("T".to_owned(), serde_json::json!({
                "op": "put", "kind": "entity", "dataset": "people",
                "entity": { "id": "T", "schema": "Organization", "properties": { "topics": ["crime.terror"] } },
            }));
            (0..PEOPLE).for_each(|n| lines.state(&format!("P{n}")));
        }
        (0..lines.random.between(8, 40)).for_each(|_| lines.add());
        let journal: String = lines.by_key.into_values().map(|line| line + "\n").collect();
        bench.journal(&journal).expect("a sound journal");
        each(random, &bench, time(day));
    }
    bench
}

/// What the ledger has in force, put together in the plainest way, and a network of it.
struct Own {
    network: Network,
    people: Vec<EntityId>,
    /// By id, or the id of whoever states it and the value.
    observed: BTreeMap<(String, AttributeId), Observation>,
}

impl Own {
    fn of(view: &View<'_>) -> Self {
        let (mut people, mut stated) = (BTreeSet::new(), BTreeSet::new());
        let read = view.entities(None, &mut |version| {
            let entity = version.record.entity;
            stated.extend(
                entity.values("phone").iter().map(|value| (entity.id.clone(), number("phone", value))),
            );
            people.insert(entity.id);
            Ok(())
        });
        read.expect("the store answers");
        let people = people.into_iter().collect();
        let mut own = Self { network: network_of(Vec::new(), &[]), people, observed: BTreeMap::new() };
        for (subject, attribute) in stated {
            own.observe(&subject, &subject, attribute, Relation::Stated, Some(Interval::ALWAYS));
        }
        let read = view.records(RecordKind::Observation, &mut |_, record| {
            let Record::Observation(record) = record else { return Ok(()) };
            let [from, to] = [&record.valid_from, &record.valid_to].map(|day| day.as_ref().map(Text::value));
            let relation = match record.relation {
                Role::Used => Relation::Used,
                Role::Operated => Relation::Operated,
            };
            let attribute = number(&record.attribute.kind, &record.attribute.value);
            own.observe(&record.id, &record.subject, attribute, relation, interval(from, to));
            Ok(())
        });
        read.expect("the store answers");
        own.network = network_of(own.observed.values().copied().collect(), &generic(view));
        own
    }

    /// Takes what is of somebody in force and ends no earlier than it begins.
    fn observe(
        &mut self,
        id: &EntityId,
        subject: &EntityId,
        attribute: AttributeId,
        relation: Relation,
        interval: Option<Interval>,
    ) {
        let (Some(person), Some(interval)) = (self.person(subject), interval) else { return };
        let (number, confidence) = (ObservationId(self.observed.len() as u32), Percent::FULL);
        let observation =
            Observation { id: number, person, attribute, relation, interval, confidence, source: None };
        self.observed.insert((id.to_string(), attribute), observation);
    }

    fn person(&self, id: &EntityId) -> Option<PersonId> {
        self.people.binary_search(id).ok().map(|n| PersonId(n as u32))
    }

    /// A path is as long and arrives when one of the network made here does, and can be walked.
    fn check(&self, question: &PathQuestion, answer: &PathAnswer) {
        let bounds = bounds_of(question);
        let [from, to] = [&question.from, &question.to].map(|id| self.person(id).expect("in force"));
        let expected = self.network.path(from, to, question.aim, &bounds).map(|path| path.legs);
        assert_eq!(answer.steps.as_ref().map(Vec::len), expected.as_ref().map(Vec::len), "{question:?}");
        let (Some(steps), Some(expected)) = (&answer.steps, expected) else { return };
        let arrival = steps.last().and_then(|step| step.day).map(|day| Day(day.days_since_1970()));
        assert_eq!(arrival, expected.last().and_then(|leg| leg.day), "{question:?}");
        let mut walk = Walk { at: &question.from, arrival: None, until: None };
        for step in steps {
            self.take(&mut walk, step, &bounds);
        }
        assert_eq!(walk.at, &question.to);
    }

    /// Takes a step, if it can be taken.
    fn take<'a>(&self, walk: &mut Walk<'a>, step: &'a PathStep, bounds: &Bounds) {
        assert_eq!(walk.at, &step.from.id);
        let attribute = number(&step.attribute.kind, &step.attribute.value);
        let sides = step.observations.each_ref();
        let sides = sides.map(|observation| self.observed[&(observation.id.clone(), attribute)]);
        let whose = [&step.from.id, &step.to.id].map(|id| self.person(id).expect("in force"));
        assert_eq!(sides.map(|side| side.person), whose);
        assert_eq!(step.gap_days, sides[0].interval.gap(sides[1].interval));
        assert_eq!(self.network.generic(attribute), Generic::No);
        let operated = sides.iter().any(|side| side.relation == Relation::Operated);
        assert!(operated || self.network.degree(attribute) <= 4, "over a hub");
        for side in sides {
            walk.go(side.interval, bounds);
        }
        assert_eq!(walk.arrival.map(|day| walk_day(day, bounds)), step.day.map(PartialDate::days_since_1970));
        walk.at = &step.to.id;
    }

    /// To whom each attribute leads, and how far apart, as the network made here has it.
    fn neighbours(&self, id: &EntityId, period: Period) -> BTreeSet<(AttributeId, String, u32)> {
        let days = interval(period.from(), period.to()).expect("a sound period");
        let kinds = self.network.neighbours(self.person(id).expect("in force"), days);
        let shared = kinds.iter().flat_map(|of_kind| &of_kind.attributes);
        let told =
            shared.flat_map(|shared| shared.neighbours.iter().map(move |other| (shared.attribute, other)));
        let name = |person: PersonId| self.people[person.0 as usize].to_string();
        told.map(|(attribute, other)| (attribute, name(other.person), other.gap_days)).collect()
    }
}

/// Somebody on their way; days count in the direction of time, and none is any.
struct Walk<'a> {
    at: &'a EntityId,
    arrival: Option<i32>,
    until: Option<i32>,
}

impl Walk<'_> {
    fn go(&mut self, interval: Interval, bounds: &Bounds) {
        let days = interval.overlap(bounds.period).expect("in the period");
        let [first, last] = match bounds.direction {
            Direction::Forward => [days.first(), days.last()],
            Direction::Backward => [days.last(), days.first()],
        };
        let [first, last] = [first, last].map(|day| day.map(|day| walk_day(day.0, bounds)));
        if let (Some(arrival), Some(last)) = (self.arrival, last) {
            assert!(arrival <= last, "it had ended");
        }
        if let (Some(until), Some(first), Some(most)) = (self.until, first, bounds.wait_days_max) {
            assert!(i64::from(first) - i64::from(until) <= i64::from(most), "too long a wait");
        }
        self.arrival = self.arrival.max(first);
        self.until = last;
    }
}

/// A day counted in the direction of time, and back again.
fn walk_day(day: i32, bounds: &Bounds) -> i32 {
    if bounds.direction == Direction::Forward { day } else { -day }
}

fn generic(view: &View<'_>) -> Vec<AttributeId> {
    let mut generic = Vec::new();
    let read = view.records(RecordKind::Generic, &mut |_, record| {
        if let Record::Generic(declared) = record {
            generic.push(number(&declared.attribute.kind, &declared.attribute.value));
        }
        Ok(())
    });
    read.expect("the store answers");
    generic
}

fn network_of(observations: Vec<Observation>, generic: &[AttributeId]) -> Network {
    let kinds: Vec<KindId> = (0..2 * VALUES).map(|n| KindId((n / VALUES) as u8)).collect();
    let rules = Policy::parse(POLICY).expect("a sound policy").network.rules();
    let columns = Columns { kinds: &kinds, observations, seeds: &[], generic, closed: &[] };
    Network::build(rules, columns).expect("nothing to refuse")
}

fn bounds_of(question: &PathQuestion) -> Bounds {
    let PathQuestion { direction, period, max_gap_days, steps_max, .. } = *question;
    let period = interval(period.from(), period.to()).expect("a sound period");
    Bounds { direction, period, wait_days_max: max_gap_days, steps_max }
}

fn some_question(random: &mut Random) -> PathQuestion {
    let from = random.below(PEOPLE);
    let to = (from + random.between(1, PEOPLE - 1)) % PEOPLE;
    PathQuestion {
        from: id(&format!("P{from}")),
        to: id(&format!("P{to}")),
        aim: *random.choose(&[Aim::FewestSteps, Aim::EarliestArrival]),
        direction: *random.choose(&[Direction::Forward, Direction::Backward]),
        period: some_period(random),
        max_gap_days: *random.choose(&[None, None, Some(0), Some(2)]),
        steps_max: random.between(1, 6) as u32,
    }
}

fn some_period(random: &mut Random) -> Period {
    match random.below(4) {
        0 => Period::of(date("2030-03-05")),
        1 => Period::new(Some(date("2030-03-03")), Some(date("2030-03-09"))).expect("in order"),
        _ => Period::ALWAYS,
    }
}

fn ask<T>(
    bench: &Bench,
    known_at: KnownAt,
    question: impl FnOnce(&NetworkAsOf<'_>) -> Result<T, Error>,
) -> T {
    bench.store.network(known_at, Captions::Omitted, question).expect("an answer")
}

fn in_force(bench: &Bench, known_at: KnownAt, id: &EntityId) -> bool {
    bench.store.ledger().as_of(known_at).entity(id).expect("the store answers").is_some()
}

#[test]
fn paths_and_neighbours_are_those_of_a_network_of_the_records_in_force() {
    let (mut found, mut long) = (0, 0);
    for seed in 0..size(60, 3_000) as u64 {
        println!("seed {seed}");
        tell(&mut Random::new(seed), |random, bench, now| {
            let own = Own::of(&bench.store.ledger().as_of(now));
            ask(bench, now, |network| {
                for question in (0..20).map(|_| some_question(random)) {
                    if [&question.from, &question.to].iter().all(|id| own.person(id).is_some()) {
                        let answer = network.path(&question)?;
                        own.check(&question, &answer);
                        let steps = answer.steps.map_or(0, |steps| steps.len());
                        found += usize::from(steps > 0);
                        long += usize::from(steps > 1);
                    }
                }
                let period = some_period(random);
                for id in &own.people {
                    let kinds = network.neighbours(id, period)?.kinds;
                    let told = kinds
                        .iter()
                        .flat_map(|kind| kind.attributes.iter().map(move |shared| (kind, shared)));
                    let told = told.flat_map(|(kind, shared)| {
                        let attribute = number(&kind.kind, &shared.value);
                        shared.neighbours.iter().map(move |n| (attribute, n.party.id.to_string(), n.gap_days))
                    });
                    assert_eq!(told.collect::<BTreeSet<_>>(), own.neighbours(id, period), "{id}");
                }
                Ok(())
            });
        });
    }
    assert!(found > 500 && long > 200, "{found} paths, {long} of several steps");
}

/// Everything that can be asked of a time, as texts.
fn everything(bench: &Bench, known_at: KnownAt, questions: &[PathQuestion]) -> Vec<String> {
    let answer = |network: &NetworkAsOf<'_>| {
        let mut told = Vec::new();
        for question in questions {
            if [&question.from, &question.to].iter().all(|id| in_force(bench, known_at, id)) {
                let around = Surroundings { of: question.to.clone(), steps: question.steps_max };
                told.push(format!("{:?}", network.path(question)?));
                told.push(format!("{:?}", network.neighbours(&question.from, question.period)?));
                told.push(format!("{:?}", network.drawing(Some(&around), question.period)?));
            }
        }
        let drawing = network.drawing(None, Period::ALWAYS)?;
        for format in [DrawingFormat::Gexf, DrawingFormat::Graphml, DrawingFormat::Csv] {
            let mut file = Vec::new();
            drawing.write(format, &mut file).expect("memory takes everything");
            told.push(String::from_utf8(file).expect("UTF-8"));
        }
        Ok(told)
    };
    ask(bench, known_at, answer)
}

#[test]
fn an_answer_as_of_a_time_stays_whatever_is_learned_later() {
    for seed in 0..size(25, 500) as u64 {
        println!("seed {seed}");
        let mut told = Vec::new();
        let bench = tell(&mut Random::new(seed), |random, bench, now| {
            let questions: Vec<PathQuestion> = (0..6).map(|_| some_question(random)).collect();
            told.push((now, everything(bench, now, &questions), questions));
        });
        for (then, answers, questions) in &told {
            assert_eq!(everything(&bench, *then, questions), *answers, "as of {then}");
        }
    }
}
