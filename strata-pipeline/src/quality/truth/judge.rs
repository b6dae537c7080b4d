//! Whether each piece of one kind was found, and how.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use strata_spec::manifest::{Identifier, Source};
use strata_spec::table::{Subject, Table};

use super::lake::{Lake, key_column};
use super::planted::Piece;
use crate::error::Result;
use crate::quality::{flagged, outlying};

/// What became of the pieces of one kind.
#[derive(Default)]
pub(super) struct Judgement {
    /// How each was found; none where it was not.
    pub(super) found: Vec<Option<&'static str>>,
    /// The share of what is flagged that was planted.
    pub(super) precision: Option<f64>,
}

pub(super) async fn judge(kind: &str, pieces: &[Piece], lake: &Lake<'_>) -> Result<Judgement> {
    let each = |found: &dyn Fn(&Piece) -> Option<&'static str>| Judgement {
        found: pieces.iter().map(found).collect(),
        precision: None,
    };
    Ok(match kind {
        "impossible_birth_date" | "impossible_age" => {
            each(&|piece| lake.is_rejected(piece).then_some("rejected"))
        }
        "missing_value" => missing(pieces, lake),
        "mixed_date_format" | "currency_symbol" => read_as_meant(pieces, lake).await?,
        "duplicate_row" => repeated(pieces, lake).await?,
        "negative_amount" => negative(pieces, lake).await?,
        "absurd_amount" => absurd(pieces, lake).await?,
        "test_order" => test_orders(pieces, lake).await?,
        "bot" => bots(pieces, lake).await?,
        "blocked_identifier" => each(&|piece| match lake.is_rejected(piece) {
            true => Some("rejected"),
            false => (!lake.is_known(&piece.written)).then_some("blocked"),
        }),
        "typo" => each(&|piece| same_customer(piece, lake).filter(|_| is_email(piece))),
        "second_account_other_case" | "second_account_other_email" | "guest_checkout" | "new_work_email" => {
            each(&|piece| same_customer(piece, lake))
        }
        "shared_email" => each(&|piece| {
            (lake.holders(Identifier::Email.as_str(), None, &piece.written).len() > 1).then_some("kept apart")
        }),
        _ => each(&|_| None),
    })
}

/// Of each column at most as many as are counted there.
fn missing(pieces: &[Piece], lake: &Lake<'_>) -> Judgement {
    let mut left: BTreeMap<(String, String), u64> = BTreeMap::new();
    let found = pieces.iter().map(|piece| {
        let source = piece.source.as_ref()?.name.as_str();
        let of_piece =
            |name: &str| piece.columns.iter().any(|(table, column)| name == format!("{table}.{column}"));
        let columns =
            lake.columns.iter().filter(|column| column.source == source && of_piece(&column.column));
        let counted = columns.max_by_key(|column| column.n_missing)?;
        let left = left.entry((source.to_owned(), counted.column.clone())).or_insert(counted.n_missing);
        *left = left.checked_sub(1)?;
        Some("counted")
    });
    Judgement { found: found.collect(), precision: None }
}

/// Whether the tables hold what was meant. Where another source's word counts, nothing but a rejected value can be told.
async fn read_as_meant(pieces: &[Piece], lake: &Lake<'_>) -> Result<Judgement> {
    let mut tables: BTreeMap<(String, Table, String), BTreeMap<String, Vec<String>>> = BTreeMap::new();
    let mut found = Vec::new();
    for piece in pieces {
        let Some((source, (table, column))) = piece.source.as_ref().zip(piece.columns.first()) else {
            found.push(None);
            continue;
        };
        let place = (source.name.to_string(), *table, column.clone());
        if !tables.contains_key(&place) {
            tables.insert(place.clone(), lake.values(source, *table, column).await?);
        }
        let keys = match table {
            Table::Customers => lake.holders("customer_id", Some(source), &piece.key).into_iter().collect(),
            _ => vec![piece.key.clone()],
        };
        let values: Vec<&String> = keys.iter().filter_map(|key| tables[&place].get(key)).flatten().collect();
        found.push(match values.is_empty() {
            true => (!lake.is_rejected(piece)).then_some("read"),
            false => values.iter().any(|value| is_meant(value, &piece.truth)).then_some("as meant"),
        });
    }
    Ok(Judgement { found, precision: None })
}

