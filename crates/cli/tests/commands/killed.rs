//! The command, killed somewhere: no decision that was acknowledged is lost, and a purge is whole or can be done again.

use std::time::Duration;

use crate::desk::Desk;

/// A number of milliseconds up to a bound, from a generator of its own.
fn wait(seed: &mut u64, bound: u64) -> Duration {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    Duration::from_micros((*seed >> 33) % (bound * 1000))
}

impl Desk {
    /// Runs a command and kills it after a while, or lets it be; what it said, if it had come to its end.
    fn run_killed(&self, arguments: &[&str], after: Option<Duration>) -> Option<String> {
        let mut child = self.command(arguments).spawn().unwrap();
        if let Some(after) = after {
            std::thread::sleep(after);
            let _ = child.kill();
        }
        let output = child.wait_with_output().unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    }
}

fn office() -> Desk {
    let desk = Desk::stocked();
    for (account, person, role) in
        [("root", "p0", "administrator"), ("second", "p2", "analyst_l2"), ("lists", "p4", "list_manager")]
    {
        desk.run(&format!("account open {account} --person {person} --role {role} --actor root")).ends(0);
    }
    let guest = r#"{"id":"CUST-70155","schema":"Person","properties":{"name":["Бероз Ормач"],"passportNumber":["XB5550009"]}}"#;
    desk.write("guest.ftm.json", guest.to_owned() + "\n");
    desk.run("ingest guest.ftm.json --dataset guests").ends(0);
    desk.used_by("second")
}

/// How many milliseconds a command takes when nobody kills it, and half as many more: so long, at most, is waited before a kill.
fn bound(run: impl FnOnce()) -> u64 {
    #[expect(clippy::disallowed_methods, reason = "how long to wait before a kill is measured")]
    let start = std::time::Instant::now();
    run();
    let took = start.elapsed();
    u64::try_from(took.as_millis()).unwrap() * 3 / 2 + 1
}

#[test]
fn no_decision_that_was_acknowledged_is_lost() {
    let desk = office();
    let alert = desk.run("queue --json").ends(0).json()["rows"][0]["alert"].as_str().unwrap().to_owned();
    let bound = bound(|| drop(desk.run_killed(&["review", "comment", &alert, "first"], None)));
    let (mut seed, mut acknowledged) = (7, Vec::new());
    for n in 0..60 {
        let note = format!("remark {n}");
        let after = (n % 5 != 4).then(|| wait(&mut seed, bound));
        if let Some(said) = desk.run_killed(&["review", "comment", &alert, &note], after) {
            acknowledged.push((said.split(':').next().unwrap().to_owned(), note));
        }
    }
    assert!(acknowledged.len() >= 12, "those that were let be");
    let review = desk.run(&format!("review show {alert} --json")).ends(0).json();
    let history = review["history"].as_array().unwrap();
    for (decision, note) in acknowledged {
        let kept = history.iter().find(|row| row["id"] == decision.as_str());
        assert_eq!(kept.map(|row| row["note"].as_str()), Some(Some(note.as_str())), "{decision}");
    }
    desk.run("verify").ends(0);
    desk.run("replay --verify").ends(0);
}

const PURGE: [&str; 10] = [
    "retention",
    "purge",
    "CUST-70155",
    "--reason",
    "erasure",
    "--authority",
    "order 7",
    "--withdraw-alerts",
    "--actor",
    "lists",
];

#[test]
fn a_purge_that_was_killed_is_whole_or_done_again() {
    let desk = office();
    let bound = bound(|| drop(desk.run_killed(&PURGE, None)));
    let mut seed = 11;
    for _ in 0..30 {
        let desk = office();
        desk.run("why CUST-70155").ends(0);
        desk.run_killed(&PURGE, Some(wait(&mut seed, bound)));
        // Whatever stands of it, the store holds.
        desk.run("verify").ends(0);
        // Where nothing stands it is done now; where it stands, whoever writes next finishes what is left to do.
        let again = desk.run_with(&PURGE, "");
        assert!(!again.err.contains("panicked"), "{}", again.err);
        desk.run("account open other --person p9 --role reader --actor root").ends(0);
        for file in std::fs::read_dir(desk.path("")).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with("lookback.db") {
                let bytes = std::fs::read(&path).unwrap();
                let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
                assert!(!holds("CUST-70155") && !holds("XB5550009"), "{name}");
            }
        }
        for check in ["verify", "audit verify", "replay --verify"] {
            desk.run(check).ends(0);
        }
        desk.run("why CUST-70155").ends(0).shows("purged");
    }
}
