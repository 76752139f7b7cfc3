//! The workflow, tried by random people doing random things: whatever they try, and however the reviews are read, what comes out is
//! the same, and nothing is final by one person.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ledger::Ledger;
use lookback_cases::review::{self, Desk, Query, RULES, Review, ReviewPolicies, Rulebook, State};
use model::{
    AccountName, AlertId, Cause, CauseKind, CommitHeader, Coverage, DatasetName, Decision, Deed, Engine,
    EntityId, Finding, Fingerprint, Grounds, Identity, KnownAt, OfficeAct, Op, Outcome, Pair, PersonName,
    Proof, Reason, Record, ReviewRole, Score, Step, SubjectAct, Verdict,
};

/// Runs of the everyday test; the feature `long` takes forty times as many.
const RUNS: u64 = if cfg!(feature = "long") { 6_000 } else { 150 };
const STEPS: usize = 100;
const MINUTE: i64 = 60_000_000;

/// A small generator of its own, so that a seed gives the same run for ever.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound
    }

    fn of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}

/// Accounts: name, person, roles. Two of them are one person.
const ACCOUNTS: [(&str, &str, &[ReviewRole]); 7] = [
    ("root", "p0", &[ReviewRole::Administrator]),
    ("first", "p1", &[ReviewRole::AnalystL1]),
    ("second", "p2", &[ReviewRole::AnalystL2]),
    ("second-too", "p2", &[ReviewRole::Approver]),
    ("senior", "p3", &[ReviewRole::AnalystL2, ReviewRole::Approver]),
    ("reader", "p4", &[ReviewRole::Reader]),
    ("lists", "p5", &[ReviewRole::ListManager]),
];
const SUBJECTS: [&str; 3] = ["P1", "P2", "P3"];
const ENTRIES: [&str; 2] = ["L1", "L2"];

fn id(text: &str) -> EntityId {
    EntityId::new(text).unwrap()
}

fn account(text: &str) -> AccountName {
    AccountName::new(text).unwrap()
}

fn pair(subject: &str, entry: &str) -> Pair {
    let born = KnownAt::from_micros(0);
    Pair {
        subject: Identity { id: id(subject), born },
        dataset: DatasetName::new("travellers").unwrap(),
        cause: Cause {
            kind: CauseKind::Name,
            dataset: DatasetName::new("list").unwrap(),
            entry: Identity { id: id(entry), born },
        },
    }
}

/// A store and what was tried in it.
struct Office {
    ledger: Ledger,
    now: KnownAt,
    decisions: Vec<(KnownAt, Decision)>,
    open: BTreeMap<AlertId, (Pair, u8)>,
}

impl Office {
    fn new(path: &Path) -> Self {
        let mut ledger = Ledger::create(path).unwrap();
        // One transaction for a run: nothing of it has to survive.
        ledger.open_group().unwrap();
        let mut office =
            Self { ledger, now: KnownAt::from_micros(0), decisions: Vec::new(), open: BTreeMap::new() };
        for (name, person, roles) in ACCOUNTS {
            let act = OfficeAct::Account {
                account: account(name),
                person: PersonName::new(person).unwrap(),
                roles: roles.iter().copied().collect(),
                compartments: [].into(),
            };
            office.try_to("root", Deed::Office(act), None);
        }
        office
    }

    fn header(&self) -> CommitHeader {
        let engine = Engine { engine: "test".into(), tables: "test".into() };
        let (actor, purpose) = ("test".to_owned(), "test".to_owned());
        CommitHeader { known_at: self.now, actor, purpose, sources: Vec::new(), engine }
    }

    /// Puts a decision into the ledger, whether or not it could be taken.
    fn try_to(&mut self, by: &str, deed: Deed, note: Option<&str>) -> EntityId {
        self.now = self.now.next();
        let id = id(&format!("D{}", self.decisions.len()));
        let note = note.map(str::to_owned);
        let decision =
            Decision { id: id.clone(), by: account(by), proof: Proof::Asserted, note, bulk: None, deed };
        let mut batch = self.ledger.begin(self.header()).unwrap();
        batch.stage(&Op::Put(Record::Decision(Box::new(decision.clone()))), 1).unwrap();
        batch.finish_decided().unwrap();
        self.decisions.push((self.now, decision));
        id
    }

