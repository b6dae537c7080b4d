//! The plans of a program: its aggregates over canonical tables, and its divisions over profiles and scores. Lazy;
//! whoever runs them decides over which rows.

use std::collections::{BTreeMap, BTreeSet};

use strata_lake::datafusion::common::JoinType;
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::Result;
use strata_lake::datafusion::logical_expr::{Expr, Partitioning};
use strata_lake::datafusion::prelude::ident;
use strata_spec::table::{Kind, PROFILING_CONSENT, Subject, Table};

use super::at_once::planned;
use super::kind::instant;
use super::past::Earlier;
use super::project::{all_columns, projected, with_columns, without_column};
use super::rank::with_places;
use super::{DivisionKind, Program, certainly, column_name};
use crate::function::over_columns;

/// Canonical tables to run a program over.
pub type Tables = BTreeMap<Table, DataFrame>;

/// What one table's scan has to compute.
#[derive(Debug, Clone, Default)]
pub(crate) struct Figures {
    /// The aggregates by column name.
    pub aggregates: BTreeMap<String, Expr>,
    /// What each aggregate is in the language, by column name.
    pub texts: BTreeMap<String, String>,
    /// The kinds of their values, by column name.
    pub kinds: BTreeMap<String, Kind>,
    /// Own columns of the subject that filters and arguments speak of.
    pub subject_columns: BTreeSet<String>,
    /// Columns of the subject's company that they speak of.
    pub company_columns: BTreeSet<String>,
    /// Traits of the customers whose rows they range over, for companies.
    pub traits: BTreeSet<String>,
}

impl Program {
    /// The profile: one row per subject, with its own columns, its traits, and the figures that conditions need.
    ///
    /// One scan per canonical table. Subjects are the rows of the subject's own table that exist at `as_of`; where
    /// that table is missing, whoever has rows in the tables scanned.
    ///
    /// # Errors
    /// When a table lacks a column that the program uses, or the program asks for the past.
    pub fn profile(&self, tables: &Tables) -> Result<DataFrame> {
        self.profile_after(tables, &Earlier::Unavailable)
    }

    /// The same, of a program that may ask for earlier values of properties: the rows of `property_history`.
    ///
    /// # Errors
    /// When a table lacks a column that the program uses, or what the program asks for is not at hand.
    pub fn profile_after(&self, tables: &Tables, history: &Earlier) -> Result<DataFrame> {
        let base = match tables.get(&self.subject.table()) {
            Some(own) => Some(self.base(own.clone(), tables)?),
            None => None,
        };
        self.profile_from(base, tables, history)
    }

    /// The profile of the subjects in `base`, which has their own columns and whatever else of them is known already.
    pub(super) fn profile_from(
        &self,
        base: Option<DataFrame>,
        tables: &Tables,
        history: &Earlier,
    ) -> Result<DataFrame> {
        let id = self.subject.id_column();
        let mut profile = base;
        for (table, figures) in &self.scans {
            let Some(rows) = tables.get(table) else {
                return strata_lake::datafusion::common::plan_err!("there is no table {table} to scan");
            };
            let scan = self.scan(*table, figures, rows.clone(), tables)?;
            profile = Some(match profile {
                Some(profile) => left_join(profile, scan, id)?,
                None => scan,
            });
        }
        let Some(mut profile) = profile else {
            return strata_lake::datafusion::common::plan_err!("there are no {} to profile", self.subject);
        };
        profile = self.with_history(profile, history)?;
        if !self.derived.is_empty() {
            let derived = self.derived.iter().map(|(name, expr)| expr.clone().alias(name));
            profile = with_columns(profile, derived)?;
        }
        for level in &self.trait_levels {
            let traits = level.iter().map(|(name, expr)| expr.clone().alias(name));
            profile = with_columns(profile, traits)?;
        }
        let own =
            self.own_columns.iter().filter(|name| profile.schema().has_column_with_unqualified_name(name));
        let kept = own
            .cloned()
            .chain(self.company_columns.iter().map(|name| column_name::of_company(name)))
            .chain(self.trait_names().map(str::to_owned))
            .chain(self.carried.iter().cloned())
            .chain(self.taken.iter().cloned());
        let kept: Vec<Expr> = kept.map(ident).collect();
        projected(profile, if self.own_columns.is_empty() { vec![ident(id)] } else { kept })
    }

    /// The names of the traits, in dependency order.
    pub fn trait_names(&self) -> impl Iterator<Item = &str> {
        self.trait_levels.iter().flatten().map(|(name, _)| name.as_str())
    }

