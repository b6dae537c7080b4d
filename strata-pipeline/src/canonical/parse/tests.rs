//! What is read from text, case by case.

use chrono::DateTime;
use chrono_tz::Tz;
use proptest::prelude::{any, prop_assert, proptest};
use strata_spec::manifest::{DateOrder, DecimalMark};

use super::number::{DecimalEvidence, decimal_evidence, parse_integer, parse_number};
use super::time::{DateEvidence, date_evidence, parse_date, parse_timestamp};
use super::words::{Gender, OrderState, is_blank, order_state, parse_boolean, parse_gender};
use DateOrder::{DayFirst, MonthFirst};
use DecimalMark::{Comma, Point};

/// Text, order of day and month, zone of times that name none, and the instant in UTC (empty: no date).
const TIMES: &[(&str, DateOrder, &str, &str)] = &[
    // ISO 8601, with and without zone
    ("2024-03-01", DayFirst, "UTC", "2024-03-01T00:00:00"),
    ("2024-03-01", MonthFirst, "UTC", "2024-03-01T00:00:00"),
    ("2024-3-1", DayFirst, "UTC", "2024-03-01T00:00:00"),
    ("2024/03/04", DayFirst, "UTC", "2024-03-04T00:00:00"),
    ("2024.03.04", MonthFirst, "UTC", "2024-03-04T00:00:00"),
    ("2024-03-01T10:15:30Z", DayFirst, "Europe/Berlin", "2024-03-01T10:15:30"),
    ("2024-03-01T10:15:30", DayFirst, "Europe/Berlin", "2024-03-01T09:15:30"),
    ("2024-03-01T10:15", DayFirst, "UTC", "2024-03-01T10:15:00"),
    ("2024-03-01 10:15:30.123456789", DayFirst, "UTC", "2024-03-01T10:15:30.123456"),
    ("2024-03-01 10:15:30,5", DayFirst, "UTC", "2024-03-01T10:15:30.5"),
    ("2024-03-01T10:15:30+02:00", DayFirst, "UTC", "2024-03-01T08:15:30"),
    ("2024-03-01T10:15:30.000-0330", DayFirst, "UTC", "2024-03-01T13:45:30"),
    ("2024-03-01T10:15:30+02", DayFirst, "UTC", "2024-03-01T08:15:30"),
    ("2024-03-01T10:15:30+01:00[Europe/Berlin]", DayFirst, "UTC", "2024-03-01T09:15:30"),
    ("2024-03-01T24:00:00", DayFirst, "UTC", "2024-03-02T00:00:00"),
    ("2016-12-31T23:59:60Z", DayFirst, "UTC", "2016-12-31T23:59:59"),
    ("20240301T101530Z", DayFirst, "UTC", "2024-03-01T10:15:30"),
    // what shops and payment services write
    ("2025-10-02 17:09:34 -0300", DayFirst, "UTC", "2025-10-02T20:09:34"),
    ("2025-10-02 17:09:34 UTC", DayFirst, "Asia/Tokyo", "2025-10-02T17:09:34"),
    ("2025-10-02 17:09:34 Europe/Berlin", DayFirst, "UTC", "2025-10-02T15:09:34"),
    ("2025-10-02 17:09:34 PST", DayFirst, "UTC", "2025-10-03T01:09:34"),
    ("'2024-03-01", DayFirst, "UTC", "2024-03-01T00:00:00"),
    ("  2024-03-01  ", DayFirst, "UTC", "2024-03-01T00:00:00"),
    // day first, month first
    ("03/04/2024", DayFirst, "UTC", "2024-04-03T00:00:00"),
    ("03/04/2024", MonthFirst, "UTC", "2024-03-04T00:00:00"),
    ("3/4/24", DayFirst, "UTC", "2024-04-03T00:00:00"),
    ("3/4/24", MonthFirst, "UTC", "2024-03-04T00:00:00"),
    ("3-4-99", DayFirst, "UTC", "1999-04-03T00:00:00"),
    ("1/1/68", DayFirst, "UTC", "2068-01-01T00:00:00"),
    ("1/1/69", DayFirst, "UTC", "1969-01-01T00:00:00"),
    ("31.12.2024", MonthFirst, "UTC", "2024-12-31T00:00:00"),
    ("03.04.2024", MonthFirst, "UTC", "2024-04-03T00:00:00"),
    ("3. 4. 2024", DayFirst, "UTC", "2024-04-03T00:00:00"),
    ("25/12/2024", MonthFirst, "UTC", "2024-12-25T00:00:00"),
    ("12/25/2024", DayFirst, "UTC", "2024-12-25T00:00:00"),
    ("03/04/2024 17:05", DayFirst, "UTC", "2024-04-03T17:05:00"),
    ("03/04/2024, 17:05:06", DayFirst, "UTC", "2024-04-03T17:05:06"),
    ("3/4/2024 5:05 PM", MonthFirst, "UTC", "2024-03-04T17:05:00"),
    ("3/4/2024 12:05 AM", MonthFirst, "UTC", "2024-03-04T00:05:00"),
    ("3/4/2024 12:05:01 p.m.", MonthFirst, "UTC", "2024-03-04T12:05:01"),
    ("3/4/2024 5pm", MonthFirst, "UTC", "2024-03-04T17:00:00"),
    // months as words
    ("Mar 3, 2024", DayFirst, "UTC", "2024-03-03T00:00:00"),
    ("March 3rd, 2024 10:00", DayFirst, "UTC", "2024-03-03T10:00:00"),
    ("3 March 2024", MonthFirst, "UTC", "2024-03-03T00:00:00"),
    ("03-Mar-2024", DayFirst, "UTC", "2024-03-03T00:00:00"),
    ("3-Mar-24 17:00", DayFirst, "UTC", "2024-03-03T17:00:00"),
    ("2024-Mar-03", DayFirst, "UTC", "2024-03-03T00:00:00"),
    ("Sun, 03 Mar 2024 10:00:00 +0100", DayFirst, "UTC", "2024-03-03T09:00:00"),
    ("Sunday, March 3, 2024 at 10:00 AM", DayFirst, "UTC", "2024-03-03T10:00:00"),
    (
        "Mon Mar 04 2024 10:00:00 GMT+0100 (Central European Standard Time)",
        DayFirst,
        "UTC",
        "2024-03-04T09:00:00",
    ),
    ("Mon Mar 04 2024 10:00:00 GMT+0100 (CET)", DayFirst, "UTC", "2024-03-04T09:00:00"),
    // digits alone
    ("20240301", DayFirst, "UTC", "2024-03-01T00:00:00"),
    ("19970101", DayFirst, "UTC", "1997-01-01T00:00:00"),
    ("19970101", DayFirst, "America/New_York", "1997-01-01T05:00:00"),
    ("20240301101530", DayFirst, "UTC", "2024-03-01T10:15:30"),
    ("1709288130", DayFirst, "Asia/Tokyo", "2024-03-01T10:15:30"),
    ("1709288130123", DayFirst, "UTC", "2024-03-01T10:15:30.123"),
    ("1709288130123456", DayFirst, "UTC", "2024-03-01T10:15:30.123456"),
    ("1709288130123456789", DayFirst, "UTC", "2024-03-01T10:15:30.123456"),
    // changes of clocks: a gap moves forward, the first of two is taken
    ("2024-03-31 01:59:59", DayFirst, "Europe/Berlin", "2024-03-31T00:59:59"),
    ("2024-03-31 02:30:00", DayFirst, "Europe/Berlin", "2024-03-31T01:30:00"),
    ("2024-03-31 03:00:00", DayFirst, "Europe/Berlin", "2024-03-31T01:00:00"),
    ("2024-10-27 02:30:00", DayFirst, "Europe/Berlin", "2024-10-27T00:30:00"),
    ("2024-10-27 03:00:00", DayFirst, "Europe/Berlin", "2024-10-27T02:00:00"),
    ("2024-03-10 02:30", DayFirst, "America/New_York", "2024-03-10T07:30:00"),
    ("2024-11-03 01:30", DayFirst, "America/New_York", "2024-11-03T05:30:00"),
    ("2018-11-04", DayFirst, "America/Sao_Paulo", "2018-11-04T03:00:00"),
    ("2011-12-30 12:00", DayFirst, "Pacific/Apia", "2011-12-30T22:00:00"),
    ("2024-10-06 02:15", DayFirst, "Australia/Lord_Howe", "2024-10-05T15:45:00"),
    // no dates
    ("foo", DayFirst, "UTC", ""),
    ("2024", DayFirst, "UTC", ""),
    ("12345", DayFirst, "UTC", ""),
    ("2024-13-01", DayFirst, "UTC", ""),
    ("2024-02-30", DayFirst, "UTC", ""),
    ("31/02/2024", DayFirst, "UTC", ""),
    ("32/12/2024", DayFirst, "UTC", ""),
    ("13/13/2024", DayFirst, "UTC", ""),
    ("2024-03-01 25:00", DayFirst, "UTC", ""),
    ("2024-03-01 10:61", DayFirst, "UTC", ""),
    ("2024-03-01 10", DayFirst, "UTC", ""),
    ("2024-03-01 10:00 XYZ", DayFirst, "UTC", ""),
    ("2024-03-01x", DayFirst, "UTC", ""),
    ("03/04-2024", DayFirst, "UTC", ""),
    ("99999999", DayFirst, "UTC", ""),
    ("Foo 3, 2024", DayFirst, "UTC", ""),
    ("10:15", DayFirst, "UTC", ""),
];

