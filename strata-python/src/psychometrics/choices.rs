//! Best-worst scaling: what is chosen of sets of objects.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray};
use pyo3::prelude::*;
use strata_models::psychometrics::scoring::best_worst::{Choice, Design};

use super::{column, refused};
use crate::arrow::Table;
use crate::column::texts_with_gaps;
use crate::error::Refusal;

/// The score of each object for each respondent, empty where a set was not answered. `sets` are places of objects, `best` and `worst`
/// the names of the columns, one for each set, that say what was chosen.
#[pyfunction]
pub(crate) fn best_worst_scores(
    py: Python<'_>,
    table: &Table,
    objects: Vec<String>,
    sets: Vec<Vec<usize>>,
    best: Vec<String>,
    worst: Vec<String>,
) -> PyResult<Table> {
    let found: Result<Table, Refusal> = py.detach(|| {
        let design = Design::new(objects, sets).map_err(refused)?;
        let chosen = |names: &[String]| {
            let column = |name: &String| places(name, table, design.objects());
            names.iter().map(column).collect::<Result<Vec<_>, Refusal>>()
        };
        let (best, worst) = (chosen(&best)?, chosen(&worst)?);
        let scored = |respondent: usize| {
            let sets = best.iter().zip(&worst);
            let choice = |(best, worst): (&Vec<Option<usize>>, &Vec<Option<usize>>)| {
                Some(Choice { best: best[respondent]?, worst: worst[respondent]? })
            };
            let choices: Vec<Option<Choice>> = sets.map(choice).collect();
            design.score(respondent, &choices).map_err(refused)
        };
        let rows = (0..table.n_rows()).map(scored).collect::<Result<Vec<_>, Refusal>>()?;
        let object = |(place, name): (usize, &String)| {
            let scores = rows.iter().map(|row| row.as_ref().map(|row| row.scores[place]));
            (name.clone(), column(scores))
        };
        let positional: BooleanArray =
            rows.iter().map(|row| row.as_ref().map(|row| row.is_positional)).collect();
        let mut columns: Vec<(String, ArrayRef)> = design.objects().iter().enumerate().map(object).collect();
        columns.push(("is_positional".to_owned(), Arc::new(positional)));
        Table::of(columns)
    });
    Ok(found?)
}

/// The places of the objects that a column names; refuses what is none of them.
fn places(name: &str, table: &Table, objects: &[String]) -> Result<Vec<Option<usize>>, Refusal> {
    let place = |(row, text): (usize, Option<String>)| {
        let Some(text) = text else { return Ok(None) };
        let place = objects.iter().position(|object| *object == text);
        place.map(Some).ok_or_else(|| {
            Refusal::new(format!("row {row}, column `{name}`: `{text}` is in none of the sets"))
                .with_hint(format!("the objects are {}", objects.join(", ")))
        })
    };
    texts_with_gaps(name, &table.column(name)?)?.into_iter().enumerate().map(place).collect()
}
