//! The goal: a term that is evaluated at the end of the horizon, whatever it is called.

use strata_spec::condition::{Condition, Term};
use strata_spec::error::{ErrorCode, nearest};
use strata_spec::table::{Kind, Subject, Table};

use super::Ask;
use super::feature::{Allowance, why_not_past};
use crate::compile::{Question, article, compile_only};
use crate::error::{Error, Result};
use crate::preview::{Basis, refused};

/// The goals that have a name.
pub const NAMED: [&str; 4] = ["repeat_purchase", "churn", "revenue", "response"];

/// Clicks in e-mails and whatever else answers a campaign, as the shipped traits know them.
const CLICKED: &str = "lower(name) in ('clicked email', 'email clicked', 'email_clicked', 'email click', \
     'email_click', 'email link clicked', 'email_link_clicked')";
const ANSWERED: &str = "campaign is not null and not regexp_like(lower(name), \
     'received|delivered|bounce|dropped|spam|unsubscrib|cancel|refund|fulfilled|shipped|email.?sent|sent.?email') \
     and not regexp_like(lower(name), 'email.?open|open.+email')";

/// A goal, read.
#[derive(Debug, Clone)]
pub(super) struct Goal {
    pub(super) title: String,
    pub(super) term: Term,
    /// Whether it happens or not; otherwise it is a number.
    pub(super) is_share: bool,
    /// Who can reach it: those of whom this holds at the beginning of the horizon.
    pub(super) population: Option<Condition>,
    /// What to do where it is the same for everybody.
    pub(super) hint: String,
}

/// Reads the goal at the beginning of a horizon.
///
/// # Errors
/// When the data has nothing that it could be told by, or the text has a fault.
pub(super) fn read(past: &Basis<'_>, ask: &Ask) -> Result<Goal> {
    let subject = ask.subject;
    let days = ask.horizon_days;
    let orders = format!("count(orders) filter (where in_last('{days} days'))");
    let (title, text, of_buyers) = match ask.goal.as_str() {
        "repeat_purchase" => (format!("buys again within {days} days"), format!("{orders} >= 1"), true),
        "churn" => (format!("buys nothing within {days} days"), format!("{orders} = 0"), true),
        "revenue" => {
            let sum = format!("sum(orders.amount) filter (where in_last('{days} days'))");
            (format!("revenue within {days} days"), format!("coalesce({sum}, 0)"), false)
        }
        "response" => return response(past, ask),
        own => (own.to_owned(), own.to_owned(), false),
    };
    let is_named = NAMED.contains(&ask.goal.as_str());
    let setting = past.setting(subject);
    if is_named && !setting.mapped.has(Table::Orders, subject.id_column()) {
        let message = format!("the goal `{}` is about orders, and no source maps any of {subject}", ask.goal);
        return Err(
            Error::new(ErrorCode::NotFound, message).with_hint("give a condition as the goal: --goal \"…\"")
        );
    }
    let hint = "take another horizon (--horizon-days), or ask of others (--among)".to_owned();
    let population = of_buyers
        .then(|| Condition::parse("count(orders) >= 1", subject))
        .transpose()
        .map_err(Error::from)?;
    let (term, is_share) = compiled(past, subject, &text)?;
    Ok(Goal { title, term, is_share, population, hint })
}

/// Whether there was a click in an e-mail, or another answer to a campaign.
fn response(past: &Basis<'_>, ask: &Ask) -> Result<Goal> {
    let (subject, days) = (ask.subject, ask.horizon_days);
    let hint = format!(
        "map events of e-mails and campaigns, or say what a response is: --goal \"count(events) filter (where \
         name = '…' and in_last('{days} days')) >= 1\""
    );
    let mapped = past.setting(subject).mapped;
    if !mapped.has(Table::Events, subject.id_column()) {
        let message = format!("the goal `response` is about events, and no source maps any of {subject}");
        return Err(Error::new(ErrorCode::NotFound, message).with_hint(hint));
    }
    let is_response = match mapped.has(Table::Events, "campaign") {
        true => format!("({CLICKED} or ({ANSWERED}))"),
        false => CLICKED.to_owned(),
    };
    let text = format!("count(events) filter (where in_last('{days} days') and {is_response}) >= 1");
    let (term, is_share) = compiled(past, subject, &text)?;
    let title = format!("answers an e-mail or campaign within {days} days");
    Ok(Goal { title, term, is_share, population: None, hint })
}

/// The term of a text, and whether it happens or not.
fn compiled(past: &Basis<'_>, subject: Subject, text: &str) -> Result<(Term, bool)> {
    let project = past.project;
    let is_word = text.chars().all(|each| each.is_alphanumeric() || each == '_');
    let or_named = |error: Error| match nearest(text, NAMED) {
        Some(near) if is_word => error.with_hint(format!("did you mean `{near}`?")),
        _ if is_word => error.with_hint(format!("goals with a name are {}", NAMED.join(", "))),
        _ => error,
    };
    let term = Term::parse(text, subject).map_err(|fault| or_named(refused(project, text, vec![fault])))?;
    let question = Question { terms: std::slice::from_ref(&term), ..Question::default() };
    let program = compile_only(&past.setting(subject), &question);
    let program = program.map_err(|faults| or_named(refused(project, text, faults)))?;
    let wrong = |message: String| Err(Error::new(ErrorCode::InvalidDefinition, message));
    if let Some(reason) = why_not_past(past, subject, &term, &program, Allowance::Goal) {
        let message = format!("the goal cannot be said of the past: {reason}");
        return wrong(message).map_err(|error| {
            error.with_hint("speak of orders, events and other rows, and of traits that are made of them")
        });
    }
    match program.asked.kinds.first() {
        Some(Some(Kind::Boolean)) => Ok((term, true)),
        Some(Some(Kind::Integer | Kind::Number)) => Ok((term, false)),
        Some(Some(kind)) => {
            wrong(format!("a goal is a condition or a number, and `{text}` is {}", article(*kind))).map_err(
                |error| error.with_hint("as --goal \"count(orders) filter (where in_last('90 days'))\""),
            )
        }
        _ => wrong(format!("`{text}` is always missing"))
            .map_err(|error| error.with_hint("`strata check` says what the sources map")),
    }
}
