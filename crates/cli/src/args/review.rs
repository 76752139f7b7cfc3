//! The options of reviewing: accounts, the queue, steps on an alert, bulk decisions, subjects, redress.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use lookback::review::State;
use model::{
    AccountName, CauseKind, EntityId, Finding, Flag, KnownAt, PersonName, PolicyReason, Reason, ReviewRole,
    Verdict,
};

use super::{AsOf, batch_time, entity_id};

/// `account`.
#[derive(Debug, Subcommand)]
pub(crate) enum Account {
    /// Open an account, or give it other roles; the first one of a store is an administrator's
    Open {
        /// Its name
        #[arg(value_parser = account, value_name = "ACCOUNT")]
        account: AccountName,
        /// Who it belongs to, as a staff number; two accounts of one person share it
        #[arg(long, value_parser = person, value_name = "PERSON")]
        person: PersonName,
        /// What it may do; may be given more than once: docs/reference/review.md
        #[arg(long, required = true, value_parser = role, value_name = "ROLE")]
        role: Vec<ReviewRole>,
        /// A compartment that it may see; may be given more than once
        #[arg(long, value_name = "NAME")]
        compartment: Vec<String>,
    },
    /// Close an account; what it decided stays
    Close {
        /// Its name
        #[arg(value_parser = account, value_name = "ACCOUNT")]
        account: AccountName,
    },
    /// The accounts that are open
    List {
        #[command(flatten)]
        as_of: AsOf,
    },
}

/// Which part of the queue.
#[derive(Debug, Args)]
pub(crate) struct Selection {
    /// In this state; may be given more than once [default: whatever is pending]
    #[arg(long, value_parser = state, value_name = "STATE")]
    pub(crate) state: Vec<State>,
    /// Given to this account
    #[arg(long, value_parser = account, value_name = "ACCOUNT")]
    pub(crate) assigned: Option<AccountName>,
    /// Of this population or list
    #[arg(long, value_name = "NAME")]
    pub(crate) dataset: Option<String>,
    /// Of this kind: name or network
    #[arg(long, value_parser = kind, value_name = "KIND")]
    pub(crate) kind: Option<CauseKind>,
    /// Only what is past its time
    #[arg(long)]
    pub(crate) overdue: bool,
    /// What is snoozed as well
    #[arg(long)]
    pub(crate) snoozed: bool,
}

/// `queue`.
#[derive(Debug, Args)]
pub(crate) struct Queue {
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) as_of: AsOf,
    /// How many to show
    #[arg(long, default_value_t = 25, value_name = "N")]
    pub(crate) limit: usize,
    /// How many to pass over
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) offset: usize,
}

/// What a verdict rests on.
#[derive(Debug, Args)]
pub(crate) struct GroundsArgs {
    /// The reason, one of docs/reference/review.md
    #[arg(long, value_parser = reason, value_name = "REASON")]
    pub(crate) reason: Reason,
    /// What was seen, in a sentence
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: String,
    /// What a match was found to be: ENTRY=same, different or unknown; needed where there are several
    #[arg(long = "match", value_parser = finding, value_name = "ENTRY=FINDING")]
    pub(crate) matches: Vec<(String, Finding)>,
    /// What a property was found to be: birthDate=different; may be given more than once
    #[arg(long, value_parser = finding, value_name = "PROPERTY=FINDING")]
    pub(crate) property: Vec<(String, Finding)>,
    /// Until when the same evidence is kept away [default: as long as the policy allows]
    #[arg(long, value_parser = batch_time, value_name = "TIME")]
    pub(crate) expires: Option<KnownAt>,
}

/// Which alert, and what of it was seen.
#[derive(Debug, Args)]
pub(crate) struct OnAlert {
    /// The alert's id: its first 6 digits or more
    #[arg(value_name = "ALERT")]
    pub(crate) alert: String,
    /// How many steps were seen, as `review show` tells: refused when more was done meanwhile
    #[arg(long, value_name = "N")]
    pub(crate) seen: Option<u32>,
}

