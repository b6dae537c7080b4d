//! Text into conditions: `sqlparser`'s expression, turned into ours word by word, with the place of each.
//!
//! What an expression is depends on where it stands. Outside an aggregate a bare name is the subject's; inside one it
//! is a column of the aggregate's table. `parse_term` and `parse_call` hold the other two thirds.

use sqlparser::ast::{BinaryOperator, Expr, Spanned, UnaryOperator, Value, ValueWithSpan};
use sqlparser::tokenizer::Location;

use super::{At, Comparison, Condition, Literal, Pattern, PatternKind, Term, grammar};
use crate::error::SpecError;
use crate::table::{Subject, Table};

impl Condition {
    /// Reads a condition about a subject: `count(orders) >= 5 and country in ('DE', 'AT')`.
    pub fn parse(text: &str, subject: Subject) -> Result<Condition, SpecError> {
        let condition = Reader::new(text, subject).read_condition()?;
        readable_again(text, &condition.to_string())?;
        Ok(condition)
    }
}

impl Term {
    /// Reads a term about a subject: `count(orders) filter (where in_last('90 days'))`.
    pub fn parse(text: &str, subject: Subject) -> Result<Term, SpecError> {
        let term = Reader::new(text, subject).read_term()?;
        readable_again(text, &term.to_string())?;
        Ok(term)
    }
}

/// The normal form may be a little deeper or longer than what was written (`- - x` is `0 - (0 - x)`); it must be
/// within the limits too, since it is what is stored.
fn readable_again(text: &str, normal: &str) -> Result<(), SpecError> {
    grammar::parse(normal)
        .map(drop)
        .map_err(|error| SpecError { position: None, line: None, ..error }.at(text, 0))
}

/// How deep the tree may be. `x is null is null …` nests without parentheses, which the grammar does not limit.
const MAX_DEPTH: u32 = 100;

