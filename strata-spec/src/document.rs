//! A TOML text read with positions: every key and value knows where it stands, so that a mistake is reported at its
//! own line with the nearest known word, and all mistakes of a file are reported at once.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{Position, SpecError, nearest};

/// The mistakes found so far; reading goes on after each.
pub(crate) type Errors = Vec<SpecError>;

/// A file's name and text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Document<'d> {
    pub(crate) file: &'d str,
    pub(crate) text: &'d str,
}

impl<'d> Document<'d> {
    /// The file's table; none, with an error for each fault, where it is not TOML.
    pub(crate) fn parse(self, errors: &mut Errors) -> Option<Spanned<DeTable<'d>>> {
        let (table, faults) = DeTable::parse_recoverable(self.text);
        for fault in &faults {
            let hint = match fault.message() {
                "duplicate key" => "it is given twice: keep one of the two",
                _ => "the file is TOML: `[section]`, `name = \"text\"`, `name = 3`, `name = [\"a\", \"b\"]`",
            };
            let at = fault.span().map_or(0, |span| span.start);
            errors.push(self.error(at, format!("not TOML: {}", fault.message()), hint));
        }
        faults.is_empty().then_some(table)
    }

    pub(crate) fn error(self, at: usize, message: impl Into<String>, hint: impl Into<String>) -> SpecError {
        SpecError::new(message).with_hint(hint).at(self.text, at).in_place(self.file)
    }
}

/// A text in a document: a key or a value.
#[derive(Debug, Clone)]
pub(crate) struct Text<'d> {
    pub(crate) document: Document<'d>,
    /// What it is called: `segments.vip.where`.
    pub(crate) path: String,
    /// What it says, escapes resolved.
    pub(crate) value: String,
    /// Where it stands, quotes included.
    pub(crate) span: Range<usize>,
}

impl Text<'_> {
    /// An error about the whole text.
    pub(crate) fn error(&self, message: impl Into<String>, hint: impl Into<String>) -> SpecError {
        self.document.error(self.span.start, message, hint)
    }

    /// An error of another module about the whole text, shown at its place.
    pub(crate) fn located(&self, error: SpecError) -> SpecError {
        error.at(self.document.text, self.span.start).in_place(self.document.file)
    }

    /// An error at a position inside what the text says, shown at its place in the file.
    pub(crate) fn inner_error(
        &self,
        position: Option<Position>,
        message: &str,
        hint: Option<String>,
    ) -> SpecError {
        let at = position.map_or(self.span.start, |position| self.offset_of(position));
        let error = SpecError::new(format!("{}: {message}", self.path))
            .at(self.document.text, at)
            .in_place(self.document.file);
        match hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }

    /// The byte of the document at which the character stands that `position` names in the value.
    fn offset_of(&self, position: Position) -> usize {
        let raw = &self.document.text[self.span.clone()];
        let quotes = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quotes| raw.starts_with(quotes));
        let mut at = quotes.map_or(0, str::len);
        if at == 3 {
            at += raw[at..].len() - raw[at..].trim_start_matches('\r').len();
            at += usize::from(raw[at..].starts_with('\n'));
        }
        let escapes = quotes.is_some_and(|quotes| quotes.starts_with('"'));
        let (mut line, mut column) = (1, 1);
        for character in self.value.chars() {
            if (line, column) >= (position.line, position.column) {
                break;
            }
            at += written_length(&raw[at..], character, escapes);
            (line, column) = if character == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        // A line ending in a backslash is joined with the next; the place is where the text goes on.
        while escapes && continues(&raw[at..]) {
            at += joint_length(&raw[at..]);
        }
        self.span.start + at
    }
}

/// The number of bytes that stand in a document for one character of a value.
fn written_length(raw: &str, character: char, escapes: bool) -> usize {
    let mut length = 0;
    while escapes && continues(&raw[length..]) {
        length += joint_length(&raw[length..]);
    }
    let rest = &raw[length..];
    let own = match rest.as_bytes() {
        [b'\\', b'u', ..] if escapes => 6,
        [b'\\', b'U', ..] if escapes => 10,
        [b'\\', b'x', ..] if escapes => 4,
        [b'\\', ..] if escapes => 2,
        [b'\r', b'\n', ..] if character == '\n' => 2,
        _ => character.len_utf8(),
    };
    (length + own).min(raw.len())
}

fn continues(raw: &str) -> bool {
    raw.strip_prefix('\\').is_some_and(|rest| rest.trim_start_matches([' ', '\t', '\r']).starts_with('\n'))
}

fn joint_length(raw: &str) -> usize {
    raw.len() - raw[1..].trim_start().len()
}

/// A table of a document.
#[derive(Clone)]
pub(crate) struct Section<'t, 'd> {
    pub(crate) document: Document<'d>,
    table: &'t DeTable<'d>,
    /// What it is called: `sources.shop`; empty for the whole document.
    pub(crate) path: String,
    /// Where its name stands.
    pub(crate) at: usize,
}

