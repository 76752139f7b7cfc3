//! The options. Their help texts are the CLI reference: `cargo xtask cli-reference` writes docs/reference/cli.md from them.

pub(crate) mod access;
pub(crate) mod audit;
pub(crate) mod checkpoint;
mod forecast;
pub(crate) mod review;
mod serve;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use lookback::network::{Aim, Captions, Direction, DrawingFormat, Period};
use lookback::{Format, Mode, NameKind};
use model::{CauseKind, DatasetName, EntityId, KnownAt, PartialDate, Role, Schema};

pub(crate) use forecast::ForecastOptions;
pub(crate) use serve::ServeOptions;

/// What the help calls the options that every command takes.
const EVERYWHERE: &str = "Options of every command";

/// Keeps standing which of the people you once cleared a watchlist concerns, by which evidence, and what was known when.
///
/// It finds things to review. It never decides about a person.
#[derive(Debug, Parser)]
#[command(
    name = "lookback",
    version,
    after_help = "Start with `lookback demo`, or `lookback init` and `lookback ingest --help`."
)]
pub(crate) struct Args {
    /// The store: one file, with its index files beside it
    #[arg(long, global = true, default_value = "lookback.db", value_name = "PATH", help_heading = EVERYWHERE)]
    pub(crate) store: PathBuf,
    /// JSON instead of tables: one object, or one a line where there can be many
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub(crate) json: bool,
    /// Who acts; recorded as asserted [default: the name you are logged in with]
    #[arg(long, global = true, value_name = "NAME", help_heading = EVERYWHERE)]
    pub(crate) actor: Option<String>,
    /// For what; recorded with every commit
    #[arg(long, global = true, value_name = "TEXT", help_heading = EVERYWHERE)]
    pub(crate) purpose: Option<String>,
    /// Look beyond what is yours to see, and say why; somebody else reviews it later
    #[arg(long, global = true, value_name = "REASON", help_heading = EVERYWHERE)]
    pub(crate) break_glass: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a new, empty store
    #[command(after_help = "Example:\n  lookback init --store desk.db")]
    Init,
    /// Read lists, populations and evidence; screen whatever they change
    #[command(after_help = "Examples:
  lookback ingest customers.csv --dataset customers --role population --mapping customers.mapping.toml
  lookback ingest sdn.csv alt.csv add.csv --dataset ofac --role list --format ofac --full
  lookback ingest events.tsv.gz --dataset ofac --format ofac-events
  lookback ingest phones.csv --dataset phones --role intelligence --mapping phones.mapping.toml --full
  lookback ingest journal.jsonl.gz

A journal names its datasets itself: --dataset and --role are refused. A table of observations or of generic declarations
may do without, too, and is then never whole. `.gz` is read as it is.
A snapshot (--full) deletes what it does not contain. One that would delete more than the policy allows, or that is
empty or cut off, is held: see `lookback held`. After an interruption run the same command again: what stands is skipped.")]
    Ingest(Ingest),
    /// Whom files would concern, before they are ingested: nothing is changed
    #[command(after_help = "Examples:
  lookback preview sdn.csv alt.csv add.csv --dataset ofac
  lookback preview new-links.jsonl --format journal")]
    Preview(Ingest),
    /// Look after files that were set aside instead of applied
    #[command(
        after_help = "Examples:\n  lookback held list\n  lookback held compare 3\n  lookback held release 3"
    )]
    Held {
        #[command(subcommand)]
        command: Held,
    },
    /// Purge people whose time is over, and list who is due and what was purged
    #[command(
        after_help = "Examples:\n  lookback retention due\n  lookback retention purge --due --reason 'retention rule' --authority 'rule 4'"
    )]
    Retention {
        #[command(subcommand)]
        command: Retention,
    },
    /// Legal holds: who is not purged while they stand
    #[command(after_help = "Example:\n  lookback hold add P1 --reason 'case 12/31'")]
    Hold {
        #[command(subcommand)]
        command: Hold,
    },
    /// Copy the store with its audit log, also while it is served and written to, and verify the copy
    #[command(after_help = "Example:\n  lookback backup /backups/desk-2031-06-25.db --store desk.db

