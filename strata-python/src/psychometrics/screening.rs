//! Who answered without reading.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, ListBuilder, StringBuilder};
use pyo3::prelude::*;
use strata_models::psychometrics::careless::screening::{Instructed, Screened, Screening, Survey, screen};
use strata_models::psychometrics::instrument::Instrument;

use super::{Scales, answers, column, instrument, names, refused};
use crate::arrow::Table;
use crate::clv::truths;
use crate::column::numbers_with_gaps;
use crate::error::Refusal;

/// Signs of careless answers and the indices that they are of, a row for each respondent; and what could not be looked at. `instructed`
/// are items with the answer that they ask for, the last two are names of columns.
#[pyfunction]
pub(crate) fn screen_answers(
    py: Python<'_>,
    table: &Table,
    blocks: Vec<(Scales, (f64, f64))>,
    instructed: Vec<(String, f64)>,
    said_not_to_use: Option<&str>,
    seconds: Option<&str>,
) -> PyResult<(Table, Vec<String>)> {
    let found: Result<_, Refusal> = py.detach(|| {
        let scales = blocks.iter().flat_map(|(scales, _)| scales);
        let items = scales.flat_map(|(_, keys)| names(keys));
        let answers = answers(table, items.chain(instructed.iter().map(|(item, _)| item)))?;
        // No score is asked for, so that no share of answers is too small.
        let block = |(scales, response): &(Scales, _)| instrument(scales, *response, 1.0, false);
        let blocks = blocks.iter().map(block).collect::<Result<Vec<Instrument>, Refusal>>()?;
        let instructed: Vec<Instructed> =
            instructed.into_iter().map(|(item, pass)| Instructed { item, pass }).collect();
        let said = said_not_to_use.map(|name| truths(table, name)).transpose()?;
        let seconds = seconds.map(|name| numbers_with_gaps(name, &table.column(name)?)).transpose()?;
        let survey = Survey {
            answers: &answers,
            blocks: &blocks,
            instructed: &instructed,
            said_not_to_use: said.as_deref(),
            seconds: seconds.as_deref(),
        };
        let Screening { respondents, notes } = screen(&survey).map_err(refused)?;
        Ok((rows(&respondents)?, notes))
    });
    Ok(found?)
}

fn rows(respondents: &[Screened]) -> Result<Table, Refusal> {
    let excluded: BooleanArray = respondents.iter().map(|one| Some(one.is_excluded)).collect();
    let mut signs = ListBuilder::new(StringBuilder::new());
    for one in respondents {
        one.signs.iter().for_each(|sign| signs.values().append_value(sign.to_string()));
        signs.append(true);
    }
    let index =
        |name: &str, of: fn(&Screened) -> Option<f64>| (name.to_owned(), column(respondents.iter().map(of)));
    Table::of(vec![
        ("is_excluded".to_owned(), Arc::new(excluded) as ArrayRef),
        ("signs".to_owned(), Arc::new(signs.finish())),
        index("long_string_share", |one| one.long_string_share),
        index("variability", |one| one.variability),
        index("distance", |one| one.distance),
        index("even_odd", |one| one.even_odd),
        index("synonyms", |one| one.synonyms),
        index("missing_share", |one| Some(one.missing_share)),
        index("seconds_per_item", |one| one.seconds_per_item),
    ])
}
