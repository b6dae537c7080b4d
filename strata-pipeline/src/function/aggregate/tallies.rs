//! Many filtered counts, sums, least and greatest values in one pass.
//!
//! Figures of one table mostly differ in the text that a column has to have and in the stretch of time that they range over. A
//! row's text is looked up once, or once for each value of a dictionary, and leads to the few figures that it concerns. What is
//! taken lies side by side for each group, so that a row meets one or two lines of memory.

mod plan;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use strata_lake::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, PrimitiveArray, StructArray};
use strata_lake::arrow::buffer::{BooleanBuffer, Buffer, NullBuffer, ScalarBuffer};
use strata_lake::arrow::datatypes::{
    ArrowPrimitiveType, DataType, Fields, Float64Type, Int64Type, TimestampMicrosecondType,
};
use strata_lake::datafusion::common::{Result, exec_err};
use strata_lake::datafusion::logical_expr::{EmitTo, GroupsAccumulator};

use plan::{Figure, Plan};

use super::super::tally::{Take, Tally};
use super::sum::Sum;

/// How many groups lie together. Nothing is copied when there are more, and memory is given back in such pieces.
const GROUPS_OF_A_CHUNK: usize = 1 << 10;

/// What is taken of all groups.
pub(super) struct Tallies {
    plan: Arc<Plan>,
    chunks: VecDeque<Chunk>,
    /// How many groups of the first chunk have been emitted.
    n_gone: usize,
    n_groups: usize,
}

/// How two values become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joining {
    Count,
    SumOfFloats,
    SumOfIntegers,
    LeastFloat,
    LeastInteger,
    GreatestFloat,
    GreatestInteger,
}

/// Some groups: a row of words for each, and bits that say which words have a value.
struct Chunk {
    words: Vec<u64>,
    masks: Vec<u64>,
}

/// A column as its bits.
struct Column {
    words: ScalarBuffer<u64>,
    nulls: Option<NullBuffer>,
}

impl Column {
    fn knows(&self, row: usize) -> bool {
        self.nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row))
    }
}

/// The types of what has been taken so far: of each figure; and of what sums rounded off, by each figure that is a float.
pub(super) fn state_types(fields: &Fields) -> Vec<DataType> {
    let figures = fields.iter().map(|field| field.data_type().clone());
    figures.clone().chain(figures.filter(|kind| *kind == DataType::Float64)).collect()
}

impl Tallies {
    /// No groups yet. `fields` are those of the figures, in order.
    pub(super) fn new(tallies: &[Tally], fields: &Fields) -> Result<Tallies> {
        let plan = Arc::new(Plan::new(tallies, fields)?);
        Ok(Tallies { plan, chunks: VecDeque::new(), n_gone: 0, n_groups: 0 })
    }

    fn make(&mut self, n_groups: usize) {
        self.n_groups = n_groups;
        let n_chunks = (self.n_gone + n_groups).div_ceil(GROUPS_OF_A_CHUNK);
        let Plan { n_words, n_masks, .. } = *self.plan;
        self.chunks.resize_with(n_chunks.max(self.chunks.len()), || Chunk {
            words: vec![0; n_words * GROUPS_OF_A_CHUNK],
            masks: vec![0; n_masks * GROUPS_OF_A_CHUNK],
        });
    }

    /// Takes rows: the two constants, the key, the time, and the values.
    fn add(&mut self, columns: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>) -> Result<()> {
        let [_, _, key, time, values @ ..] = columns else {
            return exec_err!("tallies need a key and a time");
        };
        let plan = Arc::clone(&self.plan);
        plan.check(values)?;
        let classes = plan.classes_of(key)?;
        let time = column(time);
        let values: Vec<Column> = values.iter().map(column).collect();
        for row in plan.concerned(&classes, &time.words, filter) {
            let class = &plan.classes[class_at(&classes, row)];
            let (is_known, at) = (time.knows(row), time.words[row] as i64);
            let place = self.n_gone + groups[row];
            let chunk = &mut self.chunks[place / GROUPS_OF_A_CHUNK];
            let within = place % GROUPS_OF_A_CHUNK;
            for step in class.steps_of(is_known.then_some(at)) {
                let value = match step.of {
                    None => 1,
                    Some(of) if !values[of].knows(row) => continue,
                    Some(_) if step.joining == Joining::Count => 1,
                    Some(of) => values[of].words[row],
                };
                chunk.put(&plan, within, step.word, step.joining, value);
            }
        }
        Ok(())
    }

    /// The words of some groups at some places.
    fn words(&self, groups: &Range<usize>, places: impl Iterator<Item = usize>) -> Vec<Vec<u64>> {
        let mut words: Vec<_> = places.map(|place| (place, Vec::with_capacity(groups.len()))).collect();
        let mut first = 0;
        for chunk in &self.chunks {
            let within = |group: usize| group.clamp(first, first + GROUPS_OF_A_CHUNK) - first;
            let (from, until) = (within(groups.start), within(groups.end));
            for (place, words) in &mut words {
                words.extend((from..until).map(|group| chunk.words[group * self.plan.n_words + *place]));
            }
            first += GROUPS_OF_A_CHUNK;
        }
        words.into_iter().map(|(_, words)| words).collect()
    }

