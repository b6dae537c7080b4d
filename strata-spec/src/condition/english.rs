//! Conditions as plain English, for people who read no SQL: `english_term` says the terms.
//!
//! A sentence says what the text means and nothing else; where a missing value decides, it says so.

use std::fmt::Display;

use super::english_count::{counted, the_row};
use super::english_state::{changed, has_been, placed_among, predicate, sequence, was};
use super::english_term::{constant, is_time, joined};
use super::{Comparison, Condition, Function, Literal, Pattern, PatternKind, Term, Window};

impl Condition {
    /// The condition as one sentence without capital and full stop: `country is DE or AT, and number of orders is at
    /// least 5`.
    pub fn sentence(&self) -> String {
        self.said(false)
    }

    /// The sentence, outside or inside an aggregate, where a bare name is a row's.
    pub(super) fn said(&self, inside: bool) -> String {
        match self {
            Condition::All(of) if of.is_empty() => "everyone".to_owned(),
            Condition::Any(of) if of.is_empty() => "nobody".to_owned(),
            Condition::All(of) => of.iter().map(|each| part(each, inside)).collect::<Vec<_>>().join(", and "),
            Condition::Any(of) => of.iter().map(|each| part(each, inside)).collect::<Vec<_>>().join(", or "),
            Condition::Not(inner) => negated(inner, inside),
            Condition::AtLeast { count, of } => {
                format!("at least {count} of these {}: {}", of.len(), numbered(of, inside))
            }
            Condition::Compare { left, operator, right } => compare(left, *operator, right, inside),
            Condition::Between { term, low, high, negated } => {
                let not = if *negated { "not " } else { "" };
                format!(
                    "{} is {not}between {} and {}",
                    term.said(inside),
                    low.said(inside),
                    high.said(inside)
                )
            }
            Condition::In { term, values, negated: false } => {
                let (term, case) = without_case(term);
                format!("{} is {}{case}", term.said(inside), joined(values, "or", inside))
            }
            Condition::In { term, values, negated: true } => match values.as_slice() {
                [only] => format!("{0} is known and is not {1}", term.said(inside), only.said(inside)),
                several => format!(
                    "{0} is known and is none of {1}",
                    term.said(inside),
                    joined(several, "and", inside)
                ),
            },
            Condition::Like { term, pattern, negated } => like(term, pattern, *negated, inside),
            Condition::IsNull { term, negated } => {
                format!("{} is {}", term.said(inside), if *negated { "known" } else { "missing" })
            }
            Condition::InWindow { time, window } => falls(time.as_ref(), *window, "falls", inside),
            Condition::InSegment(name, _) => format!("is in the segment {name}"),
            Condition::InClass { segmentation, class, .. } => {
                format!("is in the class {} of {segmentation}", constant(class))
            }
            Condition::Sequence(of) => sequence(of),
            Condition::Changed { change, window, .. } => changed(change, *window, true),
            Condition::Was { state, when, .. } => was(state, when, true),
            Condition::Is(term) => {
                predicate(term, true, inside).unwrap_or_else(|| format!("{} is true", term.said(inside)))
            }
        }
    }
}

/// A part of a longer sentence: one that itself has several parts stands in parentheses.
fn part(condition: &Condition, inside: bool) -> String {
    match condition {
        Condition::All(of) | Condition::Any(of) if of.is_empty() => match condition {
            Condition::All(_) => "it is anyone".to_owned(),
            _ => "it is nobody".to_owned(),
        },
        Condition::All(of) | Condition::Any(of) if of.len() == 2 && of.iter().all(is_short) => {
            let (before, between) = match condition {
                Condition::All(_) => ("both ", " and "),
                _ => ("either ", " or "),
            };
            format!("{before}{}", of.iter().map(|each| each.said(inside)).collect::<Vec<_>>().join(between))
        }
        Condition::All(_) | Condition::Any(_) | Condition::AtLeast { .. } | Condition::Sequence(_) => {
            format!("({})", condition.said(inside))
        }
        Condition::Not(inner) if !is_short(inner) => format!("({})", condition.said(inside)),
        other => other.said(inside),
    }
}

