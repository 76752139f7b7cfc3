//! `/v1/ingest` and `/v1/preview`: a file as the body of a request, as `lookback ingest` reads it from a disk.
//!
//! Always holds: every row is a record or a reject that is told (`ALL-ROWS`); what a client sends again under the same key is applied
//! once; a client that goes away does not stop what it began.

use std::future::poll_fn;
use std::io::{BufWriter, Write};
use std::pin::Pin;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, HttpBody};
use axum::extract::RawQuery;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use lookback::model::{DatasetName, Digest, KnownAt, Role};
use lookback::{Error, Format, IngestOptions, IngestReport, Mode, Preview, Silent};
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use utoipa::{IntoParams, ToSchema};

use super::Answer;
use super::asking::Asking;
use super::reading::Asked;
use super::repeats::{Begun, Kept};
use crate::problem::Problem;
use crate::routes::{Route, Rule};

pub(super) fn routes() -> Vec<Route> {
    let file = |route: Route| {
        route
            .query::<IngestParameters>()
            .takes_file("application/x-ndjson")
            .takes_file("text/csv")
            .takes_file("application/octet-stream")
            .takes_at_most(BYTES_MAX)
            .within(Duration::from_hours(1))
    };
    let ingest = Route::post("/v1/ingest", Rule::May("ingest"), "Bring a file in", ingest);
    let preview =
        Route::post("/v1/preview", Rule::May("ingest"), "What bringing a file in would do", preview);
    vec![file(ingest).headers::<RepeatHeader>().gives::<Ingested>(), file(preview).gives::<Preview>()]
}

/// The formats of files.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum FileFormat {
    /// The journal of the store (docs/reference/journal.md).
    Journal,
    /// FollowTheMoney entities, one a line.
    Ftm,
    /// A list of OFAC.
    Ofac,
    /// Changes of a list of OFAC.
    OfacEvents,
    /// A table, through a mapping.
    Csv,
}

impl From<FileFormat> for Format {
    fn from(format: FileFormat) -> Self {
        match format {
            FileFormat::Journal => Self::Journal,
            FileFormat::Ftm => Self::Ftm,
            FileFormat::Ofac => Self::Ofac,
            FileFormat::OfacEvents => Self::OfacEvents,
            FileFormat::Csv => Self::Csv,
        }
    }
}

/// How to read the file. A journal names its datasets itself and takes neither dataset nor role.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct IngestParameters {
    /// The dataset that the file states.
    #[param(inline)]
    dataset: Option<DatasetName>,
    /// Its role; needed the first time.
    #[param(inline)]
    role: Option<Role>,
    /// The format; left out: found out.
    #[param(inline)]
    format: Option<FileFormat>,
    /// The text of the mapping of a CSV file (docs/reference/csv-mapping.md).
    mapping: Option<String>,
    /// When the content became known, for formats that do not say so themselves; left out: now.
    #[param(value_type = Option<String>, format = DateTime)]
    known_at: Option<KnownAt>,
    /// `full`: what the file does not contain is deleted. Left out: full for lists of OFAC, delta for everything else.
    #[param(inline)]
    mode: Option<Mode>,
    /// Apply even what would be held.
    #[serde(default)]
    confirm_mass_delete: bool,
    /// What the file is called; left out: `request`.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}$")]
    file: Option<FileName>,
}

/// The name of a file, without a folder.
struct FileName(String);

impl<'de> Deserialize<'de> for FileName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let sound = name.len() <= 100 && !name.starts_with('.') && DatasetName::new(&name).is_some();
        let wrong = || serde::de::Error::custom("a file name has letters, digits, '_', '-' and '.'");
        sound.then_some(Self(name)).ok_or_else(wrong)
    }
}

impl IngestParameters {
    fn options(self) -> IngestOptions {
        IngestOptions {
            dataset: self.dataset,
            role: self.role,
            format: self.format.map(Into::into),
            mapping: self.mapping,
            known_at: self.known_at,
            mode: self.mode,
            confirm_mass_delete: self.confirm_mass_delete,
            keep_excerpts: false,
        }
    }
}

/// What makes a repetition known as one.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a header")]
struct RepeatHeader {
    /// Of the client's choice, another for every file: the same file under the same key is answered as it was the first time, for a day.
    #[param(rename = "Idempotency-Key", pattern = "^[!-~]{1,200}$", required = false)]
    idempotency_key: String,
}

/// What came of a file.
#[derive(Serialize, ToSchema)]
pub(super) struct Ingested {
    /// What it did.
    #[serde(flatten)]
    report: IngestReport,
    /// Rows that became no record: the first thousand.
    rejected: Vec<RejectedLine>,
}

