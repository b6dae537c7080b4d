//! Trained classifiers of texts: a JSON file each in the project's folder `classifiers`, beside the lake and not in it, since no run makes them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use strata_models::text::classify::validate::Validation;
use strata_models::text::classify::{Classifier, Features};
use strata_spec::error::{ErrorCode, nearest};
use strata_spec::name::ClassifierName;

use super::embed::called;
use crate::error::{Context, Error, Result};
use crate::project::{Project, read_text};

/// The folder.
const FOLDER: &str = "classifiers";
/// The form of the files; another form is not read.
const FORM: u32 = 2;

/// A classifier with what it learned from and how good it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The form of the file.
    form: u32,
    /// Its name.
    pub name: ClassifierName,
    /// The column of the texts that it learned from, …
    pub text: String,
    /// … and that of their labels.
    pub label: String,
    /// Rows without a text or a label, which were left out.
    pub n_left_out: u64,
    /// Rows that said again what another one said, of which one counted.
    pub n_repeated: u64,
    /// Rows with a text in another language than the model of sentences reads, which were left out.
    pub n_foreign: u64,
    /// The model of sentences that it goes by, as the hash of its weights; none where it goes by words.
    pub model: Option<String>,
    /// What it is worth on texts that it had not seen.
    pub validation: Validation,
    /// The classifier.
    pub classifier: Classifier,
}

/// What a classifier is from.
pub(super) struct Origin {
    pub(super) text: String,
    pub(super) label: String,
    pub(super) n_left_out: u64,
    pub(super) n_repeated: u64,
    pub(super) n_foreign: u64,
    pub(super) model: Option<String>,
}

impl Kept {
    pub(super) fn new(
        name: ClassifierName,
        origin: Origin,
        validation: Validation,
        classifier: Classifier,
    ) -> Kept {
        let Origin { text, label, n_left_out, n_repeated, n_foreign, model } = origin;
        Kept {
            form: FORM,
            name,
            text,
            label,
            n_left_out,
            n_repeated,
            n_foreign,
            model,
            validation,
            classifier,
        }
    }

    /// How many words it knows; none where it goes by none.
    pub fn n_words(&self) -> Option<usize> {
        match &self.classifier.features {
            Features::Words(words) => Some(words.words.len()),
            Features::Points { .. } => None,
        }
    }

    /// What it goes by: `words` or `embeddings`.
    pub fn goes_by(&self) -> &'static str {
        called(&self.classifier.features)
    }

    /// Its file, from the project's folder on.
    pub fn file(&self) -> PathBuf {
        file(self.name.as_str())
    }

    /// Writes it down in the place of an earlier one of its name, which stays whole until then.
    pub(super) fn save(&self, project: &Project) -> Result<()> {
        let writing = || format!("cannot write {}", self.file().display());
        let text = serde_json::to_string(self)
            .map_err(|error| Error::new(ErrorCode::Internal, writing()).caused_by(error))?;
        std::fs::create_dir_all(project.root.join(FOLDER)).context(writing())?;
        let path = project.root.join(self.file());
        let new = path.with_extension("json.new");
        std::fs::write(&new, text).and_then(|()| std::fs::rename(&new, &path)).context(writing())
    }

    /// The classifier of that name; without a name the only one that there is.
    ///
    /// # Errors
    /// `NotFound` where there is none, `InvalidInput` where there are several or its file is none that is known.
    pub(super) fn open(project: &Project, name: Option<&str>) -> Result<Kept> {
        let names = names(project)?;
        let known = || names.iter().map(String::as_str);
        let name = match (name, names.as_slice()) {
            (_, []) => {
                let error = Error::new(ErrorCode::NotFound, "the project has no classifier of texts");
                return Err(error.with_hint(
                    "`strata text train labels.csv --text text --label label` makes one from texts that you have labelled",
                ));
            }
            (None, [only]) => only,
            (None, _) => {
                let error = Error::new(ErrorCode::InvalidInput, "the project has several classifiers");
                return Err(
                    error.with_hint(format!("name one of {}", known().collect::<Vec<_>>().join(", ")))
                );
            }
            (Some(name), _) if known().any(|known| known == name) => name,
            (Some(name), _) => {
                let error = Error::new(ErrorCode::NotFound, format!("there is no classifier `{name}`"));
                return Err(match nearest(name, known()) {
                    Some(near) => error.with_hint(format!("did you mean `{near}`?")),
                    None => error.with_hint(format!("there is {}", known().collect::<Vec<_>>().join(", "))),
                });
            }
        };
        let shown = file(name);
        let text = read_text(&project.root.join(&shown))?;
        let broken = || {
            let message = format!("{} is no classifier that this version of Strata reads", shown.display());
            Error::new(ErrorCode::InvalidInput, message).with_hint("train it again with `strata text train`")
        };
        let kept: Kept = serde_json::from_str(&text).map_err(|error| broken().caused_by(error))?;
        if kept.form == FORM { Ok(kept) } else { Err(broken()) }
    }
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(FOLDER).join(format!("{name}.json"))
}

/// The classifiers that there are, in alphabetical order.
fn names(project: &Project) -> Result<Vec<String>> {
    let folder = project.root.join(FOLDER);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let listing = || format!("cannot list {}", folder.display());
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).context(listing())? {
        let name = entry.context(listing())?.file_name();
        let name = name.to_str().and_then(|name| name.strip_suffix(".json"));
        names.extend(name.filter(|name| ClassifierName::new(*name).is_ok()).map(str::to_owned));
    }
    names.sort();
    Ok(names)
}
