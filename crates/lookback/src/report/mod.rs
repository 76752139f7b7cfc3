//! The report of a known time, and the ids behind every number of it.
//!
//! In: a known time, the name of a number. Out: the report as data, or a list of ids. Always holds: both come from one state of the store,
//! also while another process writes, and from the same lists, so that a number is as long as what is listed behind it (`COUNTED`).
//! Nothing of it depends on the clock: left to itself, a report is as of the last commit.

mod coverage;
mod disparity;
mod learned;
mod provenance;
mod reviews;
mod standing;

use cases::report::{Heading, Listed, Lists, Report, Section};
use cases::review::{Desk, Refusal};
use ledger::{Known, Ledger, View};
use model::{AlertChange, Decision, KnownAt};
use screening::Policy;

use crate::review::policies;
use crate::{Error, Store};

/// What the sections are gathered from: one state of the store as of a time.
struct Sources<'a> {
    store: &'a Store,
    ledger: &'a Ledger,
    view: View<'a>,
    known_at: KnownAt,
    /// That time as commands take it.
    as_of: String,
    policy: Policy,
}

impl Store {
    /// The report of a known time; of [`KnownAt::MAX`], of the last commit's.
    pub fn report(&self, known_at: KnownAt) -> Result<Report, Error> {
        self.ledger.snapshot(|ledger| {
            let sources = Sources::new(self, ledger, known_at)?;
            let head =
                sources.view.last_commit()?.map(|(commit, _)| format!("{}:{}", commit.seq, commit.hash));
            let heading = Heading {
                known_at: sources.known_at,
                as_of: sources.as_of.clone(),
                query: sources.asked("lookback report"),
                by: self.settings.actor.clone(),
                purpose: self.settings.purpose.clone(),
                head,
            };
            let reviewed = reviews::Reviewed::followed(&sources)?;
            let sections = vec![
                provenance::summary(&sources, &reviewed)?,
                learned::section(&sources)?,
                standing::figures(&sources)?,
                standing::statuses(&sources)?,
                standing::times(&sources, &reviewed)?,
                coverage::controls(&sources)?,
                coverage::section(&sources)?,
                reviews::section(&sources, &reviewed),
                reviews::order(&sources, &reviewed),
                disparity::section(&sources, &reviewed)?,
                provenance::claims(&sources)?,
                provenance::limits(&sources)?,
                provenance::reproduce(&sources)?,
            ];
            Ok(Report::new(heading, sections))
        })
    }

    /// The ids behind a number of the report of a known time, by the number's name.
    pub fn report_behind(&self, name: &str, known_at: KnownAt) -> Result<Vec<Listed>, Error> {
        self.ledger.snapshot(|ledger| Sources::new(self, ledger, known_at)?.behind(name))
    }
}

impl<'a> Sources<'a> {
    fn new(store: &'a Store, ledger: &'a Ledger, known_at: KnownAt) -> Result<Self, Error> {
        let known_at = match ledger.head()? {
            Some(head) if known_at == KnownAt::MAX => head.header.known_at,
            _ => known_at,
        };
        let as_of = as_command(known_at);
        let policy = store.policy(known_at)?;
        Ok(Self { store, ledger, view: ledger.as_of(known_at), known_at, as_of, policy })
    }

    /// A command as of the time; an empty store has none.
    fn asked(&self, command: &str) -> String {
        if self.known_at == KnownAt::MAX {
            command.to_owned()
        } else {
            format!("{command} --known-at {}", self.as_of)
        }
    }

    /// The command that lists the ids behind a number.
    fn explain(&self, name: &str) -> String {
        format!("{} --explain {}", self.asked("lookback report"), quoted(name))
    }

    /// The command that lists whom a figure counts.
    fn explain_figure(&self, name: &str) -> String {
        format!("{} --explain {name}", self.asked("lookback figures"))
    }

    /// Alert changes up to the time, of what is an alert.
    fn alert_changes(&self) -> Result<Vec<AlertChange>, Error> {
        let changes = self.ledger.alert_changes(KnownAt::MIN, self.known_at)?.into_iter();
        Ok(changes.filter(|change| change.pair.is_alert()).collect())
    }

    fn behind(&self, name: &str) -> Result<Vec<Listed>, Error> {
        let part = name.split('.').next().unwrap_or_default();
        let lists = |lists: Lists| lists.take(name);
        let found = match part {
            "learned" => lists(learned::joined_and_left(self)?),
            "alerts" => lists(learned::alerts_by_month(self)?),
            "flow" => lists(standing::flow(self)?),
            "times" => lists(standing::durations(self, &reviews::Reviewed::read(self)?)?),
            "controls" => lists(coverage::controls_by_name(self)?),
            "coverage" => coverage::behind(self, name)?,
            "review" => lists(reviews::lists(self, &reviews::Reviewed::read(self)?)),
            "queue" => lists(reviews::queue_lists(self, &reviews::Reviewed::read(self)?)),
            "disparity" => disparity::behind(self, &reviews::Reviewed::read(self)?, name)?,
            _ => self.store.basis(self.ledger, self.known_at)?.behind(name).map(|list| {
                let listed = |behind: cases::Behind| Listed {
                    id: behind.subject.into(),
                    group: behind.group.map(Into::into),
                    number: behind.days,
                };
                list.into_iter().map(listed).collect()
            }),
        };
        found.ok_or_else(|| {
            Error::NotFound(format!(
                "the report has no number {name}; `{} --format json` has all names",
                self.asked("lookback report")
            ))
        })
    }

    /// All reviews as of the time, and of every decision on an alert whether it counted.
    fn desk(&self) -> Result<(Desk, Vec<Told>), Error> {
        let (mut desk, mut told) = (Desk::default(), Vec::new());
        desk.catch_up_telling(&self.view, policies(&self.view)?, &mut |known, counted| {
            told.push((known, counted));
        })?;
        Ok((desk, told))
    }
}

/// A decision, and whether it counted or why it is void.
type Told = (Known<Decision>, Result<(), Refusal>);

/// A time as commands take it: a day where it is the end of one.
fn as_command(known_at: KnownAt) -> String {
    let day = known_at.day();
    match KnownAt::parse_as_of(&day) {
        Ok(end) if end == known_at => day,
        _ => known_at.to_string(),
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || "._-:+".contains(sign);
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

/// A section whose blocks are given.
fn section(name: &'static str, title: &'static str, blocks: Vec<cases::report::Block>) -> Section {
    Section { name, title, blocks }
}
