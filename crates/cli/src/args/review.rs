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
    #[command(
        after_help = "Example:\n  lookback account open amon --person p-2 --role analyst_l1 --actor root"
    )]
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
    #[command(after_help = "Example:\n  lookback account close amon --actor root")]
    Close {
        /// Its name
        #[arg(value_parser = account, value_name = "ACCOUNT")]
        account: AccountName,
    },
    /// The accounts that are open
    #[command(after_help = "Example:\n  lookback account list")]
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
    #[command(after_help = "Example:\n  lookback review show 3f9c1a")]
    Show {
        /// The alert's id: its first 6 digits or more
        #[arg(value_name = "ALERT")]
        alert: String,
        #[command(flatten)]
        as_of: AsOf,
    },
    /// Put it into the queue of the first line
    #[command(after_help = "Example:\n  lookback review queue 3f9c1a --actor amon")]
    Queue {
        #[command(flatten)]
        on: OnAlert,
    },
    /// Work on it; others are kept away for a while
    #[command(after_help = "Example:\n  lookback review claim 3f9c1a --minutes 20 --actor amon")]
    Claim {
        #[command(flatten)]
        on: OnAlert,
        /// For how many minutes
        #[arg(long, default_value_t = 30, value_name = "N")]
        minutes: u32,
    },
    /// Let go of it
    #[command(after_help = "Example:\n  lookback review release 3f9c1a --actor amon")]
    Release {
        #[command(flatten)]
        on: OnAlert,
    },
    /// Give it to an account, or to nobody
    #[command(after_help = "Example:\n  lookback review assign 3f9c1a --to amon --actor brandt")]
    Assign {
        #[command(flatten)]
        on: OnAlert,
        /// To whom; left out: to nobody
        #[arg(long, value_parser = account, value_name = "ACCOUNT")]
        to: Option<AccountName>,
    },
    /// First line: it does not concern the subject; a second person confirms
    #[command(
        after_help = "Example:\n  lookback review clear 3f9c1a --reason birth_date_differs --note 'born twenty years apart' --actor amon"
    )]
    Clear {
        #[command(flatten)]
        on: OnAlert,
        #[command(flatten)]
        grounds: GroundsArgs,
    },
    /// First line: the second line has to look
    #[command(
        after_help = "Example:\n  lookback review escalate 3f9c1a --reason needs_expert --note 'the name is in Georgian' --actor amon"
    )]
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
    #[command(
        after_help = "Example:\n  lookback review inconclusive 3f9c1a --reason too_little_known --note 'no birth date' --owner amon --due 2031-08-01"
    )]
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
    #[command(
        after_help = "Example:\n  lookback review request 3f9c1a --of 'district office' --question 'the birth date' --due 2031-08-01"
    )]
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
    #[command(
        after_help = "Example:\n  lookback review information 3f9c1a --request D-2f1c --note 'born 1961'"
    )]
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
    #[command(
        after_help = "Example:\n  lookback review propose 3f9c1a --verdict same --reason documents_agree --note 'the passport agrees' --actor cole"
    )]
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
    #[command(after_help = "Example:\n  lookback review confirm 3f9c1a --actor brandt")]
    Confirm {
        #[command(flatten)]
        on: OnAlert,
        /// What was seen
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Do not confirm it: back to the second line
    #[command(
        after_help = "Example:\n  lookback review return 3f9c1a --reason check_again --note 'the second document' --actor brandt"
    )]
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
    #[command(
        after_help = "Example:\n  lookback review reopen 3f9c1a --reason mistake_found --note 'another person of that name' --actor brandt"
    )]
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
    #[command(after_help = "Example:\n  lookback review snooze 3f9c1a --until 2031-07-15 --actor cole")]
    Snooze {
        #[command(flatten)]
        on: OnAlert,
        /// Until when
        #[arg(long, value_parser = batch_time, value_name = "TIME")]
        until: KnownAt,
    },
    /// Say something about it
    #[command(after_help = "Example:\n  lookback review comment 3f9c1a 'asked the port again' --actor amon")]
    Comment {
        #[command(flatten)]
        on: OnAlert,
        /// What
        #[arg(value_name = "TEXT")]
        text: String,
    },
    /// Add a file by its digest; the file is kept elsewhere
    #[command(after_help = "Example:\n  lookback review attach 3f9c1a letter.pdf --actor amon")]
    Attach {
        #[command(flatten)]
        on: OnAlert,
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Set by when it is to be decided
    #[command(after_help = "Example:\n  lookback review due 3f9c1a --due 2031-07-15 --actor cole")]
    Due {
        #[command(flatten)]
        on: OnAlert,
        /// When
        #[arg(long, value_parser = batch_time, value_name = "TIME")]
        due: KnownAt,
    },
    /// Take back one's own last step on it
    #[command(after_help = "Example:\n  lookback review undo 3f9c1a --actor amon")]
    Undo {
        #[command(flatten)]
        on: OnAlert,
    },
    /// The states, the transitions, who may do what, and the reasons
    #[command(after_help = "Example:\n  lookback review rules")]
    Rules,
}

