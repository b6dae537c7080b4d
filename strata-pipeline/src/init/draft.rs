//! A source on its way to a proposal: mapped, but with the customer's key still open.

use strata_spec::manifest::{ColumnSource, DateOrder, DecimalMark};
use strata_spec::table::Table;
use strata_spec::vendor::{CUSTOMER, columns_of, find_column};

use super::spaces::Space;
use super::{Explained, FileSample, ProposedColumn, ProposedTable};

/// Files of one shape and what they are taken for.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    /// Which of the files, by their index.
    pub(super) files: Vec<usize>,
    pub(super) title: String,
    pub(super) notes: Vec<String>,
    pub(super) timezone: Option<String>,
    pub(super) date_order: Option<DateOrder>,
    pub(super) decimal: Option<DecimalMark>,
    pub(super) comment: Option<char>,
    pub(super) keys: Keys,
    /// The space of the customer ids, once they are chosen.
    pub(super) space: Option<Space>,
    /// What the manifest calls it.
    pub(super) namespace: Option<Explained<String>>,
    pub(super) tables: Vec<DraftTable>,
    pub(super) left_out: Option<String>,
}

/// The ways in which a row can name its customer.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Keys {
    /// An id, with the name of the space in which it is unique.
    pub(super) own: Option<(String, Key)>,
    /// Whether some rows have no such id.
    pub(super) guests: bool,
    pub(super) email: Option<Key>,
    pub(super) phone: Option<Key>,
    /// The id of a device.
    pub(super) anonymous: Option<Key>,
    pub(super) name: Option<Key>,
}

/// One way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Key {
    pub(super) source: ColumnSource,
    pub(super) why: Option<String>,
}

/// A table whose columns and condition may still speak of `{customer}`.
#[derive(Debug, Clone)]
pub(super) struct DraftTable {
    /// Only if no other source has the table.
    pub(super) fallback: bool,
    pub(super) table: ProposedTable,
}

impl Draft {
    /// A source that is left out.
    pub(super) fn left_out(title: &str, reason: impl Into<String>) -> Draft {
        Draft { title: title.to_owned(), left_out: Some(reason.into()), ..Draft::default() }
    }

    /// Whether its rows are customers and nothing else.
    pub(super) fn is_list(&self) -> bool {
        !self.tables.is_empty() && self.tables.iter().all(|each| each.table.table == Table::Customers)
    }

    /// Whether its rows name customers.
    pub(super) fn maps_customers(&self) -> bool {
        self.tables.iter().any(|each| each.table.column("customer_id").is_some())
    }

    pub(super) fn table(&self, table: Table) -> Option<&ProposedTable> {
        self.tables.iter().map(|draft| &draft.table).find(|each| each.table == table)
    }
}

impl Keys {
    pub(super) fn is_empty(&self) -> bool {
        *self == Keys::default()
    }
}

impl ProposedTable {
    /// A table without columns yet.
    pub(super) fn of(table: Table, why: impl Into<Option<String>>) -> ProposedTable {
        ProposedTable { table, why: why.into(), filter: None, questions: Vec::new(), columns: Vec::new() }
    }

    /// Adds a column.
    pub(super) fn push(&mut self, name: &str, source: ColumnSource, why: impl Into<Option<String>>) {
        self.columns.push(ProposedColumn { name: name.to_owned(), source, why: why.into() });
    }

    /// Adds the customer, whose key is chosen later, if the rows can name one.
    pub(super) fn push_customer(&mut self, keys: &Keys) {
        if !keys.is_empty() {
            self.push("customer_id", ColumnSource::Sql(CUSTOMER.to_owned()), None);
        }
    }

    pub(super) fn column(&self, name: &str) -> Option<&ProposedColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Whether every column that the table requires is there; a survey's questions become question and answer.
    pub(super) fn is_complete(&self) -> bool {
        let asked = |name: &str| !self.questions.is_empty() && ["question", "answer"].contains(&name);
        self.table
            .columns()
            .iter()
            .filter(|column| column.required)
            .all(|column| self.column(column.name).is_some() || asked(column.name))
    }

    /// The source's columns that the table speaks of.
    pub(super) fn sources(&self) -> Vec<String> {
        let of_columns = self.columns.iter().flat_map(|column| names_in(&column.source));
        of_columns.chain(self.questions.iter().cloned()).collect()
    }
}

/// The source's columns that an expression names.
pub(super) fn names_in(source: &ColumnSource) -> Vec<String> {
    match source {
        ColumnSource::Column(name) => vec![name.clone()],
        ColumnSource::Sql(sql) => columns_of(sql),
    }
}

/// An expression as SQL; a bare column gives null where its cell is empty.
pub(super) fn as_sql(source: &ColumnSource) -> String {
    match source {
        ColumnSource::Column(name) => format!("nullif({}, '')", strata_spec::vendor::quoted(name)),
        ColumnSource::Sql(sql) => sql.clone(),
    }
}

/// The columns of a file that no table speaks of.
pub(super) fn leftovers(sample: &FileSample, tables: &[ProposedTable]) -> Vec<String> {
    let used: Vec<String> = tables.iter().flat_map(ProposedTable::sources).collect();
    let unused = |column: &&String| find_column(&used, column).is_none();
    sample.columns.iter().filter(unused).cloned().collect()
}

/// Takes out tables that were proposed only for want of another source that has them.
pub(super) fn drop_fallbacks(drafts: &mut [Draft]) {
    let has_own = |table: Table| {
        drafts.iter().flat_map(|draft| &draft.tables).any(|each| {
            let orders_from_lines = table == Table::Orders && each.table.table == Table::OrderLines;
            !each.fallback && (each.table.table == table || orders_from_lines)
        })
    };
    let given: Vec<Table> = Table::ALL.into_iter().filter(|&table| has_own(table)).collect();
    for draft in drafts {
        let before = draft.tables.len();
        draft.tables.retain(|each| !(each.fallback && given.contains(&each.table.table)));
        if draft.tables.len() < before {
            draft.notes.push(
                "Its purchases are left to the sources that hold orders, so that none counts twice."
                    .to_owned(),
            );
        }
    }
}
