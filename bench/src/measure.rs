//! What was measured.

use std::time::{Duration, Instant};

/// Durations of whole processes, and the time that all of them took together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rates {
    pub(crate) each: Vec<Duration>,
    pub(crate) total: Duration,
    /// Transitions of one process.
    pub(crate) transitions: u32,
}

impl Rates {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a rate needs no more digits than a double has"
    )]
    pub(crate) fn per_second(&self) -> f64 {
        self.each.len() as f64 / self.total.as_secs_f64()
    }

    pub(crate) fn metrics(&self) -> Vec<(&'static str, String)> {
        let rate = self.per_second();
        vec![
            ("count", self.each.len().to_string()),
            ("processes_per_s", format!("{rate:.1}")),
            (
                "transitions_per_s",
                format!("{:.1}", rate * f64::from(self.transitions)),
            ),
            ("p50_ms", millis(percentile(&self.each, 50))),
            ("p99_ms", millis(percentile(&self.each, 99))),
        ]
    }
}

/// The value that `percent` of all are not above.
pub(crate) fn percentile(durations: &[Duration], percent: usize) -> Duration {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable();
    let index = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(index).copied().unwrap_or_default()
}

pub(crate) fn millis(duration: Duration) -> String {
    format!("{:.3}", duration.as_secs_f64() * 1_000.0)
}

/// Runs `once` for so long and gives how often it ran per second of a core.
pub(crate) fn per_second(
    seconds: f64,
    mut once: impl FnMut() -> anyhow::Result<()>,
) -> anyhow::Result<f64> {
    let start = Instant::now();
    let busy = Busy::new();
    let mut done = 0.0;
    while start.elapsed().as_secs_f64() < seconds {
        once()?;
        done += 1.0;
    }
    Ok(done / busy.elapsed().as_secs_f64())
}

/// The time that this thread had a core, as others may use the machine too; where the system does
/// not tell, the time that passed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Busy {
    start: Instant,
    had: Option<Duration>,
}

impl Busy {
    pub(crate) fn new() -> Self {
        Self {
            start: Instant::now(),
            had: on_a_core(),
        }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        let had = on_a_core().zip(self.had);
        had.map_or_else(|| self.start.elapsed(), |(now, then)| now - then)
    }
}

/// The time that this thread has had a core so far; Linux tells.
fn on_a_core() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = text.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

/// Values of several rounds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Series(Vec<f64>);

impl Series {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn add(&mut self, value: f64) {
        self.0.push(value);
    }

    pub(crate) fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    }
}
