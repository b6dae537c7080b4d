//! Programs that rest on what a run has stored: a figure is the same column wherever it is computed, since it is named by the
//! hash of its text, so that one which the stored profile carries is taken from there and its table is not scanned for it.

use std::collections::BTreeSet;

use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::Result;
use strata_lake::datafusion::logical_expr::Expr;
use strata_lake::datafusion::prelude::ident;
use strata_spec::table::Table;

use super::rank::Place;
use super::{Earlier, Program, Tables, left_join};

/// The columns of stored tables that mean what a program means by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Stored {
    /// Of the profile: the subject's own, figures, and traits whose definitions are the same still.
    pub(crate) profile: BTreeSet<String>,
    /// Of the scores.
    pub(crate) scores: BTreeSet<String>,
}

impl Program {
    /// The program without what nothing in it needs and what is stored. `also` names stored columns that are wanted too.
    pub(crate) fn resting_on(mut self, stored: &Stored, also: &BTreeSet<String>) -> Program {
        let mut needed: BTreeSet<String> = also.intersection(&stored.profile).cloned().collect();
        let divisions = self.levels.iter().flatten().map(|division| &division.expr);
        let asked = self
            .asked
            .conditions
            .iter()
            .chain(&self.asked.terms)
            .chain(&self.asked.wakes)
            .chain(&self.asked.rows);
        let places = self.places.iter().chain([&self.asked.places]).flat_map(|places| places.values());
        let places = places.flat_map(Place::expressions);
        divisions.chain(asked).chain(places).for_each(|expr| add_columns(expr, &mut needed));
        self.scores.retain(|score| needed.contains(&score.name));
        self.taken_scores = needed.intersection(&stored.scores).cloned().collect();
        self.scores.retain(|score| !stored.scores.contains(&score.name));
        for score in &self.scores {
            needed.extend(score.how.columns(self.subject).into_iter().map(str::to_owned));
            score.among.iter().for_each(|among| add_columns(among, &mut needed));
        }
        for level in self.trait_levels.iter_mut().rev() {
            level.retain(|(name, expr)| {
                let is_computed = needed.contains(name) && !stored.profile.contains(name);
                if is_computed {
                    add_columns(expr, &mut needed);
                }
                is_computed
            });
        }
        self.derived.retain(|name, expr| {
            let is_computed = needed.contains(name) && !stored.profile.contains(name);
            if is_computed {
                add_columns(expr, &mut needed);
            }
            is_computed
        });
        let id = self.subject.id_column();
        let is_computed = |name: &str| name == id || needed.contains(name) && !stored.profile.contains(name);
        for figures in self.scans.values_mut() {
            figures.aggregates.retain(|name, _| is_computed(name));
        }
        self.scans.retain(|_, figures| !figures.aggregates.is_empty());
        self.history.own.retain(|name, _| is_computed(name));
        self.history.all.retain(|name, _| is_computed(name));
        self.own_columns.retain(|name| is_computed(name));
        self.company_columns.retain(|name| is_computed(&super::column_name::of_company(name)));
        self.carried.retain(|name| is_computed(name));
        self.taken = needed.intersection(&stored.profile).filter(|name| *name != id).cloned().collect();
        self
    }

    /// The profile, with what the program takes from a stored one.
    ///
    /// # Errors
    /// When a table lacks a column that the program uses, or what the program asks for is not at hand.
    pub(crate) fn profile_over(
        &self,
        stored: Option<DataFrame>,
        tables: &Tables,
        history: &Earlier,
    ) -> Result<DataFrame> {
        let Some(stored) = stored else { return self.profile_after(tables, history) };
        let id = self.subject.id_column();
        let columns = [id].into_iter().chain(self.taken.iter().map(String::as_str));
        let stored = stored.select(columns.map(|name| ident(name).alias(name)).collect::<Vec<Expr>>())?;
        let is_enough = self.own_columns.iter().all(|name| name == id) && self.company_columns.is_empty();
        let base = match tables.get(&self.subject.table()) {
            Some(own) if !is_enough => left_join(self.base(own.clone(), tables)?, stored, id)?,
            _ => stored,
        };
        self.profile_from(Some(base), tables, history)
    }

    /// The canonical tables that the program reads, however much of it is stored.
    pub(crate) fn tables(&self) -> BTreeSet<Table> {
        let joined = [self.subject.table(), Table::Companies];
        self.scans.keys().copied().chain(joined).collect()
    }
}

fn add_columns(expr: &Expr, columns: &mut BTreeSet<String>) {
    columns.extend(expr.column_refs().into_iter().map(|column| column.name.clone()));
}