    /// What was rounded off, by each figure that is a float.
    fn rounded_off(&self, groups: &Range<usize>) -> Vec<Vec<u64>> {
        self.words(groups, self.plan.floats().map(|figure| figure.word + 1))
    }

    /// Words of the groups as columns of the figures.
    fn columns(&self, groups: &Range<usize>, words: Vec<Vec<u64>>) -> Result<Vec<ArrayRef>> {
        let figures = self.plan.figures.iter().zip(words).zip(self.plan.fields.iter());
        let figures = figures.map(|((figure, words), field)| {
            let nulls = (figure.joining != Joining::Count).then(|| self.known(groups, figure));
            array(words, nulls, field.data_type())
        });
        figures.collect()
    }

    /// Which of the groups have a value of a figure.
    fn known(&self, groups: &Range<usize>, figure: &Figure) -> NullBuffer {
        NullBuffer::new(BooleanBuffer::collect_bool(groups.len(), |at| {
            let place = groups.start + at;
            let chunk = &self.chunks[place / GROUPS_OF_A_CHUNK];
            chunk.has(&self.plan, place % GROUPS_OF_A_CHUNK, figure.word)
        }))
    }

    /// The places of the groups that are to be emitted.
    fn leaving(&self, emit_to: EmitTo) -> Range<usize> {
        let n_groups = match emit_to {
            EmitTo::All => self.n_groups,
            EmitTo::First(n) => n,
        };
        self.n_gone..self.n_gone + n_groups
    }

    fn forget(&mut self, groups: &Range<usize>) {
        self.n_groups -= groups.len();
        self.n_gone = groups.end;
        while self.n_gone >= GROUPS_OF_A_CHUNK && self.chunks.pop_front().is_some() {
            self.n_gone -= GROUPS_OF_A_CHUNK;
        }
        if self.n_groups == 0 {
            self.chunks.clear();
            self.n_gone = 0;
        }
    }
}

