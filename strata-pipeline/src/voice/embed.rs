//! Texts as points, by a model of English sentences whose files the project names. A build without the feature `embeddings` has no such model.

use strata_models::text::classify::Features;
#[cfg(feature = "embeddings")]
use strata_models::text::embed::{EmbedError, Encoder, Vocabulary};
use strata_models::text::language::language;
use strata_models::text::vectors::Vectors;
use strata_spec::error::{ErrorCode, SpecError};
use strata_spec::manifest::EMBEDDINGS;

#[cfg(feature = "embeddings")]
use super::heard::refused;
use crate::error::{Error, Result};
use crate::project::Project;

/// The language that the model is for.
const ENGLISH: &str = "eng";

/// A model of sentences.
#[cfg(feature = "embeddings")]
pub(super) struct Embedder {
    encoder: Encoder,
    model: String,
}

/// There is none.
#[cfg(not(feature = "embeddings"))]
pub(super) enum Embedder {}

impl Embedder {
    /// The model that the project names; none where it names none.
    ///
    /// # Errors
    /// `InvalidDefinition` where its files are not there or are not those of such a model, and in a build that cannot use it.
    pub(super) fn of(project: &Project) -> Result<Option<Embedder>> {
        match &project.manifest.text.embeddings {
            None => Ok(None),
            Some(folder) => Embedder::open(project, folder).map(Some),
        }
    }
}

#[cfg(feature = "embeddings")]
impl Embedder {
    /// The point of each text.
    pub(super) fn points<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Result<Vectors> {
        self.encoder.embed(texts).map_err(|error| refused(&error))
    }

    /// Which model it is: the hash of its weights.
    pub(super) fn model(&self) -> &str {
        &self.model
    }

    fn open(project: &Project, folder: &str) -> Result<Embedder> {
        let path = project.root.join(folder);
        let read = |file: &str| {
            std::fs::read(path.join(file)).map_err(|cause| {
                let message = format!("the model of sentences has no {file} that can be read: {cause}");
                let hint = "put config.json, vocab.txt (or tokenizer.json) and model.safetensors of all-MiniLM-L6-v2 into that folder; nothing \
                            is downloaded";
                misplaced(project, message, hint)
            })
        };
        let text = |file: &str| read(file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let vocabulary = match path.join("vocab.txt").is_file() {
            true => Vocabulary::of_lines(&text("vocab.txt")?),
            false => Vocabulary::of_tokenizer(&text("tokenizer.json")?),
        };
        let (config, weights) = (text("config.json")?, read("model.safetensors")?);
        let encoder = vocabulary.and_then(|vocabulary| Encoder::new(&config, vocabulary, &weights));
        let encoder = encoder.map_err(|EmbedError { file, reason }| {
            let hint = "give the files of all-MiniLM-L6-v2, or of a model that is built like it";
            misplaced(project, format!("the model's {file} {reason}"), hint)
        })?;
        Ok(Embedder { encoder, model: blake3::hash(&weights).to_hex().to_string() })
    }
}

#[cfg(not(feature = "embeddings"))]
impl Embedder {
    pub(super) fn points<T: AsRef<str> + Sync>(&self, _texts: &[T]) -> Result<Vectors> {
        match *self {}
    }

    pub(super) fn model(&self) -> &str {
        match *self {}
    }

    fn open(project: &Project, _folder: &str) -> Result<Embedder> {
        let hint = "build it with them, `cargo install --path strata --locked --features embeddings`, or leave the key out";
        Err(misplaced(project, "this build of Strata is without embeddings of sentences".to_owned(), hint))
    }
}

/// Whether a text is certainly in a language that the model does not read. What is too short to tell is taken for English.
pub(super) fn is_foreign(text: &str) -> bool {
    language(text).is_some_and(|language| language != ENGLISH)
}

/// The model that a classifier of points was trained by is needed; another will not do.
pub(super) fn check_model(name: &str, trained_by: Option<&str>, embedder: &Embedder) -> Result<()> {
    if trained_by == Some(embedder.model()) {
        return Ok(());
    }
    let message = format!(
        "the classifier `{name}` was trained by another model of sentences than `{EMBEDDINGS}` names"
    );
    Err(Error::new(ErrorCode::Conflict, message).with_hint("train it again with `strata text train`"))
}

/// Why a classifier of points cannot be used without a model.
pub(super) fn without_model(name: &str) -> Error {
    let message = format!(
        "the classifier `{name}` was trained by embeddings of sentences, and the project names no model of them"
    );
    Error::new(ErrorCode::Conflict, message)
        .with_hint("write `embeddings = \"FOLDER\"` into [text] of strata.toml, or train it again with `strata text train`")
}

/// What a classifier goes by, in a word.
pub(super) fn called(features: &Features) -> &'static str {
    match features {
        Features::Words(_) => "words",
        Features::Points { .. } => "embeddings",
    }
}

/// An error that stands where the manifest names the model.
fn misplaced(project: &Project, message: String, hint: &str) -> Error {
    project.refused(vec![SpecError::new(message).with_hint(hint).in_place(EMBEDDINGS)])
}
