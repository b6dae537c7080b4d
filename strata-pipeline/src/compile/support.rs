//! Which definitions the data supports, and in what order they are computed.
//!
//! Definitions and what they use form a graph: traits, scores, segmentations and segments as nodes, columns as leaves. A
//! shipped definition takes part when the sources map what it uses; a project's own always does, and takes along
//! whatever it uses.

use std::collections::{BTreeMap, BTreeSet};

use strata_spec::condition::{Aggregate, Column, Condition, Scope, Sequence, Term};
use strata_spec::definition::{Classes, Header, Origin, Score, Segment, Segmentation, Trait, Version};
use strata_spec::manifest::Manifest;
use strata_spec::table::{Subject, Table};

use super::{Question, Setting};

/// The columns of canonical tables that some source fills, directly or by what the stage `canonical` derives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapped(BTreeSet<(Table, String)>);

/// A shipped definition that the data cannot support.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// `trait`, `score`, `segmentation` or `segment`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// What is missing.
    pub reason: String,
}

impl Mapped {
    /// What a manifest's sources map.
    pub fn of(manifest: &Manifest) -> Mapped {
        let mappings = || manifest.sources.iter().flat_map(|source| &source.tables);
        let mut mapped = BTreeSet::new();
        for mapping in mappings() {
            mapped.extend(mapping.columns.iter().map(|(column, _)| (mapping.table, column.clone())));
            // Whoever has an identifier has a customer.
            let joins = |name: &str| manifest.identity.join_by.iter().any(|each| each.as_str() == name);
            let customer = Subject::Customers.id_column();
            if mapping.table.column(customer).is_some() && mapping.columns.iter().any(|(name, _)| joins(name))
            {
                mapped.insert((mapping.table, customer.to_owned()));
            }
            mapped.insert((mapping.table, mapping.table.time_column().to_owned()));
            if mapping.questions.is_some() {
                mapped.extend(
                    ["question", "answer", "answer_number"].map(|name| (mapping.table, name.to_owned())),
                );
            }
        }
        let mut mapped = Mapped(mapped);
        mapped.derive();
        if !manifest.surveys.is_empty() && mapped.has(Table::Responses, "answer") {
            mapped.insert(Table::Responses, &["item", "scale", "points"]);
        }
        mapped
    }

    /// A set of columns, for programs over tables that no manifest describes.
    pub fn columns<'a>(columns: impl IntoIterator<Item = (Table, &'a str)>) -> Mapped {
        Mapped(columns.into_iter().map(|(table, column)| (table, column.to_owned())).collect())
    }

    /// Whether a column is filled.
    pub fn has(&self, table: Table, column: &str) -> bool {
        self.0.contains(&(table, column.to_owned()))
    }

    fn has_table(&self, table: Table) -> bool {
        self.0.iter().any(|(mapped, _)| *mapped == table)
    }

    fn insert(&mut self, table: Table, columns: &[&str]) {
        self.0.extend(columns.iter().map(|column| (table, (*column).to_owned())));
    }

    /// What `canonical` derives: amounts of lines, orders from lines, lines' customers and times from their orders,
    /// subjects from whatever names them, events of cancelled orders.
    fn derive(&mut self) {
        let lines = Table::OrderLines;
        if self.has(lines, "quantity") && self.has(lines, "unit_price") {
            self.insert(lines, &["amount"]);
        }
        let mapped = self.0.iter().filter(|(table, _)| *table != lines);
        let lines_stand_alone =
            self.has_table(lines) && mapped.clone().all(|(table, _)| *table != Table::Orders);
        for column in ["order_id", "customer_id", "company_id", "ordered_at", "amount", "discount_amount"] {
            if lines_stand_alone && self.has(lines, column) {
                self.insert(Table::Orders, &[column]);
            }
        }
        if lines_stand_alone && self.has(lines, "quantity") {
            self.insert(Table::Orders, &["n_items"]);
        }
        for column in ["customer_id", "company_id", "ordered_at"] {
            if self.has_table(lines) && self.has(Table::Orders, column) {
                self.insert(lines, &[column]);
            }
        }
        if self.has(Table::Orders, "status") || self.has(Table::Orders, "refunded_amount") {
            self.insert(Table::Events, &["name", "occurred_at", "value"]);
            for id in Subject::ALL.map(Subject::id_column) {
                if self.has(Table::Orders, id) {
                    self.insert(Table::Events, &[id]);
                }
            }
        }
        let rows = [Table::Orders, Table::OrderLines, Table::Events, Table::Responses, Table::Feedback];
        if self.has(Table::Customers, "company_id") {
            for table in rows {
                if self.has(table, "customer_id") {
                    self.insert(table, &["company_id"]);
                }
            }
        }
        for subject in Subject::ALL {
            let id = subject.id_column();
            let named = rows.iter().any(|table| self.has(*table, id)) || self.has(Table::Customers, id);
            if named || self.has_table(subject.table()) {
                self.insert(subject.table(), &[id, "created_at"]);
            }
        }
    }
}

