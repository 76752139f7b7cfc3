//! The review at the size that is promised: the queue, single decisions, a bulk decision, figures.
//!
//! In: how many cases. Out: a table. Every case is an invented subject with four or five alerts by name; one in ten is also moved by an invented
//! network. Decisions are durable commits through the façade.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail};
use lookback::invented::population;
use lookback::model::{
    AccountName, Entity, Grounds, KnownAt, PersonName, Proof, Reason, ReviewRole, Step, Verdict,
};
use lookback::review::{Chosen, Draft, Query, State};
use lookback::{Access, IngestOptions, Settings, Silent, Store};

use crate::machine::{Machine, peak_mib};
use crate::phases::{Finding, Target};
use crate::stopwatch::{Times, timed};
use crate::table::{grouped, rows_of};

/// How many subjects there are, and how many alerts by name each of them has.
#[derive(Clone, Copy)]
struct Size {
    cases: u64,
    alerts: u64,
}

const ORDINARY: Size = Size { cases: 50_000, alerts: 4 };
const LARGE: Size = Size { cases: 200_000, alerts: 5 };
/// Names that subjects and entries share; each is borne by as many entries as a subject has alerts.
const NAMES: u64 = 500;
const SEED: u64 = 20_310_625;
const BULK: usize = 10_000;

const HELP: &str = "\
lookback-bench review [--cases N | --large]
  --cases N   subjects with four alerts each (50,000)
  --large     200,000 of them with five each: a million alerts";

pub(crate) fn run(mut words: impl Iterator<Item = String>) -> Result<String> {
    let mut size = ORDINARY;
    while let Some(word) = words.next() {
        match word.as_str() {
            "--cases" => size.cases = words.next().context(HELP)?.replace('_', "").parse().context(HELP)?,
            "--large" => size = LARGE,
            _ => bail!("{HELP}"),
        }
    }
    let machine = Machine::of_this();
    let folder = tempfile::tempdir()?;
    let findings = measure(folder.path(), size)?;
    Ok(format!("{} cases\n{machine}\n\n{}", grouped(size.cases), rows_of(&findings)))
}

fn finding(what: &str, value: f64, unit: &str, target: Option<Target>) -> Finding {
    Finding { what: what.to_owned(), value, unit: unit.to_owned(), target }
}

fn measure(folder: &Path, size: Size) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let path = folder.join("store.db");
    let mut store = stocked(&path, size)?;
    let alerts = store.ledger().as_of(KnownAt::MAX).alerts()?.iter().filter(|a| a.pair.is_alert()).count();
    findings.push(finding("alerts", alerts as f64, "", None));
    let (read, time) = timed(|| store.desk().map(drop));
    read?;
    findings.push(finding("all reviews read from the ledger", time.as_secs_f64() * 1e3, "ms", None));
    let query = Query { limit: 50, ..Query::default() };
    let mut pages = Times::default();
    for page in 0..50 {
        let query = Query { offset: page * 500, ..query.clone() };
        let (page, time) = timed(|| store.queue(&query, None));
        page?;
        pages.note(time);
    }
    findings.push(finding("a page of the queue: p50", pages.rank(50), "ms", Some(Target::AtMost(20.0))));
    findings.push(finding("a page of the queue: p99", pages.rank(99), "ms", None));
    decisions(&mut store, &mut findings)?;
    bulk(&mut store, &mut findings)?;
    let (figures, time) = timed(|| store.figures(KnownAt::MAX));
    findings.push(finding("members", figures?.moved_by_network as f64, "", None));
    let ms = time.as_secs_f64() * 1e3;
    findings.push(finding("figures", ms, "ms", Some(Target::AtMost(200.0))));
    findings.push(finding("peak memory", peak_mib() as f64, "MiB", None));
    Ok(findings)
}

/// One decision after the other, each durable before the next.
fn decisions(store: &mut Store, findings: &mut Vec<Finding>) -> Result<()> {
    let query = Query { states: vec![State::New, State::Escalated], limit: 300, ..Query::default() };
    let rows = store.queue(&query, None)?.rows;
    store.act_as("second", Proof::Asserted);
    let mut times = Times::default();
    for row in rows {
        let (decision, time) =
            timed(|| store.decide_one(Draft::on(row.alert, propose(), Some("as seen".into()))));
        decision?;
        times.note(time);
    }
    findings.push(finding("one decision, durable: p50", times.rank(50), "ms", Some(Target::AtMost(10.0))));
    findings.push(finding("one decision, durable: p99", times.rank(99), "ms", None));
    let (page, time) = timed(|| store.queue(&query, None));
    page?;
    let what = "a page of the queue after 300 decisions";
    findings.push(finding(what, time.as_secs_f64() * 1e3, "ms", None));
    Ok(())
}

