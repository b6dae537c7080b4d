//! Subjects at three instants: what was known of one half at the first, and of the other at the second, and what came of either by the
//! instant after.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use strata_models::cluster::rules::Column;
use strata_spec::condition::{Condition, Term};
use strata_spec::error::ErrorCode;
use strata_spec::table::{Subject, Table};

use super::Ask;
use super::feature::{Chosen, Feature, FeatureKind, LeftOut};
use super::goal::Goal;
use crate::compile::{Mapped, OverTime};
use crate::error::{Context, Error, Result};
use crate::function::bucket_of;
use crate::project::Project;
use crate::query::View;
use crate::score::sample::{self, Answer, Sample};

/// A text with more values names things rather than kinds of them.
pub(super) const MOST_VALUES: usize = 50;
/// With fewer on either side nobody can be told to stand out.
pub(super) const FEWEST: usize = 50;
/// What decides who is searched, with the id.
const SALT: &str = "suggest";

/// Truths as categories.
pub(super) const YES: &str = "yes";
const NO: &str = "no";

/// What is asked of the past.
pub(super) struct Question<'a> {
    pub(super) subject: Subject,
    pub(super) instants: [DateTime<Utc>; 3],
    pub(super) timezone: Tz,
    pub(super) goal: &'a Goal,
    pub(super) among: Option<&'a Condition>,
}

/// What is known of it: rows of those who were searched, then of those who were not.
pub(super) struct Observed {
    pub(super) features: Vec<Feature>,
    pub(super) left_out: Vec<LeftOut>,
    pub(super) columns: Vec<Column>,
    pub(super) goal: Vec<f64>,
    pub(super) searched: Vec<usize>,
    pub(super) held_out: Vec<usize>,
    pub(super) is_everybody: bool,
}

impl Question<'_> {
    /// Evaluates the goal and the features.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub(super) async fn ask(&self, project: &Project, view: &View, chosen: Chosen) -> Result<Observed> {
        let (run, engine) = (view.as_run(project), view.engine());
        let conditions = self.conditions(project)?;
        let mut terms: Vec<Term> = vec![self.goal.term.clone()];
        terms.extend(chosen.features.iter().map(|feature| feature.term.clone()));
        let (programs, _) = sample::programs(&run, self.subject, &self.instants, &conditions, &terms)?;
        let planning = || format!("cannot plan what was known of {}", self.subject);
        let programs = OverTime::of(programs).context(planning())?;
        let programs = programs.ok_or_else(|| {
            Error::new(ErrorCode::Internal, "what was chosen holds subjects against each other")
        })?;
        let sample = Sample::of(&run, engine, self.subject).await?;
        let answer = sample.answer(&run, engine, &programs).await?;
        let layout = Layout { n_conditions: 1 + conditions.len(), n_terms: terms.len() };
        observed(&answer, layout, chosen, run.seed, sample.is_everybody())
    }

    /// What has to hold of a subject at the beginning of the horizon, apart from its being known.
    fn conditions(&self, project: &Project) -> Result<Vec<Condition>> {
        let mut conditions = vec![seen(self.subject, &Mapped::of(&project.manifest))?];
        conditions.extend(self.goal.population.clone());
        conditions.extend(self.among.cloned());
        Ok(conditions)
    }
}

/// Whether a subject had left any trace by an instant. Those whose sources do not say since when they are known would be taken for known
/// at any, and that they are in the data at all may be what came later.
pub(super) fn seen(subject: Subject, mapped: &Mapped) -> Result<Condition> {
    let rows = Table::ALL.into_iter().filter(|table| {
        let is_required = table.column(table.time_column()).is_some_and(|column| column.required);
        is_required && mapped.has(*table, subject.id_column())
    });
    let traces = rows.map(|table| format!("count({table}) >= 1"));
    let known = format!("{} is not null", subject.table().time_column());
    let text = [known].into_iter().chain(traces).collect::<Vec<_>>().join(" or ");
    Condition::parse(&text, subject).map_err(Error::from)
}

/// A truth as a category; none of what is unknown.
pub(super) fn word(value: f64) -> Option<&'static str> {
    (!value.is_nan()).then_some(if value > 0.5 { YES } else { NO })
}

/// Where columns of an answer stand: per instant whether the subject was known and all conditions, then per instant all terms.
#[derive(Clone, Copy)]
struct Layout {
    n_conditions: usize,
    n_terms: usize,
}

impl Layout {
    fn term(self, instant: usize, place: usize) -> usize {
        3 * self.n_conditions + instant * self.n_terms + place
    }
}

