//! What a trained classifier says of a subject, row by row. It travels in the call as a constant.

use std::sync::Arc;

use strata_lake::arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use strata_lake::arrow::datatypes::{DataType, Float64Type};
use strata_lake::datafusion::common::exec_datafusion_err;
use strata_lake::datafusion::logical_expr::ScalarUDF;
use strata_models::learn::model::Model;

use super::scalar::with_constant;

/// `classified(features, model)`: the probability that a classifier gives a row of features, in the order in which it names them; null
/// without features, and where one of these is missing it is missing to the model as well. The model is a constant.
pub(crate) fn classified() -> ScalarUDF {
    let features = DataType::new_list(DataType::Float64, true);
    with_constant("classified", vec![features, DataType::Utf8], DataType::Float64, |arguments, text| {
        let rows = arguments[0].as_list::<i32>();
        if rows.is_empty() {
            return Ok(Arc::new(Float64Array::new_null(0)) as ArrayRef);
        }
        let no_model = |error: &dyn std::fmt::Display| exec_datafusion_err!("no classifier: {error}");
        let model: Model = serde_json::from_str(text).map_err(|error| no_model(&error))?;
        let ready = model.ready().map_err(|error| no_model(&error))?;
        let n_features = model.learner.names().len();
        let values = rows.values().as_primitive::<Float64Type>();
        let mut columns: Vec<Vec<f64>> = vec![Vec::with_capacity(rows.len()); n_features];
        for row in 0..rows.len() {
            let begin = rows.value_offsets()[row] as usize;
            let n_given = rows.value_length(row) as usize;
            for (place, column) in columns.iter_mut().enumerate() {
                let is_given = place < n_given && values.is_valid(begin + place);
                // What cannot be a measure is as good as missing, as it was in training.
                let given = if is_given { values.value(begin + place) } else { f64::NAN };
                column.push(if given.is_finite() { given } else { f64::NAN });
            }
        }
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let probabilities = ready.probabilities(&columns);
        let known = |row: usize| rows.is_valid(row).then(|| probabilities[row]);
        Ok(Arc::new((0..rows.len()).map(known).collect::<Float64Array>()))
    })
}
