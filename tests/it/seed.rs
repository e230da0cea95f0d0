//! Where random tests begin.

/// What numbers that look random begin with: what `SIGNOFF_SEED` says, else another one each time. Says
/// it, so that a run that failed can be had again.
pub(crate) fn seed() -> u64 {
    let wanted = std::env::var("SIGNOFF_SEED").ok();
    let wanted = wanted.and_then(|text| text.parse().ok());
    let seed = wanted.unwrap_or_else(|| u64::from(std::process::id()));
    eprintln!("SIGNOFF_SEED={seed}");
    seed
}