The copy is a store: any command can be asked of it. It holds people's data: keep it as safe as the store.
It is noted in the audit as an export.")]
    Backup {
        /// Where to; nothing may be there
        #[arg(value_name = "PATH")]
        to: PathBuf,
    },
    /// Put a backup in the place of the store, where nothing may be, and verify it
    #[command(after_help = "Example:\n  lookback restore /backups/desk-2031-06-25.db --store desk.db")]
    Restore {
        /// The backup
        #[arg(value_name = "PATH")]
        from: PathBuf,
    },
    /// List what a dataset states, as FollowTheMoney JSON lines
    #[command(after_help = "Example:\n  lookback entities --dataset ofac --known-at 2022-04-22")]
    Entities {
        /// Which dataset
        #[arg(long, value_name = "NAME", value_parser = dataset_name)]
        dataset: DatasetName,
        #[command(flatten)]
        as_of: AsOf,
    },
    /// Ask about one person, or about FollowTheMoney JSON lines on standard input
    #[command(after_help = "Examples:
  lookback screen --name 'Orlan Veska' --birth-date 1980-03-04
  lookback screen < people.ftm.json
  lookback screen --name 'Orlan Veska' --enrol walk-ins

Without --enrol nothing is kept, and no later list change will look at the person again.")]
    Screen(Screen),
    /// Score pairs of names, or of entities
    #[command(after_help = "Examples:
  lookback compare pairs.tsv                  # two names a line, separated by a tab → one score a line
  lookback compare --entities pairs.jsonl     # {\"left\":{…},\"right\":{…}} → score and explanation
  lookback compare - < pairs.tsv")]
    Compare {
        /// The pairs; `-` is standard input
        #[arg(value_name = "PAIRS")]
        pairs: PathBuf,
        /// The lines are pairs of FollowTheMoney entities
        #[arg(long)]
        entities: bool,
    },
    /// How a name is read: its words, what each does and by which rule, how it may sound, what it weighs
    #[command(after_help = "Examples:
  lookback name 'VESKA, Dr. Orlan'
  lookback name 'Абу Орлан аль-Вески' --json
  lookback name 'Veska Trading Ltd' --kind organisation")]
    Name {
        /// The name
        #[arg(value_name = "TEXT")]
        text: String,
        /// What it is the name of
        #[arg(long, value_enum, default_value_t = KindName::Person, value_name = "KIND")]
        kind: KindName,
    },
    /// List alerts, as of any time
    #[command(after_help = "Examples:
  lookback alerts
  lookback alerts --known-at 2023-02-09 --dataset ofac
  lookback alerts --since 2023-01-01 --json
  lookback alerts --kind lead          # whom evidence points at, not enough for an alert")]
    Alerts {
        #[command(flatten)]
        as_of: AsOf,
        /// Only where subject and entry were true in the world by this date
        #[arg(long, value_name = "DATE")]
        valid_at: Option<PartialDate>,
        /// Only what came, changed or went after this time, the withdrawn ones too
        #[arg(long, value_name = "TIME", value_parser = as_of_time)]
        since: Option<KnownAt>,
        /// Only of this population or list
        #[arg(long, value_name = "NAME", value_parser = dataset_name)]
        dataset: Option<DatasetName>,
        /// Only of this kind; `single` and `lead` are findings that are no alerts [default: all alerts]
        #[arg(long, value_enum, value_name = "KIND")]
        kind: Option<FindingKind>,
    },
    /// Which alerts came, changed and went between two times, and which commit caused each
    #[command(after_help = "Example:\n  lookback diff --from 2022-04-22 --to 2023-02-09")]
    Diff {
        /// The earlier time
        #[arg(long, value_name = "TIME", value_parser = as_of_time)]
        from: KnownAt,
        /// The later time
        #[arg(long, value_name = "TIME", value_parser = as_of_time)]
        to: KnownAt,
    },
    /// Why an alert is, and why it is not higher; or how a subject stands
    #[command(
        after_help = "Examples:\n  lookback why P0000042\n  lookback why 3f9c1ab204 --known-at 2023-02-09"
    )]
    Why {
        /// An alert's id (its first 6 digits or more), or a subject's id
        #[arg(value_name = "ALERT|SUBJECT")]
        what: String,
        #[command(flatten)]
        as_of: AsOf,
    },
    /// Count those who are moved by the network: how they stand, what was done, when it could have been known
    #[command(after_help = "Examples:
  lookback figures --known-at 2031-06-25
  lookback figures --known-at 2031-06-25 --json
  lookback figures --explain not_located          # whom a number counts, and by which event