/// `bulk`.
#[derive(Debug, Subcommand)]
pub(crate) enum Bulk {
    /// Propose one verdict for every alert of a selection, row by row
    #[command(
        after_help = "Example:\n  lookback bulk propose --dataset ofac --verdict different --reason only_name_agrees \\\n      --note 'born in another century' --dry-run"
    )]
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
    #[command(after_help = "Example:\n  lookback bulk confirm B-2f1c --actor brandt")]
    Confirm {
        /// The bulk decision
        #[arg(value_parser = entity_id, value_name = "BULK")]
        bulk: EntityId,
        /// What was seen
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Return every row that still waits for a second person
    #[command(
        after_help = "Example:\n  lookback bulk return B-2f1c --reason check_again --note 'not all of them' --actor brandt"
    )]
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
    #[command(after_help = "Example:\n  lookback bulk undo B-2f1c --actor brandt")]
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
    #[command(after_help = "Example:\n  lookback matters list")]
    List {
        #[command(flatten)]
        as_of: AsOf,
    },
    /// Propose another policy
    #[command(
        after_help = "Example:\n  lookback matters propose-policy policy.toml --reason evidence --note 'see the figures'"
    )]
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
    #[command(
        after_help = "Example:\n  lookback matters propose-release 3 --note 'confirmed by the publisher'"
    )]
    ProposeRelease {
        /// Its number
        #[arg(value_name = "HELD")]
        held: u64,
        /// Why, in a sentence
        #[arg(long, value_name = "TEXT")]
        note: String,
    },
    /// Agree to what another person proposed: it is done at once
    #[command(after_help = "Example:\n  lookback matters agree D-2f1c --actor brandt")]
    Agree {
        /// The proposal
        #[arg(value_parser = entity_id, value_name = "PROPOSAL")]
        proposal: EntityId,
        /// Of a held version: also take back what came after it was set aside
        #[arg(long)]
        confirm_undo_later: bool,
    },
    /// Do not agree
    #[command(after_help = "Example:\n  lookback matters reject D-2f1c --note 'not yet' --actor brandt")]
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
    #[command(after_help = "Example:\n  lookback subject show P0000042")]
    Show {
        /// Its id
        #[arg(value_parser = entity_id, value_name = "SUBJECT")]
        subject: EntityId,
        #[command(flatten)]
        as_of: AsOf,
    },
    /// What the subject is given of what is kept about it: nobody else and no source is in it
    #[command(after_help = "Example:\n  lookback subject extract P0000042 > extract.json")]
    Extract {
        /// Its id
        #[arg(value_parser = entity_id, value_name = "SUBJECT")]
        subject: EntityId,
        #[command(flatten)]
        as_of: AsOf,
    },
    /// Say that it is the same as another record, which stands for both
    #[command(
        after_help = "Example:\n  lookback subject merge P0000043 --into P0000042 --note 'same passport'"
    )]
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
    #[command(after_help = "Example:\n  lookback subject detach P0000043 --merge D-2f1c --note 'twins'")]
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
    #[command(after_help = "Example:\n  lookback subject flag P0000042 compartment:harbour")]
    Flag {
        /// Its id
        #[arg(value_parser = entity_id, value_name = "SUBJECT")]
        subject: EntityId,
        /// The mark
        #[arg(value_parser = flag, value_name = "MARK")]
        flag: Flag,
    },
    /// Take a mark off
    #[command(after_help = "Example:\n  lookback subject unflag P0000042 minor")]
    Unflag {
        /// Its id
        #[arg(value_parser = entity_id, value_name = "SUBJECT")]
        subject: EntityId,
        /// The mark
        #[arg(value_parser = flag, value_name = "MARK")]
        flag: Flag,
    },
    /// Record a fact that a source reported about it
    #[command(
        after_help = "Example:\n  lookback subject report P0000042 not_located --at 2031-05-02 --source 'district office'"
    )]
    Report {
        /// Its id
        #[arg(value_parser = entity_id, value_name = "SUBJECT")]
        subject: EntityId,
        /// What happened: `arrested`, `released`, `located`, `not_located`, `departed`, `removed`, `threat_assessed`, …
        #[arg(value_name = "EVENT")]
        event: String,
        /// The day on which it happened
        #[arg(long, value_name = "DAY")]
        at: String,
        /// Who reported it
        #[arg(long, value_name = "TEXT")]
        source: String,
        /// What it came to: `identified`, `none_identified`; `hit`, `no_hit`, `inconclusive`
        #[arg(long, value_name = "RESULT")]
        result: Option<String>,
    },
}

/// `redress`.
#[derive(Debug, Subcommand)]
pub(crate) enum Redress {
    /// Requests, and what became of them
    #[command(after_help = "Example:\n  lookback redress list")]
    List {
        #[command(flatten)]
        as_of: AsOf,
    },
    /// Record that somebody asks to be put right
    #[command(
        after_help = "Example:\n  lookback redress request P0000042 --ground 'the number is mine since 2029'"
    )]
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
    #[command(
        after_help = "Example:\n  lookback redress grant D-2f1c --retract OBS-17 --note 'the contract was shown' --actor brandt"
    )]
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
    #[command(
        after_help = "Example:\n  lookback redress refuse D-2f1c --note 'nothing was shown' --actor brandt"
    )]
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
    #[command(after_help = "Example:\n  lookback runs list")]
    List {
        #[command(flatten)]
        as_of: AsOf,
    },
    /// Say of a commit what set it off
    #[command(
        after_help = "Example:\n  lookback runs note 17 --trigger 'a late link' --scope 'everybody who arrived in 2030'"
    )]
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
    #[command(after_help = "Example:\n  lookback runs lesson D-2f1c 'ask for documents at once'")]
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
