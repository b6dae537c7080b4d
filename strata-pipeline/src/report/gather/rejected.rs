//! Refused rows by reason. A row's reason quotes its values; the report must not.

use super::super::data::Rejected;
use crate::error::Result;
use crate::query::View;
use crate::query::ask::ask;

/// What stands before a reason for which the row was kept without a value.
const DROPPED: &str = "value dropped: ";

/// Numbers that belong to a reason itself, as the bounds of an age.
const BOUNDS: [&str; 3] = ["1", "120", "1900"];

pub(super) async fn gather(view: &View) -> Result<Vec<Rejected>> {
    if !view.complete.tables.contains_key("rejected") {
        return Ok(Vec::new());
    }
    // Cut in the engine, since reasons with their values can be as many as rows.
    let query = format!(
        r#"select "table", reason, count(*) from (select "table", case
           when reason like 'claims id %' then 'claims an id that another source holds for another e-mail'
           when reason like 'order % already came %' then 'the order already came from another source'
           when reason like 'dated %' then 'dated after its file was written'
           when reason like '{DROPPED}%' then split_part(reason, ': ', 1) || ': ' || split_part(reason, ': ', 2)
           else split_part(reason, ': ', 1) end as reason from rejected) group by 1, 2"#
    );
    let mut rejected: Vec<Rejected> = Vec::new();
    for row in ask(view, "count refused rows", &query).await? {
        let (reason, is_kept) = match row.text(1).strip_prefix(DROPPED) {
            Some(reason) => (without_values(reason), true),
            None => (without_values(row.text(1)), false),
        };
        let (table, n_rows) = (row.text(0).to_owned(), row.count(2));
        let same = |known: &&mut Rejected| {
            (&known.table, &known.reason, known.is_kept) == (&table, &reason, is_kept)
        };
        match rejected.iter_mut().find(same) {
            Some(known) => known.n_rows += n_rows,
            None => rejected.push(Rejected { table, reason, is_kept, n_rows }),
        }
    }
    rejected.sort_by(|a, b| {
        b.n_rows.cmp(&a.n_rows).then_with(|| (&a.table, &a.reason).cmp(&(&b.table, &b.reason)))
    });
    Ok(rejected)
}

/// A reason in which what could be a value is an ellipsis: what is quoted, and words with digits or an at sign.
fn without_values(reason: &str) -> String {
    let quoted = reason.split('`').enumerate().map(|(place, part)| if place % 2 == 1 { "…" } else { part });
    let unquoted: String = quoted.collect();
    let hidden = |word: &str| {
        let bare = word.trim_matches(|each: char| !each.is_alphanumeric());
        word.contains('@') || (bare.chars().any(|each| each.is_ascii_digit()) && !BOUNDS.contains(&bare))
    };
    unquoted.split(' ').map(|word| if hidden(word) { "…" } else { word }).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_do_not_get_into_the_report() {
        for (reason, expected) in [
            ("ordered_at is missing", "ordered_at is missing"),
            ("age is not between 1 and 120", "age is not between 1 and 120"),
            ("birth_date is before 1900 or in the future", "birth_date is before 1900 or in the future"),
            ("has 5 fields, the header has 3", "has … fields, the header has …"),
            ("amount is not a number `ann`", "amount is not a number …"),
            ("unknown ann@example.com, 0042", "unknown … …"),
        ] {
            assert_eq!(without_values(reason), expected);
        }
    }
}
