//! Formats the conditions and values in a file of definitions: one normal form, a clause a line where it is long.
//!
//! Only the texts themselves are replaced. Comments, order, blank lines and everything else of the file stay as they are, byte
//! by byte. A text with a comment of its own stays as it is too: the normal form has no place for it.

use std::ops::Range;

use super::{FAMILIES, Family};
use crate::condition::{Condition, Term};
use crate::document::{Document, Errors, Section, Text};
use crate::error::{Position, SpecError};
use crate::table::Subject;

/// A file, formatted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formatted {
    /// What the file says now.
    pub text: String,
    /// How many conditions and values it has.
    pub n_texts: usize,
    /// How many of them were written otherwise.
    pub n_changed: usize,
    /// Where those stand that have comments of their own, and stay as they are.
    pub commented: Vec<Position>,
}

/// How wide a line may become.
const WIDTH: usize = 100;
/// How far clauses are set in from their key.
const INDENT: &str = "  ";

/// Formats a file of definitions, `strata.toml` or one under `segments/`. Whether the names in it are there is not asked.
///
/// # Errors
/// Every text that cannot be read, with its place.
pub fn formatted(file: &str, text: &str) -> Result<Formatted, Vec<SpecError>> {
    let mut errors = Errors::new();
    let document = Document { file, text };
    let Some(table) = document.parse(&mut errors) else { return Err(errors) };
    let texts = texts(&Section::root(document, table.get_ref()), &mut errors);
    let mut formatted = Formatted { text: text.to_owned(), n_texts: 0, n_changed: 0, commented: Vec::new() };
    let mut changes: Vec<(Range<usize>, String)> = Vec::new();
    for (text, sort, subject) in texts {
        formatted.n_texts += 1;
        if has_comment(&text.value) {
            formatted.commented.push(Position::of_offset(document.text, text.span.start));
            continue;
        }
        match literal(&text, sort, subject) {
            Ok(Some(literal)) if literal != document.text[text.span.clone()] => {
                changes.push((text.span, literal));
            }
            Ok(_) => {}
            Err(fault) => errors.push(text.inner_error(fault.position, &fault.message, fault.hint)),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    formatted.n_changed = changes.len();
    changes.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    for (span, literal) in changes {
        formatted.text.replace_range(span, &literal);
    }
    Ok(formatted)
}

/// What kind of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Condition,
    Term,
}

/// The conditions and values of a file's definitions.
fn texts<'d>(root: &Section<'_, 'd>, errors: &mut Errors) -> Vec<(Text<'d>, Sort, Subject)> {
    let mut texts = Vec::new();
    for (name, family) in FAMILIES {
        let Some(section) = root.get(name).and_then(|entry| entry.section(errors)) else { continue };
        for entry in section.entries() {
            let Some(definition) = entry.section(errors) else { continue };
            let subjects = Subject::ALL.map(|subject| (subject.as_str(), subject));
            let subject = definition.get("subject").map(|entry| entry.word(&subjects, errors));
            // One of unknown subject cannot be read; that was said.
            let Some(subject) = subject.unwrap_or_else(|| Some(Subject::default())) else { continue };
            let mut add = |section: &Section<'_, 'd>, key, sort, errors: &mut Errors| {
                texts.extend(section.text(key, errors).map(|text| (text, sort, subject)));
            };
            match family {
                Family::Trait => add(&definition, "value", Sort::Term, errors),
                Family::Score => add(&definition, "among", Sort::Condition, errors),
                Family::Segment => add(&definition, "where", Sort::Condition, errors),
                Family::Segmentation => {
                    add(&definition, "by", Sort::Term, errors);
                    add(&definition, "among", Sort::Condition, errors);
                    let Some(list) = definition.get("classes") else { continue };
                    let hint = format!("write each class as [[{}]]", list.path);
                    for class in list.list(&hint, errors).unwrap_or_default() {
                        if let Some(class) = class.section(errors) {
                            add(&class, "where", Sort::Condition, errors);
                        }
                    }
                }
            }
        }
    }
    texts
}

