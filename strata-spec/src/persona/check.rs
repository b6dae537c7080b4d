//! The law of figures: nothing is printed that is not in the evidence, as printed.

use std::collections::BTreeSet;

use super::evidence::Evidence;
use super::figure::{Printed, figures};
use super::write::{FEWEST, Persona, size};
use crate::error::SpecError;

impl Persona {
    /// Proves that each figure of its name, its summary, its sentences and of what is not known stands in the evidence given beside, rounded as it is
    /// there. Callers who change a text, as by translating it, prove it again.
    ///
    /// # Errors
    /// The first figure that stands nowhere.
    pub fn check(&self) -> Result<(), SpecError> {
        let of = |evidence: &[Evidence]| -> BTreeSet<String> {
            evidence.iter().flat_map(|each| Printed::of(each).figures().collect::<Vec<_>>()).collect()
        };
        self.held(&self.name, &BTreeSet::new())?;
        for sentence in &self.sentences {
            self.held(&sentence.text, &of(&sentence.evidence))?;
        }
        let mut all: BTreeSet<String> =
            self.sentences.iter().flat_map(|sentence| of(&sentence.evidence)).collect();
        if self.segment.n >= FEWEST {
            all.extend(figures(&size(&self.segment)));
        }
        self.held(&self.summary, &all)?;
        self.unknown.iter().try_for_each(|unknown| self.held(&unknown.text, &BTreeSet::new()))
    }

    fn held(&self, text: &str, known: &BTreeSet<String>) -> Result<(), SpecError> {
        match figures(text).into_iter().find(|figure| !known.contains(figure)) {
            None => Ok(()),
            Some(figure) => Err(SpecError::new(format!("`{figure}` in \"{text}\" is not in its evidence"))
                .with_hint("print only figures of the evidence, rounded as it rounds them")
                .in_place(format!("persona `{}`", self.name))),
        }
    }
}
