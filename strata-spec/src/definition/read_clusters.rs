//! Reads segmentations that are made of clusters. Such a segmentation is two definitions: a score that says in which cluster a subject
//! is, which a model is fitted for, and a partition by the values of that score.

use super::parse::Reader;
use super::{
    ClusterLayer, ClusterModel, Clusters, Definition, Family, Header, Parsed, Part, Score, Scoring, Version,
};
use crate::condition::references::Reference;
use crate::condition::{At, Term};
use crate::document::{Entry, Errors, Section, Text, listed};
use crate::name::{ScoreName, SegmentationName};
use crate::table::Subject;

/// What a segmentation may have beside what every definition may.
pub(super) const SEGMENTATION: [&str; 9] =
    ["among", "by", "classes", "clusters", "covariates", "features", "layers", "model", "weights"];

/// What follows a segmentation's name in that of its score.
pub(super) const SUFFIX: &str = "_cluster";

/// The score of a segmentation that is made of clusters.
fn score_name(segmentation: &str) -> String {
    format!("{segmentation}{SUFFIX}")
}

impl<'d> Reader<'_, 'd> {
    /// The score of clusters that a segmentation is made of.
    pub(super) fn read_clusters(
        &mut self,
        section: &Section<'_, 'd>,
        entry: &Entry<'_, 'd>,
        model: &Entry<'_, 'd>,
        header: Option<Header>,
        needs: &[Text<'d>],
    ) -> Option<Parsed<'d>> {
        let name = score_name(&entry.name);
        let score = header.clone().and_then(|header| self.clusters(section, model, header, &name));
        let mut definition = score.map(Definition::Score);
        if let Some(Definition::Score(score)) = &mut definition {
            score.header.version = Definition::Score(score.clone()).version();
        }
        Some(Parsed {
            family: Family::Score,
            name: Text { value: name, ..entry.key() },
            subject: header.map(|header| header.subject),
            origin: self.origin,
            definition,
            parts: std::mem::take(&mut self.parts),
            aims: Vec::new(),
            needs: needs.to_vec(),
        })
    }

    fn clusters(
        &mut self,
        section: &Section<'_, 'd>,
        model: &Entry<'_, 'd>,
        header: Header,
        name: &str,
    ) -> Option<Score> {
        for entry in ["classes", "by"].iter().filter_map(|key| section.get(key)) {
            self.errors.push(entry.error(
                format!("`{}` does not belong here", entry.path),
                "the classes of a segmentation with a `model` are found in the data",
            ));
        }
        let words = ClusterModel::ALL.map(|model| (model.as_str(), model));
        let word = model.text(self.errors)?;
        let Some((_, model)) = words.into_iter().find(|(known, _)| *known == word.value) else {
            let known = ClusterModel::ALL.into_iter().map(ClusterModel::as_str);
            let message = format!("there is no model `{}` of clusters", word.value);
            self.errors.push(model.error(message, format!("it is one of {}", listed(known, "and"))));
            return None;
        };
        let n_clusters = match section.get("clusters") {
            None if model == ClusterModel::KPrototypes => {
                // Nothing tells yet how many groups of numbers and texts together there are.
                self.errors.push(section.missing("clusters", "5"));
                return None;
            }
            None => None,
            Some(entry) => {
                let wanted = u32::try_from(entry.whole(2, self.errors)?).ok();
                let n_clusters = wanted.filter(|wanted| *wanted <= Clusters::MOST);
                if n_clusters.is_none() {
                    let wanted = format!("a whole number from 2 to {}", Clusters::MOST);
                    self.errors.push(entry.wrong(&wanted, "leave it out to let the data say"));
                    return None;
                }
                n_clusters
            }
        };
        let (features, layers) = match section.get("layers") {
            Some(entry) => (Vec::new(), self.layers(section, &entry, model)?),
            None => (self.features(section)?, Vec::new()),
        };
        let covariates = self.covariates(section, &layers)?;
        let among = match section.get("among") {
            Some(entry) => {
                let text = entry.text(self.errors)?;
                Some(self.condition(text, header.subject)?)
            }
            None => None,
        };
        let name = match ScoreName::new(name.to_owned()) {
            Ok(name) => name,
            Err(_) => {
                // The segmentation's own name has the same fault, or is too long for one more word.
                self.errors.push(section.error(
                    format!("there can be no score `{name}`"),
                    "give the segmentation a shorter name",
                ));
                return None;
            }
        };
        let header = Header {
            title: format!("{}: cluster", header.title),
            about: None,
            version: Version(String::new()),
            ..header
        };
        Some(Score {
            name,
            header,
            how: Scoring::Clusters(Clusters { model, features, layers, covariates, n_clusters }),
            among,
        })
    }

    /// The traits that clusters are found in.
    fn features(&mut self, section: &Section<'_, 'd>) -> Option<Vec<String>> {
        if let Some(weights) = section.get("weights") {
            self.errors.push(weights.error(
                format!("`{}` does not belong here", weights.path),
                "layers have weights; features are brought to one spread",
            ));
        }
        let Some(entry) = section.get("features") else {
            self.errors.push(section.missing("features", "[\"recency\", \"frequency\", \"monetary_value\"]"));
            return None;
        };
        let named = entry.texts(self.errors);
        if named.len() < 2 {
            self.errors.push(entry.error(
                "clusters are found in two or more traits",
                "by a single one, write classes with `where`, or a score of so many `tiles`",
            ));
            return None;
        }
        for feature in &named {
            let references = vec![(Reference::Subject(feature.value.clone()), At::default())];
            self.parts.push(Part { text: feature.clone(), references });
        }
        Some(named.into_iter().map(|feature| feature.value).collect())
    }

    /// The segmentations that clusters are found in.
    fn layers(
        &mut self,
        section: &Section<'_, 'd>,
        entry: &Entry<'_, 'd>,
        model: ClusterModel,
    ) -> Option<Vec<ClusterLayer>> {
        if let Some(features) = section.get("features") {
            self.errors.push(features.error(
                format!("`{}` has `features` and `layers`", section.path),
                "make a segmentation of the traits, and name that among the layers",
            ));
            return None;
        }
        if model != ClusterModel::LatentClass {
            let hint = format!("layers are put together by `model = \"{}\"`", ClusterModel::LatentClass);
            self.errors.push(entry.error(format!("`{model}` takes traits and no layers"), hint));
            return None;
        }
        let named = entry.texts(self.errors);
        if named.len() < 2 {
            self.errors.push(entry.error(
                "clusters are found in two or more layers",
                "name segmentations of different kinds, such as `[\"rfm\", \"journey\"]`",
            ));
            return None;
        }
        let weights = match section.get("weights") {
            Some(weights) => Some(weights.section(self.errors)?),
            None => None,
        };
        if let Some(weights) = &weights {
            let known: Vec<&str> = named.iter().map(|name| name.value.as_str()).collect();
            weights.only(&known, self.errors);
        }
        let mut layers: Vec<ClusterLayer> = Vec::with_capacity(named.len());
        for name in named {
            let segmentation = match SegmentationName::new(name.value.clone()) {
                Ok(segmentation) => segmentation,
                Err(fault) => {
                    self.errors.push(name.located(fault));
                    return None;
                }
            };
            if layers.iter().any(|layer| layer.segmentation == segmentation) {
                let message = format!("the layer `{segmentation}` is named twice");
                self.errors.push(name.error(message, "give it a weight instead"));
                return None;
            }
            let references = vec![(Reference::Segmentation(segmentation.clone()), At::default())];
            self.parts.push(Part { text: name, references });
            let given = weights.as_ref().and_then(|weights| weights.get(segmentation.as_str()));
            let weight = match given {
                Some(given) => match given.number().filter(|x| (0.0..=ClusterLayer::MOST_WEIGHT).contains(x))
                {
                    Some(weight) => Some(weight),
                    None => {
                        let wanted = format!("a number from 0 to {}", ClusterLayer::MOST_WEIGHT);
                        self.errors.push(given.wrong(&wanted, "at 0 a layer describes clusters only"));
                        return None;
                    }
                },
                None => None,
            };
            layers.push(ClusterLayer { segmentation, weight });
        }
        Some(layers)
    }

    /// The segmentations that explain what is found in layers.
    fn covariates(
        &mut self,
        section: &Section<'_, 'd>,
        layers: &[ClusterLayer],
    ) -> Option<Vec<SegmentationName>> {
        let Some(entry) = section.get("covariates") else { return Some(Vec::new()) };
        if layers.is_empty() {
            self.errors.push(entry.error(
                format!("`{}` does not belong here", entry.path),
                "covariates explain classes that are found in `layers`",
            ));
            return None;
        }
        let mut covariates: Vec<SegmentationName> = Vec::new();
        for name in entry.texts(self.errors) {
            let segmentation = match SegmentationName::new(name.value.clone()) {
                Ok(segmentation) => segmentation,
                Err(fault) => {
                    self.errors.push(name.located(fault));
                    return None;
                }
            };
            if layers.iter().any(|layer| layer.segmentation == segmentation) {
                let message =
                    format!("the layer `{segmentation}` cannot explain the classes that it defines");
                self.errors.push(name.error(message, "name it among the layers or among the covariates"));
                return None;
            }
            if covariates.contains(&segmentation) {
                let message = format!("the covariate `{segmentation}` is named twice");
                self.errors.push(name.error(message, "leave one out"));
                return None;
            }
            let references = vec![(Reference::Segmentation(segmentation.clone()), At::default())];
            self.parts.push(Part { text: name, references });
            covariates.push(segmentation);
        }
        Some(covariates)
    }

    /// The value by which a segmentation made of clusters divides.
    pub(super) fn cluster_term(
        &mut self,
        section: &Section<'_, 'd>,
        name: &str,
        subject: Subject,
    ) -> Option<Term> {
        let model = section.get("model")?.text(&mut Errors::new())?;
        self.term(Text { value: score_name(name), ..model }, subject)
    }
}
