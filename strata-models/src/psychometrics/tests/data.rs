//! Tables of answers, read from the files of R packages.

use crate::clv::symmetric::Symmetric;
use crate::clv::tests::data::shared;
use crate::psychometrics::answers::Answers;
use crate::psychometrics::instrument::{Key, KeyedItem, Response, Scale};

/// A table with its heading; what is no number is NaN. None, said on stderr, where it is not there.
pub(in crate::psychometrics) fn table(test: &str, file: &str) -> Option<Answers<'static>> {
    let text = shared(test, &format!("psychometrics/{file}"))?;
    let cell = |cell: &str| cell.trim().trim_matches('"').to_owned();
    let mut lines = text.lines().map(|line| line.split(',').map(cell).collect::<Vec<String>>());
    let names = lines.next()?;
    let values: Vec<f64> = lines.flatten().map(|cell| cell.parse().unwrap_or(f64::NAN)).collect();
    // R leaves the heading of row names empty.
    let names = names.into_iter().map(|name| if name.is_empty() { "row".to_owned() } else { name }).collect();
    Some(Answers::from_rows(names, &values).unwrap())
}

/// The columns of these names.
pub(in crate::psychometrics) fn columns(answers: &Answers<'_>, names: &[String]) -> Answers<'static> {
    let places: Vec<usize> = names.iter().map(|name| answers.place_of(name, "test").unwrap()).collect();
    let everybody: Vec<usize> = (0..answers.n_respondents()).collect();
    answers.of_items(&places).of_respondents(&everybody).unwrap()
}

/// The 25 items of `psych::bfi`, 2,800 respondents.
pub(super) fn bfi(test: &str) -> Option<Answers<'static>> {
    Some(columns(&table(test, "bfi.csv")?, &bfi_items()))
}

fn bfi_items() -> Vec<String> {
    "ACENO".chars().flat_map(|scale| (1..=5).map(move |item| format!("{scale}{item}"))).collect()
}

/// The five scales of `psych::bfi` with the keys of its manual.
pub(in crate::psychometrics) fn bfi_scale(name: &str) -> Scale {
    let reversed = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"];
    let items = (1..=5).map(|item| {
        let item = format!("{name}{item}");
        let key = if reversed.contains(&item.as_str()) { Key::Reversed } else { Key::Forward };
        KeyedItem { item, key }
    });
    Scale { name: name.to_owned(), items: items.collect() }
}

/// The range of answers of `psych::bfi`.
pub(in crate::psychometrics) const SIX: Response = Response { min: 1.0, max: 6.0 };

/// A matrix from its lower triangle, row by row.
pub(super) fn triangle(values: &[f64], order: usize) -> Symmetric {
    let mut matrix = Symmetric::zeros(order);
    let cells = (0..order).flat_map(|row| (0..=row).map(move |column| (row, column)));
    cells.zip(values).for_each(|((row, column), value)| matrix.set(row, column, *value));
    matrix
}

#[track_caller]
pub(super) fn close(found: f64, expected: f64, within: f64) {
    assert!((found - expected).abs() <= within, "{found}, not {expected} within {within}");
}
