//! `lookback serve`: the store over HTTP; with `--demo` an invented one, made for it.

use std::num::NonZero;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use lookback::{Demo, Error, OFFICE};
use model::{AccountName, EntityId};
use server::ops::Traces;
use server::{Keeper, Lock, Oidc, Options, Secret, Service, Terms, Tls};

use super::demo::free_path;
use super::{Place, note, read_text};
use crate::args::ServeOptions;
use crate::exit::Exit;
use crate::output::Output;
use crate::progress::Bar;

/// Who is not let in yet, and how that is changed.
const OPEN: &str = "the store has no accounts: whoever sits at this machine is let in, and nobody else. For others open an administrator's account \
first: `lookback account open root --person p-1 --role administrator`, then `lookback access password root --actor root`";
const NO_KEYS: &str = "no account can show who it is, so that nobody is let in: give one a password with `lookback access password ACCOUNT --actor ACCOUNT`";

/// What every account of the demonstration logs in with. Nobody is protected by it: all are invented, and no other machine gets in.
const DEMO_PASSWORD: &str = "harbour-demo";

/// People of the demonstration: enough for a queue, few enough to be there at once.
const DEMO: Demo = Demo { people: 5_000, seed: 20_310_625 };

pub(super) fn run(store: &Place, options: &ServeOptions, output: &mut Output) -> Result<Exit> {
    if !options.demo {
        return serve(store, options, None, output);
    }
    if !options.listen.ip().is_loopback() {
        return Err(Error::Usage(
            "the demonstration is served to this machine alone: leave --listen out".into(),
        )
        .into());
    }
    let store = Place { path: free_path(&store.path), settings: store.settings.clone(), breaks_glass: false };
    let begin = make_demo(&store, output)?;
    serve(&store, options, Some(begin), output)
}

/// Makes the store, gives each account its password, and says who they are. Out: whom to begin with.
fn make_demo(store: &Place, output: &mut Output) -> Result<EntityId> {
    let mut bar = Bar::new("demo");
    let begin = lookback::harbour(&store.path, store.settings.clone(), DEMO, &mut bar);
    drop(bar);
    let begin = begin?;
    let keeper = Keeper::open(&store.path, store.settings.clock)?;
    output.line(format_args!(
        "{} invented people and an office, in {}",
        DEMO.people,
        store.path.display()
    ))?;
    for colleague in OFFICE {
        let account =
            AccountName::new(colleague.account).expect("the accounts of the demonstration are short words");
        keeper.set_password(&account, DEMO_PASSWORD)?;
        output.line(format_args!("  {:<8} {}", colleague.account, colleague.does))?;
    }
    output.line(format_args!("log in as one of them with {DEMO_PASSWORD}"))?;
    Ok(begin)
}

fn serve(
    store: &Place,
    options: &ServeOptions,
    begin: Option<EntityId>,
    output: &mut Output,
) -> Result<Exit> {
    let files = options.tls_cert.as_ref().zip(options.tls_key.as_ref());
    let tls = files.map(|(certificate, key)| Tls::read(certificate, key)).transpose();
    let tls = tls.context("reading the certificate and its key")?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let (public_url, oidc) = (options.public_url.clone(), oidc(options)?);
    let access = Terms { public_url, tls, purpose_needed: options.purpose_needed, oidc };
    server::ops::log::start(options.log, options.log_level);
    let mut served = Options::of(store.path.clone(), store.settings.clone());
    served.readers = options.readers.map_or(served.readers, NonZero::get);
    served.stale_after = Duration::from_hours(options.stale_after.into());
    served.access = access;
    served.update_token = options.update_token_file.as_deref().map(update_token).transpose()?;
    let traces = options.otlp_endpoint.as_deref().map(Traces::to).transpose();
    served.traces = traces.map_err(anyhow::Error::msg).context("--otlp-endpoint")?;
    let service = Service::open(served).map_err(|error| store.hint(error))?;
    match service.lock()? {
        Lock::Open => note(OPEN),
        Lock::NoKeys => note(NO_KEYS),
        Lock::Locked => {}
    }
    let mut said = Ok(());
    let ready = |at| said = say_where(store, &format!("{scheme}://{at}"), begin, output);
    server::run(options.listen, service, ready).with_context(|| format!("serving on {}", options.listen))?;
    said?;
    Ok(Exit::Done)
}

/// As long as a token has to be, so that it is not guessed.
const TOKEN_SHORTEST: usize = 16;

fn update_token(file: &Path) -> Result<Secret> {
    let text = read_text(file)?;
    let token = text.trim_end_matches(['\r', '\n']);
    ensure!(
        token.len() >= TOKEN_SHORTEST,
        "the update token in {} is too short: {TOKEN_SHORTEST} bytes or more",
        file.display()
    );
    Ok(Secret::shown(token))
}

fn say_where(store: &Place, url: &str, begin: Option<EntityId>, output: &mut Output) -> Result<()> {
    output.line(format_args!("serving {} on {url}", store.path.display()))?;
    if let Some(subject) = begin {
        output.line(format_args!(
            "begin: find out why {subject} is here, and decide: {url}/subject/{subject}"
        ))?;
    }
    output.flush()
}

fn oidc(options: &ServeOptions) -> Result<Option<Oidc>> {
    let Some((issuer, client)) = options.oidc_issuer.clone().zip(options.oidc_client.clone()) else {
        return Ok(None);
    };
    let secret = options.oidc_secret.as_deref().map(read_text).transpose()?;
    let secret = secret.map(|text| Secret::shown(text.trim_end_matches(['\r', '\n'])));
    Ok(Some(Oidc { issuer, client, secret, claim: options.oidc_claim.clone() }))
}
