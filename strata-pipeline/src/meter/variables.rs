//! What members are compared by: the profile's numbers, standardised, and its categories, as codes.

use std::collections::HashMap;

use strata_lake::arrow::array::{Array, ArrayRef, AsArray};
use strata_lake::arrow::compute::cast;
use strata_lake::arrow::datatypes::{DataType, Float64Type};
use strata_models::group::{Codes, MISSING, mean_and_deviation};

/// A text with more values than this is no category but a name.
const MOST_VALUES: usize = 50;

/// Columns that say who somebody is, and not what somebody is like.
const IDENTIFYING: [&str; 9] = [
    "customer_id",
    "company_id",
    "parent_company_id",
    "email",
    "phone",
    "first_name",
    "last_name",
    "name",
    "postal_code",
];

/// The variables of a sample.
#[derive(Debug, Default)]
pub(super) struct Variables {
    /// Of each number: its name, mean and standard deviation over the sample.
    pub(super) numbers: Vec<Number>,
    /// By number and row: the value less the mean, divided by the deviation; NaN where missing.
    pub(super) values: Vec<Vec<f64>>,
    /// The names of categories.
    pub(super) categories: Vec<String>,
    /// By category: the code of each row, and how many codes there are.
    pub(super) codes: Vec<Codes>,
}

/// A number of the profile.
#[derive(Debug)]
pub(super) struct Number {
    /// Its column.
    pub(super) name: String,
    pub(super) mean: f64,
    pub(super) deviation: f64,
}

impl Number {
    /// A figure that some condition needs and nobody has named: it is not told.
    pub(super) fn is_hidden(&self) -> bool {
        self.name.starts_with('_')
    }
}

/// Whether a column of the profile can be a variable.
pub(super) fn is_variable(name: &str, kind: &DataType) -> bool {
    let is_number = kind.is_numeric() || *kind == DataType::Boolean;
    let is_text = matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    !IDENTIFYING.contains(&name) && name != "run_id" && (is_number || is_text && !name.starts_with('_'))
}

impl Variables {
    /// Adds a column, unless it does not vary or has too many values to be a category.
    pub(super) fn add(&mut self, name: &str, column: &ArrayRef) {
        match column.data_type() {
            DataType::Boolean => {
                let truths = column.as_boolean().iter();
                self.number(name, truths.map(|truth| truth.map_or(f64::NAN, f64::from)).collect());
            }
            kind if kind.is_numeric() => {
                let Ok(numbers) = cast(column, &DataType::Float64) else { return };
                let finite = |value: Option<f64>| value.filter(|value| value.is_finite()).unwrap_or(f64::NAN);
                self.number(name, numbers.as_primitive::<Float64Type>().iter().map(finite).collect());
            }
            _ => {
                if let Ok(texts) = cast(column, &DataType::Utf8) {
                    self.category(name, &texts);
                }
            }
        }
    }

    /// The place of a number.
    pub(super) fn place_of(&self, name: &str) -> Option<usize> {
        self.numbers.iter().position(|number| number.name == name)
    }

    fn number(&mut self, name: &str, mut values: Vec<f64>) {
        let Some((mean, deviation)) = mean_and_deviation(&values) else { return };
        values.iter_mut().for_each(|value| *value = (*value - mean) / deviation);
        self.numbers.push(Number { name: name.to_owned(), mean, deviation });
        self.values.push(values);
    }

    fn category(&mut self, name: &str, texts: &ArrayRef) {
        let mut known: HashMap<&str, u8> = HashMap::new();
        let mut codes = Vec::with_capacity(texts.len());
        for text in texts.as_string::<i32>() {
            let Some(text) = text.filter(|text| !text.is_empty()) else {
                codes.push(MISSING);
                continue;
            };
            let next = known.len();
            let code = *known.entry(text).or_insert(u8::try_from(next).unwrap_or(MISSING));
            if usize::from(code) >= MOST_VALUES {
                return;
            }
            codes.push(code);
        }
        if known.len() > 1 {
            self.categories.push(name.to_owned());
            self.codes.push((codes, known.len()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use strata_lake::arrow::array::{BooleanArray, Int64Array, StringArray};

    use super::*;

    #[test]
    fn columns_become_numbers_and_categories_or_nothing() {
        let mut variables = Variables::default();
        let names: Vec<String> = (0..60).map(|n| format!("name {n}")).collect();
        for (name, column) in [
            ("n", Arc::new(Int64Array::from(vec![Some(1), None, Some(3)])) as ArrayRef),
            ("yes", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))),
            ("constant", Arc::new(Int64Array::from(vec![7, 7, 7]))),
            ("colour", Arc::new(StringArray::from(vec![Some("red"), Some(""), Some("blue")]))),
            ("same", Arc::new(StringArray::from(vec!["red"; 3]))),
            ("who", Arc::new(StringArray::from(names))),
        ] {
            variables.add(name, &column);
        }
        let names: Vec<&str> = variables.numbers.iter().map(|number| number.name.as_str()).collect();
        assert_eq!(names, ["n", "yes"]);
        assert_eq!(variables.numbers[0].mean, 2.0);
        assert!(variables.values[0][1].is_nan());
        assert_eq!(variables.categories, ["colour"]);
        assert_eq!(variables.codes[0], (vec![0, MISSING, 1], 2));
    }
}
