//! The grammar of the text form: `sqlparser` with a dialect that knows no more of SQL than conditions need.
//!
//! The dialect has two reasons. sqlparser's general grammar tries several readings of a word such as `floor` one after
//! the other, which costs exponential time on nested mistakes; and it lets `is distinct from` swallow a following
//! `and`. Both are settled in the hooks below, which also make errors point at the word that is wrong.

use std::fmt::Write;

use sqlparser::ast::{DataType, Expr, Ident, ObjectName, TimezoneInfo, TypedString, UnaryOperator};
use sqlparser::dialect::{Dialect, Precedence};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

use crate::error::{Position, SpecError};

/// How deep parentheses, functions and `not` may nest: far beyond what people write, well within a thread's stack.
const MAX_DEPTH: usize = 48;

/// How many operators a text may have. Each makes the tree one deeper, and trees are walked by recursion.
const MAX_OPERATORS: usize = 2_000;

/// Between the message and the hint of an error that passes through sqlparser.
const HINT: char = '\u{1f}';

/// Words that mean something where a value is expected, so that a column of that name must be quoted.
const RESERVED: [&str; 30] = [
    "all",
    "and",
    "any",
    "as",
    "as_of",
    "between",
    "case",
    "distinct",
    "else",
    "end",
    "exists",
    "false",
    "from",
    "ilike",
    "in",
    "is",
    "like",
    "not",
    "null",
    "on",
    "or",
    "order",
    "returning",
    "select",
    "some",
    "then",
    "true",
    "when",
    "where",
    "with",
];

/// Words that other databases have for the present. They read as names here, which would be misleading.
const CLOCKS: [&str; 5] =
    ["current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"];

/// Parses a text into sqlparser's expression; all of it.
pub(super) fn parse(text: &str) -> Result<Expr, SpecError> {
    let tokens = Tokenizer::new(&Language, text)
        .tokenize_with_location()
        .map_err(|error| translate(text, &error.to_string()))?;
    refuse_deep(text, &tokens)?;
    refuse_endless(text, &tokens)?;
    refuse_filter_without_where(text, &tokens)?;
    let mut parser =
        Parser::new(&Language).with_recursion_limit(MAX_DEPTH).with_tokens_with_locations(tokens);
    let parsed = parser.parse_expr().and_then(|expression| {
        let rest = parser.peek_token_ref();
        match rest.token {
            Token::EOF => Ok(expression),
            Token::SemiColon => failure("a condition has no `;`", "leave the `;` out", rest.span.start),
            _ => {
                let found = describe(&rest.token);
                failure(
                    format!("expected `and`, `or` or the end, found {found}"),
                    "texts stand in single quotes, as 'Berlin'; names with spaces in double quotes, as \"Preferred Store\"",
                    rest.span.start,
                )
            }
        }
    });
    parsed.map_err(|error| match error {
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => translate(text, &message),
        // The parser stands where it would have gone deeper.
        ParserError::RecursionLimitExceeded => too_deep(text, parser.peek_token_ref().span.start),
    })
}

/// The error for what nests beyond [`MAX_DEPTH`].
pub(super) fn too_deep(text: &str, place: Location) -> SpecError {
    error_at(text, place, "the condition is nested too deeply")
        .with_hint("move a part of it into a trait or a segment of its own")
}

/// Whether a name can stand in a text without quotes.
pub(super) fn is_plain(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|each| each.is_ascii_alphanumeric() || each == '_')
        && !RESERVED.iter().chain(&CLOCKS).any(|word| name.eq_ignore_ascii_case(word))
}

/// Whether an unquoted name is another database's word for the present.
pub(super) fn is_clock(name: &str) -> bool {
    CLOCKS.iter().any(|word| name.eq_ignore_ascii_case(word))
}

/// An error at a place that sqlparser knows.
pub(super) fn error_at(text: &str, location: Location, message: impl Into<String>) -> SpecError {
    let error = SpecError::new(message);
    match position(location) {
        Some(position) => {
            let line = text.lines().nth(position.line - 1).unwrap_or_default().to_owned();
            SpecError { position: Some(position), line: Some(line), ..error }
        }
        None => error.at(text, text.trim_end().len()),
    }
}

/// The place in our terms; none where sqlparser knows none.
pub(super) fn position(location: Location) -> Option<Position> {
    (location.line > 0).then_some(Position { line: location.line as usize, column: location.column as usize })
}

#[derive(Debug)]
struct Language;

impl Dialect for Language {
    fn is_identifier_start(&self, first: char) -> bool {
        first.is_alphabetic() || first == '_'
    }

    fn is_identifier_part(&self, each: char) -> bool {
        each.is_alphanumeric() || each == '_'
    }

    fn is_delimited_identifier_start(&self, quote: char) -> bool {
        quote == '"'
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        true
    }

    fn parse_prefix(&self, parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
        let found = parser.peek_token_ref();
        match &found.token {
            Token::Word(_) => Some(word(parser)),
            Token::SingleQuotedString(_) | Token::Number(..) => Some(parser.parse_value().map(Expr::Value)),
            Token::Plus | Token::Minus | Token::LParen => None,
            other => Some(failure(
                format!("expected a value, found {}", describe(other)),
                "a value is a column, a text in single quotes, a number or a function",
                found.span.start,
            )),
        }
    }

