//! Requests that the server itself makes: to an identity provider, to those who are told of events, to a collector of traces; to nobody it
//! was not told of. One request, one answer of at most [`LARGEST`] bytes.
//!
//! Always holds: it goes by TLS, or to this machine; no redirect is followed; it ends within [`PATIENCE`].

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderValue, Request, Response, StatusCode, Uri, header};
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
pub(crate) async fn json<T: DeserializeOwned>(mut request: Request<Body>) -> Result<T, String> {
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert(header::ACCEPT, json);
    let answer = send(request).await?;
    if answer.status() != StatusCode::OK {
        return Err(format!("it answered {}", answer.status()));
    }
    serde_json::from_slice(answer.body()).map_err(failed)
}

/// Sends a request to the address that it names, and waits for the whole answer, whatever its status.
pub(crate) async fn send(mut request: Request<Body>) -> Result<Response<Bytes>, String> {
    let uri = request.uri().clone();
    let (host, authority) = (uri.host(), uri.authority());
    let (Some(host), Some(authority)) = (host, authority) else { return Err(format!("{uri} is no address")) };
    let by_tls = uri.scheme_str() == Some("https");
    if !by_tls && !is_here(&uri) {
        return Err(format!("{uri} is not by TLS"));
    }
    request.headers_mut().insert(header::HOST, authority.as_str().parse().map_err(failed)?);
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
    timeout(PATIENCE, asked).await.map_err(failed)?
}

/// Whether an address is this machine's.
pub(crate) fn is_here(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

async fn exchange<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    request: Request<Body>,
) -> Result<Response<Bytes>, String> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    // It ends with the answer; what goes wrong with it is seen there.
    tokio::spawn(async move { drop(connection.await) });
    let (head, body) = sender.send_request(request).await.map_err(failed)?.into_parts();
    let body = to_bytes(Body::new(body), LARGEST).await.map_err(failed)?;
    Ok(Response::from_parts(head, body))
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
