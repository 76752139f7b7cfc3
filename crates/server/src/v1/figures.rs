//! `/v1/figures`, `/v1/claims`, `/v1/diff`, `/v1/runs`: numbers, whom each counts, claims held against them, and what came and went.

use lookback::audit::{AuditAction, Reach};
use lookback::changes::Change;
use lookback::model::{EntityId, KnownAt};
use lookback::review::Run;
use lookback::{Behind, Checked, DEFINITIONS, Diff, Figures, Store};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Answer;
use super::alerts::Time;
use super::asking::Asking;
use super::reading::{AsOf, Asked, At, Sent};
use crate::routes::{Route, Rule};

const FIGURES: Rule = Rule::look("figures", AuditAction::Figures, Reach::Filtered);
const EXPLAIN: Rule = Rule::look("explain_figures", AuditAction::Explain, Reach::Everybody);
const CLAIMS: Rule = Rule::look("figures", AuditAction::Figures, Reach::Filtered);
const DIFF: Rule = Rule::look("read", AuditAction::List, Reach::Everybody);
const RUNS: Rule = Rule::look("read", AuditAction::List, Reach::Filtered);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/figures", FIGURES, "The figures, each with its meaning", figures)
            .query::<Time>()
            .gives::<FiguresAnswer>(),
        Route::get("/v1/figures/{figure}", EXPLAIN, "Whom a figure counts", behind)
            .path_parameters::<FigurePath>()
            .query::<Time>()
            .gives::<BehindFigure>(),
        Route::get("/v1/claims", CLAIMS, "Each claim beside our number of its day", claims)
            .query::<Time>()
            .gives::<Claims>(),
        Route::get("/v1/diff", DIFF, "What came, changed and went between two known times", diff)
            .query::<Between>()
            .gives::<Diff>(),
        Route::get(
            "/v1/changes",
            DIFF,
            "Who joined and left the linked, each time, and by which lines",
            changes,
        )
        .query::<Time>()
        .gives::<Changes>(),
        Route::get("/v1/runs", RUNS, "Re-examinations, and what was said of them", runs)
            .query::<Time>()
            .gives::<Runs>(),
        Route::post("/v1/runs/{commit}/notes", Rule::May("run"), "Say what set a re-examination off", note)
            .path_parameters::<RunPath>()
            .takes::<RunNoteDraft>()
            .gives::<Noted>(),
        Route::post("/v1/lessons", Rule::May("run"), "Say what was learned from a re-examination", lesson)
            .takes::<LessonDraft>()
            .gives::<Noted>(),
    ]
}

/// The figures, and what each means.
#[derive(Serialize, ToSchema)]
struct FiguresAnswer {
    /// The numbers.
    #[serde(flatten)]
    figures: Figures,
    /// What each counts.
    definitions: Vec<Definition>,
}

/// What a figure counts.
#[derive(Serialize, ToSchema)]
struct Definition {
    /// The figure.
    figure: &'static str,
    /// In words.
    meaning: &'static str,
}

async fn figures(asking: Asking, Asked(time): Asked<Time>) -> Answer<FiguresAnswer> {
    let known_at = AsOf::or_now(time.known_at);
    let figures = move |store: &mut Store, _| {
        let definitions =
            DEFINITIONS.iter().map(|&(figure, meaning)| Definition { figure, meaning }).collect();
        Ok(FiguresAnswer { figures: store.figures(known_at)?, definitions })
    };
    asking.look(figures).await
}

/// Which figure.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a path")]
struct FigurePath {
    /// A figure, one number of it (`figure.group`), or a status.
    figure: String,
}

/// Whom a figure counts.
#[derive(Serialize, ToSchema)]
struct BehindFigure {
    /// The figure.
    figure: String,
    /// Whom it counts.
    behind: Vec<Behind>,
}

async fn behind(asking: Asking, At(figure): At<String>, Asked(time): Asked<Time>) -> Answer<BehindFigure> {
    let known_at = AsOf::or_now(time.known_at);
    let behind = move |store: &mut Store, _| {
        let behind = store.behind(&figure, known_at)?;
        Ok(BehindFigure { figure, behind })
    };
    asking.look(behind).await
}

/// Claims.
#[derive(Serialize, ToSchema)]
struct Claims {
    /// Each, held against the figure of its day.
    claims: Vec<Checked>,
}

async fn claims(asking: Asking, Asked(time): Asked<Time>) -> Answer<Claims> {
    let known_at = AsOf::or_now(time.known_at);
    let claims = move |store: &mut Store, _| Ok(Claims { claims: store.check_claims(known_at)? });
    asking.look(claims).await
}

/// Between which known times.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Between {
    /// After this.
    #[param(inline)]
    from: AsOf,
    /// Up to this; left out: now.
    #[param(inline)]
    to: Option<AsOf>,
}

async fn diff(asking: Asking, Asked(between): Asked<Between>) -> Answer<Diff> {
    let diff = move |store: &mut Store, _| store.diff(between.from.0, AsOf::or_now(between.to));
    asking.look(diff).await
}

/// The story of learning.
#[derive(Serialize, ToSchema)]
struct Changes {
    /// Oldest first, and never netted against one another.
    changes: Vec<Change>,
}

async fn changes(asking: Asking, Asked(time): Asked<Time>) -> Answer<Changes> {
    let known_at = AsOf::or_now(time.known_at);
    let changes =
        move |store: &mut Store, _| Ok(Changes { changes: store.network_changes(KnownAt::MIN, known_at)? });
    asking.look(changes).await
}

/// Re-examinations.
#[derive(Serialize, ToSchema)]
struct Runs {
    /// Newest last.
    runs: Vec<Run>,
}

async fn runs(asking: Asking, Asked(time): Asked<Time>) -> Answer<Runs> {
    let known_at = AsOf::or_now(time.known_at);
    asking.look(move |store: &mut Store, _| Ok(Runs { runs: store.runs(known_at)? })).await
}

/// Which re-examination.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a path")]
struct RunPath {
    /// The number of its commit.
    #[param(minimum = 1, maximum = 1_000_000_000)]
    commit: u64,
}

/// What set a re-examination off.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RunNoteDraft {
    /// What set it off.
    trigger: String,
    /// Whom it was meant to cover.
    scope: Option<String>,
}

/// What was learned.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LessonDraft {
    /// The decision that noted the run.
    run: EntityId,
    /// What was learned.
    lesson: String,
}

/// A decision that stands.
#[derive(Serialize, ToSchema)]
pub(super) struct Noted {
    /// Its id.
    pub(super) decision: EntityId,
}

async fn note(asking: Asking, At(commit): At<u64>, Sent(draft): Sent<RunNoteDraft>) -> Answer<Noted> {
    let note = move |store: &mut Store| {
        Ok(Noted { decision: store.note_run(commit, &draft.trigger, draft.scope.as_deref())? })
    };
    asking.change(note).await
}

async fn lesson(asking: Asking, Sent(draft): Sent<LessonDraft>) -> Answer<Noted> {
    asking.change(move |store| Ok(Noted { decision: store.note_lesson(&draft.run, &draft.lesson)? })).await
}
