//! What clusters are found in: the traits of as many subjects as tell enough, in the order of their ids.

use futures::TryStreamExt;
use strata_lake::arrow::array::{Array, AsArray, RecordBatch};
use strata_lake::arrow::compute::cast;
use strata_lake::arrow::datatypes::{DataType, Float64Type, Int64Type};
use strata_lake::arrow::error::ArrowError;
use strata_lake::datafusion::common::DataFusionError;
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::Result as EngineResult;
use strata_lake::datafusion::functions_aggregate::expr_fn::count;
use strata_lake::datafusion::logical_expr::{Expr, lit};
use strata_lake::datafusion::prelude::ident;
use strata_models::cluster::clustering::Rows;
use strata_spec::definition::Clusters;
use strata_spec::name::SegmentationName;
use strata_spec::table::Subject;

use crate::compile::{ScoreColumn, column_name};
use crate::error::{Context, Result};
use crate::function::bucket_of;
use crate::preview::texts;
use crate::run;

/// Clusters are found in so many subjects, if there are so many.
const SAMPLE: usize = 100_000;
/// What decides who is drawn, with the id.
const SALT: &str = "clusters";

/// A column that clusters are found in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Feature {
    /// The column of the plan.
    pub(super) column: String,
    /// What definitions call it: a trait or, for a layer, a segmentation.
    pub(super) name: String,
}

/// The columns that clusters are found in.
pub(super) fn features(clusters: &Clusters) -> Vec<Feature> {
    let traits = clusters.features.iter().map(|name| Feature { column: name.clone(), name: name.clone() });
    let layers = clusters.layers.iter().map(|layer| Feature {
        column: column_name::layer(&layer.segmentation),
        name: layer.segmentation.to_string(),
    });
    traits.chain(layers).collect()
}

/// The columns of what explains clusters.
pub(super) fn covariates(clusters: &Clusters) -> Vec<Feature> {
    let of = |name: &SegmentationName| Feature { column: column_name::layer(name), name: name.to_string() };
    clusters.covariates.iter().map(of).collect()
}

/// Subjects who were drawn.
pub(super) struct Sampled {
    /// Columns of numbers, NaN where one is missing.
    pub(super) numbers: Vec<(String, Vec<f64>)>,
    /// Columns of texts.
    pub(super) texts: Vec<(String, Vec<Option<String>>)>,
    /// Whether the texts are classes of segmentations.
    pub(super) is_of_layers: bool,
    /// Whether that is everybody.
    pub(super) is_everybody: bool,
}

/// The features of subjects; in words why they cannot be clustered where a feature is neither a number nor a text.
///
/// # Errors
/// When the profile cannot be read.
pub(super) async fn sampled(
    score: &ScoreColumn,
    features: &[Feature],
    subject: Subject,
    profile: &DataFrame,
) -> Result<std::result::Result<Sampled, String>> {
    let reading = || format!("cannot read what clusters of {subject} are found in");
    let mut kinds = Vec::new();
    for Feature { column, name } in features {
        let field = profile.schema().field_with_unqualified_name(column).context(reading())?;
        kinds.push(match field.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
            kind if kind.is_numeric() || *kind == DataType::Boolean => DataType::Float64,
            kind => return Ok(Err(format!("`{name}` is neither a number nor a text ({kind})"))),
        });
    }
    let rows = meant(score, features, profile).context(reading())?;
    let n_rows = rows.clone().count().await.context(reading())?;
    let below = SAMPLE as f64 / n_rows.max(1) as f64;
    let columns: Vec<_> = std::iter::once(subject.id_column())
        .chain(features.iter().map(|feature| feature.column.as_str()))
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
    for (place, (Feature { name, .. }, kind)) in features.iter().zip(kinds).enumerate() {
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
    let is_of_layers = features.iter().any(|feature| column_name::is_layer(&feature.column));
    Ok(Ok(Sampled { numbers, texts: words, is_of_layers, is_everybody: below >= 1.0 }))
}

/// Those of whom clusters are made: the ones that are meant and of whom some feature is known.
fn meant(score: &ScoreColumn, features: &[Feature], profile: &DataFrame) -> EngineResult<DataFrame> {
    let mut rows = profile.clone();
    if let Some(among) = &score.among {
        rows = rows.filter(among.clone())?;
    }
    let columns: Vec<&str> = features.iter().map(|feature| feature.column.as_str()).collect();
    match super::some_known(&columns) {
        Some(is_known) => rows.filter(is_known),
        None => Ok(rows),
    }
}

/// How many subjects have each pattern of classes in some layers, and in what explains them.
pub(super) struct Patterns {
    /// The classes of each layer, by pattern, and then those of each covariate.
    pub(super) columns: Vec<Vec<Option<String>>>,
    /// How many subjects have each pattern.
    pub(super) counts: Vec<f64>,
}

/// Counts the patterns of everybody who is meant, in an order that the classes decide.
///
/// # Errors
/// When the profile cannot be read.
pub(super) async fn patterns(
    score: &ScoreColumn,
    features: &[Feature],
    covariates: &[Feature],
    profile: &DataFrame,
) -> Result<Patterns> {
    let reading = || "cannot count the patterns of layers".to_owned();
    let all = features.iter().chain(covariates);
    let columns: Vec<Expr> = all.map(|feature| ident(&feature.column)).collect();
    let n_columns = columns.len();
    let counted = vec![count(lit(1)).alias("_n")];
    let rows = meant(score, features, profile).and_then(|rows| rows.aggregate(columns.clone(), counted));
    let rows = rows.and_then(|rows| rows.sort_by(columns)).context(reading())?;
    let batches = rows.collect().await.context(reading())?;
    let mut patterns = Patterns { columns: vec![Vec::new(); n_columns], counts: Vec::new() };
    for batch in &batches {
        for (place, column) in patterns.columns.iter_mut().enumerate() {
            let classes = texts(batch, place)?;
            column.extend(classes.iter().map(|class| class.map(str::to_owned)));
        }
        let counts = batch.column(n_columns).as_primitive::<Int64Type>();
        patterns.counts.extend(counts.values().iter().map(|n| *n as f64));
    }
    Ok(patterns)
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