#[test]
fn times_are_read() {
    for (text, order, zone, expected) in TIMES {
        let zone: Tz = zone.parse().unwrap();
        let read = parse_timestamp(text, *order, zone).map(|micros| {
            let instant = DateTime::from_timestamp_micros(micros).unwrap().naive_utc();
            instant.format("%Y-%m-%dT%H:%M:%S%.f").to_string()
        });
        let wanted = (!expected.is_empty()).then(|| (*expected).to_owned());
        let trimmed =
            read.map(|read| if read.contains('.') { read.trim_end_matches('0').to_owned() } else { read });
        assert_eq!(trimmed, wanted, "{text:?} read {order:?} in {zone}");
    }
}

#[test]
fn dates_are_days_as_written() {
    for (text, expected) in [
        ("1970-01-02", Some(1)),
        ("1969-12-31", Some(-1)),
        ("2024-03-01T23:30:00-10:00", Some(19783)),
        ("1984", None),
        ("", None),
    ] {
        assert_eq!(parse_date(text, DayFirst), expected, "{text:?}");
    }
}

#[test]
fn dates_give_evidence_of_their_order() {
    for (text, expected) in [
        ("25/12/2024", DateEvidence::DayFirst),
        ("12/25/2024 10:00", DateEvidence::MonthFirst),
        ("03/04/2024", DateEvidence::Ambiguous),
        ("3-4-24", DateEvidence::Ambiguous),
        ("04/04/2024", DateEvidence::None),
        ("03.04.2024", DateEvidence::None),
        ("2024-03-04", DateEvidence::None),
        ("Mar 3, 2024", DateEvidence::None),
        ("32/12/2024", DateEvidence::None),
        ("foo", DateEvidence::None),
    ] {
        assert_eq!(date_evidence(text), expected, "{text:?}");
    }
}

