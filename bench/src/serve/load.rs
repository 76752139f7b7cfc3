//! Load: so many connections, each asking again as soon as it was answered, for so long.
//!
//! In: an address, requests, how many connections, how long. Out: the times of all answers, and how many were no success. Every connection
//! walks over all requests from a place of its own, so that no two ask the same at once.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::serve::http::Connection;
use crate::stopwatch::Times;

/// What the load found.
#[derive(Default)]
pub(crate) struct Answered {
    pub(crate) times: Times,
    /// Answers of another status than 200.
    pub(crate) refused: u64,
    /// Of these 503: the client is to come back.
    pub(crate) come_back: u64,
    /// Answers with at least one result.
    pub(crate) found: u64,
    pub(crate) seconds: f64,
}

impl Answered {
    pub(crate) fn a_second(&self) -> f64 {
        self.times.count() as f64 / self.seconds
    }
}

/// How hard.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) connections: usize,
    pub(crate) time: Duration,
}

#[expect(clippy::disallowed_methods, reason = "measuring time is what this program is for")]
pub(crate) fn drive(address: SocketAddr, requests: &[Vec<u8>], load: Load) -> Result<Answered> {
    let start = Instant::now();
    let until = start + load.time;
    let share = requests.len() / load.connections.max(1);
    let one = |number: usize| -> Result<Answered> {
        let mut connection = Connection::open(address)?;
        let mut answered = Answered::default();
        for request in requests.iter().cycle().skip(number * share) {
            let asked = Instant::now();
            if asked >= until {
                break;
            }
            let answer = connection.ask(request)?;
            answered.times.note(asked.elapsed());
            answered.refused += u64::from(answer.status != 200);
            answered.come_back += u64::from(answer.status == 503);
            answered.found += u64::from(contains(&answer.body, b"\"caption\""));
        }
        Ok(answered)
    };
    let mut all = Answered::default();
    std::thread::scope(|scope| -> Result<()> {
        let threads: Vec<_> = (0..load.connections).map(|number| scope.spawn(move || one(number))).collect();
        for thread in threads {
            let answered = thread.join().ok().context("a connection panicked")??;
            all.times.add(answered.times);
            all.refused += answered.refused;
            all.come_back += answered.come_back;
            all.found += answered.found;
        }
        Ok(())
    })?;
    all.seconds = start.elapsed().as_secs_f64();
    Ok(all)
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window == word)
}
