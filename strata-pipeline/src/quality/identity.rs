//! How customers were found behind their ids, from what the stage `canonical` counted and its table `identity`.

use serde_json::Value;

use super::found::{IdentityData, Reason};
use crate::error::Result;
use crate::query::View;
use crate::query::ask::ask;

/// The table of customers' identifiers.
const IDENTITY_TABLE: &str = "identity";

/// Kinds of evidence in the order of trust, with what to call them.
const KINDS: [(&str, &str); 5] = [
    ("decision", "Decision by hand"),
    ("customer_id", "Customer id"),
    ("email", "E-mail address"),
    ("phone", "Telephone"),
    ("anonymous_id", "Device"),
];

/// What is known of the customers' identities; none where nothing could be joined.
pub(super) async fn measure(view: &View) -> Result<Option<IdentityData>> {
    if !view.complete.tables.contains_key(IDENTITY_TABLE) {
        return Ok(None);
    }
    let query = format!(
        "select count(*) filter (where kind = 'customer_id'), count(*), count(distinct customer_id) from {IDENTITY_TABLE}"
    );
    let rows = ask(view, "count the ids", &query).await?;
    let Some((n_own, n_all, n_customers)) =
        rows.first().map(|row| (row.count(0), row.count(1), row.count(2)))
    else {
        return Ok(None);
    };
    if n_all == 0 {
        return Ok(None);
    }
    let report = view.complete.summaries.get("canonical").and_then(|summary| summary.facts.get("report"));
    let counts = report.and_then(|report| report.get("identity")).unwrap_or(&Value::Null);
    Ok(Some(IdentityData {
        // Sources that know their customers by e-mail address alone have no other ids.
        n_ids: if n_own > 0 { n_own } else { n_all },
        n_customers,
        joined: joined(counts),
        refused: refused(counts),
    }))
}

fn joined(counts: &Value) -> Vec<Reason> {
    let n_of = |kind: &str| list(counts, "joins").find(|each| text(each, "kind") == kind).map(n);
    KINDS
        .iter()
        .filter_map(|(kind, name)| Some(Reason { what: (*name).to_owned(), n: n_of(kind)? }))
        .collect()
}

fn refused(counts: &Value) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = list(counts, "refused")
        .map(|each| {
            let kind = KINDS.iter().find(|(kind, _)| *kind == text(each, "kind"));
            let name = kind.map_or_else(|| text(each, "kind").to_owned(), |(_, name)| name.to_lowercase());
            let what = match text(each, "reason") {
                "apart" => format!("a decision keeps them apart ({name})"),
                "person" => format!("two persons with one {name}"),
                "ambiguous" => format!("the {name} fits several persons"),
                "cap" => format!("one customer would have too many ids ({name})"),
                "shared" => format!("the {name} is shared by too many to say anything"),
                other => format!("{other} ({name})"),
            };
            Reason { what, n: n(each) }
        })
        .collect();
    reasons.sort_by(|a, b| b.n.cmp(&a.n).then_with(|| a.what.cmp(&b.what)));
    reasons
}

fn list<'a>(counts: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    counts.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(each: &'a Value, name: &str) -> &'a str {
    each.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn n(each: &Value) -> u64 {
    each.get("n").and_then(Value::as_u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn joins_stand_in_order_of_trust_and_refusals_by_number() {
        let counts = json!({
            "joins": [{ "kind": "phone", "n": 7 }, { "kind": "email", "n": 5 }],
            "refused": [
                { "kind": "email", "reason": "person", "n": 2 },
                { "kind": "phone", "reason": "shared", "n": 9 },
            ],
        });
        let told = |reasons: Vec<Reason>| -> Vec<(String, u64)> {
            reasons.into_iter().map(|reason| (reason.what, reason.n)).collect()
        };
        assert_eq!(told(joined(&counts)), [("E-mail address".to_owned(), 5), ("Telephone".to_owned(), 7)]);
        assert_eq!(
            told(refused(&counts)),
            [
                ("the telephone is shared by too many to say anything".to_owned(), 9),
                ("two persons with one e-mail address".to_owned(), 2),
            ]
        );
        assert_eq!(told(joined(&Value::Null)), []);
    }
}
