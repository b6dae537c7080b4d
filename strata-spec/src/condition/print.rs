//! Conditions into text, in one normal form: lower-case keywords, parentheses only where they are needed. What is
//! written reads as the same condition again.

use std::fmt::{self, Display, Formatter, Write};

use super::build::may_be_boolean;
use super::layout::{Flat, Fold, Paper};
use super::{
    Aggregate, Arithmetic, Column, Comparison, Condition, Literal, Pattern, PatternKind, Scope, Term, Window,
    grammar,
};
use crate::table::{Subject, Table};

/// Names a column of the subject inside an aggregate by `subject.`, which both kinds of subject understand;
/// [`Condition::text`] says `customer.` or `company.`.
impl Display for Condition {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        Place::default().whole(self, &mut Flat(out))
    }
}

/// As for [`Condition`].
impl Display for Term {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        Place::default().term(self, Binding::Or, &mut Flat(out))
    }
}

impl Condition {
    /// The text for people: as by `Display`, with the subject called by its name.
    pub fn text(&self, subject: Subject) -> String {
        Place { subject: Some(subject), ..Place::default() }.condition_text(self)
    }
}

impl Term {
    /// The text for people: as by `Display`, with the subject called by its name.
    pub fn text(&self, subject: Subject) -> String {
        Place { subject: Some(subject), ..Place::default() }.term_text(self)
    }
}

impl Display for Window {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        Place::default().window(None, *self, &mut Flat(out))
    }
}

impl Display for Literal {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Null => out.write_str("null"),
            Literal::Text(text) => write!(out, "{}", Quoted('\'', text)),
            Literal::Integer(number) => write!(out, "{number}"),
            // The shortest digits that read as the same number; always with a point or an exponent.
            Literal::Number(number) => write!(out, "{number:?}"),
            Literal::Boolean(value) => write!(out, "{value}"),
            Literal::Date(date) => write!(out, "date '{date}'"),
            Literal::Timestamp(instant) => write!(out, "timestamp '{}'", instant_words(*instant)),
            Literal::Interval(interval) => write!(out, "interval '{interval}'"),
        }
    }
}

impl Comparison {
    /// The operator in text: `=`, `<>`, `is distinct from`.
    pub fn as_str(self) -> &'static str {
        match self {
            Comparison::Equal => "=",
            Comparison::NotEqual => "<>",
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
            Comparison::DistinctFrom => "is distinct from",
            Comparison::NotDistinctFrom => "is not distinct from",
        }
    }
}

impl Arithmetic {
    /// The operator in text.
    pub fn as_str(self) -> &'static str {
        match self {
            Arithmetic::Add => "+",
            Arithmetic::Subtract => "-",
            Arithmetic::Multiply => "*",
            Arithmetic::Divide => "/",
            Arithmetic::Modulo => "%",
        }
    }
}

impl PatternKind {
    /// The function, or the operator `like`.
    pub fn as_str(self) -> &'static str {
        match self {
            PatternKind::Like => "like",
            PatternKind::Regex => "regexp_like",
            PatternKind::StartsWith => "starts_with",
            PatternKind::EndsWith => "ends_with",
            PatternKind::Contains => "contains",
        }
    }
}

/// How tightly a text holds together; what is looser than its surroundings allow gets parentheses.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(super) enum Binding {
    Or,
    And,
    Not,
    Predicate,
    Sum,
    Product,
    Atom,
}

/// Where a part stands.
#[derive(Clone, Copy, Default)]
pub(super) struct Place {
    /// What the subject is called; `subject` if nothing is known.
    pub(super) subject: Option<Subject>,
    /// The table of the aggregate around it.
    pub(super) rows: Option<Table>,
    /// Among an aggregate's arguments, whose columns say their table.
    pub(super) argument: bool,
    /// Among several conditions joined by `or`, where lines of one joined by `and` stand further in.
    pub(super) alternative: bool,
}

