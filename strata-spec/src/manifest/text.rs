//! Reads `[text]`: what the reading of texts takes from the project besides its data.

use crate::document::{Errors, Section};

/// What the reading of texts rests on besides the data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// The folder with a model of English sentences, relative to the manifest's: classifiers then learn from what sentences mean, not from their
    /// words.
    pub embeddings: Option<String>,
}

/// The key that names the folder of the model, as errors about it call it.
pub const EMBEDDINGS: &str = "text.embeddings";

pub(super) fn text(section: &Section, errors: &mut Errors) -> Text {
    section.only(&["embeddings"], errors);
    Text { embeddings: section.text("embeddings", errors).map(|folder| folder.value) }
}

#[cfg(test)]
mod tests {
    use crate::manifest::trial::read;

    fn parse(text: &str) -> Result<Option<String>, String> {
        read(text, |manifest| manifest.text.embeddings)
    }

    #[test]
    fn a_project_names_its_model_of_sentences() {
        assert_eq!(parse(""), Ok(None));
        assert_eq!(parse("[text]"), Ok(None));
        assert_eq!(parse("[text]\nembeddings = \"../minilm\""), Ok(Some("../minilm".to_owned())));
        for (text, told) in [
            (
                "[text]\nembedding = \"minilm\"",
                "4:1: unknown key `embedding` in [text] | did you mean `embeddings`?",
            ),
            (
                "[text]\nembeddings = true",
                "4:14: `text.embeddings` must be a text, not true | write it in quotes: `\"…\"`",
            ),
        ] {
            assert_eq!(parse(text), Err(told.to_owned()));
        }
    }
}
