//! A file whose headers are the names of canonical columns: such names are no coincidence, and decide which table it is.

use strata_spec::table::{Subject, Table};

use super::fill::{Seen, fill_by_name};

/// Customers and companies have one row each; less of their ids than this may repeat.
const MOSTLY_UNIQUE: f64 = 0.9;

/// The table to which most headers belong by name, where these are most of the file's headers. Of two tables to which
/// equally many belong it is the one whose own key is among them.
pub(super) fn table(columns: &[Seen]) -> Option<Table> {
    let mut best: Option<((usize, bool), Table)> = None;
    for table in Table::ALL {
        let n = fill_by_name(table, columns).picks().len();
        let rank = (n, bears(columns, table.key_column()));
        let better = best.is_none_or(|(most, _)| rank > most);
        if better && n * 2 > columns.len() && decides(table, columns) {
            best = Some((rank, table));
        }
    }
    best.map(|(_, table)| table)
}

/// Whether the headers name all that the table requires, and something that no other table has.
fn decides(table: Table, columns: &[Seen]) -> bool {
    let found = fill_by_name(table, columns);
    let filled = |name: &str| found.get(name).is_some_and(|pick| columns[pick.at].evidence.n_filled > 0);
    let complete = table.columns().iter().filter(|column| column.required).all(|column| filled(column.name));
    let alone =
        |name: &str| Table::ALL.into_iter().all(|other| other == table || other.column(name).is_none());
    let own = found.has(table.key_column()) || found.picks().iter().any(|pick| alone(pick.slot));
    complete && own && table.subject().is_none_or(|subject| is_list(subject, columns))
}

/// Whether the rows are subjects, rather than orders or events that say something about theirs.
fn is_list(subject: Subject, columns: &[Seen]) -> bool {
    let table = subject.table();
    let of_others = Table::ALL
        .into_iter()
        .filter(|other| *other != table)
        .flat_map(|other| [other.key_column(), other.time_column()])
        .any(|name| table.column(name).is_none() && bears(columns, name));
    let id = columns.iter().find(|column| column.header.trim() == subject.id_column());
    !of_others && id.is_some_and(|id| id.evidence.distinctness() >= MOSTLY_UNIQUE)
}

fn bears(columns: &[Seen], name: &str) -> bool {
    columns.iter().any(|column| column.header.trim() == name)
}