docs/reference/figures.md says what each figure means.")]
    Figures {
        #[command(flatten)]
        as_of: AsOf,
        /// List whom a figure, one number of it (`screened.no_hit`) or a status (`arrested`) counts
        #[arg(long, value_name = "FIGURE")]
        explain: Option<String>,
    },
    /// Hold what was said in public against the figures
    #[command(after_help = "Example:\n  lookback claims check --known-at 2031-06-25")]
    Claims {
        #[command(subcommand)]
        command: Claims,
    },
    /// What was learned when, how everybody stands, what was done: a report to hand on, as of any time
    #[command(after_help = "Examples:
  lookback report --known-at 2031-06-25 --format pdf --output report.pdf
  lookback report --known-at 2031-06-25 --format html > report.html
  lookback report --known-at 2031-06-25 --explain review.overdue     # the ids behind a number

The same store, time, --actor and --purpose give the same bytes. docs/reference/report.md says what is in it.")]
    Report(ReportOptions),
    /// How long the queue will be and how long it will take, with so many reviewers
    #[command(after_help = "Examples:
  lookback forecast --history months.csv --reviewers 6 --per-day 12 --horizon 6
  lookback forecast --history months.csv --reviewers 6 --per-day 12 --horizon 6 --approvers 2 --shock 2:400 --svg backlog.svg
  lookback forecast --history months.csv --reviewers 6 --per-day 12 --horizon 6 --class urgent:0.2:3 --class other:0.8:20
  lookback forecast --history weeks.csv --period week --reviewers 3 --per-day 8.5 --horizon 12 --json

The history is CSV with the columns period, receipts, completions, stock: how many came and were decided in each
period, and how many waited at its end (empty: carried on). It has no hole: a row that cannot be read is an error.
More reviewers change when something is decided, never which alerts there are. docs/forecast.md is the method,
and where it fails.")]
    Forecast(ForecastOptions),
    /// Serve the store over HTTP: what yente's clients speak, and an interface of its own
    #[command(after_help = "Examples:
  lookback serve
  lookback serve --demo
  lookback serve --listen 127.0.0.1:9000 --store desk.db
  lookback serve --listen 0.0.0.0:8443 --tls-cert desk.pem --tls-key desk.key --purpose-needed

In a store without accounts whoever sits at the machine is let in, as on the command line. Other
machines are let in only when accounts can show who they are, as docs/reference/access.md tells.")]
    Serve(ServeOptions),
    /// Look around in the network: paths, neighbours, files for other programs
    #[command(after_help = "Examples:
  lookback network path P0000042 F-3
  lookback network neighbours P0000042
  lookback network export --format gexf --output network.gexf")]
    Network {
        #[command(subcommand)]
        command: Network,
    },
    /// The queue: what waits for somebody, in its order
    #[command(after_help = "Examples:
  lookback queue
  lookback queue --state escalated --dataset ofac
  lookback queue --state final --known-at 2031-06-25 --json")]
    Queue(review::Queue),
    /// Review an alert, step by step
    #[command(after_help = "Examples:
  lookback review show 3f9c1a
  lookback review claim 3f9c1a --actor amon
  lookback review clear 3f9c1a --reason birth_date_differs --note 'born twenty years apart' --actor amon
  lookback review confirm 3f9c1a --actor brandt
  lookback review rules

A verdict is final once a second person confirms it. docs/reference/review.md has states, roles and reasons.")]
    Review {
        #[command(subcommand)]
        command: review::Review,
    },
    /// One verdict for many alerts, row by row, and back
    #[command(after_help = "Examples:
  lookback bulk propose --state new --dataset ofac --verdict different --reason only_name_agrees \
      --note 'born in another century' --dry-run
  lookback bulk confirm B-2f1c --actor brandt
  lookback bulk undo B-2f1c")]
    Bulk {
        #[command(subcommand)]
        command: review::Bulk,
    },
    /// What takes two persons beside a verdict: another policy, the release of a held version
    #[command(after_help = "Examples:
  lookback matters propose-policy policy.toml --reason evidence --note 'see the retrieval figures'
  lookback matters agree D-2f1c --actor brandt")]
    Matters {
        #[command(subcommand)]
        command: review::Matters,
    },
    /// A subject: what is decided about it, marks, merges, reported facts, what it may have of what is kept
    #[command(after_help = "Examples:
  lookback subject show P0000042
  lookback subject merge P0000043 --into P0000042 --note 'same passport'
  lookback subject report P0000042 not_located --at 2031-05-02 --source 'district office'")]
    Subject {
        #[command(subcommand)]
        command: review::Subject,
    },
    /// How somebody wrongly linked is put right
    #[command(after_help = "Examples:
  lookback redress request P0000042 --ground 'the number is mine since 2029'
  lookback redress grant D-2f1c --retract OBS-17 --note 'the contract was shown' --actor brandt")]
    Redress {
        #[command(subcommand)]
        command: review::Redress,
    },
    /// Re-examinations: what each was for, what came of it, what was learned
    #[command(after_help = "Example:\n  lookback runs list")]
    Runs {
        #[command(subcommand)]
        command: review::Runs,
    },
    /// Who may do what
    #[command(after_help = "Examples:
  lookback account open root --person p-1 --role administrator
  lookback account open amon --person p-2 --role analyst_l1 --actor root
  lookback account list")]
    Account {
        #[command(subcommand)]
        command: review::Account,
    },
    /// How accounts show who they are to `serve`: passwords, keys for programs
    #[command(after_help = "Examples:
  lookback access password root --actor root
  lookback access key counter --label 'counter 4' --scope search --actor root
  lookback access list --actor root

