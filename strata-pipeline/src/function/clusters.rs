//! In which cluster a subject is, row by row. The model travels in the call as a constant.

use std::sync::Arc;

use strata_lake::arrow::array::{Array, ArrayRef, AsArray, StringArray};
use strata_lake::arrow::datatypes::{DataType, Float64Type};
use strata_lake::datafusion::common::exec_datafusion_err;
use strata_lake::datafusion::logical_expr::ScalarUDF;
use strata_models::cluster::clustering::Rows;

use super::scalar::with_constant;
use crate::score::Named;

/// `clustered(numbers, texts, model)`: what the cluster is called that a row of numbers and texts is in, in the order in which the model
/// names them; null where none of them is known. The model is a constant.
pub(crate) fn clustered() -> ScalarUDF {
    let list = |kind| DataType::new_list(kind, true);
    let arguments = vec![list(DataType::Float64), list(DataType::Utf8), DataType::Utf8];
    with_constant("clustered", arguments, DataType::Utf8, |arguments, text| {
        let (numbers, texts) = (arguments[0].as_list::<i32>(), arguments[1].as_list::<i32>());
        let n_rows = numbers.len();
        if n_rows == 0 {
            return Ok(Arc::new(StringArray::new_null(0)) as ArrayRef);
        }
        let no_model = |error: &dyn std::fmt::Display| exec_datafusion_err!("no clusters: {error}");
        let named: Named = serde_json::from_str(text).map_err(|error| no_model(&error))?;
        let of_numbers = numbers.values().as_primitive::<Float64Type>();
        let number = |row: usize, place: usize| {
            let at = numbers.value_offsets()[row] as usize + place;
            let is_given = place < numbers.value_length(row) as usize && of_numbers.is_valid(at);
            if is_given { of_numbers.value(at) } else { f64::NAN }
        };
        let of_texts = texts.values().as_string::<i32>();
        let text = |row: usize, place: usize| {
            let at = texts.value_offsets()[row] as usize + place;
            let is_given = place < texts.value_length(row) as usize && of_texts.is_valid(at);
            is_given.then(|| of_texts.value(at))
        };
        let number_columns: Vec<Vec<f64>> = (0..named.numbers.len())
            .map(|place| (0..n_rows).map(|row| number(row, place)).collect())
            .collect();
        let text_columns: Vec<Vec<Option<&str>>> =
            (0..named.texts.len()).map(|place| (0..n_rows).map(|row| text(row, place)).collect()).collect();
        let rows = Rows {
            numbers: named
                .numbers
                .iter()
                .map(String::as_str)
                .zip(number_columns.iter().map(Vec::as_slice))
                .collect(),
            texts: named
                .texts
                .iter()
                .map(String::as_str)
                .zip(text_columns.iter().map(Vec::as_slice))
                .collect(),
        };
        let labels = named.clustering.assign(&rows).map_err(|error| no_model(&error))?;
        let name =
            |label: &Option<u32>| label.and_then(|label| named.names.get(label as usize)).map(String::as_str);
        Ok(Arc::new(labels.iter().map(name).collect::<StringArray>()))
    })
}
