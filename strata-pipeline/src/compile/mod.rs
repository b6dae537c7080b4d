//! Compiles all definitions into one [`Program`]: the one place that decides what a definition means.
//!
//! A program is, per canonical table, the filtered aggregates that anything needs (equal ones shared); then traits,
//! scores, classes and segments as expressions in dependency order. Compiling reads no data and does no I/O. The
//! stages `profile`, `score` and `segment` each run their part of the program; previews and past dates run the same
//! program over other rows or at another instant.

mod arithmetic;
mod at_once;
mod bare;
mod call;
mod column;
pub(crate) mod column_name;
mod consent;
mod figure;
mod history;
mod kind;
mod layers;
mod lower;
mod meaning;
mod membership;
mod over_time;
mod past;
mod plan;
mod project;
mod question;
mod rank;
mod rest;
mod sequence;
mod support;
mod wake;
mod window;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use strata_lake::arrow::datatypes::DataType;
use strata_lake::datafusion::logical_expr::{Expr, cast, lit, when};
use strata_lake::datafusion::prelude::ident;
use strata_spec::condition::{Group, Term};
use strata_spec::definition::{Classes, Definitions, Properties, Scoring, Segment, Segmentation, Version};
use strata_spec::error::SpecError;
use strata_spec::name::UNASSIGNED;
use strata_spec::table::{Kind, Subject, Table};

use crate::error::Error;
use crate::project::Project;

use lower::{Frame, Lowering};

pub(crate) use at_once::at_once;
pub(crate) use bare::{bare, divisions, needs_more};
pub(crate) use kind::{article, data_type, instant};
pub(crate) use layers::of_layers;
pub(crate) use lower::User;
pub(crate) use meaning::{MEANING, Meaning, meaning};
pub(crate) use over_time::OverTime;
pub use past::Earlier;
pub use plan::Tables;
pub(crate) use plan::{Figures, gathered, left_join};
pub use question::compile_waking;
pub(crate) use question::{ASKED, Asked, Question, ROW};
pub(crate) use rest::Stored;
pub(crate) use sequence::steps_of_rows;
pub use support::{LeftOut, Mapped};
pub(crate) use support::{Node, uses};

/// The programs of a project at one instant: customers first, then companies where the project has any.
///
/// # Errors
/// Every fault of the definitions, as one error.
pub fn of_project(project: &Project, as_of: DateTime<Utc>) -> Result<Vec<Program>, Error> {
    let mapped = Mapped::of(&project.manifest);
    let subjects =
        Subject::ALL.into_iter().filter(|subject| mapped.has(subject.table(), subject.id_column()));
    let mut programs = Vec::new();
    let mut errors = Vec::new();
    for subject in subjects {
        let setting = Setting::of(project, &mapped, subject, as_of);
        match compile(&setting) {
            Ok(program) => programs.push(program),
            Err(faults) => errors.extend(faults),
        }
    }
    if errors.is_empty() { Ok(programs) } else { Err(project.refused(errors)) }
}

/// What definitions are compiled against.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// Whose definitions.
    pub subject: Subject,
    /// The instant at which everything is evaluated.
    pub as_of: DateTime<Utc>,
    /// The project's time zone.
    pub timezone: Tz,
    /// The month in which the fiscal year begins, 1 to 12.
    pub fiscal_year_start: u32,
    /// All definitions.
    pub definitions: &'a Definitions,
    /// Declared properties.
    pub properties: &'a Properties,
    /// The columns that some source maps.
    pub mapped: &'a Mapped,
}

impl<'a> Setting<'a> {
    /// All that a project defines of a subject, at an instant. `mapped` is what the project's manifest maps.
    pub(crate) fn of(
        project: &'a Project,
        mapped: &'a Mapped,
        subject: Subject,
        as_of: DateTime<Utc>,
    ) -> Setting<'a> {
        let manifest = &project.manifest;
        Setting {
            subject,
            as_of,
            timezone: project.timezone,
            fiscal_year_start: manifest.fiscal_year_start,
            definitions: &manifest.definitions,
            properties: &manifest.properties,
            mapped,
        }
    }

    /// The kind of a column of a table, canonical or declared.
    pub(crate) fn kind_of(&self, table: Table, column: &str) -> Option<Kind> {
        table
            .column(column)
            .map(|column| column.kind)
            .or_else(|| self.properties.get(&table).and_then(|declared| declared.get(column)).copied())
    }

    fn calendar(&self) -> window::Calendar {
        window::Calendar { timezone: self.timezone, fiscal_year_start: self.fiscal_year_start }
    }

    /// The names of the columns of a table, canonical and declared.
    pub(crate) fn columns_of(&self, table: Table) -> Vec<&str> {
        let declared = self.properties.get(&table).into_iter().flat_map(BTreeMap::keys).map(String::as_str);
        table.columns().iter().map(|column| column.name).chain(declared).collect()
    }
}

