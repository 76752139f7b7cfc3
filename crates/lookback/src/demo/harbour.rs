//! The Harbour story as a store to work in: the invented border and list, and an office that reviewed some of it in its time.
//!
//! In: an empty path, how many people, a seed. Out: a store with accounts, verdicts, a held version of the list and a request for redress,
//! and where to begin. Always holds: the office acts through the façade as anybody does, under accounts whose roles allow it; each act is
//! known at the time that the story gives it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use invented::{Group, HarbourStep, LIST, harbour as tell};
use model::{
    AccountName, AlertId, CauseKind, DatasetName, EntityId, Finding, Grounds, KnownAt, PersonName, Proof,
    Reason, ReviewRole, Step, SubjectAct, Verdict,
};
use sources::{File, Format};

use super::{Demo, journal_lines};
use crate::ingest::deliveries;
use crate::review::{Draft, Query, Row, State};
use crate::store::Ending;
use crate::{Error, IngestOptions, IngestReport, Mode, Progress, Settings, Silent, Store};

/// Somebody of the demonstration's office.
#[derive(Debug, Clone, Copy)]
pub struct Colleague {
    /// The account.
    pub account: &'static str,
    /// The number of the person.
    pub person: &'static str,
    /// What they may do.
    pub roles: &'static [ReviewRole],
    /// The same in a few words.
    pub does: &'static str,
}

/// The demonstration's office.
pub const OFFICE: [Colleague; 5] = [
    Colleague {
        account: AMON,
        person: "p-1",
        roles: &[ReviewRole::AnalystL1, ReviewRole::AnalystL2],
        does: "looks at alerts and proposes verdicts",
    },
    Colleague {
        account: BRANDT,
        person: "p-2",
        roles: &[ReviewRole::Approver, ReviewRole::ListManager],
        does: "confirms them, and looks after lists",
    },
    Colleague {
        account: "celik",
        person: "p-5",
        roles: &[ReviewRole::Approver],
        does: "decides who is put right",
    },
    Colleague { account: "dorn", person: "p-3", roles: &[ReviewRole::Auditor], does: "reads the audit" },
    Colleague { account: ROOT, person: "p-4", roles: &[ReviewRole::Administrator], does: "opens accounts" },
];

const AMON: &str = "amon";
const BRANDT: &str = "brandt";
const ROOT: &str = "root";

/// Something that the office did, when, and how.
struct Act {
    clock: fn() -> KnownAt,
    by: &'static str,
    what: fn(&mut Store) -> Result<(), Error>,
}

/// What the office did, in order. Each is done before the first batch of the story that became known after it.
const ACTS: [Act; 9] = [
    Act { clock: || at("2028-06-25T08:00:00Z"), by: ROOT, what: open_the_office },
    Act { clock: || at("2030-03-04T09:00:00Z"), by: AMON, what: judge_the_names },
    Act { clock: || at("2030-03-05T09:00:00Z"), by: BRANDT, what: confirm_all },
    Act { clock: || at("2030-09-12T09:00:00Z"), by: AMON, what: propose_the_first_house },
    Act { clock: || at("2030-09-16T09:00:00Z"), by: BRANDT, what: confirm_all },
    Act { clock: || at("2031-07-08T09:00:00Z"), by: AMON, what: propose_the_rest },
    Act { clock: || at("2031-07-10T09:00:00Z"), by: BRANDT, what: confirm_all },
    Act { clock: || at("2031-12-02T09:00:00Z"), by: BRANDT, what: note_the_runs },
    Act { clock: || at("2031-12-02T10:00:00Z"), by: AMON, what: leave_work_on_the_desk },
];

/// When the last version of the list is delivered.
const LAST_DELIVERY: fn() -> KnownAt = || at("2031-12-02T08:00:00Z");

