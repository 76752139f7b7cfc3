//! The options of `access`.

use clap::Subcommand;
use model::{AccountName, DatasetName};

use super::dataset_name;
use super::review::account;

/// `access`.
#[derive(Debug, Subcommand)]
pub(crate) enum Access {
    /// Give an account a password, read from standard input or asked for; its sessions end
    #[command(after_help = "Examples:
  lookback access password root --actor root
  lookback access password amon --actor root < password.txt")]
    Password {
        /// Whose
        #[arg(value_parser = account, value_name = "ACCOUNT")]
        account: AccountName,
    },
    /// Make a key for a program; it is shown this once
    #[command(after_help = "Examples:
  lookback access key counter --label 'counter 4' --scope search --default-purpose 'entry check' --actor root
  lookback access key bank --label 'onboarding' --scope search --scope ingest --enrol customers --days 30 --actor root")]
    Key {
        /// Whose
        #[arg(value_parser = account, value_name = "ACCOUNT")]
        account: AccountName,
        /// What it is for, in words
        #[arg(long, value_name = "TEXT")]
        label: String,
        /// What may be done with it, a word of `lookback review rules`; may be given more than once [default: all that the account may]
        #[arg(long, value_name = "ACTION")]
        scope: Vec<String>,
        /// For what, where a request does not say
        #[arg(long = "default-purpose", value_name = "TEXT")]
        default_purpose: Option<String>,
        /// Whoever is asked about by `/match` with it is enrolled in this population
        #[arg(long, value_name = "DATASET", value_parser = dataset_name)]
        enrol: Option<DatasetName>,
        /// At most so many requests in a second
        #[arg(long, value_name = "N")]
        rate: Option<u32>,
        /// For how many days it is good
        #[arg(long, default_value_t = 90, value_name = "N")]
        days: u32,
    },
    /// What each account can show: password, identities, sessions, keys
    #[command(after_help = "Example:\n  lookback access list --actor root")]
    List,
    /// Take a key back, or all that an account can show
    #[command(
        after_help = "Examples:\n  lookback access revoke 3f9c1ab204de --actor root\n  lookback access revoke --account amon --actor root"
    )]
    Revoke {
        /// The key's id, as `access list` has it
        #[arg(value_name = "KEY", required_unless_present = "account", conflicts_with = "account")]
        key: Option<String>,
        /// Password, identities, sessions and keys of this account
        #[arg(long, value_parser = account, value_name = "ACCOUNT")]
        account: Option<AccountName>,
    },
    /// Say what an identity provider calls an account, which may then log in by it
    #[command(
        after_help = "Example:\n  lookback access link amon --issuer https://login.example --claim 248289761001 --actor root"
    )]
    Link {
        /// Whose
        #[arg(value_parser = account, value_name = "ACCOUNT")]
        account: AccountName,
        /// The provider, as in its discovery document
        #[arg(long, value_name = "URL")]
        issuer: String,
        /// The value of the claim (`serve --oidc-claim`)
        #[arg(long, value_name = "TEXT")]
        claim: String,
    },
}
