//! What clusters are found in: the traits of as many subjects as tell enough, in the order of their ids.

use futures::TryStreamExt;
use strata_lake::arrow::array::{Array, AsArray, RecordBatch};
use strata_lake::arrow::compute::cast;
use strata_lake::arrow::datatypes::{DataType, Float64Type};
use strata_lake::arrow::error::ArrowError;
use strata_lake::datafusion::common::DataFusionError;
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::prelude::ident;
use strata_models::cluster::clustering::Rows;
use strata_spec::definition::Clusters;
use strata_spec::table::Subject;

use crate::compile::ScoreColumn;
use crate::error::{Context, Result};
use crate::function::bucket_of;
use crate::preview::texts;
use crate::run;

/// Clusters are found in so many subjects, if there are so many.
const SAMPLE: usize = 100_000;
/// What decides who is drawn, with the id.
const SALT: &str = "clusters";

/// Subjects who were drawn.
pub(super) struct Sampled {
    /// Columns of numbers, NaN where one is missing.
    pub(super) numbers: Vec<(String, Vec<f64>)>,
    /// Columns of texts.
    pub(super) texts: Vec<(String, Vec<Option<String>>)>,
    /// Whether that is everybody.
    pub(super) is_everybody: bool,
}

/// The features of subjects; in words why they cannot be clustered where a feature is neither a number nor a text.
///
/// # Errors
/// When the profile cannot be read.
pub(super) async fn sampled(
    score: &ScoreColumn,
    clusters: &Clusters,
    subject: Subject,
    profile: &DataFrame,
) -> Result<std::result::Result<Sampled, String>> {
    let reading = || format!("cannot read what clusters of {subject} are found in");
    let mut kinds = Vec::new();
    for name in &clusters.features {
        let field = profile.schema().field_with_unqualified_name(name).context(reading())?;
        kinds.push(match field.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
            kind if kind.is_numeric() || *kind == DataType::Boolean => DataType::Float64,
            kind => return Ok(Err(format!("`{name}` is neither a number nor a text ({kind})"))),
        });
    }
    let mut rows = profile.clone();
    if let Some(among) = &score.among {
        rows = rows.filter(among.clone()).context(reading())?;
    }
    if let Some(is_known) = super::some_known(&clusters.features) {
        rows = rows.filter(is_known).context(reading())?;
    }
    let n_rows = rows.clone().count().await.context(reading())?;
    let below = SAMPLE as f64 / n_rows.max(1) as f64;
    let columns: Vec<_> = std::iter::once(subject.id_column())
        .chain(clusters.features.iter().map(String::as_str))
        .map(ident)
        .collect();
    let rows = rows.select(columns).context(reading())?;
    let mut stream = run::stream(rows).await.context(reading())?;
    let mut batches: Vec<RecordBatch> = Vec::new();
    let mut places: Vec<(usize, usize)> = Vec::new();
    while let Some(batch) = stream.try_next().await.context(reading())? {
        let ids = texts(&batch, 0)?;
        let drawn = (0..batch.num_rows()).filter(|row| bucket_of(ids.value(*row), SALT) < below);
        places.extend(drawn.map(|row| (batches.len(), row)));
        batches.push(batch);
    }
    let ids = batches.iter().map(|batch| texts(batch, 0)).collect::<Result<Vec<_>>>()?;
    places.sort_unstable_by(|a, b| ids[a.0].value(a.1).cmp(ids[b.0].value(b.1)));
    let (mut numbers, mut words) = (Vec::new(), Vec::new());
    for (place, (name, kind)) in clusters.features.iter().zip(kinds).enumerate() {
        let columns = batches.iter().map(|batch| cast(batch.column(1 + place), &kind));
        let columns = columns.collect::<std::result::Result<Vec<_>, ArrowError>>();
        let columns = columns.map_err(DataFusionError::from).context(reading())?;
        if kind == DataType::Utf8 {
            let value = |(batch, row): &(usize, usize)| {
                let column = columns[*batch].as_string::<i32>();
                column.is_valid(*row).then(|| column.value(*row).to_owned())
            };
            words.push((name.clone(), places.iter().map(value).collect()));
        } else {
            let value = |(batch, row): &(usize, usize)| {
                let column = columns[*batch].as_primitive::<Float64Type>();
                if column.is_valid(*row) { column.value(*row) } else { f64::NAN }
            };
            numbers.push((name.clone(), places.iter().map(value).collect()));
        }
    }
    Ok(Ok(Sampled { numbers, texts: words, is_everybody: below >= 1.0 }))
}

impl Sampled {
    /// The texts as models take them.
    pub(super) fn borrowed(&self) -> Vec<Vec<Option<&str>>> {
        self.texts.iter().map(|(_, values)| values.iter().map(Option::as_deref).collect()).collect()
    }

    /// The columns as models take them.
    pub(super) fn rows<'a>(&'a self, borrowed: &'a [Vec<Option<&'a str>>]) -> Rows<'a> {
        let numbers = self.numbers.iter().map(|(name, values)| (name.as_str(), values.as_slice()));
        let texts =
            self.texts.iter().zip(borrowed).map(|((name, _), values)| (name.as_str(), values.as_slice()));
        Rows { numbers: numbers.collect(), texts: texts.collect() }
    }
}