impl GroupsAccumulator for Tallies {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        n_groups: usize,
    ) -> Result<()> {
        self.make(n_groups);
        self.add(values, groups, filter)
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()> {
        self.make(n_groups);
        let plan = Arc::clone(&self.plan);
        let (figures, rounded_off) = states.split_at(plan.figures.len().min(states.len()));
        // What a sum rounded off is added to it as any other number.
        let sums =
            plan.floats().zip(rounded_off).filter(|(figure, _)| figure.joining == Joining::SumOfFloats);
        for (figure, state) in plan.figures.iter().zip(figures).chain(sums) {
            let state = column(state);
            for (row, group) in groups.iter().enumerate().filter(|(row, _)| state.knows(*row)) {
                let place = self.n_gone + group;
                let chunk = &mut self.chunks[place / GROUPS_OF_A_CHUNK];
                let within = place % GROUPS_OF_A_CHUNK;
                chunk.put(&plan, within, figure.word, figure.joining, state.words[row]);
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let groups = self.leaving(emit_to);
        let mut figures = self.words(&groups, self.plan.figures.iter().map(|figure| figure.word));
        let floats = self.plan.figures.iter().zip(&mut figures).filter(|(figure, _)| figure.is_float);
        let floats = floats.zip(self.rounded_off(&groups));
        for ((_, sums), lows) in floats.filter(|((figure, _), _)| figure.joining == Joining::SumOfFloats) {
            for (sum, low) in sums.iter_mut().zip(lows) {
                *sum = Sum { high: f64::from_bits(*sum), low: f64::from_bits(low) }.value().to_bits();
            }
        }
        let figures = self.columns(&groups, figures)?;
        self.forget(&groups);
        Ok(Arc::new(StructArray::try_new(self.plan.fields.clone(), figures, None)?))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let groups = self.leaving(emit_to);
        let figures = self.words(&groups, self.plan.figures.iter().map(|figure| figure.word));
        let mut states = self.columns(&groups, figures)?;
        for (figure, words) in self.plan.floats().zip(self.rounded_off(&groups)) {
            states.push(array(words, Some(self.known(&groups, figure)), &DataType::Float64)?);
        }
        self.forget(&groups);
        Ok(states)
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let n_rows = values.first().map_or(0, Array::len);
        let mut rows =
            Tallies { plan: Arc::clone(&self.plan), chunks: VecDeque::new(), n_gone: 0, n_groups: 0 };
        rows.update_batch(values, &(0..n_rows).collect::<Vec<_>>(), filter, n_rows)?;
        rows.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        let of_a_group = (self.plan.n_words + self.plan.n_masks) * size_of::<u64>();
        size_of_val(self) + self.chunks.len() * GROUPS_OF_A_CHUNK * of_a_group
    }
}

impl Chunk {
    fn has(&self, plan: &Plan, group: usize, word: usize) -> bool {
        self.masks[group * plan.n_masks + word / 64] >> (word % 64) & 1 == 1
    }

    #[inline]
    fn put(&mut self, plan: &Plan, group: usize, word: usize, joining: Joining, value: u64) {
        let at = group * plan.n_words + word;
        let kept = self.words[at];
        if joining == Joining::Count {
            self.words[at] = kept + value;
            return;
        }
        let mask = &mut self.masks[group * plan.n_masks + word / 64];
        let bit = 1 << (word % 64);
        let is_first = *mask & bit == 0;
        *mask |= bit;
        match joining {
            Joining::SumOfIntegers => self.words[at] = kept.wrapping_add(value),
            Joining::SumOfFloats => {
                let sum = Sum { high: f64::from_bits(kept), low: f64::from_bits(self.words[at + 1]) };
                let sum = sum.plus(f64::from_bits(value));
                self.words[at] = sum.high.to_bits();
                self.words[at + 1] = sum.low.to_bits();
            }
            _ if is_first || joining.prefers(value, kept) => self.words[at] = value,
            _ => {}
        }
    }
}

impl Joining {
    fn of(take: Take, kind: &DataType) -> Result<Joining> {
        let is_float = *kind == DataType::Float64;
        Ok(match (take, kind) {
            (Take::Count, DataType::Int64) => Joining::Count,
            (Take::Sum, DataType::Int64) => Joining::SumOfIntegers,
            (Take::Sum, DataType::Float64) => Joining::SumOfFloats,
            (Take::Least, DataType::Int64 | DataType::Float64 | DataType::Timestamp(_, _)) => {
                if is_float {
                    Joining::LeastFloat
                } else {
                    Joining::LeastInteger
                }
            }
            (Take::Greatest, DataType::Int64 | DataType::Float64 | DataType::Timestamp(_, _)) => {
                if is_float {
                    Joining::GreatestFloat
                } else {
                    Joining::GreatestInteger
                }
            }
            (take, kind) => return exec_err!("{take:?} of {kind} is not tallied"),
        })
    }

    fn takes(self, kind: &DataType) -> bool {
        match self {
            Joining::Count => true,
            Joining::SumOfIntegers => *kind == DataType::Int64,
            Joining::SumOfFloats | Joining::LeastFloat | Joining::GreatestFloat => *kind == DataType::Float64,
            Joining::LeastInteger | Joining::GreatestInteger => {
                matches!(kind, DataType::Int64 | DataType::Timestamp(_, _))
            }
        }
    }

    /// Whether a value takes the place of what is kept; of sums, none does. What cannot be compared does, as the engine has it.
    #[inline]
    fn prefers(self, value: u64, kept: u64) -> bool {
        let [float, kept_float] = [value, kept].map(f64::from_bits);
        match self {
            Joining::LeastInteger => (value as i64) < kept as i64,
            Joining::GreatestInteger => value as i64 > kept as i64,
            Joining::LeastFloat => float < kept_float || float.is_nan() || kept_float.is_nan(),
            Joining::GreatestFloat => float > kept_float || float.is_nan() || kept_float.is_nan(),
            Joining::Count | Joining::SumOfIntegers | Joining::SumOfFloats => false,
        }
    }
}

/// The class of a row; where no texts are looked at, all are of class 0.
fn class_at(classes: &[u32], row: usize) -> usize {
    classes.get(row).map_or(0, |class| *class as usize)
}

/// A column as its bits; of a type that is only looked at for nulls, no bits.
fn column(array: &ArrayRef) -> Column {
    let buffer = match array.data_type() {
        DataType::Int64 => array.as_primitive::<Int64Type>().values().inner().clone(),
        DataType::Float64 => array.as_primitive::<Float64Type>().values().inner().clone(),
        DataType::Timestamp(_, _) => match array.as_primitive_opt::<TimestampMicrosecondType>() {
            Some(times) => times.values().inner().clone(),
            None => Buffer::default(),
        },
        _ => Buffer::default(),
    };
    Column { words: ScalarBuffer::from(buffer), nulls: array.logical_nulls() }
}

/// A column of a type from its bits.
fn array(words: Vec<u64>, nulls: Option<NullBuffer>, kind: &DataType) -> Result<ArrayRef> {
    fn primitive<T: ArrowPrimitiveType>(words: Vec<u64>, nulls: Option<NullBuffer>) -> PrimitiveArray<T> {
        PrimitiveArray::new(ScalarBuffer::from(Buffer::from_vec(words)), nulls)
    }
    Ok(match kind {
        DataType::Int64 => Arc::new(primitive::<Int64Type>(words, nulls)),
        DataType::Float64 => Arc::new(primitive::<Float64Type>(words, nulls)),
        DataType::Timestamp(_, _) => {
            let times = primitive::<TimestampMicrosecondType>(words, nulls);
            Arc::new(times.with_data_type(kind.clone()))
        }
        other => return exec_err!("a figure of type {other} is not tallied"),
    })
}
