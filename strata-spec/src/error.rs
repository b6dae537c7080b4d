//! What went wrong, where, and what to do about it: the one error of this crate, and the closed list of codes that
//! every face (command line, HTTP, Python) translates.

use std::fmt;

mod excerpt;

use excerpt::{printable, shortened, shown};

/// The kinds of failure that a user can tell apart. Closed: each face matches it totally.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// A definition, manifest or argument is wrong.
    InvalidDefinition,
    /// Input data cannot be read at all.
    InvalidInput,
    /// Something named does not exist.
    NotFound,
    /// Another run holds the lake, or a state forbids the operation.
    Conflict,
    /// The disk or the quota is full.
    StorageFull,
    /// Files or tables cannot be read or written.
    Storage,
    /// A resource limit was reached.
    ResourceLimit,
    /// The user stopped the operation.
    Cancelled,
    /// Checks ran and found problems.
    CheckFailed,
    /// A defect in Strata.
    Internal,
}

impl ErrorCode {
    /// Every code, in the order of its exit code.
    pub const ALL: [ErrorCode; 10] = [
        ErrorCode::Internal,
        ErrorCode::InvalidDefinition,
        ErrorCode::InvalidInput,
        ErrorCode::NotFound,
        ErrorCode::Conflict,
        ErrorCode::StorageFull,
        ErrorCode::Storage,
        ErrorCode::ResourceLimit,
        ErrorCode::CheckFailed,
        ErrorCode::Cancelled,
    ];

    /// The process exit code. `2` is also what the argument parser uses; `130` is the shell's for Ctrl-C.
    pub fn exit_code(self) -> u8 {
        match self {
            ErrorCode::Internal => 1,
            ErrorCode::InvalidDefinition => 2,
            ErrorCode::InvalidInput => 3,
            ErrorCode::NotFound => 4,
            ErrorCode::Conflict => 5,
            ErrorCode::StorageFull => 6,
            ErrorCode::Storage => 7,
            ErrorCode::ResourceLimit => 8,
            ErrorCode::CheckFailed => 9,
            ErrorCode::Cancelled => 130,
        }
    }

    /// The stable name used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorCode::Internal => "internal",
            ErrorCode::InvalidDefinition => "invalid_definition",
            ErrorCode::InvalidInput => "invalid_input",
            ErrorCode::NotFound => "not_found",
            ErrorCode::Conflict => "conflict",
            ErrorCode::StorageFull => "storage_full",
            ErrorCode::Storage => "storage",
            ErrorCode::ResourceLimit => "resource_limit",
            ErrorCode::CheckFailed => "check_failed",
            ErrorCode::Cancelled => "cancelled",
        }
    }
}

/// A place in a text: both 1-based, `column` counted in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Position {
    /// The position of byte `offset` in `text`; an offset past the end is the end.
    pub fn of_offset(text: &str, offset: usize) -> Position {
        let before = &text[..text.floor_char_boundary(offset.min(text.len()))];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Position {
            line: before.bytes().filter(|&byte| byte == b'\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

/// A definition, manifest or condition that cannot be used, with its place, the reason and a hint.
///
/// `Display` gives the place, the message, and (when the text is known) the line with a caret below it; faces print the hint apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecError {
    /// What is wrong, one sentence without a final full stop.
    pub message: String,
    /// The file, or the definition (`segments.vip.where`), that the position speaks of.
    pub place: Option<String>,
    /// Where in that text.
    pub position: Option<Position>,
    /// The line at `position`, to be shown with a caret.
    pub line: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl SpecError {
    /// An error that so far says only what is wrong.
    pub fn new(message: impl Into<String>) -> SpecError {
        SpecError { message: message.into(), place: None, position: None, line: None, hint: None }
    }

    /// Adds what to do about it.
    pub fn with_hint(mut self, hint: impl Into<String>) -> SpecError {
        self.hint = Some(shortened(&hint.into()).into_owned());
        self
    }

    /// Adds where in `text` it is wrong, by byte offset.
    pub fn at(mut self, text: &str, offset: usize) -> SpecError {
        let position = Position::of_offset(text, offset);
        self.line = text.lines().nth(position.line - 1).map(str::to_owned);
        self.position = Some(position);
        self
    }

    /// Adds the place (a file or a definition) unless one is known already.
    pub fn in_place(mut self, place: impl Into<String>) -> SpecError {
        self.place.get_or_insert_with(|| place.into());
        self
    }
}

impl fmt::Display for SpecError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.place, self.position) {
            (Some(place), Some(at)) => write!(out, "{place}:{}:{}: ", at.line, at.column)?,
            (Some(place), None) => write!(out, "{place}: ")?,
            (None, Some(at)) => write!(out, "line {}, column {}: ", at.line, at.column)?,
            (None, None) => {}
        }
        out.write_str(&printable(&shortened(&self.message)))?;
        if let (Some(line), Some(at)) = (&self.line, self.position) {
            let (line, indent) = shown(line, at.column);
            write!(out, "\n  | {line}\n  | {indent}^")?;
        }
        Ok(())
    }
}

impl std::error::Error for SpecError {}

/// The candidate nearest to `word` (by edit distance, ignoring case), if one is near enough to be meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let length = word.chars().count();
    candidates
        .into_iter()
        // What differs much in length is not near, and comparing it would take its time.
        .filter(|candidate| candidate.chars().count().abs_diff(length) * 3 <= candidate.len().max(3))
        .map(|candidate| (strsim::damerau_levenshtein(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance * 3 <= candidate.len().max(3))
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_not_bytes() {
        let text = "größe = 1\nnäme = x";
        assert_eq!(Position::of_offset(text, text.find('x').unwrap()), Position { line: 2, column: 8 });
        assert_eq!(Position::of_offset(text, 999), Position { line: 2, column: 9 });
    }

    #[test]
    fn the_caret_stands_under_the_word() {
        let text = "n_orders >= 3 and\n  contry = 'DE'";
        let error = SpecError::new("unknown column `contry`")
            .at(text, text.find("contry").unwrap())
            .in_place("segments.x");
        assert_eq!(
            error.to_string(),
            "segments.x:2:3: unknown column `contry`\n  |   contry = 'DE'\n  |   ^"
        );
    }

    #[test]
    fn nearest_names_are_near() {
        assert_eq!(nearest("contry", ["city", "country", "county"]), Some("country"));
        assert_eq!(nearest("zzz", ["city", "country"]), None);
    }

    #[test]
    fn exit_codes_are_distinct() {
        let codes: std::collections::BTreeSet<u8> =
            ErrorCode::ALL.iter().map(|code| code.exit_code()).collect();
        assert_eq!(codes.len(), ErrorCode::ALL.len());
    }
}