/// Whether a condition's sentence has no `and` and `or` between parts of its own.
fn is_short(condition: &Condition) -> bool {
    match condition {
        Condition::Compare { operator: Comparison::NotEqual | Comparison::NotDistinctFrom, .. } => false,
        Condition::Compare { .. }
        | Condition::IsNull { .. }
        | Condition::InSegment(..)
        | Condition::InClass { .. }
        | Condition::Changed { .. }
        | Condition::Was { .. }
        | Condition::InWindow { .. } => true,
        Condition::Is(Term::Aggregate(_)) => false,
        Condition::Is(Term::Call { function, arguments, .. }) => {
            arguments.len() <= 2 || *function == Function::WithinPolygon
        }
        Condition::Is(_) => true,
        Condition::In { values, negated, .. } => values.len() == 1 && !negated,
        Condition::Not(inner) => {
            use Condition::{Changed, InClass, InSegment, Is, Was};
            matches!(&**inner, InSegment(..) | InClass { .. } | Changed { .. } | Was { .. } | Is(_))
                && is_short(inner)
        }
        _ => false,
    }
}

fn negated(condition: &Condition, inside: bool) -> String {
    match condition {
        Condition::InSegment(name, _) => format!("is not in the segment {name}"),
        Condition::InClass { segmentation, class, .. } => {
            format!("is not in the class {} of {segmentation}", constant(class))
        }
        Condition::InWindow { time, window } => falls(time.as_ref(), *window, "does not fall", inside),
        Condition::Changed { change, window, .. } => changed(change, *window, false),
        Condition::Was { state, when, .. } => was(state, when, false),
        Condition::Sequence(of) => sequence(of).replacen("has", "does not have", 1),
        Condition::Is(term) => {
            predicate(term, false, inside).unwrap_or_else(|| format!("{} is false", term.said(inside)))
        }
        Condition::Any(of) if !of.is_empty() => {
            format!("none of these {}: {}", of.len(), numbered(of, inside))
        }
        Condition::All(of) if !of.is_empty() => {
            format!("not all of these {}: {}", of.len(), numbered(of, inside))
        }
        other => format!("it is not so that {}", part(other, inside)),
    }
}

fn numbered(of: &[Condition], inside: bool) -> String {
    let each = of.iter().enumerate().map(|(index, each)| format!("({}) {}", index + 1, each.said(inside)));
    each.collect::<Vec<_>>().join("; ")
}

fn compare(left: &Term, operator: Comparison, right: &Term, inside: bool) -> String {
    let idiom = counted(left, operator, right).or_else(|| placed_among(left, operator, right, inside));
    if let Some(sentence) = idiom.or_else(|| sampled_or_near(left, operator, right)) {
        return sentence;
    }
    if let Some((state, operator, length)) = left.duration_beside(operator, right) {
        return has_been(state, operator, length);
    }
    let (left, case) = match right {
        Term::Literal(Literal::Text(_)) => without_case(left),
        _ => (left, ""),
    };
    let (this, that) = (left.said(inside), format!("{}{case}", right.said(inside)));
    // `the last order was …`, `birth date is …`.
    let (this, is) = match the_row(left) {
        Some(row) => (row, "was"),
        None => (this, "is"),
    };
    if let Some(ago) = right.ago() {
        match operator {
            Comparison::Less => return format!("{this} {is} more than {ago} ago"),
            Comparison::LessOrEqual => return format!("{this} {is} at least {ago} ago"),
            Comparison::Greater => return format!("{this} {is} less than {ago} ago"),
            Comparison::GreaterOrEqual => return format!("{this} {is} at most {ago} ago"),
            _ => {}
        }
    }
    let time = is_time(left) || is_time(right);
    match (operator, right) {
        (Comparison::NotDistinctFrom, Term::Literal(Literal::Null)) => format!("{this} is missing"),
        (Comparison::DistinctFrom, Term::Literal(Literal::Null)) => format!("{this} is known"),
        (Comparison::NotDistinctFrom, Term::Literal(_)) => format!("{this} is known and is {that}"),
        (Comparison::NotDistinctFrom, _) => format!("{this} is {that}, or both are missing"),
        (Comparison::DistinctFrom, Term::Literal(_)) => format!("{this} is not {that} (or is missing)"),
        (Comparison::DistinctFrom, _) => format!("{this} is not {that} (or one of them is missing)"),
        (Comparison::Equal, _) => format!("{this} is {that}"),
        (Comparison::NotEqual, _) => format!("{this} is known and is not {that}"),
        (Comparison::Less, _) if time => format!("{this} {is} before {that}"),
        (Comparison::LessOrEqual, _) if time => format!("{this} {is} no later than {that}"),
        (Comparison::Greater, _) if time => format!("{this} {is} after {that}"),
        (Comparison::GreaterOrEqual, _) if time => format!("{this} {is} no earlier than {that}"),
        (Comparison::Less, _) => format!("{this} is less than {that}"),
        (Comparison::LessOrEqual, _) => format!("{this} is at most {that}"),
        (Comparison::Greater, _) => format!("{this} is more than {that}"),
        (Comparison::GreaterOrEqual, _) => format!("{this} is at least {that}"),
    }
}