fn bulk(store: &mut Store, findings: &mut Vec<Finding>) -> Result<()> {
    let query = Query { states: vec![State::New, State::Escalated], ..Query::default() };
    let (preview, time) = timed(|| store.bulk_select(&query));
    let preview = preview?;
    findings.push(finding("selecting over all", time.as_secs_f64() * 1e3, "ms", None));
    let chosen: Vec<Chosen> = preview.selection.into_iter().take(BULK).collect();
    let propose = |store: &mut Store| {
        store.bulk_propose(&chosen, Verdict::Different, Reason::OnlyNameAgrees, "as seen")
    };
    let (proposed, time) = timed(|| propose(store));
    let proposed = proposed?;
    let target = Some(Target::AtMost(2.0));
    findings.push(finding("rows of a bulk proposal", proposed.done as f64, "", None));
    findings.push(finding("bulk proposal", time.as_secs_f64(), "s", target));
    store.act_as("senior", Proof::Asserted);
    let (confirmed, time) = timed(|| store.bulk_confirm(&proposed.bulk, None));
    let confirmed = confirmed?;
    findings.push(finding("rows of its confirmation", confirmed.done as f64, "", None));
    findings.push(finding("bulk confirmation", time.as_secs_f64(), "s", target));
    Ok(())
}

fn propose() -> Step {
    let (reason, matches) = (Reason::OnlyNameAgrees, [].into());
    let grounds = Grounds { reason, matches, properties: [].into(), expires: None };
    Step::Propose { verdict: Verdict::Different, grounds }
}

/// A store with its cases and the accounts of those who review them.
fn stocked(path: &Path, size: Size) -> Result<Store> {
    let journal = path.with_extension("jsonl");
    std::fs::write(&journal, journal_of(size)?)?;
    let mut store = Store::create(path, Settings::of_this_machine("bench"))?;
    store.ingest(&[journal], &IngestOptions::default(), &mut Silent)?;
    drop(store);
    let mut store = Store::open(path, Access::Write, Settings::of_this_machine("root"))?;
    let accounts: [(&str, &[ReviewRole]); 3] = [
        ("root", &[ReviewRole::Administrator]),
        ("second", &[ReviewRole::AnalystL2]),
        ("senior", &[ReviewRole::Approver]),
    ];
    for (name, roles) in accounts {
        let (account, person) = (AccountName::new(name), PersonName::new(name));
        let (account, person) = account.zip(person).context("a sound name")?;
        store.open_account(account, person, roles.iter().copied().collect(), [].into())?;
    }
    Ok(store)
}

fn journal_of(Size { cases, alerts }: Size) -> Result<String> {
    let mut text = String::new();
    let at = "2025-01-01T00:00:00Z";
    for (name, role) in [("watch", "list"), ("guests", "population"), ("reports", "intelligence")] {
        writeln!(
            text,
            r#"{{"known_at":"{at}","op":"put","kind":"dataset","name":"{name}","role":"{role}"}}"#
        )?;
    }
    let people = population(SEED, NAMES).map(|person| Ok(serde_json::from_value(person.to_ftm())?));
    let people = people.collect::<Result<Vec<Entity>>>()?;
    let mut put = |dataset: &str, id: &str, entity: &Entity, more: &str| -> Result<()> {
        let names = serde_json::to_string(entity.values("name"))?;
        let line = format!(
            r#"{{"known_at":"{at}","op":"put","kind":"entity","dataset":"{dataset}","entity":{{"id":"{id}","schema":"Person","properties":{{"name":{names}{more}}}}}}}"#
        );
        writeln!(text, "{line}")?;
        Ok(())
    };
    for (n, person) in people.iter().enumerate() {
        for entry in 0..alerts {
            put("watch", &format!("W{n}-{entry}"), person, "")?;
        }
    }
    for n in 0..cases {
        put("guests", &format!("G{n}"), &people[(n % NAMES) as usize], "")?;
    }
    let put_other =
        |text: &mut String, json: String| writeln!(text, r#"{{"known_at":"{at}","op":"put",{json}}}"#);
    put_other(&mut text, r#""kind":"entity","dataset":"watch","entity":{"id":"ORG","schema":"Organization","properties":{"name":["Tamber Guild"],"topics":["crime.terror"]}}"#.into())?;
    put_other(&mut text, r#""kind":"entity","dataset":"reports","entity":{"id":"FAC","schema":"Person","properties":{"name":["Orlan Veska"]}}"#.into())?;
    put_other(&mut text, r#""kind":"entity","dataset":"reports","entity":{"id":"MEM","schema":"Membership","properties":{"member":["FAC"],"organization":["ORG"]}}"#.into())?;
    for n in (0..cases).step_by(10) {
        let document = format!(r#""attribute":{{"kind":"document","value":"XA{n:07}"}}"#);
        for (id, subject, relation) in [("U", format!("G{n}"), "used"), ("O", "FAC".to_owned(), "operated")] {
            put_other(
                &mut text,
                format!(
                    r#""kind":"observation","id":"{id}{n}","subject":"{subject}","relation":"{relation}",{document},"valid_from":"2024-01-01","valid_to":"2024-12-31","source":"port","grade":"A1""#
                ),
            )?;
        }
    }
    Ok(text)
}
