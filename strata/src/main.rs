//! The command line: parse, call the pipeline, present. No business rules here.

mod cli;

use std::process::ExitCode;

/// Queries allocate much and often from many threads; the system's allocator is the slower part of an aggregation.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    cli::main()
}
