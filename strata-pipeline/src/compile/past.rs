//! The parts of a program's plans that need more than the canonical tables at one instant: earlier values of properties, earlier
//! memberships, and, for companies, the traits of their customers.

use std::collections::BTreeSet;

use strata_lake::datafusion::common::{ScalarValue, plan_err};
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::Result;
use strata_lake::datafusion::logical_expr::{Expr, ExprFunctionExt, LogicalPlanBuilder, lit};
use strata_lake::datafusion::prelude::ident;
use strata_spec::condition::Group;
use strata_spec::error::SpecError;
use strata_spec::table::{Subject, Table};

use super::Program;
use super::kind::{data_type, instant, timestamp_type};
use super::plan::{Tables, gathered, left_join};
use super::project::with_columns;
use crate::function as own;

/// What is known of earlier times.
#[derive(Debug, Clone, Default)]
pub enum Earlier {
    /// It is not at hand: a program that asks for it cannot run.
    #[default]
    Unavailable,
    /// There was nothing before.
    Nothing,
    /// The rows of the table that holds it.
    Rows(DataFrame),
}

impl Program {
    /// Whether the profile needs the table `property_history`.
    pub fn asks_for_properties(&self) -> bool {
        !self.history.is_empty()
    }

    /// Whether the divisions need the table `membership` as the last run left it.
    pub fn asks_for_memberships(&self) -> bool {
        !self.groups.is_empty()
    }

    /// Checks that what the program asks of the past is at hand, before its plans are made.
    ///
    /// # Errors
    /// What is not, and what to do about it.
    pub fn check_past(&self, history: &Earlier, memberships: &Earlier) -> std::result::Result<(), SpecError> {
        let missing = |asks: bool, earlier: &Earlier| asks && matches!(earlier, Earlier::Unavailable);
        let (what, table) = match () {
            () if missing(self.asks_for_properties(), history) => {
                ("earlier values of properties", "property_history")
            }
            () if missing(self.asks_for_memberships(), memberships) => ("earlier memberships", "membership"),
            () => return Ok(()),
        };
        let error =
            SpecError::new(format!("{what} are asked for, and the table `{table}` is not at hand here"));
        Err(error.with_hint("`strata run` keeps it and computes the segment"))
    }

    /// Whether the divisions need all subjects at once, since some have places among them. The divisions of all other programs
    /// say of a subject what is known of that subject alone.
    pub fn ranks_subjects(&self) -> bool {
        self.places.iter().any(|places| !places.is_empty())
    }

    /// The columns of the places among all subjects that divisions and questions ask for.
    pub(crate) fn place_names(&self) -> BTreeSet<&str> {
        let places = self.places.iter().chain([&self.asked.places]);
        places.flat_map(|places| places.keys()).map(String::as_str).collect()
    }

    /// The traits of customers that a program of companies needs of its customers.
    pub fn customer_traits(&self) -> BTreeSet<&str> {
        let figures = self.scans.get(&Table::Customers);
        figures.into_iter().flat_map(|figures| &figures.traits).map(String::as_str).collect()
    }

    /// The tables that a program of companies runs over, with the traits of customers that it needs, from the customers' profile.
    ///
    /// # Errors
    /// When the profile lacks one of the traits.
    pub fn with_customer_traits(&self, mut tables: Tables, profile: DataFrame) -> Result<Tables> {
        let traits = self.customer_traits();
        let (false, Some(customers)) = (traits.is_empty(), tables.get(&Table::Customers)) else {
            return Ok(tables);
        };
        let id = Subject::Customers.id_column();
        let wanted: Vec<Expr> = [id].into_iter().chain(traits).map(ident).collect();
        let customers = left_join(customers.clone(), profile.select(wanted)?, id)?;
        tables.insert(Table::Customers, customers);
        Ok(tables)
    }