/// All definitions of one subject, ready to run.
#[derive(Debug, Clone)]
pub struct Program {
    /// Whose definitions.
    pub subject: Subject,
    /// The instant at which everything is evaluated.
    pub as_of: DateTime<Utc>,
    /// What each table's scan computes.
    pub(crate) scans: BTreeMap<Table, Figures>,
    /// What the profile needs of earlier values of properties.
    pub(crate) history: history::HistoryFigures,
    /// What is computed of the figures before the traits are, and stands for the figures from then on.
    pub(crate) derived: BTreeMap<String, Expr>,
    /// The subject's own columns that the profile holds: those that a source maps, and those that a definition speaks of.
    pub(crate) own_columns: Vec<String>,
    /// Columns of the subject's company that the profile holds.
    pub(crate) company_columns: BTreeSet<String>,
    /// Traits in dependency order: those of one level need only earlier levels.
    pub(crate) trait_levels: Vec<Vec<(String, Expr)>>,
    /// Aggregates that no trait names and that conditions need, so that the profile carries them.
    pub(crate) carried: BTreeSet<String>,
    /// The definitions that use each aggregate.
    pub(crate) users: BTreeMap<String, BTreeSet<User>>,
    /// Columns that are not computed but taken from a profile that was stored, …
    pub(crate) taken: BTreeSet<String>,
    /// … and from scores that were.
    pub(crate) taken_scores: BTreeSet<String>,
    /// Scores: ranks and what models predict.
    pub scores: Vec<ScoreColumn>,
    /// Segmentations and segments in dependency order: those of one level need only earlier levels.
    pub levels: Vec<Vec<Division>>,
    /// Conditions and terms that no definition holds.
    pub(crate) asked: Asked,
    /// The places among all subjects that each of those levels needs.
    pub(crate) places: Vec<rank::Places>,
    /// The segments and classes whose earlier members are asked for, by the column of their stretches.
    pub(crate) groups: BTreeMap<String, Group>,
    /// Shipped definitions that the data cannot support, with the reason.
    pub left_out: Vec<LeftOut>,
}

/// A score, ready to be fitted.
#[derive(Debug, Clone)]
pub struct ScoreColumn {
    /// Its name and column.
    pub name: String,
    /// How it comes about.
    pub how: Scoring,
    /// Whom it is fitted on and speaks of.
    pub(crate) among: Option<Expr>,
    /// The definition's version.
    pub version: Version,
}

impl ScoreColumn {
    /// Whether it is a classifier or says in which cluster a subject is: such models are made in runs alone.
    pub(crate) fn is_learned(&self) -> bool {
        matches!(self.how, Scoring::Classifier(_) | Scoring::Clusters(_))
    }

    /// The type of its column.
    pub(crate) fn data_type(&self) -> DataType {
        match self.how {
            Scoring::Rank { .. } => data_type(Kind::Integer),
            Scoring::Prediction(_) | Scoring::Classifier(_) => data_type(Kind::Number),
            Scoring::Clusters(_) => data_type(Kind::Text),
        }
    }
}

/// A segmentation or a segment, ready to run.
#[derive(Debug, Clone)]
pub struct Division {
    /// Its name.
    pub name: String,
    /// The definition's version.
    pub version: Version,
    /// What it yields.
    pub(crate) expr: Expr,
    /// What kind of division.
    pub kind: DivisionKind,
}

/// What kind of division.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DivisionKind {
    /// A segmentation: the expression yields the class. Its classes in order, `unassigned` last; none when each value is a class.
    Classes(Option<Vec<String>>),
    /// A segment: the expression yields the condition's truth, unknown included.
    Members {
        /// Ids that are in whatever the condition says.
        include: Vec<String>,
        /// Ids that are out whatever the condition says.
        exclude: Vec<String>,
    },
}

impl Division {
    /// The column of its result.
    pub(crate) fn column(&self) -> String {
        match self.kind {
            DivisionKind::Classes(_) => column_name::class_of(&self.name),
            DivisionKind::Members { .. } => column_name::member_of(&self.name),
        }
    }
}

