//! Values of traits now and a horizon earlier, and what came of the goal.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use strata_models::cluster::rules::Column;
use strata_spec::condition::{Condition, Term};
use strata_spec::error::ErrorCode;
use strata_spec::table::Subject;

use super::super::feature::{Allowance, Feature, FeatureKind, feature, known_traits, timeless, unknown};
use super::super::goal::Goal;
use super::super::observe::{FEWEST, MOST_VALUES, seen, word};
use super::{KeyTrait, Verdict};
use crate::compile::{Mapped, OverTime};
use crate::error::{Context, Error, Result};
use crate::preview::Basis;
use crate::project::Project;
use crate::query::View;
use crate::score::sample::{self, Answer, Sample};

/// What is asked.
pub(super) struct Question<'a> {
    pub(super) subject: Subject,
    /// The earlier date, that of the values, and with a goal the end of its horizon.
    pub(super) instants: Vec<DateTime<Utc>>,
    pub(super) goal: Option<&'a Goal>,
    pub(super) among: Option<&'a Condition>,
}

/// What is known of it, of the subjects who are asked about.
pub(super) struct Values {
    pub(super) n_rows: usize,
    pub(super) n_again: usize,
    pub(super) is_everybody: bool,
    /// The values of each trait, and those of the earlier date where they can be told.
    pub(super) columns: Vec<(Column, Option<Column>)>,
    pub(super) goal: Option<Vec<bool>>,
    pub(super) goal_above: Option<f64>,
    /// What is no trait, or cannot be looked at.
    pub(super) refused: Vec<KeyTrait>,
}

/// A trait whose values are computed.
struct Wanted {
    feature: Feature,
    /// Whether only the present value is known.
    is_now_only: bool,
}

/// The places of the instants.
const AGAIN: usize = 0;
const NOW: usize = 1;
const END: usize = 2;

impl Question<'_> {
    /// Evaluates traits and goal.
    ///
    /// # Errors
    /// When a trait is not there, too few were known, the goal is the same for all, or a table cannot be read.
    pub(super) async fn ask(
        &self,
        project: &Project,
        view: &View,
        at: &Basis<'_>,
        named: &[String],
    ) -> Result<Values> {
        let (wanted, mut refused) = self.choose(at, named).await?;
        let (run, engine) = (view.as_run(project), view.engine());
        let mut conditions = vec![seen(self.subject, &Mapped::of(&project.manifest))?];
        conditions.extend(self.goal.and_then(|goal| goal.population.clone()));
        conditions.extend(self.among.cloned());
        let mut terms: Vec<Term> = self.goal.map(|goal| goal.term.clone()).into_iter().collect();
        terms.extend(wanted.iter().map(|one| one.feature.term.clone()));
        let (programs, _) = sample::programs(&run, self.subject, &self.instants, &conditions, &terms)?;
        let planning = || format!("cannot plan what was known of {}", self.subject);
        let programs = OverTime::of(programs).context(planning())?.ok_or_else(|| {
            Error::new(ErrorCode::Internal, "what was chosen holds subjects against each other")
        })?;
        let sample = Sample::of(&run, engine, self.subject).await?;
        let answer = sample.answer(&run, engine, &programs).await?;

        let n_conditions = 1 + conditions.len();
        let holds = |instant: usize, nth: usize| answer.holds(instant * n_conditions + nth);
        let term =
            |instant: usize, nth: usize| self.instants.len() * n_conditions + instant * terms.len() + nth;
        // Whether it was known comes first, then whether it had left a trace, then who is asked about.
        let seen_before = [holds(AGAIN, 0), holds(AGAIN, 1)];
        // Who left no trace is in the last run all the same; as of an earlier date nobody knows since when.
        let asked = (0..n_conditions).filter(|nth| *nth != 1 || self.goal.is_some());
        let asked: Vec<Vec<bool>> = asked.map(|nth| holds(NOW, nth)).collect();
        let n_drawn = seen_before[0].len();
        let goal = self.goal.map(|_| answer.numbers(term(END, 0)));
        let is_asked = |row: &usize| {
            asked.iter().all(|holds| holds[*row]) && goal.as_ref().is_none_or(|goal| goal[*row].is_finite())
        };
        let rows: Vec<usize> = (0..n_drawn).filter(is_asked).collect();
        if rows.len() < FEWEST {
            let message = format!(
                "{} {} to be asked about were known, and it takes {FEWEST}",
                rows.len(),
                self.subject
            );
            return Err(Error::new(ErrorCode::InvalidDefinition, message)
                .with_hint("take a shorter horizon (--horizon-days), or ask of more (--among)"));
        }
        let was_there: Vec<bool> =
            rows.iter().map(|row| seen_before.iter().all(|holds| holds[*row])).collect();
        let (goal, goal_above) = self.reached(goal, &rows)?;

        let first = usize::from(self.goal.is_some());
        let mut columns = Vec::new();
        for (nth, one) in wanted.into_iter().enumerate() {
            let everywhere = vec![true; rows.len()];
            let now = column(&answer, term(NOW, first + nth), &one.feature, &rows, &everywhere)?;
            let now = match now {
                Ok(now) => now,
                Err(reason) => {
                    refused.push(no_trait(&one.feature.name, Verdict::NoTrait, &reason));
                    continue;
                }
            };
            let again = match one.is_now_only {
                true => None,
                false => column(&answer, term(AGAIN, first + nth), &one.feature, &rows, &was_there)?.ok(),
            };
            // Of too few who were there before, nobody can say how a trait changes.
            let has_both = |again: &Column| {
                (0..rows.len()).filter(|row| !now.is_missing(*row) && !again.is_missing(*row)).count()
                    >= FEWEST
            };
            let again = again.filter(has_both);
            columns.push((now, again));
        }
        Ok(Values {
            n_rows: rows.len(),
            n_again: was_there.iter().filter(|was_there| **was_there).count(),
            is_everybody: sample.is_everybody(),
            columns,
            goal,
            goal_above,
            refused,
        })
    }

    /// The traits that are named, or all of the last run; and what is none.
    async fn choose(&self, at: &Basis<'_>, named: &[String]) -> Result<(Vec<Wanted>, Vec<KeyTrait>)> {
        let (subject, mut wanted, mut refused) = (self.subject, Vec::new(), Vec::new());
        let known = known_traits(at, subject).await?;
        let timeless = timeless(at).await?;
        let names: Vec<&str> = match named.is_empty() {
            true => known.clone(),
            false => named.iter().map(String::as_str).collect(),
        };
        let mut seen = BTreeSet::new();
        for name in names.into_iter().filter(|name| seen.insert(*name)) {
            if !known.contains(&name) && !super::super::feature::is_own_column(at, subject, name) {
                return Err(unknown(at, subject, name, &known));
            }
            let reason = match feature(at, subject, name, Allowance::Feature, &timeless)? {
                Ok(feature) => {
                    wanted.push(Wanted { feature, is_now_only: false });
                    continue;
                }
                Err(reason) => reason,
            };
            match feature(at, subject, name, Allowance::Unchanging, &BTreeSet::new())? {
                Err(reason) => refused.push(no_trait(name, Verdict::NoTrait, &reason)),
                Ok(_) if self.goal.is_some() => refused.push(no_trait(name, Verdict::NotOfPast, &reason)),
                Ok(feature) => wanted.push(Wanted { feature, is_now_only: true }),
            }
        }
        Ok((wanted, refused))
    }

    /// Whether the goal was reached; a number, whether it is above the median, which is told besides.
    fn reached(&self, goal: Option<Vec<f64>>, rows: &[usize]) -> Result<(Option<Vec<bool>>, Option<f64>)> {
        let (Some(asked), Some(goal)) = (self.goal, goal) else { return Ok((None, None)) };
        let values: Vec<f64> = rows.iter().map(|row| goal[*row]).collect();
        let above = match asked.is_share {
            true => 0.5,
            false => {
                let mut sorted = values.clone();
                sorted.sort_unstable_by(f64::total_cmp);
                let median = sorted[sorted.len() / 2];
                // Where half or more have the highest value, the others are below it.
                let is_highest = sorted.last().is_some_and(|highest| *highest <= median);
                let below = sorted.iter().rev().find(|value| **value < median).copied();
                if is_highest { below.unwrap_or(median) } else { median }
            }
        };
        let reached: Vec<bool> = values.iter().map(|value| *value > above).collect();
        if reached.iter().all(|one| *one) || !reached.contains(&true) {
            let message = format!("the goal is the same for all of {}: {}", rows.len(), asked.title);
            return Err(Error::new(ErrorCode::InvalidDefinition, message).with_hint(asked.hint.clone()));
        }
        Ok((Some(reached), (!asked.is_share).then_some(above)))
    }
}

