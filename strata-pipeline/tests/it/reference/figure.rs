//! Figures over the rows of a subject.

use std::cmp::Ordering;

use chrono::NaiveDate;
use strata_pipeline::spec::condition::{Aggregate, AggregateFunction, CalendarUnit, Literal, Term};

use super::calendar::period_start;
use super::condition::and;
use super::value::{Row, Value, compare};
use super::world::One;

impl One<'_> {
    pub(crate) fn figure(&self, aggregate: &Aggregate) -> Value {
        let table = aggregate.table;
        let mut rows = self.rows(table);
        if let Some(filter) = &aggregate.filter {
            rows.retain(|row| self.condition(filter, Some((table, row))) == Some(true));
        }
        let argument = |index: usize, row: &Row| self.term(&aggregate.arguments[index], Some((table, row)));
        // Of a figure's argument, only what is known counts.
        let known: Vec<Value> = match aggregate.arguments.first() {
            Some(_) => rows.iter().map(|row| argument(0, row)).filter(|value| !value.is_null()).collect(),
            None => Vec::new(),
        };
        match aggregate.function {
            AggregateFunction::Count if aggregate.arguments.is_empty() => Value::Integer(rows.len() as i64),
            AggregateFunction::Count if aggregate.distinct => {
                Value::Integer(self.counted(&known).len() as i64)
            }
            AggregateFunction::Count => Value::Integer(known.len() as i64),
            AggregateFunction::Sum => sum(&known),
            AggregateFunction::Avg => over(sum(&known).number().unwrap(), known.len()),
            AggregateFunction::Min => self.extreme(known, Ordering::Less),
            AggregateFunction::Max => self.extreme(known, Ordering::Greater),
            AggregateFunction::Median => at_share(numbers(&known), 0.5),
            AggregateFunction::Percentile => at_share(numbers(&known), share(&aggregate.arguments[1])),
            AggregateFunction::StdDev => deviation(&numbers(&known)).map_or(Value::Null, Value::Number),
            AggregateFunction::Mode => self.mode(&known).map_or(Value::Null, |(value, _)| value),
            AggregateFunction::ModeShare => {
                self.mode(&known).map_or(Value::Null, |(_, n)| over(n as f64, known.len()))
            }
            AggregateFunction::FirstValue => self.at_time(aggregate, &rows, Ordering::Less),
            AggregateFunction::LastValue => self.at_time(aggregate, &rows, Ordering::Greater),
            AggregateFunction::Every if rows.is_empty() => Value::Null,
            AggregateFunction::Every => {
                Value::of_truth(rows.iter().map(|row| argument(0, row).truth()).fold(Some(true), and))
            }
            AggregateFunction::ActiveDays => Value::Integer(self.days(&known).len() as i64),
            AggregateFunction::ActivePeriods => self.periods(aggregate, &known),
            AggregateFunction::MedianGapDays => at_share(gaps(&self.days(&known)), 0.5),
            AggregateFunction::GapVariation => {
                let gaps = gaps(&self.days(&known));
                let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
                deviation(&gaps).map_or(Value::Null, |deviation| Value::Number(deviation / mean))
            }
            AggregateFunction::FirstDaySum => {
                let day = |row: &Row| argument(0, row).day(self.world.timezone);
                match rows.iter().filter_map(|row| day(row)).min() {
                    Some(first) => {
                        let of_first = rows.iter().filter(|row| day(row) == Some(first));
                        Value::Number(of_first.filter_map(|row| argument(1, row).number()).sum())
                    }
                    None => Value::Null,
                }
            }
            AggregateFunction::LatestMean => self.latest_mean(aggregate, &rows),
        }
    }

    /// The mean of each key's value at the latest time; of values at one instant, the greatest.
    fn latest_mean(&self, aggregate: &Aggregate, rows: &[&Row]) -> Value {
        let table = aggregate.table;
        let argument = |place: usize, row: &Row| self.term(&aggregate.arguments[place], Some((table, row)));
        let mut keys: Vec<(Value, Vec<&Row>)> = Vec::new();
        for row in rows {
            let key = argument(1, row);
            if key.is_null() || argument(0, row).is_null() {
                continue;
            }
            match keys.iter_mut().find(|(known, _)| *known == key) {
                Some((_, rows)) => rows.push(row),
                None => keys.push((key, vec![row])),
            }
        }
        let Term::Literal(Literal::Integer(least)) = aggregate.arguments[2] else { panic!("not a number") };
        if (keys.len() as i64) < least {
            return Value::Null;
        }
        let latest = keys.iter().map(|(_, rows)| self.at_time(aggregate, rows, Ordering::Greater).number());
        over(latest.map(Option::unwrap).sum(), keys.len())
    }

    fn extreme(&self, known: Vec<Value>, wanted: Ordering) -> Value {
        let better = |value: &Value, best: &Value| compare(value, best, self.world.timezone) == Some(wanted);
        let best = known.into_iter().reduce(|best, value| if better(&value, &best) { value } else { best });
        best.unwrap_or(Value::Null)
    }

    /// The different values, each with how often it occurs.
    fn counted(&self, known: &[Value]) -> Vec<(Value, usize)> {
        let mut counted: Vec<(Value, usize)> = Vec::new();
        for value in known {
            let same = |(other, _): &&mut (Value, usize)| {
                compare(other, value, self.world.timezone) == Some(Ordering::Equal)
            };
            match counted.iter_mut().find(same) {
                Some((_, n)) => *n += 1,
                None => counted.push((value.clone(), 1)),
            }
        }
        counted
    }

    /// The most frequent value; of several, the least.
    fn mode(&self, known: &[Value]) -> Option<(Value, usize)> {
        let counted = self.counted(known);
        let most = counted.iter().map(|(_, n)| *n).max()?;
        let frequent = counted.into_iter().filter(|(_, n)| *n == most).map(|(value, _)| value);
        Some((self.extreme(frequent.collect(), Ordering::Less), most))
    }

    /// The value of the earliest or the latest of the rows that have one. Of rows at one instant the one with the least
    /// value is the earliest; a row without a time is looked at where no other has the value.
    fn at_time(&self, aggregate: &Aggregate, rows: &[&Row], wanted: Ordering) -> Value {
        let table = aggregate.table;
        let time = |row: &Row| row.get(table.time_column()).cloned().unwrap_or(Value::Null);
        let mut best: Option<(Value, Value)> = None;
        for row in rows {
            let value = self.term(&aggregate.arguments[0], Some((table, row)));
            if value.is_null() {
                continue;
            }
            let is_better = best.as_ref().is_none_or(|(best_time, best_value)| {
                let by_value = compare(&value, best_value, self.world.timezone);
                match (time(row).is_null(), best_time.is_null()) {
                    (true, false) => false,
                    (false, true) => true,
                    (true, true) => by_value == Some(wanted),
                    (false, false) => match compare(&time(row), best_time, self.world.timezone) {
                        Some(Ordering::Equal) => by_value == Some(wanted),
                        order => order == Some(wanted),
                    },
                }
            });
            if is_better {
                best = Some((time(row), value));
            }
        }
        best.map_or(Value::Null, |(_, value)| value)
    }

    /// The different days, in order.
    fn days(&self, times: &[Value]) -> Vec<NaiveDate> {
        let mut days: Vec<_> = times.iter().filter_map(|time| time.day(self.world.timezone)).collect();
        days.sort();
        days.dedup();
        days
    }

    fn periods(&self, aggregate: &Aggregate, times: &[Value]) -> Value {
        let unit = match &aggregate.arguments[1] {
            Term::Literal(Literal::Text(unit)) => CalendarUnit::parse(unit).unwrap(),
            other => panic!("`{other}` is not a unit"),
        };
        let least = match aggregate.arguments.get(2) {
            Some(Term::Literal(Literal::Integer(least))) => *least as usize,
            _ => 1,
        };
        let days = times.iter().filter_map(|time| time.day(self.world.timezone));
        let begins = days.map(|day| Value::Date(period_start(day, unit, 0, self.world.fiscal_year_start)));
        let counted = self.counted(&begins.collect::<Vec<_>>());
        Value::Integer(counted.iter().filter(|(_, n)| *n >= least).count() as i64)
    }
}