/// Where an expression stands.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    /// The whole text, for errors.
    pub(super) text: &'a str,
    /// Who it is about.
    pub(super) subject: Subject,
    /// The table of the aggregate around it.
    pub(super) rows: Option<Table>,
    /// How many expressions are around it.
    pub(super) depth: u32,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, subject: Subject) -> Reader<'a> {
        Reader { text, subject, rows: None, depth: 0 }
    }

    pub(super) fn read_condition(self) -> Result<Condition, SpecError> {
        self.refuse_empty()?;
        self.condition(&grammar::parse(self.text)?)
    }

    pub(super) fn read_term(self) -> Result<Term, SpecError> {
        self.refuse_empty()?;
        self.term(&grammar::parse(self.text)?)
    }

    fn refuse_empty(self) -> Result<(), SpecError> {
        if self.text.trim().is_empty() {
            return Err(SpecError::new("the text is empty").with_hint("write `true` to mean everyone"));
        }
        Ok(())
    }

    pub(super) fn at(self, location: Location) -> At {
        At(grammar::position(location))
    }

    pub(super) fn error(self, location: Location, message: impl Into<String>) -> SpecError {
        grammar::error_at(self.text, location, message)
    }

    /// Gives an error of the words themselves its place, unless it has one.
    pub(super) fn placed(self, location: Location, error: SpecError) -> SpecError {
        if error.position.is_some() {
            return error;
        }
        let SpecError { position, line, .. } = self.error(location, "");
        SpecError { position, line, ..error }
    }

    /// The reader for what stands one level deeper.
    pub(super) fn deeper(self) -> Result<Reader<'a>, SpecError> {
        if self.depth >= MAX_DEPTH {
            return Err(grammar::too_deep(self.text, Location { line: 1, column: 1 }));
        }
        Ok(Reader { depth: self.depth + 1, ..self })
    }

    pub(super) fn condition(self, expression: &Expr) -> Result<Condition, SpecError> {
        self.deeper()?.condition_here(expression)
    }

    fn condition_here(self, expression: &Expr) -> Result<Condition, SpecError> {
        let start = start_of(expression);
        match expression {
            Expr::Nested(inner) => self.condition(inner),
            Expr::BinaryOp { op: BinaryOperator::And, .. } => {
                let parts = chain(expression, &BinaryOperator::And).into_iter();
                Ok(Condition::all(parts.map(|part| self.condition(part)).collect::<Result<Vec<_>, _>>()?))
            }
            Expr::BinaryOp { op: BinaryOperator::Or, .. } => {
                let parts = chain(expression, &BinaryOperator::Or).into_iter();
                Ok(Condition::any(parts.map(|part| self.condition(part)).collect::<Result<Vec<_>, _>>()?))
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => Ok(Condition::not(self.condition(expr)?)),
            Expr::BinaryOp { left, op, right } => match comparison(op) {
                Some(operator) => self.comparison(left, operator, right),
                None => match regular_expression(op) {
                    Some((negated, ignore_case)) => {
                        self.like(left, right, PatternKind::Regex, ignore_case, negated)
                    }
                    None => self.bare(expression),
                },
            },
            Expr::IsDistinctFrom(left, right) => self.compare(left, Comparison::DistinctFrom, right),
            Expr::IsNotDistinctFrom(left, right) => self.compare(left, Comparison::NotDistinctFrom, right),
            Expr::IsTrue(inner) => self.truth_is(inner, true, false),
            Expr::IsFalse(inner) => self.truth_is(inner, false, false),
            Expr::IsNotTrue(inner) => self.truth_is(inner, true, true),
            Expr::IsNotFalse(inner) => self.truth_is(inner, false, true),
            Expr::IsNull(inner) | Expr::IsUnknown(inner) => {
                Ok(Condition::IsNull { term: self.operand(inner)?, negated: false })
            }
            Expr::IsNotNull(inner) | Expr::IsNotUnknown(inner) => {
                Ok(Condition::IsNull { term: self.operand(inner)?, negated: true })
            }
            Expr::Between { expr, negated, low, high } => {
                for each in [low, high] {
                    self.refuse_null(each, "between")?;
                }
                let (term, low, high) = (self.operand(expr)?, self.operand(low)?, self.operand(high)?);
                Ok(Condition::Between { term, low, high, negated: *negated })
            }
            Expr::InList { expr, list, negated } => {
                let term = self.operand(expr)?;
                for each in list {
                    self.refuse_null(each, "in")?;
                }
                let values = list.iter().map(|each| self.term(each)).collect::<Result<Vec<_>, _>>()?;
                Ok(Condition::In { term, values, negated: *negated })
            }
            Expr::Like { negated, any: false, expr, pattern, escape_char: None } => {
                self.like(expr, pattern, PatternKind::Like, false, *negated)
            }
            Expr::ILike { negated, any: false, expr, pattern, escape_char: None } => {
                self.like(expr, pattern, PatternKind::Like, true, *negated)
            }
            Expr::Like { escape_char: Some(_), .. } | Expr::ILike { escape_char: Some(_), .. } => {
                Err(self.error(start, "`like` has no `escape`").with_hint(
                    "a backslash makes `%` or `_` stand for itself, as `like '50\\%%'`; so do `starts_with`, `ends_with` and `contains`",
                ))
            }
            Expr::Function(function) => match self.condition_call(function)? {
                Some(condition) => Ok(condition),
                None => self.bare(expression),
            },
            _ => self.bare(expression),
        }
    }

    fn bare(self, expression: &Expr) -> Result<Condition, SpecError> {
        let term = self.term_only(expression)?;
        Condition::is(term).map_err(|error| self.placed(start_of(expression), error))
    }

    fn comparison(self, left: &Expr, operator: Comparison, right: &Expr) -> Result<Condition, SpecError> {
        for (this, other) in [(left, right), (right, left)] {
            if is_null(this) {
                let (is, equals) = match operator {
                    Comparison::NotEqual => ("is not null", "<>"),
                    _ => ("is null", "="),
                };
                return Err(self
                    .error(start_of(this), format!("nothing ever compares as true with null by `{equals}`"))
                    .with_hint(format!("write `{} {is}`", snippet(other))));
            }
            if matches!(this, Expr::BinaryOp { op, .. } if comparison(op).is_some()) {
                return Err(self.error(start_of(other), "comparisons cannot be chained").with_hint(
                    "write `5 < x and x < 9`, or `x between 5 and 9`; parentheses compare a truth value",
                ));
            }
        }
        match self.has_been(left, operator, right)? {
            Some(condition) => Ok(condition),
            None => self.compare(left, operator, right),
        }
    }

    fn compare(self, left: &Expr, operator: Comparison, right: &Expr) -> Result<Condition, SpecError> {
        Ok(Condition::Compare { left: self.operand(left)?, operator, right: self.operand(right)? })
    }

    /// `x is true` is `x is not distinct from true`: it is never unknown.
    fn truth_is(self, inner: &Expr, value: bool, negated: bool) -> Result<Condition, SpecError> {
        // What cannot be a truth value is refused as everywhere.
        let left = Term::truth(self.condition(inner)?);
        let operator = if negated { Comparison::DistinctFrom } else { Comparison::NotDistinctFrom };
        Ok(Condition::Compare { left, operator, right: Term::Literal(Literal::Boolean(value)) })
    }

    /// A side of a comparison.
    fn operand(self, expression: &Expr) -> Result<Term, SpecError> {
        self.term(expression)
    }

    fn like(
        self,
        term: &Expr,
        pattern: &Expr,
        kind: PatternKind,
        ignore_case: bool,
        negated: bool,
    ) -> Result<Condition, SpecError> {
        let place = start_of(pattern);
        let pattern = Pattern { kind, text: self.pattern_text(pattern)?, ignore_case }.checked();
        let pattern = pattern.map_err(|error| self.placed(place, error))?;
        Ok(Condition::Like { term: self.operand(term)?, pattern, negated })
    }

    pub(super) fn pattern_text(self, pattern: &Expr) -> Result<String, SpecError> {
        literal_text(pattern).map(str::to_owned).ok_or_else(|| {
            self.error(start_of(pattern), format!("`{}` is not a constant text", snippet(pattern)))
                .with_hint("a pattern is a text in single quotes")
        })
    }

    fn refuse_null(self, expression: &Expr, operator: &str) -> Result<(), SpecError> {
        if is_null(expression) {
            return Err(self
                .error(start_of(expression), format!("`{operator}` never finds null"))
                .with_hint("leave null out, and add `or x is null` to mean missing values too"));
        }
        Ok(())
    }
}

