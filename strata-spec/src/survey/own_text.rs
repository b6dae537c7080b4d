//! The text of an instrument of which only the key is shipped, brought by a user who may use it; or a translation of a free one.

use std::collections::BTreeMap;

use super::csv;
use super::instrument::{Content, Instrument};
use crate::document::{Document, Errors, Section, listed, suggestion};
use crate::error::SpecError;

/// Whether the user says that they may use a text. It has no default: somebody has to say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// The user holds the permission of the text's owner.
    Held,
    /// The user does not say so.
    NotHeld,
}

/// Texts of items by their ids, as a user brought them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemTexts {
    file: String,
    texts: BTreeMap<String, String>,
}

impl ItemTexts {
    /// Texts by the ids of their items, which stand in that file.
    pub fn new(file: &str, texts: impl IntoIterator<Item = (String, String)>) -> ItemTexts {
        ItemTexts { file: file.to_owned(), texts: texts.into_iter().collect() }
    }

    /// The texts of a CSV file with the columns `item` and `text`.
    pub fn from_csv(file: &str, text: &str) -> Result<ItemTexts, SpecError> {
        let records = csv::records(file, text)?;
        let error = |line: usize, message: String, hint: &str| {
            let mut error = SpecError::new(message).with_hint(hint).in_place(file);
            error.position = Some(crate::error::Position { line, column: 1 });
            error
        };
        let Some((header, records)) = records.split_first() else {
            return Err(error(1, "the file is empty".to_owned(), COLUMNS));
        };
        let place = |name: &str| {
            let found = header.cells.iter().position(|cell| cell.trim().eq_ignore_ascii_case(name));
            found.ok_or_else(|| error(header.line, format!("there is no column `{name}`"), COLUMNS))
        };
        let (item, text) = (place("item")?, place("text")?);
        let mut texts = BTreeMap::new();
        for record in records {
            let cell = |place: usize| record.cells.get(place).map_or("", |cell| cell.trim());
            let (id, text) = (cell(item), cell(text));
            if id.is_empty() && text.is_empty() {
                continue;
            }
            if id.is_empty() || text.is_empty() {
                let message = format!("item `{id}` and its text `{text}`: one of the two is empty");
                return Err(error(record.line, message, "give both"));
            }
            if texts.insert(id.to_owned(), text.to_owned()).is_some() {
                let message = format!("item `{id}` has two texts");
                return Err(error(record.line, message, "keep one of the two"));
            }
        }
        Ok(ItemTexts { file: file.to_owned(), texts })
    }

    /// The texts of a TOML file: `[items]` with `id = "text"`.
    pub fn from_toml(file: &str, text: &str) -> Result<ItemTexts, Vec<SpecError>> {
        let mut errors = Errors::new();
        let document = Document { file, text };
        let mut texts = BTreeMap::new();
        if let Some(table) = document.parse(&mut errors) {
            let root = Section::root(document, table.get_ref());
            root.only(&["items"], &mut errors);
            let items = super::parse::section(&root, "items", &mut errors);
            for entry in items.iter().flat_map(Section::entries) {
                if let Some(text) = entry.text(&mut errors) {
                    texts.insert(entry.name, text.value);
                }
            }
        }
        if errors.is_empty() { Ok(ItemTexts { file: file.to_owned(), texts }) } else { Err(errors) }
    }
}

const COLUMNS: &str = "begin with the line `item,text`";

impl Instrument {
    /// The same with these texts. Refused without permission, unless the text is free, and where an item has no text or a text no item.
    pub fn with_text(&self, texts: &ItemTexts, permission: Permission) -> Result<Instrument, SpecError> {
        let error = |message: String, hint: String| {
            SpecError::new(message).with_hint(hint).in_place(texts.file.as_str())
        };
        if permission == Permission::NotHeld && !self.is_free() {
            return Err(error(
                format!("nobody says that the text of `{}` may be used", self.id),
                format!("its licence: {}. Say that you hold the permission if you do", self.licence),
            ));
        }
        let Content::Rating(rating) = &self.content else {
            return Err(error(
                format!("`{}` has no items to bring a text for", self.id),
                "only instruments with rated items take one".to_owned(),
            ));
        };
        let ids = || rating.items.iter().map(|item| item.id.as_str());
        let unknown: Vec<&str> =
            texts.texts.keys().map(String::as_str).filter(|id| ids().all(|known| known != *id)).collect();
        if let Some(first) = unknown.first() {
            return Err(error(
                format!("`{}` has no {}", self.id, named("item", &unknown)),
                suggestion(first, ids(), || format!("its items are {}", listed(ids(), "and"))),
            ));
        }
        let missing: Vec<&str> = ids().filter(|id| !texts.texts.contains_key(*id)).collect();
        if !missing.is_empty() {
            return Err(error(
                format!("there is no text for {}", named("item", &missing)),
                format!(
                    "`{}` is scored over all of its {} items: give each its text",
                    self.id,
                    rating.items.len()
                ),
            ));
        }
        let mut rating = rating.clone();
        for item in &mut rating.items {
            item.text = texts.texts.get(&item.id).cloned();
        }
        Ok(Instrument { content: Content::Rating(rating), has_own_text: true, ..self.clone() })
    }
}

fn named(what: &str, names: &[&str]) -> String {
    let plural = if names.len() == 1 { "" } else { "s" };
    format!("{what}{plural} {}", listed(names.iter().copied(), "and"))
}
