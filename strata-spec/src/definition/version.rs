//! Versions: the hash of what a definition means. Titles, layouts and comments are not part of it; whatever can change
//! who is a member is.

use super::{Classes, Classifier, Clusters, Definition, Prediction, Scoring, Version};

impl Definition {
    /// The hash of the normalised form.
    pub(crate) fn version(&self) -> Version {
        let mut hasher = blake3::Hasher::new();
        for part in normalised(self) {
            // The length before each part keeps ("ab", "c") apart from ("a", "bc").
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        Version(hasher.finalize().to_hex()[..16].to_owned())
    }
}

fn normalised(definition: &Definition) -> Vec<String> {
    let mut parts = Vec::new();
    let mut put = |part: &dyn std::fmt::Display| parts.push(part.to_string());
    match definition {
        Definition::Trait(this) => {
            put(&"trait");
            put(&this.header.subject);
            put(&this.value);
        }
        Definition::Score(this) => {
            put(&"score");
            put(&this.header.subject);
            match &this.how {
                Scoring::Rank { tiles, by, descending } => {
                    put(tiles);
                    put(by);
                    put(descending);
                }
                Scoring::Prediction(Prediction { model, predicts, horizon_days, discount_rate, bound }) => {
                    put(model);
                    put(predicts);
                    put(horizon_days);
                    put(discount_rate);
                    if let Some(bound) = bound {
                        put(&bound.end.as_str());
                        put(&bound.level);
                    }
                }
                Scoring::Classifier(Classifier { features, horizon_days }) => {
                    put(&Classifier::WORD);
                    put(horizon_days);
                    features.iter().for_each(|feature| put(feature));
                }
                // What explains clusters decides nobody's.
                Scoring::Clusters(Clusters { model, features, layers, covariates: _, n_clusters }) => {
                    put(model);
                    put(&n_clusters.unwrap_or(0));
                    features.iter().for_each(|feature| put(feature));
                    for layer in layers {
                        put(&layer.segmentation);
                        put(&layer.weight.map_or_else(String::new, |weight| weight.to_string()));
                    }
                }
            }
            if let Some(among) = &this.among {
                put(among);
            }
        }
        Definition::Segmentation(this) => {
            put(&"segmentation");
            put(&this.header.subject);
            match &this.classes {
                Classes::By(term) => {
                    put(&"by");
                    put(term);
                }
                Classes::Rules(classes) => {
                    put(&"classes");
                    for class in classes {
                        put(&class.name);
                        put(&class.condition);
                    }
                }
            }
        }
        Definition::Segment(this) => {
            put(&"segment");
            put(&this.header.subject);
            put(&this.condition);
            for (word, ids) in [("include", &this.include), ("exclude", &this.exclude)] {
                put(&word);
                let ids: std::collections::BTreeSet<&String> = ids.iter().collect();
                ids.iter().for_each(|id| put(id));
            }
        }
    }
    parts
}