    /// The divisions of each subject: the id, then per segmentation its class, and per segment whether the subject is
    /// certainly in, and whether that is undecided for want of data.
    ///
    /// # Errors
    /// When the profile and scores lack a column that the program uses, or the program asks for the past.
    pub fn divide(&self, profile_and_scores: DataFrame) -> Result<DataFrame> {
        self.divide_after(profile_and_scores, &Earlier::Unavailable)
    }

    /// The same, of a program that may ask for earlier memberships: the rows of `membership` as the last run left it.
    ///
    /// # Errors
    /// When the profile and scores lack a column that the program uses, or what the program asks for is not at hand.
    pub fn divide_after(&self, profile_and_scores: DataFrame, memberships: &Earlier) -> Result<DataFrame> {
        let divided = self.with_divisions(profile_and_scores, memberships)?;
        let results = self.levels.iter().flatten().flat_map(|division| match division.kind {
            DivisionKind::Classes(_) => vec![division.column()],
            DivisionKind::Members { .. } => {
                vec![division.column(), column_name::undecided_of(&division.name)]
            }
        });
        let id = self.subject.id_column().to_owned();
        projected(divided, [id].into_iter().chain(results).map(ident).collect())
    }

    /// What a question asks of each subject: the columns `also`, then the truth of each condition, unknown included, the
    /// value of each term, the wake time of each condition of which it is asked, and which rows are asked for.
    ///
    /// # Errors
    /// When the profile and scores lack a column that the program uses, or what the program asks for is not at hand.
    pub(crate) fn answer(
        &self,
        profile_and_scores: DataFrame,
        memberships: &Earlier,
        also: Vec<Expr>,
    ) -> Result<DataFrame> {
        let conditions = self.asked.conditions.iter().enumerate();
        let conditions =
            conditions.map(|(n, expr)| Ok(over_columns(expr.clone())?.alias(column_name::asked(n))));
        let terms = self.asked.terms.iter().enumerate();
        let terms = terms.map(|(n, expr)| Ok(expr.clone().alias(column_name::asked_term(n))));
        let wakes = self.asked.wakes.iter().enumerate();
        let wakes = wakes.map(|(n, expr)| Ok(expr.clone().alias(column_name::asked_wake(n))));
        let rows = self.asked.rows.iter().enumerate();
        let rows = rows.map(|(n, expr)| Ok(expr.clone().alias(column_name::asked_rows(n))));
        let asked = conditions.chain(terms).chain(wakes).chain(rows);
        let columns = also.into_iter().map(Ok).chain(asked).collect::<Result<Vec<Expr>>>()?;
        projected(self.placed(profile_and_scores, memberships)?, columns)
    }

    /// Subjects with their divisions and all places that are asked for.
    ///
    /// # Errors
    /// When the profile and scores lack a column that the program uses, or what the program asks for is not at hand.
    pub(crate) fn placed(&self, profile_and_scores: DataFrame, memberships: &Earlier) -> Result<DataFrame> {
        let divided = self.with_divisions(profile_and_scores, memberships)?;
        with_places(divided, &self.asked.places, self.subject.id_column())
    }

    pub(super) fn with_divisions(
        &self,
        profile_and_scores: DataFrame,
        memberships: &Earlier,
    ) -> Result<DataFrame> {
        let id = self.subject.id_column();
        let mut divided = self.with_memberships(profile_and_scores, memberships)?;
        for (level, places) in self.levels.iter().zip(&self.places) {
            divided = with_places(divided, places, id)?;
            let mut columns: Vec<Expr> = all_columns(&divided).collect();
            for division in level {
                columns.push(over_columns(certainly(division, id))?.alias(division.column()));
                if matches!(division.kind, DivisionKind::Members { .. }) {
                    let undecided = over_columns(division.expr.clone())?.is_null();
                    columns.push(undecided.alias(column_name::undecided_of(&division.name)));
                }
            }
            divided = projected(divided, columns)?;
        }
        Ok(divided)
    }

    pub(super) fn base(&self, own: DataFrame, tables: &Tables) -> Result<DataFrame> {
        let mut base = own.filter(self.known_by_now(self.subject.table()))?;
        // Whoever objects to profiling is in no profile, and so in no score, segment or history of them.
        if self.subject == Subject::Customers
            && base.schema().has_column_with_unqualified_name(PROFILING_CONSENT)
        {
            base = base.filter(ident(PROFILING_CONSENT).is_not_false())?;
        }
        let employer = Subject::Companies.id_column();
        let needs_employer =
            !self.company_columns.is_empty() && !self.own_columns.iter().any(|name| name == employer);
        let present: Vec<Expr> = self
            .own_columns
            .iter()
            .filter(|name| base.schema().has_column_with_unqualified_name(name))
            .map(|name| ident(name).alias(name))
            // Whom a customer belongs to is needed to reach the company.
            .chain(needs_employer.then(|| ident(employer).alias(employer)))
            .collect();
        self.join_company(base.select(present)?, &self.company_columns, tables)
    }