impl<'t, 'd> Section<'t, 'd> {
    /// A document's own table.
    pub(crate) fn root(document: Document<'d>, table: &'t DeTable<'d>) -> Section<'t, 'd> {
        Section { document, table, path: String::new(), at: 0 }
    }

    pub(crate) fn error(&self, message: impl Into<String>, hint: impl Into<String>) -> SpecError {
        self.document.error(self.at, message, hint)
    }

    /// Its keys and values, in the order of the file.
    pub(crate) fn entries(&self) -> Vec<Entry<'t, 'd>> {
        let mut entries: Vec<Entry> = self
            .table
            .iter()
            .map(|(key, value)| Entry {
                document: self.document,
                path: joined(&self.path, key.get_ref()),
                name: key.get_ref().to_string(),
                name_span: key.span(),
                value: value.get_ref(),
                span: value.span(),
            })
            .collect();
        entries.sort_by_key(|entry| entry.name_span.start);
        entries
    }

    /// The entry of that key, if there is one.
    pub(crate) fn get(&self, key: &str) -> Option<Entry<'t, 'd>> {
        self.entries().into_iter().find(|entry| entry.name == key)
    }

    /// Refuses every key but these.
    pub(crate) fn only(&self, known: &[&str], errors: &mut Errors) {
        for entry in self.entries() {
            if !known.contains(&entry.name.as_str()) {
                errors.push(entry.unknown(known));
            }
        }
    }

    /// The text of a key that may be missing.
    pub(crate) fn text(&self, key: &str, errors: &mut Errors) -> Option<Text<'d>> {
        self.get(key)?.text(errors)
    }

    /// The text of a key that must be there; `example` says in the hint how it is written.
    pub(crate) fn required_text(&self, key: &str, example: &str, errors: &mut Errors) -> Option<Text<'d>> {
        let entry = self.get(key);
        if entry.is_none() {
            errors.push(self.missing(key, example));
        }
        entry?.text(errors)
    }

    /// That a key is missing.
    pub(crate) fn missing(&self, key: &str, example: &str) -> SpecError {
        self.error(
            format!("`{}` is missing", joined(&self.path, key)),
            format!("add `{key} = {example}` under [{}]", self.path),
        )
    }
}

/// A key and its value.
#[derive(Clone)]
pub(crate) struct Entry<'t, 'd> {
    pub(crate) document: Document<'d>,
    pub(crate) path: String,
    pub(crate) name: String,
    name_span: Range<usize>,
    value: &'t DeValue<'d>,
    span: Range<usize>,
}

