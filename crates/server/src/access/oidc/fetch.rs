//! What is asked of the identity provider, and of nobody else: one request, one answer of at most [`LARGEST`] bytes.
//!
//! Always holds: it goes by TLS, or to this machine; no redirect is followed; it ends within [`PATIENCE`].

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, Uri, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

const LARGEST: usize = 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks for JSON.
pub(super) async fn json<T: DeserializeOwned>(mut request: Request<Body>) -> Result<T, String> {
    let uri = request.uri().clone();
    let (host, authority) = (uri.host(), uri.authority());
    let (Some(host), Some(authority)) = (host, authority) else { return Err(format!("{uri} is no address")) };
    let by_tls = uri.scheme_str() == Some("https");
    if !by_tls && !is_here(&uri) {
        return Err(format!("{uri} is not by TLS"));
    }
    let headers = request.headers_mut();
    headers.insert(header::HOST, authority.as_str().parse().map_err(failed)?);
    headers.insert(header::ACCEPT, "application/json".parse().map_err(failed)?);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = path.parse().map_err(failed)?;
    let address = (host.trim_matches(['[', ']']), uri.port_u16().unwrap_or(if by_tls { 443 } else { 80 }));
    let asked = async {
        let stream = TcpStream::connect(address).await.map_err(failed)?;
        if !by_tls {
            return exchange(stream, request).await;
        }
        let name = ServerName::try_from(host.to_owned()).map_err(failed)?;
        let connector = TlsConnector::from(Arc::new(trusting_the_system()?));
        exchange(connector.connect(name, stream).await.map_err(failed)?, request).await
    };
    let answer = timeout(PATIENCE, asked).await.map_err(failed)??;
    serde_json::from_slice(&answer).map_err(failed)
}

/// Whether an address is this machine's.
pub(super) fn is_here(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

async fn exchange<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    request: Request<Body>,
) -> Result<Vec<u8>, String> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    // It ends with the answer; what goes wrong with it is seen there.
    tokio::spawn(async move { drop(connection.await) });
    let response = sender.send_request(request).await.map_err(failed)?;
    let status = response.status();
    let body = to_bytes(Body::new(response.into_body()), LARGEST).await.map_err(failed)?;
    if status == StatusCode::OK { Ok(body.to_vec()) } else { Err(format!("it answered {status}")) }
}

/// The authorities that the machine trusts.
fn trusting_the_system() -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err("the system trusts no authority: install its certificates".to_owned());
    }
    Ok(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
}

fn failed(error: impl std::fmt::Display) -> String {
    error.to_string()
}