/// The definitions that take part, in waves: each wave needs only earlier ones.
pub(super) struct Chosen<'a> {
    pub traits: Vec<Vec<&'a Trait>>,
    pub scores: Vec<&'a Score>,
    pub divisions: Vec<Vec<Definition<'a>>>,
    pub left_out: Vec<LeftOut>,
}

/// A segmentation or a segment.
#[derive(Clone, Copy)]
pub(super) enum Definition<'a> {
    Segmentation(&'a Segmentation),
    Segment(&'a Segment),
}

/// Everything that the data supports, and whatever the project defines itself.
pub(super) fn choose<'a>(setting: &Setting<'a>) -> Chosen<'a> {
    let graph = Graph::of(setting);
    let (mut chosen, verdicts) = graph.supported(setting);
    if setting.subject == Subject::Customers {
        for name in traits_for_companies(setting) {
            graph.take_along(Node::Trait(name), &mut chosen);
        }
    }
    let left_out = verdicts
        .into_iter()
        .filter(|(node, _)| !chosen.contains(node))
        .filter_map(|(node, reason)| {
            Some(LeftOut { kind: node.kind(), name: node.name().to_owned(), reason: reason? })
        })
        .collect();
    graph.chosen(setting, &chosen, left_out)
}

/// What a question is about, with whatever that uses; supported or not, as for the project's own definitions.
pub(super) fn choose_only<'a>(setting: &Setting<'a>, question: &Question<'a>) -> Chosen<'a> {
    let graph = Graph::of(setting);
    let mut uses = Uses::default();
    question.conditions.iter().for_each(|condition| uses.add_condition(condition, setting));
    question.terms.iter().for_each(|term| uses.add_term(term, setting));
    let mut chosen = BTreeSet::new();
    for node in uses.nodes.iter().chain(&question.nodes) {
        graph.take_along(*node, &mut chosen);
    }
    graph.chosen(setting, &chosen, Vec::new())
}

/// Every definition of the subject, with its version and the definitions that it uses.
pub(crate) fn uses<'a>(setting: &Setting<'a>) -> BTreeMap<Node<'a>, (&'a Version, BTreeSet<Node<'a>>)> {
    let entries = Graph::of(setting).0.into_iter();
    entries.map(|(node, entry)| (node, (&entry.header.version, entry.uses.nodes))).collect()
}

/// The traits of customers that the definitions of companies use.
fn traits_for_companies<'a>(setting: &Setting<'a>) -> BTreeSet<&'a str> {
    let setting = Setting { subject: Subject::Companies, ..*setting };
    if !setting.mapped.has(Table::Companies, Subject::Companies.id_column()) {
        return BTreeSet::new();
    }
    let graph = Graph::of(&setting);
    let (chosen, _) = graph.supported(&setting);
    let entries = chosen.iter().filter_map(|node| graph.0.get(node));
    entries.flat_map(|entry| &entry.uses.customer_traits).copied().collect()
}