/// Compiles the definitions of one subject.
///
/// # Errors
/// Every fault of a definition that only the columns and kinds at hand reveal, each with its place.
pub fn compile(setting: &Setting<'_>) -> Result<Program, Vec<SpecError>> {
    lower_all(setting, &support::choose(setting), &Question::default())
}

/// Compiles what a question is about and no more.
///
/// # Errors
/// As those of [`compile`].
pub(crate) fn compile_only<'a>(
    setting: &Setting<'a>,
    question: &Question<'a>,
) -> Result<Program, Vec<SpecError>> {
    lower_all(setting, &support::choose_only(setting, question), question)
}

fn lower_all(
    setting: &Setting<'_>,
    chosen: &support::Chosen<'_>,
    question: &Question<'_>,
) -> Result<Program, Vec<SpecError>> {
    let mut compiler = Compiler { lowering: Lowering::new(setting), errors: Vec::new() };
    let trait_levels = compiler.traits(chosen);
    compiler.lowering.carrying = true;
    compiler.lowering.scoring = true;
    let scores = compiler.scores(chosen);
    compiler.lowering.scoring = false;
    let (levels, places) = compiler.divisions(chosen);
    let asked = compiler.asked(question);
    if !compiler.errors.is_empty() {
        return Err(compiler.errors);
    }
    let lowering = compiler.lowering;
    Ok(Program {
        subject: setting.subject,
        as_of: setting.as_of,
        own_columns: setting
            .columns_of(setting.subject.table())
            .into_iter()
            .filter(|name| {
                *name == setting.subject.id_column()
                    || setting.mapped.has(setting.subject.table(), name)
                    || lowering.own_columns.contains(*name)
            })
            .map(str::to_owned)
            .collect(),
        scans: lowering.figures,
        history: lowering.history,
        derived: lowering.derived,
        company_columns: lowering.company_columns,
        trait_levels,
        carried: lowering.carried,
        users: lowering.users,
        taken: BTreeSet::new(),
        taken_scores: BTreeSet::new(),
        scores,
        levels,
        asked,
        places,
        groups: lowering.groups,
        left_out: chosen.left_out.clone(),
    })
}

/// The kinds of the traits of customers, for programs of companies. What is wrong with one, the customers' own program says.
fn traits_of_customers(setting: &Setting<'_>) -> BTreeMap<String, Kind> {
    let setting = Setting { subject: Subject::Customers, ..*setting };
    let chosen = support::choose(&setting);
    let mut compiler = Compiler { lowering: Lowering::new(&setting), errors: Vec::new() };
    compiler.traits(&chosen);
    compiler.lowering.known
}

struct Compiler<'a> {
    lowering: Lowering<'a>,
    errors: Vec<SpecError>,
}