/// Makes the store and says whom to begin with: somebody whose alert waits.
pub fn harbour(
    path: &Path,
    settings: Settings,
    demo: Demo,
    progress: &mut dyn Progress,
) -> Result<EntityId, Error> {
    let story = tell(demo.seed, demo.people);
    let mut store = Store::create(path, settings)?;
    let mut acts = ACTS.iter().peekable();
    for step in &story.steps {
        let known_at = at(&step.known_at);
        while let Some(act) = acts.next_if(|act| (act.clock)() < known_at) {
            store.perform(act)?;
        }
        store.take_step(step, progress)?;
    }
    store.settings.clock = LAST_DELIVERY;
    store.set_aside(path, &story.last_delivery)?;
    acts.try_for_each(|act| store.perform(act))?;
    store.save_indexes()?;
    let waiting = Query { kind: Some(CauseKind::Network), limit: usize::MAX, ..Query::default() };
    let crew = story.truth.of(Group::Crew);
    let rows = store.queue(&waiting, None)?.rows.into_iter();
    let untouched = |state| matches!(state, State::New | State::Queued | State::Reopened);
    rows.filter(|row| untouched(row.state) && crew.contains(row.subject.as_str()))
        .map(|row| row.subject)
        .next()
        .ok_or_else(|| Error::NotFound("the story ends with nobody to look at".into()))
}

fn at(text: &str) -> KnownAt {
    KnownAt::parse(text).expect("the story's times are RFC 3339")
}

impl Store {
    fn take_step(&mut self, step: &HarbourStep, progress: &mut dyn Progress) -> Result<(), Error> {
        let file = File::from_bytes(
            &format!("{}.jsonl", &step.known_at[..10]),
            journal_lines(&step.known_at, &step.lines),
        );
        let options = IngestOptions { format: Some(Format::Journal), ..IngestOptions::default() };
        let mut report = IngestReport::default();
        for delivery in deliveries(vec![file], &options)? {
            self.take(&delivery, Ending::Commit, progress, &mut report)?;
        }
        Ok(())
    }

    fn perform(&mut self, act: &Act) -> Result<(), Error> {
        self.settings.clock = act.clock;
        self.act_as(act.by, Proof::Asserted);
        (act.what)(self)
    }

    /// Delivers the last version of the list, which is held for what is missing from it.
    fn set_aside(&mut self, store: &Path, entities: &[serde_json::Value]) -> Result<(), Error> {
        let mut text = String::new();
        for entity in entities {
            writeln!(text, "{entity}").expect("writing to a string");
        }
        let file = store.with_extension(format!("{LIST}.ftm.json"));
        let failed = |error| Error::Io(format!("writing {}", file.display()), error);
        std::fs::write(&file, text).map_err(failed)?;
        let options = IngestOptions {
            dataset: DatasetName::new(LIST),
            format: Some(Format::Ftm),
            mode: Some(Mode::Full),
            ..IngestOptions::default()
        };
        self.act_as(BRANDT, Proof::Asserted);
        let ended = self.ingest(std::slice::from_ref(&file), &options, &mut Silent);
        std::fs::remove_file(&file).map_err(failed)?;
        match ended {
            Err(Error::Held { .. }) => Ok(()),
            Err(error) => Err(error),
            Ok(_) => Err(Error::Usage("the last version of the list should have been held".into())),
        }
    }

    fn waiting(&mut self, kind: CauseKind) -> Result<Vec<Row>, Error> {
        Ok(self.queue(&Query { kind: Some(kind), limit: usize::MAX, ..Query::default() }, None)?.rows)
    }
}

fn open_the_office(store: &mut Store) -> Result<(), Error> {
    // The first account of a store is an administrator's, who opens the others.
    for colleague in OFFICE.iter().rev() {
        let account = AccountName::new(colleague.account).expect("a short word");
        let person = PersonName::new(colleague.person).expect("a short word");
        let roles = colleague.roles.iter().copied().collect();
        store.open_account(account, person, roles, BTreeSet::new())?;
    }
    Ok(())
}

const SAME: (Verdict, Finding) = (Verdict::Same, Finding::Same);
const DIFFERENT: (Verdict, Finding) = (Verdict::Different, Finding::Different);
const UNKNOWN: (Verdict, Finding) = (Verdict::Inconclusive, Finding::Unknown);

