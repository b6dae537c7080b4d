//! How much of a text an error shows: what fits a terminal, around the place that is meant, and nothing that would move its
//! cursor. Texts come from strangers and may be a megabyte of anything.

use std::borrow::Cow;

/// So many characters of a line are shown before the caret, and so many from it on.
const BEFORE: usize = 100;
const AFTER: usize = 60;

/// The longest word, and the longest text, that an error says in full.
const LONGEST_WORD: usize = 120;
const LONGEST: usize = 2_000;

/// The part of a line around a column (from 1), and what stands below it before the caret.
pub(super) fn shown(line: &str, column: usize) -> (String, String) {
    let column = column.max(1) - 1;
    let length = line.chars().count();
    let first = if length <= BEFORE + AFTER { 0 } else { column.saturating_sub(BEFORE) };
    let last = if length <= BEFORE + AFTER { length } else { length.min(column + AFTER) };
    let part: String = line.chars().skip(first).take(last - first).collect();
    let part = printable(&part);
    let (before, after) = (if first > 0 { "…" } else { "" }, if last < length { "…" } else { "" });
    // A tab is as wide below as above.
    let mut indent: String = before.chars().map(|_| ' ').collect();
    let above = part.chars().chain(std::iter::repeat(' ')).take(column - first);
    indent.extend(above.map(|each| if each == '\t' { '\t' } else { ' ' }));
    (format!("{before}{part}{after}"), indent)
}

/// A text without the middle of words, and of itself, that are too long to be read.
pub(super) fn shortened(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST_WORD {
        return Cow::Borrowed(text);
    }
    let words: Vec<Cow<'_, str>> = text.split(' ').map(|word| without_middle(word, LONGEST_WORD)).collect();
    Cow::Owned(without_middle(&words.join(" "), LONGEST).into_owned())
}

fn without_middle(text: &str, longest: usize) -> Cow<'_, str> {
    if text.chars().nth(longest).is_none() {
        return Cow::Borrowed(text);
    }
    let end = text.char_indices().rev().nth(longest / 4).map_or(text.len(), |(at, _)| at);
    Cow::Owned(text.chars().take(longest / 2).chain(['…']).chain(text[end..].chars()).collect())
}

/// A text in which characters that control a terminal are replaced.
pub(super) fn printable(text: &str) -> Cow<'_, str> {
    let controls = |each: char| each.is_control() && !matches!(each, '\n' | '\t');
    match text.contains(controls) {
        true => Cow::Owned(text.replace(controls, "\u{fffd}")),
        false => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_shown_around_the_caret() {
        let line = format!("{}!{}", "ä".repeat(1_000), "b".repeat(1_000));
        let (part, indent) = shown(&line, 1_001);
        assert_eq!(part, format!("…{}!{}…", "ä".repeat(100), "b".repeat(59)));
        assert_eq!(indent, " ".repeat(101));
        assert_eq!(shown(&line, 1), (format!("{}…", "ä".repeat(60)), String::new()));
        assert_eq!(shown(&line, 2_002).1, " ".repeat(101), "behind the end");
        assert_eq!(shown("a = 1", 7), ("a = 1".to_owned(), " ".repeat(6)));
    }

    #[test]
    fn the_caret_stands_under_its_word_behind_tabs_and_controls() {
        assert_eq!(shown("\ta\t= \u{1b}[31m1", 6), ("\ta\t= \u{fffd}[31m1".to_owned(), "\t \t  ".to_owned()));
        assert_eq!(printable("a\u{7}\nb"), "a\u{fffd}\nb");
    }

    #[test]
    fn long_words_and_texts_lose_their_middle() {
        let short = "unknown column `contry`";
        assert_eq!(shortened(short), short);
        let name = "x".repeat(1_000_000);
        assert_eq!(
            shortened(&format!("no column `{name}` here")),
            format!("no column `{}…{}` here", "x".repeat(59), "x".repeat(30))
        );
        assert!(shortened(&"ö ".repeat(1_000_000)).chars().count() < 2_000);
    }
}
