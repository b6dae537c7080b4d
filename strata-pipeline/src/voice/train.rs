//! A classifier learns from texts that somebody labelled, and is held against such texts as it has not seen.

use std::collections::HashSet;
use std::path::Path;

use strata_lake::arrow::array::{Array, AsArray, RecordBatch};
use strata_lake::arrow::compute::cast;
use strata_lake::arrow::datatypes::DataType;
use strata_models::text::classify::validate::{ValidationSettings, validate};
use strata_models::text::classify::{Classifier, ClassifierSettings, Labelled};
use strata_models::text::words::WordSettings;
use strata_spec::error::{ErrorCode, nearest};
use strata_spec::name::ClassifierName;

use super::embed::{Embedder, is_foreign};
use super::heard::refused;
use super::kept::{Kept, Origin};
use crate::error::{Error, Result};
use crate::project::Project;
use crate::source::read::{ReadError, ReadOptions, read};

/// A word that a single text holds is not learned, so that a name or address in it is not kept.
const FEWEST_TEXTS: usize = 2;

/// Texts that somebody labelled.
#[derive(Debug, Clone, Copy)]
pub struct Labels<'a> {
    /// A CSV file, or any other that a source may have.
    pub file: &'a Path,
    /// Its column with the texts, …
    pub text: &'a str,
    /// … and the one with their labels.
    pub label: &'a str,
}

/// Trains a classifier and keeps it in the project's folder, under a name or that of the column of labels. It goes by the words of texts, or by
/// embeddings of sentences where the project names a model of them.
///
/// # Errors
/// `InvalidInput` where the file cannot be read or has no such column, for fewer than two labels or fewer than 20 texts of one, and for a name that
/// cannot be one; `InvalidDefinition` where the model of sentences cannot be used.
pub fn train(project: &Project, labels: Labels<'_>, name: Option<&str>) -> Result<Kept> {
    let name = ClassifierName::new(name.unwrap_or(labels.label)).map_err(|fault| {
        let hint = "give it a name of lower-case letters, digits and underscores: `--name team`";
        Error::new(ErrorCode::InvalidInput, fault.message).with_hint(hint)
    })?;
    let embedder = Embedder::of(project)?;
    let mut given = Given::of(labels)?;
    if embedder.is_some() {
        given.leave_out_foreign();
    }
    let labelled = Labelled::new(&given.texts, &given.labels).map_err(|error| refused(&error))?;
    let points = embedder.as_ref().map(|embedder| embedder.points(&given.texts)).transpose()?;
    let labelled = match &points {
        Some(points) => labelled.with_points(points).map_err(|error| refused(&error))?,
        None => labelled,
    };
    let words = WordSettings { fewest_texts: FEWEST_TEXTS, ..WordSettings::default() };
    let settings = ClassifierSettings { words, ..ClassifierSettings::default() };
    let validation = validate(&labelled, &settings, &ValidationSettings::default());
    let validation = validation.map_err(|error| refused(&error))?;
    let classifier = Classifier::train(&labelled, &settings).map_err(|error| refused(&error))?;
    let origin = Origin {
        text: labels.text.to_owned(),
        label: labels.label.to_owned(),
        n_left_out: given.n_left_out,
        n_repeated: given.n_repeated,
        n_foreign: given.n_foreign,
        model: embedder.map(|embedder| embedder.model().to_owned()),
    };
    let kept = Kept::new(name, origin, validation, classifier);
    kept.save(project)?;
    Ok(kept)
}

/// What a file says.
#[derive(Debug, Default)]
struct Given {
    texts: Vec<String>,
    labels: Vec<String>,
    n_left_out: u64,
    n_repeated: u64,
    n_foreign: u64,
}

impl Given {
    fn of(labels: Labels<'_>) -> Result<Given> {
        let reader = read(labels.file, &ReadOptions::default());
        let reader = reader.map_err(|error| unreadable(labels.file, error))?;
        for name in [labels.text, labels.label] {
            check_column(labels.file, &reader.dialect().columns, name)?;
        }
        let mut given = Given::default();
        // Of texts that are equal one would be learned from and another told by it, as if it had not been seen.
        let mut known = HashSet::new();
        for batch in reader {
            let batch = batch.map_err(|error| unreadable(labels.file, error))?;
            let (texts, labels) = (column(&batch, labels.text)?, column(&batch, labels.label)?);
            for (text, label) in texts.into_iter().zip(labels) {
                match (text, label) {
                    (Some(text), Some(label)) if known.insert((text.clone(), label.clone())) => {
                        given.texts.push(text);
                        given.labels.push(label);
                    }
                    (Some(_), Some(_)) => given.n_repeated += 1,
                    _ => given.n_left_out += 1,
                }
            }
        }
        Ok(given)
    }

    /// A model of English sentences would put others anywhere.
    fn leave_out_foreign(&mut self) {
        let rows = std::mem::take(&mut self.texts).into_iter().zip(std::mem::take(&mut self.labels));
        let (foreign, rows): (Vec<_>, Vec<_>) = rows.partition(|(text, _)| is_foreign(text));
        self.n_foreign = foreign.len() as u64;
        (self.texts, self.labels) = rows.into_iter().unzip();
    }
}

/// The texts of a column without blanks around them; none where nothing is left.
fn column(batch: &RecordBatch, name: &str) -> Result<Vec<Option<String>>> {
    let reading = || format!("cannot read column `{name}` as text");
    let cells = batch.column_by_name(name).ok_or_else(|| Error::new(ErrorCode::Internal, reading()))?;
    let cells = cast(cells, &DataType::Utf8)
        .map_err(|error| Error::new(ErrorCode::InvalidInput, reading()).caused_by(error))?;
    let cells = cells.as_string::<i32>();
    let text = |row: usize| {
        let text = cells.is_valid(row).then(|| cells.value(row).trim())?;
        (!text.is_empty()).then(|| text.to_owned())
    };
    Ok((0..cells.len()).map(text).collect())
}

fn check_column(file: &Path, columns: &[String], name: &str) -> Result<()> {
    if columns.iter().any(|column| column == name) {
        return Ok(());
    }
    let message = format!("{} has no column `{name}`", file.display());
    let hint = match nearest(name, columns.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its columns are {}", columns.join(", ")),
    };
    Err(Error::new(ErrorCode::InvalidInput, message).with_hint(hint))
}

fn unreadable(file: &Path, error: ReadError) -> Error {
    let hint =
        error.hint().unwrap_or_else(|| "give a CSV file with a column of texts and one of labels".to_owned());
    let message = format!("cannot read {}", file.display());
    Error::new(ErrorCode::InvalidInput, message).with_hint(hint).caused_by(error)
}
