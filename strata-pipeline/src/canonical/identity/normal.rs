//! Identifiers as sources write them, brought to one form, so that equal strings mean one identifier.
//!
//! A form is only unified where every system agrees that the difference means nothing. A missed join is proposed as a
//! duplicate or made by hand; a wrong one mixes two people's orders.

use std::borrow::Cow;

use strata_spec::manifest::Identifier;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};

/// The most characters of an e-mail address (RFC 5321, 4.5.3.1.3, without the angle brackets).
const MOST_EMAIL_CHARS: usize = 254;

/// The fewest digits of a number in E.164 with calling code, as on small islands. Numbering plans allow fewer for services
/// within a country, which are no customer's.
const FEWEST_PHONE_DIGITS: usize = 7;

use super::blocked::{Blocked, Kind};

/// Reads one kind of identifier, as a project's settings say.
pub(crate) struct IdentifierReader {
    kind: Kind,
    country: Option<Country>,
    blocked: Blocked,
}

impl IdentifierReader {
    /// For a kind by its column's name (`customer_id`, `email`, …), the country of telephone numbers that name none (empty where
    /// unknown), and further patterns of what identifies nobody, one a line.
    pub(crate) fn new(kind: &str, country: &str, blocked: &str) -> IdentifierReader {
        let kind = Identifier::parse(kind).map_or(Kind::External, Kind::of);
        let additions: Vec<&str> = blocked.lines().filter(|line| !line.trim().is_empty()).collect();
        IdentifierReader { kind, country: Country::new(country), blocked: Blocked::new(&additions) }
    }

    /// The identifier in the one form of its kind; nothing when it identifies nobody.
    pub(crate) fn read<'a>(&self, text: &'a str) -> Option<Cow<'a, str>> {
        let normal = match self.kind {
            Kind::External => external_id(text).map(Cow::from),
            Kind::Email => email(text).map(Cow::from),
            Kind::Phone => phone(text, self.country).map(Cow::from),
            Kind::Anonymous => anonymous_id(text),
        };
        normal.filter(|value| !self.blocked.is_blocked(self.kind, value))
    }
}

/// A country by whose rules a number without calling code is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Country(Region);

impl Country {
    /// The country of a code of two letters (ISO 3166-1), if it has a numbering plan.
    pub(crate) fn new(code: &str) -> Option<Country> {
        let region = code.trim().to_ascii_uppercase().parse::<Region>().ok()?;
        PHONE_NUMBER_UTIL.get_supported_regions().any(|known| known == region).then_some(Country(region))
    }
}

/// An e-mail address in lower case, without `mailto:`, display name, angle brackets and space around it; nothing when the
/// text is none.
///
/// Dots and `+tags` before the `@` stay. One provider ignores dots and some use tags, but elsewhere `a.b@` and `ab@` are two
/// mailboxes, and which provider runs a company's domain cannot be seen. A domain's two spellings (`ü` and `xn--`) stay two.
/// The part before the `@` may by the standard differ in case alone; in practice it never does.
pub(crate) fn email(text: &str) -> Option<String> {
    let inner = match (text.rfind('<'), text.trim_end().strip_suffix('>')) {
        (Some(begin), Some(before)) => before.get(begin + 1..)?,
        _ => text,
    };
    let lower = inner.trim_matches(is_blank).to_lowercase();
    let address = lower.strip_prefix("mailto:").unwrap_or(&lower).trim_matches(is_blank);
    let (local, domain) = address.rsplit_once('@')?;
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let is_local =
        !local.is_empty() && !local.contains(|sign: char| is_blank(sign) || "@,;<>()\"".contains(sign));
    let is_label = |label: &str| {
        !label.is_empty() && label.chars().all(|sign| sign.is_alphanumeric() || sign == '-' || is_mark(sign))
    };
    let is_domain = domain.contains('.') && domain.split('.').all(is_label);
    let is_short = address.chars().count() <= MOST_EMAIL_CHARS;
    (is_local && is_domain && is_short).then(|| format!("{local}@{domain}"))
}

/// A telephone number in E.164 (`+` and at most fifteen digits), without extension; nothing when the text is no number or of
/// a length that its country does not have.
///
/// A number without `+` is read by the rules of the default country (its trunk prefix, its prefix for calls abroad); without a
/// default country it says nothing. Whether a number is in use is not asked: numbering plans change.
pub(crate) fn phone(text: &str, default_country: Option<Country>) -> Option<String> {
    if is_one_digit(text) {
        return None;
    }
    let region = default_country.map(|Country(region)| region);
    let number = PHONE_NUMBER_UTIL.parse(text.trim_matches(is_blank), region).ok()?;
    if !PHONE_NUMBER_UTIL.is_possible_number(&number) {
        return None;
    }
    let formatted = PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164);
    (formatted.len() > FEWEST_PHONE_DIGITS).then(|| formatted.into_owned())
}

/// Whether one digit is repeated and nothing else, as in 0000000, which a trunk prefix may otherwise make a number.
fn is_one_digit(text: &str) -> bool {
    let mut digits = text.bytes().filter(u8::is_ascii_digit);
    let Some(first) = digits.next() else { return false };
    digits.all(|digit| digit == first)
}

