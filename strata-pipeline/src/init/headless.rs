//! A file without a header: what its columns are, by their values alone, and only where these say that rows are purchases.

use strata_spec::manifest::ColumnSource;
use strata_spec::table::Table;

use super::draft::{Draft, DraftTable, Key, Keys};
use super::evidence::{Evidence, grouped};
use super::group::values;
use super::unknown::{OWN_SPACE, ROW_ID};
use super::words::Kind;
use super::{FileSample, ProposedTable};

/// Of a column's values so many must be of a kind.
const MOSTLY: f64 = 0.95;
/// Counts of things bought are below this; larger whole numbers are rather ids.
const LARGEST_COUNT: f64 = 1_000.0;

/// What the values show; columns by their index.
struct Found {
    time: Option<usize>,
    email: Option<usize>,
    customer: Option<usize>,
    order: Option<usize>,
    amount: Option<usize>,
    n_items: Option<usize>,
}

/// A proposal for a file that names no column: each row a purchase, if its values say who bought and when.
pub(super) fn draft(sample: &FileSample, evidence: &[Evidence]) -> Draft {
    let found = find(sample, evidence);
    let (Some(time), Some(_)) = (found.time, found.customer.or(found.email)) else {
        return Draft::left_out(
            "a file without a header",
            "no line names its columns, and their values alone do not show who bought and when: put a line with names before the first",
        );
    };
    let source = |at: usize| ColumnSource::Column(sample.columns[at].clone());
    let why = |says: String| format!("a guess from values alone: {says}");
    let repeats = |at: usize| {
        let (n, of) = (grouped(evidence[at].n_distinct), grouped(evidence[at].n_filled));
        why(format!("ids that repeat, {n} different in the first {of} rows"))
    };
    let mut keys = Keys::default();
    if let Some(at) = found.customer {
        keys.guests = evidence[at].n_missing > 0;
        keys.own = Some((OWN_SPACE.to_owned(), Key { source: source(at), why: Some(repeats(at)) }));
    }
    if let Some(at) = found.email {
        keys.email = Some(Key { source: source(at), why: Some(why(evidence[at].says(Kind::Email))) });
    }
    let mut orders = ProposedTable::of(Table::Orders, None);
    match found.order {
        Some(at) => orders.push("order_id", source(at), why(evidence[at].says(Kind::Identifier))),
        None => {
            let each_row = "no column numbers the orders, so each row is one".to_owned();
            orders.push("order_id", ColumnSource::Sql(ROW_ID.to_owned()), each_row);
        }
    }
    orders.push_customer(&keys);
    orders.push("ordered_at", source(time), why(evidence[time].says(Kind::Date)));
    if let Some(at) = found.amount {
        orders.push("amount", source(at), why(format!("{}, with decimals", evidence[at].says(Kind::Number))));
    }
    if let Some(at) = found.n_items {
        orders.push("n_items", source(at), why("small whole numbers".to_owned()));
    }
    Draft {
        title: "purchases, one a row".to_owned(),
        notes: vec!["No line names its columns; what they are is guessed from their values.".to_owned()],
        keys,
        tables: vec![DraftTable { fallback: false, table: orders }],
        ..Draft::default()
    }
}

fn find(sample: &FileSample, evidence: &[Evidence]) -> Found {
    let columns = 0..evidence.len();
    let is_date = |at: usize| {
        let dates = &evidence[at].dates;
        evidence[at].share(dates.n_dates.max(dates.n_epochs)) >= MOSTLY
    };
    let is_email = |at: usize| evidence[at].suits(Kind::Email) >= MOSTLY;
    let has_decimals = |at: usize| {
        let each = &evidence[at];
        each.share(each.n_numbers) >= MOSTLY && each.counts.keys().any(|value| value.contains(['.', ',']))
    };
    let is_id =
        |at: &usize| !is_date(*at) && !is_email(*at) && !has_decimals(*at) && looks_like_ids(&evidence[*at]);
    let ids: Vec<usize> = columns.clone().filter(is_id).collect();
    // Where a column holds larger ids, one of small numbers counts something.
    let (counts, large): (Vec<usize>, Vec<usize>) = ids.into_iter().partition(|&at| is_count(&evidence[at]));
    let candidates = if large.is_empty() { &counts } else { &large };
    let (unique, repeating): (Vec<usize>, Vec<usize>) =
        candidates.iter().copied().partition(|&at| values(sample, at).distinctness() >= MOSTLY);
    let most = repeating.iter().map(|&at| evidence[at].n_distinct).max().unwrap_or_default();
    let customer = repeating.into_iter().find(|&at| evidence[at].n_distinct * 2 > most);
    let n_items =
        counts.into_iter().filter(|at| customer != Some(*at)).min_by_key(|&at| evidence[at].n_distinct);
    Found {
        time: columns.clone().find(|&at| is_date(at)),
        email: columns.clone().find(|&at| is_email(at)),
        customer,
        order: unique.into_iter().find(|at| n_items != Some(*at)),
        amount: columns.rev().find(|&at| has_decimals(at)),
        n_items,
    }
}

