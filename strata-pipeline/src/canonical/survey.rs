//! Which item of the project's surveys an answer is to, and what it counts.

use strata_lake::datafusion::error::Result as EngineResult;
use strata_lake::datafusion::functions::core::expr_fn::{coalesce, get_field};
use strata_lake::datafusion::logical_expr::{lit, not};
use strata_lake::datafusion::prelude::DataFrame;
use strata_spec::manifest::Survey;
use strata_spec::survey::surveys_to_text;

use super::mapping::raw_column;
use super::plan::joined;
use super::typed::Ground;
use crate::function::survey_answer;

/// What was found of an answer.
const FOUND: &str = "_survey";

/// Answers with `item`, `scale` and `points`, and what is wrong with them. Questions that no survey asks are left as they are.
pub(super) fn found(frame: DataFrame, surveys: &[Survey]) -> EngineResult<DataFrame> {
    let surveys = lit(surveys_to_text(surveys));
    let found = survey_answer().call(vec![raw_column("question"), raw_column("answer"), surveys]);
    let mut frame = frame.with_column(FOUND, found)?;
    for name in ["item", "scale", "points"] {
        let found = get_field(raw_column(FOUND), name);
        frame = frame.with_column(name, coalesce(vec![found, raw_column(name)]))?;
    }
    Ok(frame)
}

/// An answer that is none of those that its item has.
pub(super) fn not_counted() -> Ground {
    let fault = || get_field(raw_column(FOUND), "fault");
    let item = get_field(raw_column(FOUND), "item");
    Ground {
        when: not(fault().is_null()),
        kind: "answer is none of those to choose from".to_owned(),
        reason: joined(vec![lit("the answer to `"), item, lit("` counts nothing: "), fault()]),
    }
}