/// A row that became no record.
#[derive(Serialize, ToSchema)]
struct RejectedLine {
    /// The file.
    file: String,
    /// The line in it.
    line: u64,
    /// Why.
    reason: String,
}

impl Ingested {
    pub(super) fn of(mut report: IngestReport) -> Self {
        let rejected = std::mem::take(&mut report.rejected).into_iter();
        let rejected =
            rejected.map(|one| RejectedLine { file: one.file, line: one.line, reason: one.reason });
        Self { rejected: rejected.collect(), report }
    }
}

async fn ingest(
    asking: Asking,
    RawQuery(query): RawQuery,
    Asked(mut parameters): Asked<IngestParameters>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let key = repeat_key(&asking, &headers)?;
    let name = parameters.file.take();
    let Received { folder, path, digest } = receive(body, name).await?;
    let options = parameters.options();
    let apply = move |store: &mut lookback::Store| {
        // The folder goes when the file was read.
        let _folder = folder;
        store.ingest(&[path], &options, &mut Silent).map(Ingested::of)
    };
    let Some(key) = key else { return asking.change(apply).await.map(IntoResponse::into_response) };
    let request = Digest::of(format!("{}\n{digest}", query.unwrap_or_default()).as_bytes());
    if let Begun::Again(kept) = asking.service.repeats().begin(key, request)? {
        return Ok(answered(&kept));
    }
    // Apart from the request, so that it ends and is kept also where its client goes away.
    let work = tokio::spawn(async move {
        let answer = asking.change(apply).await;
        let (status, body) = match answer {
            Ok(Json(report)) => (StatusCode::OK, serde_json::to_value(report)),
            Err(problem) => (problem.status(), serde_json::to_value(problem)),
        };
        let body = body.expect("reports and problems are JSON");
        let at = (asking.service.options().settings.clock)();
        let kept = Kept { key, request, at, status: status.as_u16(), body };
        asking.service.repeats().end(&kept);
        kept
    });
    work.await.map(|kept| answered(&kept)).map_err(|_| Problem::ours())
}

/// The key of a request that may be repeated, for its account alone.
fn repeat_key(asking: &Asking, headers: &HeaderMap) -> Result<Option<Digest>, Problem> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    let sound =
        |key: &&str| (1..=200).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    let wrong = || {
        let how = "an idempotency-key is 1 to 200 visible ASCII characters";
        Problem::new(StatusCode::BAD_REQUEST, "malformed", how)
    };
    let key = key.to_str().ok().filter(sound).ok_or_else(wrong)?;
    Ok(Some(Digest::of(format!("{}\n{key}", asking.caller.account).as_bytes())))
}

fn answered(kept: &Kept) -> Response {
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let media = if status.is_success() { "application/json" } else { "application/problem+json" };
    (status, [(axum::http::header::CONTENT_TYPE, media)], kept.body.to_string()).into_response()
}

async fn preview(
    asking: Asking,
    Asked(mut parameters): Asked<IngestParameters>,
    body: Body,
) -> Answer<Preview> {
    let name = parameters.file.take();
    let Received { folder, path, .. } = receive(body, name).await?;
    let options = parameters.options();
    let preview = move |store: &mut lookback::Store| {
        let _folder = folder;
        store.preview(&[path], &options, &mut Silent)
    };
    asking.change(preview).await
}

/// A body that was written to a file of its own.
struct Received {
    folder: TempDir,
    path: std::path::PathBuf,
    digest: Digest,
}

/// More than any list that is published, and less than a disk.
const BYTES_MAX: usize = 1 << 30;

async fn receive(mut body: Body, name: Option<FileName>) -> Result<Received, Problem> {
    let failed = |error: std::io::Error| Problem::from(Error::Io("receiving a file".into(), error));
    let folder = tempfile::tempdir().map_err(failed)?;
    let path = folder.path().join(name.map_or("request".to_owned(), |FileName(name)| name));
    let mut file = BufWriter::new(std::fs::File::create_new(&path).map_err(failed)?);
    let (mut hasher, mut bytes) = (Sha256::new(), 0);
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let broke_off = |_| Problem::new(StatusCode::BAD_REQUEST, "body", "the body broke off");
        let Ok(data) = frame.map_err(broke_off)?.into_data() else { continue };
        bytes += data.len();
        if bytes > BYTES_MAX {
            let why = format!("a file is at most {BYTES_MAX} bytes");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body", why));
        }
        hasher.update(&data);
        file.write_all(&data).map_err(failed)?;
    }
    file.flush().map_err(failed)?;
    Ok(Received { folder, path, digest: Digest(hasher.finalize().into()) })
}