They are kept beside the store, in PATH.access, as hashes. docs/reference/access.md is about who is let in.")]
    Access {
        #[command(subcommand)]
        command: access::Access,
    },
    /// How the store stands: datasets, alerts, who is screened and who cannot be
    #[command(after_help = "Example:\n  lookback status --json")]
    Status,
    /// Rows that became no record: file, line and reason, as kept with each commit
    #[command(after_help = "Examples:\n  lookback rejects\n  lookback rejects --commit 3 --json")]
    Rejects {
        /// Only those of one commit
        #[arg(long, value_name = "SEQ")]
        commit: Option<u64>,
    },
    /// Walk the chain of commits and check every byte that hangs on it
    #[command(after_help = "Examples:
  lookback verify --store copy.db
  lookback verify --head 41:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
  lookback verify --checkpoint 2031-06-25.checkpoint --key desk.public")]
    Verify {
        /// A head that was written down before: the chain must still have that commit. `verify` and `status` print the present one
        #[arg(long, value_name = "SEQ:HASH")]
        head: Option<lookback::Head>,
        /// A signed checkpoint that was kept elsewhere: the store must still hold what it says
        #[arg(long, value_name = "FILE", requires = "key", conflicts_with = "head")]
        checkpoint: Option<PathBuf>,
        /// The public key of the checkpoint
        #[arg(long, value_name = "FILE", requires = "checkpoint")]
        key: Option<PathBuf>,
    },
    /// Who looked at what: the audit, its chain, and what broke the glass
    #[command(after_help = "Examples:
  lookback audit list --target P0000042
  lookback audit verify
  lookback audit review 17 --note 'the court order is on file' --actor auditor

Every look at people is noted before it is answered, with --actor and --purpose. docs/reference/audit.md tells what.")]
    Audit {
        #[command(subcommand)]
        command: audit::Audit,
    },
    /// Sign what the chain is, and prove to people outside what is in it
    #[command(after_help = "Examples:
  lookback checkpoint key desk
  lookback checkpoint sign --key desk.secret --output 2031-06-25.checkpoint
  lookback verify --checkpoint 2031-06-25.checkpoint --key desk.public

`lookback-check`, a program of its own, checks checkpoints and proofs with the public key alone.")]
    Checkpoint {
        #[command(subcommand)]
        command: checkpoint::Checkpoints,
    },
    /// Recompute the whole alert history from the ledger and compare
    #[command(after_help = "Example:\n  lookback replay --verify")]
    Replay {
        /// Compare hashes with what is recorded (the only thing that replay does)
        #[arg(long, required = true)]
        verify: bool,
    },
    /// Write the ledger as a journal that `ingest` reads
    #[command(after_help = "Example:\n  lookback export > journal.jsonl")]
    Export {
        /// Where to; left out: standard output
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// The policy: thresholds, rules, which list applies to whom, known good pairs
    #[command(after_help = "Examples:
  lookback policy show > policy.toml
  lookback policy try policy.toml      # the alerts gained and lost, before anything changes
  lookback policy adopt policy.toml")]
    Policy {
        #[command(subcommand)]
        command: Policy,
    },
    /// Watch an invented population and an invented list over two years
    #[command(after_help = "Examples:\n  lookback demo\n  lookback demo --people 20000 --store try.db")]
    Demo {
        /// How many people
        #[arg(long, default_value_t = 100_000, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
        people: u64,
        /// The same seed gives the same people and the same list
        #[arg(long, default_value_t = 20_310_625, value_name = "N")]
        seed: u64,
    },
    /// State and history hash: equal hashes, equal alerts
    #[command(after_help = "Example:\n  lookback hash --known-at 2023-02-09 --json")]
    Hash {
        #[command(flatten)]
        as_of: AsOf,
    },
    /// Print this reference as Markdown
    #[command(hide = true)]
    HelpMarkdown,
}

