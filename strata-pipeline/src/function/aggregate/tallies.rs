//! Many filtered counts, sums, least and greatest values in one pass.
//!
//! Figures of one table mostly differ in the text that a column has to have and in the stretch of time that they range over. A
//! row's text is looked up once, or once for each value of a dictionary, and leads to the few figures that it concerns. What is
//! taken lies side by side for each group, so that a row meets one or two lines of memory.

use std::collections::VecDeque;
use std::sync::Arc;

use strata_lake::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, PrimitiveArray, StructArray};
use strata_lake::arrow::buffer::{BooleanBuffer, Buffer, NullBuffer, ScalarBuffer};
use strata_lake::arrow::datatypes::{
    ArrowPrimitiveType, DataType, Fields, Float64Type, Int64Type, TimestampMicrosecondType,
};
use strata_lake::datafusion::common::{HashMap, Result, exec_err};
use strata_lake::datafusion::logical_expr::{EmitTo, GroupsAccumulator};

use super::super::tally::{Take, Tally};

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

/// What is taken, by the class of a row's text.
struct Plan {
    fields: Fields,
    /// By figure: how values come together, and where in a group's words they do.
    figures: Vec<(Joining, usize)>,
    /// The class of each text that some figure asks for; all others are of class 0.
    class_of: HashMap<String, u32>,
    classes: Vec<Class>,
    /// Words of a group, and words with a bit for each of them.
    n_words: usize,
    n_masks: usize,
}

/// The figures that concern a text.
#[derive(Default)]
struct Class {
    steps: Vec<Step>,
    /// No step concerns a row before or after these. Where one needs no time, no row is.
    from: i64,
    until: i64,
    /// The instants from which on other steps concern a row than before.
    edges: Vec<i64>,
    /// The steps that concern a row before the first edge, from the first on, and so on.
    between: Vec<Vec<Step>>,
    /// Those that concern a row without a time.
    timeless: Vec<Step>,
}

/// One figure, as rows meet it.
#[derive(Clone, Copy)]
struct Step {
    from: i64,
    until: i64,
    needs_time: bool,
    /// The value that is taken; without one, rows are counted.
    of: Option<usize>,
    joining: Joining,
    word: usize,
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