/// A text in its normal form, as it stands in the file; none where it cannot be written better than it is.
fn literal(text: &Text, sort: Sort, subject: Subject) -> Result<Option<String>, SpecError> {
    let document = text.document.text;
    let line_start = document[..text.span.start].rfind('\n').map_or(0, |newline| newline + 1);
    let before = &document[line_start..text.span.start];
    let indentation = &before[..before.len() - before.trim_start().len()];
    let (flat, laid_out) = match sort {
        Sort::Condition => {
            let condition = Condition::parse(&text.value, subject)?;
            let width = WIDTH.saturating_sub(indentation.chars().count() + INDENT.len());
            let lines: Vec<String> = condition.format(subject, width).lines().map(str::to_owned).collect();
            if Condition::parse(&lines.join("\n"), subject).as_ref() != Ok(&condition) {
                return Ok(None);
            }
            (condition.text(subject), Some(lines))
        }
        Sort::Term => (Term::parse(&text.value, subject)?.text(subject), None),
    };
    // Several keys on one line, as in `{ name = "a", where = "…" }`, stay on one line.
    let alone = !before.contains(['{', '[', ',']);
    let on_one_line = one_line(&flat);
    if !alone || before.chars().count() + on_one_line.chars().count() <= WIDTH {
        return Ok(Some(on_one_line));
    }
    // A value that is too long for its line keeps the lines that it was given, and so does a constant with line breaks.
    let Some(lines) = laid_out.filter(|_| !flat.contains('\n')) else { return Ok(None) };
    Ok(Some(many_lines(&lines, indentation)))
}

/// A TOML string on one line, without escapes where that can be.
fn one_line(text: &str) -> String {
    let is_plain = !text.chars().any(char::is_control);
    if is_plain && !text.contains(['"', '\\']) {
        format!("\"{text}\"")
    } else if is_plain && !text.contains('\'') {
        format!("'{text}'")
    } else if is_plain && !text.contains("'''") && !text.starts_with('\'') && !text.ends_with('\'') {
        format!("'''{text}'''")
    } else {
        format!("\"{}\"", escaped(text))
    }
}

/// A TOML string over several lines, set in from the key.
fn many_lines(lines: &[String], indentation: &str) -> String {
    let text = lines.join("\n");
    let is_plain = !text.contains("\"\"\"") && !text.contains(|each: char| each.is_control() && each != '\n');
    let (quotes, lines) = if is_plain && !text.contains('\\') {
        ("\"\"\"", lines.to_vec())
    } else if is_plain && !text.contains("'''") {
        ("'''", lines.to_vec())
    } else {
        ("\"\"\"", lines.iter().map(|line| escaped(line)).collect())
    };
    let lines: Vec<String> = lines.iter().map(|line| format!("{indentation}{INDENT}{line}\n")).collect();
    format!("{quotes}\n{}{indentation}{quotes}", lines.concat())
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for each in text.chars() {
        match each {
            '"' | '\\' => escaped.extend(['\\', each]),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            each if each.is_control() => escaped.push_str(&format!("\\u{:04X}", u32::from(each))),
            each => escaped.push(each),
        }
    }
    escaped
}

