//! Options of `serve`.

use std::net::SocketAddr;
use std::num::NonZero;

use server::ops::log::{Form, Level};

/// Options of `serve`.
#[derive(Debug, clap::Args)]
pub(crate) struct ServeOptions {
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:8000", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// How many questions about people and alerts are answered at once [default: as many as processors]
    #[arg(long, value_name = "N")]
    pub(crate) readers: Option<NonZero<usize>>,
    /// The log on standard error: text or json. It holds ids, never names, and nothing of a query
    #[arg(long, default_value = "text", value_name = "FORM")]
    pub(crate) log: Form,
    /// What is logged: error, warn, info or debug (a line for each request)
    #[arg(long, default_value = "info", value_name = "LEVEL")]
    pub(crate) log_level: Level,
    /// After so many hours without a change a list is stale, and the health page red
    #[arg(long, default_value_t = 168, value_name = "HOURS")]
    pub(crate) stale_after: u32,
    /// Where its users find it, when something stands before it that speaks TLS
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// Refuse a look at people that does not say for what
    #[arg(long)]
    pub(crate) purpose_needed: bool,
}
