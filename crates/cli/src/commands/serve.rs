//! `lookback serve`: the store over HTTP.

use anyhow::{Context, Result};
use server::{Options, Service, Terms};

use super::Place;
use crate::args::ServeOptions;
use crate::exit::Exit;
use crate::output::Output;

pub(super) fn run(store: &Place, options: &ServeOptions, output: &mut Output) -> Result<Exit> {
    let readers = options.readers.unwrap_or(store.settings.threads).get();
    let served = Options { store: store.path.clone(), settings: store.settings.clone(), readers, access: Terms::default() };
    let service = Service::open(served)?;
    let mut said = Ok(());
    let ready = |at| {
        said = output.line(format_args!("serving {} on http://{at}", store.path.display()));
        said = std::mem::replace(&mut said, Ok(())).and_then(|()| output.flush());
    };
    server::run(options.listen, service, ready).with_context(|| format!("serving on {}", options.listen))?;
    said?;
    Ok(Exit::Done)
}