fn judge_the_names(store: &mut Store) -> Result<(), Error> {
    let rows = store.waiting(CauseKind::Name)?;
    for (number, row) in rows.iter().enumerate() {
        let (verdict, reason, note) = match number % 3 {
            0 => (SAME, Reason::IdentityAgrees, "name and birth date agree"),
            1 => (DIFFERENT, Reason::OnlyNameAgrees, "the photograph shows somebody else"),
            _ => (UNKNOWN, Reason::TooLittleKnown, "the record says too little"),
        };
        propose(store, row.alert, verdict, reason, note)?;
    }
    Ok(())
}

/// A verdict on one alert, with the same finding for each of its matches.
fn propose(
    store: &mut Store,
    alert: AlertId,
    (verdict, finding): (Verdict, Finding),
    reason: Reason,
    note: &str,
) -> Result<(), Error> {
    let matches = store.review(alert, None)?.matches.into_iter().map(|one| (one, finding)).collect();
    let grounds = Grounds { reason, matches, properties: BTreeMap::new(), expires: None };
    let step = Step::Propose { verdict, grounds };
    store.decide_one(Draft::on(alert, step, Some(note.to_owned()))).map(|_| ())
}

/// A second person confirms whatever waits for one.
fn confirm_all(store: &mut Store) -> Result<(), Error> {
    let waiting = Query { states: vec![State::SecondPerson], limit: usize::MAX, ..Query::default() };
    let mut drafts = Vec::new();
    for row in store.queue(&waiting, None)?.rows {
        if let Some(proposal) = store.review(row.alert, None)?.proposal {
            drafts.push(Draft::on(row.alert, Step::Confirm { proposal: proposal.decision }, None));
        }
    }
    store.decide(drafts).map(|_| ())
}

fn propose_the_first_house(store: &mut Store) -> Result<(), Error> {
    let selection =
        store.bulk_select(&Query { kind: Some(CauseKind::Network), ..Query::default() })?.selection;
    let note = "found in the field; telephone and house are as reported";
    store.bulk_propose(&selection, Verdict::Same, Reason::LinkHolds, note).map(|_| ())
}

fn propose_the_rest(store: &mut Store) -> Result<(), Error> {
    let selection =
        store.bulk_select(&Query { kind: Some(CauseKind::Network), ..Query::default() })?.selection;
    // The last ones of the queue stay undecided.
    let most = &selection[..selection.len() * 9 / 10];
    let note = "each was looked at; the links are as reported";
    store.bulk_propose(most, Verdict::Same, Reason::LinkHolds, note).map(|_| ())
}

/// A proposal that waits, one at work, one for the second line, and somebody who asks to be put right.
fn leave_work_on_the_desk(store: &mut Store) -> Result<(), Error> {
    let rows = store.waiting(CauseKind::Network)?;
    let [waits, at_work, unclear, wronged, ..] = rows.as_slice() else { return Ok(()) };
    propose(store, waits.alert, SAME, Reason::LinkHolds, "both links hold")?;
    let until = at("2031-12-02T10:45:00Z");
    store.decide_one(Draft::on(at_work.alert, Step::Claim { until }, None))?;
    let owner = AccountName::new(AMON).expect("a short word");
    let due = at("2031-12-16T09:00:00Z");
    let step = Step::Inconclusive { reason: Reason::SourcesContradict, owner, due };
    store.decide_one(Draft::on(unclear.alert, step, Some("two reports disagree on the house".into())))?;
    let act = SubjectAct::RequestRedress {
        ground: "says that the booking was somebody else's".into(),
        evidence: None,
    };
    store.decide_subject(&wronged.subject, act, "by letter").map(|_| ())
}

/// Says of the commits that moved most what they were for.
fn note_the_runs(store: &mut Store) -> Result<(), Error> {
    let notes = [
        ("2031-04-18", "a source retracted its report about a shelter", "everybody linked by it"),
        ("2031-05-30", "an alias of F3 was learned", "everybody who was ever let through"),
        ("2031-11-24", "an appeal put the crew back on the register", "everybody linked by the crew"),
    ];
    for (day, trigger, scope) in notes {
        let commits = store.ledger.commits()?;
        let commit = commits.iter().find(|commit| commit.header.known_at.day() == day);
        let seq = commit
            .map(|commit| commit.seq)
            .ok_or_else(|| Error::NotFound(format!("nothing was learned on {day}")))?;
        store.note_run(seq, trigger, Some(scope))?;
    }
    Ok(())
}