    fn parse_infix(
        &self,
        parser: &mut Parser,
        left: &Expr,
        precedence: u8,
    ) -> Option<Result<Expr, ParserError>> {
        use Keyword::{DISTINCT, FROM, IN, IS, NOT};
        if parser.parse_keywords(&[IS, DISTINCT, FROM]) {
            let right = parser.parse_subexpr(precedence);
            return Some(right.map(|right| Expr::IsDistinctFrom(Box::new(left.clone()), Box::new(right))));
        }
        if parser.parse_keywords(&[IS, NOT, DISTINCT, FROM]) {
            let right = parser.parse_subexpr(precedence);
            return Some(right.map(|right| Expr::IsNotDistinctFrom(Box::new(left.clone()), Box::new(right))));
        }
        let negated = parser.parse_keywords(&[NOT, IN]);
        (negated || parser.parse_keyword(IN)).then(|| list(parser, left, negated))
    }
}

/// A value that begins with a word.
fn word(parser: &mut Parser) -> Result<Expr, ParserError> {
    let TokenWithSpan { token, span } = parser.next_token();
    let Token::Word(word) = token else {
        return failure("expected a word", "", span.start);
    };
    let next = parser.peek_token_ref().token.clone();
    let unquoted = word.quote_style.is_none();
    let lower = if unquoted { word.value.to_lowercase() } else { String::new() };
    match (lower.as_str(), &next) {
        ("not", _) => {
            let operand = parser.parse_subexpr(Language.prec_value(Precedence::UnaryNot))?;
            Ok(Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(operand) })
        }
        ("case", _) => parser.parse_case_expr(),
        ("true" | "false" | "null", _) => {
            parser.prev_token();
            parser.parse_value().map(Expr::Value)
        }
        ("interval", Token::SingleQuotedString(_) | Token::Number(..)) => parser.parse_interval(),
        ("date", Token::SingleQuotedString(_)) => typed(parser, DataType::Date),
        ("timestamp", Token::SingleQuotedString(_)) => {
            typed(parser, DataType::Timestamp(None, TimezoneInfo::None))
        }
        ("select" | "with" | "exists", _) => failure(
            "a condition has no sub-selects",
            "speak of the subject's rows by aggregates, as `count(orders) filter (where amount > 100) > 0`",
            span.start,
        ),
        ("cast" | "try_cast", Token::LParen) => failure(
            "a condition has no casts",
            "columns have types already; give the column its type where the source is mapped, in the manifest",
            span.start,
        ),
        ("extract" | "date_part", Token::LParen) => failure(
            format!("unknown function `{lower}`"),
            "use `year_of`, `month_of`, `weekday_of` or `hour_of`",
            span.start,
        ),
        ("as_of", _) => Ok(Expr::Identifier(word.into_ident(span))),
        (reserved, _) if RESERVED.contains(&reserved) => failure(
            format!("expected a value, found `{}`", word.value),
            format!("a column of that name is written in double quotes: \"{}\"", word.value),
            span.start,
        ),
        (_, Token::LParen) => parser.parse_function(ObjectName::from(vec![word.into_ident(span)])),
        (_, Token::Period) => qualified(parser, word.into_ident(span)),
        _ => Ok(Expr::Identifier(word.into_ident(span))),
    }
}

fn qualified(parser: &mut Parser, first: Ident) -> Result<Expr, ParserError> {
    let mut parts = vec![first];
    while parser.consume_token(&Token::Period) {
        let TokenWithSpan { token, span } = parser.next_token();
        match token {
            Token::Word(word) => parts.push(word.into_ident(span)),
            other => {
                return failure(
                    format!("expected a column after `{}.`, found {}", parts[0].value, describe(&other)),
                    format!("write `{}.` and the name of a column", parts[0].value),
                    span.start,
                );
            }
        }
    }
    Ok(Expr::CompoundIdentifier(parts))
}

fn typed(parser: &mut Parser, data_type: DataType) -> Result<Expr, ParserError> {
    let value = parser.parse_value()?;
    Ok(Expr::TypedString(TypedString { data_type, value, uses_odbc_syntax: false }))
}

fn list(parser: &mut Parser, left: &Expr, negated: bool) -> Result<Expr, ParserError> {
    let opening = parser.peek_token_ref();
    if opening.token != Token::LParen {
        return failure(
            format!("expected `(` after `in`, found {}", describe(&opening.token)),
            "write a list in parentheses, as `in ('DE', 'AT')`",
            opening.span.start,
        );
    }
    parser.expect_token(&Token::LParen)?;
    let list = parser.parse_comma_separated(Parser::parse_expr)?;
    parser.expect_token(&Token::RParen)?;
    Ok(Expr::InList { expr: Box::new(left.clone()), list, negated })
}

fn failure<T>(message: impl Into<String>, hint: impl AsRef<str>, place: Location) -> Result<T, ParserError> {
    Err(ParserError::ParserError(format!("{}{HINT}{}{place}", message.into(), hint.as_ref())))
}