/// A definition, by family and name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Node<'a> {
    Trait(&'a str),
    Score(&'a str),
    Segmentation(&'a str),
    Segment(&'a str),
}

impl<'a> Node<'a> {
    /// `trait`, `score`, `segmentation` or `segment`.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Node::Trait(_) => "trait",
            Node::Score(_) => "score",
            Node::Segmentation(_) => "segmentation",
            Node::Segment(_) => "segment",
        }
    }

    /// Its name.
    pub(crate) fn name(self) -> &'a str {
        match self {
            Node::Trait(name) | Node::Score(name) | Node::Segmentation(name) | Node::Segment(name) => name,
        }
    }
}

pub(super) struct Entry<'a> {
    pub(super) header: &'a Header,
    pub(super) uses: Uses<'a>,
}

/// What a definition uses.
#[derive(Default)]
pub(super) struct Uses<'a> {
    pub(super) nodes: BTreeSet<Node<'a>>,
    pub(super) columns: BTreeSet<(Table, &'a str)>,
    pub(super) tables: BTreeSet<Table>,
    /// Traits of customers, of which a company's definition makes figures.
    customer_traits: BTreeSet<&'a str>,
}

pub(super) struct Graph<'a>(pub(super) BTreeMap<Node<'a>, Entry<'a>>);