/// Whether a text has a comment, which SQL begins by `--` or `/*` outside of quotes.
fn has_comment(text: &str) -> bool {
    let mut quote = None;
    let mut last = ' ';
    for each in text.chars() {
        match quote {
            Some(open) if each == open => quote = None,
            Some(_) => {}
            None if each == '\'' || each == '"' => quote = Some(each),
            None if matches!((last, each), ('-', '-') | ('/', '*')) => return true,
            None => {}
        }
        last = if quote.is_some() { ' ' } else { each };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The file formatted, and formatted again.
    fn check(file: &str, expected: &str) {
        let once = formatted("f", file).unwrap();
        assert_eq!(once.text, expected);
        let twice = formatted("f", &once.text).unwrap();
        assert_eq!((twice.text.as_str(), twice.n_changed), (expected, 0), "a second time");
    }

    #[test]
    fn a_short_condition_is_one_line_and_a_long_one_a_clause_a_line() {
        check(
            "[segments.a]   # whose\nwhere = '''\n COUNT( orders )>=2 AND\n city='Berlin' '''  # why\ntitle='A'\n",
            "[segments.a]   # whose\nwhere = \"count(orders) >= 2 and city = 'Berlin'\"  # why\ntitle='A'\n",
        );
        check(
            "[segments.a]\n  where = \"count(orders) >= 5 and max(orders.ordered_at) < as_of - interval '60 days' and (country = 'DE' or country = 'AT')\"\n",
            "[segments.a]\n  where = \"\"\"\n    count(orders) >= 5\n    and max(orders.ordered_at) < as_of - interval '60 days'\n    \
             and (country = 'DE' or country = 'AT')\n  \"\"\"\n",
        );
        check(
            "[segments.a]\nwhere = \"count(orders) >= 5 and max(orders.ordered_at) < as_of - interval '60 days' or country = 'DE' and city = 'Berlin'\"\n",
            "[segments.a]\nwhere = \"\"\"\n  count(orders) >= 5 and max(orders.ordered_at) < as_of - interval '60 days'\n  \
             or country = 'DE' and city = 'Berlin'\n\"\"\"\n",
        );
    }

    #[test]
    fn every_family_has_its_texts_and_nothing_else_is_touched() {
        check(
            "# a project\n[project]\ntitle = \"COUNT( orders )\"\n[sources.o.orders]\nwhere = \"A=1\"\n\n[traits]\nx = { value = \"COUNT( orders )\" }\n\
             [scores.s]\nby = \"x\"\namong = \"x>0\"\n[segmentations.by]\nby = \"Lower( city )\"\n\
             [segmentations]\nc.classes = [{ name = \"a\", where = \"x>1\" }, { name = \"b\", where = \"x>0\" }]\n",
            "# a project\n[project]\ntitle = \"COUNT( orders )\"\n[sources.o.orders]\nwhere = \"A=1\"\n\n[traits]\nx = { value = \"count(orders)\" }\n\
             [scores.s]\nby = \"x\"\namong = \"x > 0\"\n[segmentations.by]\nby = \"lower(city)\"\n\
             [segmentations]\nc.classes = [{ name = \"a\", where = \"x > 1\" }, { name = \"b\", where = \"x > 0\" }]\n",
        );
    }

    #[test]
    fn quotes_and_escapes_say_the_same() {
        for (written, expected) in [
            (r#"'"Preferred Store"  = 3'"#, r#"'"Preferred Store" = 3'"#),
            (r#"'''"Preferred Store"  = 'x' and n > 1'''"#, r#"'''"Preferred Store" = 'x' and n > 1'''"#),
            (r#"'''"Preferred Store"  = 'x' '''"#, r#""\"Preferred Store\" = 'x'""#),
            (r#"'''regexp_like(city,  '\d+')'''"#, r#"'''regexp_like(city, '\d+')'''"#),
            (r#""city  = 'a\tb\nc'""#, r#""city = 'a\tb\nc'""#),
        ] {
            check(
                &format!("[segments.a]\nwhere = {written}\n"),
                &format!("[segments.a]\nwhere = {expected}\n"),
            );
        }
    }

    #[test]
    fn a_text_with_a_comment_stays() {
        let file = "[segments.a]\nwhere = \"\"\"\ncity='a--b'   -- the largest\n\"\"\"\n[segments.b]\nwhere = \"city='a--b'\"\n";
        let formatted = formatted("f", file).unwrap();
        assert_eq!(formatted.commented, [Position { line: 2, column: 9 }]);
        assert_eq!((formatted.n_texts, formatted.n_changed), (2, 1));
        assert!(formatted.text.ends_with("\"city = 'a--b'\"\n") && formatted.text.contains("-- the largest"));
    }

    #[test]
    fn what_cannot_be_read_is_an_error_with_its_place() {
        let errors =
            formatted("f", "[segments.a]\nwhere = \"city = = 'x'\"\n[segments.b]\nwhere = 3\n").unwrap_err();
        let places: Vec<Option<Position>> = errors.iter().map(|error| error.position).collect();
        let at = |line, column| Some(Position { line, column });
        assert_eq!(places, [at(4, 9), at(2, 17)]);
        assert!(errors.iter().all(|error| error.place.as_deref() == Some("f") && error.hint.is_some()));
    }
}
