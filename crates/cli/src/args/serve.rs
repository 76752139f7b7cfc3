//! Options of `serve`.

use std::net::SocketAddr;
use std::num::NonZero;
use std::path::PathBuf;

use server::ops::log::{Form, Level};

/// Options of `serve`.
#[derive(Debug, clap::Args)]
pub(crate) struct ServeOptions {
    /// Make an invented store with an office in it, and serve that, to this machine alone: beside --store if there is one already
    #[arg(long, conflicts_with_all = ["public_url", "oidc_issuer"])]
    pub(crate) demo: bool,
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
    /// Send a span of each request to this collector of traces (OpenTelemetry: OTLP over HTTP, in JSON)
    #[arg(long, value_name = "URL")]
    pub(crate) otlp_endpoint: Option<String>,
    /// Where its users find it, when something stands before it that speaks TLS
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// A file with the token that allows `POST /updatez`, as yente's clients send it; without one it is always refused
    #[arg(long, value_name = "FILE")]
    pub(crate) update_token_file: Option<PathBuf>,
    /// Refuse a look at people that does not say for what
    #[arg(long)]
    pub(crate) purpose_needed: bool,
    /// Speak TLS, with this certificate and what leads to it (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The certificate's key (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Also log in by this identity provider (OIDC), as its discovery document calls it; see `lookback access link`
    #[arg(long, value_name = "URL", requires = "oidc_client")]
    pub(crate) oidc_issuer: Option<String>,
    /// How the provider calls this server
    #[arg(long, value_name = "ID", requires = "oidc_issuer")]
    pub(crate) oidc_client: Option<String>,
    /// A file with what this server shows the provider; left out where the provider asks for nothing but PKCE
    #[arg(long, value_name = "FILE", requires = "oidc_issuer")]
    pub(crate) oidc_secret: Option<PathBuf>,
    /// The claim that is linked to accounts: one that nobody can give themselves
    #[arg(long, value_name = "NAME", default_value = "sub")]
    pub(crate) oidc_claim: String,
}
