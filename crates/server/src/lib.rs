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

mod pages;
mod problem;
mod routes;
mod service;
mod v1;
mod yente;

pub use routes::{Route, Rule, openapi, routes};
pub use service::{Options, Service};

use std::io;
use std::net::SocketAddr;

use axum::Router;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// All routes over a service.
pub fn router(service: Service) -> Router {
    routes::router(service)
}

/// Answers connections until told to stop, then lets those under way finish.
pub async fn serve(
    listener: TcpListener,
    service: Service,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, router(service)).with_graceful_shutdown(stop).await
}

/// Serves on an address until the process is asked to end; `ready` is told where.
pub fn run(listen: SocketAddr, service: Service, ready: impl FnOnce(SocketAddr)) -> io::Result<()> {
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