    /// What screening finds for a pair: evidence of a kind, or nothing.
    fn screen(&mut self, pair: &Pair, evidence: Option<u8>) {
        self.now = self.now.next();
        let alert = evidence.map(|evidence| (Score(900_000), Fingerprint([evidence; 16])));
        let mut batch = self.ledger.begin(self.header()).unwrap();
        batch.resolve().unwrap();
        batch.record_outcomes(&[Outcome { pair: pair.clone(), alert }]).unwrap();
        batch.finish(&Coverage::default()).unwrap();
        match evidence {
            Some(evidence) => drop(self.open.insert(pair.alert_id(), (pair.clone(), evidence))),
            None => drop(self.open.remove(&pair.alert_id())),
        }
    }

    fn rulebook(&self, at: KnownAt) -> Rulebook {
        review::rulebook(&self.ledger.as_of(at), ReviewPolicies::default()).unwrap()
    }

    fn review(&self, alert: AlertId, at: KnownAt) -> Option<Review> {
        review::review_of(&self.ledger.as_of(at), &self.rulebook(at), alert, at).unwrap()
    }
}

fn grounds(random: &mut Random, verdict: Verdict, entry: &str, now: KnownAt) -> Grounds {
    let right = match verdict {
        Verdict::Same => (Reason::DocumentsAgree, Finding::Same),
        Verdict::Different => (Reason::BirthDateDiffers, Finding::Different),
        Verdict::Inconclusive => (Reason::TooLittleKnown, Finding::Unknown),
    };
    let wrong = (*random.of(Reason::ALL), *random.of(&[Finding::Same, Finding::Different, Finding::Unknown]));
    let (reason, finding) = if random.below(6) == 0 { wrong } else { right };
    let days = *random.of(&[1_i64, 30, 200, 365, 5_000]);
    let expires = KnownAt::from_micros(now.micros() + days * 24 * 60 * MINUTE);
    Grounds {
        reason,
        matches: [(id(entry), finding)].into(),
        properties: BTreeMap::new(),
        expires: (random.below(8) > 0).then_some(expires),
    }
}

/// Something that somebody might try on an alert.
fn step_of(random: &mut Random, office: &Office, alert: AlertId, entry: &str) -> Step {
    let later = |minutes: i64| KnownAt::from_micros(office.now.micros() + minutes * MINUTE);
    let of_alert = office.decisions.iter().rev().filter(|(_, decision)| decision.is_on(alert));
    let earlier: Vec<EntityId> = of_alert.map(|(_, decision)| decision.id.clone()).take(3).collect();
    let one = if earlier.is_empty() { id("none") } else { random.of(&earlier).clone() };
    let minutes = *random.of(&[0_i64, 5, 59, 90, 2_000, 60_000]);
    let verdict = *random.of(&[Verdict::Same, Verdict::Different, Verdict::Different, Verdict::Inconclusive]);
    match random.below(20) {
        0 => Step::Queue,
        1 => Step::Claim { until: later(minutes) },
        2 => Step::Release,
        3 => Step::Assign { to: (random.below(2) == 0).then(|| account("first")) },
        4 | 5 => Step::Clear { grounds: grounds(random, Verdict::Different, entry, office.now) },
        6 => {
            Step::Escalate { reason: *random.of(&[Reason::NeedsExpert, Reason::LikelySame, Reason::Redress]) }
        }
        7 => Step::Inconclusive {
            reason: Reason::TooLittleKnown,
            owner: account("second"),
            due: later(minutes),
        },
        8 => Step::RequestInformation { of: "port".into(), question: "which".into(), due: later(minutes) },
        9 => Step::Information { request: one, answered: random.below(2) == 0 },
        10..=12 => Step::Propose { verdict, grounds: grounds(random, verdict, entry, office.now) },
        13..=15 => Step::Confirm { proposal: one },
        16 => Step::Return { proposal: one, reason: Reason::CheckAgain },
        17 => Step::Reopen { reason: *random.of(&[Reason::MistakeFound, Reason::NameDiffers]) },
        18 => match random.below(4) {
            0 => Step::Snooze { until: later(minutes) },
            1 => Step::Comment,
            2 => Step::Due { due: later(minutes) },
            _ => Step::Attach { digest: model::Digest::of(b"x"), name: "x.pdf".into() },
        },
        _ => Step::Undo { decision: one },
    }
}