/// Whether a cell of the lake holds the true value, as a day or as a number.
fn is_meant(cell: &str, truth: &str) -> bool {
    if let [day, month, year] = truth.split('.').collect::<Vec<_>>().as_slice() {
        return cell.starts_with(&format!("{year}-{month}-{day}"));
    }
    match (cell.parse::<f64>(), truth.replace(',', ".").parse::<f64>()) {
        (Ok(cell), Ok(truth)) => (cell - truth).abs() < 0.005,
        _ => cell.starts_with(truth),
    }
}

async fn repeated(pieces: &[Piece], lake: &Lake<'_>) -> Result<Judgement> {
    let mut flagged: HashSet<(String, String)> = HashSet::new();
    if lake.has(Table::OrderLines) {
        let rows = lake.ask(flagged::EQUAL_LINES).await?;
        flagged.extend(rows.iter().map(|row| (row.text(0).to_owned(), row.text(1).to_owned())));
    }
    let mut twice: BTreeMap<String, HashSet<String>> = BTreeMap::new();
    let mut found = Vec::new();
    for piece in pieces {
        let Some(source) = &piece.source else {
            found.push(None);
            continue;
        };
        let name = source.name.to_string();
        if !twice.contains_key(&name) {
            twice.insert(name.clone(), held_twice(source, lake).await?);
        }
        let is_kept_twice = twice[&name].contains(&piece.key);
        found.push(match flagged.contains(&(name, piece.key.clone())) {
            true => Some("flagged"),
            // The table of customers or companies has one row of each whatever the source says.
            false => (!is_kept_twice && lake.n_repeats(source) > 0).then_some("counted as repeat"),
        });
    }
    let place = |piece: &Piece| Some((piece.source.as_ref()?.name.to_string(), piece.key.clone()));
    let planted: HashSet<_> = pieces.iter().filter_map(place).collect();
    Ok(Judgement { found, precision: share(flagged.intersection(&planted).count(), flagged.len()) })
}

/// The keys of a source's rows of which a table holds several, though each should have one.
async fn held_twice(source: &Source, lake: &Lake<'_>) -> Result<HashSet<String>> {
    let mut twice = HashSet::new();
    for table in source.tables.iter().map(|mapping| mapping.table).filter(|table| table.subject().is_none()) {
        let key = key_column(source, table);
        if key != table.key_column() {
            continue;
        }
        let besides = match table {
            Table::OrderLines => ", order_id",
            Table::Responses => ", question",
            _ => "",
        };
        let query = format!(
            "select {key} from {table} where source = '{}' group by {key}{besides} having count(*) > 1",
            source.name
        );
        twice.extend(lake.ask(&query).await?.iter().map(|row| row.text(0).to_owned()));
    }
    Ok(twice)
}

async fn negative(pieces: &[Piece], lake: &Lake<'_>) -> Result<Judgement> {
    let negative = flagged::NEGATIVE_LINE;
    let lines = lake.ask(&format!("select line_id, order_id from order_lines where {negative}")).await?;
    let orders = lake.ask("select event_id from events where event_id like 'order:%'").await?;
    let returned: HashSet<&str> =
        orders.iter().filter_map(|row| row.text(0).strip_prefix("order:")).collect();
    let flagged: HashSet<&str> = lines.iter().flat_map(|row| [row.text(0), row.text(1)]).collect();
    let planted: HashSet<&str> = pieces.iter().map(|piece| piece.key.as_str()).collect();
    let is_planted = |row: &&crate::query::ask::Row| [0, 1].iter().any(|at| planted.contains(row.text(*at)));
    let how =
        |piece: &Piece| match (flagged.contains(piece.key.as_str()), returned.contains(piece.key.as_str())) {
            (true, _) => Some("flagged"),
            (false, true) => Some("taken for a return"),
            (false, false) => None,
        };
    Ok(Judgement {
        found: pieces.iter().map(how).collect(),
        precision: share(lines.iter().filter(is_planted).count(), lines.len()),
    })
}

