//! Questions: conditions that no definition holds yet, and single definitions, compiled as all others are.

use std::collections::BTreeSet;

use strata_lake::datafusion::logical_expr::Expr;
use strata_spec::condition::{Condition, Term};

use super::lower::Frame;
use super::rank::Places;
use super::{Compiler, Node};

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
}

/// A question's conditions and terms as expressions, in its order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    pub(crate) conditions: Vec<Expr>,
    pub(crate) terms: Vec<Expr>,
    /// The places among all subjects that they ask for.
    pub(super) places: Places,
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
                Ok(typed) => asked.terms.push(typed.expr),
                Err(error) => self.errors.push(error.in_place(ASKED)),
            }
        }
        asked.places = std::mem::take(&mut self.lowering.places);
        asked
    }
}