fn observed(
    answer: &Answer,
    layout: Layout,
    chosen: Chosen,
    seed: u64,
    is_everybody: bool,
) -> Result<Observed> {
    let goals = [1, 2].map(|instant| answer.numbers(layout.term(instant, 0)));
    let salt = format!("{SALT} {seed}");
    let mut rows_of: [Vec<usize>; 2] = [Vec::new(), Vec::new()];
    let holds = [0, 1].map(|instant: usize| {
        let place = |n: usize| instant * layout.n_conditions + n;
        (0..layout.n_conditions).map(|n| answer.holds(place(n))).collect::<Vec<_>>()
    });
    for (row, id) in answer.ids()?.into_iter().enumerate() {
        let half = usize::from(bucket_of(id, &salt) >= 0.5);
        let is_asked_about = holds[half].iter().all(|holds| holds[row]);
        if is_asked_about && goals[half][row].is_finite() {
            rows_of[half].push(row);
        }
    }
    let joined = |of: [&[f64]; 2]| -> Vec<f64> {
        let sides = rows_of.iter().zip(of);
        sides.flat_map(|(rows, values)| rows.iter().map(|row| values[*row])).collect()
    };
    let goal = joined([&goals[0], &goals[1]]);
    let (mut features, mut columns, mut left_out) = (Vec::new(), Vec::new(), chosen.left_out);
    for (place, feature) in chosen.features.into_iter().enumerate() {
        let at = |instant| layout.term(instant, 1 + place);
        let column = match feature.kind {
            FeatureKind::Number => {
                let values = [answer.numbers(at(0)), answer.numbers(at(1))];
                let finite = |value: f64| if value.is_finite() { value } else { f64::NAN };
                let values: Vec<f64> = joined([&values[0], &values[1]]).into_iter().map(finite).collect();
                Column::numbers(&feature.name, &values)
            }
            FeatureKind::Truth => {
                let values = [answer.numbers(at(0)), answer.numbers(at(1))];
                Column::categories(&feature.name, joined([&values[0], &values[1]]).into_iter().map(word))
            }
            FeatureKind::Text => {
                let values = [answer.texts(at(0)), answer.texts(at(1))];
                let of_rows = rows_of.iter().zip(&values);
                let of_rows = of_rows.flat_map(|(rows, values)| rows.iter().map(|row| values[*row]));
                let of_rows: Vec<Option<&str>> = of_rows.collect();
                let mut different: Vec<&str> = of_rows.iter().flatten().copied().collect();
                different.sort_unstable();
                different.dedup();
                if different.len() > MOST_VALUES {
                    let reason = format!("it has {} values, and {MOST_VALUES} are the most", different.len());
                    left_out.push(LeftOut { name: feature.name, reason });
                    continue;
                }
                Column::categories(&feature.name, of_rows)
            }
        };
        let column = column.map_err(|error| {
            Error::new(ErrorCode::Internal, format!("cannot tell by `{}`", feature.name)).caused_by(error)
        })?;
        features.push(feature);
        columns.push(column);
    }
    let n_searched = rows_of[0].len();
    let searched = (0..n_searched).collect();
    let held_out = (n_searched..goal.len()).collect();
    Ok(Observed { features, left_out, columns, goal, searched, held_out, is_everybody })
}

impl Observed {
    /// The mean of the goal over those who were not searched.
    pub(super) fn mean_of_held_out(&self) -> f64 {
        let sum: f64 = self.held_out.iter().map(|row| self.goal[*row]).sum();
        sum / self.held_out.len().max(1) as f64
    }

    /// Checks that there is something to be told and enough to tell it by.
    ///
    /// # Errors
    /// `InvalidDefinition` when too few were known so early, when there is no feature, or when the goal is the same for all;
    /// `NotFound` when nobody ever responded.
    pub(super) fn check(&self, question: &Question<'_>, ask: &Ask) -> Result<()> {
        let wrong = |message: String| Error::new(ErrorCode::InvalidDefinition, message);
        let day = |at: DateTime<Utc>| at.with_timezone(&question.timezone).format("%Y-%m-%d");
        let parts = [(&self.searched, question.instants[0]), (&self.held_out, question.instants[1])];
        for (rows, at) in parts {
            if rows.len() < FEWEST {
                let message = format!(
                    "{} {} to be asked about were known on {} in one half, and it takes {FEWEST}",
                    rows.len(),
                    question.subject,
                    day(at)
                );
                return Err(wrong(message).with_hint(
                    "take a shorter horizon (--horizon-days), of which two have to lie in the data, or ask of more (--among)",
                ));
            }
        }
        if self.columns.is_empty() {
            return Err(wrong(format!("there is no trait by which {} could be told", question.subject))
                .with_hint("--json lists those that were left out, with the reason; name some: --features"));
        }
        for ((rows, at), until) in parts.into_iter().zip(&question.instants[1..]) {
            let first = rows.first().map_or(0.0, |row| self.goal[*row]);
            if rows.iter().any(|row| self.goal[*row] != first) {
                continue;
            }
            let (title, n) = (&question.goal.title, rows.len());
            let (from, until) = (day(at), day(*until));
            let message = match (question.goal.is_share, first > 0.5) {
                (true, true) => format!("from {from} to {until} it holds for all of {n}: {title}"),
                (true, false) => format!("from {from} to {until} it holds for none of {n}: {title}"),
                (false, _) => format!("from {from} to {until} it is {first} for all of {n}: {title}"),
            };
            let code = match ask.goal.as_str() {
                "response" => ErrorCode::NotFound,
                _ => ErrorCode::InvalidDefinition,
            };
            return Err(Error::new(code, message).with_hint(question.goal.hint.clone()));
        }
        Ok(())
    }
}
