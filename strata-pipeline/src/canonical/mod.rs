//! tmp
use crate::error::Result;
use crate::run::{Run, Summary};
use strata_lake::Engine;
pub fn functions() -> Vec<strata_lake::datafusion::logical_expr::ScalarUDF> { vec![] }
pub async fn run(_: &Run, _: &Engine) -> Result<Summary> { Ok(Summary::default()) }
