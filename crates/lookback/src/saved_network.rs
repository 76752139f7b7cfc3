//! The file of the network beside the store: what the ledger says of people and evidence, as the engine holds it in memory.
//!
//! In: a store. Out: the network of its head. Always holds: the file is only a saving of work. It says which commit, engine and policy it
//! is of, and a digest of all of it is compared before any of it is trusted; one that is missing, damaged or of something else, or
//! that cannot be brought up to date, is not used, and the network is built from the ledger. What is asked of a network is answered the
//! same whichever way it came about (`TWO-TIMES`).
//!
//! ```text
//! digest of all that follows (32) · magic (8) · length of the stamp u64 · stamp, as JSON · graph
//! ```

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use ledger::View;
use model::{Digest, KnownAt};
use screening::{Graph, Policy, basis_of};
use serde::{Deserialize, Serialize};

use crate::{Error, Store};

const MAGIC: &[u8; 8] = b"lookbnet";
const DIGEST: usize = 32;

#[derive(Serialize, Deserialize, PartialEq, Eq)]
struct Stamp {
    seq: u64,
    commit: Digest,
    basis: Digest,
}

/// A network and how much of it no file has yet.
pub(crate) struct Opened {
    pub(crate) graph: Graph,
    pub(crate) unsaved_rows: u64,
}

impl Store {
    /// Asks the network as a view sees it: the one that stands, where the view sees the head; otherwise one that is built for it. Its
    /// numbers, and so which of equally good paths it tells, are the same either way (`TWO-TIMES`).
    pub(crate) fn with_graph<T>(
        &self,
        view: &View<'_>,
        ask: impl FnOnce(&Graph) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let sees_head = self.ledger.head()?.is_none_or(|head| head.header.known_at <= view.known_at());
        if !sees_head {
            return ask(&Graph::build(&self.policy(view.known_at())?.network, view)?.renumbered());
        }
        if let Some(graph) = self.standing_graph() {
            return ask(&graph.renumbered());
        }
        let Opened { graph, unsaved_rows } = self.open_network(&self.policy(KnownAt::MAX)?)?;
        if unsaved_rows == 0 { ask(&graph) } else { ask(&graph.renumbered()) }
    }

    /// The network of the head: read from its file and brought up to date, or else built.
    pub(crate) fn open_network(&self, policy: &Policy) -> Result<Opened, Error> {
        if let Some(opened) = self.saved_network(policy) {
            return Ok(opened);
        }
        let graph = Graph::build(&policy.network, &self.ledger.as_of(KnownAt::MAX))?;
        Ok(Opened { unsaved_rows: graph.size(), graph })
    }

    /// Whatever keeps a file from being used, building is the answer; what is wrong with the ledger comes out then.
    fn saved_network(&self, policy: &Policy) -> Option<Opened> {
        let bytes = fs::read(self.network_path()).ok()?;
        let (digest, body) = bytes.split_first_chunk::<DIGEST>()?;
        if Digest::of(body) != Digest(*digest) {
            return None;
        }
        let (len, rest) = body.strip_prefix(MAGIC)?.split_first_chunk()?;
        let (stamp, graph) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*len)).ok()?)?;
        let stamp: Stamp = serde_json::from_slice(stamp).ok()?;
        let commit = self.ledger.commit(stamp.seq).ok()??;
        if commit.hash != stamp.commit || stamp.basis != basis_of(policy) {
            return None;
        }
        let mut graph = Graph::restore(&policy.network, graph)?;
        let unsaved_rows = graph.catch_up(&self.ledger, stamp.seq).ok()?;
        Some(Opened { graph, unsaved_rows })
    }

    /// Writes the network of the head, which replaces what was there when it is complete and safely stored.
    pub(crate) fn save_network(
        &self,
        graph: &Graph,
        seq: u64,
        commit: Digest,
        basis: Digest,
    ) -> Result<(), Error> {
        let stamp = serde_json::to_vec(&Stamp { seq, commit, basis }).expect("numbers and digests are JSON");
        let mut bytes = vec![0; DIGEST];
        bytes.extend(MAGIC);
        bytes.extend((stamp.len() as u64).to_le_bytes());
        bytes.extend(stamp);
        graph.save(&mut bytes);
        let Digest(digest) = Digest::of(&bytes[DIGEST..]);
        bytes[..DIGEST].copy_from_slice(&digest);
        let path = self.network_path();
        write_whole(&path, &bytes).map_err(|error| Error::Io(format!("writing {}", path.display()), error))
    }

    pub(crate) fn network_path(&self) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(".network");
        PathBuf::from(name)
    }
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_added_extension("new");
    let mut file = File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
