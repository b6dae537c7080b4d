//! The leaves of the builder's JSON: comparisons, patterns, windows, memberships. `json_state` reads sequences and what
//! held at other times.

use super::json_object::{Json, Object};
use super::{
    At, Comparison, Condition, Function, Interval, Literal, Pattern, PatternKind, Term, Window, interval,
};
use crate::error::SpecError;
use crate::name::{SegmentName, SegmentationName};

const OPERATORS: [Comparison; 8] = [
    Comparison::Equal,
    Comparison::NotEqual,
    Comparison::Less,
    Comparison::LessOrEqual,
    Comparison::Greater,
    Comparison::GreaterOrEqual,
    Comparison::DistinctFrom,
    Comparison::NotDistinctFrom,
];

impl Json {
    pub(super) fn leaf(&self, object: &Object<'_>, key: &'static str) -> Result<Condition, SpecError> {
        match key {
            "operator" => {
                let object = object.only(&["left", "operator", "right", "ignore_case"])?;
                let word = object.text("operator")?;
                let operator = OPERATORS.into_iter().find(|each| each.as_str() == word).ok_or_else(|| {
                    let names = OPERATORS.map(Comparison::as_str).join(", ");
                    let (error, hint) =
                        (object.here.inside(".operator"), format!("the operators are {names}"));
                    error.error(format!("unknown operator `{word}`")).with_hint(hint)
                })?;
                let (mut left, mut right) = (object.term("left")?, object.term("right")?);
                if object.flag("ignore_case")? {
                    (left, right) = (lowered(left), lowered(right));
                }
                Ok(Condition::Compare { left, operator, right })
            }
            "between" => {
                let object = object.only(&["term", "between", "negated"])?;
                let (term, negated) = (object.term("term")?, object.flag("negated")?);
                match <[Term; 2]>::try_from(object.terms("between")?) {
                    Ok([low, high]) => Ok(Condition::Between { term, low, high, negated }),
                    Err(_) => Err(self.error("`between` takes two bounds").with_hint("write `[1, 5]`")),
                }
            }
            "in" => {
                let object = object.only(&["term", "in", "ignore_case", "negated"])?;
                let (mut term, mut values) = (object.term("term")?, object.terms("in")?);
                if object.flag("ignore_case")? {
                    (term, values) = (lowered(term), values.into_iter().map(lowered).collect());
                }
                if values.is_empty() {
                    return Err(self
                        .error("`in` has an empty list")
                        .with_hint("`{\"any\": []}` means nobody"));
                }
                Ok(Condition::In { term, values, negated: object.flag("negated")? })
            }
            "is_null" => {
                let object = object.only(&["term", "is_null"])?;
                Ok(Condition::IsNull { term: object.term("term")?, negated: !object.flag("is_null")? })
            }
            "is" => Ok(Condition::Is(object.only(&["is"])?.term("is")?)),
            "in_last" | "in_next" | "ago_between" | "in_period" => {
                let object = object.only(&[key, "time"])?;
                let time = object.map.contains_key("time").then(|| object.term("time")).transpose()?;
                Ok(Condition::InWindow { time, window: self.window(&object, key)? })
            }
            "in_segment" => {
                let name = SegmentName::new(object.only(&["in_segment"])?.text("in_segment")?);
                Ok(Condition::InSegment(name.map_err(|error| error.in_place(&*self.path))?, At::default()))
            }
            "in_class" => match object.only(&["in_class"])?.texts("in_class")?.as_slice() {
                [segmentation, class] => {
                    let segmentation = SegmentationName::new(*segmentation);
                    Ok(Condition::InClass {
                        segmentation: segmentation.map_err(|error| error.in_place(&*self.path))?,
                        class: (*class).to_owned(),
                        at: At::default(),
                    })
                }
                _ => Err(self
                    .error("`in_class` takes a segmentation and a class")
                    .with_hint("write `[\"rfm\", \"champions\"]`")),
            },
            "sequence" => self.sequence(object),
            "changed" | "entered" | "left" => self.changed(object, key),
            "was" | "was_in" => self.was(object, key),
            _ => {
                let kinds = [
                    PatternKind::Like,
                    PatternKind::Regex,
                    PatternKind::StartsWith,
                    PatternKind::EndsWith,
                    PatternKind::Contains,
                ];
                let kind = kinds.into_iter().find(|kind| kind.as_str() == key);
                let kind = kind.ok_or_else(|| self.error(format!("`{key}` is not a condition")))?;
                let object = object.only(&["term", key, "ignore_case", "negated"])?;
                let (text, ignore_case) = (object.text(key)?.to_owned(), object.flag("ignore_case")?);
                let pattern = Pattern { kind, text, ignore_case };
                Ok(Condition::Like { term: object.term("term")?, pattern, negated: object.flag("negated")? })
            }
        }
    }

    pub(super) fn window(&self, object: &Object<'_>, key: &'static str) -> Result<Window, SpecError> {
        let length = |text: &str| Interval::parse(text);
        let window = match key {
            "in_last" => length(object.text(key)?).map(Window::Last),
            "in_next" => length(object.text(key)?).map(Window::Next),
            "in_period" => interval::parse_period(object.text(key)?),
            _ => match object.texts(key)?.as_slice() {
                [from, to] => length(from).and_then(|from| Ok(Window::Ago { from, to: length(to)? })),
                _ => Err(SpecError::new("`ago_between` takes two lengths of time")
                    .with_hint("write `[\"90 days\", \"30 days\"]`")),
            },
        };
        window.map_err(|error| error.in_place(format!("{}.{key}", self.path)))
    }
}

/// A side of a comparison that ignores case: both are compared in lower case.
fn lowered(term: Term) -> Term {
    match term {
        Term::Literal(Literal::Text(text)) => Term::Literal(Literal::Text(text.to_lowercase())),
        other => Term::Call { function: Function::Lower, arguments: vec![other], at: At::default() },
    }
}
