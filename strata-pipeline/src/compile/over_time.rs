//! One question at several instants, as one program: whatever is computed is computed for each instant under a name of its own,
//! so that each table is scanned once for all of them. Figures of one table that differ in their windows alone are what
//! `tallies` takes at once, so that an instant more costs little.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use strata_lake::datafusion::common::tree_node::{Transformed, TreeNode};
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::Result;
use strata_lake::datafusion::logical_expr::Expr;
use strata_lake::datafusion::prelude::ident;
use strata_spec::table::Table;

use super::kind::instant;
use super::plan::Figures;
use super::{Division, Earlier, Program, column_name};

/// Programs of one question, compiled at several instants, as one.
pub(crate) struct OverTime {
    /// What is computed at all of them. Its conditions are those of each instant after the other; before them stands whether the
    /// subject was known by then.
    pub(crate) whole: Program,
    /// The programs at each instant, for the memberships that each asks for.
    each: Vec<Program>,
}

impl OverTime {
    /// Puts programs together, the earliest first. None where one of them holds subjects against each other: whoever was not
    /// known yet would have a place.
    ///
    /// # Errors
    /// When an expression cannot be renamed.
    pub(crate) fn of(programs: Vec<Program>) -> Result<Option<OverTime>> {
        let (Some(last), true) = (programs.last(), programs.iter().all(OverTime::is_alone)) else {
            return Ok(None);
        };
        let mut whole = Program { asked: super::question::Asked::default(), ..last.clone() };
        whole.scans.clear();
        whole.derived.clear();
        whole.history = super::history::HistoryFigures::default();
        whole.carried.clear();
        whole.groups.clear();
        whole.users.clear();
        whole.trait_levels.iter_mut().for_each(Vec::clear);
        whole.levels.iter_mut().for_each(Vec::clear);
        let time = whole.subject.table().time_column();
        if !whole.own_columns.iter().any(|name| name == time) {
            whole.own_columns.push(time.to_owned());
        }
        let mut each = Vec::with_capacity(programs.len());
        for (at, program) in programs.into_iter().enumerate() {
            let mut program = Moment::of(&program, at).named(program)?;
            add(&mut whole, &mut program);
            each.push(program);
        }
        Ok(Some(OverTime { whole, each }))
    }

    /// Whether a program says of a subject what is known of that subject alone.
    pub(crate) fn is_alone(program: &Program) -> bool {
        program.scores.is_empty() && program.place_names().is_empty()
    }

    /// What the question says of each subject: the columns `also` (see [`at`] for names), then, instant after instant,
    /// whether the subject was known and the truth of each condition; then, again so, the value of each term.
    ///
    /// # Errors
    /// When the profile lacks a column that the program uses, or what the program asks for is not at hand.
    pub(crate) fn answer(
        &self,
        profile: DataFrame,
        memberships: &Earlier,
        also: Vec<Expr>,
    ) -> Result<DataFrame> {
        let mut subjects = profile;
        for program in &self.each {
            subjects = program.with_memberships(subjects, memberships)?;
        }
        self.whole.answer(subjects, &Earlier::Unavailable, also)
    }

    /// The same with less of the program, since the rest is known already.
    pub(crate) fn of_whole(&self, whole: Program) -> OverTime {
        OverTime { whole, each: self.each.clone() }
    }

    /// Whether the divisions at some instant need the table `membership`.
    pub(crate) fn asks_for_memberships(&self) -> bool {
        self.each.iter().any(Program::asks_for_memberships)
    }
}

/// What a computed column is called at the instant of that place.
pub(crate) fn at(name: &str, place: usize) -> String {
    format!("{name}@{place}")
}

/// One of the instants.
struct Moment {
    place: usize,
    as_of: DateTime<Utc>,
    /// The columns that are computed, at each instant anew.
    computed: BTreeSet<String>,
}

impl Moment {
    fn of(program: &Program, place: usize) -> Moment {
        let figures = program.scans.values().flat_map(|figures| figures.aggregates.keys());
        let history = program.history.own.keys().chain(program.history.all.keys());
        let computed = figures.chain(history).chain(program.derived.keys()).chain(program.groups.keys());
        let mut computed: BTreeSet<String> = computed.cloned().collect();
        computed.extend(program.trait_names().map(str::to_owned));
        for division in program.levels.iter().flatten() {
            computed.extend([division.column(), column_name::undecided_of(&division.name)]);
        }
        Moment { place, as_of: program.as_of, computed }
    }

    fn at(&self, name: &str) -> String {
        at(name, self.place)
    }

