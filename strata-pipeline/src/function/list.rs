//! Lists in texts: a JSON array, or what stands between commas.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;
use strata_lake::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array};
use strata_lake::arrow::datatypes::DataType;
use strata_lake::datafusion::logical_expr::ScalarUDF;

use super::variadic::variadic;

/// `text_list_has_any(list, value, …)`: whether a list has one of the values. Null where there is no list.
pub(crate) fn text_list_has_any() -> ScalarUDF {
    variadic("text_list_has_any", DataType::Utf8, DataType::Boolean, |arguments| {
        Ok(having(arguments, |elements, values| {
            values.iter().flatten().any(|value| elements.iter().any(|element| element == value))
        }))
    })
}

/// `text_list_has_all(list, value, …)`: whether a list has all of the values, of which none is null.
pub(crate) fn text_list_has_all() -> ScalarUDF {
    variadic("text_list_has_all", DataType::Utf8, DataType::Boolean, |arguments| {
        Ok(having(arguments, |elements, values| {
            values
                .iter()
                .all(|value| value.is_some_and(|value| elements.iter().any(|element| *element == value)))
        }))
    })
}

/// `text_list_length(list)`: how many elements a list has.
pub(crate) fn text_list_length() -> ScalarUDF {
    variadic("text_list_length", DataType::Utf8, DataType::Int64, |arguments| {
        let lists = arguments[0].as_string::<i32>().iter();
        Ok(Arc::new(lists.map(|list| Some(elements(list?).len() as i64)).collect::<Int64Array>()))
    })
}

/// What a list is asked, with the values that it is asked about.
type Ask = fn(&[Cow<'_, str>], &[Option<&str>]) -> bool;

fn having(arguments: &[ArrayRef], holds: Ask) -> ArrayRef {
    let columns: Vec<_> = arguments.iter().map(|column| column.as_string::<i32>()).collect();
    let mut values = Vec::with_capacity(columns.len());
    let answers = (0..arguments[0].len()).map(|row| {
        let list = columns[0].is_valid(row).then(|| columns[0].value(row))?;
        values.clear();
        values.extend(columns[1..].iter().map(|column| column.is_valid(row).then(|| column.value(row))));
        Some(holds(&elements(list), &values))
    });
    Arc::new(answers.collect::<BooleanArray>())
}

/// The elements of a list. Nulls, arrays and objects are none.
fn elements(list: &str) -> Vec<Cow<'_, str>> {
    let list = list.trim();
    if list.starts_with('[')
        && let Ok(Value::Array(values)) = serde_json::from_str(list)
    {
        return values
            .into_iter()
            .filter_map(|value| match value {
                Value::String(text) => Some(Cow::Owned(text)),
                Value::Number(_) | Value::Bool(_) => Some(Cow::Owned(value.to_string())),
                Value::Null | Value::Array(_) | Value::Object(_) => None,
            })
            .collect();
    }
    list.split(',').map(str::trim).filter(|part| !part.is_empty()).map(Cow::Borrowed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_json_or_stand_between_commas() {
        let cases: [(&str, &[&str]); 10] = [
            ("", &[]),
            ("  ", &[]),
            ("a", &["a"]),
            (" a, b c ,,A, a", &["a", "b c", "A", "a"]),
            ("[]", &[]),
            (r#" ["a, b", " c ", "a"] "#, &["a, b", " c ", "a"]),
            (r#"[1, 2.5, true, null, [3], {"x": 4}, ""]"#, &["1", "2.5", "true", ""]),
            ("[a, b]", &["[a", "b]"]),
            (r#"{"a": 1}"#, &[r#"{"a": 1}"#]),
            (r#"["ü\u0041"]"#, &["üA"]),
        ];
        for (list, expected) in cases {
            assert_eq!(elements(list), expected, "{list}");
        }
    }
}
