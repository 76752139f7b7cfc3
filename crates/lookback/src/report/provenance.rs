//! What stands first, and what makes the report checkable: claims held against the figures, the limits of the product, versions and hashes.

use cases::Checked;
use cases::report::{Block, Cell, Section, Table};
use cases::review::State;
use model::{CauseKind, Commit, Coverage};

use super::reviews::Reviewed;
use super::standing::DIGEST_OF_MEMBERS;
use super::{Sources, section};
use crate::Error;
use crate::fact::{ScreenedList, policy_digest};

pub(super) fn summary(sources: &Sources<'_>, reviewed: &Reviewed) -> Result<Section, Error> {
    let figures = sources.store.figures(sources.known_at)?;
    let mut table = Table::new("At a glance", ["what", "number"]);
    let name = "moved_by_network";
    table.row(
        name,
        ["people moved by the network".into(), figures.moved_by_network.into()],
        sources.explain_figure(name),
    );
    for (kind, what) in
        [(CauseKind::Network, "open alerts by network"), (CauseKind::Name, "open alerts by name")]
    {
        let open = sources.view.findings(kind)?.len() as u64;
        let command = format!("{} --kind {}", sources.asked("lookback alerts"), kind.word());
        table.row(format!("alerts.{}", kind.word()), [what.into(), open.into()], command);
    }
    let pending =
        reviewed.desk.reviews(sources.known_at).filter(|review| review.state().is_pending()).count();
    let name = "review.pending";
    table.row(name, ["reviews pending".into(), (pending as u64).into()], sources.explain(name));
    let of_state = |state: State| {
        reviewed.desk.reviews(sources.known_at).filter(|review| review.state() == state).count()
    };
    let name = "review.state.final";
    table.row(
        name,
        ["reviews with a final verdict".into(), (of_state(State::Final) as u64).into()],
        sources.explain(name),
    );
    let text = "This report says whom the office once cleared and whom what was learned since concerns, by which evidence, what was known \
                when, and what was done about it. It finds people to review and decides about nobody. Every row with a number has the name of what \
                was asked and one command, which lists the ids behind the number to whoever may see them; no person is named here.";
    Ok(section("summary", "In short", vec![Block::Text(text.into()), Block::Table(table)]))
}

pub(super) fn claims(sources: &Sources<'_>) -> Result<Section, Error> {
    let mut table = Table::new(
        "Claims, each held against our number of the day on which it became known",
        ["claim", "outlet", "known on", "said", "our number", "verdict"],
    );
    for claim in sources.store.check_claims(sources.known_at)? {
        let Checked { id, outlet, as_of, actual, contested_by, verdict, query, .. } = &claim;
        let by: Vec<String> = contested_by.iter().map(ToString::to_string).collect();
        let by = if by.is_empty() { String::new() } else { format!(", contested by {}", by.join(", ")) };
        table.row(
            format!("claim.{id}"),
            [
                id.to_string().into(),
                outlet.clone().unwrap_or_default().into(),
                as_of.clone().into(),
                said(&claim).into(),
                (*actual).into(),
                format!("{}{by}", verdict.word()).into(),
            ],
            query.clone(),
        );
    }
    let text = format!(
        "That others contest a claim is told, and changes neither our number nor whether it bears the claim out. Who said it, and in which \
         words: {} --json",
        sources.asked("lookback claims check")
    );
    Ok(section("claims", "What was said in public", vec![Block::Text(text), Block::Table(table)]))
}

