//! The words that stand in data for months, weekdays, zones, truth, gender and the state of an order.

/// The number of a month named in English, in full or by its first three letters (`Sept` too).
pub(crate) fn month(word: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.to_lowercase();
    let at = MONTHS.iter().position(|month| {
        *month == word || month[..3] == word || (word == "sept" && *month == "september")
    })?;
    u32::try_from(at + 1).ok()
}

/// Whether the word is an English weekday, in full or abbreviated.
pub(crate) fn weekday(word: &str) -> bool {
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let word = word.to_lowercase();
    word.len() >= 3 && DAYS.iter().any(|day| day.starts_with(&word))
}

/// The offset, in minutes east of UTC, of a zone's abbreviation: those of RFC 2822 and the European ones that mean one thing.
pub(crate) fn zone_offset_minutes(word: &str) -> Option<i32> {
    let hours = match word.to_ascii_uppercase().as_str() {
        "Z" | "UTC" | "GMT" | "UT" | "WET" => 0,
        "CET" | "WEST" | "MEZ" => 1,
        "CEST" | "EET" | "MESZ" => 2,
        "EEST" => 3,
        "EDT" => -4,
        "EST" | "CDT" => -5,
        "CST" | "MDT" => -6,
        "MST" | "PDT" => -7,
        "PST" => -8,
        _ => return None,
    };
    Some(hours * 60)
}

/// Whether a cell of a typed column (a number, a date, a truth value) holds nothing, said in one of the usual ways.
pub(crate) fn is_blank(text: &str) -> bool {
    const BLANKS: [&str; 9] = ["-", "--", "n/a", "na", "nan", "null", "none", "nil", "\\n"];
    let text = text.trim();
    text.is_empty() || (text.len() <= 4 && BLANKS.iter().any(|blank| text.eq_ignore_ascii_case(blank)))
}

/// Reads a truth value, including what newsletter tools write for consent.
pub(crate) fn parse_boolean(text: &str) -> Option<bool> {
    match fold(text).as_str() {
        "true" | "t" | "yes" | "y" | "1" | "1.0" | "on" | "x" | "subscribed" | "opted in" | "opt in"
        | "accepted" | "accepts" | "ja" | "oui" | "si" | "sí" | "sim" | "wahr" | "vrai" => Some(true),
        "false" | "f" | "no" | "n" | "0" | "0.0" | "off" | "unsubscribed" | "not subscribed"
        | "non subscribed" | "never subscribed" | "opted out" | "opt out" | "cleaned" | "nein" | "non"
        | "não" | "nao" | "falsch" | "faux" => Some(false),
        _ => None,
    }
}

/// What a gender column's word means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gender {
    /// One of `female`, `male`, `other`.
    Known(&'static str),
    /// The person did not say.
    Undisclosed,
    /// No word that this list has.
    Unknown,
}

/// Reads a gender.
pub(crate) fn parse_gender(text: &str) -> Gender {
    match fold(text).as_str() {
        "f" | "female" | "w" | "woman" | "girl" | "weiblich" | "frau" | "femme" | "féminin" | "mujer"
        | "femenino" | "donna" | "mrs" | "ms" | "miss" => Gender::Known("female"),
        "m" | "male" | "man" | "boy" | "männlich" | "mann" | "herr" | "homme" | "masculin" | "hombre"
        | "masculino" | "uomo" | "mr" => Gender::Known("male"),
        "o" | "d" | "x" | "other" | "divers" | "diverse" | "non binary" | "nonbinary" | "nb"
        | "genderqueer" | "agender" => Gender::Known("other"),
        "" | "u" | "unknown" | "unspecified" | "not specified" | "undisclosed" | "prefer not to say"
        | "n/a" | "na" | "null" | "none" => Gender::Undisclosed,
        _ => Gender::Unknown,
    }
}

/// What an order's status makes of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrderState {
    /// A purchase, paid or still to be paid.
    Placed,
    /// Withdrawn before it was one: cancelled, voided, expired, a draft or a test.
    Cancelled,
    /// Wholly paid back.
    Refunded,
    /// The payment did not come about.
    Failed,
}

impl OrderState {
    /// The name of the event that takes the order's place; none for an order that stays one.
    pub(crate) fn event(self) -> Option<&'static str> {
        match self {
            OrderState::Placed => None,
            OrderState::Cancelled => Some("Order Cancelled"),
            OrderState::Refunded => Some("Order Refunded"),
            OrderState::Failed => Some("Order Failed"),
        }
    }
}

/// Reads an order's status as WooCommerce, Shopify, Stripe and BigCommerce write it, and as German, French and Spanish exports do.
pub(crate) fn order_state(status: &str) -> OrderState {
    let status = fold(status);
    match status.strip_prefix("wc ").unwrap_or(&status) {
        "cancelled" | "canceled" | "voided" | "void" | "expired" | "test" | "draft" | "checkout draft"
        | "auto draft" | "trash" | "storniert" | "annulé" | "annulée" | "cancelado" | "cancelada"
        | "anulado" => OrderState::Cancelled,
        "failed" | "declined" | "fehlgeschlagen" | "abgelehnt" | "échoué" | "échouée" | "fallido" => {
            OrderState::Failed
        }
        "refunded" | "erstattet" | "remboursé" | "remboursée" | "reembolsado" | "reembolsada" => {
            OrderState::Refunded
        }
        _ => OrderState::Placed,
    }
}

/// Lower case, trimmed, with underscores and hyphens as spaces.
fn fold(text: &str) -> String {
    text.trim().to_lowercase().replace(['_', '-'], " ")
}