/// One random thing happens.
fn happen(random: &mut Random, office: &mut Office) {
    let wait = *random.of(&[0_i64, 0, 1, 1, 5, 5, 30, 600, 20_000]);
    let wait = if random.below(60) == 0 { 500_000 } else { wait };
    office.now = KnownAt::from_micros(office.now.micros() + wait * MINUTE);
    let (subject, entry) = (*random.of(&SUBJECTS), *random.of(&ENTRIES));
    let pair = pair(subject, entry);
    match random.below(12) {
        0 | 1 => {
            let evidence = *random.of(&[None, None, Some(1), Some(1), Some(1), Some(2)]);
            office.screen(&pair, evidence);
        }
        2 => {
            let into = id(SUBJECTS[random.below(SUBJECTS.len())]);
            let new_facts = if random.below(2) == 0 { ["birthDate".to_owned()].into() } else { [].into() };
            let deed = Deed::Subject { subject: id(subject), act: SubjectAct::Merge { into, new_facts } };
            office.try_to("second", deed, Some("one person"));
        }
        3 => {
            let merges = office.decisions.iter().filter_map(|(_, decision)| match &decision.deed {
                Deed::Subject { subject, act: SubjectAct::Merge { .. } } => {
                    Some((subject.clone(), decision.id.clone()))
                }
                _ => None,
            });
            let merges: Vec<_> = merges.collect();
            if let Some((subject, merge)) = merges.get(random.below(merges.len() + 1)).cloned() {
                let deed = Deed::Subject { subject, act: SubjectAct::Detach { merge } };
                office.try_to(random.of(&ACCOUNTS).0, deed, None);
            }
        }
        _ => {
            let alert = pair.alert_id();
            let (by, step) = match office.review(alert, office.now).filter(|_| random.below(4) > 0) {
                Some(review) => sensible(random, office, &review, entry),
                None => (random.of(&ACCOUNTS).0, step_of(random, office, alert, entry)),
            };
            let seen = (random.below(12) == 0).then(|| random.below(6) as u32);
            let note = (random.below(12) > 0).then_some("as seen");
            office.try_to(by, Deed::Alert { alert, seen, step }, note);
        }
    }
}

/// Something that the state of a review allows, by somebody who may: most of it counts.
fn sensible(random: &mut Random, office: &Office, review: &Review, entry: &str) -> (&'static str, Step) {
    let rules: Vec<_> = RULES.iter().filter(|rule| rule.from.contains(&review.state())).collect();
    let rule = *random.of(&rules);
    let may =
        |(_, _, roles): &&(&str, &str, &[ReviewRole])| roles.iter().any(|role| rule.roles.contains(role));
    let able: Vec<_> = ACCOUNTS.iter().filter(may).collect();
    let last = office.decisions.iter().rev().find(|(_, decision)| decision.is_on(review.alert));
    let by = match (rule.act, review.lock(), last) {
        ("undo", _, Some((_, last))) => name(&last.by),
        (_, Some(lock), _) if random.below(4) > 0 => name(&lock.by),
        _ => random.of(&able).0,
    };
    let proposal = review.proposal().map(|proposal| proposal.decision.clone());
    let request = review.requests().iter().find(|(_, request)| request.answered.is_none());
    let step = match rule.act {
        "confirm" => proposal.map(|proposal| Step::Confirm { proposal }),
        "return" => proposal.map(|proposal| Step::Return { proposal, reason: Reason::CheckAgain }),
        "information" => {
            request.map(|(request, _)| Step::Information { request: request.clone(), answered: true })
        }
        "reopen" => Some(Step::Reopen { reason: Reason::MistakeFound }),
        "undo" => last.map(|(_, last)| Step::Undo { decision: last.id.clone() }),
        _ => None,
    };
    let mut drawn = || loop {
        let step = step_of(random, office, review.alert, entry);
        if word(&step) == rule.act {
            return step;
        }
    };
    let step = step.unwrap_or_else(&mut drawn);
    (by, step)
}

