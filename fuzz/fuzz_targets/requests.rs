//! Requests to the server, divided by zero bytes: in each, one byte chooses the route, one what the rest is: JSON, a form, lines, or the query.
#![no_main]

use std::fs;
use std::sync::LazyLock;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use libfuzzer_sys::fuzz_target;
use lookback::model::{DatasetName, Role};
use lookback::{Format, IngestOptions, Settings, Silent, Store};
use lookback_server::{Options, Service, router, routes};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tower::ServiceExt;

const SOMEBODY: &str =
    r#""schema":"Person","properties":{"name":["Orlan Veska"],"birthDate":["1961-04-05"]}}"#;
/// So many at once: what is looked at together is noted in the audit together.
const AT_ONCE: usize = 64;

/// A server over a store with one entry and one subject who may be it.
struct Desk {
    runtime: Runtime,
    router: Router,
    routes: Vec<(&'static str, String)>,
    /// The store is in it for as long as the process runs.
    _folder: TempDir,
}

static DESK: LazyLock<Desk> = LazyLock::new(|| {
    let folder = TempDir::new().expect("there is room for a store");
    let path = folder.path().join("s.db");
    let settings = Settings::of_this_machine("fuzz");
    let mut store = Store::create(&path, settings.clone()).expect("the folder is empty");
    for (name, role) in [("watch", Role::List), ("guests", Role::Population)] {
        let file = folder.path().join(name);
        fs::write(&file, format!("{{\"id\":\"{name}-1\",{SOMEBODY}\n")).expect("there is room for a file");
        let (dataset, role, format) = (DatasetName::new(name), Some(role), Some(Format::Ftm));
        let options = IngestOptions { dataset, role, format, ..IngestOptions::default() };
        store.ingest(&[file], &options, &mut Silent).expect("the file is sound");
    }
    drop(store);
    let service = Service::open(Options::of(path, settings)).expect("nobody else has it open");
    // A stream of events has no end.
    let routes = routes().into_iter().filter(|route| route.path != "/v1/events");
    let routes = routes.map(|route| (route.method_word(), filled(route.path))).collect();
    let runtime = Runtime::new().expect("there are threads");
    Desk { runtime, router: router(service), routes, _folder: folder }
});

/// A path whose parameters are something that there is.
fn filled(path: &str) -> String {
    let part = |part: &str| match part {
        "{dataset}" => "watch".to_owned(),
        "{entity_id}" => "watch-1".to_owned(),
        "{subject}" | "{party}" => "guests-1".to_owned(),
        "{property_name}" => "ownershipOwner".to_owned(),
        part if part.starts_with('{') => "1".to_owned(),
        part => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn request(part: &[u8]) -> Option<Request<Body>> {
    let [route, kind, rest @ ..] = part else { return None };
    let (method, path) = &DESK.routes[usize::from(*route) % DESK.routes.len()];
    let media = ["application/json", "application/x-www-form-urlencoded", "application/x-ndjson", ""];
    let media = media[usize::from(*kind) % media.len()];
    let (query, body) = if media.is_empty() { (rest, &[][..]) } else { (&[][..], rest) };
    let query: String = query
        .iter()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'=' | b'&' | b'_' | b'-' | b'.' => {
                char::from(*byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect();
    // Files say of which dataset they are.
    let query = if path.ends_with("ingest") || path.ends_with("preview") {
        "dataset=more&role=population&format=ftm".to_owned()
    } else {
        query
    };
    let request = Request::builder().method(method.to_uppercase().as_str()).uri(format!("{path}?{query}"));
    request.header("host", "localhost").header("content-type", media).body(Body::from(body.to_vec())).ok()
}

fuzz_target!(|bytes: &[u8]| {
    DESK.runtime.block_on(async {
        let mut asked = JoinSet::new();
        for request in bytes.split(|byte| *byte == 0).take(AT_ONCE).filter_map(request) {
            let said = format!("{} {}", request.method(), request.uri());
            asked.spawn(async { (said, DESK.router.clone().oneshot(request).await) });
        }
        while let Some(answered) = asked.join_next().await {
            let (said, answer) = answered.expect("no request panics");
            let status = answer.expect("a router always answers").status().as_u16();
            assert!(status < 500, "{said}: {status}");
        }
    });
});
