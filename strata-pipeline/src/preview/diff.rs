//! Who would enter and leave with what has been edited since the last complete run.
//!
//! A definition's version is the hash of what it means. Those whose version is another than the run's, and those that use such
//! ones, are evaluated as they stand now over the run's own tables at its own instant, so that nothing but the edit makes a
//! difference; the outcome is held against the memberships that the run wrote.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use serde_json::{Value, json};
use strata_lake::arrow::array::Array;
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::functions::expr_fn::coalesce;
use strata_lake::datafusion::logical_expr::{Expr, lit, when};
use strata_lake::datafusion::prelude::ident;
use strata_spec::definition::Classes;
use strata_spec::error::{ErrorCode, nearest};
use strata_spec::name::UNASSIGNED;
use strata_spec::table::Subject;

use super::basis::Basis;
use super::draw::Draw;
use super::{SAMPLE, texts};
use crate::compile::{self, DivisionKind, Node, Program, Question, compile};
use crate::error::{Context, Error, Result};
use crate::project::Project;
use crate::query::View;
use crate::run;
use crate::segment::MEMBERSHIP;
use crate::segment::standing::{Divisions, Standing};

/// What has been edited since the last complete run, and whom it moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    /// The run's instant.
    pub as_of: DateTime<Utc>,
    /// The segments and segmentations that differ, or that move somebody through what they use.
    pub changes: Vec<Change>,
    /// How many use something that was edited, and move nobody.
    pub n_unmoved: usize,
    /// How many are as they were.
    pub n_unchanged: usize,
}

/// A segment or segmentation that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// `segment` or `segmentation`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Whom it is about.
    pub subject: Subject,
    /// How it differs.
    pub how: How,
    /// Whom that moves: of a segment one, of a segmentation one for each class.
    pub differences: Vec<Difference>,
}

/// How a definition differs from that of the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// The run did not have it.
    New,
    /// It says something else.
    Changed,
    /// It says what it said, but these, which it uses, do not.
    Through(Vec<String>),
    /// There is none any more.
    Removed,
}

/// Whom a change moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The segment or class.
    pub segment: String,
    /// How many it had at the run.
    pub n_before: u64,
    /// How many it has now.
    pub n_now: u64,
    /// How many would enter.
    pub n_entering: u64,
    /// How many would leave.
    pub n_leaving: u64,
    /// A few of those who would enter.
    pub entering: Vec<String>,
    /// A few of those who would leave.
    pub leaving: Vec<String>,
}

