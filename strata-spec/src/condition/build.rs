//! Conditions in their normal form, whatever they were written in: what text and JSON are both read into.
//!
//! Nested `all` in `all` is one `all`; one condition alone is itself; a negation that a condition can carry is carried
//! by it. None of this changes what is true, false or unknown.

use super::{
    AggregateFunction, Condition, Function, Interval, Literal, Pattern, PatternKind, Ranking, Term, Window,
};
use crate::error::SpecError;

impl Condition {
    /// True when all are.
    pub fn all(conditions: impl IntoIterator<Item = Condition>) -> Condition {
        let mut flat = Vec::new();
        for condition in conditions {
            match condition {
                Condition::All(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        single(flat).unwrap_or_else(Condition::All)
    }

    /// True when any is.
    pub fn any(conditions: impl IntoIterator<Item = Condition>) -> Condition {
        let mut flat = Vec::new();
        for condition in conditions {
            match condition {
                Condition::Any(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        single(flat).unwrap_or_else(Condition::Any)
    }

    /// True when the other is false.
    #[expect(
        clippy::should_implement_trait,
        reason = "a constructor beside `all` and `any`, not an operator"
    )]
    pub fn not(condition: Condition) -> Condition {
        match condition {
            Condition::Not(inner) => *inner,
            Condition::Between { term, low, high, negated } => {
                Condition::Between { term, low, high, negated: !negated }
            }
            Condition::In { term, values, negated } => Condition::In { term, values, negated: !negated },
            Condition::Like { term, pattern, negated } => {
                Condition::Like { term, pattern, negated: !negated }
            }
            Condition::IsNull { term, negated } => Condition::IsNull { term, negated: !negated },
            other => Condition::Not(Box::new(other)),
        }
    }

    /// True when at least `count` of several are.
    pub fn at_least(count: u32, of: Vec<Condition>) -> Result<Condition, SpecError> {
        if count == 0 || count as usize > of.len() {
            return Err(SpecError::new(format!("`at_least({count}, …)` has {} conditions", of.len()))
                .with_hint("the number is at least 1 and at most the number of conditions after it"));
        }
        Ok(Condition::AtLeast { count, of })
    }

    /// A term that is true or false.
    pub fn is(term: Term) -> Result<Condition, SpecError> {
        match term {
            Term::Literal(Literal::Boolean(true)) => Ok(Condition::All(Vec::new())),
            Term::Literal(Literal::Boolean(false)) => Ok(Condition::Any(Vec::new())),
            Term::Truth(condition) => Ok(*condition),
            term if may_be_boolean(&term) => Ok(Condition::Is(term)),
            term => Err(SpecError::new(format!("`{term}` is neither true nor false"))
                .with_hint(format!("compare it with something, as `{term} {}`", comparison_for(&term)))),
        }
    }
}

impl Term {
    /// A condition as a value.
    pub fn truth(condition: Condition) -> Term {
        match condition {
            Condition::Is(term) => term,
            Condition::All(conditions) if conditions.is_empty() => Term::Literal(Literal::Boolean(true)),
            Condition::Any(conditions) if conditions.is_empty() => Term::Literal(Literal::Boolean(false)),
            other => Term::Truth(Box::new(other)),
        }
    }
}

impl Window {
    /// Checks that time can be in the window.
    pub(super) fn checked(self) -> Result<Window, SpecError> {
        match self {
            window if window.is_absurd() => {
                Err(SpecError::new("the window reaches further than a thousand years")
                    .with_hint("leave it out to mean all of time"))
            }
            Window::Last(length) | Window::Next(length) if !length.is_positive() => {
                Err(SpecError::new(format!("a window of '{length}' holds no time"))
                    .with_hint("write a positive length, as '30 days'; `in_next` looks ahead"))
            }
            Window::Ago { from, to }
                if !from.is_positive() || (to != Default::default() && !to.is_positive()) =>
            {
                Err(SpecError::new(format!("a window from '{from}' to '{to}' ago has a negative edge"))
                    .with_hint("write positive lengths, as `ago_between('90 days', '30 days')`"))
            }
            Window::Ago { from, to } if from.surely_not_longer_than(to) => {
                Err(SpecError::new(format!("a window from '{from}' ago to '{to}' ago holds no time"))
                    .with_hint(format!("the longer one comes first: `ago_between('{to}', '{from}')`")))
            }
            window => Ok(window),
        }
    }
}

impl Interval {
    /// Checks that the length is one that time can take: for windows that are counted from rows.
    pub(super) fn checked_as_window(self) -> Result<Interval, SpecError> {
        Window::Last(self).checked().map(|_| self)
    }
}

/// The engine makes an automaton of a pattern, whose size has a limit far above this.
const LONGEST_LIKE: usize = 1_000;

impl Pattern {
    /// Checks that the pattern can be matched at all.
    pub(super) fn checked(self) -> Result<Pattern, SpecError> {
        if self.kind == PatternKind::Like && self.text.chars().nth(LONGEST_LIKE).is_some() {
            return Err(SpecError::new(format!("a pattern of `like` has at most {LONGEST_LIKE} characters"))
                .with_hint("`contains`, `starts_with` and `ends_with` look for a text of any length"));
        }
        if self.kind != PatternKind::Regex {
            return Ok(self);
        }
        match regex::RegexBuilder::new(&self.text).case_insensitive(self.ignore_case).build() {
            Ok(_) => Ok(self),
            Err(regex::Error::CompiledTooBig(_)) => Err(SpecError::new(
                "the regular expression is too great when its repetitions are written out",
            )
            .with_hint("repeat fewer times, as `[a-z]{1,20}`")),
            Err(error) => {
                // The last line of the library's message is the reason; those before it draw the pattern.
                let message = error.to_string();
                let reason = message.lines().last().unwrap_or_default().trim_start_matches("error: ");
                Err(SpecError::new(format!("the regular expression cannot be read: {reason}"))
                    .with_hint("a character that means something else by itself, as `(` or `+`, stands after a backslash; `contains` looks for a text as it is"))
            }
        }
    }

    /// The flags of a pattern function: `i` ignores case.
    pub(super) fn flags(text: &str) -> Result<bool, SpecError> {
        match text {
            "" => Ok(false),
            "i" => Ok(true),
            other => Err(SpecError::new(format!("unknown flag '{other}' of a pattern"))
                .with_hint("the one flag is 'i', which ignores case")),
        }
    }
}

/// The only element, or all of them.
fn single(mut conditions: Vec<Condition>) -> Result<Condition, Vec<Condition>> {
    match conditions.pop() {
        Some(only) if conditions.is_empty() => Ok(only),
        Some(last) => {
            conditions.push(last);
            Err(conditions)
        }
        None => Err(conditions),
    }
}

/// Whether a term can be true or false, as far as the words tell; the types of columns are not known here.
pub(super) fn may_be_boolean(term: &Term) -> bool {
    use AggregateFunction::{Every, FirstValue, LastValue, Max, Min, Mode};
    match term {
        Term::Column(_) | Term::Case { .. } | Term::Truth(_) => true,
        Term::Literal(literal) => matches!(literal, Literal::Boolean(_)),
        Term::AsOf | Term::Arithmetic { .. } | Term::Since { .. } | Term::Rank { .. } => false,
        Term::Aggregate(aggregate) => {
            matches!(aggregate.function, FirstValue | LastValue | Max | Min | Mode | Every)
        }
        Term::Call { function, .. } => {
            use Function::{Coalesce, Greatest, Least, NullIf};
            matches!(function, Coalesce | Greatest | Least | NullIf) || function.is_predicate()
        }
    }
}

fn comparison_for(term: &Term) -> &'static str {
    match term {
        Term::Aggregate(aggregate) if aggregate.function == AggregateFunction::Count => "> 0",
        Term::Literal(Literal::Null) => "is null",
        Term::Literal(Literal::Text(_)) => "= country",
        Term::AsOf | Term::Literal(Literal::Date(_) | Literal::Timestamp(_)) => "> created_at",
        Term::Since { .. } => "is not null",
        Term::Rank { ranking: Ranking::PercentRank, .. } => ">= 0.9",
        Term::Rank { .. } => "<= 100",
        _ => ">= 1",
    }
}
