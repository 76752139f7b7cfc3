//! One function a command: ask the façade, show the answer.

mod access;
mod ask;
mod audit;
mod backup;
mod checkpoint;
mod demo;
mod feed;
mod figures;
mod forecast;
mod network;
mod office;
mod report;
mod retention;
mod review;
mod serve;
mod show;

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, Result};
use lookback::review::Standing;
use lookback::{Access, Error, FileError, Head, LedgerError, Settings, Store, Verified};

use crate::args::{Args, Claims, Command};
use crate::exit::Exit;
use crate::output::{Output, WRITING, count};

/// Runs a command.
pub(crate) fn run(args: Args, output: &mut Output) -> Result<Exit> {
    let settings = settings(&args);
    let store = &Place { path: args.store.clone(), settings, breaks_glass: args.break_glass.is_some() };
    audit::note_look(store, &args)?;
    match args.command {
        Command::Init => feed::init(store, output),
        Command::Ingest(options) => feed::ingest(store, &options, output),
        Command::Preview(options) => feed::preview(store, &options, output),
        Command::Held { command } => feed::held(store, &command, output),
        Command::Retention { command } => retention::run(store, command, output),
        Command::Hold { command } => retention::hold(store, command, output),
        Command::Policy { command } => feed::policy(store, &command, output),
        Command::Export { output: file } => feed::export(store, file.as_deref(), output),
        Command::Backup { to } => backup::backup(store, &to, output),
        Command::Restore { from } => backup::restore(store, &from, output),
        Command::Screen(options) => ask::screen(store, &options, output),
        Command::Compare { pairs, entities } => ask::compare(store, &pairs, entities, output),
        Command::Name { text, kind } => ask::name(&text, kind.into(), output),
        Command::Entities { dataset, as_of } => show::entities(store, &dataset, as_of.time(), output),
        Command::Alerts { as_of, valid_at, since, dataset, kind } => {
            let (known_at, kind) = (as_of.known_at, kind.map(Into::into));
            let filter = lookback::AlertFilter { known_at, valid_at, since, dataset, kind, viewer: None };
            show::alerts(store, &filter, output)
        }
        Command::Diff { from, to } => show::diff(store, from, to, output),
        Command::Why { what, as_of } => show::why(store, &what, as_of.time(), output),
        Command::Figures { as_of, explain } => figures::show(store, as_of.time(), explain.as_deref(), output),
        Command::Claims { command: Claims::Check { as_of } } => figures::claims(store, as_of.time(), output),
        Command::Report(options) => report::run(store, &options, output),
        Command::Forecast(options) => forecast::run(store, &options, output),
        Command::Network { command } => network::run(store, &command, output),
        Command::Serve(options) => serve::run(store, &options, output),
        Command::Queue(options) => review::queue(store, options, output),
        Command::Review { command } => review::review(store, command, output),
        Command::Bulk { command } => review::bulk(store, command, output),
        Command::Matters { command } => office::matters(store, command, output),
        Command::Subject { command } => office::subject(store, command, output),
        Command::Redress { command } => office::redress(store, command, output),
        Command::Runs { command } => office::runs(store, command, output),
        Command::Account { command } => office::account(store, command, output),
        Command::Access { command } => access::run(store, command, output),
        Command::Status => show::status(store, output),
        Command::Rejects { commit } => show::rejects(store, commit, output),
        Command::Verify { head, checkpoint, key } => {
            show::verify(store, head, checkpoint.as_deref().zip(key.as_deref()), output)
        }
        Command::Audit { command } => audit::run(store, command, output),
        Command::Checkpoint { command } => checkpoint::run(store, command, output),
        Command::Replay { verify: _ } => show::replay(store, output),
        Command::Hash { as_of } => show::hash(store, as_of.time(), output),
        Command::Demo { people, seed } => demo::run(store, lookback::Demo { people, seed }, output),
        Command::HelpMarkdown => {
            output.line(crate::reference::markdown().trim_end())?;
            Ok(Exit::Done)
        }
    }
}

/// What to do while a server owns the store.
const THROUGH_THE_SERVER: &str = "where the other one is `lookback serve`, send it the change: docs/reference/v1.md has a route for each command \
     that writes, `lookback access key` a key for a program";

