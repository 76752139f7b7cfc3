//! `lookback serve`: the store over HTTP.

use std::num::NonZero;
use std::time::Duration;

use anyhow::{Context, Result};
use server::{Lock, Options, Service, Terms};

use super::{Place, note};
use crate::args::ServeOptions;
use crate::exit::Exit;
use crate::output::Output;

/// Who is not let in yet, and how that is changed.
const OPEN: &str = "the store has no accounts: whoever sits at this machine is let in, and nobody else. For others open an administrator's account \
first: `lookback account open root --person p-1 --role administrator`, then `lookback access password root --actor root`";
const NO_KEYS: &str = "no account can show who it is, so that nobody is let in: give one a password with `lookback access password ACCOUNT --actor ACCOUNT`";

pub(super) fn run(store: &Place, options: &ServeOptions, output: &mut Output) -> Result<Exit> {
    server::ops::log::start(options.log, options.log_level);
    let mut served = Options::of(store.path.clone(), store.settings.clone());
    served.readers = options.readers.map_or(served.readers, NonZero::get);
    served.stale_after = Duration::from_hours(options.stale_after.into());
    served.access =
        Terms { public_url: options.public_url.clone(), tls: false, purpose_needed: options.purpose_needed };
    let service = Service::open(served)?;
    match service.lock()? {
        Lock::Open => note(OPEN),
        Lock::NoKeys => note(NO_KEYS),
        Lock::Locked => {}
    }
    let mut said = Ok(());
    let ready = |at| {
        said = output.line(format_args!("serving {} on http://{at}", store.path.display()));
        said = std::mem::replace(&mut said, Ok(())).and_then(|()| output.flush());
    };
    server::run(options.listen, service, ready).with_context(|| format!("serving on {}", options.listen))?;
    said?;
    Ok(Exit::Done)
}