/// The values of some rows, without those where it is not to be known; or why it is no trait.
fn column(
    answer: &Answer,
    place: usize,
    feature: &Feature,
    rows: &[usize],
    is_known: &[bool],
) -> Result<std::result::Result<Column, String>> {
    let name = &feature.name;
    let wrong = |error| Error::new(ErrorCode::Internal, format!("cannot appraise `{name}`")).caused_by(error);
    let known_rows = rows.iter().zip(is_known);
    let column = match feature.kind {
        FeatureKind::Number | FeatureKind::Truth => {
            let values = answer.numbers(place);
            let value = |(row, is_known): (&usize, &bool)| {
                let value = values[*row];
                if *is_known && value.is_finite() { value } else { f64::NAN }
            };
            let values: Vec<f64> = known_rows.map(value).collect();
            match feature.kind {
                FeatureKind::Truth => Column::categories(name, values.into_iter().map(word)),
                _ => Column::numbers(name, &values),
            }
        }
        FeatureKind::Text => {
            let values = answer.texts(place);
            let values: Vec<Option<&str>> =
                known_rows.map(|(row, is_known)| values[*row].filter(|_| *is_known)).collect();
            let n_known = values.iter().flatten().count();
            let n_values = values.iter().flatten().collect::<BTreeSet<_>>().len();
            if n_values > MOST_VALUES {
                return Ok(Err(match n_values * 10 >= n_known * 9 {
                    true => format!("it is an id: {n_known} values, {n_values} of them different"),
                    false => format!("it has {n_values} values, and {MOST_VALUES} are the most"),
                }));
            }
            Column::categories(name, values)
        }
    };
    column.map(Ok).map_err(wrong)
}

fn no_trait(name: &str, verdict: Verdict, reason: &str) -> KeyTrait {
    KeyTrait {
        name: name.to_owned(),
        verdict,
        known: None,
        stability: None,
        relevance: None,
        auc: None,
        same_as: None,
        sentence: format!("{name} is left out: {reason}."),
    }
}