/// The parts of `a and b and c`, which sqlparser nests to the left, without recursion.
pub(super) fn chain<'e>(expression: &'e Expr, operator: &BinaryOperator) -> Vec<&'e Expr> {
    let mut parts = Vec::new();
    let mut rest = expression;
    while let Expr::BinaryOp { left, op, right } = rest
        && op == operator
    {
        parts.push(&**right);
        rest = left;
    }
    parts.push(rest);
    parts.reverse();
    parts
}

/// Where an expression begins; sqlparser's own answer recurses along chains, which may be long.
pub(super) fn start_of(expression: &Expr) -> Location {
    let mut first = expression;
    loop {
        first = match first {
            Expr::BinaryOp { left, .. } => left,
            Expr::Nested(inner)
            | Expr::IsTrue(inner)
            | Expr::IsFalse(inner)
            | Expr::IsNull(inner)
            | Expr::IsNotNull(inner)
            | Expr::IsDistinctFrom(inner, _)
            | Expr::IsNotDistinctFrom(inner, _)
            | Expr::InList { expr: inner, .. }
            | Expr::Between { expr: inner, .. }
            | Expr::Like { expr: inner, .. }
            | Expr::ILike { expr: inner, .. }
            | Expr::Cast { expr: inner, .. }
            | Expr::UnaryOp { expr: inner, .. } => inner,
            Expr::Function(function) => return function.name.span().start,
            Expr::Case { case_token, .. } => return case_token.0.span.start,
            other => return other.span().start,
        };
    }
}

/// An expression for a message: cut short, and not walked where it is a long chain.
pub(super) fn snippet(expression: &Expr) -> String {
    let (mut first, mut steps) = (expression, 0);
    while let Expr::BinaryOp { left, .. } = first {
        (first, steps) = (left, steps + 1);
    }
    let text = if steps > 8 { "…".to_owned() } else { expression.to_string() };
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The text of a constant in single quotes.
pub(super) fn literal_text(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Nested(inner) => literal_text(inner),
        Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(text), .. }) => Some(text),
        _ => None,
    }
}

fn is_null(expression: &Expr) -> bool {
    match expression {
        Expr::Nested(inner) => is_null(inner),
        Expr::Value(value) => value.value == Value::Null,
        _ => false,
    }
}

fn comparison(operator: &BinaryOperator) -> Option<Comparison> {
    match operator {
        BinaryOperator::Eq => Some(Comparison::Equal),
        BinaryOperator::NotEq => Some(Comparison::NotEqual),
        BinaryOperator::Lt => Some(Comparison::Less),
        BinaryOperator::LtEq => Some(Comparison::LessOrEqual),
        BinaryOperator::Gt => Some(Comparison::Greater),
        BinaryOperator::GtEq => Some(Comparison::GreaterOrEqual),
        _ => None,
    }
}

/// Whether a regular expression is negated, and whether it ignores case.
fn regular_expression(operator: &BinaryOperator) -> Option<(bool, bool)> {
    match operator {
        BinaryOperator::PGRegexMatch => Some((false, false)),
        BinaryOperator::PGRegexIMatch => Some((false, true)),
        BinaryOperator::PGRegexNotMatch => Some((true, false)),
        BinaryOperator::PGRegexNotIMatch => Some((true, true)),
        _ => None,
    }
}