    /// An expression over what is computed at this instant.
    fn of_computed(&self, expr: Expr) -> Result<Expr> {
        let renamed = expr.transform(|expr| match &expr {
            Expr::Column(column) if self.computed.contains(&column.name) => {
                Ok(Transformed::yes(ident(self.at(&column.name))))
            }
            _ => Ok(Transformed::no(expr)),
        });
        renamed.map(|renamed| renamed.data)
    }

    /// A figure of the rows that are there by this instant.
    fn of_rows(&self, time: &str, is_required: bool, figure: Expr) -> Result<Expr> {
        let happened = ident(time).lt_eq(instant(self.as_of));
        // A row without a time has no place in any window, but it is not in the future either.
        let happened = if is_required { happened } else { ident(time).is_null().or(happened) };
        let narrowed = figure.transform(|expr| match expr {
            Expr::AggregateFunction(mut function) => {
                let rows = match function.params.filter.take() {
                    Some(filter) => filter.and(happened.clone()),
                    None => happened.clone(),
                };
                function.params.filter = Some(Box::new(rows));
                Ok(Transformed::yes(Expr::AggregateFunction(function)))
            }
            other => Ok(Transformed::no(other)),
        });
        narrowed.map(|narrowed| narrowed.data)
    }

    fn figures(&self, table: Table, figures: Figures) -> Result<Figures> {
        let time = table.time_column();
        let is_required = table.column(time).is_some_and(|column| column.required);
        let aggregates = figures.aggregates.into_iter();
        let aggregates = aggregates
            .map(|(name, figure)| Ok((self.at(&name), self.of_rows(time, is_required, figure)?)))
            .collect::<Result<_>>()?;
        let kinds = figures.kinds.into_iter().map(|(name, kind)| (self.at(&name), kind)).collect();
        let texts = figures.texts.into_iter().map(|(name, text)| (self.at(&name), text)).collect();
        Ok(Figures { aggregates, kinds, texts, ..figures })
    }

    /// The program with names of its own for whatever it computes.
    fn named(&self, mut program: Program) -> Result<Program> {
        let scans = std::mem::take(&mut program.scans).into_iter();
        program.scans = scans
            .map(|(table, figures)| Ok((table, self.figures(table, figures)?)))
            .collect::<Result<_>>()?;
        for figures in [&mut program.history.own, &mut program.history.all] {
            let all = std::mem::take(figures).into_iter();
            *figures = all
                .map(|(name, mut figure)| {
                    figure.figure = self.of_rows("since", true, figure.figure)?;
                    Ok((self.at(&name), figure))
                })
                .collect::<Result<_>>()?;
        }
        let derived = std::mem::take(&mut program.derived).into_iter();
        program.derived = derived
            .map(|(name, expr)| Ok((self.at(&name), self.of_computed(expr)?)))
            .collect::<Result<_>>()?;
        for (name, expr) in program.trait_levels.iter_mut().flatten() {
            (*name, *expr) = (self.at(name), self.of_computed(expr.clone())?);
        }
        for Division { name, expr, .. } in program.levels.iter_mut().flatten() {
            (*name, *expr) = (self.at(name), self.of_computed(expr.clone())?);
        }
        program.groups = program.groups.iter().map(|(name, of)| (self.at(name), of.clone())).collect();
        program.carried = program.carried.iter().map(|name| self.at(name)).collect();
        let known = program.known_by_now(program.subject.table());
        let asked = &mut program.asked;
        for expr in asked.conditions.iter_mut().chain(&mut asked.terms) {
            *expr = self.of_computed(expr.clone())?;
        }
        asked.conditions.insert(0, known);
        Ok(program)
    }
}

/// Moves what one instant computes into the program of all.
fn add(whole: &mut Program, of: &mut Program) {
    for (table, figures) in std::mem::take(&mut of.scans) {
        let all = whole.scans.entry(table).or_default();
        all.aggregates.extend(figures.aggregates);
        all.kinds.extend(figures.kinds);
        all.texts.extend(figures.texts);
        all.subject_columns.extend(figures.subject_columns);
        all.company_columns.extend(figures.company_columns);
        all.traits.extend(figures.traits);
    }
    whole.history.own.append(&mut of.history.own);
    whole.history.all.append(&mut of.history.all);
    whole.derived.append(&mut of.derived);
    whole.carried.append(&mut of.carried);
    whole.company_columns.extend(of.company_columns.iter().cloned());
    for (all, level) in whole.trait_levels.iter_mut().zip(&mut of.trait_levels) {
        all.append(level);
    }
    for (all, level) in whole.levels.iter_mut().zip(&mut of.levels) {
        all.append(level);
    }
    whole.asked.conditions.append(&mut of.asked.conditions);
    whole.asked.terms.append(&mut of.asked.terms);
}
