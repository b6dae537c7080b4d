//! How the parts of a table divide its rows, so that parts of several tables that belong together can be read together.

use serde_json::{Value, json};

/// Some parts of a table, and what is known of the rows in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Division {
    /// By what rule rows belong to a part. Where tables are divided by one rule into as many parts, parts of one number hold the
    /// rows of the same keys.
    pub rule: String,
    /// How many parts there are, those without rows included.
    pub n_parts: usize,
    /// The column by which the rows of each part are sorted, the least first and nulls before all.
    pub sorted_by: Option<String>,
}

impl Division {
    /// Whether parts of one number belong together.
    pub fn is_like(&self, other: &Division) -> bool {
        self.rule == other.rule && self.n_parts == other.n_parts
    }
}

/// Where the parts of a division begin among all of a table's, and the table's own division, where it has one like that.
pub(crate) fn find<'a>(divisions: &'a [Division], like: &Division) -> Option<(usize, &'a Division)> {
    let at = divisions.iter().position(|division| division.is_like(like))?;
    let first = divisions.iter().take(at).map(|division| division.n_parts).sum();
    Some((first, divisions.get(at)?))
}

/// As a setting of a table.
pub(crate) fn to_setting(divisions: &[Division]) -> Option<String> {
    let all = divisions.iter().map(|division| {
        json!({ "rule": division.rule, "parts": division.n_parts, "sorted_by": division.sorted_by })
    });
    (!divisions.is_empty()).then(|| Value::from_iter(all).to_string())
}

/// From a setting of a table. One that cannot be read says nothing, and the table is read whole.
pub(crate) fn from_setting(setting: Option<&String>) -> Vec<Division> {
    let parse = |setting: &String| -> Option<Vec<Division>> {
        let all: Vec<Value> = serde_json::from_str(setting).ok()?;
        let one = |division: &Value| {
            Some(Division {
                rule: division.get("rule")?.as_str()?.to_owned(),
                n_parts: usize::try_from(division.get("parts")?.as_u64()?).ok()?,
                sorted_by: division.get("sorted_by").and_then(Value::as_str).map(str::to_owned),
            })
        };
        all.iter().map(one).collect()
    };
    setting.and_then(parse).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_gives_its_divisions_back() {
        let division = |rule: &str, n_parts, sorted_by: Option<&str>| Division {
            rule: rule.to_owned(),
            n_parts,
            sorted_by: sorted_by.map(str::to_owned),
        };
        let all = [division("a", 16, Some("id")), division("b", 2, None)];
        let setting = to_setting(&all);
        assert_eq!(from_setting(setting.as_ref()), all);
        assert_eq!(find(&all, &division("b", 2, Some("other"))), Some((16, &all[1])));
        assert_eq!(find(&all, &division("b", 3, None)), None);
        assert_eq!(to_setting(&[]), None);
        for damaged in ["", "{}", "[{}]"] {
            assert_eq!(from_setting(Some(&damaged.to_owned())), []);
        }
    }
}
