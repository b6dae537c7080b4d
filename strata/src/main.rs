//! strata

fn main() {}
