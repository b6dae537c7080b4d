//! Lowers sequences: each table's scan gathers the rows that could be a step, and the pattern is held against a subject's
//! gathered rows once all scans are joined.

use strata_lake::arrow::datatypes::DataType;
use strata_lake::datafusion::common::ScalarValue;
use strata_lake::datafusion::logical_expr::{Expr, cast, lit, when};
use strata_lake::datafusion::prelude::ident;
use strata_spec::condition::{Condition, Interval, Sequence};
use strata_spec::error::SpecError;
use strata_spec::table::{Kind, Table};

use super::Setting;
use super::column_name;
use super::kind::{Typed, article, placed, timestamp_type};
use super::lower::{Frame, Lowering};
use crate::function::{self as own, Length, Pattern, PatternStep};

/// The steps that a row of each table of a sequence could be, as the bits of a number, told by nothing but the row.
///
/// # Errors
/// Where a step has a fault, or speaks of whom the row belongs to.
pub(crate) fn steps_of_rows(
    setting: &Setting<'_>,
    sequence: &Sequence,
) -> Result<Vec<(Table, Expr)>, SpecError> {
    let mut lowering = Lowering::new(setting);
    let mut found = Vec::new();
    for table in sequence.tables() {
        let steps = lowering.steps_of(table, sequence)?;
        let of_others = lowering.figures.get(&table).is_some_and(|figures| {
            !(figures.subject_columns.is_empty() && figures.company_columns.is_empty())
        });
        if of_others {
            let error = SpecError::new("a step speaks of whom its row belongs to");
            let hint =
                format!("say what is so of the row itself: docs/tables.md lists the columns of {table}");
            return Err(placed(error.with_hint(hint), sequence.at));
        }
        found.push((table, steps));
    }
    Ok(found)
}

impl Lowering<'_> {
    pub(super) fn sequence(&mut self, sequence: &Sequence, frame: Frame) -> Result<Expr, SpecError> {
        if frame != Frame::Subject {
            let error = SpecError::new("a sequence inside an aggregate has no meaning");
            return Err(placed(error.with_hint("it goes through the subject's rows itself"), sequence.at));
        }
        let text = Condition::Sequence(Box::new(sequence.clone())).to_string();
        let name = column_name::of_text(&text);
        let keys = self.keys(sequence)?;
        let tables = sequence.tables();
        let mut sides = Vec::new();
        for (table, key) in tables.iter().zip(keys) {
            let steps = self.steps_of(*table, sequence)?;
            let time = cast(ident(table.time_column()), timestamp_type());
            let moments = own::sequence_moments().call(vec![time, steps, key]);
            let side = format!("{name}_{table}");
            self.figures.entry(*table).or_default().aggregates.insert(side.clone(), moments);
            sides.push(ident(side));
        }
        sides.resize(2, lit(ScalarValue::Binary(None)));
        sides.push(lit(self.pattern(sequence)?));
        Ok(self.derived(name, own::sequence_holds().call(sides)))
    }

    /// The bit of each step that a row of a table could be, as one number.
    fn steps_of(&mut self, table: Table, sequence: &Sequence) -> Result<Expr, SpecError> {
        let rows = Frame::Rows(table);
        let bit_if = |holds: Expr, bit: Expr| {
            let bit = when(own::certainly().call(vec![holds]), bit).otherwise(lit(0_i64));
            bit.map_err(|error| SpecError::new(error.to_string()))
        };
        let mut steps = lit(0_i64);
        for (at, step) in sequence.steps.iter().enumerate().filter(|(_, step)| step.table == table) {
            let bit = lit(1_i64 << at);
            steps = steps
                + match &step.condition {
                    Some(condition) => bit_if(self.condition(condition, rows)?, bit)?,
                    None => bit,
                };
        }
        match &sequence.filter {
            Some(filter) => bit_if(self.condition(filter, rows)?, steps),
            None => Ok(steps),
        }
    }

    /// What must be equal, for each table, as a number.
    fn keys(&mut self, sequence: &Sequence) -> Result<Vec<Expr>, SpecError> {
        let tables = sequence.tables();
        if sequence.same.is_empty() {
            return Ok(vec![lit(0_i64); tables.len()]);
        }
        let mut texts: Vec<Vec<Expr>> = vec![Vec::new(); tables.len()];
        for key in &sequence.same {
            let sides = key
                .terms
                .iter()
                .map(|(table, term)| self.term(term, Frame::Rows(*table)))
                .collect::<Result<Vec<Typed>, _>>()?;
            let is_number = |kind: Kind| matches!(kind, Kind::Integer | Kind::Number);
            let as_number = sides.iter().any(|side| side.kind == Some(Kind::Number));
            let mut kinds = sides.iter().filter_map(|side| side.kind);
            if let Some(first) = kinds.next()
                && let Some(other) =
                    kinds.find(|kind| *kind != first && !(is_number(*kind) && is_number(first)))
            {
                let error = SpecError::new(format!(
                    "what is the same in all rows is {} in one table and {} in the other",
                    article(first),
                    article(other)
                ));
                return Err(placed(error.with_hint("name two columns of one kind"), sequence.at));
            }
            for (texts, side) in texts.iter_mut().zip(sides) {
                let value = match as_number {
                    true => cast(side.expr, DataType::Float64) + lit(0.0),
                    false => side.expr,
                };
                texts.push(cast(value, DataType::Utf8));
            }
        }
        Ok(texts.into_iter().map(|texts| own::row_key().call(texts)).collect())
    }

    fn pattern(&self, sequence: &Sequence) -> Result<String, SpecError> {
        let length = |length: Option<Interval>| {
            length.map(|Interval { months, days, seconds }| Length(months, days, seconds))
        };
        let steps = sequence.steps.iter();
        let pattern = Pattern {
            timezone: self.setting.timezone.name().to_owned(),
            as_of: self.setting.as_of.timestamp_micros(),
            steps: steps
                .map(|step| PatternStep { absent: step.absent, within: length(step.within) })
                .collect(),
            within: length(sequence.within),
        };
        serde_json::to_string(&pattern).map_err(|error| SpecError::new(error.to_string()))
    }
}