/// Where the store is, and who asks.
struct Place {
    path: std::path::PathBuf,
    settings: Settings,
    /// Whether they look beyond what is theirs to see, which was allowed and noted.
    breaks_glass: bool,
}

impl Place {
    fn read(&self) -> Result<Store> {
        self.open(Access::Read)
    }

    /// Whom the account may see, for answers that leave the others out; `None` sees everybody.
    fn viewer(&self, store: &Store) -> Result<Option<Standing>> {
        if self.breaks_glass { Ok(None) } else { Ok(store.viewer()?) }
    }

    fn write(&self) -> Result<Store> {
        self.open(Access::Write)
    }

    fn open(&self, access: Access) -> Result<Store> {
        let store =
            Store::open(&self.path, access, self.settings.clone()).map_err(|error| self.hint(error))?;
        if let Some(again) = &store.reexamined {
            note(&format!(
                "engine {} ({}) had decided before; everybody was examined anew: {}",
                again.before.engine,
                again.before.tables,
                count(again.changes.len(), "alert change")
            ));
        }
        Ok(store)
    }

    fn verify(&self, written_down: Option<Head>) -> Result<Verified> {
        Ok(lookback::verify(&self.path, written_down).map_err(|error| self.hint(error))?)
    }

    fn verify_against(&self, checkpoint: &Path, key: &Path) -> Result<Verified> {
        let (checkpoint, key) = (checkpoint::read(checkpoint)?, checkpoint::public_key(key)?);
        let verified = lookback::verify_against_checkpoint(&self.path, &checkpoint, &key);
        Ok(verified.map_err(|error| self.hint(error))?)
    }

    fn create(&self) -> Result<Store> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            return Err(
                Error::Usage(format!("there is no folder {}; make it first", folder.display())).into()
            );
        }
        Ok(Store::create(&self.path, self.settings.clone())?)
    }

    fn hint(&self, error: Error) -> Error {
        let path = self.path.display();
        if self.path.is_dir() {
            return Error::Usage(format!("{path} is a folder; a store is one file"));
        }
        if self.path.exists() {
            if matches!(error, Error::Ledger(LedgerError::Busy(_))) {
                note(THROUGH_THE_SERVER);
            }
            return error;
        }
        Error::Usage(format!("there is no store at {path}; make one with `lookback init --store {path}`"))
    }
}

fn settings(args: &Args) -> Settings {
    let mut settings = Settings::of_this_machine(&args.actor.clone().unwrap_or_else(logged_in));
    settings.purpose = args.purpose.clone().unwrap_or_default();
    settings
}

#[expect(clippy::disallowed_methods, reason = "programs may read the environment")]
fn logged_in() -> String {
    let mut names = ["USER", "LOGNAME", "USERNAME"].into_iter().filter_map(|name| std::env::var(name).ok());
    names.find(|name| !name.is_empty()).unwrap_or_else(|| "unknown".to_owned())
}

/// Something to know that is not part of the answer.
#[expect(clippy::print_stderr, reason = "notes stand beside the answer, not in it")]
fn note(text: &str) {
    eprintln!("lookback: {text}");
}

/// Writes to a new file, or to standard output where none is named.
fn write_out(
    file: Option<&Path>,
    output: &mut Output,
    write: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<()> {
    let Some(path) = file else { return write(output.writer()).context(WRITING) };
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => Error::Usage(format!("{} exists; name a new file", path.display())),
        _ => Error::Io(format!("writing {}", path.display()), error),
    };
    let mut out = BufWriter::new(File::create_new(path).map_err(failed)?);
    write(&mut out).with_context(|| format!("writing {}", path.display()))?;
    Ok(out.flush().map_err(failed)?)
}

/// Reads a text file.
fn read_text(path: &Path) -> Result<String> {
    let name = path.display().to_string();
    Ok(std::fs::read_to_string(path).map_err(|error| unreadable(&name, error))?)
}

/// Opens a file for reading.
fn open_file(path: &Path) -> Result<File> {
    Ok(File::open(path).map_err(|error| unreadable(&path.display().to_string(), error))?)
}

/// An input that cannot be read is refused, as a file to ingest is.
fn unreadable(name: &str, error: std::io::Error) -> Error {
    FileError::Io { file: name.to_owned(), error }.into()
}
