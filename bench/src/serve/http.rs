//! A client of its own for measuring: requests as bytes over one connection that stays open, answers read to their end.
//!
//! In: an address and whole requests. Out: statuses and bodies. It reads what HTTP/1.1 servers send with a length or in chunks, and nothing
//! else; a client that does more would take a share of the cores that are measured.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// Longer than any answer may take, so that a server that hangs is an error and no endless wait.
const PATIENCE: Duration = Duration::from_mins(1);

/// An open connection.
pub(crate) struct Connection(BufReader<TcpStream>);

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).context("connecting")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self(BufReader::with_capacity(1 << 16, stream)))
    }

    /// Sends a request and waits for its answer.
    pub(crate) fn ask(&mut self, request: &[u8]) -> Result<Answer> {
        self.0.get_mut().write_all(request)?;
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        let status = line.get(9..12).and_then(|digits| digits.parse().ok()).context("no status line")?;
        let (mut length, mut chunked) = (0, false);
        loop {
            line.clear();
            if self.0.read_line(&mut line)? == 0 {
                bail!("the answer ended in its headers");
            }
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse()?,
                "transfer-encoding" => chunked = value.trim() == "chunked",
                _ => {}
            }
        }
        let mut body = Vec::new();
        if chunked {
            while self.chunk(&mut body)? {}
        } else {
            body.resize(length, 0);
            self.0.read_exact(&mut body)?;
        }
        Ok(Answer { status, body })
    }

    /// Reads one chunk; whether it was not the last.
    fn chunk(&mut self, body: &mut Vec<u8>) -> Result<bool> {
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        let length = usize::from_str_radix(line.trim(), 16).context("no length of a chunk")?;
        let before = body.len();
        body.resize(before + length, 0);
        self.0.read_exact(&mut body[before..])?;
        line.clear();
        self.0.read_line(&mut line)?;
        Ok(length > 0)
    }
}

/// A request as bytes.
pub(crate) fn request(method: &str, target: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "{method} {target} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}