impl<'a> Graph<'a> {
    pub(super) fn of(setting: &Setting<'a>) -> Graph<'a> {
        let definitions = setting.definitions;
        let mut entries = BTreeMap::new();
        let about = |header: &Header| header.subject == setting.subject;
        for (name, definition) in definitions.traits.iter().filter(|(_, each)| about(&each.header)) {
            let mut entry = Entry::of(&definition.header);
            entry.uses.add_term(&definition.value, setting);
            entries.insert(Node::Trait(name.as_str()), entry);
        }
        for (name, definition) in definitions.scores.iter().filter(|(_, each)| about(&each.header)) {
            let mut entry = Entry::of(&definition.header);
            for column in definition.columns() {
                entry.uses.add_name(column, setting);
            }
            let needed = definition.how.segmentations().map(|name| name.as_str());
            entry.uses.nodes.extend(needed.map(Node::Segmentation));
            if let Some(among) = &definition.among {
                entry.uses.add_condition(among, setting);
            }
            entries.insert(Node::Score(name.as_str()), entry);
        }
        for (name, definition) in definitions.segmentations.iter().filter(|(_, each)| about(&each.header)) {
            let mut entry = Entry::of(&definition.header);
            match &definition.classes {
                Classes::By(term) => entry.uses.add_term(term, setting),
                Classes::Rules(classes) => {
                    classes.iter().for_each(|class| entry.uses.add_condition(&class.condition, setting));
                }
            }
            entries.insert(Node::Segmentation(name.as_str()), entry);
        }
        for (name, definition) in definitions.segments.iter().filter(|(_, each)| about(&each.header)) {
            let mut entry = Entry::of(&definition.header);
            entry.uses.add_condition(&definition.condition, setting);
            entries.insert(Node::Segment(name.as_str()), entry);
        }
        Graph(entries)
    }

    /// The definitions that take part, and of each why the data does not support it.
    fn supported(&self, setting: &Setting<'a>) -> (BTreeSet<Node<'a>>, BTreeMap<Node<'a>, Option<String>>) {
        let mut verdicts = BTreeMap::new();
        for node in self.0.keys() {
            self.missing(setting, *node, &mut verdicts);
        }
        let mut chosen: BTreeSet<Node<'a>> = BTreeSet::new();
        for (node, entry) in &self.0 {
            match entry.header.origin {
                Origin::Project => self.take_along(*node, &mut chosen),
                Origin::Shipped if verdicts.get(node) == Some(&None) => self.take_along(*node, &mut chosen),
                Origin::Shipped => {}
            }
        }
        (chosen, verdicts)
    }

    /// Why the data does not support a definition; none when it does.
    fn missing(
        &self,
        setting: &Setting<'a>,
        node: Node<'a>,
        verdicts: &mut BTreeMap<Node<'a>, Option<String>>,
    ) -> Option<String> {
        if let Some(verdict) = verdicts.get(&node) {
            return verdict.clone();
        }
        let entry = self.0.get(&node)?;
        let verdict = match (entry.header.origin, entry.header.needs_any.as_slice()) {
            (Origin::Project, _) => None,
            (Origin::Shipped, []) => self.first_missing(setting, entry, verdicts),
            (Origin::Shipped, any) => {
                let met = any.iter().any(|need| match need.split_once('.') {
                    Some((table, column)) => {
                        Table::parse(table).is_some_and(|table| setting.mapped.has(table, column))
                    }
                    None => self
                        .0
                        .keys()
                        .find(|node| node.name() == need)
                        .is_some_and(|node| self.missing(setting, *node, verdicts).is_none()),
                });
                (!met).then(|| format!("no source maps {}", any.join(" or ")))
            }
        };
        verdicts.insert(node, verdict.clone());
        verdict
    }

    fn first_missing(
        &self,
        setting: &Setting<'a>,
        entry: &Entry<'a>,
        verdicts: &mut BTreeMap<Node<'a>, Option<String>>,
    ) -> Option<String> {
        let column = entry.uses.columns.iter().find(|(table, column)| !setting.mapped.has(*table, column));
        if let Some((table, column)) = column {
            return Some(format!("no source maps {table}.{column}"));
        }
        if let Some(table) = entry.uses.tables.iter().find(|table| !setting.mapped.has_table(**table)) {
            return Some(format!("no source maps {table}"));
        }
        entry.uses.nodes.iter().find_map(|node| {
            let reason = self.missing(setting, *node, verdicts)?;
            Some(format!("it uses `{}`: {reason}", node.name()))
        })
    }

    /// The chosen definitions, in waves.
    fn chosen(
        &self,
        setting: &Setting<'a>,
        chosen: &BTreeSet<Node<'a>>,
        left_out: Vec<LeftOut>,
    ) -> Chosen<'a> {
        let definitions = setting.definitions;
        // Those that are found in segmentations come after the scores that these are of.
        let scores = self.waves(chosen, |node| match node {
            Node::Score(name) => definitions.scores.get(name),
            _ => None,
        });
        Chosen {
            traits: self.waves(chosen, |node| match node {
                Node::Trait(name) => definitions.traits.get(name),
                _ => None,
            }),
            scores: scores.into_iter().flatten().collect(),
            divisions: self.waves(chosen, |node| match node {
                Node::Segmentation(name) => definitions.segmentations.get(name).map(Definition::Segmentation),
                Node::Segment(name) => definitions.segments.get(name).map(Definition::Segment),
                _ => None,
            }),
            left_out,
        }
    }

    fn take_along(&self, node: Node<'a>, chosen: &mut BTreeSet<Node<'a>>) {
        if chosen.insert(node)
            && let Some(entry) = self.0.get(&node)
        {
            entry.uses.nodes.iter().for_each(|used| self.take_along(*used, chosen));
        }
    }

    /// The chosen definitions of one kind in waves, by the longest way down to columns.
    fn waves<T>(&self, chosen: &BTreeSet<Node<'a>>, of_kind: impl Fn(Node<'a>) -> Option<T>) -> Vec<Vec<T>> {
        let mut depths = BTreeMap::new();
        let mut waves: BTreeMap<usize, Vec<T>> = BTreeMap::new();
        for node in chosen {
            if let Some(definition) = of_kind(*node) {
                waves.entry(self.depth(*node, &mut depths)).or_default().push(definition);
            }
        }
        waves.into_values().collect()
    }

    /// Definitions are free of cycles: the manifest's parser refuses them.
    fn depth(&self, node: Node<'a>, depths: &mut BTreeMap<Node<'a>, usize>) -> usize {
        if let Some(depth) = depths.get(&node) {
            return *depth;
        }
        let used = self.0.get(&node).into_iter().flat_map(|entry| entry.uses.nodes.iter().copied());
        let depth = used.map(|used| self.depth(used, depths) + 1).max().unwrap_or(0);
        depths.insert(node, depth);
        depth
    }
}

