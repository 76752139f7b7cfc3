//! Every story in `stories/` comes true, told at once or block by block. The form of a story: stories/README.md.

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use lookback::model::{CauseKind, KnownAt, RecordKind, Role};
use lookback::{AlertFilter, AlertView};
use screening::{Accounts, NetworkStanding};
use support::{Bench, workspace};

/// A fenced block: the words after the fence, the lines, and where it stands.
#[derive(Debug, Default)]
struct Block {
    head: String,
    lines: Vec<String>,
    line: usize,
}

fn stories() -> Vec<PathBuf> {
    let folder = workspace().join("stories");
    let entries = std::fs::read_dir(folder).expect("the folder of stories");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a story").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "md") && !path.ends_with("README.md"));
    paths.sort();
    paths
}

fn blocks(path: &Path) -> Vec<Block> {
    let text = std::fs::read_to_string(path).expect("a story");
    let (mut blocks, mut open) = (Vec::new(), None::<Block>);
    for (at, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(head), None) => {
                open = Some(Block { head: head.to_owned(), line: at + 1, ..Block::default() });
            }
            (None, Some(block)) => block.lines.push(line.to_owned()),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{}: a block is not closed", path.display());
    blocks
}

fn day(text: &str) -> KnownAt {
    KnownAt::parse_as_of(text).expect("a day")
}

/// The subject, and the list entry or the network that is the reason.
fn arrow(alert: &AlertView) -> String {
    let by_network = alert.cause.kind == CauseKind::Network.word();
    let reason = if by_network { "network" } else { &alert.cause.entry };
    format!("{} <- {reason}", alert.subject)
}

fn alerts(bench: &Bench, at: KnownAt) -> Vec<String> {
    let filter = AlertFilter { known_at: Some(at), ..AlertFilter::default() };
    bench.store.alerts(&filter).expect("the alerts").iter().map(arrow).collect()
}

fn diff(bench: &Bench, from: KnownAt, to: KnownAt) -> Vec<String> {
    let diff = bench.store.diff(from, to).expect("a diff");
    let parts = [("+", diff.came), ("~", diff.changed), ("-", diff.went)];
    let lines = parts.into_iter().flat_map(|(sign, lines)| {
        lines.into_iter().map(move |line| format!("{sign} {}", arrow(&line.alert)))
    });
    lines.collect()
}

/// Everybody of whom the network says anything. Who is moved and who is single must also be those of whom the ledger's look-ups say so.
fn network(bench: &Bench, at: KnownAt) -> Vec<String> {
    let view = bench.store.ledger().as_of(at);
    let found = |word: &str, kind| -> Vec<String> {
        let states = view.findings(kind).expect("the findings").into_iter();
        states.map(|state| format!("{word}: {}", state.pair.subject.id)).collect()
    };
    let mut lines = [found("moved", CauseKind::Network), found("single", CauseKind::Single)].concat();
    lines.sort();
    assert_eq!(lines, accounts(bench, at), "network findings, and the accounts of the subjects");
    let leads = view.findings(CauseKind::Lead).expect("the findings").into_iter();
    lines.extend(leads.map(|state| format!("lead: {} {:.2}", state.pair.subject.id, state.score.fraction())));
    let subjects: BTreeSet<_> = lines.iter().filter_map(|line| line.split(' ').nth(1)).collect();
    assert_eq!(subjects.len(), lines.len(), "nobody has two findings");
    lines
}

/// What look-ups in the ledger make of each subject.
fn accounts(bench: &Bench, at: KnownAt) -> Vec<String> {
    let view = bench.store.ledger().as_of(at);
    let policy = bench.store.policy(at).expect("the policy").network;
    let mut accounts = Accounts::new(view, &policy);
    let mut subjects = Vec::new();
    for dataset in view.datasets().expect("the datasets").iter().filter(|d| d.role == Role::Population) {
        let read = view.entities(Some(&dataset.name), &mut |version| {
            subjects.push(version.record.entity.id);
            Ok(())
        });
        read.expect("the entities");
    }
    let line = |id| match accounts.of(id).expect("an account").standing(&policy) {
        NetworkStanding::Unlinked => None,
        NetworkStanding::Single => Some(format!("single: {id}")),
        NetworkStanding::Moved => Some(format!("moved: {id}")),
    };
    let mut lines: Vec<String> = subjects.iter().filter_map(line).collect();
    lines.sort();
    lines
}

/// Subjects of which `why` says that they could not be screened; the coverage fact must count as many.
fn unscreenable(bench: &Bench, at: KnownAt) -> Vec<String> {
    let mut ids = BTreeSet::new();
    let view = bench.store.ledger().as_of(KnownAt::MAX);
    let read = view.records(RecordKind::Entity, &mut |_, record| {
        ids.insert(record.key().text.to_string());
        Ok(())
    });
    read.expect("the entities");
    let standing = |id: &String| bench.store.why(id, at).expect("why").standing;
    ids.retain(|id| standing(id).starts_with("cannot be screened, and is therefore not clear"));
    let coverage = bench.store.coverage(at).expect("coverage").expect("a commit by then").1;
    assert_eq!(coverage.unscreenable.values().sum::<u64>(), ids.len() as u64);
    assert_eq!(coverage.subjects, coverage.screened + ids.len() as u64);
    ids.into_iter().map(|id| format!("unscreenable: {id}")).collect()
}

