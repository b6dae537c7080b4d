//! Numbers in sentences.

/// `1,234`.
pub(super) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share as `12 %`; small ones with a decimal.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent > 0.0 && percent < 0.05 {
        return "less than 0.1 %".to_owned();
    }
    // What is nearly all is not all.
    let is_plain = percent >= 9.95 && (percent <= 99.0 || percent > 99.95);
    let is_whole = (percent - percent.round()).abs() < 1e-9;
    if is_plain || is_whole { format!("{percent:.0} %") } else { format!("{percent:.1} %") }
}

/// `a`, `a and b`, or `a, b and c`.
pub(super) fn joined<S: AsRef<str>>(names: &[S]) -> String {
    match names {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// The first few names, and how many more there are.
pub(super) fn first_few<S: AsRef<str>>(names: &[S], most: usize) -> String {
    if names.len() <= most {
        return joined(names);
    }
    let shown: Vec<&str> = names[..most].iter().map(AsRef::as_ref).collect();
    format!("{} and {} more", shown.join(", "), names.len() - most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_readable() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            [0.0, 0.0003, 0.015, 0.05, 0.5, 0.996, 1.0].map(percent),
            ["0 %", "less than 0.1 %", "1.5 %", "5 %", "50 %", "99.6 %", "100 %"]
        );
        assert_eq!(joined(&["a"]), "a");
        assert_eq!(first_few(&["a", "b", "c"], 3), "a, b and c");
        assert_eq!(first_few(&["a", "b", "c", "d"], 2), "a, b and 2 more");
    }
}