/// Text, decimal mark, number (NaN: no number).
const NUMBERS: &[(&str, DecimalMark, f64)] = &[
    ("0", Point, 0.0),
    ("12", Comma, 12.0),
    ("12.5", Point, 12.5),
    ("12,5", Comma, 12.5),
    ("1,234.56", Point, 1234.56),
    ("1.234,56", Comma, 1234.56),
    ("1,234", Point, 1234.0),
    ("1,234", Comma, 1.234),
    ("1.234", Point, 1.234),
    ("1.234", Comma, 1234.0),
    ("1,234,567", Point, 1_234_567.0),
    ("1.234.567", Comma, 1_234_567.0),
    ("12,34,567.89", Point, 1_234_567.89),
    ("1 234,56", Comma, 1234.56),
    ("1\u{a0}234,56", Comma, 1234.56),
    ("1\u{202f}234,56 €", Comma, 1234.56),
    ("1'234.56", Point, 1234.56),
    ("1’234.56", Point, 1234.56),
    // readable only the other way
    ("12,5", Point, 12.5),
    ("12.5", Comma, 12.5),
    ("1.234,56", Point, 1234.56),
    ("1,234.56", Comma, 1234.56),
    ("0,234", Point, 0.234),
    // currencies and signs
    ("$1,234.56", Point, 1234.56),
    ("€ 12,50", Comma, 12.5),
    ("12,50 €", Comma, 12.5),
    ("US$ 5", Point, 5.0),
    ("EUR 5", Point, 5.0),
    ("5 USD", Point, 5.0),
    ("R$ 1.234,50", Comma, 1234.5),
    ("99 kr", Point, 99.0),
    ("-5", Point, -5.0),
    ("−5", Point, -5.0),
    ("5-", Point, -5.0),
    ("-$5.00", Point, -5.0),
    ("$-5.00", Point, -5.0),
    ("($5.00)", Point, -5.0),
    ("(1,234.50)", Point, -1234.5),
    ("+5", Point, 5.0),
    ("'5", Point, 5.0),
    (".5", Point, 0.5),
    ("5.", Point, 5.0),
    ("1e3", Point, 1000.0),
    ("1.5E-3", Point, 0.0015),
    // no numbers
    ("", Point, f64::NAN),
    ("foo", Point, f64::NAN),
    ("12abc", Point, f64::NAN),
    ("5%", Point, f64::NAN),
    ("--5", Point, f64::NAN),
    ("(-5)", Point, f64::NAN),
    ("1.2.3", Point, f64::NAN),
    ("1,23,4", Point, f64::NAN),
    ("1 2", Point, f64::NAN),
    ("NaN", Point, f64::NAN),
    ("inf", Point, f64::NAN),
    ("1e999", Point, f64::NAN),
    (".", Point, f64::NAN),
    ("2024-03-01", Point, f64::NAN),
];