/// A term of which upper and lower case do not count, beside a constant, and how that is said.
fn without_case(term: &Term) -> (&Term, &'static str) {
    match term {
        Term::Call { function: Function::Lower, arguments, .. } => match arguments.as_slice() {
            [inner] => (inner, ", in upper or lower case"),
            _ => (term, ""),
        },
        other => (other, ""),
    }
}

/// `bucket('mail') < 0.1` and `distance_km(latitude, longitude, 52.5, 13.4) <= 10`.
fn sampled_or_near(left: &Term, operator: Comparison, right: &Term) -> Option<String> {
    let (Term::Call { function, arguments, .. }, Term::Literal(Literal::Number(_) | Literal::Integer(_))) =
        (left, right)
    else {
        return None;
    };
    let is_column = |term: &Term, name: &str| matches!(term, Term::Column(column) if column.name == name);
    match (function, operator, arguments.as_slice()) {
        (Function::Bucket, Comparison::Less, [salt]) => {
            Some(format!("is in the first {} of the sample {}", percent(right), salt.said(false)))
        }
        (Function::Bucket, Comparison::GreaterOrEqual, [salt]) => {
            Some(format!("is not in the first {} of the sample {}", percent(right), salt.said(false)))
        }
        (Function::DistanceKm, Comparison::LessOrEqual, [latitude, longitude, north, east])
            if is_column(latitude, "latitude") && is_column(longitude, "longitude") =>
        {
            let (north, east) = (north.said(false), east.said(false));
            Some(format!("is at most {} km from ({north}, {east})", right.said(false)))
        }
        _ => None,
    }
}

/// A share in [0, 1] as a percentage: `10%`.
pub(super) fn percent(share: &Term) -> String {
    let share = match share {
        Term::Literal(Literal::Integer(share)) => *share as f64,
        Term::Literal(Literal::Number(share)) => *share,
        other => return other.said(false),
    };
    // Rounded so that 0.07 is 7 and not 7.000000000000001.
    format!("{}%", (share * 1e10).round() / 1e8)
}

fn like(term: &Term, pattern: &Pattern, negated: bool, inside: bool) -> String {
    let (does, does_not) = match pattern.kind {
        PatternKind::Like => ("looks like", "does not look like"),
        PatternKind::Regex => ("matches the regular expression", "does not match the regular expression"),
        PatternKind::StartsWith => ("starts with", "does not start with"),
        PatternKind::EndsWith => ("ends with", "does not end with"),
        PatternKind::Contains => ("contains", "does not contain"),
    };
    let case = if pattern.ignore_case { " (in upper or lower case)" } else { "" };
    let does = if negated { does_not } else { does };
    format!("{} {does} “{}”{case}", term.said(inside), pattern.text)
}

fn falls(time: Option<&Term>, window: Window, verb: &str, inside: bool) -> String {
    let when = window_phrase(window);
    match time {
        Some(time) => format!("{} {verb} {when}", the_row(time).unwrap_or_else(|| time.said(inside))),
        None => format!("the time {verb} {when}"),
    }
}

/// A window as an adverb: `in the last 30 days`, `last quarter`.
pub(super) fn window_phrase(window: Window) -> String {
    let length = |length: &dyn Display| {
        let words = length.to_string();
        // `in the last day`, not `in the last 1 day`.
        match words.strip_prefix("1 ") {
            Some(unit) if !unit.contains(' ') => unit.to_owned(),
            _ => words,
        }
    };
    match window {
        Window::Last(last) => format!("in the last {}", length(&last)),
        Window::Next(next) => format!("in the next {}", length(&next)),
        Window::Ago { from, to } if to == Default::default() => format!("in the last {}", length(&from)),
        Window::Ago { from, to } => format!("between {from} and {to} ago"),
        period => period.period_words().map_or_else(String::new, |words| match period {
            // `in the last 3 months` would be the time until now.
            Window::Periods { unit, count } => {
                let direction = if count < 0 { "last" } else { "next" };
                format!("in the {direction} {} whole {}s", count.unsigned_abs(), unit.as_str())
            }
            _ => words,
        }),
    }
}
