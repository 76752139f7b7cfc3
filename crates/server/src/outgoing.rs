//! Requests that the server itself makes: to an identity provider, to receivers of webhooks, to a collector of traces; to nobody it was not
//! told of.
//!
//! In: a request, and which addresses it may go to. Out: an answer of at most [`LARGEST`] bytes within [`PATIENCE`], or, for who says how long,
//! its status. Always holds: it goes by TLS, which the system's authorities vouch for, or to this machine; whether an address may be reached is
//! asked of the one that is connected to, after its name was looked up; no redirect is followed.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderValue, Request, Response, StatusCode, Uri, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
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

/// Sends a request to the address that it names, wherever that is, and waits for the whole answer, whatever its status.
pub(crate) async fn send(request: Request<Body>) -> Result<Response<Bytes>, String> {
    let sent = async {
        let (head, body) = begin(request, |_| true).await?.into_parts();
        Ok(Response::from_parts(head, to_bytes(body, LARGEST).await.map_err(failed)?))
    };
    timeout(PATIENCE, sent).await.map_err(failed)?
}

/// Sends a request to the address that it names, if that may be reached. What is answered, nobody reads.
pub(crate) async fn tell(
    request: Request<Body>,
    reaches: fn(IpAddr) -> bool,
    patience: Duration,
) -> Result<StatusCode, String> {
    let late = |_| format!("it did not answer within {} s", patience.as_secs());
    Ok(timeout(patience, begin(request, reaches)).await.map_err(late)??.status())
}

async fn begin(mut request: Request<Body>, reaches: fn(IpAddr) -> bool) -> Result<Response<Body>, String> {
    let uri = request.uri().clone();
    check(&uri)?;
    let (host, authority) = (uri.host(), uri.authority());
    let (Some(host), Some(authority)) = (host, authority) else { return Err(no_address(&uri)) };
    let by_tls = uri.scheme_str() == Some("https");
    let stated = authority.as_str().parse().map_err(failed)?;
    request.headers_mut().insert(header::HOST, stated);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = path.parse().map_err(failed)?;
    let port = uri.port_u16().unwrap_or(if by_tls { 443 } else { 80 });
    let bare = host.trim_matches(['[', ']']);
    let found = lookup_host((bare, port)).await.map_err(failed)?;
    let may = |address: &SocketAddr| reaches(address.ip()) && (by_tls || address.ip().is_loopback());
    let addresses: Vec<SocketAddr> = found.filter(may).collect();
    if addresses.is_empty() {
        return Err(format!("{host} is at no address that may be reached"));
    }
    let stream = TcpStream::connect(&addresses[..]).await.map_err(failed)?;
    if !by_tls {
        return exchange(stream, request).await;
    }
    let name = ServerName::try_from(bare.to_owned()).map_err(failed)?;
    let connector = TlsConnector::from(trusting_the_system()?);
    exchange(connector.connect(name, stream).await.map_err(failed)?, request).await
}

/// Whether something may be sent to an address at all: by TLS, or to this machine.
pub(crate) fn check(uri: &Uri) -> Result<(), String> {
    match uri.scheme_str() {
        Some("https") if uri.host().is_some() => Ok(()),
        Some("http") if is_here(uri) => Ok(()),
        Some("http") => Err(format!("{uri} is not by TLS")),
        _ => Err(no_address(uri)),
    }
}

fn no_address(uri: &Uri) -> String {
    format!("{uri} is no address")
}

/// Whether an address is this machine's.
pub(crate) fn is_here(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Every address but those that are nobody's, or only this link's: what machines of a cloud ask for their own secrets is there.
pub(crate) fn is_somebody_s(address: IpAddr) -> bool {
    let v4 = |address: Ipv4Addr| {
        !(address.is_unspecified()
            || address.is_link_local()
            || address.is_multicast()
            || address.is_broadcast())
    };
    match address.to_canonical() {
        IpAddr::V4(address) => v4(address),
        IpAddr::V6(address) => {
            !(address.is_unspecified() || address.is_unicast_link_local() || address.is_multicast())
        }
    }
}

async fn exchange<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    request: Request<Body>,
) -> Result<Response<Body>, String> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    // It ends with the answer; what goes wrong with it is seen there.
    tokio::spawn(async move { drop(connection.await) });
    let response = sender.send_request(request).await.map_err(failed)?;
    Ok(response.map(Body::new))
}

/// The authorities that the machine trusts, as the first request found them; and the sessions of TLS that go on.
static TRUSTED: OnceLock<Arc<ClientConfig>> = OnceLock::new();

fn trusting_the_system() -> Result<Arc<ClientConfig>, String> {
    if let Some(trusted) = TRUSTED.get() {
        return Ok(Arc::clone(trusted));
    }
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err("the system trusts no authority: install its certificates".to_owned());
    }
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    Ok(Arc::clone(TRUSTED.get_or_init(|| Arc::new(config))))
}

fn failed(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_out_but_by_tls_or_to_this_machine() {
        let goes = |uri: &str| check(&uri.parse().unwrap()).is_ok();
        for uri in
            ["https://desk.example/a?b=c", "http://127.0.0.1:1/", "http://[::1]/", "http://localhost:1/"]
        {
            assert!(goes(uri), "{uri}");
        }
        for uri in [
            "http://desk.example/",
            "http://10.0.0.1/",
            "ftp://127.0.0.1/",
            "/path",
            "http://127.0.0.1.evil.example/",
        ] {
            assert!(!goes(uri), "{uri}");
        }
    }

    #[test]
    fn addresses_that_are_nobody_s_are_not_reached() {
        let reached = |address: &str| is_somebody_s(address.parse().unwrap());
        for address in ["192.0.2.1", "10.1.2.3", "192.168.0.9", "127.0.0.1", "::1", "fd00::1", "2001:db8::1"]
        {
            assert!(reached(address), "{address}");
        }
        for address in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "fe80::1",
            "0.0.0.0",
            "::",
            "224.0.0.1",
            "255.255.255.255",
            "ff02::1",
        ] {
            assert!(!reached(address), "{address}");
        }
    }
}