    /// The profile with the figures over the history of properties.
    pub(super) fn with_history(&self, profile: DataFrame, history: &Earlier) -> Result<DataFrame> {
        if self.history.is_empty() {
            return Ok(profile);
        }
        let (own, all) = (&self.history.own, &self.history.all);
        let rows = match history {
            Earlier::Rows(rows) => rows.clone(),
            Earlier::Nothing => {
                let nothing = own.iter().chain(all).map(|(name, figure)| {
                    Ok(lit(ScalarValue::try_from(&data_type(figure.kind))?).alias(name))
                });
                let nothing = nothing.collect::<Result<Vec<Expr>>>()?;
                return with_columns(profile, nothing);
            }
            Earlier::Unavailable => {
                return plan_err!(
                    "earlier values of properties are asked for, and the table `property_history` is not at hand"
                );
            }
        };
        let named = ident("subject").eq(lit(self.subject.as_str()));
        let rows = rows.filter(named.and(ident("since").lt_eq(instant(self.as_of))))?;
        let mut profile = profile;
        if !own.is_empty() {
            let figures = own.iter().map(|(name, figure)| figure.figure.clone().alias(name)).collect();
            let of_subjects = rows.clone().filter(ident(SUBJECT_ID).is_not_null())?;
            let figures = gathered(of_subjects, SUBJECT_ID)?.aggregate(vec![ident(SUBJECT_ID)], figures)?;
            profile = self.joined(profile, figures)?;
        }
        if !all.is_empty() {
            let figures = all.iter().map(|(name, figure)| figure.figure.clone().alias(name)).collect();
            let figures = rows.filter(ident(SUBJECT_ID).is_null())?.aggregate(vec![], figures)?;
            let (state, plan) = profile.into_parts();
            let (_, figures) = figures.into_parts();
            profile = DataFrame::new(state, LogicalPlanBuilder::from(plan).cross_join(figures)?.build()?);
        }
        Ok(profile)
    }

    /// Subjects with the stretches of time in which they were in the segments and classes that are asked for.
    pub(super) fn with_memberships(&self, subjects: DataFrame, memberships: &Earlier) -> Result<DataFrame> {
        if self.groups.is_empty() {
            return Ok(subjects);
        }
        let rows = match memberships {
            Earlier::Rows(rows) => rows.clone(),
            Earlier::Nothing => {
                let nothing = self.groups.keys().map(|name| lit(ScalarValue::Binary(None)).alias(name));
                return with_columns(subjects, nothing);
            }
            Earlier::Unavailable => {
                return plan_err!(
                    "earlier memberships are asked for, and the table `membership` is not at hand"
                );
            }
        };
        // What a run at this instant or later wrote is not the past: its intervals do not begin, and those that it ended last.
        let as_of = instant(self.as_of);
        let lasts = ident("left_at").gt_eq(as_of.clone());
        let end = strata_lake::datafusion::logical_expr::when(lasts, lit(ScalarValue::Null))
            .otherwise(ident("left_at"))?;
        let end = strata_lake::datafusion::logical_expr::cast(end, timestamp_type());
        let of_groups = self.groups.values().map(is_in).reduce(Expr::or).unwrap_or_else(|| lit(false));
        let known =
            ident("subject").eq(lit(self.subject.as_str())).and(ident("entered_at").lt(as_of)).and(of_groups);
        let rows = rows.filter(known)?.select(vec![
            ident(SUBJECT_ID).alias(SUBJECT_ID),
            ident("segmentation").alias("segmentation"),
            ident("segment").alias("segment"),
            ident("entered_at").alias("entered_at"),
            end.alias("left_at"),
        ])?;
        let stretches = self.groups.iter().map(|(name, group)| {
            let stretches = own::stretches().call(vec![ident("entered_at"), ident("left_at")]);
            Ok(stretches.filter(is_in(group)).build()?.alias(name))
        });
        let stretches = stretches.collect::<Result<Vec<Expr>>>()?;
        let stretches = gathered(rows, SUBJECT_ID)?.aggregate(vec![ident(SUBJECT_ID)], stretches)?;
        self.joined(subjects, stretches)
    }

    /// Figures of a table that names its subjects `subject_id`.
    fn joined(&self, subjects: DataFrame, figures: DataFrame) -> Result<DataFrame> {
        let id = self.subject.id_column();
        let columns = figures.schema().fields().iter().map(|field| match field.name().as_str() {
            SUBJECT_ID => ident(SUBJECT_ID).alias(id),
            name => ident(name).alias(name),
        });
        let columns: Vec<Expr> = columns.collect();
        left_join(subjects, figures.select(columns)?, id)
    }
}

const SUBJECT_ID: &str = "subject_id";

/// Intervals of a segment or class.
fn is_in(group: &Group) -> Expr {
    match group {
        Group::Segment(name) => ident("segmentation").is_null().and(ident("segment").eq(lit(name.as_str()))),
        Group::Class { segmentation, class } => {
            ident("segmentation").eq(lit(segmentation.as_str())).and(ident("segment").eq(lit(class.clone())))
        }
    }
}
