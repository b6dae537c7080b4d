//! Questions: conditions that no definition holds yet, and single definitions, compiled as all others are.

use std::collections::BTreeSet;

use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::Result as EngineResult;
use strata_lake::datafusion::functions_aggregate::expr_fn as aggregates;
use strata_lake::datafusion::logical_expr::{Expr, ExprFunctionExt};
use strata_lake::datafusion::prelude::ident;
use strata_spec::condition::{Condition, Term};
use strata_spec::error::SpecError;
use strata_spec::table::{Kind, Table};

use super::lower::Frame;
use super::rank::Places;
use super::{Compiler, Earlier, Node, Program, Setting, column_name, compile_only};

/// What a condition is called that is asked and that no definition holds.
pub(crate) const ASKED: &str = "condition";

/// What is to be compiled, with whatever it uses.
#[derive(Debug, Clone, Default)]
pub(crate) struct Question<'a> {
    /// Definitions.
    pub(crate) nodes: BTreeSet<Node<'a>>,
    /// Conditions whose truth is asked.
    pub(crate) conditions: &'a [Condition],
    /// Terms whose value is asked.
    pub(crate) terms: &'a [Term],
    /// Conditions of which it is asked when time alone can change them.
    pub(crate) wakes: &'a [Condition],
    /// Tables, and conditions of their rows: it is asked which rows those are, by the column [`ROW`] that they are given.
    pub(crate) rows: &'a [(Table, Option<Condition>)],
}

/// The column that says which row a row is.
pub(crate) const ROW: &str = "_row";

/// A question's conditions and terms as expressions, in its order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    pub(crate) conditions: Vec<Expr>,
    pub(crate) terms: Vec<Expr>,
    /// The kinds of the terms; none of one that is always missing.
    pub(crate) kinds: Vec<Option<Kind>>,
    pub(crate) wakes: Vec<Expr>,
    pub(crate) rows: Vec<Expr>,
    /// The places among all subjects that they ask for.
    pub(super) places: Places,
}

/// Compiles conditions, and when time alone can change each: a program that [`Program::wake_after`] asks.
///
/// # Errors
/// As those of [`super::compile`].
pub fn compile_waking(setting: &Setting<'_>, conditions: &[Condition]) -> Result<Program, Vec<SpecError>> {
    compile_only(setting, &Question { conditions, wakes: conditions, ..Question::default() })
}

impl Program {
    /// Of each subject: the id, then the truth of each condition that was compiled (`_asked_0` and so on), unknown included,
    /// then the first instant after `as_of` at which time alone can change it (`_asked_wake_0`), null where it never can.
    ///
    /// # Errors
    /// When the profile and scores lack a column that the program uses, or what the program asks for is not at hand.
    pub fn wake_after(
        &self,
        profile_and_scores: DataFrame,
        memberships: &Earlier,
    ) -> EngineResult<DataFrame> {
        self.answer(profile_and_scores, memberships, vec![ident(self.subject.id_column())])
    }
}

impl Program {
    /// The program without what is asked of rows and of later instants.
    pub(crate) fn without_questions_of_rows(&self) -> Program {
        let mut program = self.clone();
        program.asked.wakes.clear();
        for name in std::mem::take(&mut program.asked.rows).iter().flat_map(Expr::column_refs) {
            program.carried.remove(&name.name);
            program.scans.values_mut().for_each(|figures| {
                figures.aggregates.remove(&name.name);
            });
        }
        program
    }
}

impl Compiler<'_> {
    pub(super) fn asked(&mut self, question: &Question<'_>) -> Asked {
        self.lowering.user = None;
        let mut asked = Asked::default();
        for condition in question.conditions {
            match self.lowering.condition(condition, Frame::Subject) {
                Ok(expr) => asked.conditions.push(expr),
                Err(error) => self.errors.push(error.in_place(ASKED)),
            }
        }
        for term in question.terms {
            match self.lowering.term(term, Frame::Subject) {
                Ok(typed) => {
                    asked.terms.push(typed.expr);
                    asked.kinds.push(typed.kind);
                }
                Err(error) => self.errors.push(error.in_place(ASKED)),
            }
        }
        for condition in question.wakes {
            match self.lowering.wake(condition) {
                Ok(wake) => asked.wakes.push(wake),
                Err(error) => self.errors.push(error.in_place("condition")),
            }
        }
        for (table, condition) in question.rows {
            match self.rows(*table, condition.as_ref()) {
                Ok(rows) => asked.rows.push(rows),
                Err(error) => self.errors.push(error.in_place("condition")),
            }
        }
        asked.places = std::mem::take(&mut self.lowering.places);
        asked
    }

    /// Which rows of a table a condition is true of, as a figure.
    fn rows(&mut self, table: Table, condition: Option<&Condition>) -> Result<Expr, SpecError> {
        let text = condition.map(ToString::to_string).unwrap_or_default();
        let name = column_name::of_text(&format!("rows of {table} where {text}"));
        let rows = aggregates::array_agg(ident(ROW));
        let rows = match condition {
            None => rows,
            Some(condition) => {
                let condition = self.lowering.condition(condition, Frame::Rows(table))?;
                rows.filter(condition).build().map_err(|error| SpecError::new(error.to_string()))?
            }
        };
        self.lowering.figures.entry(table).or_default().aggregates.insert(name.clone(), rows);
        self.lowering.carried.insert(name.clone());
        Ok(ident(name))
    }
}