    /// Whether a subject's row is there at `as_of`.
    pub(super) fn known_by_now(&self, table: Table) -> Expr {
        let known = ident(table.time_column());
        known.clone().is_null().or(known.lt_eq(instant(self.as_of)))
    }

    /// One table's filtered aggregates per subject, in one pass over its rows up to `as_of`.
    fn scan(&self, table: Table, figures: &Figures, rows: DataFrame, tables: &Tables) -> Result<DataFrame> {
        let id = self.subject.id_column();
        let time = ident(table.time_column());
        let happened = match table.column(table.time_column()) {
            Some(column) if column.required => time.lt_eq(instant(self.as_of)),
            // A row without a time has no place in any window, but it is not in the future either.
            _ => time.clone().is_null().or(time.lt_eq(instant(self.as_of))),
        };
        let mut rows = rows.filter(ident(id).is_not_null().and(happened))?;
        let speaks_of_owners = !figures.subject_columns.is_empty() || !figures.company_columns.is_empty();
        if speaks_of_owners && let Some(own) = tables.get(&self.subject.table()) {
            let reaches_company = !figures.company_columns.is_empty();
            let employer = Subject::Companies.id_column();
            let columns = [ident(id).alias(SUBJECT_KEY)]
                .into_iter()
                .chain(reaches_company.then(|| ident(employer).alias(employer)))
                .chain(
                    figures
                        .subject_columns
                        .iter()
                        .map(|name| ident(name).alias(column_name::of_subject(name))),
                );
            let mut own = own.clone().select(columns.collect::<Vec<_>>())?;
            // The company is that of the customer, as outside of aggregates, whatever company a row names.
            if reaches_company {
                own = self.join_company(own, &figures.company_columns, tables)?.drop_columns(&[employer])?;
            }
            rows = rows.join(own, JoinType::Left, &[id], &[SUBJECT_KEY], None)?;
        }
        if let Some(missing) =
            figures.traits.iter().find(|name| !rows.schema().has_column_with_unqualified_name(name))
        {
            return strata_lake::datafusion::common::plan_err!(
                "the trait `{missing}` of customers is not at hand: their profile comes before that of {}",
                self.subject
            );
        }
        let planned = planned(table, figures)?;
        let grouped = gathered(rows, id)?.aggregate(vec![ident(id)], planned.aggregates)?;
        grouped.select([ident(id)].into_iter().chain(planned.figures).collect::<Vec<_>>())
    }

    fn join_company(
        &self,
        rows: DataFrame,
        columns: &BTreeSet<String>,
        tables: &Tables,
    ) -> Result<DataFrame> {
        let (false, Some(companies)) = (columns.is_empty(), tables.get(&Table::Companies)) else {
            return Ok(rows);
        };
        let key = Subject::Companies.id_column();
        let wanted = [ident(key).alias(COMPANY_KEY)]
            .into_iter()
            .chain(columns.iter().map(|name| ident(name).alias(column_name::of_company(name))));
        // A company that becomes known later does not exist yet.
        let known = self.known_by_now(Table::Companies);
        let companies = companies.clone().filter(known)?.select(wanted.collect::<Vec<_>>())?;
        rows.join(companies, JoinType::Left, &[key], &[COMPANY_KEY], None)?.drop_columns(&[COMPANY_KEY])
    }
}

const SUBJECT_KEY: &str = "_subject_key";
const COMPANY_KEY: &str = "_company_key";
const RIGHT_KEY: &str = "_right_key";

/// Rows with all those of a subject in one partition. Each is then grouped once: grouping first and dividing the groups
/// would carry a state for each figure, which is more than the row that they all come from.
pub(crate) fn gathered(rows: DataFrame, id: &str) -> Result<DataFrame> {
    let n_partitions = rows.task_ctx().session_config().target_partitions();
    rows.repartition(Partitioning::Hash(vec![ident(id)], n_partitions))
}

/// Joins figures to subjects by id; whoever has no rows keeps nulls.
pub(crate) fn left_join(left: DataFrame, right: DataFrame, id: &str) -> Result<DataFrame> {
    let columns: Vec<Expr> = right
        .schema()
        .fields()
        .iter()
        .map(|field| match field.name() {
            name if name == id => ident(name).alias(RIGHT_KEY),
            name => ident(name).alias(name),
        })
        .collect();
    let right = projected(right, columns)?;
    without_column(left.join(right, JoinType::Left, &[id], &[RIGHT_KEY], None)?, RIGHT_KEY)
}