impl<'a> Entry<'a> {
    fn of(header: &'a Header) -> Entry<'a> {
        Entry { header, uses: Uses::default() }
    }
}

impl<'a> Uses<'a> {
    fn add_condition(&mut self, condition: &'a Condition, setting: &Setting<'a>) {
        self.add(condition.columns(), condition.aggregates(), setting);
        self.add_sequences(condition.sequences(), setting);
        self.nodes.extend(condition.segments_used().into_iter().map(|name| Node::Segment(name.as_str())));
        self.nodes
            .extend(condition.segmentations_used().into_iter().map(|name| Node::Segmentation(name.as_str())));
    }

    fn add_term(&mut self, term: &'a Term, setting: &Setting<'a>) {
        self.add(term.columns(), term.aggregates(), setting);
        self.add_sequences(term.sequences(), setting);
        self.nodes.extend(term.segments_used().into_iter().map(|name| Node::Segment(name.as_str())));
        self.nodes
            .extend(term.segmentations_used().into_iter().map(|name| Node::Segmentation(name.as_str())));
    }

    fn add(&mut self, columns: Vec<&'a Column>, aggregates: Vec<&'a Aggregate>, setting: &Setting<'a>) {
        for column in columns {
            match column.scope {
                Scope::Subject => self.add_name(&column.name, setting),
                Scope::Company => {
                    self.columns.insert((Table::Companies, &column.name));
                }
                // Counted with its aggregate, which knows the table.
                Scope::Row => {}
            }
        }
        for aggregate in aggregates {
            let arguments = aggregate.arguments.iter().flat_map(Term::columns);
            let filter = aggregate.filter.iter().flat_map(Condition::columns);
            self.add_rows(aggregate.table, arguments.chain(filter), setting);
        }
    }

    fn add_sequences(&mut self, sequences: Vec<&'a Sequence>, setting: &Setting<'a>) {
        for sequence in sequences {
            for step in &sequence.steps {
                self.add_rows(step.table, step.condition.iter().flat_map(Condition::columns), setting);
                self.columns.insert((step.table, step.table.time_column()));
            }
            for (table, term) in sequence.same.iter().flat_map(|key| &key.terms) {
                self.add_rows(*table, term.columns().into_iter(), setting);
            }
            // A filter over two tables speaks of no column of theirs.
            for table in sequence.tables() {
                self.add_rows(table, sequence.filter.iter().flat_map(Condition::columns), setting);
            }
        }
    }

    fn add_rows(&mut self, table: Table, columns: impl Iterator<Item = &'a Column>, setting: &Setting<'a>) {
        let of_customers = setting.subject == Subject::Companies && table == Table::Customers;
        for column in columns.filter(|column| column.scope == Scope::Row) {
            match of_customers && setting.kind_of(table, &column.name).is_none() {
                true => self.customer_traits.insert(&column.name),
                false => self.columns.insert((table, &column.name)),
            };
        }
        self.columns.insert((table, setting.subject.id_column()));
        self.tables.insert(table);
    }

    fn add_name(&mut self, name: &'a str, setting: &Setting<'a>) {
        let own = setting.subject.table();
        if setting.kind_of(own, name).is_some() {
            self.columns.insert((own, name));
        } else if setting.definitions.traits.contains_key(name) {
            self.nodes.insert(Node::Trait(name));
        } else if setting.definitions.scores.contains_key(name) {
            self.nodes.insert(Node::Score(name));
        }
    }
}
