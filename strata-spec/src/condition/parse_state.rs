//! Text into what held at other times, `was(plan, 'free', date '2026-03-01')`, `entered('vip')`, and into places among
//! all subjects, `percent_rank(revenue) >= 0.9`.

use sqlparser::ast::Expr;

use super::parse::{Reader, literal_text, snippet, start_of};
use super::parse_call::Call;
use super::parse_term::parse_date;
use super::vocabulary::{self, TERMS, example};
use super::{
    Arithmetic, Change, Column, Comparison, Condition, Group, Interval, Literal, Node, Ranking, Scope, State,
    Term, When, Window,
};
use crate::error::SpecError;
use crate::name::{SegmentName, SegmentationName};

impl Reader<'_> {
    /// A call that is a condition about other times.
    pub(super) fn state_call(self, call: &Call<'_>) -> Result<Condition, SpecError> {
        self.refuse_in_aggregate(call)?;
        let at = self.at(call.start);
        let arguments = call.arguments.as_slice();
        if let "was" | "was_in" = call.name.as_str() {
            let (state, when) = match (call.name.as_str(), arguments) {
                ("was", [property, value, when @ ..]) => (self.value_state(call, property, value)?, when),
                _ => {
                    let named = arguments.iter().take_while(|each| literal_text(each).is_some()).count();
                    let (names, when) = arguments.split_at(named);
                    (State::Member(self.group(call, names)?), when)
                }
            };
            let when = match when {
                [] => When::Ever,
                [when] => self.when(call, when)?,
                [_, more, ..] => return Err(self.too_many(call, more)),
            };
            return Condition::was(state, when, at);
        }
        let (of, window) = match arguments {
            [of @ .., last] if matches!(last, Expr::Function(_)) => (of, Some(self.past_window(call, last)?)),
            of => (of, None),
        };
        let change = match (call.name.as_str(), of) {
            ("entered", of) => Change::Entered(self.group(call, of)?),
            ("left", of) => Change::Left(self.group(call, of)?),
            ("changed", [property]) => {
                Change::Value { column: self.property(call, property)?, from: None, to: None }
            }
            ("changed_from", [property, from]) => {
                let from = Some(self.value(call, from)?);
                Change::Value { column: self.property(call, property)?, from, to: None }
            }
            ("changed_from", [property, from, to]) => {
                let (from, to) = (Some(self.value(call, from)?), Some(self.value(call, to)?));
                Change::Value { column: self.property(call, property)?, from, to }
            }
            ("changed_to", [property, to]) => {
                let to = Some(self.value(call, to)?);
                Change::Value { column: self.property(call, property)?, from: None, to }
            }
            (_, [.., last]) => return Err(self.too_many(call, last)),
            _ => {
                return Err(self
                    .error(call.start, format!("`{}` lacks arguments", call.name))
                    .with_hint(format!("write `{}`", example(&call.name))));
            }
        };
        Condition::changed(change, window, at)
    }

    /// A call that is a value and takes something else than values.
    pub(super) fn state_term(self, call: &Call<'_>) -> Result<Term, SpecError> {
        self.refuse_in_aggregate(call)?;
        let at = self.at(call.start);
        match (call.name.as_str(), call.arguments.as_slice()) {
            ("since" | "member_since", _) => Ok(Term::Since { state: self.state(call)?, at }),
            ("has_been" | "has_been_in", _) => Err(self
                .error(call.start, format!("`{}` stands beside a length of time only", call.name))
                .with_hint(format!(
                    "write `{}`; the instant itself is `{}`",
                    example(&call.name),
                    example("since")
                ))),
            (name, [by, among @ ..]) => {
                let ranking = Ranking::ALL.into_iter().find(|ranking| ranking.as_str() == name);
                let ranking =
                    ranking.ok_or_else(|| self.error(call.start, format!("unknown function `{name}`")))?;
                let here = self.deeper()?;
                let by = here.term(by)?;
                let among = among.first().map(|among| here.condition(among)).transpose()?;
                let mut nested = false;
                let mut look = |node: Node<'_>| {
                    nested |= matches!(node, Node::Term(Term::Rank { .. }));
                    !nested
                };
                by.walk(&mut look);
                among.iter().for_each(|among| among.walk(&mut look));
                if nested {
                    return Err(self
                        .error(call.start, "a place among places has no meaning")
                        .with_hint("rank by a trait or a score"));
                }
                Ok(Term::Rank { ranking, by: Box::new(by), among: among.map(Box::new), at })
            }
            _ => Err(self.error(call.start, format!("`{}` lacks arguments", call.name))),
        }
    }

    /// `has_been(plan, 'free') >= interval '7 days'`, on either side; none where no side is such a call.
    pub(super) fn has_been(
        self,
        left: &Expr,
        operator: Comparison,
        right: &Expr,
    ) -> Result<Option<Condition>, SpecError> {
        let is_length =
            |side: &Expr| matches!(side, Expr::Function(function) if is_duration(&function.name.to_string()));
        let (duration, operator, length) = match (is_length(left), is_length(right)) {
            (true, _) => (left, operator, right),
            (false, true) => (right, operator.mirrored(), left),
            (false, false) => return Ok(None),
        };
        let Expr::Function(function) = duration else { return Ok(None) };
        let call = self.call(function)?;
        if let Some(form) = vocabulary::find(TERMS, &call.name) {
            self.check_arguments(&call, &form.arguments)?;
        }
        self.refuse_aggregate_parts(&call)?;
        self.refuse_in_aggregate(&call)?;
        let place = start_of(length);
        let length = self.length(length)?.checked_as_window().map_err(|error| self.placed(place, error))?;
        if let Comparison::Equal | Comparison::NotEqual = operator {
            return Err(self
                .error(call.start, "no length of time is ever exactly another")
                .with_hint(format!("write `{}`", example(&call.name))));
        }
        let state = self.state(&call)?;
        let since = Term::Since { state, at: self.at(call.start) };
        Ok(Some(Condition::Compare {
            left: since,
            operator: operator.mirrored(),
            right: Term::before(length),
        }))
    }

    /// The state that all arguments of a call name.
    fn state(self, call: &Call<'_>) -> Result<State, SpecError> {
        match (call.name.as_str(), call.arguments.as_slice()) {
            ("since" | "has_been", [property, value]) => self.value_state(call, property, value),
            (_, names) => self.group(call, names).map(State::Member),
        }
    }

    fn value_state(self, call: &Call<'_>, property: &Expr, value: &Expr) -> Result<State, SpecError> {
        Ok(State::Value { column: self.property(call, property)?, value: self.value(call, value)? })
    }

    /// A property of the subject, of whose earlier values a history is kept.
    fn property(self, call: &Call<'_>, property: &Expr) -> Result<Column, SpecError> {
        match self.term(property)? {
            Term::Column(column) if column.scope == Scope::Subject => Ok(column),
            _ => Err(self
                .error(
                    start_of(property),
                    format!("`{}` is not a property of the subject", snippet(property)),
                )
                .with_hint(format!("`{}` takes the name of one, as `{}`", call.name, example(&call.name)))),
        }
    }

    fn value(self, call: &Call<'_>, value: &Expr) -> Result<Literal, SpecError> {
        match self.term(value)? {
            Term::Literal(Literal::Null | Literal::Interval(_)) => {}
            Term::Literal(literal) => return Ok(literal),
            _ => {}
        }
        Err(self
            .error(start_of(value), format!("`{}` is not a value that a property can have", snippet(value)))
            .with_hint(format!("write a constant, as `{}`", example(&call.name))))
    }

    /// A segment, or a segmentation and a class.
    pub(super) fn group(self, call: &Call<'_>, names: &[&Expr]) -> Result<Group, SpecError> {
        match names {
            [name] => {
                let text = self.text_argument(call, name)?;
                let name = SegmentName::new(text).map_err(|error| self.placed(start_of(name), error))?;
                Ok(Group::Segment(name))
            }
            [segmentation, class] => {
                let name = self.text_argument(call, segmentation)?;
                let text = self.text_argument(call, class)?;
                if call.name != "in_class" && parse_date(text).is_ok() {
                    return Err(self
                        .error(
                            start_of(class),
                            format!("'{text}' is a text, which would be the name of a class"),
                        )
                        .with_hint(format!("a day is written as `date '{text}'`")));
                }
                let segmentation = SegmentationName::new(name)
                    .map_err(|error| self.placed(start_of(segmentation), error))?;
                Ok(Group::Class { segmentation, class: text.to_owned() })
            }
            [_, _, more, ..] => Err(self.too_many(call, more)),
            [] => Err(self
                .error(
                    call.start,
                    format!("`{}` takes the name of a segment, or of a segmentation and a class", call.name),
                )
                .with_hint(format!("write `{}`", example(&call.name)))),
        }
    }

    fn when(self, call: &Call<'_>, when: &Expr) -> Result<When, SpecError> {
        let place = start_of(when);
        let checked = match when {
            Expr::Function(_) => return self.past_window(call, when).map(When::In),
            other => self.term(other)?.constant_instant(),
        };
        checked.map(When::At).map_err(|error| self.placed(place, error))
    }

    /// A window as an argument, which names no time.
    fn past_window(self, call: &Call<'_>, argument: &Expr) -> Result<Window, SpecError> {
        let inner = match argument {
            Expr::Function(function) => Some(self.call(function)?),
            _ => None,
        };
        let window = match &inner {
            Some(inner) => self.window_of(inner)?,
            None => None,
        };
        match window {
            Some(([], window)) => window.past().map_err(|error| self.placed(start_of(argument), error)),
            Some(_) => Err(self
                .error(start_of(argument), format!("the window of `{}` names no time", call.name))
                .with_hint("it is of the time at which it happened: `in_last('30 days')`")),
            None => Err(self
                .error(start_of(argument), format!("`{}` is not a window of time", snippet(argument)))
                .with_hint("write `in_last('30 days')`, `ago_between('90 days', '30 days')` or `in_period('last month')`")),
        }
    }

    fn too_many(self, call: &Call<'_>, last: &Expr) -> SpecError {
        self.error(start_of(last), format!("`{}` is more than `{}` takes", snippet(last), call.name))
            .with_hint(format!("write `{}`", example(&call.name)))
    }
}

