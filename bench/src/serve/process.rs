//! The program itself, serving a store on a port of its own.
//!
//! In: a store. Out: an address. Always holds: what was started is ended, also after an error.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

/// A running server.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

/// The release program, built if it is not there.
pub(crate) fn program() -> Result<PathBuf> {
    let cargo = option_env!("CARGO").unwrap_or("cargo");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let build = ["build", "--release", "--quiet", "-p", "lookback-cli"];
    let built = Command::new(cargo).args(build).current_dir(folder).status().context("running cargo")?;
    ensure!(built.success(), "the program could not be built");
    let beside = std::env::current_exe()?.with_file_name("lookback");
    ensure!(beside.is_file(), "the program is not beside this one: run this with `cargo run --release`");
    Ok(beside)
}

impl Server {
    pub(crate) fn start(program: &Path, store: &Path, more: &[&str]) -> Result<Self> {
        let mut command = Command::new(program);
        command.arg("serve").arg("--store").arg(store).args(["--listen", "127.0.0.1:0"]).args(more);
        let mut child = command.stdout(Stdio::piped()).spawn().context("starting the server")?;
        let mut out = BufReader::new(child.stdout.take().context("its output is piped")?);
        let mut address = None;
        let mut line = String::new();
        while address.is_none() && out.read_line(&mut line)? > 0 {
            address = line.rsplit("http://").next().and_then(|at| at.trim().parse().ok());
            line.clear();
        }
        // Whatever else it says is read, so that it never waits for a reader.
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        let mut server = Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        server.address = address.context("the server did not say where it listens")?;
        Ok(server)
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Memory and processor time that it took so far: MiB and seconds.
    pub(crate) fn cost(&self) -> (u64, f64) {
        let folder = format!("/proc/{}", self.child.id());
        (crate::machine::resident_mib_of(&folder), crate::machine::processor_seconds_of(&folder))
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn stop(mut self) -> Result<()> {
        let asked = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status()?;
        ensure!(asked.success(), "the server could not be asked to end");
        ensure!(self.child.wait()?.success(), "the server ended with an error");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After `stop` there is nothing left to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
