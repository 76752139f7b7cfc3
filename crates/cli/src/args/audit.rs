//! The options of `audit`.

use clap::Subcommand;
use lookback::audit::AuditAction;
use model::{AccountName, KnownAt};

use super::as_of_time;
use super::review::account;

/// `audit`.
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Who looked at what, when and for what
    #[command(
        after_help = "Examples:\n  lookback audit list --target P0000042\n  lookback audit list --break-glass-only --since 2031-06-01"
    )]
    List {
        /// Only from this time on
        #[arg(long, value_name = "TIME", value_parser = as_of_time)]
        since: Option<KnownAt>,
        /// Only by this account
        #[arg(long, value_name = "ACCOUNT", value_parser = account)]
        account: Option<AccountName>,
        /// Only about this id
        #[arg(long, value_name = "ID")]
        target: Option<String>,
        /// Only of this kind: `look_up`, `search`, `list`, `explain`, `figures`, `export`, `audit`, `reviewed`, `purged`, `access`
        #[arg(long, value_name = "ACTION", value_parser = action)]
        action: Option<AuditAction>,
        /// Only what broke the glass
        #[arg(long)]
        break_glass_only: bool,
    },
    /// Walk the chain of the audit, and check that it has all that the commits say of it
    #[command(after_help = "Example:\n  lookback audit verify")]
    Verify,
    /// Note that a second person looked at an entry that broke the glass
    #[command(
        after_help = "Example:\n  lookback audit review 17 --note 'the court order is on file' --actor auditor"
    )]
    Review {
        /// The entry
        #[arg(value_name = "SEQ")]
        seq: u64,
        /// What was found
        #[arg(long, value_name = "TEXT")]
        note: String,
    },
}

fn action(text: &str) -> Result<AuditAction, String> {
    let words = || AuditAction::ALL.map(AuditAction::word).join(", ");
    AuditAction::from_word(text).ok_or_else(|| format!("one of {}", words()))
}
