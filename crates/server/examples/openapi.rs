//! Prints the description of `/v1`, as `docs/reference/openapi.json` has it.
#![expect(clippy::print_stdout, reason = "it prints what it is asked for")]

fn main() {
    println!("{:#}", lookback_server::description());
}