/// Compares the project's definitions with those of the last complete run; all, or those of a name.
///
/// # Errors
/// `NotFound` when neither the project nor the run has a segment or segmentation of that name.
pub async fn diff(project: &Project, view: &View, name: Option<&str>) -> Result<Diff> {
    let basis = Basis::open(project, view, None).await?;
    let before = recorded(view).await?;
    let mut diff = Diff { as_of: basis.as_of, changes: Vec::new(), n_unmoved: 0, n_unchanged: 0 };
    let mut names: BTreeSet<String> = before.keys().map(|(_, _, name)| name.clone()).collect();
    for subject in Subject::ALL {
        let setting = basis.setting(subject);
        let program = match basis.mapped(subject) {
            true => Some(compile(&setting).map_err(|faults| project.refused(faults))?),
            false => None,
        };
        let hows = hows(&basis, subject, program.as_ref(), &before);
        names.extend(hows.iter().map(|(_, name, _)| name.clone()));
        let hows = hows.into_iter().filter(|(_, each, _)| name.is_none_or(|name| name == each));
        let (same, differ): (Vec<_>, Vec<_>) = hows.partition(|(.., how)| how.is_none());
        diff.n_unchanged += same.len();
        let differ: Vec<(&'static str, String, How)> =
            differ.into_iter().filter_map(|(kind, name, how)| Some((kind, name, how?))).collect();
        if differ.is_empty() {
            continue;
        }
        let moves = moves(&basis, subject, &differ).await?;
        for ((kind, name, how), moves) in differ.into_iter().zip(moves) {
            let classes = classes(project, kind, &name, &moves);
            let differences = moves.finish(&classes);
            let moves_nobody = differences.iter().all(|each| each.n_entering + each.n_leaving == 0);
            match how {
                How::Through(_) if moves_nobody => diff.n_unmoved += 1,
                how => diff.changes.push(Change { kind, name, subject, how, differences }),
            }
        }
    }
    match name {
        Some(name) if !names.contains(name) => Err(unknown(name, &names)),
        _ => Ok(diff),
    }
}

impl Diff {
    /// Everything as one JSON object.
    pub fn json(&self) -> Value {
        let changes: Vec<Value> = self.changes.iter().map(Change::json).collect();
        json!({
            "as_of": self.as_of.to_rfc3339(),
            "changes": changes,
            "n_unmoved": self.n_unmoved,
            "n_unchanged": self.n_unchanged,
        })
    }
}

impl Change {
    fn json(&self) -> Value {
        let differences: Vec<Value> = self
            .differences
            .iter()
            .map(|each| {
                json!({
                    "segment": each.segment,
                    "n_before": each.n_before,
                    "n_now": each.n_now,
                    "n_entering": each.n_entering,
                    "n_leaving": each.n_leaving,
                    "entering": each.entering,
                    "leaving": each.leaving,
                })
            })
            .collect();
        let through = match &self.how {
            How::Through(names) => names.as_slice(),
            _ => &[],
        };
        json!({
            "kind": self.kind,
            "name": self.name,
            "subject": self.subject.as_str(),
            "change": self.how.as_str(),
            "through": through,
            "differences": differences,
        })
    }
}

impl How {
    /// `new`, `changed`, `through` or `removed`.
    pub fn as_str(&self) -> &'static str {
        match self {
            How::New => "new",
            How::Changed => "changed",
            How::Through(_) => "through",
            How::Removed => "removed",
        }
    }
}