fn name(account: &AccountName) -> &'static str {
    ACCOUNTS.iter().map(|(name, ..)| *name).find(|name| *name == account.as_str()).unwrap()
}

fn word(step: &Step) -> String {
    serde_json::to_value(step).unwrap()["act"].as_str().unwrap().to_owned()
}

/// What all runs together came by.
#[derive(Default)]
struct Seen {
    acts: BTreeSet<String>,
    states: BTreeSet<State>,
    /// Verdicts taken over from another alert.
    taken_over: u64,
    void: u64,
}

fn check_run(seed: u64, seen: &mut Seen) {
    let folder = tempfile::tempdir().unwrap();
    let mut office = Office::new(&folder.path().join("store"));
    let mut random = Random(seed);
    for subject in SUBJECTS {
        office.screen(&pair(subject, ENTRIES[random.below(2)]), Some(1));
    }
    let mut followed = Desk::default();
    for _ in 0..STEPS {
        happen(&mut random, &mut office);
        followed.catch_up(&office.ledger.as_of(KnownAt::MAX), ReviewPolicies::default()).unwrap();
        if random.below(3) == 0 {
            // The queue is asked in between, also as it will be later.
            let ahead = i64::from(random.below(40) as u32) * 24 * 60 * MINUTE;
            let now = KnownAt::from_micros(office.now.micros() + ahead);
            followed.page(&Query { limit: 2, ..Query::default() }, now);
        }
    }
    let view = office.ledger.as_of(KnownAt::MAX);
    check_flows(seed, &office);
    let mut read = Desk::read(&view, ReviewPolicies::default()).unwrap();
    let rulebook = office.rulebook(KnownAt::MAX);
    let far = KnownAt::from_micros(office.now.micros() + 500 * 24 * 60 * MINUTE);
    for now in [office.now, far] {
        for (by_step, anew) in followed.reviews(now).zip(read.reviews(now)) {
            assert_eq!(by_step, anew, "seed {seed}: followed and read anew");
            let looked_up = review::review_of(&view, &rulebook, anew.alert, now).unwrap();
            assert_eq!(looked_up.as_ref(), Some(&*anew), "seed {seed}: looked up");
        }
    }
    for now in [office.now, far, office.now] {
        for states in [vec![], vec![State::Final, State::Escalated], State::ALL.to_vec()] {
            for (offset, limit) in [(0, 2), (1, 3), (0, 100), (50, 5)] {
                let query = Query { states: states.clone(), offset, limit, ..Query::default() };
                let page = |desk: &mut Desk| serde_json::to_string(&desk.page(&query, now)).unwrap();
                assert_eq!(page(&mut followed), page(&mut read), "seed {seed}: {query:?}");
            }
        }
    }
    for review in read.reviews(office.now) {
        let own = |confirmation: &EntityId| {
            review.stood().iter().any(|stood| stood.verdict.confirmation == *confirmation)
        };
        let verdict = review.disposition().map(|verdict| &verdict.confirmation);
        seen.taken_over += u64::from(verdict.is_some_and(|confirmation| !own(confirmation)));
        seen.states.insert(review.state());
        check_history(seed, &office, &rulebook, review.alert, seen);
    }
}

