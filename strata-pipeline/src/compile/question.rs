//! Questions: conditions that no definition holds yet, and single definitions, compiled as all others are.

use std::collections::BTreeSet;

use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::Result as EngineResult;
use strata_lake::datafusion::logical_expr::Expr;
use strata_lake::datafusion::prelude::ident;
use strata_spec::condition::{Condition, Term};
use strata_spec::error::SpecError;

use super::lower::Frame;
use super::rank::Places;
use super::{Compiler, Earlier, Node, Program, Setting, compile_only};

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
}

/// A question's conditions and terms as expressions, in its order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    pub(crate) conditions: Vec<Expr>,
    pub(crate) terms: Vec<Expr>,
    pub(crate) wakes: Vec<Expr>,
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

impl Compiler<'_> {
    pub(super) fn asked(&mut self, question: &Question<'_>) -> Asked {
        self.lowering.user = None;
        let mut asked = Asked::default();
        for condition in question.conditions {
            match self.lowering.condition(condition, Frame::Subject) {
                Ok(expr) => asked.conditions.push(expr),
                Err(error) => self.errors.push(error.in_place("condition")),
            }
        }
        for term in question.terms {
            match self.lowering.term(term, Frame::Subject) {
                Ok(typed) => asked.terms.push(typed.expr),
                Err(error) => self.errors.push(error.in_place("condition")),
            }
        }
        for condition in question.wakes {
            match self.lowering.wake(condition) {
                Ok(wake) => asked.wakes.push(wake),
                Err(error) => self.errors.push(error.in_place("condition")),
            }
        }
        asked.places = std::mem::take(&mut self.lowering.places);
        asked
    }
}
