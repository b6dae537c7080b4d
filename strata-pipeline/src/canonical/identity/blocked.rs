//! Values that stand where an identifier should, and identify nobody.

use std::borrow::Cow;

use strata_lake::datafusion::common::HashSet;
use strata_spec::manifest::Identifier;

/// A kind of identifier, in order of trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// A customer's id in some system.
    External,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A visitor's or device's id.
    Anonymous,
}

impl Kind {
    pub(super) fn of(identifier: Identifier) -> Kind {
        match identifier {
            Identifier::Email => Kind::Email,
            Identifier::Phone => Kind::Phone,
            Identifier::AnonymousId => Kind::Anonymous,
        }
    }
}

/// Words that systems and people write where they have no value.
const WORDS: [&str; 22] = [
    "null",
    "(null)",
    "nil",
    "none",
    "(none)",
    "n/a",
    "#n/a",
    "na",
    "nan",
    "-",
    "--",
    "?",
    "-1",
    "0",
    "undefined",
    "anonymous",
    "anonym",
    "guest",
    "unknown",
    "unbekannt",
    "not set",
    "(not set)",
];

/// The bytes of the longest word. Most ids are longer, and need not be looked up.
const LONGEST_WORD: usize = {
    let mut longest = 0;
    let mut at = 0;
    while at < WORDS.len() {
        if WORDS[at].len() > longest {
            longest = WORDS[at].len();
        }
        at += 1;
    }
    longest
};

/// Words that stand for no customer, too, but may be part of a name; only as a whole.
const TESTS: [&str; 4] = ["test", "tester", "dummy", "example"];

/// Mailboxes that several people read, or nobody: the part before the `@`, at any domain.
const MAILBOXES: [&str; 22] = [
    "info",
    "office",
    "contact",
    "kontakt",
    "mail",
    "sales",
    "support",
    "service",
    "admin",
    "webmaster",
    "postmaster",
    "mailer-daemon",
    "noreply",
    "no-reply",
    "no_reply",
    "donotreply",
    "do-not-reply",
    "nobody",
    "nomail",
    "noemail",
    "no-email",
    "keine",
];

/// The digits that a telephone number must repeat at its end to be an invention.
const REPEATED_PHONE_DIGITS: usize = 7;

/// The digits of which an id must consist, all equal, to be an invention; shorter ones are counted through by systems.
const REPEATED_ID_DIGITS: usize = 6;

/// What is blocked: what is shipped, and a project's additions.
#[derive(Debug, Clone)]
pub(crate) struct Blocked {
    words: HashSet<&'static str>,
    /// The lengths of the words that begin with each ASCII sign, as bits: most ids are like no word in that already.
    lengths: [u64; 128],
    mailboxes: HashSet<&'static str>,
    /// In lower case.
    additions: Vec<String>,
}

impl Blocked {
    /// The shipped list with patterns of a project, in which `*` stands for any signs; they hold for all kinds.
    pub(crate) fn new<T: AsRef<str>>(additions: &[T]) -> Blocked {
        let words = || WORDS.into_iter().chain(TESTS);
        let mut lengths = [0; 128];
        for word in words() {
            let begin = word.bytes().next().and_then(|first| lengths.get_mut(usize::from(first)));
            begin.into_iter().for_each(|lengths| *lengths |= 1 << word.len());
        }
        Blocked {
            words: words().collect(),
            lengths,
            mailboxes: MAILBOXES.into_iter().collect(),
            additions: additions.iter().map(|pattern| pattern.as_ref().trim().to_lowercase()).collect(),
        }
    }

    /// Whether a normalised value identifies nobody.
    pub(crate) fn is_blocked(&self, kind: Kind, value: &str) -> bool {
        let value = value.trim();
        if value.is_empty() || is_zero(value) || is_invented(kind, value) {
            return true;
        }
        // Nothing else is asked of most ids, and there may be a billion.
        if kind != Kind::Email && value.is_ascii() && self.additions.is_empty() {
            return value.len() <= LONGEST_WORD && self.is_word(value);
        }
        let is_lower = value.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
        let value = if is_lower { Cow::from(value) } else { value.to_lowercase().into() };
        self.words.contains(&*value)
            || (kind == Kind::Email && self.is_shared(&value))
            || self.additions.iter().any(|pattern| matches(pattern, &value))
    }

    /// The same as to look for the lower case among the words, without making it.
    fn is_word(&self, value: &str) -> bool {
        let first = value.bytes().next().map(|first| usize::from(first.to_ascii_lowercase()));
        let lengths = first.and_then(|first| self.lengths.get(first));
        if lengths.is_none_or(|lengths| lengths >> value.len() & 1 == 0) {
            return false;
        }
        let mut lower = [0; LONGEST_WORD];
        let Some(lower) = lower.get_mut(..value.len()) else { return false };
        lower.copy_from_slice(value.as_bytes());
        lower.make_ascii_lowercase();
        std::str::from_utf8(lower).is_ok_and(|lower| self.words.contains(lower))
    }

