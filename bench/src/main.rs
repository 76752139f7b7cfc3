//! lookback
fn main() {}