impl<'t, 'd> Entry<'t, 'd> {
    /// The key as a text.
    pub(crate) fn key(&self) -> Text<'d> {
        Text {
            document: self.document,
            path: self.path.clone(),
            value: self.name.clone(),
            span: self.name_span.clone(),
        }
    }

    /// An error about the value.
    pub(crate) fn error(&self, message: impl Into<String>, hint: impl Into<String>) -> SpecError {
        self.document.error(self.span.start, message, hint)
    }

    /// That the key is not one of `known`.
    pub(crate) fn unknown(&self, known: &[&str]) -> SpecError {
        let section =
            self.path.rsplit_once('.').map_or(String::new(), |(section, _)| format!(" in [{section}]"));
        let hint = suggestion(&self.name, known.iter().copied(), || {
            format!("known keys are {}", listed(known.iter().copied(), "and"))
        });
        self.key().error(format!("unknown key `{}`{section}", self.name), hint)
    }

    /// The bare value.
    pub(crate) fn value(&self) -> &'t DeValue<'d> {
        self.value
    }

    pub(crate) fn is_table(&self) -> bool {
        self.value.is_table()
    }

    /// The value as a text that is not empty.
    pub(crate) fn text(&self, errors: &mut Errors) -> Option<Text<'d>> {
        let Some(value) = self.value.as_str() else {
            errors.push(self.wrong("a text", "write it in quotes: `\"…\"`"));
            return None;
        };
        if value.is_empty() {
            errors.push(self.error(format!("`{}` is empty", self.path), "give it a value or leave it out"));
            return None;
        }
        let (document, path, span) = (self.document, self.path.clone(), self.span.clone());
        Some(Text { document, path, value: value.to_owned(), span })
    }

    /// The value as a table.
    pub(crate) fn section(&self, errors: &mut Errors) -> Option<Section<'t, 'd>> {
        let Some(table) = self.value.as_table() else {
            errors.push(self.wrong("a table", &format!("write it as a section: `[{}]`", self.path)));
            return None;
        };
        let at = if self.name_span.is_empty() { self.span.start } else { self.name_span.start };
        Some(Section { document: self.document, table, path: self.path.clone(), at })
    }

    /// The value as a list.
    pub(crate) fn list(&self, hint: &str, errors: &mut Errors) -> Option<Vec<Entry<'t, 'd>>> {
        let Some(items) = self.value.as_array() else {
            errors.push(self.wrong("a list", hint));
            return None;
        };
        let item = |(index, value): (usize, &'t Spanned<DeValue<'d>>)| Entry {
            document: self.document,
            path: format!("{}[{index}]", self.path),
            name: String::new(),
            name_span: value.span().start..value.span().start,
            value: value.get_ref(),
            span: value.span(),
        };
        Some(items.iter().enumerate().map(item).collect())
    }

    /// The value as a list of texts.
    pub(crate) fn texts(&self, errors: &mut Errors) -> Vec<Text<'d>> {
        let items = self.list("write it as `[\"a\", \"b\"]`", errors).unwrap_or_default();
        items.iter().filter_map(|item| item.text(errors)).collect()
    }

    /// The value as one of a few words.
    pub(crate) fn word<T: Copy>(&self, words: &[(&str, T)], errors: &mut Errors) -> Option<T> {
        let text = self.text(errors)?;
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text.value) {
            return Some(*meaning);
        }
        let known = || words.iter().map(|(word, _)| *word);
        let hint = suggestion(&text.value, known(), || format!("it is one of {}", listed(known(), "and")));
        errors.push(text.error(format!("`{}` cannot be `{}`", self.path, text.value), hint));
        None
    }

    /// The value as true or false.
    pub(crate) fn truth(&self, errors: &mut Errors) -> Option<bool> {
        if !self.value.is_bool() {
            errors.push(self.wrong("`true` or `false`", "write it without quotes"));
        }
        self.value.as_bool()
    }

    /// The value as a whole number of at least `least`.
    pub(crate) fn whole(&self, least: u64, errors: &mut Errors) -> Option<u64> {
        let number = self
            .value
            .as_integer()
            .and_then(|digits| u64::from_str_radix(digits.as_str(), digits.radix()).ok());
        if number.is_none_or(|number| number < least) {
            errors.push(self.wrong(
                &format!("a whole number from {least}"),
                &format!("write it as `{least}`, without quotes"),
            ));
            return None;
        }
        number
    }

    /// The value as a number.
    pub(crate) fn number(&self) -> Option<f64> {
        match self.value {
            DeValue::Integer(digits) => {
                i64::from_str_radix(digits.as_str(), digits.radix()).ok().map(|whole| whole as f64)
            }
            DeValue::Float(digits) => digits.as_str().parse().ok(),
            _ => None,
        }
    }

    /// That the value is of another type than `wanted`.
    pub(crate) fn wrong(&self, wanted: &str, hint: &str) -> SpecError {
        let found = match self.value {
            DeValue::String(_) => "a text".to_owned(),
            DeValue::Integer(digits) => digits.to_string(),
            DeValue::Float(digits) => digits.to_string(),
            DeValue::Boolean(truth) => truth.to_string(),
            DeValue::Datetime(_) => "a date".to_owned(),
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Table(_) => "a table".to_owned(),
        };
        let found = if found == wanted { "this one".to_owned() } else { found };
        self.error(format!("`{}` must be {wanted}, not {found}", self.path), hint)
    }
}

/// A path and a key below it.
fn joined(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// "did you mean …?" where a candidate is near enough, something else otherwise.
pub(crate) fn suggestion<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    otherwise: impl FnOnce() -> String,
) -> String {
    match nearest(word, candidates) {
        Some(near) => format!("did you mean `{near}`?"),
        None => otherwise(),
    }
}

/// Names in a sentence: "`a`, `b` and `c`".
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>, last: &str) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => "none".to_owned(),
        [one] => one.clone(),
        [most @ .., end] => format!("{} {last} {end}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mark `!` in the text of `key = …` is found at its place in the file.
    fn check(file: &str) {
        let mut errors = Errors::new();
        let document = Document { file: "f", text: file };
        let table = document.parse(&mut errors).unwrap();
        let text = Section::root(document, table.get_ref()).text("key", &mut errors).unwrap();
        let inside = Position::of_offset(&text.value, text.value.find('!').unwrap());
        let error = text.inner_error(Some(inside), "here", None);
        assert_eq!(error.position, Some(Position::of_offset(file, file.find('!').unwrap())), "{file:?}");
        assert_eq!(errors, []);
    }

    #[test]
    fn places_inside_a_text_are_found_in_the_file() {
        for file in [
            "key = '!'",
            "key = \"ab!\"",
            "\n  key = 'ß!'",
            "key = '''!'''",
            "key = '''\nab\n  !'''",
            "key = \"\"\"\n\n!\"\"\"",
            "key = \"\"\"\r\na\r\n b!\"\"\"",
            "key = \"\\\"\\t\\u00e9\\U0001F600\\\\!\"",
            "key = \"\"\"a \\\n\n   b \\  \r\n  !\"\"\"",
            "key = \"\"\"\\\n  !\"\"\"",
            "key = '\\u!'",
            "\u{feff}key = '!'",
        ] {
            check(file);
        }
    }

    #[test]
    fn names_in_a_sentence() {
        for (names, sentence) in [(&[][..], "none"), (&["a"], "`a`"), (&["a", "b", "c"], "`a`, `b` and `c`")]
        {
            assert_eq!(listed(names.iter().copied(), "and"), sentence);
        }
    }
}
