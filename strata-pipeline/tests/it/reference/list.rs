//! Lists: a text that is a JSON array, or else what stands between its commas.

pub(crate) fn elements(text: &str) -> Vec<String> {
    if text.trim().starts_with('[')
        && let Ok(serde_json::Value::Array(values)) = serde_json::from_str(text)
    {
        return values.iter().filter_map(element).collect();
    }
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

/// Texts, numbers and truth values count; nulls, lists and objects do not.
fn element(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}
