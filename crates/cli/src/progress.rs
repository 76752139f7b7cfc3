//! What a person sees on standard error while something long is going on. Nothing when it is no terminal.

use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use lookback::{CommitReport, Progress};
use model::KnownAt;

/// A line that moves.
pub(crate) struct Bar {
    bar: ProgressBar,
    rows: u64,
}

impl Bar {
    pub(crate) fn new(what: &'static str) -> Self {
        let bar = ProgressBar::new_spinner();
        let style = ProgressStyle::with_template("{spinner} {prefix}: {msg} ({elapsed})")
            .expect("a checked template");
        bar.set_style(style);
        bar.set_prefix(what);
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar, rows: 0 }
    }

    /// The line itself, to hide it while something else is printed.
    pub(crate) fn line(&self) -> ProgressBar {
        self.bar.clone()
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Bar {
    fn file(&mut self, name: &str) {
        self.bar.set_message(format!("reading {name}"));
    }

    fn rows(&mut self, rows: u64) {
        self.rows += rows;
        self.bar.set_message(format!("{} rows read", HumanCount(self.rows)));
    }

    fn screening(&mut self, known_at: KnownAt, lines: u64) {
        self.bar.set_message(format!("screening {} lines known at {known_at}", HumanCount(lines)));
    }

    fn committed(&mut self, report: &CommitReport) {
        self.bar.set_message(format!("commit {} stands, known at {}", report.seq, report.known_at));
    }
}
