//! A client of a server that runs in this process, on a socket: what tests share.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::mpsc;
use std::thread;

use lookback::Settings;
use lookback_server::{Options, Service};
use serde_json::Value;

/// Where to ask.
pub(crate) struct Client {
    pub(crate) at: SocketAddr,
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) text: String,
    /// The text as JSON; a text that is none as a string.
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    }
}

impl Client {
    /// Serves a store until the process ends.
    pub(crate) fn of_store(path: &Path) -> Self {
        let settings = Settings::of_this_machine("tester");
        let service =
            Service::open(Options { readers: 1, ..Options::of(path.to_owned(), settings) }).expect("a store");
        let (told, at) = mpsc::channel();
        thread::spawn(move || {
            let listen = SocketAddr::from(([127, 0, 0, 1], 0));
            lookback_server::run(listen, service, |at| told.send(at).expect("a test waits"))
                .expect("serving");
        });
        Self { at: at.recv().expect("the server starts") }
    }

    pub(crate) fn get(&self, address: &str) -> Answer {
        self.ask("GET", address, &[], "")
    }

    pub(crate) fn post(&self, address: &str, body: &str) -> Answer {
        self.ask("POST", address, &["content-type: application/json"], body)
    }

    pub(crate) fn post_form(&self, address: &str, form: &[(&str, &str)]) -> Answer {
        let body = form.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
        let body = body.collect::<Vec<_>>().join("&");
        self.ask("POST", address, &["content-type: application/x-www-form-urlencoded"], &body)
    }

    /// Sends one request and reads the answer to its end.
    pub(crate) fn ask(&self, method: &str, address: &str, headers: &[&str], body: &str) -> Answer {
        let mut stream = TcpStream::connect(self.at).expect("a connection");
        let mut request =
            format!("{method} {address} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.at);
        for header in headers {
            write!(request, "{header}\r\n").expect("a string takes everything");
        }
        write!(request, "content-length: {}\r\n\r\n{body}", body.len()).expect("a string takes everything");
        stream.write_all(request.as_bytes()).expect("sending");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, text) = answer.split_once("\r\n\r\n").expect("a head and a body");
        let status = head[9..12].parse().expect("a status");
        let body = serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
        Answer { status, head: head.to_owned(), text: text.to_owned(), body }
    }

    /// Asks what a recorded exchange asked.
    pub(crate) fn replay(&self, exchange: &Value) -> Answer {
        let mut address = exchange["path"].as_str().expect("a path").to_owned();
        let request = &exchange["request"];
        let mut parameters = Vec::new();
        for (name, value) in request["params"].as_object().into_iter().flatten() {
            let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            for value in values {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                parameters.push(format!("{}={}", escaped(name), escaped(&value)));
            }
        }
        if !parameters.is_empty() {
            address = format!("{address}?{}", parameters.join("&"));
        }
        match exchange["method"].as_str() {
            Some("GET") => self.get(&address),
            _ if request["json"].is_null() => {
                let form = request["data"].as_object().into_iter().flatten();
                let form: Vec<(&str, &str)> =
                    form.map(|(name, value)| (name.as_str(), value.as_str().expect("a text"))).collect();
                self.post_form(&address, &form)
            }
            _ => self.post(&address, &request["json"].to_string()),
        }
    }
}

pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            escaped.push(byte.into());
        } else {
            write!(escaped, "%{byte:02X}").expect("a string takes everything");
        }
    }
    escaped
}