/// The subject, the kind and the name of what the run had.
type Key = (String, &'static str, String);

/// The versions of the segments and segmentations that the run had.
async fn recorded(view: &View) -> Result<BTreeMap<Key, String>> {
    let query =
        "select distinct subject, segmentation, coalesce(segmentation, segment), version from segment";
    let rows = view.sql(query).await?.rows(usize::MAX).await?;
    let key = |row: Vec<Option<String>>| {
        let [subject, segmentation, name, version] = <[Option<String>; 4]>::try_from(row).ok()?;
        let kind = if segmentation.is_some() { "segmentation" } else { "segment" };
        Some(((subject?, kind, name?), version?))
    };
    Ok(rows.cells.into_iter().filter_map(key).collect())
}

/// Every segmentation and segment of a subject, now or at the run, and how it differs; none where it does not.
fn hows(
    basis: &Basis<'_>,
    subject: Subject,
    program: Option<&Program>,
    before: &BTreeMap<Key, String>,
) -> Vec<(&'static str, String, Option<How>)> {
    let setting = basis.setting(subject);
    let (unchanged, uses) = (basis.unchanged(&setting), compile::uses(&setting));
    let mut hows = Vec::new();
    let mut gone: BTreeSet<(&'static str, &str)> = before
        .keys()
        .filter(|(theirs, ..)| theirs == subject.as_str())
        .map(|(_, kind, name)| (*kind, name.as_str()))
        .collect();
    for division in program.iter().flat_map(|program| program.levels.iter().flatten()) {
        let node = match division.kind {
            DivisionKind::Classes(_) => Node::Segmentation(&division.name),
            DivisionKind::Members { .. } => Node::Segment(&division.name),
        };
        gone.remove(&(node.kind(), node.name()));
        let used = uses.get(&node).map(|(_, used)| used).into_iter().flatten();
        let edited = used.filter(|used| !unchanged.contains(*used));
        let how = match before.get(&(subject.to_string(), node.kind(), division.name.clone())) {
            None => Some(How::New),
            Some(version) if *version != division.version.0 => Some(How::Changed),
            Some(_) if !unchanged.contains(&node) => {
                Some(How::Through(edited.map(|used| used.name().to_owned()).collect()))
            }
            Some(_) => None,
        };
        hows.push((node.kind(), division.name.clone(), how));
    }
    hows.extend(gone.into_iter().map(|(kind, name)| (kind, name.to_owned(), Some(How::Removed))));
    // Segments first, as wherever they are listed.
    hows.sort_by(|(kind, name, _), (other_kind, other, _)| (kind, name).cmp(&(other_kind, other)));
    hows
}

/// Whom the classes of one definition have, now and at the run.
struct Moves(BTreeMap<String, Move>);

struct Move {
    n_before: u64,
    n_now: u64,
    n_staying: u64,
    entering: Draw<()>,
    leaving: Draw<()>,
}

impl Moves {
    fn of(&mut self, class: &str) -> &mut Move {
        self.0.entry(class.to_owned()).or_insert_with(|| Move {
            n_before: 0,
            n_now: 0,
            n_staying: 0,
            entering: Draw::of(SAMPLE),
            leaving: Draw::of(SAMPLE),
        })
    }

    /// In the order of the classes.
    fn finish(mut self, classes: &[String]) -> Vec<Difference> {
        let ids = |draw: Draw<()>| draw.finish().into_iter().map(|(id, ())| id).collect();
        let difference = |class: &String| {
            self.of(class);
            let moved = self.0.remove(class)?;
            Some(Difference {
                segment: class.clone(),
                n_before: moved.n_before,
                n_now: moved.n_now,
                n_entering: moved.n_now - moved.n_staying,
                n_leaving: moved.n_before - moved.n_staying,
                entering: ids(moved.entering),
                leaving: ids(moved.leaving),
            })
        };
        classes.iter().filter_map(difference).collect()
    }
}

/// Evaluates what differs, and holds it against the run's memberships.
async fn moves(
    basis: &Basis<'_>,
    subject: Subject,
    differ: &[(&'static str, String, How)],
) -> Result<Vec<Moves>> {
    let comparing = || format!("cannot compare the memberships of {subject}");
    let now = differ.iter().filter(|(.., how)| *how != How::Removed);
    let nodes: BTreeSet<Node> = now.map(|(kind, name, _)| node(kind, name)).collect();
    let mut divisions = Divisions { subject, all: Vec::new() };
    let mut rows = None;
    if !nodes.is_empty() && basis.has(subject) {
        let program = basis.compile(subject, &Question { nodes, ..Question::default() })?;
        divisions = Divisions::of(subject, Some(&program));
        let (program, profile) = basis.evaluate(program, &BTreeSet::new()).await?;
        let memberships = basis.memberships(&program).await?;
        let divided = program.divide_after(profile, &memberships).context(comparing())?;
        rows = Some(run::stream(divided).await.context(comparing())?);
    }
    let standing = Standing::read(&divisions, rows).await.context(comparing())?;
    let row_of: HashMap<&str, usize> = standing.ids.iter().flatten().zip(0..).collect();
    let division_of: Vec<Option<usize>> = differ
        .iter()
        .map(|(kind, name, _)| {
            let is_segment = *kind == "segment";
            divisions.all.iter().position(|each| each.is_segment() == is_segment && each.name == *name)
        })
        .collect();
    let mut stays: Vec<Vec<bool>> = vec![Vec::new(); differ.len()];
    let mut moves: Vec<Moves> = differ.iter().map(|_| Moves(BTreeMap::new())).collect();

    let mut before = run::stream(memberships(basis, subject, differ).await?).await.context(comparing())?;
    while let Some(batch) = before.try_next().await.context(comparing())? {
        let (ids, kinds) = (texts(&batch, 0)?, texts(&batch, 1)?);
        let (names, classes) = (texts(&batch, 2)?, texts(&batch, 3)?);
        for row in 0..batch.num_rows() {
            let (id, class) = (ids.value(row), classes.value(row));
            let is =
                |(kind, name, _): &(&str, String, How)| *kind == kinds.value(row) && name == names.value(row);
            let Some(at) = differ.iter().position(is) else { continue };
            let moved = moves[at].of(class);
            moved.n_before += 1;
            let place = division_of[at].map(|division| &standing.places[division]);
            let subject = row_of.get(id).copied();
            match (place, subject) {
                (Some(place), Some(subject)) if place.number(class) == Some(place.of[subject]) => {
                    moved.n_staying += 1;
                    stays[at].resize(standing.ids.len(), false);
                    stays[at][subject] = true;
                }
                _ => moved.leaving.offer(id, || ()),
            }
        }
    }
    for ((moves, stays), division) in moves.iter_mut().zip(&stays).zip(&division_of) {
        let Some(place) = division.map(|division| &standing.places[division]) else { continue };
        for (class, number) in place.classes() {
            let moved = moves.of(class);
            for (row, _) in place.of.iter().enumerate().filter(|(_, theirs)| **theirs == number) {
                moved.n_now += 1;
                if !stays.get(row).copied().unwrap_or(false) {
                    moved.entering.offer(standing.ids.value(row), || ());
                }
            }
        }
    }
    Ok(moves)
}

/// The open memberships of what differs: who, whether in a segment or a segmentation, in which, in which class.
async fn memberships(
    basis: &Basis<'_>,
    subject: Subject,
    differ: &[(&'static str, String, How)],
) -> Result<DataFrame> {
    let wanted = differ.iter().map(|(kind, name, _)| match *kind {
        "segment" => ident("segmentation").is_null().and(ident("segment").eq(lit(name.clone()))),
        _ => ident("segmentation").eq(lit(name.clone())),
    });
    let wanted = wanted.reduce(Expr::or).unwrap_or_else(|| lit(false));
    let open = ident("subject").eq(lit(subject.as_str())).and(ident("left_at").is_null());
    let kind = when(ident("segmentation").is_null(), lit("segment")).otherwise(lit("segmentation"));
    let reading = || "cannot read the memberships of the last run";
    let columns = vec![
        ident("subject_id").alias("id"),
        kind.context(reading())?.alias("kind"),
        coalesce(vec![ident("segmentation"), ident("segment")]).alias("name"),
        ident("segment").alias("class"),
    ];
    let rows = basis.table(MEMBERSHIP).await?;
    rows.filter(open.and(wanted)).and_then(|rows| rows.select(columns)).context(reading())
}

fn node<'a>(kind: &str, name: &'a str) -> Node<'a> {
    match kind {
        "segment" => Node::Segment(name),
        _ => Node::Segmentation(name),
    }
}

/// The classes of a definition in their order, then those that it has no more.
fn classes(project: &Project, kind: &str, name: &str, moves: &Moves) -> Vec<String> {
    let mut classes = Vec::new();
    if kind == "segment" {
        classes.push(name.to_owned());
    } else if let Some(segmentation) = project.manifest.definitions.segmentations.get(name)
        && let Classes::Rules(rules) = &segmentation.classes
    {
        classes.extend(rules.iter().map(|class| class.name.clone()));
    }
    let others = moves.0.keys().filter(|class| !classes.contains(class) && *class != UNASSIGNED);
    let others: Vec<String> = others.cloned().collect();
    classes.extend(others);
    if kind != "segment" {
        classes.push(UNASSIGNED.to_owned());
    }
    classes
}

fn unknown(name: &str, names: &BTreeSet<String>) -> Error {
    let message = format!("neither the project nor its last run has a segment or segmentation `{name}`");
    let error = Error::new(ErrorCode::NotFound, message);
    match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => error.with_hint(format!("did you mean `{near}`?")),
        None => error.with_hint("`strata segments list` shows those of the last run"),
    }
}
