//! What features are to people, by Kano's pairs of questions.

use pyo3::prelude::*;
use strata_models::psychometrics::scoring::kano::{Category, Counts, category};

use crate::arrow::Table;
use crate::column::numbers_with_gaps;
use crate::error::Refusal;

/// How people see a feature.
#[pyclass(frozen, get_all, module = "strata._native")]
pub(crate) struct Feature {
    counts: Vec<(&'static str, u64)>,
    n: u64,
    category: Option<&'static str>,
    satisfaction: Option<f64>,
    dissatisfaction: Option<f64>,
    strength: Option<f64>,
    questionable_share: Option<f64>,
    is_bad_question: bool,
    is_enough: bool,
}

/// Counts the answers in a pair of columns, of those who answered both.
#[pyfunction]
pub(crate) fn judge_feature(
    py: Python<'_>,
    table: &Table,
    functional: &str,
    dysfunctional: &str,
) -> PyResult<Feature> {
    let counts: Result<Counts, Refusal> = py.detach(|| {
        let column = |name: &str| numbers_with_gaps(name, &table.column(name)?);
        let (with, without) = (column(functional)?, column(dysfunctional)?);
        let mut counts = Counts::default();
        for (row, (with, without)) in with.into_iter().zip(without).enumerate() {
            if with.is_nan() || without.is_nan() {
                continue;
            }
            let (with, without) = (answer(row, functional, with)?, answer(row, dysfunctional, without)?);
            counts.push(category(with, without).map_err(|error| Refusal::of(&error))?);
        }
        Ok(counts)
    });
    let counts = counts?;
    Ok(Feature {
        counts: ALL.map(|category| (word(category), counts.count(category))).to_vec(),
        n: counts.n(),
        category: counts.category().map(word),
        satisfaction: counts.satisfaction(),
        dissatisfaction: counts.dissatisfaction(),
        strength: counts.strength(),
        questionable_share: counts.questionable_share(),
        is_bad_question: counts.is_bad_question(),
        is_enough: counts.is_enough(),
    })
}

/// An answer as the model takes it; what is none is refused here, where its place is known.
fn answer(row: usize, name: &str, value: f64) -> Result<u8, Refusal> {
    if value.fract() == 0.0 && (1.0..=5.0).contains(&value) {
        return Ok(value as u8);
    }
    Err(Refusal::new(format!("row {row}, column `{name}`: {value} is no answer of Kano's"))
        .with_hint("give 1 (like), 2 (expect), 3 (do not care), 4 (live with) or 5 (dislike), or nothing"))
}

const ALL: [Category; 6] = [
    Category::MustBe,
    Category::OneDimensional,
    Category::Attractive,
    Category::Indifferent,
    Category::Reverse,
    Category::Questionable,
];

fn word(category: Category) -> &'static str {
    match category {
        Category::MustBe => "must_be",
        Category::OneDimensional => "one_dimensional",
        Category::Attractive => "attractive",
        Category::Indifferent => "indifferent",
        Category::Reverse => "reverse",
        Category::Questionable => "questionable",
    }
}
