//! Wake times of figures over rows: the earliest of those of all rows, as figures of the same scans.

use strata_lake::arrow::datatypes::DataType;
use strata_lake::datafusion::functions_aggregate::expr_fn as aggregates;
use strata_lake::datafusion::logical_expr::{Expr, ExprFunctionExt, cast, lit, when};
use strata_lake::datafusion::prelude::ident;
use strata_spec::condition::{Aggregate, AggregateFunction, Condition, Interval, Sequence, Term};
use strata_spec::error::SpecError;
use strata_spec::table::{Kind, Table};

use super::super::column_name;
use super::super::kind::{Typed, timestamp_type};
use super::super::lower::{Frame, Lowering};
use super::course::Motion;
use super::{Wakes, earliest, instant, never, only_if};
use crate::function as own;

impl Lowering<'_> {
    /// When a figure can become another, as rows begin to count and cease to, and as what is taken of them changes.
    pub(super) fn figure_wakes(&mut self, aggregate: &Aggregate) -> Result<Wakes, SpecError> {
        let frame = Frame::Rows(aggregate.table);
        let mut wakes = self.argument_wakes(aggregate)?;
        if let Some(filter) = &aggregate.filter {
            if !wakes.is_empty()
                && let Some(still) = self.still_part(filter, frame)?
            {
                wakes = only_if(still.is_not_false(), wakes)?;
            }
            wakes.extend(self.wakes(filter, frame)?);
        }
        let text = Term::Aggregate(Box::new(aggregate.clone())).to_string();
        Ok(self.of_rows(aggregate.table, &text, wakes).into_iter().collect())
    }

    /// When what is taken of a row can become another.
    pub(super) fn argument_wakes(&mut self, aggregate: &Aggregate) -> Result<Wakes, SpecError> {
        let mut wakes = Vec::new();
        for argument in &aggregate.arguments {
            let course = self.course(argument, Frame::Rows(aggregate.table))?;
            wakes.extend(course.steps);
            let counts_whatever_is_there =
                aggregate.function == AggregateFunction::Count && !aggregate.distinct;
            if !(counts_whatever_is_there && matches!(course.motion, Motion::Times(_) | Motion::Counts(_))) {
                wakes.extend(self.motion_wakes(course.motion));
            }
        }
        Ok(wakes)
    }

    /// What of a filter time does not change, and without which it is not true.
    fn still_part(&mut self, filter: &Condition, frame: Frame) -> Result<Option<Expr>, SpecError> {
        let parts = match filter {
            Condition::All(of) => of.as_slice(),
            other => std::slice::from_ref(other),
        };
        let mut still = Vec::new();
        for part in parts {
            if self.wakes(part, frame)?.is_empty() {
                still.push(part.clone());
            }
        }
        if still.is_empty() { Ok(None) } else { self.fold(&still, frame, true).map(Some) }
    }

    /// The earliest instant of all rows of a table.
    fn of_rows(&mut self, table: Table, text: &str, wakes: Wakes) -> Option<Expr> {
        let wake = earliest(wakes)?;
        Some(self.wake_figure(table, &format!("the wake time of {text}"), aggregates::min(wake)))
    }

    /// When each row that a filter is true of, and each of which it is not, can come to be among the others: two lists.
    pub(super) fn of_each_row(
        &mut self,
        table: Table,
        text: &str,
        filter: &Condition,
    ) -> Result<Option<[Expr; 2]>, SpecError> {
        let frame = Frame::Rows(table);
        let Some(wake) = earliest(self.wakes(filter, frame)?) else { return Ok(None) };
        let holds = self.condition(filter, frame)?;
        let mut list = |what: &str, of: Expr| {
            let list = aggregates::array_agg(wake.clone()).filter(of).build();
            let list = list.map_err(|error| SpecError::new(error.to_string()))?;
            Ok(self.wake_figure(table, &format!("the wake times of rows that {what} {text}"), list))
        };
        let leaving = list("count in", holds.clone().is_true())?;
        Ok(Some([leaving, list("do not count in", holds.is_not_true())?]))
    }

    fn wake_figure(&mut self, table: Table, text: &str, figure: Expr) -> Expr {
        let name = column_name::of_text(&format!("{text} over {table}"));
        let figures = self.figures.entry(table).or_default();
        figures.aggregates.insert(name.clone(), figure);
        figures.texts.insert(name.clone(), text.to_owned());
        self.carried.insert(name.clone());
        ident(name)
    }

    /// A sequence changes as rows begin to be steps of it and cease to, and as the time is over for which something must not be.
    pub(super) fn sequence_wakes(&mut self, sequence: &Sequence) -> Result<Wakes, SpecError> {
        let text = Condition::Sequence(Box::new(sequence.clone())).to_string();
        let mut found = Vec::new();
        for table in sequence.tables() {
            let frame = Frame::Rows(table);
            let mut wakes = Vec::new();
            if let Some(filter) = &sequence.filter {
                wakes.extend(self.wakes(filter, frame)?);
            }
            for key in sequence.same.iter().flat_map(|key| &key.terms).filter(|(of, _)| *of == table) {
                wakes.extend(self.changes(&key.1, frame)?);
            }
            let mut before = None;
            for step in &sequence.steps {
                if let (true, Some(condition)) = (step.table == table, &step.condition) {
                    wakes.extend(self.wakes(condition, frame)?);
                }
                match (step.absent, step.within, before) {
                    (false, _, _) => before = Some(step),
                    (true, Some(length), Some(row)) if row.table == table => {
                        let over = vec![self.over(table, length)?];
                        let conditions = [&row.condition, &sequence.filter].into_iter().flatten();
                        let conditions: Vec<Condition> = conditions.cloned().collect();
                        let is_dynamic = !self.all_wakes(&conditions, frame)?.is_empty();
                        wakes.extend(match conditions.is_empty() || is_dynamic {
                            true => over,
                            false => only_if(self.fold(&conditions, frame, true)?.is_true(), over)?,
                        });
                    }
                    _ => {}
                }
            }
            found.extend(self.of_rows(table, &text, wakes));
        }
        Ok(found)
    }

    /// When a length of time after a row is over.
    fn over(&self, table: Table, length: Interval) -> Result<Expr, SpecError> {
        let time = cast(ident(table.time_column()), timestamp_type());
        let whole = |part: i64| cast(lit(part), DataType::Int64);
        let over = own::moved().call(vec![
            Typed::new(time, Kind::Timestamp).expr,
            whole(i64::from(length.months)),
            whole(i64::from(length.days)),
            whole(length.seconds),
            self.zone(),
        ]);
        when(over.clone().gt(instant(self.as_of())), over)
            .otherwise(lit(never()))
            .map_err(|error| SpecError::new(error.to_string()))
    }
}
