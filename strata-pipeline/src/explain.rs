//! What is computed how: one scan for each canonical table, the figures that it takes, who shares them, and in what order
//! definitions follow.

use std::collections::BTreeSet;

use chrono::DateTime;
use serde_json::{Value, json};
use strata_spec::definition::Definitions;
use strata_spec::error::{ErrorCode, nearest};
use strata_spec::table::{Subject, Table};

use crate::compile::{self, DivisionKind, Mapped, Node, Program, Question, Setting};
use crate::error::{Error, Result};
use crate::project::Project;

/// How the definitions of one subject are computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Whose definitions.
    pub subject: Subject,
    /// One for each canonical table that is read for them.
    pub scans: Vec<Scan>,
    /// The definitions in the order in which they are computed: those of one step need only earlier ones.
    pub steps: Vec<Step>,
}

/// One pass over a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// The table.
    pub table: Table,
    /// What it takes, those with the most users first.
    pub figures: Vec<Figure>,
    /// Which of these are taken at once, in one step for each row.
    pub at_once: Vec<AtOnce>,
}

/// Figures that are told apart by a text and by the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtOnce {
    /// What has the text, if one is asked for.
    pub by: Option<String>,
    /// Their columns.
    pub columns: Vec<String>,
}

/// A figure per subject over a table's rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// Its column, the hash of its text.
    pub column: String,
    /// What it is.
    pub text: String,
    /// The definitions that speak of it: kind and name.
    pub users: Vec<(&'static str, String)>,
}

/// Definitions that are computed at the same time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// `traits`, `scores`, `segmentations`, `segments`, or `segments and segmentations`.
    pub what: &'static str,
    /// Their names.
    pub names: Vec<String>,
}

/// Explains how all definitions that the data supports are computed, or those of a name with whatever they use.
///
/// # Errors
/// Every fault of the definitions; `NotFound` when nothing has that name.
pub fn explain(project: &Project, name: Option<&str>) -> Result<Vec<Explained>> {
    // Any instant will do: what is shared does not depend on it.
    let as_of = DateTime::UNIX_EPOCH;
    let Some(name) = name else {
        return Ok(compile::of_project(project, as_of)?.iter().map(explained).collect());
    };
    let manifest = &project.manifest;
    let mapped = Mapped::of(manifest);
    let mut all = Vec::new();
    for subject in Subject::ALL {
        let setting = Setting::of(project, &mapped, subject, as_of);
        let uses = compile::uses(&setting);
        let nodes: BTreeSet<Node> = uses.into_keys().filter(|node| node.name() == name).collect();
        if !nodes.is_empty() {
            let question = Question { nodes, ..Question::default() };
            let program =
                compile::compile_only(&setting, &question).map_err(|faults| project.refused(faults))?;
            all.push(explained(&program));
        }
    }
    if all.is_empty() { Err(unknown(&manifest.definitions, name)) } else { Ok(all) }
}

impl Explained {
    /// How many figures are taken, and how many definitions speak of them; each figure counts as often as it is spoken of.
    pub fn n_figures_and_uses(&self) -> (usize, usize) {
        let figures = || self.scans.iter().flat_map(|scan| &scan.figures);
        (figures().count(), figures().map(|figure| figure.users.len()).sum())
    }

    /// Everything as one JSON object.
    pub fn json(&self) -> Value {
        let figure = |figure: &Figure| {
            let users: Vec<Value> =
                figure.users.iter().map(|(kind, name)| json!({ "kind": kind, "name": name })).collect();
            json!({ "column": figure.column, "figure": figure.text, "used_by": users })
        };
        let scan = |scan: &Scan| {
            let figures: Vec<Value> = scan.figures.iter().map(figure).collect();
            let at_once =
                scan.at_once.iter().map(|AtOnce { by, columns }| json!({ "by": by, "columns": columns }));
            let at_once: Vec<Value> = at_once.collect();
            json!({ "table": scan.table.as_str(), "figures": figures, "at_once": at_once })
        };
        json!({
            "subject": self.subject.as_str(),
            "scans": self.scans.iter().map(scan).collect::<Vec<_>>(),
            "steps": self.steps.iter().map(|step| json!({ "what": step.what, "names": step.names })).collect::<Vec<_>>(),
        })
    }
}

fn explained(program: &Program) -> Explained {
    let scans = program.scans.iter().map(|(table, figures)| {
        let at_once = compile::at_once(*table, figures).into_iter();
        let at_once =
            at_once.map(|group| AtOnce { by: group.key.map(|key| key.to_string()), columns: group.names });
        let at_once = at_once.collect();
        let mut figures: Vec<Figure> = figures
            .texts
            .iter()
            .map(|(column, text)| Figure {
                column: column.clone(),
                text: text.clone(),
                users: program.users.get(column).into_iter().flatten().cloned().collect(),
            })
            .collect();
        figures.sort_by(|one, other| (other.users.len(), &one.text).cmp(&(one.users.len(), &other.text)));
        Scan { table: *table, figures, at_once }
    });
    let step = |what, names: Vec<String>| Step { what, names };
    let traits = program
        .trait_levels
        .iter()
        .map(|level| step("traits", level.iter().map(|(name, _)| name.clone()).collect()));
    let scores = step("scores", program.scores.iter().map(|score| score.name.clone()).collect());
    let divisions = program.levels.iter().map(|level| {
        let what = match level.iter().all(|division| matches!(division.kind, DivisionKind::Members { .. })) {
            true => "segments",
            false if level.iter().all(|division| matches!(division.kind, DivisionKind::Classes(_))) => {
                "segmentations"
            }
            false => "segments and segmentations",
        };
        step(what, level.iter().map(|division| division.name.clone()).collect())
    });
    let steps = traits.chain([scores]).chain(divisions).filter(|step| !step.names.is_empty()).collect();
    Explained { subject: program.subject, scans: scans.collect(), steps }
}

fn unknown(definitions: &Definitions, name: &str) -> Error {
    let error = Error::new(ErrorCode::NotFound, format!("no definition is called `{name}`"));
    let known = definitions.traits.keys().map(|name| name.as_str());
    let known = known.chain(definitions.scores.keys().map(|name| name.as_str()));
    let known = known.chain(definitions.segmentations.keys().map(|name| name.as_str()));
    let known = known.chain(definitions.segments.keys().map(|name| name.as_str()));
    match nearest(name, known) {
        Some(near) => error.with_hint(format!("did you mean `{near}`?")),
        None => error.with_hint("docs/segmentations.md lists the shipped ones, strata.toml has your own"),
    }
}
