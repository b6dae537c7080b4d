//! What is asked of the stretches of time in which a subject was in a segment or class.

use std::sync::Arc;

use strata_lake::arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, PrimitiveArray, TimestampMicrosecondArray,
};
use strata_lake::arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType};
use strata_lake::datafusion::logical_expr::ScalarUDF;

use super::aggregate::{Piece, decoded};
use super::scalar::{scalar, timestamp};

/// `held_since(stretches, now, as_of)`: the begin of the stretch that lasts; null where it does not hold now.
pub(crate) fn held_since() -> ScalarUDF {
    let arguments = vec![DataType::Binary, DataType::Boolean, DataType::Int64];
    scalar("held_since", arguments, timestamp(), |arguments| {
        let begins = all(arguments).map(|(stretches, _)| {
            stretches.last().filter(|last| last.to == Stretch::OPEN).map(|last| last.from)
        });
        let begins: TimestampMicrosecondArray = begins.collect();
        Ok(Arc::new(begins.with_timezone("UTC")))
    })
}

/// `held_within(stretches, now, as_of, from, to)`: whether it held at some instant from `from` to `to`, both included, in
/// microseconds.
pub(crate) fn held_within() -> ScalarUDF {
    asked("held_within", |stretch, _, from, to| stretch.from <= to && stretch.to > from)
}

/// `began_within(stretches, now, as_of, from, to)`: whether a stretch began then.
pub(crate) fn began_within() -> ScalarUDF {
    asked("began_within", |stretch, _, from, to| (from..=to).contains(&stretch.from))
}

/// `ended_within(stretches, now, as_of, from, to)`: whether a stretch ended then.
pub(crate) fn ended_within() -> ScalarUDF {
    asked("ended_within", |stretch, as_of, from, to| stretch.to <= as_of && (from..=to).contains(&stretch.to))
}

/// Whether one of the stretches is what is asked for; never later than `as_of`.
fn asked(name: &str, of: fn(&Stretch, i64, i64, i64) -> bool) -> ScalarUDF {
    let arguments =
        vec![DataType::Binary, DataType::Boolean, DataType::Int64, DataType::Int64, DataType::Int64];
    scalar(name, arguments, DataType::Boolean, move |arguments| {
        let [from, to] = [3, 4].map(|at: usize| arguments[at].as_primitive::<Int64Type>());
        let answers = all(arguments).enumerate().map(|(row, (stretches, as_of))| {
            let (from, to) = (from.value(row), to.value(row).min(as_of));
            // Between edges that the calendar has brought together lies nothing.
            Some(from <= to && stretches.iter().any(|stretch| of(stretch, as_of, from, to)))
        });
        Ok(Arc::new(answers.collect::<BooleanArray>()) as ArrayRef)
    })
}

/// The stretches of each row as they are at present, and the present.
fn all(arguments: &[ArrayRef]) -> impl Iterator<Item = (Vec<Stretch>, i64)> {
    let gathered: &BinaryArray = arguments[0].as_binary::<i32>();
    let now = arguments[1].as_boolean();
    let as_of: &PrimitiveArray<Int64Type> = arguments[2].as_primitive::<Int64Type>();
    (0..gathered.len()).map(move |row| {
        let before = if gathered.is_valid(row) { gathered.value(row) } else { &[] };
        let holds = now.is_valid(row) && now.value(row);
        (at_present(decoded(before).collect(), holds, as_of.value(row)), as_of.value(row))
    })
}

/// What the last run left open goes on where it still holds, and else ends now; what is new begins now.
pub(super) fn at_present(mut stretches: Vec<Stretch>, holds: bool, as_of: i64) -> Vec<Stretch> {
    match stretches.last_mut() {
        Some(last) if last.to == Stretch::OPEN && holds => {}
        Some(last) if last.to == Stretch::OPEN => last.to = as_of,
        _ if holds => stretches.push(Stretch { from: as_of, to: Stretch::OPEN }),
        _ => {}
    }
    stretches
}

/// A stretch of time, its end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stretch {
    from: i64,
    to: i64,
}

impl Stretch {
    /// The end of what lasts.
    pub(super) const OPEN: i64 = i64::MAX;

    /// Its begin and its end.
    pub(super) fn edges(&self) -> [i64; 2] {
        [self.from, self.to]
    }
}

impl Piece for Stretch {
    const BYTES: usize = 16;

    fn reader(columns: &[ArrayRef]) -> Option<impl Fn(usize) -> Option<Stretch>> {
        let [begins, ends] = columns else { return None };
        let begins = begins.as_primitive_opt::<TimestampMicrosecondType>()?;
        let ends = ends.as_primitive_opt::<TimestampMicrosecondType>()?;
        Some(move |row: usize| {
            let to = if ends.is_valid(row) { ends.value(row) } else { Stretch::OPEN };
            Some(Stretch { from: begins.value(row), to })
        })
    }

    fn encode(self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.from.to_le_bytes());
        bytes.extend_from_slice(&self.to.to_le_bytes());
    }

    fn decode(bytes: &[u8]) -> Option<Stretch> {
        let (from, rest) = bytes.split_first_chunk()?;
        let (to, _) = rest.split_first_chunk()?;
        Some(Stretch { from: i64::from_le_bytes(*from), to: i64::from_le_bytes(*to) })
    }

    /// Whoever passes to a new version of a definition has neither left nor entered.
    fn joined(self, next: Stretch) -> Option<Stretch> {
        (next.from <= self.to).then_some(Stretch { from: self.from, to: self.to.max(next.to) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_present_goes_on_or_ends_or_begins() {
        let stretch = |(from, to)| Stretch { from, to };
        const OPEN: i64 = Stretch::OPEN;
        type Stretches = &'static [(i64, i64)];
        let cases: [(Stretches, bool, Stretches); 6] = [
            (&[], false, &[]),
            (&[], true, &[(9, OPEN)]),
            (&[(1, OPEN)], true, &[(1, OPEN)]),
            (&[(1, OPEN)], false, &[(1, 9)]),
            (&[(1, 3)], false, &[(1, 3)]),
            (&[(1, 3)], true, &[(1, 3), (9, OPEN)]),
        ];
        for (before, holds, expected) in cases {
            let before = before.iter().copied().map(stretch).collect();
            let expected: Vec<Stretch> = expected.iter().copied().map(stretch).collect();
            assert_eq!(at_present(before, holds, 9), expected);
        }
    }
}