    /// The figures of the groups to be emitted, which are forgotten.
    fn emitted(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let n_groups = match emit_to {
            EmitTo::All => self.n_groups,
            EmitTo::First(n) => n,
        };
        let (begin, end) = (self.n_gone, self.n_gone + n_groups);
        let plan = Arc::clone(&self.plan);
        let mut words: Vec<Vec<u64>> = plan.figures.iter().map(|_| Vec::with_capacity(n_groups)).collect();
        let mut first = 0;
        for chunk in &self.chunks {
            let from = begin.clamp(first, first + GROUPS_OF_A_CHUNK) - first;
            let until = end.clamp(first, first + GROUPS_OF_A_CHUNK) - first;
            for ((_, word), words) in plan.figures.iter().zip(&mut words) {
                words.extend((from..until).map(|group| chunk.words[group * plan.n_words + word]));
            }
            first += GROUPS_OF_A_CHUNK;
        }
        let figures = plan.figures.iter().zip(words).zip(plan.fields.iter());
        let figures = figures.map(|(((joining, word), words), field)| {
            let nulls = (*joining != Joining::Count).then(|| {
                NullBuffer::new(BooleanBuffer::collect_bool(n_groups, |at| {
                    let place = begin + at;
                    self.chunks[place / GROUPS_OF_A_CHUNK].has(&plan, place % GROUPS_OF_A_CHUNK, *word)
                }))
            });
            array(words, nulls, field.data_type())
        });
        let figures = figures.collect::<Result<Vec<_>>>()?;
        self.n_groups -= n_groups;
        self.n_gone = end;
        while self.n_gone >= GROUPS_OF_A_CHUNK && self.chunks.pop_front().is_some() {
            self.n_gone -= GROUPS_OF_A_CHUNK;
        }
        if self.n_groups == 0 {
            self.chunks.clear();
            self.n_gone = 0;
        }
        Ok(figures)
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
        for ((joining, word), state) in plan.figures.iter().zip(states) {
            let state = column(state);
            for (row, group) in groups.iter().enumerate().filter(|(row, _)| state.knows(*row)) {
                let place = self.n_gone + group;
                let chunk = &mut self.chunks[place / GROUPS_OF_A_CHUNK];
                chunk.put(&plan, place % GROUPS_OF_A_CHUNK, *word, *joining, state.words[row]);
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let figures = self.emitted(emit_to)?;
        Ok(Arc::new(StructArray::try_new(self.plan.fields.clone(), figures, None)?))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        self.emitted(emit_to)
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

impl Plan {
    fn new(tallies: &[Tally], fields: &Fields) -> Result<Plan> {
        if tallies.len() != fields.len() {
            return exec_err!("{} tallies cannot give {} figures", tallies.len(), fields.len());
        }
        let mut class_of = HashMap::new();
        for text in tallies.iter().filter_map(|tally| tally.rows.texts.as_ref()).flatten() {
            let next = class_of.len() as u32 + 1;
            class_of.entry(text.clone()).or_insert(next);
        }
        // Figures of one text lie side by side.
        let class = |tally: &Tally| Some(class_of[tally.rows.texts.as_ref()?.first()?]);
        let mut order: Vec<usize> = (0..tallies.len()).collect();
        order.sort_by_key(|figure| class(&tallies[*figure]));
        let mut figures = vec![(Joining::Count, 0); tallies.len()];
        let mut classes: Vec<Class> = Vec::new();
        classes.resize_with(class_of.len() + 1, Class::default);
        for (word, figure) in order.into_iter().enumerate() {
            let tally = &tallies[figure];
            let joining = Joining::of(tally.take, fields[figure].data_type())?;
            figures[figure] = (joining, word);
            let step = Step {
                from: tally.rows.from.unwrap_or(i64::MIN),
                until: tally.rows.until.unwrap_or(i64::MAX),
                needs_time: tally.rows.from.is_some() || tally.rows.until.is_some(),
                of: tally.of,
                joining,
                word,
            };
            match &tally.rows.texts {
                None => classes.iter_mut().for_each(|class| class.steps.push(step)),
                Some(texts) => {
                    let mut among: Vec<u32> = texts.iter().map(|text| class_of[text]).collect();
                    among.sort_unstable();
                    among.dedup();
                    among.into_iter().for_each(|class| classes[class as usize].steps.push(step));
                }
            }
        }
        classes.iter_mut().for_each(Class::divide);
        let (n_words, n_masks) = (tallies.len(), tallies.len().div_ceil(64));
        Ok(Plan { fields: fields.clone(), figures, class_of, classes, n_words, n_masks })
    }

    /// Values have to be of the type of the figures that they become.
    fn check(&self, values: &[ArrayRef]) -> Result<()> {
        for step in self.classes.iter().flat_map(|class| &class.steps) {
            let Some(of) = step.of else { continue };
            let Some(value) = values.get(of) else { return exec_err!("tallies lack value {of}") };
            if step.joining != Joining::Count && !step.joining.takes(value.data_type()) {
                return exec_err!("{:?} cannot be taken of {}", step.joining, value.data_type());
            }
        }
        Ok(())
    }

    /// The rows that some step could concern. Which ones is decided without a branch for each, as no branch could be foretold.
    fn concerned(&self, classes: &[u32], times: &[u64], filter: Option<&BooleanArray>) -> Vec<usize> {
        let bounds: Vec<(i64, i64)> = self.classes.iter().map(|class| (class.from, class.until)).collect();
        let mut rows = vec![0; times.len()];
        let mut n_rows = 0;
        for (row, at) in times.iter().enumerate() {
            let (from, until) = bounds[class_at(classes, row)];
            let passes = filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
            rows[n_rows] = row;
            n_rows += usize::from((from <= *at as i64) & (*at as i64 <= until) & passes);
        }
        rows.truncate(n_rows);
        rows
    }

    /// The class of each row's text; nothing where all are of class 0.
    fn classes_of(&self, key: &ArrayRef) -> Result<Vec<u32>> {
        let class = |text: Option<&str>| text.and_then(|text| self.class_of.get(text)).copied().unwrap_or(0);
        Ok(match key.data_type() {
            DataType::Null => Vec::new(),
            DataType::Utf8 => key.as_string::<i32>().iter().map(class).collect(),
            DataType::LargeUtf8 => key.as_string::<i64>().iter().map(class).collect(),
            DataType::Utf8View => key.as_string_view().iter().map(class).collect(),
            DataType::Dictionary(_, _) => {
                let dictionary = key.as_any_dictionary();
                let classes = self.classes_of(dictionary.values())?;
                if classes.is_empty() {
                    return Ok(Vec::new());
                }
                let of_value = dictionary.normalized_keys().into_iter().map(|at| classes[at]);
                match dictionary.keys().nulls() {
                    None => of_value.collect(),
                    Some(nulls) => of_value
                        .zip(nulls.iter())
                        .map(|(class, is_known)| if is_known { class } else { 0 })
                        .collect(),
                }
            }
            other => return exec_err!("tallies are kept by a text, not by {other}"),
        })
    }
}

impl Class {
    /// Finds out which steps concern a row at what time: a row of one stretch of time meets no step of another.
    fn divide(&mut self) {
        self.from = self.steps.iter().map(|step| step.from).min().unwrap_or(i64::MAX);
        self.until = self.steps.iter().map(|step| step.until).max().unwrap_or(i64::MIN);
        let edges = self.steps.iter().flat_map(|step| [Some(step.from), step.until.checked_add(1)]);
        self.edges = edges.flatten().filter(|edge| *edge > i64::MIN).collect();
        self.edges.sort_unstable();
        self.edges.dedup();
        let at = |at: i64| self.steps.iter().filter(move |step| step.from <= at && at <= step.until).copied();
        let begins = [i64::MIN].into_iter().chain(self.edges.iter().copied());
        self.between = begins.map(|begin| at(begin).collect()).collect();
        self.timeless = self.steps.iter().filter(|step| !step.needs_time).copied().collect();
    }

    #[inline]
    fn steps_of(&self, at: Option<i64>) -> &[Step] {
        let Some(at) = at else { return &self.timeless };
        self.between.get(self.edges.partition_point(|edge| *edge <= at)).map_or(&[], Vec::as_slice)
    }
}

impl Chunk {
    fn has(&self, plan: &Plan, group: usize, word: usize) -> bool {
        self.masks[group * plan.n_masks + word / 64] >> (word % 64) & 1 == 1
    }

    #[inline]
    fn put(&mut self, plan: &Plan, group: usize, word: usize, joining: Joining, value: u64) {
        let kept = &mut self.words[group * plan.n_words + word];
        if joining == Joining::Count {
            *kept += value;
            return;
        }
        let mask = &mut self.masks[group * plan.n_masks + word / 64];
        let bit = 1 << (word % 64);
        *kept = joining.joined((*mask & bit != 0).then_some(*kept), value);
        *mask |= bit;
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

    /// A value beside what is kept, if anything is. What cannot be compared takes its place, as the engine has it.
    #[inline]
    fn joined(self, kept: Option<u64>, value: u64) -> u64 {
        let floats = |kept| (f64::from_bits(kept), f64::from_bits(value));
        let is_taken = match (self, kept) {
            // A sum begins at 0, so that it is never the negative zero.
            (Joining::SumOfFloats, kept) => {
                return (kept.map_or(0.0, f64::from_bits) + f64::from_bits(value)).to_bits();
            }
            (Joining::Count | Joining::SumOfIntegers, kept) => return kept.unwrap_or(0).wrapping_add(value),
            (_, None) => true,
            (Joining::LeastInteger, Some(kept)) => (value as i64) < kept as i64,
            (Joining::GreatestInteger, Some(kept)) => value as i64 > kept as i64,
            (Joining::LeastFloat, Some(kept)) => {
                let (kept, value) = floats(kept);
                value < kept || value.is_nan() || kept.is_nan()
            }
            (Joining::GreatestFloat, Some(kept)) => {
                let (kept, value) = floats(kept);
                value > kept || value.is_nan() || kept.is_nan()
            }
        };
        if is_taken { value } else { kept.unwrap_or(value) }
    }
}

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

#[cfg(test)]
mod tests;
