//! The workbench: its pages, as they were built into `web/dist`, embedded.
//!
//! In: an address of a page. Out: the same document for all of them, which asks the rest of `/v1`. Always holds: nothing here holds data
//! of the store, so that whoever asks may have it.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::routes::{Route, Rule};

const DOCUMENT: &[u8] = include_bytes!("../../../web/dist/index.html");
const ICON: &[u8] = include_bytes!("../../../web/dist/icon.svg");
const SCRIPT: &[u8] = include_bytes!("../../../web/dist/assets/index.js");
const STYLE: &[u8] = include_bytes!("../../../web/dist/assets/index.css");

/// The pages, by the first part of their path.
const PAGES: [&str; 9] =
    ["/", "/queue", "/alert/{id}", "/subject/{id}", "/overview", "/compare", "/lists", "/audit", "/admin"];

pub(crate) fn routes() -> Vec<Route> {
    let pages = PAGES.map(|path| Route::get(path, Rule::Open, "A page of the workbench", page));
    let parts = [
        Route::get("/icon.svg", Rule::Open, "The sign of the workbench", icon),
        Route::get("/assets/{file}", Rule::Open, "A part of the workbench", asset),
    ];
    pages.into_iter().chain(parts).collect()
}

fn part(media: &'static str, bytes: &'static [u8]) -> Response {
    ([(header::CONTENT_TYPE, media), (header::CACHE_CONTROL, "no-cache")], bytes).into_response()
}

async fn page() -> Response {
    part("text/html; charset=utf-8", DOCUMENT)
}

async fn icon() -> Response {
    part("image/svg+xml", ICON)
}

async fn asset(Path(file): Path<String>) -> Response {
    match file.as_str() {
        "index.js" => part("text/javascript; charset=utf-8", SCRIPT),
        "index.css" => part("text/css; charset=utf-8", STYLE),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}