async fn absurd(pieces: &[Piece], lake: &Lake<'_>) -> Result<Judgement> {
    let mut outlying: HashSet<(String, String)> = HashSet::new();
    let columns: BTreeSet<(Table, String)> =
        pieces.iter().filter_map(|piece| piece.columns.first().cloned()).collect();
    for (table, column) in columns {
        for (name, histogram) in outlying::histograms(lake.view(), table, &column).await? {
            let source = pieces
                .iter()
                .filter_map(|piece| piece.source.as_ref())
                .find(|source| source.name.as_str() == name);
            let Some((source, (first, last))) = source.zip(histogram.usual()) else { continue };
            let query = format!(
                "select {} from {table} where source = '{name}' and {column} > 0 \
                 and ({bin} < {first} or {bin} > {last})",
                key_column(source, table),
                bin = outlying::bin(&column),
            );
            let keys = lake.ask(&query).await?;
            outlying.extend(keys.iter().map(|row| (name.clone(), row.text(0).to_owned())));
        }
    }
    let place = |piece: &Piece| Some((piece.source.as_ref()?.name.to_string(), piece.key.clone()));
    let found: Vec<_> = pieces
        .iter()
        .map(|piece| place(piece).filter(|place| outlying.contains(place)).map(|_| "outlying"))
        .collect();
    let n_found = found.iter().flatten().count();
    Ok(Judgement { found, precision: share(n_found, outlying.len()) })
}

async fn test_orders(pieces: &[Piece], lake: &Lake<'_>) -> Result<Judgement> {
    let id = Subject::Customers.id_column();
    let query = format!(
        "select order_id from orders where {id} in (select {id} from customers where {})",
        flagged::is_test()
    );
    flagged_keys(pieces, lake.ask(&query).await?, |piece| &piece.key)
}

async fn bots(pieces: &[Piece], lake: &Lake<'_>) -> Result<Judgement> {
    if !lake.has(Table::Events) {
        return Ok(Judgement { found: vec![None; pieces.len()], precision: None });
    }
    flagged_keys(pieces, lake.ask(&flagged::bots()).await?, |piece| &piece.written)
}

fn flagged_keys(
    pieces: &[Piece],
    rows: Vec<crate::query::ask::Row>,
    key: fn(&Piece) -> &String,
) -> Result<Judgement> {
    let flagged: HashSet<&str> = rows.iter().map(|row| row.text(0)).collect();
    let found: Vec<_> =
        pieces.iter().map(|piece| flagged.contains(key(piece).as_str()).then_some("flagged")).collect();
    let planted: HashSet<&str> = pieces.iter().map(|piece| key(piece).as_str()).collect();
    Ok(Judgement { found, precision: share(flagged.intersection(&planted).count(), flagged.len()) })
}

fn share(n: usize, n_of: usize) -> Option<f64> {
    (n_of > 0).then(|| n as f64 / n_of as f64)
}

fn is_email(piece: &Piece) -> bool {
    piece.columns.iter().any(|(_, name)| name == Identifier::Email.as_str())
}

/// Whether the account, or the address written, belongs to the customer of the true address.
fn same_customer(piece: &Piece, lake: &Lake<'_>) -> Option<&'static str> {
    let email = Identifier::Email.as_str();
    let source = piece.source.as_ref()?;
    let of_key = lake.holders("customer_id", Some(source), &piece.key);
    let one = if of_key.is_empty() { lake.holders(email, None, &piece.written) } else { of_key };
    let other = lake.holders(email, None, &piece.truth);
    let mut pairs = one.iter().flat_map(|one| other.iter().map(move |other| (one, other)));
    if !one.is_disjoint(&other) {
        return Some("joined");
    }
    pairs.any(|(one, other)| lake.is_proposed(one, other)).then_some("proposed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_is_a_day_or_a_number() {
        for (cell, truth, expected) in [
            ("2025-09-15T00:00:00", "15.09.2025", true),
            ("2025-09-15", "16.09.2025", false),
            ("1970-03-02", "1970-03-02", true),
            ("1970-02-03", "1970-03-02", false),
            ("13.4", "13,40", true),
            ("47600.0", "47600", true),
            ("134.0", "13,40", false),
            ("", "1970-03-02", false),
        ] {
            assert_eq!(is_meant(cell, truth), expected, "{cell} for {truth}");
        }
    }
}
