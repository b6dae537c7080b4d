//! What people call classes that a run found for itself: the model of clusters has a title for each beside its name.

use std::collections::BTreeMap;

use serde::Deserialize;
use strata_lake::Engine;
use strata_lake::datafusion::logical_expr::lit;
use strata_lake::datafusion::prelude::ident;
use strata_spec::error::ErrorCode;

use crate::error::{Context, Error, Result};
use crate::preview::texts;
use crate::run::{self, Run};

/// The table of what was fitted.
const MODEL: &str = "model";

/// Titles by segmentation and class. One that two classes share tells neither, and is left out.
pub(super) struct Titles(BTreeMap<(String, String), String>);

#[derive(Deserialize)]
struct Told {
    segmentation: String,
    #[serde(default)]
    clusters: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    name: String,
    title: String,
}

impl Titles {
    /// Those of the run's clusters.
    ///
    /// # Errors
    /// When the models cannot be read.
    pub(super) async fn read(run: &Run, engine: &Engine) -> Result<Titles> {
        let mut titles = BTreeMap::new();
        if !run.inputs.contains_key(MODEL) {
            return Ok(Titles(titles));
        }
        let reading = "cannot read the titles of groups";
        let models = run::read(run, engine, MODEL).await?;
        let clusters = models.filter(ident("kind").eq(lit("clusters")));
        let told = clusters.and_then(|rows| rows.select(vec![ident("diagnostics")])).context(reading)?;
        for batch in told.collect().await.context(reading)? {
            for told in texts(&batch, 0)?.iter().flatten() {
                let told: Told = serde_json::from_str(told)
                    .map_err(|error| Error::new(ErrorCode::Internal, reading).caused_by(error))?;
                let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
                told.clusters
                    .into_iter()
                    .for_each(|group| names.entry(group.title).or_default().push(group.name));
                for (title, names) in names {
                    if let [name] = names.as_slice() {
                        titles.insert((told.segmentation.clone(), name.clone()), title);
                    }
                }
            }
        }
        Ok(Titles(titles))
    }

    /// The title of a class, where it has one of its own.
    pub(super) fn of(&self, segmentation: &str, class: &str) -> Option<&String> {
        self.0.get(&(segmentation.to_owned(), class.to_owned()))
    }
}
