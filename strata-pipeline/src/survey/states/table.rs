//! States as the rows of the tables `typing` and `psychometric_state`, and back.

use std::sync::Arc;

use strata_lake::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use strata_lake::arrow::error::ArrowError;
use strata_spec::error::ErrorCode;

use super::{CustomerState, Typing, word};
use crate::error::{Error, Result};
use crate::query::View;
use crate::query::ask::ask;

/// The table of types: a row for each class of each segmentation that surveys decide.
pub const TYPING: &str = "typing";

/// The table of states: a row for each customer and such segmentation.
pub const PSYCHOMETRIC_STATE: &str = "psychometric_state";

/// The rows of both tables.
pub(crate) fn batches(all: &[(Typing, Vec<CustomerState>)], view: &View) -> Result<[RecordBatch; 2]> {
    let describe = |error: ArrowError| {
        Error::new(ErrorCode::Internal, "cannot describe the types of customers").caused_by(error)
    };
    let run_id = &view.complete.run_id;
    Ok([types(all, run_id)?.map_err(describe)?, people(all, run_id).map_err(describe)?])
}

/// What the table `typing` says, by segmentation.
///
/// # Errors
/// When the table cannot be read.
pub async fn typings(view: &View) -> Result<Vec<Typing>> {
    if !view.complete.tables.contains_key(TYPING) {
        return Ok(Vec::new());
    }
    let query = format!("select typing from {TYPING} where place = 0 order by segmentation");
    let rows = ask(view, "read how far types of customers are known", &query).await?;
    let unread = |error| {
        Error::new(ErrorCode::Internal, "cannot understand how far types of customers are known")
            .caused_by(error)
    };
    rows.iter().map(|row| serde_json::from_str(row.text(0)).map_err(unread)).collect()
}

/// A row for each class; of a segmentation without any, one for the whole.
fn types(
    all: &[(Typing, Vec<CustomerState>)],
    run_id: &str,
) -> Result<std::result::Result<RecordBatch, ArrowError>> {
    let unsaid = |error| {
        Error::new(ErrorCode::Internal, "cannot write down how far types of customers are known")
            .caused_by(error)
    };
    let mut rows: Vec<(usize, &Typing, Option<String>)> = Vec::new();
    for (typing, _) in all {
        for place in 0..typing.types.len().max(1) {
            // The whole stands once for each segmentation.
            let whole = (place == 0).then(|| serde_json::to_string(typing).map_err(unsaid)).transpose()?;
            rows.push((place, typing, whole));
        }
    }
    let counts = |of: &dyn Fn(&super::Type) -> u64| -> ArrayRef {
        let count = |(place, typing, _): &(usize, &Typing, Option<String>)| {
            typing.types.get(*place).map(|of_type| of(of_type) as i64)
        };
        Arc::new(rows.iter().map(count).collect::<Int64Array>())
    };
    let numbers = |of: &dyn Fn(&super::Type) -> Option<f64>| -> ArrayRef {
        let number =
            |(place, typing, _): &(usize, &Typing, Option<String>)| typing.types.get(*place).and_then(of);
        Arc::new(rows.iter().map(number).collect::<Float64Array>())
    };
    let texts = |of: &dyn Fn(usize, &Typing) -> Option<String>| -> ArrayRef {
        Arc::new(rows.iter().map(|(place, typing, _)| of(*place, typing)).collect::<StringArray>())
    };
    let skills: Float64Array =
        rows.iter().map(|(_, typing, _)| typing.evidence.as_ref().map(|found| found.skill.skill)).collect();
    let columns = [
        ("segmentation", texts(&|_, typing| Some(typing.segmentation.clone()))),
        ("place", Arc::new(rows.iter().map(|row| Some(row.0 as i64)).collect::<Int64Array>()) as ArrayRef),
        ("segment", texts(&|place, typing| Some(typing.types.get(place)?.name.clone()))),
        ("title", texts(&|place, typing| Some(typing.types.get(place)?.title.clone()))),
        ("n_measured", counts(&|of_type| of_type.n_measured)),
        ("n_typed", counts(&|of_type| of_type.n_typed)),
        ("n_inferred", counts(&|of_type| of_type.n_inferred)),
        ("n_effective", numbers(&|of_type| of_type.n_effective)),
        ("share", numbers(&|of_type| of_type.share)),
        ("n_unknown", Arc::new(rows.iter().map(|row| Some(row.1.n_unknown as i64)).collect::<Int64Array>())),
        ("skill", Arc::new(skills)),
        ("reasons", texts(&|_, typing| Some(typing.reasons.join("; ")))),
        ("typing", Arc::new(rows.iter().map(|row| row.2.clone()).collect::<StringArray>())),
        ("run_id", Arc::new(StringArray::from(vec![run_id; rows.len()]))),
    ];
    Ok(RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))))
}

fn people(
    all: &[(Typing, Vec<CustomerState>)],
    run_id: &str,
) -> std::result::Result<RecordBatch, ArrowError> {
    let rows = || all.iter().flat_map(|(typing, states)| states.iter().map(move |state| (typing, state)));
    let name = |typing: &Typing, place: usize| typing.types.get(place).map(|of_type| of_type.name.clone());
    let texts = |of: &dyn Fn(&Typing, &CustomerState) -> Option<String>| -> ArrayRef {
        Arc::new(rows().map(|(typing, state)| of(typing, state)).collect::<StringArray>())
    };
    let probability: Float64Array =
        rows().map(|(_, state)| state.of_type.is_some().then_some(state.probability)).collect();
    let set = |typing: &Typing, state: &CustomerState| {
        let names: Vec<String> = state.set.iter().filter_map(|place| name(typing, *place)).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let columns = [
        ("customer_id", texts(&|_, state| Some(state.customer_id.clone()))),
        ("segmentation", texts(&|typing, _| Some(typing.segmentation.clone()))),
        ("state", texts(&|_, state| Some(word(state.state).to_owned()))),
        ("segment", texts(&|typing, state| name(typing, state.of_type?))),
        ("probability", Arc::new(probability) as ArrayRef),
        ("segments", texts(&set)),
        ("run_id", Arc::new(StringArray::from(vec![run_id; rows().count()]))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
}
