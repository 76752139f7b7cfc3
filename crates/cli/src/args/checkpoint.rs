//! The options of `checkpoint`.

use std::path::PathBuf;

use clap::Subcommand;

/// `checkpoint`.
#[derive(Debug, Subcommand)]
pub(crate) enum Checkpoints {
    /// Make a pair of keys: NAME.secret, which nobody else may read, and NAME.public
    #[command(after_help = "Example:\n  lookback checkpoint key desk")]
    Key {
        /// What the files are called
        #[arg(value_name = "NAME")]
        output: PathBuf,
    },
    /// Sign what the chain of commits is now
    #[command(
        after_help = "Example:\n  lookback checkpoint sign --key desk.secret --output 2031-06-25.checkpoint"
    )]
    Sign {
        /// The secret key
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// Where to; left out: standard output
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Prove that a commit is under a checkpoint
    #[command(
        after_help = "Example:\n  lookback checkpoint prove 17 --checkpoint 2031-06-25.checkpoint > 17.proof"
    )]
    Prove {
        /// The commit
        #[arg(value_name = "SEQ")]
        commit: u64,
        /// The checkpoint
        #[arg(long, value_name = "FILE")]
        checkpoint: PathBuf,
        /// Where to; left out: standard output
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Prove that a later checkpoint only added to an earlier one
    #[command(
        after_help = "Example:\n  lookback checkpoint consistency 2031-01-15.checkpoint 2031-06-25.checkpoint > both.proof"
    )]
    Consistency {
        /// The earlier checkpoint
        #[arg(value_name = "EARLIER")]
        earlier: PathBuf,
        /// The later one
        #[arg(value_name = "LATER")]
        later: PathBuf,
        /// Where to; left out: standard output
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}