/// Stocks are what was pending at each end, and they follow from what came and went.
fn check_flows(seed: u64, office: &Office) {
    let view = office.ledger.as_of(KnownAt::MAX);
    let ends: Vec<KnownAt> = (1..=5).map(|n| KnownAt::from_micros(office.now.micros() / 5 * n)).collect();
    let flows = review::flows(&view, ReviewPolicies::default(), &ends).unwrap();
    let mut before = 0;
    for (flow, end) in flows.iter().zip(&ends) {
        let desk = Desk::read(&office.ledger.as_of(*end), ReviewPolicies::default()).unwrap();
        let pending = desk.reviews(*end).filter(|review| review.state().is_pending()).count() as u64;
        assert_eq!(flow.stock, pending, "seed {seed}: at {end}");
        assert_eq!(before + flow.receipts, flow.completions + flow.stock, "seed {seed}");
        before = flow.stock;
    }
}

/// Every decision that counts was in the table for its author and the state before it, and a verdict has two persons.
fn check_history(seed: u64, office: &Office, rulebook: &Rulebook, alert: AlertId, seen: &mut Seen) {
    let view = office.ledger.as_of(KnownAt::MAX);
    let (_, history) = review::history_of(&view, rulebook, alert, office.now).unwrap().unwrap();
    let tried = office.decisions.iter().filter(|(_, decision)| decision.is_on(alert)).count();
    assert_eq!(history.len(), tried, "seed {seed}: no decision is lost");
    for (known, counted) in history {
        let at = known.known_at;
        let before = office.review(alert, at.previous());
        let after = office.review(alert, at);
        let (Some(before), Some(after)) = (before, after) else {
            assert!(counted.is_err(), "seed {seed}: nothing is decided before an alert comes");
            continue;
        };
        if counted.is_err() {
            seen.void += 1;
            assert_eq!(before.steps, after.steps, "seed {seed}: what is void changes nothing");
            continue;
        }
        let Deed::Alert { step, .. } = &known.record.deed else { unreachable!("it is on an alert") };
        let act = word(step);
        let standing = rulebook.accounts.standing(&known.record.by, at).unwrap();
        let row = RULES.iter().find(|rule| {
            rule.act == act
                && rule.from.contains(&before.state())
                && rule.roles.iter().any(|role| standing.roles.contains(role))
        });
        seen.acts.insert(act.clone());
        seen.states.insert(after.state());
        let row = row.unwrap_or_else(|| panic!("seed {seed}: {act} in {:?} is in no rule", before.state()));
        if let Some(to) = row.to {
            assert_eq!(after.state(), to, "seed {seed}: {act}");
        }
        if let Step::Confirm { proposal: of } = step {
            let found = office.decisions.iter().find(|(_, decision)| decision.id == *of);
            let (proposed_at, proposal) = found.unwrap();
            let proposer = rulebook.accounts.standing(&proposal.by, *proposed_at).unwrap();
            assert_ne!(proposer.person, standing.person, "seed {seed}: two persons");
            assert_eq!(after.state(), State::Final, "seed {seed}");
        }
    }
}

// Invariants REVIEW-PURE and FOUR-EYES.
#[test]
fn whatever_people_try_reviews_are_a_function_of_the_ledger_and_final_only_by_two_persons() {
    let mut seen = Seen::default();
    for seed in 0..RUNS {
        check_run(seed, &mut seen);
    }
    // The runs came by everything that they are to show.
    let acts: BTreeSet<String> = RULES.iter().map(|rule| rule.act.to_owned()).collect();
    assert_eq!(seen.acts, acts);
    assert_eq!(seen.states, State::ALL.into());
    assert!(seen.taken_over > 0 && seen.void > 0);
}