/// Whether the values are single words with digits, of which there are several.
fn looks_like_ids(evidence: &Evidence) -> bool {
    let with_digits: u64 = evidence
        .counts
        .iter()
        .filter(|(value, _)| {
            value.bytes().any(|byte| byte.is_ascii_digit()) && !value.contains(char::is_whitespace)
        })
        .map(|(_, n)| n)
        .sum();
    evidence.n_distinct > 1 && evidence.share(with_digits) >= MOSTLY && evidence.mean_length() <= 40.0
}

/// Whether the values are small numbers, written without zeros before them.
fn is_count(evidence: &Evidence) -> bool {
    evidence.share(evidence.n_integers) >= MOSTLY
        && evidence.n_negative == 0
        && evidence.counts.keys().all(|value| {
            let padded = value.len() > 1 && value.starts_with('0');
            !padded && value.parse::<f64>().is_ok_and(|number| number < LARGEST_COUNT)
        })
}

#[cfg(test)]
mod tests {
    use strata_spec::manifest::FormatKind;

    use super::super::Dialect;
    use super::*;

    /// What is found in a file of these lines, as `role=column` in the order of the roles.
    fn found(lines: &[&str]) -> String {
        let rows: Vec<Vec<Option<String>>> = lines
            .iter()
            .map(|line| line.split_whitespace().map(|cell| Some(cell.to_owned())).collect())
            .collect();
        let n_columns = rows[0].len();
        let evidence: Vec<Evidence> =
            (0..n_columns).map(|at| Evidence::of(rows.iter().map(|row| row[at].as_deref()))).collect();
        let sample = FileSample {
            path: "a.txt".to_owned(),
            columns: (1..=n_columns).map(|number| format!("column_{number}")).collect(),
            rows,
            dates: Vec::new(),
            values: Vec::new(),
            dialect: Dialect {
                kind: FormatKind::Csv,
                delimiter: ' ',
                header: false,
                encoding: "utf-8".to_owned(),
                preamble: Vec::new(),
            },
        };
        let found = find(&sample, &evidence);
        assert_eq!(
            draft(&sample, &evidence).left_out.is_some(),
            found.time.is_none() || found.customer.or(found.email).is_none()
        );
        [
            ("customer", found.customer),
            ("email", found.email),
            ("order", found.order),
            ("time", found.time),
            ("amount", found.amount),
            ("n_items", found.n_items),
        ]
        .into_iter()
        .filter_map(|(role, at)| Some(format!("{role}={}", at? + 1)))
        .collect::<Vec<_>>()
        .join(" ")
    }

    #[test]
    fn values_alone_show_who_bought_when_and_for_how_much() {
        for (lines, expected) in [
            (
                &["00001 19970101 1 11.77", "00002 19970112 1 12.00", "00002 19970112 5 77.00"][..],
                "customer=1 time=2 amount=4 n_items=3",
            ),
            (
                &[
                    "00004 0001 19970101 2 29.33",
                    "00004 0001 19970118 2 29.73",
                    "00021 0002 19970101 3 63.34",
                ],
                "customer=1 time=3 amount=5 n_items=4",
            ),
            (
                &[
                    "O-9001 C-17 2024-01-05 20.00",
                    "O-9002 C-17 2024-01-06 5.00",
                    "O-9003 C-19 2024-01-06 5.00",
                ],
                "customer=2 order=1 time=3 amount=4",
            ),
            (&["2024-01-05 a@x.example 20.00", "2024-01-06 b@x.example 5.50"], "email=2 time=1 amount=3"),
            (&["1 2024-01-05 20.00", "1 2024-01-06 5.50", "2 2024-01-06 5.50"], "customer=1 time=2 amount=3"),
            // Nobody is named, or no day.
            (&["2024-01-05 20.00", "2024-01-06 5.50"], "time=1 amount=2"),
            (&["C17 20.00", "C17 5.50", "C18 5.50"], "customer=1 amount=2"),
            (
                &["Berlin 2024-01-05 20.00", "Berlin 2024-01-06 5.50", "Ulm 2024-01-06 5.50"],
                "time=2 amount=3",
            ),
        ] {
            assert_eq!(found(lines), expected, "{lines:?}");
        }
    }
}
