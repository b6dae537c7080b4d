//! Reads numbers as people write them: with currency signs, thousands marks, and a decimal point or comma.

use strata_spec::manifest::DecimalMark;

/// What a text says about which mark stands before decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DecimalEvidence {
    /// Nothing: it is no number, or a number that can be read in one way only.
    None,
    /// 1.234 or 1,234: a thousand and more, or one and a bit.
    Ambiguous,
    /// Only a decimal point makes a number of it.
    Point,
    /// Only a decimal comma makes a number of it.
    Comma,
}

/// Reads a number. Where the decided mark makes no number of it but the other does (`12,5`), the other is taken: there is
/// no third reading.
pub(crate) fn parse_number(text: &str, mark: DecimalMark) -> Option<f64> {
    let (negative, body) = strip(text)?;
    let other = match mark {
        DecimalMark::Point => DecimalMark::Comma,
        DecimalMark::Comma => DecimalMark::Point,
    };
    let value = read(body, mark).or_else(|| read(body, other))?;
    Some(if negative { -value } else { value })
}

/// Reads a whole number; `17850.0` is one, `2.5` is not.
pub(crate) fn parse_integer(text: &str, mark: DecimalMark) -> Option<i64> {
    whole(parse_number(text, mark)?)
}

/// The whole number that a floating-point number is, if it is one and exactly so.
pub(crate) fn whole(value: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and within 2^53")]
    (value.fract() == 0.0 && value.abs() <= EXACT).then_some(value as i64)
}

/// What `text` says about the decimal mark of its column.
pub(crate) fn decimal_evidence(text: &str) -> DecimalEvidence {
    let Some((_, body)) = strip(text) else { return DecimalEvidence::None };
    if !body.contains(['.', ',']) {
        return DecimalEvidence::None;
    }
    match (read(body, DecimalMark::Point), read(body, DecimalMark::Comma)) {
        #[expect(clippy::float_cmp, reason = "the same digits give the same number")]
        (Some(point), Some(comma)) if point == comma => DecimalEvidence::None,
        (Some(_), Some(_)) => DecimalEvidence::Ambiguous,
        (Some(_), None) => DecimalEvidence::Point,
        (None, Some(_)) => DecimalEvidence::Comma,
        (None, None) => DecimalEvidence::None,
    }
}

/// Takes off what surrounds the digits: blanks, a sign on either side, parentheses of accountants, a currency.
fn strip(text: &str) -> Option<(bool, &str)> {
    // Longer texts are prose; no amount of money has so many digits.
    if text.len() > 80 {
        return None;
    }
    let blank = |each: char| each.is_whitespace() || each == '\'';
    let mut body = text.trim_matches(blank);
    let mut negative = false;
    let mut currencies = 0;
    loop {
        let before = body;
        if let Some(inner) = body.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
            body = negate(&mut negative, inner)?;
        } else if let Some(rest) = body.strip_prefix(['-', '−']) {
            body = negate(&mut negative, rest)?;
        } else if let Some(rest) = body.strip_suffix(['-', '−']) {
            body = negate(&mut negative, rest)?;
        } else if let Some(rest) = body.strip_prefix('+') {
            body = rest;
        } else if let Some(rest) = strip_currency(body) {
            currencies += 1;
            body = rest;
        }
        body = body.trim_matches(char::is_whitespace);
        if body == before {
            break;
        }
        // `US$` is two marks; nobody writes three.
        if currencies > 2 {
            return None;
        }
    }
    let digits = body.bytes().any(|byte| byte.is_ascii_digit());
    digits.then_some((negative, body))
}

/// A number has one sign.
fn negate<'a>(negative: &mut bool, rest: &'a str) -> Option<&'a str> {
    (!std::mem::replace(negative, true)).then_some(rest)
}

/// Takes a currency sign or a three-letter code off either end.
fn strip_currency(body: &str) -> Option<&str> {
    const SIGNS: [char; 14] = ['$', '€', '£', '¥', '₹', '₽', '₩', '₺', '₴', '₫', '₪', '฿', '₦', '¢'];
    const WORDS: [&str; 9] = ["kr.", "Rs.", "Fr.", "zł", "kr", "Rs", "R$", "Kč", "Ft"];
    let by_sign = body.strip_prefix(SIGNS).or_else(|| body.strip_suffix(SIGNS));
    let by_word =
        || WORDS.iter().find_map(|word| body.strip_prefix(word).or_else(|| body.strip_suffix(word)));
    let is_code = |code: &str| code.bytes().all(|byte| byte.is_ascii_uppercase());
    let by_code = || {
        let head = body.get(..3).filter(|head| is_code(head)).map(|_| &body[3..]);
        head.or_else(|| {
            let cut = body.len().checked_sub(3)?;
            body.get(cut..).filter(|tail| is_code(tail)).map(|_| &body[..cut])
        })
    };
    // `US$`, `A$`
    let by_prefix =
        || body.strip_prefix("US$").or_else(|| body.strip_prefix("A$")).or_else(|| body.strip_prefix("C$"));
    by_sign.or_else(by_prefix).or_else(by_word).or_else(by_code)
}

/// Reads digits with `mark` before the decimals and anything else between groups.
fn read(body: &str, mark: DecimalMark) -> Option<f64> {
    let (decimal, thousands) = match mark {
        DecimalMark::Point => ('.', ','),
        DecimalMark::Comma => (',', '.'),
    };
    let (mantissa, exponent) = match body.find(['e', 'E']) {
        Some(at) => (&body[..at], Some(&body[at + 1..])),
        None => (body, None),
    };
    let (whole, fraction) = mantissa.split_once(decimal).unwrap_or((mantissa, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut plain = grouped(whole, thousands)?;
    if plain.is_empty() && fraction.is_empty() {
        return None;
    }
    plain.push('.');
    plain.push_str(fraction);
    if let Some(exponent) = exponent {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if digits.is_empty() || digits.len() > 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        plain.push('e');
        plain.push_str(exponent);
    }
    plain.parse().ok().filter(|value: &f64| value.is_finite())
}

/// The digits before the decimal mark without what groups them: three at a time, or the Indian two before a last three.
/// A group before the first mark of at most three digits and no leading zero, so that 0,234 is no thousand.
fn grouped(whole: &str, thousands: char) -> Option<String> {
    let is_mark = |each: char| each == thousands || each == '\'' || each == '’' || each.is_whitespace();
    if !whole.contains(is_mark) {
        return whole.bytes().all(|byte| byte.is_ascii_digit()).then(|| whole.to_owned());
    }
    let mark = whole.chars().find(|each| is_mark(*each))?;
    let groups: Vec<&str> = whole.split(mark).collect();
    let (last, leading) = groups.split_last()?;
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let (first, middle) = leading.split_first()?;
    let fits = last.len() == 3
        && digits(last)
        && (1..=3).contains(&first.len())
        && digits(first)
        && !first.starts_with('0')
        && (middle.iter().all(|group| group.len() == 3 && digits(group))
            || (first.len() <= 2 && middle.iter().all(|group| group.len() == 2 && digits(group))));
    fits.then(|| groups.concat())
}
