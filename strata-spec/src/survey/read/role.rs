//! Columns that say who answered, when, and to what they agreed, by the names that survey tools and people give them.

use std::fmt;

use super::report::NamedBy;
use crate::survey::text::normal;

/// What a column says about a completed form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Who answered.
    Respondent(NamedBy),
    /// The survey tool's id of the completed form.
    Response,
    /// When it was sent.
    AnsweredAt,
    /// When it was begun.
    StartedAt,
    /// How long it took, in seconds.
    Duration,
    /// What the person agreed to.
    Purpose,
    /// The id or text of the item, in a table with a record for each answer.
    Item,
    /// The answer, in such a table.
    Answer,
    /// The answer as a number, in such a table.
    AnswerNumber,
}

/// The words of names of columns, the best first where a table has several.
const NAMES: [(Role, &[&str]); 9] = [
    (
        Role::Respondent(NamedBy::Customer),
        &[
            "customer id",
            "customer number",
            "user id",
            "respondent",
            "respondent id",
            "participant",
            "participant id",
        ],
    ),
    (
        Role::Respondent(NamedBy::Email),
        &[
            "email",
            "e mail",
            "email address",
            "e mail address",
            "your email",
            "your email address",
            "what is your email address",
            "whats your email address",
            "username",
        ],
    ),
    (Role::Respondent(NamedBy::Device), &["anonymous id", "client id", "device id", "hotjar user id"]),
    (Role::Response, &["response id", "response token", "token", "submission id"]),
    (
        Role::AnsweredAt,
        &[
            "answered at",
            "timestamp",
            "submitted at",
            "submit date utc",
            "date submitted",
            "submit date",
            "completed at",
        ],
    ),
    (Role::StartedAt, &["started at", "start date utc", "start date", "landed at"]),
    (Role::Duration, &["duration seconds", "duration s", "duration", "time taken seconds"]),
    (Role::Purpose, &["purpose"]),
    (Role::Response, &["number"]),
];

/// The same where a record is an answer.
const LONG_NAMES: [(Role, &[&str]); 3] = [
    (Role::Item, &["item", "item id", "question id", "question", "ref", "field"]),
    (Role::Answer, &["answer", "value", "choice"]),
    (Role::AnswerNumber, &["answer number"]),
];

/// What a column of that name says; `is_hotjar` where `Number` is an id.
pub(super) fn role_of(column: &str, is_hotjar: bool) -> Option<Role> {
    // Typeform heads the token of the completed form by a sign that has no words.
    if column.trim() == "#" {
        return Some(Role::Response);
    }
    let words = normal(column);
    let role = NAMES.iter().find(|(_, names)| names.contains(&words.as_str())).map(|(role, _)| *role)?;
    (words != "number" || is_hotjar).then_some(role)
}

/// What each column of a table with a record for each answer says: of several that could be its item or answer, the first named above.
pub(super) fn long_roles(header: &[String]) -> Vec<Option<Role>> {
    let words: Vec<String> = header.iter().map(|column| normal(column)).collect();
    let mut roles: Vec<Option<Role>> = header.iter().map(|column| role_of(column, false)).collect();
    for (role, names) in LONG_NAMES {
        let found = names.iter().find_map(|name| words.iter().position(|column| column == name));
        if let Some(slot) = found.and_then(|place| roles.get_mut(place)) {
            *slot = Some(role);
        }
    }
    roles
}

impl fmt::Display for Role {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Role::Respondent(NamedBy::Customer) => "who answered, by the customer's id",
            Role::Respondent(NamedBy::Email) => "who answered, by e-mail address",
            Role::Respondent(NamedBy::Device) => "who answered, by device",
            Role::Respondent(NamedBy::Response) | Role::Response => "the id of the completed form",
            Role::AnsweredAt => "when it was sent",
            Role::StartedAt => "when it was begun",
            Role::Duration => "how long it took",
            Role::Purpose => "what was agreed to",
            Role::Item => "the item",
            Role::Answer => "the answer",
            Role::AnswerNumber => "the answer as a number",
        })
    }
}