#[test]
fn numbers_are_read() {
    for (text, mark, expected) in NUMBERS {
        let read = parse_number(text, *mark);
        let wanted = (!expected.is_nan()).then_some(*expected);
        assert_eq!(read, wanted, "{text:?} read with a decimal {mark:?}");
    }
}

#[test]
fn whole_numbers_are_whole() {
    for (text, expected) in
        [("17850.0", Some(17850)), ("1,000", Some(1000)), ("2.5", None), ("1e300", None), ("-3", Some(-3))]
    {
        assert_eq!(parse_integer(text, Point), expected, "{text:?}");
    }
}

#[test]
fn numbers_give_evidence_of_their_mark() {
    for (text, expected) in [
        ("12.5", DecimalEvidence::Point),
        ("1,234.56", DecimalEvidence::Point),
        ("1,234,567", DecimalEvidence::Point),
        ("12,5", DecimalEvidence::Comma),
        ("1.234,56", DecimalEvidence::Comma),
        ("0,234", DecimalEvidence::Comma),
        ("1.234", DecimalEvidence::Ambiguous),
        ("1,234", DecimalEvidence::Ambiguous),
        ("1234", DecimalEvidence::None),
        ("1 234", DecimalEvidence::None),
        ("foo, bar", DecimalEvidence::None),
    ] {
        assert_eq!(decimal_evidence(text), expected, "{text:?}");
    }
}

#[test]
fn words_are_read() {
    for (text, expected) in [
        ("Yes", Some(true)),
        ("SUBSCRIBED", Some(true)),
        ("1", Some(true)),
        ("no", Some(false)),
        ("NEVER_SUBSCRIBED", Some(false)),
        ("opted-out", Some(false)),
        ("maybe", None),
    ] {
        assert_eq!(parse_boolean(text), expected, "{text:?}");
    }
    for (text, expected) in [
        ("F", Gender::Known("female")),
        ("männlich", Gender::Known("male")),
        ("non-binary", Gender::Known("other")),
        ("prefer not to say", Gender::Undisclosed),
        ("tall", Gender::Unknown),
    ] {
        assert_eq!(parse_gender(text), expected, "{text:?}");
    }
    for (text, expected) in [
        ("wc-cancelled", OrderState::Cancelled),
        ("Canceled", OrderState::Cancelled),
        ("checkout-draft", OrderState::Cancelled),
        ("voided", OrderState::Cancelled),
        ("Storniert", OrderState::Cancelled),
        ("annulée", OrderState::Cancelled),
        ("Failed", OrderState::Failed),
        ("Declined", OrderState::Failed),
        ("Refunded", OrderState::Refunded),
        ("Erstattet", OrderState::Refunded),
        ("partially_refunded", OrderState::Placed),
        ("paid", OrderState::Placed),
    ] {
        assert_eq!(order_state(text), expected, "{text:?}");
    }
    for text in ["", "  ", "N/A", "null", "-", "NaN"] {
        assert!(is_blank(text), "{text:?}");
    }
    assert!(!is_blank("0"));
}

proptest! {
    #[test]
    fn no_text_is_too_strange(text in any::<String>(), day_first in any::<bool>()) {
        check_total(&text, day_first);
    }

    #[test]
    fn no_text_like_a_date_or_number_is_too_strange(
        text in "[0-9 .,:/+'’€$()TZeEaApPmM−-]{0,40}",
        day_first in any::<bool>(),
    ) {
        check_total(&text, day_first);
    }

    #[test]
    fn what_is_written_is_read(micros in -2_000_000_000_000_000_i64..4_000_000_000_000_000) {
        let text = DateTime::from_timestamp_micros(micros).map(|instant| instant.to_rfc3339());
        prop_assert!(text.is_some_and(|text| parse_timestamp(&text, DayFirst, Tz::UTC) == Some(micros)));
    }

    #[test]
    fn numbers_written_are_read(value in -1e12_f64..1e12) {
        prop_assert!(parse_number(&value.to_string(), Point) == Some(value));
    }
}

fn check_total(text: &str, day_first: bool) {
    let (order, mark) = if day_first { (DayFirst, Comma) } else { (MonthFirst, Point) };
    let _ = parse_timestamp(text, order, Tz::Europe__Berlin);
    let _ = parse_date(text, order);
    let _ = date_evidence(text);
    let _ = decimal_evidence(text);
    let _ = parse_integer(text, mark);
    assert!(parse_number(text, mark).is_none_or(f64::is_finite));
}
