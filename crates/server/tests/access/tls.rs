//! TLS, by the server itself.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use lookback_server::{Terms, Tls};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tempfile::TempDir;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::served::{Served, served};

fn by_tls() -> (Served, ClientConfig) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let folder = TempDir::new().unwrap();
    let (certificate, key) = (folder.path().join("desk.pem"), folder.path().join("desk.key"));
    std::fs::write(&certificate, cert.pem()).unwrap();
    std::fs::write(&key, signing_key.serialize_pem()).unwrap();
    let tls = Tls::read(&certificate, &key).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    (served(true, Terms { tls: Some(tls), ..Terms::default() }), config)
}

#[test]
fn by_tls_it_answers_and_asks_browsers_to_come_by_tls_alone() {
    let (served, config) = by_tls();
    let connection =
        ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap();
    let mut stream = StreamOwned::new(connection, TcpStream::connect(served.at).unwrap());
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    if let Err(error) = stream.read_to_end(&mut answer) {
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    }
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age="), "{answer}");
    let plain = served.ask("GET /healthz", &[], "");
    assert_ne!(plain.status, 200, "not without it");
}

#[test]
fn a_certificate_that_cannot_be_read_is_named_before_anything_listens() {
    let folder = TempDir::new().unwrap();
    let nothing = folder.path().join("nothing.pem");
    std::fs::write(&nothing, "no certificate").unwrap();
    let Err(error) = Tls::read(&nothing, &nothing) else { panic!("that is none") };
    assert!(error.to_string().contains("nothing.pem"), "{error}");
}
