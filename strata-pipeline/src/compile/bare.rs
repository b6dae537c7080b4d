//! Divisions of rows that have nothing but some columns of the subject's own table: no orders, no history, no id. Rows of a market
//! are such.
//!
//! A division can be made of them where all that it says, directly or through others, is in those columns. It is compiled as for
//! the subjects themselves, and the reasons why others cannot be made are found in what they use and in what they compile to.

use std::collections::{BTreeMap, BTreeSet};

use strata_lake::datafusion::logical_expr::Expr;
use strata_spec::definition::Definitions;
use strata_spec::error::SpecError;
use strata_spec::table::Table;

use super::support::{Entry, Graph};
use super::{Node, Program, Question, Setting, compile_only};

/// Which of some divisions can be made of rows that have only these columns.
pub(crate) struct Bare<'a> {
    /// Those that can.
    pub(crate) nodes: BTreeSet<Node<'a>>,
    /// Those that cannot, each with the reason, as in "it uses `n_orders`: no row has orders".
    pub(crate) left_out: Vec<(Node<'a>, String)>,
}

/// Sorts segmentations and segments by whether they can be made of rows that have only `columns`.
///
/// # Errors
/// Every fault of a definition, as [`super::compile`] finds it.
pub(crate) fn bare<'a>(
    setting: &Setting<'a>,
    divisions: impl IntoIterator<Item = Node<'a>>,
    columns: &BTreeSet<&str>,
) -> Result<Bare<'a>, Vec<SpecError>> {
    let graph = Graph::of(setting);
    let mut reader = Reader { setting, graph: &graph, columns, verdicts: BTreeMap::new() };
    let mut sorted = Bare { nodes: BTreeSet::new(), left_out: Vec::new() };
    for node in divisions {
        let mut reason = reader.reason(node);
        if reason.is_none() {
            let question = Question { nodes: [node].into(), ..Question::default() };
            reason = needs_more(&compile_only(setting, &question)?);
        }
        match reason {
            None => {
                sorted.nodes.insert(node);
            }
            Some(reason) => sorted.left_out.push((node, reason)),
        }
    }
    Ok(sorted)
}

/// The divisions of a program, in the order of what they need.
pub(crate) fn divisions<'a>(program: &Program, definitions: &'a Definitions) -> Vec<Node<'a>> {
    let named = program.levels.iter().flatten().filter_map(|division| {
        let name = division.name.as_str();
        let segmentation = definitions.segmentations.get_key_value(name);
        let segment = definitions.segments.get_key_value(name);
        match division.kind {
            super::DivisionKind::Classes(_) => {
                segmentation.map(|(name, _)| Node::Segmentation(name.as_str()))
            }
            super::DivisionKind::Members { .. } => segment.map(|(name, _)| Node::Segment(name.as_str())),
        }
    });
    named.collect()
}

/// What a program needs of a subject beyond its own columns; none where it needs no more.
pub(crate) fn needs_more(program: &Program) -> Option<String> {
    let subject = program.subject;
    if let Some(table) = program.scans.keys().next() {
        return Some(no_row_has(*table));
    }
    if !program.company_columns.is_empty() {
        return Some("no row has a company".to_owned());
    }
    if program.asks_for_properties() || program.asks_for_memberships() {
        return Some("no row has a history".to_owned());
    }
    if !program.place_names().is_empty() || !program.scores.is_empty() {
        return Some(ranks(subject.as_str()));
    }
    let id = subject.id_column();
    let traits = program.trait_levels.iter().flatten().map(|(_, expr)| expr);
    let divisions = program.levels.iter().flatten().map(|division| &division.expr);
    let all: Vec<&Expr> = traits.chain(divisions).chain(program.derived.values()).collect();
    let speaks_of_id = all.iter().any(|expr| expr.column_refs().iter().any(|column| column.name == id));
    speaks_of_id.then(|| no_id(id))
}

fn no_row_has(table: Table) -> String {
    format!("no row has {table}")
}

fn no_id(id: &str) -> String {
    format!("no row has a `{id}`")
}

fn ranks(subjects: &str) -> String {
    format!("it ranks {subjects} among each other")
}

struct Reader<'a, 'r> {
    setting: &'r Setting<'a>,
    graph: &'r Graph<'a>,
    columns: &'r BTreeSet<&'r str>,
    verdicts: BTreeMap<Node<'a>, Option<String>>,
}

impl<'a> Reader<'a, '_> {
    /// Why a definition says nothing of such a row; none where it may.
    fn reason(&mut self, node: Node<'a>) -> Option<String> {
        if let Some(verdict) = self.verdicts.get(&node) {
            return verdict.clone();
        }
        let entry = self.graph.0.get(&node)?;
        let reason = match node {
            Node::Score(_) => Some(ranks(self.setting.subject.as_str())),
            _ => self.first_missing(node, entry),
        };
        self.verdicts.insert(node, reason.clone());
        reason
    }

    fn first_missing(&mut self, node: Node<'a>, entry: &Entry<'a>) -> Option<String> {
        let own = self.setting.subject.table();
        let of_others =
            entry.uses.columns.iter().map(|(table, _)| *table).chain(entry.uses.tables.iter().copied());
        if let Some(table) = of_others.into_iter().find(|table| *table != own) {
            return Some(no_row_has(table));
        }
        let missing = entry
            .uses
            .columns
            .iter()
            .map(|(_, column)| *column)
            .find(|column| !self.columns.contains(column) && !self.is_spared(node, entry, column));
        if let Some(column) = missing {
            return Some(match column == self.setting.subject.id_column() {
                true => no_id(column),
                false => format!("no row has a column `{column}`"),
            });
        }
        entry.uses.nodes.iter().find_map(|used| {
            let reason = self.reason(*used)?;
            Some(format!("it uses `{}`: {reason}", used.name()))
        })
    }

    /// Whether a definition that says `needs_any` can do without a column. A trait is the same by whichever of them it is told, as an
    /// age is; a segmentation's classes are others for want of one, unless the subjects' sources lack it too.
    fn is_spared(&self, node: Node<'a>, entry: &Entry<'a>, column: &str) -> bool {
        let own = self.setting.subject.table();
        let has = |need: &String| {
            let of_own = need.split_once('.').filter(|(table, _)| *table == own.as_str());
            of_own.is_some_and(|(_, column)| self.columns.contains(column))
        };
        entry.header.needs_any.iter().any(has)
            && (matches!(node, Node::Trait(_)) || !self.setting.mapped.has(own, column))
    }
}