fn said(claim: &Checked) -> String {
    let value = claim.value.as_ref().map(ToString::to_string);
    let words = [claim.metric.clone(), claim.comparison.clone(), value];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

const LIMITS: [&str; 9] = [
    "Association is not role. That evidence links somebody to a facilitator says that they were moved, housed or paid for by the same means, not what they are or did. A score of association did not tell traffickers from those whom they moved better than chance on court-verified data.",
    "\"Moved by the network\" and \"has a direct tie\" are two questions and are never added up.",
    "Evidence is as good as its sources. What was never observed, or not sent, is not in here; what is wrong can be retracted, and the figures of before stay as they were.",
    "Names do not treat all origins alike: where siblings or strangers share most of their names, more people are alerted who are not meant; short names and names with many spellings are missed more often. The table of disparity says what that came to here, docs/names.md what was measured elsewhere.",
    "A namesake without a birth date or a number on record cannot be told apart by name. Nicknames, stage names and married names are found only where a source states them.",
    "Writing that hides the sound (Han characters read in Japanese, Arabic without vowels in short names) is matched worse.",
    "Who has no readable name and no strong identifier is not screened, and is not clear.",
    "Known time is when the office knew, as its journal says. It does not show what somebody else knew earlier.",
    "Two reports of close days can be subtracted from one another; small cells are protected within a report, not between reports.",
];

pub(super) fn limits(sources: &Sources<'_>) -> Result<Section, Error> {
    let expected = sources.store.expected_false_leads(sources.known_at)?;
    let leads = sources.view.findings(CauseKind::Lead)?.len() as u64;
    let mut table = Table::new("Leads that mean nothing", ["what", "number", "meaning"]);
    table.row(
        "alerts.lead",
        [
            "leads".into(),
            leads.into(),
            "people whom weaker evidence points at: for an analyst to look at, never an alert".into(),
        ],
        format!("{} --kind lead", sources.asked("lookback alerts")),
    );
    table.row(
        "leads.expected_false",
        [
            "expected false leads".into(),
            expected.expected.into(),
            format!("what is to be expected of a score that leaves a share of {} of people without any tie alone: that is an estimate over all subjects, and counts nobody", expected.specificity).into(),
        ],
        sources.explain("coverage.subjects"),
    );
    let points = LIMITS.iter().map(|limit| (*limit).to_owned()).collect();
    Ok(section("limits", "What this does not show", vec![Block::Points(points), Block::Table(table)]))
}

pub(super) fn reproduce(sources: &Sources<'_>) -> Result<Section, Error> {
    let last = sources.view.last_commit()?;
    let hashes = sources.store.hashes(sources.known_at)?;
    let mut table = Table::new("Versions and hashes", ["what", "value"]);
    let hash = sources.asked("lookback hash");
    table.row(
        "hash.state",
        ["state hash of the open findings".into(), hashes.state.to_string().into()],
        hash.as_str(),
    );
    table.row(
        "hash.history",
        ["history hash of all changes of findings".into(), hashes.history.to_string().into()],
        hash.as_str(),
    );
    let members = sources.store.figures(sources.known_at)?.moved_sha256.to_string();
    let name = DIGEST_OF_MEMBERS;
    table.row(
        name,
        ["digest of the ids of the members".into(), members.into()],
        sources.explain_figure(name),
    );
    if let Some((commit, _)) = &last {
        let head = format!("{}:{}", commit.seq, commit.hash);
        table.row(
            "head",
            ["last commit, with its hash".into(), head.as_str().into()],
            format!("lookback verify --head {head}"),
        );
        let policy = policy_digest(Some(commit)).to_string();
        table.row(
            "policy",
            ["digest of the policy".into(), policy.into()],
            sources.asked("lookback policy show"),
        );
        let engine = &commit.header.engine;
        table.row(
            "engine",
            ["engine that decided".into(), engine.engine.clone().into()],
            "lookback replay --verify",
        );
        table.row(
            "tables",
            ["reference tables".into(), engine.tables.clone().into()],
            "lookback replay --verify",
        );
    }
    let text = format!(
        "The same ledger, policy, engine and tables give this report again, byte for byte in every format: {} \
         --format pdf --output report.pdf, with the same --actor and --purpose. Its digest covers all of it and is the same in every format. \
         A past time is answered by what was recorded then; replay recomputes it, and says so where another engine had decided.",
        sources.asked("lookback report")
    );
    Ok(section(
        "reproduce",
        "How to have this report again",
        vec![Block::Text(text), Block::Table(table), Block::Table(list_versions(sources, last.as_ref()))],
    ))
}

fn list_versions(sources: &Sources<'_>, last: Option<&(Commit, Coverage)>) -> Table {
    let mut lists = Table::new(
        "Versions of the lists",
        ["list", "entries that can alert", "since commit", "known at", "content"],
    );
    for list in last.iter().flat_map(|(_, coverage)| ScreenedList::all(coverage)) {
        let name = format!("coverage.entries.{}", list.dataset);
        let command = sources.explain(&name);
        lists.row(
            name,
            [
                list.dataset.to_string().into(),
                list.entries.into(),
                Cell::Count(list.version.commit),
                list.version.known_at.to_string().into(),
                list.version.content.to_string().into(),
            ],
            command,
        );
    }
    lists
}
