//! The paths that Rust code names, read without a compiler: enough to see which module or crate a file refers to.

/// One path, as `["crate", "profile", "run"]`, whether it stood in a `use` group or in an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedPath {
    pub(crate) line: usize,
    pub(crate) in_use: bool,
    pub(crate) segments: Vec<String>,
}

/// Every path in the code, comments and literals left out. A glob is the segment `*`.
pub(crate) fn named_paths(source: &str) -> Vec<NamedPath> {
    let tokens = tokens(source);
    let mut paths = Vec::new();
    let mut at = 0;
    let mut in_use = false;
    while let Some(token) = tokens.get(at) {
        match &token.kind {
            Kind::Word(word) if word == "use" => {
                in_use = true;
                at += 1;
            }
            Kind::Word(word) if in_use && word == "as" => at += 2,
            Kind::Word(_) => at = path_from(&tokens, at, &[], in_use, &mut paths),
            Kind::Open if in_use => at = group_from(&tokens, at, &[], &mut paths),
            Kind::Other(';') => {
                in_use = false;
                at += 1;
            }
            _ => at += 1,
        }
    }
    paths
}

#[derive(Debug, PartialEq)]
enum Kind {
    Word(String),
    /// `::`
    Colons,
    Open,
    Close,
    Other(char),
}

#[derive(Debug)]
struct Token {
    line: usize,
    kind: Kind,
}

/// Reads one path that starts at a word; returns where to go on.
fn path_from(
    tokens: &[Token],
    start: usize,
    prefix: &[String],
    in_use: bool,
    paths: &mut Vec<NamedPath>,
) -> usize {
    let mut segments = prefix.to_vec();
    let mut at = start;
    let mut line = 0;
    while let Some(Token { line: here, kind: Kind::Word(word) }) = tokens.get(at) {
        segments.push(word.clone());
        line = *here;
        at += 1;
        if tokens.get(at).map(|token| &token.kind) != Some(&Kind::Colons) {
            break;
        }
        match tokens.get(at + 1).map(|token| &token.kind) {
            Some(Kind::Word(_)) => at += 1,
            Some(Kind::Open) if in_use => return group_from(tokens, at + 1, &segments, paths),
            Some(Kind::Other('*')) if in_use => {
                segments.push("*".to_owned());
                at += 2;
                break;
            }
            _ => {
                at += 1;
                break;
            }
        }
    }
    paths.push(NamedPath { line, in_use, segments });
    at
}

/// Reads a `use` group that starts at its brace; returns the place after the closing one.
fn group_from(tokens: &[Token], open: usize, prefix: &[String], paths: &mut Vec<NamedPath>) -> usize {
    let mut at = open + 1;
    while let Some(token) = tokens.get(at) {
        match &token.kind {
            Kind::Close => return at + 1,
            Kind::Word(word) if word == "as" => at += 2,
            Kind::Word(_) => at = path_from(tokens, at, prefix, true, paths),
            Kind::Other('*') => {
                let segments = prefix.iter().cloned().chain(["*".to_owned()]).collect();
                paths.push(NamedPath { line: token.line, in_use: true, segments });
                at += 1;
            }
            _ => at += 1,
        }
    }
    at
}

fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let peek = |at: usize| chars.get(at).copied().unwrap_or('\0');
    let mut tokens = Vec::new();
    let mut line = 1;
    let mut at = 0;
    while at < chars.len() {
        let start = at;
        let kind = match (peek(at), peek(at + 1)) {
            ('/', '/') => {
                at = end_of(&chars, at, |c, _| c == '\n');
                None
            }
            ('/', '*') => {
                at = end_of_block_comment(&chars, at);
                None
            }
            ('"', _) => {
                at = end_of_string(&chars, at);
                None
            }
            // A character, or else a lifetime, which is read as a word.
            ('\'', '\\') => {
                at = end_of(&chars, at + 3, |c, _| c == '\'') + 1;
                None
            }
            ('\'', _) if peek(at + 2) == '\'' => {
                at += 3;
                None
            }
            (':', ':') => {
                at += 2;
                Some(Kind::Colons)
            }
            (c, _) if c.is_alphanumeric() || c == '_' => {
                at = end_of(&chars, at, |c, _| !c.is_alphanumeric() && c != '_');
                let word: String = chars.iter().take(at).skip(start).collect();
                if word.ends_with('r') && word.len() <= 2 && is_raw_string(&chars, at) {
                    at = end_of_raw_string(&chars, at);
                    None
                } else if word == "r" && peek(at) == '#' {
                    at += 1; // `r#type`: the word follows
                    None
                } else {
                    Some(Kind::Word(word))
                }
            }
            (c, _) => {
                at += 1;
                match c {
                    '{' => Some(Kind::Open),
                    '}' => Some(Kind::Close),
                    c if c.is_whitespace() => None,
                    c => Some(Kind::Other(c)),
                }
            }
        };
        tokens.extend(kind.map(|kind| Token { line, kind }));
        line += chars.iter().take(at).skip(start).filter(|&&c| c == '\n').count();
    }
    tokens
}

