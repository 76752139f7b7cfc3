//! The HTTP server: what yente's clients speak, and an interface of our own beside it.
//!
//! In: a store, and requests. Out: answers of the façade as JSON. Always holds: an answer is of one commit; a reader never waits for
//! a writer; what was acknowledged is durable and is seen by whoever asks afterwards; a route says who may use it, or it is none.
//!
//! ```text
//! connection ─▶ routes (who may) ─▶ yente | v1 ─▶ Service ─┬─ lists     frozen, shared by all      /match /search /entities
//!                                                           ├─ readers   a store each, read only     alerts, why, figures …
//!                                                           └─ writer    the one that may write      ingest, decisions …
//! ```

mod access;
mod edge;
mod following;
mod listen;
pub mod ops;
mod outgoing;
mod pages;
mod problem;
mod routes;
mod service;
mod v1;
mod webhooks;
mod writer;
mod yente;

pub use access::{Keeper, Lock, Looked, NewKey, Oidc, Secret, Terms};
pub use listen::Tls;
pub use problem::Problem;
pub use routes::{Route, Rule, openapi, routes};
pub use service::{Caller, Options, Service};
pub use v1::description;
pub use webhooks::Retries;
pub use writer::Trouble;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// All routes over a service.
pub fn router(service: Service) -> Router {
    let Options { access, traces, .. } = service.options().clone();
    access::shield::around(edge::around(routes::router(service), traces), &access)
}

/// Requests under way when the server is to end have so long; whoever takes longer, or only holds a connection, is left.
const TO_FINISH: Duration = Duration::from_secs(10);

/// Answers connections until told to stop; then lets the requests under way finish, the writes that wait too, and closes the store.
pub async fn serve(
    listener: TcpListener,
    service: Service,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let ending = service.clone();
    let stop = async move {
        stop.await;
        ending.end();
    };
    let tls = service.options().access.tls.clone();
    tokio::spawn(webhooks::deliver(service.clone()));
    let answering = listen::answer(listener, router(service.clone()), tls, stop);
    let too_long = async {
        service.ending().await;
        tokio::time::sleep(TO_FINISH).await;
    };
    let answered = tokio::select! {
        answered = answering => answered,
        () = too_long => Ok(()),
    };
    let closed = tokio::task::spawn_blocking(move || service.close()).await;
    answered.and(closed.map_err(io::Error::other))
}

/// Serves on an address until the process is asked to end; `ready` is told where. Refuses an address that others reach while nobody has to
/// show who they are.
pub fn run(listen: SocketAddr, service: Service, ready: impl FnOnce(SocketAddr)) -> io::Result<()> {
    service
        .check_listen(listen)
        .map_err(|error| io::Error::new(io::ErrorKind::PermissionDenied, error.to_string()))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(listen).await?;
        let (mut end, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        ready(listener.local_addr()?);
        let stop = async move {
            tokio::select! {
                _ = end.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        serve(listener, service, stop).await
    })
}