fn is_duration(name: &str) -> bool {
    ["has_been", "has_been_in"].iter().any(|word| name.eq_ignore_ascii_case(word))
}

impl Comparison {
    /// The comparison that holds of two terms where this one holds of the two exchanged.
    pub fn mirrored(self) -> Comparison {
        match self {
            Comparison::Less => Comparison::Greater,
            Comparison::LessOrEqual => Comparison::GreaterOrEqual,
            Comparison::Greater => Comparison::Less,
            Comparison::GreaterOrEqual => Comparison::LessOrEqual,
            same => same,
        }
    }
}

impl Ranking {
    /// Every ranking.
    pub const ALL: [Ranking; 3] = [Ranking::PercentRank, Ranking::Rank, Ranking::RowNumber];

    /// The word in text: `percent_rank`, `rank`, `row_number`.
    pub fn as_str(self) -> &'static str {
        match self {
            Ranking::PercentRank => "percent_rank",
            Ranking::Rank => "rank",
            Ranking::RowNumber => "row_number",
        }
    }
}

impl Term {
    /// `as_of - interval '…'`.
    fn before(length: Interval) -> Term {
        Term::Arithmetic {
            left: Box::new(Term::AsOf),
            operator: Arithmetic::Subtract,
            right: Box::new(Term::interval(length)),
        }
    }
}