fn describe(token: &Token) -> String {
    match token {
        Token::EOF => "the end".to_owned(),
        other => format!("`{other}`"),
    }
}

/// Turns sqlparser's message, which ends in ` at Line: 1, Column: 7` where it knows the place, into ours.
fn translate(text: &str, message: &str) -> SpecError {
    let (message, place) = match message.rsplit_once(" at Line: ") {
        Some((message, place)) => {
            let numbers = place.split_once(", Column: ");
            let place = numbers.and_then(|(line, column)| Some((line.parse().ok()?, column.parse().ok()?)));
            (message, place)
        }
        None => (message, None),
    };
    let (line, column) = place.unwrap_or((0, 0));
    if message.starts_with("Unexpected EOF while in a multi-line comment") {
        return error_at(text, Location { line, column }, "the comment does not end")
            .with_hint("close it with `*/`, or write `--` before the rest of a line");
    }
    let (message, hint) = match message.split_once(HINT) {
        Some((message, hint)) => (message.to_owned(), Some(hint).filter(|hint| !hint.is_empty())),
        None => (plain_words(message), None),
    };
    let hint = hint.unwrap_or_else(|| hint_for(&message)).to_owned();
    error_at(text, Location { line, column }, message).with_hint(hint)
}

/// A hint for a mistake that only sqlparser noticed.
fn hint_for(message: &str) -> &'static str {
    if message.starts_with("expected `)`") {
        "close every parenthesis; values in a list are separated by commas"
    } else if message.starts_with("unterminated") {
        "close it with the quote that opened it: a single quote for a text, a double quote for a name; a quote inside is doubled"
    } else {
        "a condition compares values, as `country = 'DE'`, and joins comparisons by `and`, `or` and `not`"
    }
}

/// `Expected: ), found: EOF` in plain words; other messages (of the tokenizer) without their capital.
fn plain_words(message: &str) -> String {
    let Some((expected, found)) =
        message.strip_prefix("Expected: ").and_then(|rest| rest.rsplit_once(", found: "))
    else {
        let mut letters = message.chars();
        return match letters.next() {
            Some(first) => first.to_lowercase().chain(letters).collect(),
            None => "cannot be read".to_owned(),
        };
    };
    let mut said = "expected ".to_owned();
    let word = expected.chars().all(|each| !each.is_lowercase() && !each.is_whitespace());
    // Writing to a string cannot fail.
    let _ = if word {
        write!(said, "`{}`", expected.to_lowercase())
    } else {
        write!(said, "{}", expected.replace("an expression", "a value"))
    };
    let _ = if found == "EOF" { write!(said, ", found the end") } else { write!(said, ", found `{found}`") };
    said
}

/// Parentheses beyond the depth are refused where they open, before the number of operators is said to be the matter.
fn refuse_deep(text: &str, tokens: &[TokenWithSpan]) -> Result<(), SpecError> {
    let mut depth = 0_usize;
    for token in tokens {
        match token.token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(too_deep(text, token.span.start));
        }
    }
    Ok(())
}

fn refuse_endless(text: &str, tokens: &[TokenWithSpan]) -> Result<(), SpecError> {
    let operator = |token: &Token| match token {
        Token::Word(word) => {
            use Keyword::{AND, BETWEEN, ILIKE, IN, IS, LIKE, NOT, OR, XOR};
            matches!(word.keyword, AND | BETWEEN | ILIKE | IN | IS | LIKE | NOT | OR | XOR)
        }
        Token::Number(..) | Token::SingleQuotedString(_) | Token::Comma | Token::Whitespace(_) => false,
        _ => true,
    };
    match tokens.iter().filter(|each| operator(&each.token)).nth(MAX_OPERATORS) {
        None => Ok(()),
        Some(token) => Err(error_at(
            text,
            token.span.start,
            format!("a condition has at most {MAX_OPERATORS} operators"),
        )
        .with_hint("write many comparisons of one column as `in (…)`, or split the condition into segments")),
    }
}

/// sqlparser takes the `filter` of `count(orders) filter > 3` for an empty one and drops it.
fn refuse_filter_without_where(text: &str, tokens: &[TokenWithSpan]) -> Result<(), SpecError> {
    let tokens: Vec<&TokenWithSpan> =
        tokens.iter().filter(|each| !matches!(each.token, Token::Whitespace(_))).collect();
    let keyword = |at: usize, wanted: Keyword| matches!(tokens.get(at), Some(TokenWithSpan { token: Token::Word(word), .. }) if word.keyword == wanted);
    for at in 1..tokens.len() {
        let filters = keyword(at, Keyword::FILTER) && tokens[at - 1].token == Token::RParen;
        let opens = tokens.get(at + 1).is_some_and(|next| next.token == Token::LParen);
        if filters && !(opens && keyword(at + 2, Keyword::WHERE)) {
            return Err(error_at(text, tokens[at].span.start, "expected `(where …)` after `filter`")
                .with_hint("write `count(orders) filter (where amount > 100)`"));
        }
    }
    Ok(())
}
