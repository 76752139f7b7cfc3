//! A folder with invented files and a store, and the command run in it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// Five people who were let through; the last states no name.
pub(crate) const PEOPLE: &str = r#"{"id":"P1","schema":"Person","properties":{"name":["Orlan Veska"],"birthDate":["1980-03-04"],"gender":["male"]}}
{"id":"P2","schema":"Person","properties":{"name":["Tirzah Morvenna"],"birthDate":["1984-11-06"]}}
{"id":"P3","schema":"Person","properties":{"name":["Бероз Ормач"],"passportNumber":["XB5550001"]}}
{"id":"P4","schema":"Person","properties":{"name":["Callum Quillan"]}}
{"id":"P5","schema":"Person","properties":{"birthDate":["1990"]}}
"#;

/// Twelve entries; of these people, L01 is about P1 and L03 about P3.
pub(crate) fn list() -> String {
    let mut lines = vec![
        entry("L01", "Orlan Veska", r#","birthDate":["1980-03-04"]"#),
        entry("L02", "Ilka Sarkh", ""),
        entry("L03", "Beroz Ormach", ""),
    ];
    let others = ["Aud", "Bria", "Cael", "Dagny", "Eskil", "Fenna", "Gorm", "Hild", "Isolde"];
    for (n, name) in (4..).zip(others) {
        lines.push(entry(&format!("L{n:02}"), &format!("{name} Tamberlane"), ""));
    }
    lines.concat()
}

pub(crate) fn entry(id: &str, name: &str, more: &str) -> String {
    format!("{{\"id\":\"{id}\",\"schema\":\"Person\",\"properties\":{{\"name\":[\"{name}\"]{more}}}}}\n")
}

/// A folder of its own, in which the command runs.
pub(crate) struct Desk {
    folder: TempDir,
    /// Who is logged in.
    user: &'static str,
}

impl Desk {
    pub(crate) fn empty() -> Self {
        Self { folder: TempDir::new().unwrap(), user: "nobody" }
    }

    /// The same, with somebody else logged in.
    pub(crate) fn used_by(self, user: &'static str) -> Self {
        Self { user, ..self }
    }

    /// With a store that knows the people since 2030-01-01 and the list since 2030-02-01.
    pub(crate) fn stocked() -> Self {
        let desk = Self::empty();
        desk.write("people.ftm.json", PEOPLE);
        desk.write("list.ftm.json", list());
        desk.run("ingest people.ftm.json --dataset guests --role population --known-at 2030-01-01").ends(0);
        desk.run("ingest list.ftm.json --dataset watch --role list --known-at 2030-02-01").ends(0);
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// Runs a command line, split at blanks.
    pub(crate) fn run(&self, line: &str) -> Ran {
        self.run_with(&line.split_whitespace().collect::<Vec<_>>(), "")
    }

    pub(crate) fn run_with(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Ran {
        let mut child = self.command(arguments).spawn().unwrap();
        // A command that does not read its input may be gone already.
        let _ = child.stdin.take().unwrap().write_all(input.as_ref());
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
        Ran {
            line: arguments.join(" "),
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lookback"));
        command.args(arguments).current_dir(self.folder.path()).env("USER", self.user);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The state and history hash.
    pub(crate) fn hash(&self) -> Value {
        self.run("hash --json").ends(0).json()
    }
}

/// How a run ended.
pub(crate) struct Ran {
    line: String,
    code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Holds the exit code. Whatever happened, nothing panicked.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        let told = format!("lookback {}\n{}\n{}", self.line, self.out, self.err);
        assert_eq!(self.code, Some(code), "{told}");
        assert!(!self.err.contains("panicked"), "{told}");
        assert!(code == 0 || !self.err.is_empty(), "an error says nothing: {told}");
        self
    }

    /// Holds that standard error says this.
    #[track_caller]
    pub(crate) fn tells(self, text: &str) -> Self {
        assert!(self.err.contains(text), "lookback {}: {:?} is not in\n{}", self.line, text, self.err);
        self
    }

    /// Holds that standard output says this.
    #[track_caller]
    pub(crate) fn shows(self, text: &str) -> Self {
        assert!(self.out.contains(text), "lookback {}: {:?} is not in\n{}", self.line, text, self.out);
        self
    }

    /// The one JSON value of standard output.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let lines = self.lines();
        assert_eq!(lines.len(), 1, "lookback {}\n{}", self.line, self.out);
        lines.into_iter().next().unwrap()
    }

    /// The JSON values of standard output, one a line.
    #[track_caller]
    pub(crate) fn lines(&self) -> Vec<Value> {
        let parse =
            |line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{}: {line}: {e}", self.line));
        self.out.lines().map(parse).collect()
    }
}

/// The folder of the whole project.
pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().and_then(Path::parent).unwrap()
}
