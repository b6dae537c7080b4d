//! Texts as people change them on their way through survey tools: only words count.

/// The words of a text in lower case, one space between them, without punctuation and a number before them.
pub(super) fn normal(text: &str) -> String {
    let text = without_number(text.trim());
    let mut normal = String::with_capacity(text.len());
    let mut is_open = false;
    for character in text.chars() {
        // An apostrophe is inside a word, and tools bend it.
        if matches!(character, '\'' | '\u{2019}' | '\u{2018}') {
            continue;
        }
        if character.is_alphanumeric() {
            if !is_open && !normal.is_empty() {
                normal.push(' ');
            }
            normal.extend(character.to_lowercase());
        }
        is_open = character.is_alphanumeric();
    }
    normal
}

/// The text without `12.` or `12)` before it.
fn without_number(text: &str) -> &str {
    let rest = text.trim_start_matches(|each: char| each.is_ascii_digit());
    match rest.strip_prefix(['.', ')']) {
        Some(words) if rest.len() < text.len() && words.chars().any(char::is_alphabetic) => words,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_count() {
        for (text, expected) in [
            (" I compare prices,  before I buy. ", "i compare prices before i buy"),
            ("12. I don\u{2019}t mind", "i dont mind"),
            ("How far? [*calm*]", "how far calm"),
            ("24", "24"),
            ("1.5", "1 5"),
            ("3) 4", "3 4"),
            ("customer_id", "customer id"),
            ("…", ""),
        ] {
            assert_eq!(normal(text), expected);
        }
    }
}
