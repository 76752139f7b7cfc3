//! `access`: how accounts show that they are themselves. It works on the file beside the store, also while a server runs.

use std::io::{BufRead, IsTerminal, stdin};

use anyhow::{Context, Result};
use lookback::access::AccessKey;
use lookback::{Error, Store};
use model::{AccountName, KnownAt};
use serde_json::json;
use server::{Keeper, NewKey};

use super::Place;
use crate::args::access::Access;
use crate::exit::Exit;
use crate::output::{Output, count};

pub(super) fn run(place: &Place, command: Access, output: &mut Output) -> Result<Exit> {
    let store = place.read()?;
    let keeper = Keeper::open(&place.path, place.settings.clock)?;
    match command {
        Access::Password { account } => {
            known(&store, &account)?;
            keeper.set_password(&account, &password()?)?;
            done(output, &format!("{account} has a new password"))
        }
        Access::Key { account, label, scope, default_purpose: purpose, enrol, rate, days } => {
            known(&store, &account)?;
            let scope = scope.into_iter().collect();
            let (key, secret) =
                keeper.make_key(NewKey { account, label, scope, purpose, enrol, rate, days })?;
            if output.json {
                output.value(&json!({ "secret": secret.reveal(), "key": key }))?;
            } else {
                output.line(secret.reveal())?;
                super::note(&format!(
                    "key {} is good until {}; it is not shown again",
                    key.id, key.expires_at
                ));
            }
            Ok(Exit::Done)
        }
        Access::List => list(&keeper, output),
        Access::Revoke { key, account } => {
            if let Some(account) = account {
                keeper.revoke_all(&account)?;
                return done(output, &format!("{account} can show nothing any more"));
            }
            let key = key.expect("clap asks for one of the two");
            keeper.revoke_key(&key)?;
            done(output, &format!("key {key} is taken back"))
        }
        Access::Link { account, issuer, claim } => {
            known(&store, &account)?;
            keeper.link(&issuer, &claim, &account)?;
            done(output, &format!("whom {issuer} calls {claim} is {account}"))
        }
    }
}

fn known(store: &Store, account: &AccountName) -> Result<()> {
    let open = store.accounts(KnownAt::MAX)?.into_iter().any(|one| one.account == *account);
    let none = || {
        Error::NotFound(format!(
            "there is no account {account}: open it with `lookback account open {account}`"
        ))
    };
    if open { Ok(()) } else { Err(none().into()) }
}

/// Asks for a password twice, or reads a line where nobody can be asked.
fn password() -> Result<String> {
    let reading = "reading the password";
    if !stdin().is_terminal() {
        let mut line = String::new();
        stdin().lock().read_line(&mut line).context(reading)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let first = rpassword::prompt_password("Password: ").context(reading)?;
    let second = rpassword::prompt_password("The same again: ").context(reading)?;
    if first == second { Ok(first) } else { Err(Error::Usage("the two differ".into()).into()) }
}

fn list(keeper: &Keeper, output: &mut Output) -> Result<Exit> {
    let (shown, keys) = (keeper.shown()?, keeper.keys(None)?);
    if output.json {
        output.value(&json!({ "accounts": shown, "keys": keys }))?;
        return Ok(Exit::Done);
    }
    let rows = shown.iter().map(|one| {
        let password = if one.password { "yes" } else { "" };
        [
            one.account.to_string(),
            password.to_owned(),
            one.identities.join(", "),
            one.sessions.to_string(),
            one.keys.to_string(),
        ]
    });
    output.table(["account", "password", "identities", "sessions", "keys"], rows)?;
    output.line("")?;
    output.table(
        ["key", "account", "for", "scope", "enrols in", "good until", "taken back"],
        keys.iter().map(row),
    )?;
    output.line(count(keys.len(), "key"))?;
    Ok(Exit::Done)
}

fn row(key: &AccessKey) -> [String; 7] {
    let words: Vec<&str> = key.scope.iter().map(String::as_str).collect();
    [
        key.id.clone(),
        key.account.to_string(),
        key.label.clone(),
        words.join(", "),
        key.enrol.as_ref().map(ToString::to_string).unwrap_or_default(),
        key.expires_at.to_string(),
        key.revoked_at.map(|at| at.to_string()).unwrap_or_default(),
    ]
}

fn done(output: &mut Output, text: &str) -> Result<Exit> {
    if output.json {
        output.value(&json!({ "done": text }))?;
    } else {
        output.line(text)?;
    }
    Ok(Exit::Done)
}
