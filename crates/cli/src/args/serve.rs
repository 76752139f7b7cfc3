//! Options of `serve`.

use std::net::SocketAddr;
use std::num::NonZero;

/// Options of `serve`.
#[derive(Debug, clap::Args)]
pub(crate) struct ServeOptions {
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:8000", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// How many questions about people and alerts are answered at once [default: as many as processors]
    #[arg(long, value_name = "N")]
    pub(crate) readers: Option<NonZero<usize>>,
}
