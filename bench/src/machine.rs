//! What the numbers were measured on. In: `/proc`. Out: words about the machine, and the peak of this process's memory.

use std::fs;

use serde::Serialize;

/// The machine.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) cpu: String,
    pub(crate) memory_gib: u64,
}

impl Machine {
    pub(crate) fn of_this() -> Self {
        let unknown = || "unknown".to_owned();
        Self {
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            cpu: field("/proc/cpuinfo", "model name").unwrap_or_else(unknown),
            memory_gib: kib("/proc/meminfo", "MemTotal").unwrap_or(0) >> 20,
        }
    }
}

/// The most memory that this process had at once, in MiB: its own and the parts of mapped files that it touched. 0 where the
/// system does not say.
pub(crate) fn peak_mib() -> u64 {
    kib("/proc/self/status", "VmHWM").unwrap_or(0) >> 10
}

fn kib(file: &str, name: &str) -> Option<u64> {
    field(file, name)?.split_whitespace().next()?.parse().ok()
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'))?;
    Some(line.trim().to_owned())
}
