//! What is taken of rows, by the class of a text and by time: which few figures concern a row.

use strata_lake::arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use strata_lake::arrow::datatypes::{DataType, Fields};
use strata_lake::datafusion::common::{HashMap, Result, exec_err};

use super::super::super::tally::Tally;
use super::{Joining, class_at};

/// What is taken, by the class of a row's text.
pub(super) struct Plan {
    pub(super) fields: Fields,
    pub(super) figures: Vec<Figure>,
    /// The class of each text that some figure asks for; all others are of class 0.
    class_of: HashMap<String, u32>,
    pub(super) classes: Vec<Class>,
    /// Words of a group, and words with a bit for each of them.
    pub(super) n_words: usize,
    pub(super) n_masks: usize,
}

/// How the values of a figure come together, and where in a group's words they do. A float takes two: that of a sum, and that of what
/// the sum has rounded off.
#[derive(Clone, Copy)]
pub(super) struct Figure {
    pub(super) joining: Joining,
    pub(super) word: usize,
    pub(super) is_float: bool,
}

/// The figures that concern a text.
#[derive(Default)]
pub(super) struct Class {
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
pub(super) struct Step {
    from: i64,
    until: i64,
    needs_time: bool,
    /// The value that is taken; without one, rows are counted.
    pub(super) of: Option<usize>,
    pub(super) joining: Joining,
    pub(super) word: usize,
}

impl Plan {
    pub(super) fn new(tallies: &[Tally], fields: &Fields) -> Result<Plan> {
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
        let mut figures = vec![Figure { joining: Joining::Count, word: 0, is_float: false }; tallies.len()];
        let mut classes: Vec<Class> = Vec::new();
        classes.resize_with(class_of.len() + 1, Class::default);
        let mut n_words = 0;
        for figure in order {
            let (tally, kind) = (&tallies[figure], fields[figure].data_type());
            let joining = Joining::of(tally.take, kind)?;
            let (word, is_float) = (n_words, *kind == DataType::Float64);
            n_words += 1 + usize::from(is_float);
            figures[figure] = Figure { joining, word, is_float };
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
        let n_masks = n_words.div_ceil(64);
        Ok(Plan { fields: fields.clone(), figures, class_of, classes, n_words, n_masks })
    }

    pub(super) fn floats(&self) -> impl Iterator<Item = &Figure> {
        self.figures.iter().filter(|figure| figure.is_float)
    }

    /// Values have to be of the type of the figures that they become.
    pub(super) fn check(&self, values: &[ArrayRef]) -> Result<()> {
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
    pub(super) fn concerned(
        &self,
        classes: &[u32],
        times: &[u64],
        filter: Option<&BooleanArray>,
    ) -> Vec<usize> {
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
    pub(super) fn classes_of(&self, key: &ArrayRef) -> Result<Vec<u32>> {
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
    pub(super) fn steps_of(&self, at: Option<i64>) -> &[Step] {
        let Some(at) = at else { return &self.timeless };
        self.between.get(self.edges.partition_point(|edge| *edge <= at)).map_or(&[], Vec::as_slice)
    }
}
