//! What must never decide whom to address: special categories of personal data (GDPR, article 9), protected traits, and vulnerability.

/// Words of what nobody is to be told by: religion, politics, health, sexuality, origin, children, drinking, gambling, solitude, debt.
const SENSITIVE: [&str; 34] = [
    "religio",
    "reli",
    "faith",
    "church",
    "politic",
    "poli",
    "health",
    "illness",
    "disab",
    "disease",
    "medic",
    "pregnan",
    "sexual",
    "race",
    "racial",
    "ethnic",
    "nationality",
    "migra",
    "alcohol",
    "drink",
    "drin",
    "smok",
    "gambl",
    "gamb",
    "romance",
    "roma",
    "child",
    "chil",
    "kids",
    "solitude",
    "soli",
    "debt",
    "biometric",
    "genetic",
];

/// Words of what may be said of a group where it was measured, and never names it or decides what it gets.
const PROTECTED: [&str; 10] =
    ["gender", "sex", "age", "aged", "birth", "male", "female", "marital", "neurotic", "emotion"];

/// Whether a scale or trait, by its id or title, is of religion, politics, health, sexuality, origin, children, drinking, gambling,
/// solitude or debt. What a project sells may be called so too, as drinks; it is left out all the same.
pub fn is_sensitive(name: &str) -> bool {
    has_word(name, &SENSITIVE)
}

/// Whether a scale or trait is sensitive, or of sex, age, family, neuroticism or emotions.
pub fn is_protected(name: &str) -> bool {
    is_sensitive(name) || has_word(name, &PROTECTED)
}

fn has_word(name: &str, words: &[&str]) -> bool {
    let name = name.to_lowercase();
    name.split(|each: char| !each.is_alphanumeric()).any(|word| words.iter().any(|known| starts(word, known)))
}

/// Short words, as ids of scales are, count as a whole, so that `age` is not found in `agency`.
fn starts(word: &str, known: &str) -> bool {
    if known.len() <= 4 { word == known } else { word.starts_with(known) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_count_from_their_start() {
        for (name, sensitive, protected) in [
            ("RELI", true, true),
            ("interests_alcohol", true, true),
            ("Religious music", true, true),
            ("polite", false, false),
            ("average_order_value", false, false),
            ("agency", false, false),
            ("age_band", false, true),
            ("Neuroticism", false, true),
            ("traits_gender", false, true),
            ("ECO", false, false),
        ] {
            assert_eq!((is_sensitive(name), is_protected(name)), (sensitive, protected), "{name}");
        }
    }
}
