//! The one façade that every program uses: open a store, ingest, screen, ask as of any time, replay.
//!
//! In: paths, options, a clock. Out: reports as data. Nothing here prints or reads the environment.
//! Always holds: one file and one known time make one commit, whole or not at all (`ONE-TRANSACTION`); every row of a file is a
//! record or a reject (`ALL-ROWS`); the alert set after every commit is that of the ledger and the policy alone (`REPLAY`).

mod store;
pub use store::{Access, Reexamined, Settings, Store, verify};

mod saved_network;

mod ingest;
pub use ingest::{CommitReport, IngestOptions, IngestReport, Mode, Progress, Silent};

mod fact;
pub use fact::{ScreenedList, ScreeningFact};

mod questions;
pub use questions::{
    AlertFilter, AlertView, CauseCommit, CauseView, DatasetStatus, Diff, DiffLine, ExpectedFalseLeads,
    Status, Why, WhyAlert,
};

mod happenings;
pub use happenings::{AlertHappening, CaseHappening, CommitHappenings, Happening, Placed};

pub mod webhooks;

mod linked;
pub use linked::{ChainStepView, LeadFactorView, LeadView, LinkView, NetworkWhy, ObservationView};

mod figures;
pub mod network;

mod counts;
pub use counts::read_history;

mod ad_hoc;
pub use ad_hoc::{Enrolled, Screened, ScreenedMatch, compare_entities, compare_names, read_query};

pub mod lists;

mod naming;
pub use naming::{JoinReading, NameReading, WordReading, read_name};

mod quarantine;
pub use quarantine::{HeldReport, LaterChanges};

mod preview;
pub use preview::{Impact, Preview, Sample};

pub mod review;

pub mod audit;

mod vitals;
pub use vitals::{Concern, Vitals, Waiting};

mod copies;
pub use copies::{Copied, copy_store};
pub mod access;

mod checkpoint;
mod report;
pub use checkpoint::verify_against_checkpoint;
mod retention;
pub use retention::{
    Due, HeldFiles, Kept, LegalHold, OpenAlerts, PurgeOrder, PurgeRecord, PurgeReport, PurgeRun,
    kept_in_words,
};

mod policies;
pub use policies::PolicyEffect;

mod replay;
pub use replay::Replayed;

mod demo;
pub use demo::{Colleague, Demo, DemoStep, OFFICE, POPULATION, demo, harbour};

mod error;
pub use error::Error;

pub use cases::report::{self as reports, Listed, Report};
pub use cases::{Behind, Checked, DEFINITIONS, Figures, changes, chart, forecast};
pub use invented;
pub use ledger::{AuditEntry, AuditFilter, AuditHead, Audited, Head, LedgerError, Verified};
pub use matching;
pub use matching::{Explanation, Rules, Verdict};
pub use model;
pub use names::{NameKind, territory as country};
pub use proof;
pub use screening::{Hashes, Policy, Scratch, engine_version, from_scratch, state_hash};
pub use sources::{FileError, Format, Reject, Tally};