impl Compiler<'_> {
    /// Lowers traits level by level: a trait's level is one more than that of the traits it uses.
    fn traits(&mut self, chosen: &support::Chosen<'_>) -> Vec<Vec<(String, Expr)>> {
        let mut levels: Vec<Vec<(String, Expr)>> = Vec::new();
        for wave in &chosen.traits {
            let mut level = Vec::with_capacity(wave.len());
            for definition in wave {
                self.lowering.user = Some(("trait", definition.name.to_string()));
                match self.lowering.term(&definition.value, Frame::Subject) {
                    Ok(typed) => {
                        let kind = typed.kind.unwrap_or(Kind::Text);
                        level.push((definition.name.to_string(), cast(typed.expr, data_type(kind))));
                        self.lowering.known.insert(definition.name.to_string(), kind);
                    }
                    Err(error) => self.fail(error, format!("traits.{}.value", definition.name)),
                }
            }
            levels.push(level);
        }
        levels
    }

    fn scores(&mut self, chosen: &support::Chosen<'_>) -> Vec<ScoreColumn> {
        let mut scores = Vec::new();
        for score in &chosen.scores {
            self.lowering.user = Some(("score", score.name.to_string()));
            // The profile has to hold what is fitted, though no condition speaks of it.
            for column in score.columns() {
                let known = Term::parse(column, score.header.subject)
                    .and_then(|term| self.lowering.term(&term, Frame::Subject));
                if let Err(error) = known {
                    self.errors.push(error.in_place(format!("scores.{}", score.name)));
                }
            }
            let among =
                score.among.as_ref().map(|among| self.lowering.condition(among, Frame::Subject)).transpose();
            match among {
                Ok(among) => scores.push(ScoreColumn {
                    name: score.name.to_string(),
                    how: score.how.clone(),
                    among,
                    version: score.header.version.clone(),
                }),
                Err(error) => self.errors.push(error.in_place(format!("scores.{}.among", score.name))),
            }
            self.lowering.known.insert(score.name.to_string(), score.kind());
        }
        scores
    }

    fn divisions(&mut self, chosen: &support::Chosen<'_>) -> (Vec<Vec<Division>>, Vec<rank::Places>) {
        let (mut levels, mut places) = (Vec::new(), Vec::new());
        for wave in &chosen.divisions {
            let mut level = Vec::new();
            for definition in wave {
                level.extend(match definition {
                    support::Definition::Segmentation(segmentation) => self.segmentation(segmentation),
                    support::Definition::Segment(segment) => self.segment(segment),
                });
            }
            levels.push(level);
            places.push(std::mem::take(&mut self.lowering.places));
        }
        (levels, places)
    }

    fn segmentation(&mut self, segmentation: &Segmentation) -> Option<Division> {
        self.lowering.user = Some(("segmentation", segmentation.name.to_string()));
        let place = format!("segmentations.{}", segmentation.name);
        let (expr, classes) = match &segmentation.classes {
            Classes::By(term) => match self.lowering.term(term, Frame::Subject) {
                Ok(typed) => {
                    let text = cast(typed.expr, data_type(Kind::Text));
                    let expr =
                        strata_lake::datafusion::functions::expr_fn::coalesce(vec![text, lit(UNASSIGNED)]);
                    (expr, None)
                }
                Err(error) => {
                    self.fail(error, format!("{place}.by"));
                    return None;
                }
            },
            Classes::Rules(classes) => {
                let mut branches: Vec<(Expr, &str)> = Vec::with_capacity(classes.len());
                for class in classes {
                    match self.lowering.condition(&class.condition, Frame::Subject) {
                        Ok(condition) => branches.push((condition, &class.name)),
                        Err(error) => {
                            self.fail(error, format!("{place}.classes.{}.where", class.name));
                        }
                    }
                }
                let names =
                    classes.iter().map(|class| class.name.clone()).chain([UNASSIGNED.to_owned()]).collect();
                (first_match(branches), Some(names))
            }
        };
        Some(Division {
            name: segmentation.name.to_string(),
            version: segmentation.header.version.clone(),
            expr,
            kind: DivisionKind::Classes(classes),
        })
    }

    fn segment(&mut self, segment: &Segment) -> Option<Division> {
        self.lowering.user = Some(("segment", segment.name.to_string()));
        match self.lowering.condition(&segment.condition, Frame::Subject) {
            Ok(expr) => Some(Division {
                name: segment.name.to_string(),
                version: segment.header.version.clone(),
                expr,
                kind: DivisionKind::Members {
                    include: segment.include.clone(),
                    exclude: segment.exclude.clone(),
                },
            }),
            Err(error) => {
                self.fail(error, format!("segments.{}.where", segment.name));
                None
            }
        }
    }

    fn fail(&mut self, error: SpecError, place: String) {
        self.errors.push(error.in_place(place));
    }
}

/// The name of the first branch that is true, else `unassigned`.
fn first_match(branches: Vec<(Expr, &str)>) -> Expr {
    let mut branches = branches.into_iter();
    let Some((condition, name)) = branches.next() else { return lit(UNASSIGNED) };
    let mut case = when(condition, lit(name));
    for (condition, name) in branches {
        case = case.when(condition, lit(name));
    }
    case.otherwise(lit(UNASSIGNED)).unwrap_or_else(|_| lit(UNASSIGNED))
}

/// A condition that is met for sure, as a column that is true or false.
pub(crate) fn certainly(division: &Division, id: &str) -> Expr {
    let DivisionKind::Members { include, exclude } = &division.kind else { return division.expr.clone() };
    let listed = |ids: &[String]| ident(id).in_list(ids.iter().map(|id| lit(id.clone())).collect(), false);
    let mut member = crate::function::certainly().call(vec![division.expr.clone()]);
    if !include.is_empty() {
        member = member.or(listed(include));
    }
    if !exclude.is_empty() {
        member = member.and(strata_lake::datafusion::logical_expr::not(listed(exclude)));
    }
    member
}