fn numbers(values: &[Value]) -> Vec<f64> {
    values.iter().filter_map(Value::number).collect()
}

/// The sum, 0 of nothing; whole where all are.
fn sum(values: &[Value]) -> Value {
    if values.iter().all(|value| matches!(value, Value::Integer(_))) {
        let whole = |value: &Value| if let Value::Integer(number) = value { *number } else { 0 };
        return Value::Integer(values.iter().map(whole).sum());
    }
    Value::Number(numbers(values).iter().sum())
}

fn over(sum: f64, n: usize) -> Value {
    if n == 0 { Value::Null } else { Value::Number(sum / n as f64) }
}

/// The value at a share of the way from the least to the greatest.
fn at_share(mut values: Vec<f64>, share: f64) -> Value {
    if values.is_empty() {
        return Value::Null;
    }
    values.sort_by(f64::total_cmp);
    let place = share * (values.len() - 1) as f64;
    let (below, above) = (values[place.floor() as usize], values[place.ceil() as usize]);
    Value::Number(below + (above - below) * place.fract())
}

fn share(argument: &Term) -> f64 {
    match argument {
        Term::Literal(literal) => Value::of_literal(literal).number().unwrap(),
        other => panic!("`{other}` is not a share"),
    }
}

/// The sample standard deviation; of fewer than two there is none.
fn deviation(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares = values.iter().map(|value| (value - mean) * (value - mean));
    Some((squares.sum::<f64>() / (n - 1.0)).sqrt())
}

fn gaps(days: &[NaiveDate]) -> Vec<f64> {
    days.windows(2).map(|pair| (pair[1] - pair[0]).num_days() as f64).collect()
}