/// As of when.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct AsOf {
    /// As known at: an instant, or a day meaning its end [default: now]
    #[arg(long, value_name = "TIME", value_parser = as_of_time)]
    pub(crate) known_at: Option<KnownAt>,
}

impl AsOf {
    pub(crate) fn time(self) -> KnownAt {
        self.known_at.unwrap_or(KnownAt::MAX)
    }
}

/// Options of `ingest`.
#[expect(clippy::struct_excessive_bools, reason = "options are bools")]
#[derive(Debug, clap::Args)]
pub(crate) struct Ingest {
    /// The files; sdn.csv, alt.csv and add.csv together are one list
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The dataset that the files state
    #[arg(long, value_name = "NAME", value_parser = dataset_name)]
    pub(crate) dataset: Option<DatasetName>,
    /// What the dataset is for; needed the first time
    #[arg(long, value_enum, value_name = "ROLE")]
    pub(crate) role: Option<RoleName>,
    /// The format: auto, journal, ftm, ofac, ofac-events or csv
    #[arg(long, default_value = "auto", value_name = "FORMAT", value_parser = format)]
    pub(crate) format: FormatChoice,
    /// How a CSV file's columns become entities or observations: docs/reference/csv-mapping.md
    #[arg(long, value_name = "FILE")]
    pub(crate) mapping: Option<PathBuf>,
    /// When the content became known [default: now]; a journal says so itself
    #[arg(long, value_name = "TIME", value_parser = batch_time)]
    pub(crate) known_at: Option<KnownAt>,
    /// The file is a whole version: delete what it does not contain [default for ofac]
    #[arg(long, conflicts_with = "delta")]
    pub(crate) full: bool,
    /// The file is only what changed [default for everything else]
    #[arg(long)]
    pub(crate) delta: bool,
    /// Apply even a file that would be held: of one that is cut off what stands before the cut, of an empty one that nothing is left
    #[arg(long)]
    pub(crate) confirm_mass_delete: bool,
    /// Show the beginning of rejected rows; it may hold personal data
    #[arg(long)]
    pub(crate) excerpts: bool,
}

impl Ingest {
    pub(crate) fn mode(&self) -> Option<Mode> {
        match (self.full, self.delta) {
            (true, _) => Some(Mode::Full),
            (_, true) => Some(Mode::Delta),
            _ => None,
        }
    }
}

/// Options of `screen`.
#[derive(Debug, clap::Args)]
pub(crate) struct Screen {
    /// The person's name; may be given more than once
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Vec<String>,
    /// The birth date: YYYY, YYYY-MM or YYYY-MM-DD
    #[arg(long, value_name = "DATE", requires = "name")]
    pub(crate) birth_date: Option<PartialDate>,
    /// The gender, where it is known
    #[arg(long, value_parser = ["female", "male", "other"], value_name = "GENDER", requires = "name")]
    pub(crate) gender: Option<String>,
    /// A passport number
    #[arg(long, value_name = "NUMBER", requires = "name")]
    pub(crate) passport: Option<String>,
    /// What is asked about, as FollowTheMoney calls it
    #[arg(long, default_value = "Person", value_name = "SCHEMA", value_parser = schema)]
    pub(crate) schema: Schema,
    /// The id to ask, and to enrol, under
    #[arg(long, value_name = "ID", requires = "name")]
    pub(crate) id: Option<String>,
    /// How many matches to show
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub(crate) limit: usize,
    /// Keep what is asked about as a subject of this population
    #[arg(long, value_name = "DATASET", value_parser = dataset_name)]
    pub(crate) enrol: Option<DatasetName>,
}

