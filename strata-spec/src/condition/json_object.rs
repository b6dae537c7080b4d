//! Objects of the builder's JSON, and the place of each, by the path to it: `$.all[1]`.

use serde_json::{Map, Value};

use super::{Condition, Term};
use crate::error::{SpecError, nearest};
use crate::table::{Subject, Table};

/// Where a value stands.
#[derive(Clone)]
pub(super) struct Json {
    pub(super) subject: Subject,
    pub(super) rows: Option<Table>,
    pub(super) path: String,
    pub(super) depth: usize,
}

impl Json {
    pub(super) fn new(subject: Subject) -> Json {
        Json { subject, rows: None, path: "$".to_owned(), depth: 0 }
    }

    pub(super) fn inside(&self, step: impl std::fmt::Display) -> Json {
        Json { path: format!("{}{step}", self.path), depth: self.depth + 1, ..self.clone() }
    }

    pub(super) fn error(&self, message: impl Into<String>) -> SpecError {
        SpecError::new(message).in_place(&*self.path)
    }
}

/// An object that stands at a place.
#[derive(Clone)]
pub(super) struct Object<'v> {
    pub(super) here: Json,
    pub(super) map: &'v Map<String, Value>,
}

impl<'v> Object<'v> {
    /// Refuses keys other than these: part of a definition is never silently dropped.
    pub(super) fn only(&self, keys: &[&str]) -> Result<Object<'v>, SpecError> {
        match self.map.keys().find(|key| !keys.contains(&key.as_str())) {
            None => Ok(self.clone()),
            Some(other) => {
                let error = self.here.error(format!("unknown key `{other}`"));
                Err(match nearest(other, keys.iter().copied()) {
                    Some(near) => error.with_hint(format!("did you mean `{near}`?")),
                    None => error.with_hint(format!("the keys here are {}", keys.join(", "))),
                })
            }
        }
    }

    pub(super) fn need(&self, key: &str) -> Result<(&'v Value, Json), SpecError> {
        let value = self.map.get(key).ok_or_else(|| {
            self.here.error(format!("the key `{key}` is missing")).with_hint(format!("add `\"{key}\": …`"))
        })?;
        Ok((value, self.here.inside(format_args!(".{key}"))))
    }

    pub(super) fn text(&self, key: &str) -> Result<&'v str, SpecError> {
        let (value, here) = self.need(key)?;
        value.as_str().ok_or_else(|| here.error(format!("expected a text, found {value}")))
    }

    pub(super) fn flag(&self, key: &str) -> Result<bool, SpecError> {
        match self.map.get(key) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(self
                .here
                .inside(format_args!(".{key}"))
                .error(format!("expected true or false, found {other}"))),
        }
    }

    pub(super) fn array(&self, key: &str) -> Result<impl Iterator<Item = (&'v Value, Json)>, SpecError> {
        let (value, here) = self.need(key)?;
        match value {
            Value::Array(values) => Ok(values
                .iter()
                .enumerate()
                .map(move |(index, value)| (value, here.inside(format_args!("[{index}]"))))),
            other => Err(here.error(format!("expected a list, found {other}"))),
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.map.contains_key(key)
    }

    pub(super) fn condition(&self, key: &str) -> Result<Condition, SpecError> {
        let (value, here) = self.need(key)?;
        here.condition(value)
    }

    pub(super) fn conditions(&self, key: &str) -> Result<Vec<Condition>, SpecError> {
        self.array(key)?.map(|(value, here)| here.condition(value)).collect()
    }

    pub(super) fn term(&self, key: &str) -> Result<Term, SpecError> {
        let (value, here) = self.need(key)?;
        here.term(value)
    }

    pub(super) fn terms(&self, key: &str) -> Result<Vec<Term>, SpecError> {
        self.array(key)?.map(|(value, here)| here.term(value)).collect()
    }

    pub(super) fn texts(&self, key: &str) -> Result<Vec<&'v str>, SpecError> {
        let text = |(value, here): (&'v Value, Json)| {
            value.as_str().ok_or_else(|| here.error(format!("expected a text, found {value}")))
        };
        self.array(key)?.map(text).collect()
    }
}
