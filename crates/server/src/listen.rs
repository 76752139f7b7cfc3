//! Connections: how many, how long a head may take and how large it may be, plain or by TLS.
//!
//! In: a socket, routes. Out: answers, until told to stop. Always holds: a client that sends nothing, or byte by byte, holds a connection for
//! [`HEAD_TIME`] and no longer, and no more than [`CONNECTIONS_MOST`] hold one at all (`BOUNDED`): the others wait with the system.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tower::ServiceExt;

/// A head that is not there in ten seconds is not coming; a connection that is kept for the next request waits as long.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// A head with the longest address that is answered (60,000 bytes) and the headers beside it.
const HEAD_BYTES: usize = 128 * 1024;
/// Below the 1,024 files that a process may usually have open.
const CONNECTIONS_MOST: usize = 900;
/// Where no more files may be opened, the next connection is tried after this.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// What makes connections TLS.
#[derive(Clone)]
pub struct Tls(TlsAcceptor);

impl Tls {
    /// With a certificate, and what leads to it, and its key: PEM files.
    pub fn read(certificate: &Path, key: &Path) -> io::Result<Self> {
        let certificates = CertificateDer::pem_file_iter(certificate).map_err(unreadable(certificate))?;
        let certificates = certificates.collect::<Result<Vec<_>, _>>().map_err(unreadable(certificate))?;
        let secret = PrivateKeyDer::from_pem_file(key).map_err(unreadable(key))?;
        let mut config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(certificates, secret)
            .map_err(unreadable(certificate))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }
}

fn unreadable<E: std::error::Error>(path: &Path) -> impl Fn(E) -> io::Error {
    move |error| io::Error::new(io::ErrorKind::InvalidData, format!("{}: {error}", path.display()))
}

/// Answers connections until told to stop, then lets the requests under way finish.
// Invariant(BOUNDED): a connection takes a place before it is accepted.
pub(crate) async fn answer(
    listener: TcpListener,
    routes: Router,
    tls: Option<Tls>,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let (places, open) = (Arc::new(Semaphore::new(CONNECTIONS_MOST)), GracefulShutdown::new());
    let mut stop = pin!(stop);
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            next = next => next,
            () = &mut stop => break,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(ACCEPT_AGAIN).await;
                continue;
            }
        };
        let (routes, watcher, tls) = (routes.clone(), open.watcher(), tls.clone());
        tokio::spawn(async move {
            let _place = place;
            let _ = stream.set_nodelay(true);
            let Some(tls) = tls else { return speak(stream, address, routes, watcher).await };
            if let Ok(Ok(stream)) = timeout(HEAD_TIME, tls.0.accept::<TcpStream>(stream)).await {
                speak(stream, address, routes, watcher).await;
            }
        });
    }
    drop(listener);
    open.shutdown().await;
    Ok(())
}

/// Answers the requests of one connection.
async fn speak<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    address: SocketAddr,
    routes: Router,
    watcher: Watcher,
) {
    let from = move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(address));
        request
    };
    let service = TowerToHyperService::new(routes.map_request(from));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    // Whoever goes away, or sends what is no HTTP, is not answered and is no failure of ours.
    let _ = watcher.watch(connection).await;
}
