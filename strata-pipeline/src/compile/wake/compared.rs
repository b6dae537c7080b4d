//! When time alone can change a comparison.

use strata_lake::arrow::datatypes::DataType;
use strata_lake::datafusion::logical_expr::{Case, Expr, cast, lit};
use strata_spec::condition::{Aggregate, AggregateFunction, Comparison, Condition, Function, Literal, Term};
use strata_spec::error::SpecError;
use strata_spec::table::Kind;

use super::super::kind::Typed;
use super::super::lower::{Frame, Lowering};
use super::course::Motion;
use super::{Wakes, earliest, never};
use crate::function as own;

impl<'a> Lowering<'a> {
    pub(super) fn compared(
        &mut self,
        left: &Term,
        by: Comparison,
        right: &Term,
        frame: Frame,
    ) -> Result<Wakes, SpecError> {
        // Where the number stands does not matter.
        for (term, by, number) in [(left, by, right), (right, by.mirrored(), left)] {
            if let Some(wakes) = self.held_against_number(term, by, number, frame)? {
                return Ok(wakes);
            }
        }
        let (mut left_course, mut right_course) = (self.course(left, frame)?, self.course(right, frame)?);
        let mut wakes = std::mem::take(&mut left_course.steps);
        wakes.append(&mut right_course.steps);
        wakes.extend(match (left_course.motion, right_course.motion) {
            (Motion::Still, Motion::Still) => Vec::new(),
            (Motion::Any, _) | (_, Motion::Any) => vec![self.at_once()],
            (Motion::Times(left), Motion::Times(right)) => self.passes(&left.with(right), None),
            (Motion::Times(times), Motion::Still) => {
                let other = self.beside(left, right, frame)?.1;
                self.passes(&times.with_still(other), Some(by.mirrored()))
            }
            (Motion::Still, Motion::Times(times)) => {
                let other = self.beside(left, right, frame)?.0;
                self.passes(&times.with_still(other), Some(by))
            }
            (Motion::Counts(counts), Motion::Still) => {
                let number = self.term(right, frame)?;
                counts.iter().map(|count| self.count_wake(count, Some((number.clone(), by)))).collect()
            }
            (Motion::Still, Motion::Counts(counts)) => {
                let number = self.term(left, frame)?;
                let by = by.mirrored();
                counts.iter().map(|count| self.count_wake(count, Some((number.clone(), by)))).collect()
            }
            (left, right) => {
                let mut wakes = self.motion_wakes(left);
                wakes.extend(self.motion_wakes(right));
                wakes
            }
        });
        Ok(wakes)
    }

    /// Both sides of a comparison as instants.
    fn beside(&mut self, left: &Term, right: &Term, frame: Frame) -> Result<(Expr, Expr), SpecError> {
        let (left, right) = (self.term(left, frame)?, self.term(right, frame)?);
        let (left, right) = self.alike(left, right)?;
        Ok((self.as_instant(left).expr, self.as_instant(right).expr))
    }

    /// A comparison with a number that stands still: of what is one of several terms by conditions, and of a count of rows, more is
    /// known than when the value becomes another.
    fn held_against_number(
        &mut self,
        term: &Term,
        by: Comparison,
        number: &Term,
        frame: Frame,
    ) -> Result<Option<Wakes>, SpecError> {
        let unfolded = self.unfolded(term, frame);
        let counted = if frame == Frame::Subject { whole_count(unfolded) } else { None };
        if counted.is_none() && !matches!(unfolded, Term::Case { .. }) {
            return Ok(None);
        }
        let course = self.course(number, frame)?;
        if !matches!(course.motion, Motion::Still) || !course.steps.is_empty() {
            return Ok(None);
        }
        let typed = self.term(number, frame)?;
        if !matches!(typed.kind, Some(Kind::Integer | Kind::Number)) {
            return Ok(None);
        }
        match (unfolded, counted) {
            (Term::Case { branches, otherwise }, _) => {
                self.by_branches(branches, otherwise.as_deref(), by, number, frame).map(Some)
            }
            (_, Some(count)) => self.count_compared(unfolded, count, by, typed),
            _ => Ok(None),
        }
    }

    /// What a term is, if it is a trait.
    fn unfolded<'t>(&self, mut term: &'t Term, frame: Frame) -> &'t Term
    where
        'a: 't,
    {
        while let Term::Column(column) = term
            && let Some(value) = self.own_trait(column, frame)
        {
            term = value;
        }
        term
    }

    /// Only the branch that is taken matters, until another is.
    fn by_branches(
        &mut self,
        branches: &[(Condition, Term)],
        otherwise: Option<&Term>,
        by: Comparison,
        number: &Term,
        frame: Frame,
    ) -> Result<Wakes, SpecError> {
        let mut wakes = Vec::new();
        let mut taken = Vec::with_capacity(branches.len());
        for (condition, value) in branches {
            wakes.extend(self.wakes(condition, frame)?);
            let wake = earliest(self.compared(value, by, number, frame)?);
            taken.push((self.condition(condition, frame)?, wake));
        }
        let otherwise = match otherwise {
            Some(value) => earliest(self.compared(value, by, number, frame)?),
            None => None,
        };
        if otherwise.is_some() || taken.iter().any(|(_, wake)| wake.is_some()) {
            let wake = |wake: Option<Expr>| Box::new(wake.unwrap_or_else(|| lit(never())));
            let taken = taken.into_iter().map(|(condition, of)| (Box::new(condition), wake(of)));
            wakes.push(Expr::Case(Case::new(None, taken.collect(), Some(wake(otherwise)))));
        }
        Ok(wakes)
    }

    /// A count passes a number when enough rows have begun or ceased to count.
    fn count_compared(
        &mut self,
        term: &Term,
        count: &Aggregate,
        by: Comparison,
        number: Typed,
    ) -> Result<Option<Wakes>, SpecError> {
        let is_beyond = match by {
            Comparison::GreaterOrEqual | Comparison::Less => false,
            Comparison::Greater | Comparison::LessOrEqual => true,
            _ => return Ok(None),
        };
        if !self.argument_wakes(count)?.is_empty() {
            return Ok(None);
        }
        let Some(filter) = &count.filter else { return Ok(Some(Vec::new())) };
        let text = Term::Aggregate(Box::new(count.clone())).to_string();
        let Some([leaving, entering]) = self.of_each_row(count.table, &text, filter)? else {
            return Ok(Some(Vec::new()));
        };
        let value = cast(self.term(term, Frame::Subject)?.expr, DataType::Int64);
        let number = cast(number.expr, DataType::Float64);
        Ok(Some(vec![own::wake_of_count().call(vec![leaving, entering, value, number, lit(is_beyond)])]))
    }
}

/// A figure that is always there and that no row changes by more than one, written `coalesce(…, 0)` where it is null without rows.
fn whole_count(term: &Term) -> Option<&Aggregate> {
    match term {
        Term::Aggregate(aggregate) if aggregate.function == AggregateFunction::Count => Some(aggregate),
        Term::Call { function: Function::Coalesce, arguments, .. } => match arguments.as_slice() {
            [Term::Aggregate(aggregate), Term::Literal(Literal::Integer(0))]
                if aggregate.function == AggregateFunction::ActiveDays =>
            {
                Some(aggregate)
            }
            _ => None,
        },
        _ => None,
    }
}