/// `review`.
#[derive(Debug, Subcommand)]
pub(crate) enum Review {
    /// How the review of an alert stands, and what was decided
    Show {
        /// The alert's id: its first 6 digits or more
        #[arg(value_name = "ALERT")]
        alert: String,
        #[command(flatten)]
        as_of: AsOf,
    },
    /// Put it into the queue of the first line
    Queue {
        #[command(flatten)]
        on: OnAlert,
    },
    /// Work on it; others are kept away for a while
    Claim {
        #[command(flatten)]
        on: OnAlert,
        /// For how many minutes
        #[arg(long, default_value_t = 30, value_name = "N")]
        minutes: u32,
    },
    /// Let go of it
    Release {
        #[command(flatten)]
        on: OnAlert,
    },
    /// Give it to an account, or to nobody
    Assign {
        #[command(flatten)]
        on: OnAlert,
        /// To whom; left out: to nobody
        #[arg(long, value_parser = account, value_name = "ACCOUNT")]
        to: Option<AccountName>,
    },
    /// First line: it does not concern the subject; a second person confirms
    Clear {
        #[command(flatten)]
        on: OnAlert,
        #[command(flatten)]
        grounds: GroundsArgs,
    },
    /// First line: the second line has to look
    Escalate {
        #[command(flatten)]
        on: OnAlert,
        /// The reason
        #[arg(long, value_parser = reason, value_name = "REASON")]
        reason: Reason,
        /// What was seen
        #[arg(long, value_name = "TEXT")]
        note: String,
    },
    /// It cannot be said yet; an owner looks again when it is due or when data arrive
    Inconclusive {
        #[command(flatten)]
        on: OnAlert,
        /// The reason
        #[arg(long, value_parser = reason, value_name = "REASON")]
        reason: Reason,
        /// What was seen
        #[arg(long, value_name = "TEXT")]
        note: String,
        /// Who looks again
        #[arg(long, value_parser = account, value_name = "ACCOUNT")]
        owner: AccountName,
        /// When
        #[arg(long, value_parser = batch_time, value_name = "TIME")]
        due: KnownAt,
    },
    /// Ask somebody outside
    Request {
        #[command(flatten)]
        on: OnAlert,
        /// Whom
        #[arg(long, value_name = "WHOM")]
        of: String,
        /// What
        #[arg(long, value_name = "TEXT")]
        question: String,
        /// By when an answer is due
        #[arg(long, value_parser = batch_time, value_name = "TIME")]
        due: KnownAt,
    },
    /// The answer to a request, or that there will be none
    Information {
        #[command(flatten)]
        on: OnAlert,
        /// The request's id
        #[arg(long, value_parser = entity_id, value_name = "ID")]
        request: EntityId,
        /// There will be no answer
        #[arg(long)]
        unanswered: bool,
        /// What was answered
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Second line: a verdict; a second person confirms
    Propose {
        #[command(flatten)]
        on: OnAlert,
        /// same, different or inconclusive
        #[arg(long, value_parser = verdict, value_name = "VERDICT")]
        verdict: Verdict,
        #[command(flatten)]
        grounds: GroundsArgs,
    },
    /// Confirm what another person cleared or proposed
    Confirm {
        #[command(flatten)]
        on: OnAlert,
        /// What was seen
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Do not confirm it: back to the second line
    Return {
        #[command(flatten)]
        on: OnAlert,
        /// The reason
        #[arg(long, value_parser = reason, value_name = "REASON")]
        reason: Reason,
        /// What was seen
        #[arg(long, value_name = "TEXT")]
        note: String,
    },
    /// Take a final verdict back
    Reopen {
        #[command(flatten)]
        on: OnAlert,
        /// The reason
        #[arg(long, value_parser = reason, value_name = "REASON")]
        reason: Reason,
        /// What was seen
        #[arg(long, value_name = "TEXT")]
        note: String,
    },
    /// Out of the queue until a time
    Snooze {
        #[command(flatten)]
        on: OnAlert,
        /// Until when
        #[arg(long, value_parser = batch_time, value_name = "TIME")]
        until: KnownAt,
    },
    /// Say something about it
    Comment {
        #[command(flatten)]
        on: OnAlert,
        /// What
        #[arg(value_name = "TEXT")]
        text: String,
    },
    /// Add a file by its digest; the file is kept elsewhere
    Attach {
        #[command(flatten)]
        on: OnAlert,
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Set by when it is to be decided
    Due {
        #[command(flatten)]
        on: OnAlert,
        /// When
        #[arg(long, value_parser = batch_time, value_name = "TIME")]
        due: KnownAt,
    },
    /// Take back one's own last step on it
    Undo {
        #[command(flatten)]
        on: OnAlert,
    },
    /// The states, the transitions, who may do what, and the reasons
    Rules,
}

/// `bulk`.
#[derive(Debug, Subcommand)]
pub(crate) enum Bulk {
    /// Propose one verdict for every alert of a selection, row by row
    Propose {
        #[command(flatten)]
        selection: Selection,
        /// same, different or inconclusive
        #[arg(long, value_parser = verdict, value_name = "VERDICT")]
        verdict: Verdict,
        /// The reason
        #[arg(long, value_parser = reason, value_name = "REASON")]
        reason: Reason,
        /// What was seen, in a sentence
        #[arg(long, value_name = "TEXT")]
        note: String,
        /// Only show what is selected: how many, and a sample
        #[arg(long)]
        dry_run: bool,
        /// A file that a dry run wrote with --json: decide exactly that selection
        #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
        chosen: Option<PathBuf>,
    },
    /// Confirm every row that still waits for a second person
    Confirm {
        /// The bulk decision
        #[arg(value_parser = entity_id, value_name = "BULK")]
        bulk: EntityId,
        /// What was seen
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Return every row that still waits for a second person
    Return {
        /// The bulk decision
        #[arg(value_parser = entity_id, value_name = "BULK")]
        bulk: EntityId,
        /// The reason
        #[arg(long, value_parser = reason, value_name = "REASON")]
        reason: Reason,
        /// What was seen
        #[arg(long, value_name = "TEXT")]
        note: String,
    },
    /// Take back every row that still can be
    Undo {
        /// The bulk decision
        #[arg(value_parser = entity_id, value_name = "BULK")]
        bulk: EntityId,
    },
}

/// `matters`.
#[derive(Debug, Subcommand)]
pub(crate) enum Matters {
    /// What was proposed, and what became of it
    List {
        #[command(flatten)]
        as_of: AsOf,
    },
    /// Propose another policy
    ProposePolicy {
        /// The policy file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// evidence, law, error or scope; capacity is always refused
        #[arg(long, value_parser = policy_reason, value_name = "REASON")]
        reason: PolicyReason,
        /// Why, in a sentence
        #[arg(long, value_name = "TEXT")]
        note: String,
    },
    /// Propose to release a held version
    ProposeRelease {
        /// Its number
        #[arg(value_name = "HELD")]
        held: u64,
        /// Why, in a sentence
        #[arg(long, value_name = "TEXT")]
        note: String,
    },
    /// Agree to what another person proposed: it is done at once
    Agree {
        /// The proposal
        #[arg(value_parser = entity_id, value_name = "PROPOSAL")]
        proposal: EntityId,
        /// Of a held version: also take back what came after it was set aside
        #[arg(long)]
        confirm_undo_later: bool,
    },
    /// Do not agree
    Reject {
        /// The proposal
        #[arg(value_parser = entity_id, value_name = "PROPOSAL")]
        proposal: EntityId,
        /// Why
        #[arg(long, value_name = "TEXT")]
        note: String,
    },
}

/// `subject`.
#[derive(Debug, Subcommand)]
pub(crate) enum Subject {
    /// What is decided about a subject
    Show {
        /// Its id
        #[arg(value_parser = entity_id, value_name = "SUBJECT")]
        subject: EntityId,
        #[command(flatten)]
        as_of: AsOf,
    },
    /// What the subject is given of what is kept about it: nobody else and no source is in it
    Extract {
        /// Its id
        #[arg(value_parser = entity_id, value_name = "SUBJECT")]
        subject: EntityId,
        #[command(flatten)]
        as_of: AsOf,
    },
    /// Say that it is the same as another record, which stands for both
    Merge {
        /// Its id
        #[arg(value_parser = entity_id, value_name = "SUBJECT")]
        subject: EntityId,
        /// The record that stands for both
        #[arg(long, value_parser = entity_id, value_name = "SUBJECT")]
        into: EntityId,
        /// Why
        #[arg(long, value_name = "TEXT")]
        note: String,
    },
    /// Take a merge back
    Detach {
        /// The record that was merged
        #[arg(value_parser = entity_id, value_name = "SUBJECT")]
        subject: EntityId,
        /// The decision that merged it
        #[arg(long, value_parser = entity_id, value_name = "DECISION")]
        merge: EntityId,
        /// Why
        #[arg(long, value_name = "TEXT")]
        note: String,
    },
    /// Mark it: minor, vulnerable, or compartment:NAME
    Flag {
        /// Its id
        #[arg(value_parser = entity_id, value_name = "SUBJECT")]
        subject: EntityId,
        /// The mark
        #[arg(value_parser = flag, value_name = "MARK")]
        flag: Flag,
    },
    /// Take a mark off
    Unflag {
        /// Its id
        #[arg(value_parser = entity_id, value_name = "SUBJECT")]
        subject: EntityId,
        /// The mark
        #[arg(value_parser = flag, value_name = "MARK")]
        flag: Flag,
    },
    /// Record a fact that a source reported about it
    Report {
        /// Its id
        #[arg(value_parser = entity_id, value_name = "SUBJECT")]
        subject: EntityId,
        /// What happened: arrested, released, located, not_located, departed, removed, threat_assessed, …
        #[arg(value_name = "EVENT")]
        event: String,
        /// The day on which it happened
        #[arg(long, value_name = "DAY")]
        at: String,
        /// Who reported it
        #[arg(long, value_name = "TEXT")]
        source: String,
        /// What it came to: identified, none_identified or not_assessed; hit, no_hit or inconclusive
        #[arg(long, value_name = "RESULT")]
        result: Option<String>,
    },
}

/// `redress`.
#[derive(Debug, Subcommand)]
pub(crate) enum Redress {
    /// Requests, and what became of them
    List {
        #[command(flatten)]
        as_of: AsOf,
    },
    /// Record that somebody asks to be put right
    Request {
        /// Whom it is about
        #[arg(value_parser = entity_id, value_name = "SUBJECT")]
        subject: EntityId,
        /// On what ground
        #[arg(long, value_name = "TEXT")]
        ground: String,
        /// A file that was handed in; its digest is kept
        #[arg(long, value_name = "FILE")]
        evidence: Option<PathBuf>,
    },
    /// Grant it: the subject is no longer moved by the network, from now on; earlier answers stay
    Grant {
        /// The request
        #[arg(value_parser = entity_id, value_name = "REQUEST")]
        request: EntityId,
        /// An observation of the subject that is wrong, and is retracted; may be given more than once
        #[arg(long, value_parser = entity_id, value_name = "OBSERVATION")]
        retract: Vec<EntityId>,
        /// Why
        #[arg(long, value_name = "TEXT")]
        note: String,
    },
    /// Refuse it
    Refuse {
        /// The request
        #[arg(value_parser = entity_id, value_name = "REQUEST")]
        request: EntityId,
        /// Why
        #[arg(long, value_name = "TEXT")]
        note: String,
    },
}

/// `runs`.
#[derive(Debug, Subcommand)]
pub(crate) enum Runs {
    /// The re-examinations: what each was for, whom it covered, what came of it, what was learned
    List {
        #[command(flatten)]
        as_of: AsOf,
    },
    /// Say of a commit what set it off
    Note {
        /// The commit
        #[arg(value_name = "COMMIT")]
        commit: u64,
        /// What set it off
        #[arg(long, value_name = "TEXT")]
        trigger: String,
        /// Whom it was meant to cover
        #[arg(long, value_name = "TEXT")]
        scope: Option<String>,
    },
    /// Say what was learned
    Lesson {
        /// The decision that noted the run
        #[arg(value_parser = entity_id, value_name = "RUN")]
        run: EntityId,
        /// What was learned
        #[arg(value_name = "TEXT")]
        lesson: String,
    },
}

fn account(text: &str) -> Result<AccountName, String> {
    AccountName::new(text).ok_or_else(|| "use letters, digits, '_', '-', '.' and '@'".to_owned())
}

fn person(text: &str) -> Result<PersonName, String> {
    PersonName::new(text).ok_or_else(|| "use letters, digits, '_', '-', '.' and '@'".to_owned())
}

fn role(text: &str) -> Result<ReviewRole, String> {
    ReviewRole::from_word(text)
        .ok_or_else(|| format!("one of {}", words(ReviewRole::ALL.map(ReviewRole::word))))
}

fn state(text: &str) -> Result<State, String> {
    State::from_word(text).ok_or_else(|| format!("one of {}", words(State::ALL.map(State::word))))
}

fn reason(text: &str) -> Result<Reason, String> {
    let all = || words(Reason::ALL.iter().map(|reason| reason.word()));
    Reason::from_word(text).ok_or_else(|| format!("one of {}", all()))
}

fn words(words: impl IntoIterator<Item = &'static str>) -> String {
    words.into_iter().collect::<Vec<_>>().join(", ")
}

fn kind(text: &str) -> Result<CauseKind, String> {
    CauseKind::from_word(text).filter(|kind| kind.is_alert()).ok_or_else(|| "name or network".to_owned())
}

fn verdict(text: &str) -> Result<Verdict, String> {
    [Verdict::Same, Verdict::Different, Verdict::Inconclusive]
        .into_iter()
        .find(|verdict| verdict.word() == text)
        .ok_or_else(|| "same, different or inconclusive".to_owned())
}

fn policy_reason(text: &str) -> Result<PolicyReason, String> {
    serde_json::from_value(text.into()).map_err(|_| "evidence, law, error, scope or capacity".to_owned())
}

fn finding(text: &str) -> Result<(String, Finding), String> {
    let wrong = || "write NAME=same, NAME=different or NAME=unknown".to_owned();
    let (name, finding) = text.rsplit_once('=').ok_or_else(wrong)?;
    Ok((name.to_owned(), serde_json::from_value(finding.into()).map_err(|_| wrong())?))
}

fn flag(text: &str) -> Result<Flag, String> {
    match text.split_once(':') {
        None if text == "minor" => Ok(Flag::Minor),
        None if text == "vulnerable" => Ok(Flag::Vulnerable),
        Some(("compartment", name)) if !name.is_empty() => Ok(Flag::Compartment(name.to_owned())),
        _ => Err("minor, vulnerable or compartment:NAME".to_owned()),
    }
}
