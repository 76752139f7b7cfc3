//! What the numbers were measured on. In: `/proc`. Out: words about the machine, and the peak of this process's memory.

use std::{fmt, fs};

use serde::Serialize;

/// The machine.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) cpu: String,
    pub(crate) memory_gib: u64,
    /// Processes that waited for a core in the minute before: above 0, others had a share of the cores.
    pub(crate) load: f64,
}

impl Machine {
    pub(crate) fn of_this() -> Self {
        let unknown = || "unknown".to_owned();
        Self {
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            cpu: field("/proc/cpuinfo", "model name").unwrap_or_else(unknown),
            memory_gib: kib("/proc/meminfo", "MemTotal").unwrap_or(0) >> 20,
            load: first_number("/proc/loadavg").unwrap_or(0.0),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cores, cpu, memory_gib, load } = self;
        write!(f, "{cores} cores of {cpu}, {memory_gib} GiB; load before: {load:.1}")
    }
}

/// The most memory that this process had at once, in MiB: its own and the parts of mapped files that it touched. 0 where the
/// system does not say.
pub(crate) fn peak_mib() -> u64 {
    kib("/proc/self/status", "VmHWM").unwrap_or(0) >> 10
}

/// The memory that this process has now, in MiB. 0 where the system does not say.
pub(crate) fn resident_mib() -> u64 {
    resident_mib_of("/proc/self")
}

/// The same of the process that this folder tells of.
pub(crate) fn resident_mib_of(process: &str) -> u64 {
    resident_kib_of(process) >> 10
}

/// The same in KiB.
pub(crate) fn resident_kib_of(process: &str) -> u64 {
    kib(&format!("{process}/status"), "VmRSS").unwrap_or(0)
}

/// How many files and sockets the process that this folder tells of has open.
pub(crate) fn open_files_of(process: &str) -> usize {
    fs::read_dir(format!("{process}/fd")).map_or(0, Iterator::count)
}

/// The time that all threads of this process had a core, in seconds.
pub(crate) fn processor_seconds() -> f64 {
    processor_seconds_of("/proc/self")
}

/// The same of the process that this folder tells of.
pub(crate) fn processor_seconds_of(process: &str) -> f64 {
    /// `utime` and `stime` of proc(5), counted behind the command's name, which may contain blanks.
    const TIMES: [usize; 2] = [11, 12];
    /// Linux tells programs every time in hundredths of a second, on all machines that this runs on.
    const TICKS: f64 = 100.0;
    let stat = fs::read_to_string(format!("{process}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = TIMES.map(|at| fields.get(at).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(0.0));
    ticks.iter().sum::<f64>() / TICKS
}

fn first_number(file: &str) -> Option<f64> {
    fs::read_to_string(file).ok()?.split_whitespace().next()?.parse().ok()
}

fn kib(file: &str, name: &str) -> Option<u64> {
    field(file, name)?.split_whitespace().next()?.parse().ok()
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'))?;
    Some(line.trim().to_owned())
}
