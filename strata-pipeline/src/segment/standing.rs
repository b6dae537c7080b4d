//! Where every subject stands now: a number for each subject and division.
//!
//! A class is numbered as it is first met, from 1 on; 0 is nobody's place: no member of a segment, or in no class. A million
//! subjects in forty divisions are 160 MB, and a sort of their memberships is a walk over the numbers.

use std::collections::HashMap;

use futures::TryStreamExt;
use strata_lake::arrow::array::{Array, AsArray, RecordBatch, StringArray, UInt32Array};
use strata_lake::arrow::compute::{concat, take};
use strata_lake::datafusion::common::{Result, exec_datafusion_err};
use strata_lake::datafusion::execution::SendableRecordBatchStream;
use strata_spec::table::Subject;

use crate::compile::{Division, DivisionKind, Program, column_name};

/// What subjects are divided by.
pub(crate) struct Divisions {
    pub(crate) subject: Subject,
    /// In the order in which memberships are written.
    pub(crate) all: Vec<Division>,
}

impl Divisions {
    /// The divisions of a program; none of subjects that have no program any more.
    pub(crate) fn of(subject: Subject, program: Option<&Program>) -> Divisions {
        let mut all: Vec<Division> =
            program.map(|program| program.levels.iter().flatten().cloned().collect()).unwrap_or_default();
        all.sort_by(|a, b| (a.is_segment(), &a.name).cmp(&(b.is_segment(), &b.name)));
        Divisions { subject, all }
    }
}

impl Division {
    pub(crate) fn is_segment(&self) -> bool {
        matches!(self.kind, DivisionKind::Members { .. })
    }

    /// The segmentation of its classes; none of a free-standing segment.
    pub(crate) fn segmentation(&self) -> Option<&str> {
        (!self.is_segment()).then_some(self.name.as_str())
    }
}

/// Where the subjects of one part stand.
pub(crate) struct Standing {
    /// Their ids, sorted.
    pub(crate) ids: StringArray,
    /// By division.
    pub(crate) places: Vec<Places>,
}

/// Where subjects stand in one division.
#[derive(Default)]
pub(crate) struct Places {
    /// The classes by number, from 1 on; of a segment, the segment.
    classes: Vec<String>,
    numbers: HashMap<String, u32>,
    /// By subject, in the order of the ids.
    pub(crate) of: Vec<u32>,
    /// How many subjects could not be decided for want of data.
    pub(crate) n_undecided: u64,
}

impl Places {
    /// The number of a class, if anybody is in it.
    pub(crate) fn number(&self, class: &str) -> Option<u32> {
        self.numbers.get(class).copied()
    }

    /// The classes with their numbers, in the order of their names.
    pub(crate) fn classes(&self) -> Vec<(&str, u32)> {
        let mut classes: Vec<(&str, u32)> = self.classes.iter().map(String::as_str).zip(1..).collect();
        classes.sort_unstable();
        classes
    }

    fn enter(&mut self, class: &str) {
        let number = match self.numbers.get(class) {
            Some(number) => *number,
            None => {
                self.classes.push(class.to_owned());
                let number = self.classes.len() as u32;
                self.numbers.insert(class.to_owned(), number);
                number
            }
        };
        self.of.push(number);
    }
}

impl Standing {
    /// Reads what a program's divisions say.
    pub(crate) async fn read(
        divisions: &Divisions,
        rows: Option<SendableRecordBatchStream>,
    ) -> Result<Standing> {
        let mut ids = vec![StringArray::new_null(0)];
        let mut places: Vec<Places> = divisions.all.iter().map(|_| Places::default()).collect();
        if let Some(mut rows) = rows {
            while let Some(batch) = rows.try_next().await? {
                ids.push(text(&batch, divisions.subject.id_column())?.clone());
                for (division, places) in divisions.all.iter().zip(&mut places) {
                    add(&batch, division, places)?;
                }
            }
        }
        let ids: Vec<&dyn Array> = ids.iter().map(|ids| ids as &dyn Array).collect();
        let ids = concat(&ids)?;
        let texts = ids.as_string::<i32>();
        let mut order: Vec<u32> = (0..texts.len() as u32).collect();
        order.sort_unstable_by_key(|row| texts.value(*row as usize));
        for places in &mut places {
            places.of = order.iter().map(|row| places.of[*row as usize]).collect();
        }
        let ids = take(texts, &UInt32Array::from(order), None)?.as_string::<i32>().clone();
        Ok(Standing { ids, places })
    }
}

fn add(batch: &RecordBatch, division: &Division, places: &mut Places) -> Result<()> {
    if division.is_segment() {
        let undecided = truth(batch, &column_name::undecided_of(&division.name))?;
        places.n_undecided += undecided.true_count() as u64;
        for member in truth(batch, &division.column())? {
            match member {
                Some(true) => places.enter(&division.name),
                _ => places.of.push(0),
            }
        }
        return Ok(());
    }
    for class in text(batch, &division.column())? {
        match class {
            Some(class) => places.enter(class),
            None => places.of.push(0),
        }
    }
    Ok(())
}

/// A column of texts.
pub(crate) fn text<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a StringArray> {
    let column = batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
    column.ok_or_else(|| exec_datafusion_err!("there is no column of texts `{name}`"))
}

fn truth<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a strata_lake::arrow::array::BooleanArray> {
    let column = batch.column_by_name(name).and_then(|column| column.as_boolean_opt());
    column.ok_or_else(|| exec_datafusion_err!("there is no column of yes and no `{name}`"))
}
