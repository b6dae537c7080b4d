//! Answers to questionnaires: which item a question is, and what an answer counts towards its scale.

use std::collections::HashMap;
use std::sync::Arc;

use strata_lake::arrow::array::{Array, ArrayRef, AsArray, Float64Builder, StringBuilder, StructArray};
use strata_lake::arrow::datatypes::{DataType, Field, Fields};
use strata_lake::datafusion::common::exec_datafusion_err;
use strata_lake::datafusion::logical_expr::ScalarUDF;
use strata_spec::survey::{Items, KnownItem};

use super::scalar::with_constant;

/// `survey_answer(question, answer, surveys)`: the item that a question is of some surveys, a constant, the trait that the answer counts
/// towards, how much, and, where it counts nothing, why. All are null of a question that none of them asks.
pub(crate) fn survey_answer() -> ScalarUDF {
    let arguments = vec![DataType::Utf8, DataType::Utf8, DataType::Utf8];
    with_constant("survey_answer", arguments, DataType::Struct(fields()), |arguments, surveys| {
        let items = Items::from_text(surveys).map_err(|error| exec_datafusion_err!("{error}"))?;
        let (questions, answers) = (arguments[0].as_string::<i32>(), arguments[1].as_string::<i32>());
        let mut known = HashMap::new();
        let (mut item, mut scale) = (StringBuilder::new(), StringBuilder::new());
        let (mut points, mut fault) = (Float64Builder::new(), StringBuilder::new());
        for row in 0..questions.len() {
            let question = questions.is_valid(row).then(|| questions.value(row));
            // Questions come again and again.
            let found = question.and_then(|text| *known.entry(text).or_insert_with(|| items.find(text)));
            item.append_option(found.map(|found| found.item.as_str()));
            let given = found.filter(|_| answers.is_valid(row));
            let counted = given.map(|found| found.counted(answers.value(row)));
            let right = counted.as_ref().and_then(|counted| counted.as_ref().ok());
            // An answer that counts nothing is to its scale all the same.
            scale.append_option(
                right.map_or_else(|| found.and_then(KnownItem::scale), |counted| counted.scale),
            );
            points.append_option(right.map(|counted| counted.points as f64));
            fault.append_option(counted.and_then(Result::err).map(|reason| reason.to_string()));
        }
        let columns: Vec<ArrayRef> = vec![
            Arc::new(item.finish()),
            Arc::new(scale.finish()),
            Arc::new(points.finish()),
            Arc::new(fault.finish()),
        ];
        Ok(Arc::new(StructArray::try_new(fields(), columns, None)?) as ArrayRef)
    })
}

fn fields() -> Fields {
    let field = |name: &str, kind: DataType| Field::new(name, kind, true);
    Fields::from(vec![
        field("item", DataType::Utf8),
        field("scale", DataType::Utf8),
        field("points", DataType::Float64),
        field("fault", DataType::Utf8),
    ])
}
