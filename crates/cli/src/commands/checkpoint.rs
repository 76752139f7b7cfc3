//! Keys, signed checkpoints, proofs, and a store held against a checkpoint.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use lookback::Error;
use lookback::proof::{Checkpoint, PublicKey, SecretKey};
use serde::Serialize;

use super::{Place, read_text, write_out};
use crate::args::checkpoint::Checkpoints;
use crate::exit::Exit;
use crate::output::Output;

pub(super) fn run(place: &Place, command: Checkpoints, output: &mut Output) -> Result<Exit> {
    match command {
        Checkpoints::Key { output: name } => make_key(&name, output),
        Checkpoints::Sign { key, output: file } => {
            let key = SecretKey::parse(&read_text(&key)?).map_err(|error| wrong(&key, &error))?;
            write_json(&place.read()?.checkpoint(&key)?, file.as_deref(), output)
        }
        Checkpoints::Prove { commit, checkpoint, output: file } => {
            write_json(&place.read()?.prove(commit, &read(&checkpoint)?)?, file.as_deref(), output)
        }
        Checkpoints::Consistency { earlier, later, output: file } => {
            let proof = place.read()?.prove_consistency(&read(&earlier)?, &read(&later)?)?;
            write_json(&proof, file.as_deref(), output)
        }
    }
}

fn make_key(name: &Path, output: &mut Output) -> Result<Exit> {
    let key =
        SecretKey::generate().map_err(|error| Error::Io(error.to_string(), std::io::Error::other(error)))?;
    let with = |extension: &str| {
        let mut path = name.as_os_str().to_owned();
        path.push(extension);
        PathBuf::from(path)
    };
    let (secret, public) = (with(".secret"), with(".public"));
    write_secret(&secret, &key.to_text())?;
    write_out(Some(&public), output, |out| Ok(out.write_all(key.public().to_text().as_bytes())?))?;
    output.line(format!(
        "made key {}: keep {} to yourself, give {} away",
        key.public().id(),
        secret.display(),
        public.display()
    ))?;
    Ok(Exit::Done)
}

/// A new file that nobody else may read.
fn write_secret(path: &Path, text: &str) -> Result<()> {
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Error::Usage(format!("{} exists; name a new file", path.display()))
        }
        _ => Error::Io(format!("writing {}", path.display()), error),
    };
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(options.open(path).and_then(|mut file| file.write_all(text.as_bytes())).map_err(failed)?)
}

fn write_json(value: &impl Serialize, file: Option<&Path>, output: &mut Output) -> Result<Exit> {
    let text = serde_json::to_string_pretty(value)? + "\n";
    write_out(file, output, |out| Ok(out.write_all(text.as_bytes())?))?;
    Ok(Exit::Done)
}

/// Reads a checkpoint.
pub(super) fn read(path: &Path) -> Result<Checkpoint> {
    Ok(serde_json::from_str(&read_text(path)?).map_err(|error| wrong(path, &error))?)
}

/// Reads a public key.
pub(super) fn public_key(path: &Path) -> Result<PublicKey> {
    Ok(PublicKey::parse(&read_text(path)?).map_err(|error| wrong(path, &error))?)
}

fn wrong(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::Usage(format!("{}: {error}", path.display()))
}