/// What to do about people whose time is over.
#[derive(Debug, Subcommand)]
pub(crate) enum Retention {
    /// Who is due by the policy's retention rules, and why some of them are kept
    #[command(after_help = "Example:\n  lookback retention due --now 2032-01-01")]
    Due {
        /// As if it were this time; left out: now
        #[arg(long, value_name = "TIME")]
        now: Option<KnownAt>,
    },
    /// Remove everything that is stored of people; what proves the chain stays
    #[command(
        after_help = "Example:\n  lookback retention purge P1 --reason erasure --authority 'order 7/31'"
    )]
    Purge(Purge),
    /// What was purged, commit by commit, by digest
    #[command(after_help = "Example:\n  lookback retention list")]
    List,
}

/// Whom to purge and how.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own on the command line")]
pub(crate) struct Purge {
    /// Ids of the subjects
    #[arg(value_name = "SUBJECT", value_parser = entity_id, required_unless_present = "due")]
    pub(crate) subjects: Vec<EntityId>,
    /// Whoever is due now and not kept
    #[arg(long, conflicts_with = "subjects")]
    pub(crate) due: bool,
    /// Why; it stays in the chain, so without personal data
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Under which rule, order or decision
    #[arg(long, value_name = "TEXT")]
    pub(crate) authority: String,
    /// Tell what it would do; nothing is changed
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Discard files in quarantine that name the subjects; left out: the purge is refused
    #[arg(long)]
    pub(crate) discard_held: bool,
    /// Purge subjects with open alerts too, which are withdrawn; left out: the purge is refused
    #[arg(long)]
    pub(crate) withdraw_alerts: bool,
}

/// What to do about legal holds.
#[derive(Debug, Subcommand)]
pub(crate) enum Hold {
    /// Protect a subject from being purged
    #[command(after_help = "Example:\n  lookback hold add P1 --reason 'case 12/31' --until 2033-01-01")]
    Add {
        /// Id of the subject
        #[arg(value_parser = entity_id)]
        subject: EntityId,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Until when; left out: until it is lifted
        #[arg(long, value_name = "TIME")]
        until: Option<KnownAt>,
    },
    /// Lift the hold of a subject
    #[command(after_help = "Example:\n  lookback hold lift P1 --reason 'case closed'")]
    Lift {
        /// Id of the subject
        #[arg(value_parser = entity_id)]
        subject: EntityId,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// The holds that stand
    #[command(after_help = "Example:\n  lookback hold list")]
    List,
}

/// What to do with held files.
#[derive(Debug, Subcommand)]
pub(crate) enum Held {
    /// What is held, and why
    #[command(after_help = "Example:\n  lookback held list")]
    List,
    /// What releasing it would do; nothing is changed
    #[command(after_help = "Example:\n  lookback held compare 3")]
    Compare {
        /// Number of the held version
        id: u64,
    },
    /// Apply it after all
    #[command(after_help = "Example:\n  lookback held release 3 --purpose 'confirmed with the publisher'")]
    Release {
        /// Number of the held version
        id: u64,
        /// Release it even if records of its dataset that came, changed or went after it was held are undone by it
        #[arg(long)]
        confirm_undo_later: bool,
    },
    /// Remove it without applying it
    #[command(after_help = "Example:\n  lookback held discard 3")]
    Discard {
        /// Number of the held version
        id: u64,
    },
}

/// What to do with claims.
#[derive(Debug, Subcommand)]
pub(crate) enum Claims {
    /// Each claim beside our number of the day on which it became known: supported, contested or not supported
    #[command(
        after_help = "Examples:\n  lookback claims check\n  lookback claims check --known-at 2031-06-25 --json"
    )]
    Check {
        #[command(flatten)]
        as_of: AsOf,
    },
}

/// Options of `report`.
#[derive(Debug, clap::Args)]
pub(crate) struct ReportOptions {
    #[command(flatten)]
    pub(crate) as_of: AsOf,
    /// As what
    #[arg(long, value_enum, default_value_t = ReportFormat::Md, value_name = "FORMAT")]
    pub(crate) format: ReportFormat,
    /// Where to; left out: standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// List the ids behind a number of the report, by the number's name, instead of the report
    #[arg(long, value_name = "NAME", conflicts_with_all = ["format", "output"])]
    pub(crate) explain: Option<String>,
}

/// Formats of the report as options.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// One page for a browser, which needs nothing else
    Html,
    /// Pages of A4
    Pdf,
    /// Markdown
    Md,
    /// All of it as data
    Json,
}