fn answer(bench: &Bench, head: &str) -> Vec<String> {
    match head.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["alerts", "as", "of", at] => alerts(bench, day(at)),
        ["diff", "from", from, "to", to] => diff(bench, day(from), day(to)),
        ["network", "as", "of", at] => network(bench, day(at)),
        ["coverage", "as", "of", at] => unscreenable(bench, day(at)),
        _ => panic!("there is no block {head:?}"),
    }
}

fn journals(blocks: &[Block]) -> Vec<String> {
    blocks.iter().filter(|block| block.head == "journal").map(|b| b.lines.join("\n") + "\n").collect()
}

fn told_at_once(journals: &[String]) -> Bench {
    let mut bench = Bench::new();
    bench.journal(&journals.concat()).expect("the journal");
    bench
}

#[test]
fn what_a_story_says_comes_true() {
    let paths = stories();
    assert!(paths.len() >= 17, "the stories are there");
    let (mut checked, mut wrong) = (0, Vec::new());
    for path in paths {
        let blocks = blocks(&path);
        let bench = told_at_once(&journals(&blocks));
        for block in blocks.iter().filter(|block| block.head != "journal") {
            let (mut stated, mut found) = (block.lines.clone(), answer(&bench, &block.head));
            stated.sort();
            found.sort();
            checked += 1;
            if stated != found {
                let place = format!("{}:{}: ```{}", path.display(), block.line, block.head);
                wrong.push(format!("{place}\n  the story says: {stated:#?}\n  lookback says: {found:#?}"));
            }
        }
        assert!(bench.store.replay(&mut lookback::Silent).expect("replay").agrees(), "{}", path.display());
        bench.store.ledger().verify().expect("verify");
    }
    println!("{checked} blocks checked");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_story_told_block_by_block_comes_to_the_same() {
    for path in stories() {
        let journals = journals(&blocks(&path));
        let mut bench = Bench::new();
        for journal in &journals {
            bench.journal(journal).expect("the journal");
        }
        let [parts, whole] =
            [&bench, &told_at_once(&journals)].map(|b| b.store.hashes(KnownAt::MAX).expect("hashes"));
        assert_eq!(parts, whole, "{}", path.display());
    }
}

#[test]
fn why_tells_that_dates_of_a_membership_were_in_the_way() {
    let bench = told_at_once(&journals(&blocks(&workspace().join("stories/a-membership-of-its-time.md"))));
    let why = |at| bench.store.why("T-2", day(at)).expect("why").network.expect("the network");
    let (before, bound) = (why("2031-06-01"), why("2031-07-01"));
    assert_eq!((before.standing, before.ignored.len()), ("moved by the network", 0));
    assert_eq!(bound.standing, "lead");
    let [ignored] = bound.ignored.as_slice() else { panic!("{:?}", bound.ignored) };
    assert!(ignored.ends_with("but no chain holds then, by the dates of its relations (M-1)."), "{ignored}");
    let reason = "no chain from a seed holds on the days of what they shared: a lead, and no alert";
    assert_eq!(bound.why_not_stronger, [reason]);
}

#[test]
fn an_alert_that_comes_again_on_the_same_two_sides_keeps_its_id() {
    let mut bench = Bench::new();
    let entry = |at: &str, born: &str| {
        format!(
            r#"{{"known_at":"{at}","op":"put","kind":"entity","dataset":"watch","entity":{{"id":"W-1","schema":"Person","properties":{{"name":["Leonor Quastel"],"birthDate":["{born}"]}}}}}}"#
        )
    };
    let start = r#"{"known_at":"2031-01-01","op":"put","kind":"dataset","name":"travellers","role":"population"}
{"known_at":"2031-01-01","op":"put","kind":"dataset","name":"watch","role":"list"}
{"known_at":"2031-01-02","op":"put","kind":"entity","dataset":"travellers","entity":{"id":"T-1","schema":"Person","properties":{"name":["Leonor Quastel"],"birthDate":["1958-04-22"]}}}"#;
    let lines =
        [start, &entry("2031-02-01", "1958"), &entry("2031-03-01", "1987"), &entry("2031-04-01", "1958")];
    bench.journal(&lines.join("\n")).expect("the journal");
    let ids = |at: &str| -> Vec<_> {
        let alerts = bench.store.ledger().as_of(day(at)).alerts().expect("alerts");
        alerts.into_iter().map(|alert| alert.alert).collect()
    };
    assert_eq!(ids("2031-02-01").len(), 1);
    assert_eq!(ids("2031-03-01"), []);
    assert_eq!(ids("2031-04-01"), ids("2031-02-01"));
    let why = bench.store.why("T-1", KnownAt::MAX).expect("why");
    assert_eq!(why.alerts[0].history.len(), 3, "it came, went and came again");
}