/// An id of another system, without space around it; nothing when there is none. Case and leading zeros stay: they tell
/// customers apart in some systems.
pub(crate) fn external_id(text: &str) -> Option<&str> {
    let id = text.trim_matches(is_blank);
    (!id.is_empty()).then_some(id)
}

/// A visitor's or device's id, without space or braces around it; one of hexadecimal digits and hyphens in lower case, since
/// tools write UUIDs in both. Nothing when there is none.
pub(crate) fn anonymous_id(text: &str) -> Option<Cow<'_, str>> {
    let id = text.trim_matches(is_blank);
    let id =
        id.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(id).trim_matches(is_blank);
    let is_hexadecimal = id.chars().all(|sign| sign.is_ascii_hexdigit() || sign == '-');
    let has_capitals = id.bytes().any(|byte| byte.is_ascii_uppercase());
    let id = if is_hexadecimal && has_capitals { id.to_ascii_lowercase().into() } else { Cow::from(id) };
    (!id.is_empty()).then_some(id)
}

/// Space and what is as invisible: control characters, and the marks that spreadsheets and web pages leave.
fn is_blank(sign: char) -> bool {
    sign.is_whitespace()
        || sign.is_control()
        || matches!(sign, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// Accents that stand as characters of their own.
fn is_mark(sign: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails_have_one_form() {
        let cases = [
            ("anna@shop.example", Some("anna@shop.example")),
            ("  Anna@Shop.EXAMPLE\t", Some("anna@shop.example")),
            ("\u{feff}anna@shop.example\u{a0}", Some("anna@shop.example")),
            ("mailto:anna@shop.example", Some("anna@shop.example")),
            ("Anna Müller <anna@shop.example>", Some("anna@shop.example")),
            ("anna@shop.example.", Some("anna@shop.example")),
            // Dots and tags may be another mailbox.
            ("a.nn.a@shop.example", Some("a.nn.a@shop.example")),
            ("anna+news@shop.example", Some("anna+news@shop.example")),
            ("ÄNNE@MÜLLER.example", Some("änne@müller.example")),
            ("o'neill@shop.example", Some("o'neill@shop.example")),
            ("", None),
            ("anna", None),
            ("anna@", None),
            ("@shop.example", None),
            ("anna@localhost", None),
            ("anna@shop..example", None),
            ("anna@@shop.example", None),
            ("an na@shop.example", None),
            ("anna@shop.example, bert@shop.example", None),
            ("anna@sh op.example", None),
        ];
        for (text, expected) in cases {
            assert_eq!(email(text).as_deref(), expected, "{text:?}");
        }
        assert_eq!(email(&format!("{}@shop.example", "a".repeat(250))), None);
    }

    #[test]
    fn telephones_have_one_form() {
        let cases = [
            ("0000000", Some("DE"), None),
            ("111-111-1111", Some("US"), None),
            ("+49 30 1234567", None, Some("+49301234567")),
            ("+49 (0)30 1234567", None, Some("+49301234567")),
            ("030 / 1234567", Some("DE"), Some("+49301234567")),
            ("0049-30-1234567", Some("DE"), Some("+49301234567")),
            ("011 49 30 1234567", Some("US"), Some("+49301234567")),
            ("(415) 555-2671", Some("US"), Some("+14155552671")),
            ("1-415-555-2671", Some("us"), Some("+14155552671")),
            ("044 668 18 00", Some("CH"), Some("+41446681800")),
            // Italy keeps the leading zero.
            ("06 6982 1234", Some("IT"), Some("+390669821234")),
            ("020 7946 0958", Some("GB"), Some("+442079460958")),
            ("tel:+49-30-1234567", None, Some("+49301234567")),
            ("+49 30 1234567 ext. 12", None, Some("+49301234567")),
            ("\u{202a}+49 30 1234567\u{202c}", None, Some("+49301234567")),
            ("030 1234567", None, None),
            ("", Some("DE"), None),
            ("n/a", Some("DE"), None),
            ("12", Some("DE"), None),
            ("+49 30 12345678901234", None, None),
            ("+999 1234567", None, None),
        ];
        for (text, country, expected) in cases {
            let country = country.map(|code| Country::new(code).unwrap());
            assert_eq!(phone(text, country).as_deref(), expected, "{text:?} in {country:?}");
        }
    }

    #[test]
    fn a_default_country_is_one_with_telephones() {
        for (code, expected) in
            [("DE", true), ("de", true), ("GB", true), ("XX", false), ("", false), ("Germany", false)]
        {
            assert_eq!(Country::new(code).is_some(), expected, "{code}");
        }
    }

    #[test]
    fn ids_lose_only_what_is_around_them() {
        let external =
            [("  C-007 ", Some("C-007")), ("c-007", Some("c-007")), ("007", Some("007")), (" \t", None)];
        for (text, expected) in external {
            assert_eq!(external_id(text), expected, "{text:?}");
        }
        let uuid = "6f9619ff-8b86-d011-b42d-00cf4fc964ff";
        let anonymous = [
            (uuid, Some(uuid)),
            ("{6F9619FF-8B86-D011-B42D-00CF4FC964FF}", Some(uuid)),
            (" GA1.2.Xy ", Some("GA1.2.Xy")),
            ("{}", None),
            ("", None),
        ];
        for (text, expected) in anonymous {
            assert_eq!(anonymous_id(text).as_deref(), expected, "{text:?}");
        }
    }
}