fn end_of(chars: &[char], from: usize, is_end: impl Fn(char, usize) -> bool) -> usize {
    (from..chars.len()).find(|&at| chars.get(at).is_some_and(|&c| is_end(c, at))).unwrap_or(chars.len())
}

fn end_of_block_comment(chars: &[char], from: usize) -> usize {
    let mut depth = 0;
    let mut at = from;
    while at < chars.len() {
        match (chars.get(at), chars.get(at + 1)) {
            (Some('/'), Some('*')) => {
                depth += 1;
                at += 2;
            }
            (Some('*'), Some('/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    break;
                }
            }
            _ => at += 1,
        }
    }
    at
}

fn end_of_string(chars: &[char], quote: usize) -> usize {
    let mut at = quote + 1;
    while let Some(&c) = chars.get(at) {
        match c {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

/// Whether `#…#"` or `"` follows.
fn is_raw_string(chars: &[char], at: usize) -> bool {
    let quote = end_of(chars, at, |c, _| c != '#');
    chars.get(quote) == Some(&'"')
}

fn end_of_raw_string(chars: &[char], at: usize) -> usize {
    let quote = end_of(chars, at, |c, _| c != '#');
    let n_hashes = quote - at;
    let closes =
        |c: char, here: usize| c == '"' && (1..=n_hashes).all(|ahead| chars.get(here + ahead) == Some(&'#'));
    (end_of(chars, quote + 1, closes) + 1 + n_hashes).min(chars.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Paths of more than one segment, and those in a `use`, as `line:a::b`.
    fn check(source: &str, expected: &[&str]) {
        let found: Vec<String> = named_paths(source)
            .iter()
            .filter(|path| path.segments.len() > 1 || path.in_use)
            .map(|path| format!("{}:{}", path.line, path.segments.join("::")))
            .collect();
        assert_eq!(found, expected, "{source}");
    }

    #[test]
    fn paths_are_found_wherever_they_stand() {
        check("use a::b;", &["1:a::b"]);
        check("use a;\nfn f() { c::d(); e }", &["1:a", "2:c::d"]);
        check(
            "use a::{self, b::{c, d as e},\n f::*, *};",
            &["1:a::self", "1:a::b::c", "1:a::b::d", "2:a::f::*", "2:a::*"],
        );
        check("use {a::b, c};", &["1:a::b", "1:c"]);
        check(
            "pub(crate) use crate::x::y as z; let w = crate::v::U { n: 1 };",
            &["1:crate::x::y", "1:crate::v::U"],
        );
        check("<T as crate::a::B>::c(); Vec::<super::d::E>::new()", &["1:crate::a::B", "1:super::d::E"]);
    }

    #[test]
    fn comments_and_literals_name_nothing() {
        check("// a::b\n/* c::d /* e::f */ g::h */ i::j", &["2:i::j"]);
        check(r####"let s = "a::b \" c::d"; r#"e::f " g::h"#; b"i::j"; br##"k::l"##; m::n"####, &["1:m::n"]);
        check("let c = '\"'; a::b; '\\''; c::d; fn f<'a>(x: &'a e::F) {}", &["1:a::b", "1:c::d", "1:e::F"]);
        check("let s = \"\n\n\"; a::b", &["3:a::b"]);
        check("r#type::r#use", &["1:type::use"]);
    }
}
