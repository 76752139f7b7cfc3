//! `lookback serve`: the store over HTTP.

use std::num::NonZero;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use server::{Lock, Oidc, Options, Secret, Service, Terms, Tls};

use super::{Place, note, read_text};
use crate::args::ServeOptions;
use crate::exit::Exit;
use crate::output::Output;

/// Who is not let in yet, and how that is changed.
const OPEN: &str = "the store has no accounts: whoever sits at this machine is let in, and nobody else. For others open an administrator's account \
first: `lookback account open root --person p-1 --role administrator`, then `lookback access password root --actor root`";
const NO_KEYS: &str = "no account can show who it is, so that nobody is let in: give one a password with `lookback access password ACCOUNT --actor ACCOUNT`";

pub(super) fn run(store: &Place, options: &ServeOptions, output: &mut Output) -> Result<Exit> {
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
    let service = Service::open(served)?;
    match service.lock()? {
        Lock::Open => note(OPEN),
        Lock::NoKeys => note(NO_KEYS),
        Lock::Locked => {}
    }
    let mut said = Ok(());
    let ready = |at| {
        said = output.line(format_args!("serving {} on {scheme}://{at}", store.path.display()));
        said = std::mem::replace(&mut said, Ok(())).and_then(|()| output.flush());
    };
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

fn oidc(options: &ServeOptions) -> Result<Option<Oidc>> {
    let Some((issuer, client)) = options.oidc_issuer.clone().zip(options.oidc_client.clone()) else {
        return Ok(None);
    };
    let secret = options.oidc_secret.as_deref().map(read_text).transpose()?;
    let secret = secret.map(|text| Secret::shown(text.trim_end_matches(['\r', '\n'])));
    Ok(Some(Oidc { issuer, client, secret, claim: options.oidc_claim.clone() }))
}
