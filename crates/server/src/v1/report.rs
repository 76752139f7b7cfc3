//! `/v1/report` and `/v1/forecast`: the report in its formats, whom its numbers count, and how long the queue will be.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use lookback::audit::{AuditAction, Reach};
use lookback::forecast::{self, Forecast, Scenario};
use lookback::review::PeriodLength;
use lookback::{Error, Listed, Report, Store};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Answer;
use super::alerts::Time;
use super::asking::Asking;
use super::reading::{AsOf, Asked, At, Sent};
use crate::problem::Problem;
use crate::routes::{Route, Rule};

const REPORT: Rule = Rule::look("report", AuditAction::Figures, Reach::Filtered);
const FORECAST: Rule = Rule::look("figures", AuditAction::Figures, Reach::Filtered);
const BEHIND: Rule = Rule::look("explain_figures", AuditAction::Explain, Reach::Everybody);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/report", REPORT, "The report", report)
            .query::<ReportParameters>()
            .gives::<Report>()
            .or_gives::<Document>(StatusCode::OK, "text/html")
            .or_gives::<Document>(StatusCode::OK, "text/markdown")
            .or_gives::<Document>(StatusCode::OK, "application/pdf"),
        Route::get("/v1/report/{number}", BEHIND, "The ids behind a number of the report", behind)
            .path_parameters::<NumberPath>()
            .query::<Time>()
            .gives::<BehindNumber>(),
        Route::post("/v1/forecast", FORECAST, "How long the queue will be", forecast_of)
            .takes::<ForecastQuestion>()
            .gives::<Forecast>(),
    ]
}

/// As what.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ReportFormat {
    /// All of it as data.
    #[default]
    Json,
    /// One page for a browser, which needs nothing else.
    Html,
    /// Pages of A4.
    Pdf,
    /// Markdown.
    Md,
}

/// The report as a document.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary, as = ReportDocument)]
#[expect(dead_code, reason = "it describes what is answered as it stands")]
struct Document(Vec<u8>);

/// Which report.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct ReportParameters {
    /// As known at; left out: now.
    #[param(inline)]
    known_at: Option<AsOf>,
    /// As what; left out: `json`.
    #[serde(default)]
    #[param(inline)]
    format: ReportFormat,
}

async fn report(asking: Asking, Asked(asked): Asked<ReportParameters>) -> Result<Response, Problem> {
    let known_at = AsOf::or_now(asked.known_at);
    let document = move |store: &mut Store, _| {
        let report = store.report(known_at)?;
        Ok(match asked.format {
            ReportFormat::Json => ("application/json", report.json().into_bytes()),
            ReportFormat::Html => ("text/html; charset=utf-8", report.html().into_bytes()),
            ReportFormat::Md => ("text/markdown; charset=utf-8", report.markdown().into_bytes()),
            ReportFormat::Pdf => ("application/pdf", report.pdf()),
        })
    };
    let (media, bytes) = asking.look(document).await?.0;
    Ok(([(header::CONTENT_TYPE, media)], bytes).into_response())
}

/// Which number.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a path")]
struct NumberPath {
    /// The number's name in the report.
    number: String,
}

/// Whom a number of the report counts.
#[derive(Serialize, ToSchema)]
struct BehindNumber {
    /// The number's name.
    number: String,
    /// What it counts.
    behind: Vec<Listed>,
}

async fn behind(asking: Asking, At(number): At<String>, Asked(time): Asked<Time>) -> Answer<BehindNumber> {
    let known_at = AsOf::or_now(time.known_at);
    let behind = move |store: &mut Store, _| {
        let behind = store.report_behind(&number, known_at)?;
        Ok(BehindNumber { number, behind })
    };
    asking.look(behind).await
}

/// How long the periods of the store's history are.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ForecastPeriod {
    /// From Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// A quarter of a calendar year.
    Quarter,
}

impl From<ForecastPeriod> for PeriodLength {
    fn from(period: ForecastPeriod) -> Self {
        match period {
            ForecastPeriod::Week => Self::Week,
            ForecastPeriod::Month => Self::Month,
            ForecastPeriod::Quarter => Self::Quarter,
        }
    }
}

/// What to forecast.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ForecastQuestion {
    /// Under which scenario.
    scenario: Scenario,
    /// How long the periods are in which the reviews of the store are counted.
    period: ForecastPeriod,
    /// How many periods ahead.
    #[schema(minimum = 1, maximum = 120)]
    horizon: u32,
    /// The same seed gives the same runs.
    #[serde(default)]
    seed: u32,
}

async fn forecast_of(asking: Asking, Sent(question): Sent<ForecastQuestion>) -> Answer<Forecast> {
    let forecast = move |store: &mut Store, _| {
        let ForecastQuestion { scenario, period, horizon, seed } = question;
        if !(1..=120).contains(&horizon) {
            return Err(Error::Usage("a forecast reaches 1 to 120 periods ahead".into()));
        }
        let history = store.review_history(period.into(), None)?;
        forecast::forecast(&history, &scenario, horizon, seed.into())
            .map_err(|error| Error::Usage(error.to_string()))
    };
    asking.look(forecast).await
}
