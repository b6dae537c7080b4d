//! What the lake says of single rows, values and customers.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use strata_spec::manifest::Source;
use strata_spec::table::Table;

use super::planted::{Piece, file_name};
use crate::canonical::{IdentifierReader, MappingReport};
use crate::error::Result;
use crate::identity;
use crate::project::Project;
use crate::quality::{ColumnQuality, column};
use crate::query::View;
use crate::query::ask::{Row, ask};

/// Pairs at least so likely to be one are proposed, as `strata identity duplicates` does unless told otherwise.
const LIKELY: f64 = 0.9;

/// A lake, and what of it is looked up often.
pub(super) struct Lake<'a> {
    view: &'a View,
    project: &'a Project,
    /// Reasons by file and line.
    rejected: HashMap<(String, u64), Vec<String>>,
    /// Customers by kind, namespace and value of their identifiers.
    identity: HashMap<(String, String, String), BTreeSet<String>>,
    /// Everything that some customer is known by, case aside.
    known: HashSet<String>,
    customers: HashSet<String>,
    proposed: HashSet<(String, String)>,
    pub(super) columns: Vec<ColumnQuality>,
    mappings: Vec<MappingReport>,
}

impl<'a> Lake<'a> {
    pub(super) async fn read(view: &'a View, project: &'a Project) -> Result<Lake<'a>> {
        let mut rejected: HashMap<(String, u64), Vec<String>> = HashMap::new();
        for row in ask(view, "look for refused rows", "select file, line, reason from rejected").await? {
            let place = (file_name(row.text(0)).to_owned(), row.count(1));
            rejected.entry(place).or_default().push(row.text(2).to_owned());
        }
        let mut identity: HashMap<(String, String, String), BTreeSet<String>> = HashMap::new();
        let mut known = HashSet::new();
        let query = "select kind, namespace, value, customer_id from identity";
        for row in ask(view, "look for identifiers", query).await? {
            let [kind, namespace, value, customer] = [0, 1, 2, 3].map(|at| row.text(at).to_owned());
            known.insert(value.to_lowercase());
            identity.entry((kind, namespace, value)).or_default().insert(customer);
        }
        let rows = ask(view, "look for customers", "select customer_id from customers").await?;
        let customers: HashSet<String> = rows.iter().map(|row| row.text(0).to_owned()).collect();
        known.extend(customers.iter().map(|customer| customer.to_lowercase()));
        let pairs = identity::duplicates(view, LIKELY).await?.cells;
        let proposed = pairs.into_iter().filter_map(|mut cells| {
            let (other, one) = (cells.get_mut(2)?.take()?, cells.get_mut(1)?.take()?);
            Some((one, other))
        });
        let mappings = column::mappings(&view.complete);
        Ok(Lake {
            view,
            project,
            rejected,
            identity,
            known,
            customers,
            proposed: proposed.collect(),
            columns: column::counted(&mappings, project),
            mappings,
        })
    }

    /// The tables' answer to a question.
    pub(super) async fn ask(&self, query: &str) -> Result<Vec<Row>> {
        ask(self.view, "look for what was planted", query).await
    }

    pub(super) fn view(&self) -> &View {
        self.view
    }

    /// Whether the run made this table.
    pub(super) fn has(&self, table: Table) -> bool {
        self.view.complete.tables.contains_key(table.as_str())
    }

    /// Whether the row was refused, or the value dropped, for what stands in the piece's column.
    pub(super) fn is_rejected(&self, piece: &Piece) -> bool {
        let reasons = self.rejected.get(&(piece.file.clone(), piece.line)).into_iter().flatten();
        let mut parts =
            reasons.flat_map(|reason| reason.strip_prefix("value dropped: ").unwrap_or(reason).split("; "));
        parts.any(|part| {
            let column = part.split(' ').next().unwrap_or_default();
            piece.columns.iter().any(|(_, name)| name == column)
        })
    }

    /// Rows of a source that the run counted as saying again what others say.
    pub(super) fn n_repeats(&self, source: &Source) -> u64 {
        let of_source = self.mappings.iter().filter(|mapping| mapping.source == source.name.as_str());
        of_source.map(|mapping| mapping.repeats.n_identical + mapping.repeats.n_superseded).max().unwrap_or(0)
    }

    /// The customers who have an identifier; a source's ids are those of its namespace.
    pub(super) fn holders(&self, kind: &str, source: Option<&Source>, text: &str) -> BTreeSet<String> {
        let country = self.project.manifest.identity.country.clone().unwrap_or_default();
        let reader = IdentifierReader::new(kind, &country, "");
        let Some(value) = reader.read(text).map(Cow::into_owned) else { return BTreeSet::new() };
        let namespace = source.filter(|_| kind == "customer_id").and_then(|source| source.namespace.clone());
        let namespace = namespace.unwrap_or_default();
        // Who has one identifier is called by it, and is not in the table.
        let alone = [value.clone(), format!("{namespace}:{value}")];
        match self.identity.get(&(kind.to_owned(), namespace, value)) {
            Some(customers) => customers.clone(),
            None => alone.into_iter().filter(|name| self.customers.contains(name)).take(1).collect(),
        }
    }

    /// Whether some customer is known by a value, of whatever kind.
    pub(super) fn is_known(&self, value: &str) -> bool {
        self.known.contains(&value.trim().to_lowercase())
    }

    /// Whether two customers are proposed to be one.
    pub(super) fn is_proposed(&self, one: &str, other: &str) -> bool {
        let pair = |one: &str, other: &str| (one.to_owned(), other.to_owned());
        self.proposed.contains(&pair(one, other)) || self.proposed.contains(&pair(other, one))
    }

    /// The values of a column that came from a source, by the key of the source's rows.
    pub(super) async fn values(
        &self,
        source: &Source,
        table: Table,
        column: &str,
    ) -> Result<BTreeMap<String, Vec<String>>> {
        // What was given back was taken off.
        let value = match (table, column) {
            (Table::Orders, "amount") => "amount + coalesce(refunded_amount, 0)".to_owned(),
            _ => column.to_owned(),
        };
        let (key, source) = (key_column(source, table), source.name.as_str());
        let query = format!("select {key}, {value} from {table} where source = '{source}'");
        let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in self.ask(&query).await? {
            values.entry(row.text(0).to_owned()).or_default().push(row.text(1).to_owned());
        }
        Ok(values)
    }
}

/// The column that holds the key of a source's rows: lines without numbers are known by their order.
pub(super) fn key_column(source: &Source, table: Table) -> &'static str {
    let mapped = source.tables.iter().find(|mapping| mapping.table == table);
    let has_key =
        mapped.is_some_and(|mapping| mapping.columns.iter().any(|(name, _)| name == table.key_column()));
    if table == Table::OrderLines && !has_key { "order_id" } else { table.key_column() }
}