impl Place {
    /// A condition as text, at this place.
    pub(super) fn condition_text(self, condition: &Condition) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.whole(condition, &mut Flat(&mut text));
        text
    }

    /// A term as text, at this place.
    pub(super) fn term_text(self, term: &Term) -> String {
        let mut text = String::new();
        let _ = self.term(term, Binding::Or, &mut Flat(&mut text));
        text
    }

    /// A condition that nothing stands beside.
    pub(super) fn whole(self, condition: &Condition, out: &mut dyn Paper) -> fmt::Result {
        self.condition(condition, Binding::Or, out)
    }

    pub(super) fn condition(self, condition: &Condition, least: Binding, out: &mut dyn Paper) -> fmt::Result {
        if binding_of(condition) < least {
            return self.parenthesised(condition, out);
        }
        self.bare_condition(condition, out)
    }

    fn parenthesised(self, condition: &Condition, out: &mut dyn Paper) -> fmt::Result {
        out.open();
        out.write_char('(')?;
        out.fold(Fold::In, "")?;
        Place { alternative: false, ..self }.bare_condition(condition, out)?;
        close_parenthesis(out)
    }

    fn bare_condition(self, condition: &Condition, out: &mut dyn Paper) -> fmt::Result {
        let not = |negated: bool| if negated { "not " } else { "" };
        let alternative = self.alternative;
        let this = Place { alternative: false, ..self };
        match condition {
            Condition::All(of) if of.is_empty() => out.write_str("true"),
            Condition::Any(of) if of.is_empty() => out.write_str("false"),
            Condition::All(of) => {
                let fold = if alternative { Fold::In } else { Fold::Level };
                this.joined(of, (fold, "and "), Binding::And, out)
            }
            Condition::Any(of) => {
                Place { alternative: true, ..self }.joined(of, (Fold::Level, "or "), Binding::Or, out)
            }
            Condition::Not(inner) => {
                out.write_str("not ")?;
                this.condition(inner, Binding::Not, out)
            }
            Condition::AtLeast { count, of } => {
                out.open();
                out.write_str("at_least(")?;
                out.fold(Fold::In, "")?;
                write!(out, "{count}")?;
                for each in of {
                    out.write_char(',')?;
                    out.fold(Fold::In, " ")?;
                    this.condition(each, Binding::Or, out)?;
                }
                close_parenthesis(out)
            }
            Condition::Compare { left, operator, right } => this.compare(left, *operator, right, out),
            Condition::Between { term, low, high, negated } => {
                this.operand(term, out)?;
                write!(out, " {}between ", not(*negated))?;
                this.operand(low, out)?;
                out.write_str(" and ")?;
                this.operand(high, out)
            }
            Condition::In { term, values, negated } => {
                this.operand(term, out)?;
                out.open();
                write!(out, " {}in (", not(*negated))?;
                this.terms(values, out)?;
                out.write_char(')')?;
                out.close();
                Ok(())
            }
            Condition::Like { term, pattern, negated } => this.like(term, pattern, *negated, out),
            Condition::IsNull { term, negated } => {
                this.operand(term, out)?;
                write!(out, " is {}null", not(*negated))
            }
            Condition::InWindow { time, window } => this.window(time.as_ref(), *window, out),
            Condition::InSegment(name, _) => write!(out, "in_segment('{name}')"),
            Condition::InClass { segmentation, class, .. } => {
                write!(out, "in_class('{segmentation}', {})", Quoted('\'', class))
            }
            Condition::Sequence(sequence) => this.sequence(sequence, out),
            Condition::Changed { change, window, .. } => this.changed(change, *window, out),
            Condition::Was { state, when, .. } => this.was(state, when, out),
            Condition::Is(term) => this.operand(term, out),
        }
    }

    fn compare(self, left: &Term, operator: Comparison, right: &Term, out: &mut dyn Paper) -> fmt::Result {
        if let Some((state, operator, length)) = left.duration_beside(operator, right) {
            self.has_been(state, out)?;
            return write!(out, " {} interval '{length}'", operator.as_str());
        }
        self.operand(left, out)?;
        let word = match (operator, right) {
            (Comparison::NotDistinctFrom, Term::Literal(Literal::Boolean(value))) => Some(("", value)),
            (Comparison::DistinctFrom, Term::Literal(Literal::Boolean(value))) => Some(("not ", value)),
            _ => None,
        };
        match word {
            Some((not, value)) if may_be_boolean(left) => write!(out, " is {not}{value}"),
            _ => {
                write!(out, " {} ", operator.as_str())?;
                self.operand(right, out)
            }
        }
    }

    fn joined(
        self,
        of: &[Condition],
        (fold, word): (Fold, &str),
        binding: Binding,
        out: &mut dyn Paper,
    ) -> fmt::Result {
        out.open();
        for (index, each) in of.iter().enumerate() {
            if index > 0 {
                out.fold(fold, " ")?;
                out.write_str(word)?;
            }
            self.condition(each, binding, out)?;
        }
        out.close();
        Ok(())
    }

    fn like(self, term: &Term, pattern: &Pattern, negated: bool, out: &mut dyn Paper) -> fmt::Result {
        let not = if negated { "not " } else { "" };
        let text = Quoted('\'', &pattern.text);
        if pattern.kind == PatternKind::Like {
            self.operand(term, out)?;
            let word = if pattern.ignore_case { "ilike" } else { "like" };
            return write!(out, " {not}{word} {text}");
        }
        write!(out, "{not}{}(", pattern.kind.as_str())?;
        self.term(term, Binding::Or, out)?;
        let flags = if pattern.ignore_case { ", 'i'" } else { "" };
        write!(out, ", {text}{flags})")
    }

    pub(super) fn window(self, time: Option<&Term>, window: Window, out: &mut dyn Paper) -> fmt::Result {
        let name = match window {
            Window::Last(_) => "in_last",
            Window::Next(_) => "in_next",
            Window::Ago { .. } => "ago_between",
            Window::Period { .. } | Window::Periods { .. } | Window::ToDate { .. } => "in_period",
        };
        write!(out, "{name}(")?;
        if let Some(time) = time {
            self.term(time, Binding::Or, out)?;
            out.write_str(", ")?;
        }
        match window {
            Window::Last(length) | Window::Next(length) => write!(out, "'{length}')"),
            Window::Ago { from, to } => write!(out, "'{from}', '{to}')"),
            period => write!(out, "'{}')", period.period_words().unwrap_or_default()),
        }
    }

    /// A side of a comparison: a condition there needs parentheses.
    fn operand(self, term: &Term, out: &mut dyn Paper) -> fmt::Result {
        self.term(term, Binding::Sum, out)
    }

    fn terms(self, terms: &[Term], out: &mut dyn Paper) -> fmt::Result {
        for (index, each) in terms.iter().enumerate() {
            if index > 0 {
                out.write_char(',')?;
                out.fold(Fold::Fill, " ")?;
            }
            self.term(each, Binding::Or, out)?;
        }
        Ok(())
    }

    pub(super) fn term(self, term: &Term, least: Binding, out: &mut dyn Paper) -> fmt::Result {
        match term {
            Term::Column(column) => self.column(column, out),
            Term::Literal(literal) => write!(out, "{literal}"),
            Term::AsOf => out.write_str("as_of"),
            Term::Aggregate(aggregate) => self.aggregate(aggregate, out),
            Term::Arithmetic { left, operator, right } => {
                let (binding, tighter) = match operator {
                    Arithmetic::Add | Arithmetic::Subtract => (Binding::Sum, Binding::Product),
                    Arithmetic::Multiply | Arithmetic::Divide | Arithmetic::Modulo => {
                        (Binding::Product, Binding::Atom)
                    }
                };
                let parentheses = binding < least;
                if parentheses {
                    out.write_char('(')?;
                }
                self.term(left, binding, out)?;
                write!(out, " {} ", operator.as_str())?;
                self.term(right, tighter, out)?;
                if parentheses { out.write_char(')') } else { Ok(()) }
            }
            Term::Call { function, arguments, .. } => {
                out.open();
                write!(out, "{}(", function.name())?;
                self.terms(arguments, out)?;
                out.write_char(')')?;
                out.close();
                Ok(())
            }
            Term::Since { state, .. } => self.since(state, out),
            Term::Rank { ranking, by, among, .. } => {
                write!(out, "{}(", ranking.as_str())?;
                self.term(by, Binding::Or, out)?;
                if let Some(among) = among {
                    out.write_str(", ")?;
                    self.condition(among, Binding::Or, out)?;
                }
                out.write_char(')')
            }
            Term::Case { branches, otherwise } => {
                out.open();
                out.write_str("case")?;
                for (condition, value) in branches {
                    out.fold(Fold::In, " ")?;
                    out.write_str("when ")?;
                    self.condition(condition, Binding::Or, out)?;
                    out.write_str(" then ")?;
                    self.term(value, Binding::Or, out)?;
                }
                if let Some(value) = otherwise {
                    out.fold(Fold::In, " ")?;
                    out.write_str("else ")?;
                    self.term(value, Binding::Or, out)?;
                }
                out.fold(Fold::Level, " ")?;
                out.write_str("end")?;
                out.close();
                Ok(())
            }
            // Even a call such as `in_segment('vip')`, which would do without, reads better so beside an operator.
            Term::Truth(condition) if least > Binding::Or => self.parenthesised(condition, out),
            Term::Truth(condition) => self.bare_condition(condition, out),
        }
    }

    fn column(self, column: &Column, out: &mut dyn Paper) -> fmt::Result {
        let owner = match (column.scope, self.rows) {
            (Scope::Company, _) => Some("company"),
            (Scope::Subject, Some(_)) => Some(self.subject.map_or("subject", Subject::singular)),
            (Scope::Row, Some(table)) if self.argument => Some(table.as_str()),
            (Scope::Subject, None) | (Scope::Row, _) => None,
        };
        if let Some(owner) = owner {
            write!(out, "{owner}.")?;
        }
        let table = owner.is_none() && Table::parse(&column.name.to_lowercase()).is_some();
        if table || !grammar::is_plain(&column.name) {
            return write!(out, "{}", Quoted('"', &column.name));
        }
        out.write_str(&column.name)
    }

    fn aggregate(self, aggregate: &Aggregate, out: &mut dyn Paper) -> fmt::Result {
        let inside = Place { rows: Some(aggregate.table), argument: false, ..self };
        write!(out, "{}(", aggregate.function.name())?;
        if aggregate.distinct {
            out.write_str("distinct ")?;
        }
        if aggregate.arguments.is_empty() {
            write!(out, "{}", aggregate.table)?;
        }
        out.open();
        Place { argument: true, ..inside }.terms(&aggregate.arguments, out)?;
        out.close();
        out.write_char(')')?;
        inside.filter(aggregate.filter.as_ref(), out)
    }

    /// ` filter (where …)`, if there is one.
    pub(super) fn filter(self, filter: Option<&Condition>, out: &mut dyn Paper) -> fmt::Result {
        let Some(filter) = filter else { return Ok(()) };
        out.open();
        out.write_str(" filter (")?;
        out.fold(Fold::In, "")?;
        out.write_str("where ")?;
        self.condition(filter, Binding::Or, out)?;
        close_parenthesis(out)
    }
}

/// Ends a group that stands in parentheses.
pub(super) fn close_parenthesis(out: &mut dyn Paper) -> fmt::Result {
    out.fold(Fold::Level, "")?;
    out.write_char(')')?;
    out.close();
    Ok(())
}

fn binding_of(condition: &Condition) -> Binding {
    match condition {
        Condition::All(of) if !of.is_empty() => Binding::And,
        Condition::Any(of) if !of.is_empty() => Binding::Or,
        Condition::Not(_) => Binding::Not,
        Condition::Like { pattern, negated: true, .. } if pattern.kind != PatternKind::Like => Binding::Not,
        _ => Binding::Predicate,
    }
}

/// An instant as RFC 3339, in UTC.
pub(super) fn instant_words(instant: chrono::DateTime<chrono::Utc>) -> String {
    instant.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

/// A text between quotes, those inside doubled.
pub(super) struct Quoted<'a>(pub(super) char, pub(super) &'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let Quoted(quote, text) = *self;
        out.write_char(quote)?;
        for each in text.chars() {
            out.write_char(each)?;
            if each == quote {
                out.write_char(quote)?;
            }
        }
        out.write_char(quote)
    }
}