/// What to ask the network.
#[derive(Debug, Subcommand)]
pub(crate) enum Network {
    /// By which shared attributes somebody is reached from somebody else, step by step
    #[command(after_help = "Examples:
  lookback network path P0000042 F-3
  lookback network path F-3 P0000042 --aim earliest-arrival --from 2030-01-01 --to 2030-06-30
  lookback network path P0000042 F-3 --direction backward --max-gap 30 --known-at 2031-01-15
  lookback network path P0000042 F-3 --valid-at 2030-03-01 --json

Days along a path never run back: whoever is reached on one day goes on over what was true then or later.
Attributes that are declared generic lead nowhere; those with more parties than their kind's cap lead only
from and to their operators. Relations are no steps. A path shows that something was shared, not why.")]
    Path(PathOptions),
    /// Whom a party shares attributes with, by kind
    #[command(after_help = "Examples:
  lookback network neighbours P0000042
  lookback network neighbours F-3 --valid-at 2030-03-01 --known-at 2031-01-15
  lookback network neighbours F-3 --names --json")]
    Neighbours {
        /// The party's id
        #[arg(value_name = "ID", value_parser = entity_id)]
        id: EntityId,
        #[command(flatten)]
        when: When,
    },
    /// Write the network, or somebody's surroundings, for another program
    #[command(after_help = "Examples:
  lookback network export --format gexf --output network.gexf
  lookback network export --format graphml --around P0000042 --steps 2 > around.graphml
  lookback network export --format csv --known-at 2031-01-15 --from 2030-01-01 --to 2030-06-30 > links.csv

Parties and attributes are nodes; observations, and relations that are steps of a chain, are edges with their
days, source and grade. docs/reference/outputs.md tells the fields.")]
    Export(ExportOptions),
}

/// Of what time the network is asked.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct When {
    /// Only what was true from this date on
    #[arg(long, value_name = "DATE")]
    from: Option<PartialDate>,
    /// Only what was true until this date
    #[arg(long, value_name = "DATE")]
    to: Option<PartialDate>,
    /// Only what was true on this date
    #[arg(long, value_name = "DATE", conflicts_with_all = ["from", "to"])]
    valid_at: Option<PartialDate>,
    #[command(flatten)]
    as_of: AsOf,
    /// Tell the names of parties beside their ids
    #[arg(long)]
    names: bool,
}

impl When {
    pub(crate) fn period(self) -> Result<Period, lookback::Error> {
        self.valid_at.map_or_else(|| Period::new(self.from, self.to), |date| Ok(Period::of(date)))
    }

    pub(crate) fn known_at(self) -> KnownAt {
        self.as_of.time()
    }

    pub(crate) fn captions(self) -> Captions {
        if self.names { Captions::Included } else { Captions::Omitted }
    }
}

/// Options of `network path`.
#[derive(Debug, clap::Args)]
pub(crate) struct PathOptions {
    /// From whom: an id
    #[arg(value_name = "FROM_ID", value_parser = entity_id)]
    pub(crate) start: EntityId,
    /// To whom: an id
    #[arg(value_name = "TO_ID", value_parser = entity_id)]
    pub(crate) end: EntityId,
    /// Which path is best
    #[arg(long, value_enum, default_value_t = AimName::FewestSteps, value_name = "AIM")]
    pub(crate) aim: AimName,
    /// Which way time runs along the path
    #[arg(long, value_enum, default_value_t = DirectionName::Forward, value_name = "DIRECTION")]
    pub(crate) direction: DirectionName,
    /// At most so many days between the end of one observation and the beginning of the next [default: any number]
    #[arg(long, value_name = "DAYS")]
    pub(crate) max_gap: Option<u32>,
    /// At most so many steps from party to party
    #[arg(long, default_value_t = 6, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) steps: u32,
    #[command(flatten)]
    pub(crate) when: When,
}

/// Options of `network export`.
#[derive(Debug, clap::Args)]
pub(crate) struct ExportOptions {
    /// As what
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: DrawingName,
    /// Where to; left out: standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Only the surroundings of this party
    #[arg(long, value_name = "ID", value_parser = entity_id)]
    pub(crate) around: Option<EntityId>,
    /// How many steps the surroundings reach, over attributes that lead on and relations of a chain
    #[arg(long, default_value_t = 2, value_name = "N", requires = "around")]
    pub(crate) steps: u32,
    #[command(flatten)]
    pub(crate) when: When,
}

/// What the best path is, as options.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum AimName {
    /// The one with the fewest steps; of these the one that arrives first
    FewestSteps,
    /// The one that arrives first; of these the one with the fewest steps
    EarliestArrival,
}