/// An alert on `subject` that two persons found to be somebody else.
fn cleared(office: &mut Office, subject: &str) -> AlertId {
    let pair = pair(subject, "L1");
    office.screen(&pair, Some(1));
    let grounds = Grounds {
        reason: Reason::BirthDateDiffers,
        matches: [(id("L1"), Finding::Different)].into(),
        properties: BTreeMap::new(),
        expires: Some(KnownAt::from_micros(office.now.micros() + 100 * 24 * 60 * MINUTE)),
    };
    let alert = pair.alert_id();
    let on = |step| Deed::Alert { alert, seen: None, step };
    let proposal = office.try_to("first", on(Step::Clear { grounds }), Some("another day of birth"));
    office.try_to("senior", on(Step::Confirm { proposal }), None);
    assert_eq!(office.state(alert), State::Final);
    alert
}

fn merge(into: &str, new_facts: &[&str]) -> SubjectAct {
    SubjectAct::Merge { into: id(into), new_facts: new_facts.iter().map(|&fact| fact.to_owned()).collect() }
}

impl Office {
    fn state(&self, alert: AlertId) -> State {
        self.review(alert, self.now).unwrap().state()
    }

    fn decide_on(&mut self, subject: &str, act: SubjectAct) -> EntityId {
        self.try_to("second", Deed::Subject { subject: id(subject), act }, Some("one person"))
    }
}

fn office() -> (tempfile::TempDir, Office) {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::new(&folder.path().join("store"));
    (folder, office)
}

#[test]
fn a_verdict_keeps_the_same_evidence_away_until_it_expires_and_no_other_evidence() {
    let (_folder, mut office) = office();
    let alert = cleared(&mut office, "P1");
    let pair = pair("P1", "L1");
    office.screen(&pair, None);
    assert_eq!(office.state(alert), State::Withdrawn);
    office.screen(&pair, Some(1));
    assert_eq!(office.state(alert), State::Final, "the same evidence");
    office.screen(&pair, Some(2));
    assert_eq!(office.state(alert), State::Reopened, "other evidence");
    office.screen(&pair, None);
    office.screen(&pair, Some(1));
    assert_eq!(office.state(alert), State::Final, "the same evidence again");
    office.now = KnownAt::from_micros(office.now.micros() + 101 * 24 * 60 * MINUTE);
    assert_eq!(office.state(alert), State::Reopened, "its time ran out");
}

#[test]
fn a_verdict_follows_its_subject_to_another_id_but_not_across_new_facts() {
    for (new_facts, expected) in [(&[][..], State::Final), (&["birthDate"][..], State::New)] {
        let (_folder, mut office) = office();
        let alert = cleared(&mut office, "P1");
        office.decide_on("P2", merge("P1", new_facts));
        let kept = if new_facts.is_empty() { State::Final } else { State::Reopened };
        assert_eq!(office.state(alert), kept, "{new_facts:?}");
        let other = pair("P2", "L1");
        office.screen(&other, Some(1));
        assert_eq!(office.state(other.alert_id()), expected, "{new_facts:?}");
    }
}

#[test]
fn what_a_verdict_kept_away_comes_back_when_it_is_taken_back() {
    let (_folder, mut office) = office();
    let alert = cleared(&mut office, "P1");
    office.decide_on("P2", merge("P1", &[]));
    let other = pair("P2", "L1");
    office.screen(&other, Some(1));
    assert_eq!(office.state(other.alert_id()), State::Final);
    let reopen = Deed::Alert { alert, seen: None, step: Step::Reopen { reason: Reason::MistakeFound } };
    office.try_to("second", reopen, Some("it was a slip"));
    assert_eq!(office.state(alert), State::Reopened);
    assert_eq!(office.state(other.alert_id()), State::Reopened);
}

#[test]
fn a_merge_that_was_taken_back_keeps_nothing_away() {
    let (_folder, mut office) = office();
    cleared(&mut office, "P1");
    let merged = office.decide_on("P2", merge("P1", &[]));
    office.decide_on("P2", SubjectAct::Detach { merge: merged });
    let other = pair("P2", "L1");
    office.screen(&other, Some(1));
    assert_eq!(office.state(other.alert_id()), State::New);
}
