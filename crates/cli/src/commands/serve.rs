//! `lookback serve`: the store over HTTP.

use std::num::NonZero;
use std::time::Duration;

use anyhow::{Context, Result};
use server::{Options, Service};

use super::Place;
use crate::args::ServeOptions;
use crate::exit::Exit;
use crate::output::Output;

pub(super) fn run(store: &Place, options: &ServeOptions, output: &mut Output) -> Result<Exit> {
    server::ops::log::start(options.log, options.log_level);
    let mut served = Options::of(store.path.clone(), store.settings.clone());
    served.readers = options.readers.map_or(served.readers, NonZero::get);
    served.stale_after = Duration::from_secs(options.stale_after.saturating_mul(60 * 60));
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