impl From<AimName> for Aim {
    fn from(name: AimName) -> Self {
        match name {
            AimName::FewestSteps => Self::FewestSteps,
            AimName::EarliestArrival => Self::EarliestArrival,
        }
    }
}

/// Directions as options.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum DirectionName {
    /// To later days
    Forward,
    /// To earlier days; arriving first then is arriving last
    Backward,
}

impl From<DirectionName> for Direction {
    fn from(name: DirectionName) -> Self {
        match name {
            DirectionName::Forward => Self::Forward,
            DirectionName::Backward => Self::Backward,
        }
    }
}

/// Formats of drawings as options.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum DrawingName {
    /// GEXF 1.3 for Gephi, with the days of every edge for its timeline
    Gexf,
    /// GraphML for most other programs
    Graphml,
    /// A table with one row for each edge
    Csv,
}

impl From<DrawingName> for DrawingFormat {
    fn from(name: DrawingName) -> Self {
        match name {
            DrawingName::Gexf => Self::Gexf,
            DrawingName::Graphml => Self::Graphml,
            DrawingName::Csv => Self::Csv,
        }
    }
}

/// What to do with policies.
#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Print the policy in force
    #[command(
        after_help = "Examples:\n  lookback policy show > policy.toml\n  lookback policy show --known-at 2023-02-09"
    )]
    Show {
        #[command(flatten)]
        as_of: AsOf,
    },
    /// Which alerts a policy would gain and lose; nothing is changed
    #[command(after_help = "Example:\n  lookback policy try policy.toml")]
    Try {
        /// The policy file
        file: PathBuf,
    },
    /// Adopt a policy: everybody is examined anew
    #[command(after_help = "Example:\n  lookback policy adopt policy.toml --purpose 'decision of 3 March'")]
    Adopt {
        /// The policy file
        file: PathBuf,
    },
}

/// Roles as options.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum RoleName {
    /// Publishes whom to watch for
    List,
    /// Those who were screened
    Population,
    /// Evidence
    Intelligence,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::List => Self::List,
            RoleName::Population => Self::Population,
            RoleName::Intelligence => Self::Intelligence,
        }
    }
}

/// Kinds of findings as options.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum FindingKind {
    /// Alerts by name or identifier
    Name,
    /// Alerts of people moved by the network
    Network,
    /// People linked by one family of evidence only: no alerts
    Single,
    /// People whom evidence points at: no alerts
    Lead,
}

impl From<FindingKind> for CauseKind {
    fn from(kind: FindingKind) -> Self {
        match kind {
            FindingKind::Name => Self::Name,
            FindingKind::Network => Self::Network,
            FindingKind::Single => Self::Single,
            FindingKind::Lead => Self::Lead,
        }
    }
}

/// Kinds of names as options.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum KindName {
    /// A natural person
    Person,
    /// A company, body, group
    Organisation,
    /// A vessel or aircraft
    Object,
}

impl From<KindName> for NameKind {
    fn from(name: KindName) -> Self {
        match name {
            KindName::Person => Self::Person,
            KindName::Organisation => Self::Organisation,
            KindName::Object => Self::Object,
        }
    }
}

/// A format, or finding it out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FormatChoice(pub(crate) Option<Format>);

fn format(text: &str) -> Result<FormatChoice, String> {
    if text == "auto" {
        return Ok(FormatChoice(None));
    }
    let known = "say auto, journal, ftm, ofac, ofac-events or csv";
    text.parse().map(|format| FormatChoice(Some(format))).map_err(|_| known.to_owned())
}

fn schema(text: &str) -> Result<Schema, String> {
    Schema::named(text)
        .ok_or_else(|| "say Person, Organization, Company, Vessel or another schema".to_owned())
}

fn entity_id(text: &str) -> Result<EntityId, String> {
    EntityId::new(text).map_err(|error| error.to_string())
}

fn dataset_name(text: &str) -> Result<DatasetName, String> {
    DatasetName::new(text).ok_or_else(|| "use letters, digits, '_', '-' and '.'".to_owned())
}

fn as_of_time(text: &str) -> Result<KnownAt, String> {
    KnownAt::parse_as_of(text).map_err(|error| error.to_string())
}

fn batch_time(text: &str) -> Result<KnownAt, String> {
    KnownAt::parse(text).map_err(|error| error.to_string())
}
