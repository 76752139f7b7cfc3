//! A writing process killed at random moments: everything acknowledged is there, nothing is half there, and it goes on.
//!
//! The test runs itself as the writer: `crash write PATH` commits and says so after each commit, until it is killed.

mod support;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use lookback_ledger::{Access, Ledger};
use model::{KnownAt, Op, Outcome};
use support::{commit, content, day, delete, in_folder, link, outcome, pair, person};

/// Each round kills the writer of one store ten times.
const ROUNDS: u64 = if cfg!(feature = "long") { 20 } else { 1 };
const KILLS: u64 = 10;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().position(|argument| argument == "write") {
        Some(at) => write(Path::new(&arguments[at + 1])),
        None => (0..ROUNDS).for_each(acknowledged_commits_survive_a_kill),
    }
}

/// What commit `n` says: every third joins the one before, some are large.
fn batch(n: i64) -> (KnownAt, Vec<Op>, Vec<Outcome>) {
    let at = day(n - i64::from(n % 3 == 2));
    let size = if n % 10 == 9 { 2000 } else { 5 };
    let mut ops: Vec<Op> =
        (0..size).map(|k| person(&format!("P{k}-{}", n % 4), "border", &format!("Orlo {n}"))).collect();
    if n % 3 == 2 {
        ops = vec![link(&format!("L{n}"), "P1-0", "P2-1", "a"), delete("entity", &format!("P1-{}", n % 4))];
    }
    let alert =
        outcome(pair(&format!("P{}", n % 7), "E1", day(0)), (n % 2 == 0).then_some(n.unsigned_abs() as u32));
    (at, ops, vec![alert])
}

fn write(path: &Path) {
    let mut ledger = Ledger::open(path, Access::Write).expect("the store opens");
    let mut n = ledger.head().expect("the head is read").map_or(0, |head| head.seq).cast_signed();
    let mut out = std::io::stdout();
    loop {
        let (at, ops, outcomes) = batch(n);
        commit(&mut ledger, at, &ops, &outcomes).expect("the commit stands");
        n += 1;
        writeln!(out, "{n}").and_then(|()| out.flush()).expect("the test listens");
    }
}

fn writer(path: &Path) -> Child {
    let program = std::env::current_exe().expect("the test's own program");
    Command::new(program).arg("write").arg(path).stdout(Stdio::piped()).spawn().expect("a child process")
}

fn acknowledged_commits_survive_a_kill(round: u64) {
    let (_folder, path) = in_folder("store.lookback");
    drop(Ledger::create(&path).expect("a new store"));
    let (mut random, mut stood) = (0x5eed ^ round, 0);
    for kill in 0..KILLS {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut child = writer(&path);
        std::thread::sleep(Duration::from_millis(20 + (random >> 33) % 180));
        child.kill().expect("the child is ours to kill");
        let said = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let said = said.map_while(Result::ok).filter_map(|line| line.parse::<u64>().ok()).last();
        child.wait().expect("the child is gone");
        let acknowledged = said.unwrap_or(stood);
        let ledger = Ledger::open(&path, Access::Write).expect("the store opens after a kill");
        stood = ledger.verify().expect("the store verifies after a kill").commits;
        assert!(
            stood >= acknowledged,
            "round {round}, kill {kill}: commit {acknowledged} was acknowledged, {stood} are there"
        );
        assert!(
            stood <= acknowledged + 1,
            "round {round}, kill {kill}: at most the commit under way was not acknowledged"
        );
    }
    assert!(stood > 0, "the writer came to write");
    assert_eq!(
        content(&Ledger::open(&path, Access::Read).expect("the store opens")).expect("its content"),
        undisturbed(stood)
    );
}

fn undisturbed(commits: u64) -> String {
    let (_folder, path) = in_folder("undisturbed.lookback");
    let mut ledger = Ledger::create(&path).expect("a new store");
    for n in 0..commits.cast_signed() {
        let (at, ops, outcomes) = batch(n);
        commit(&mut ledger, at, &ops, &outcomes).expect("the commit stands");
    }
    content(&ledger).expect("its content")
}