    /// Whether several people read the mailbox of an address, or nobody.
    fn is_shared(&self, address: &str) -> bool {
        let local = address.split_once('@').map(|(local, _)| local);
        local.is_some_and(|local| self.mailboxes.contains(local) || self.words.contains(local))
    }
}

/// Whether somebody typed one digit until the form was content.
fn is_invented(kind: Kind, value: &str) -> bool {
    match kind {
        Kind::Email => false,
        Kind::Phone => n_repeated_at_end(value) >= REPEATED_PHONE_DIGITS,
        Kind::External | Kind::Anonymous => {
            let n_repeated = n_repeated_at_end(value);
            n_repeated == value.len() && n_repeated >= REPEATED_ID_DIGITS
        }
    }
}

/// Whether nothing but zeros and punctuation stands there, as in the advertising id of who forbids tracking.
fn is_zero(value: &str) -> bool {
    // As most ids begin.
    if value.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric() && first != b'0') {
        return false;
    }
    let mut signs = value.chars().filter(|sign| sign.is_alphanumeric()).peekable();
    signs.peek().is_some() && signs.all(|sign| sign == '0')
}

/// How often the last digit is repeated at the end.
fn n_repeated_at_end(value: &str) -> usize {
    let Some(last) = value.bytes().next_back().filter(u8::is_ascii_digit) else { return 0 };
    value.bytes().rev().take_while(|sign| *sign == last).count()
}

/// Whether a value is what a pattern says, in which each `*` stands for any signs, or none.
fn matches(pattern: &str, value: &str) -> bool {
    let Some((prefix, rest)) = pattern.split_once('*') else { return pattern == value };
    let Some(mut value) = value.strip_prefix(prefix) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let suffix = parts.pop().unwrap_or_default();
    // The first place of each part leaves the most for those that follow.
    for part in parts {
        let Some(place) = value.find(part) else { return false };
        value = &value[place + part.len()..];
    }
    value.ends_with(suffix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_identifies_nobody_is_blocked() {
        let cases: [(Kind, &[&str], &[&str]); 4] = [
            (
                Kind::External,
                &[
                    "null",
                    "NULL",
                    " None ",
                    "n/a",
                    "-1",
                    "0",
                    "000",
                    "undefined",
                    "anonymous",
                    "Unknown",
                    "test",
                    "",
                    "111111",
                    "999999999",
                ],
                &["1", "11", "22222", "10", "-10", "C0", "test-42", "nullarbor", "111112"],
            ),
            (
                Kind::Email,
                &[
                    "info@shop.example",
                    "noreply@shop.example",
                    "NO-REPLY@shop.example",
                    "test@a.example",
                    "null@b.example",
                ],
                &[
                    "anna@info.example",
                    "anna.info@shop.example",
                    "tester.anna@shop.example",
                    "111111@shop.example",
                ],
            ),
            (
                Kind::Phone,
                &["+490000000000", "+491111111", "0000000", "+49309999999"],
                &["+49301111112", "+49305666666"],
            ),
            (
                Kind::Anonymous,
                &["00000000-0000-0000-0000-000000000000", "undefined", "anonymous"],
                &["6f9619ff-8b86-d011-b42d-000000000000", "guest-7"],
            ),
        ];
        let blocked = Blocked::new::<&str>(&[]);
        for (kind, refused, accepted) in cases {
            for (values, expected) in [(refused, true), (accepted, false)] {
                for value in values {
                    assert_eq!(blocked.is_blocked(kind, value), expected, "{kind:?} {value:?}");
                }
            }
        }
    }

    #[test]
    fn a_project_adds_patterns() {
        let blocked = Blocked::new(&["*@Agency.example", "+49301234567", "kiosk-*-terminal"]);
        let cases = [
            (Kind::Email, "anna@agency.example", true),
            (Kind::Email, "anna@agency.example.org", false),
            (Kind::Phone, "+49301234567", true),
            (Kind::Phone, "+493012345678", false),
            (Kind::Anonymous, "kiosk-7-TERMINAL", true),
            (Kind::Anonymous, "kiosk-7", false),
        ];
        for (kind, value, expected) in cases {
            assert_eq!(blocked.is_blocked(kind, value), expected, "{value}");
        }
    }

    #[test]
    fn a_star_stands_for_any_signs() {
        let cases = [
            ("*", "", true),
            ("*", "x", true),
            ("a*", "a", true),
            ("a*b*c", "axbxc", true),
            ("a*b*c", "abbbc", true),
            ("a*b*c", "acb", false),
            ("*ab", "aab", true),
            ("a*a", "a", false),
            ("**", "", true),
            ("ü*ß", "über fuß", true),
            ("", "", true),
            ("", "x", false),
        ];
        for (pattern, value, expected) in cases {
            assert_eq!(matches(pattern, value), expected, "{pattern:?} {value:?}");
        }
    }
}
