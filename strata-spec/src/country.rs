//! Countries: their codes by ISO 3166-1, and what they are called in English, German, French and Spanish.
//!
//! `countries.tsv` is the one list. Beside the codes of the standard it has the customary XK for Kosovo, UK and EL.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The alpha-2 code of the country that a text names by a code or a name, in whatever case and with or without accents.
pub fn code(text: &str) -> Option<&'static str> {
    let text = text.trim();
    // `N/A` is nowhere, and so is `na`: Namibia is written in capitals.
    if text.contains('/') || (text.eq_ignore_ascii_case("na") && text != "NA") {
        return None;
    }
    if let Some(code) = LIST.names.get_key_value(text).map(|(code, _)| *code) {
        return Some(code);
    }
    LIST.codes.get(&folded(text, Umlauts::Plain)).copied()
}

/// The English name of the country of an alpha-2 code.
pub fn name(code: &str) -> Option<&'static str> {
    LIST.names.get(code).copied()
}

/// The list from both sides.
struct List {
    /// The code of every code and name, folded.
    codes: HashMap<String, &'static str>,
    /// The English name of every code.
    names: HashMap<&'static str, &'static str>,
}

static LIST: LazyLock<List> = LazyLock::new(|| {
    let mut list = List { codes: HashMap::new(), names: HashMap::new() };
    let lines = include_str!("countries.tsv").lines().filter(|line| !line.starts_with('#'));
    for line in lines {
        let cells: Vec<&str> = line.split('\t').collect();
        let &[code, _, english, ..] = cells.as_slice() else { continue };
        list.names.insert(code, english.split('|').next().unwrap_or(english));
        for name in cells.iter().flat_map(|cell| cell.split('|')) {
            for umlauts in [Umlauts::Plain, Umlauts::Spelt] {
                list.codes.insert(folded(name, umlauts), code);
            }
        }
    }
    list
});

/// What becomes of an umlaut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Umlauts {
    /// `Ö` is `o`.
    Plain,
    /// `Ö` is `oe`.
    Spelt,
}

/// The letters and digits of a text in lower case and without accents.
fn folded(text: &str, umlauts: Umlauts) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'ä' | 'ö' | 'ü' | 'ø' | 'æ' if umlauts == Umlauts::Spelt => {
                folded.push(if letter == 'ä' || letter == 'æ' {
                    'a'
                } else if letter == 'ü' {
                    'u'
                } else {
                    'o'
                });
                folded.push('e');
            }
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'æ' => folded.push('a'),
            'ç' => folded.push('c'),
            'è' | 'é' | 'ê' | 'ë' => folded.push('e'),
            'ì' | 'í' | 'î' | 'ï' => folded.push('i'),
            'ñ' => folded.push('n'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => folded.push('o'),
            'ù' | 'ú' | 'û' | 'ü' => folded.push('u'),
            'ý' | 'ÿ' => folded.push('y'),
            'ß' => folded.push_str("ss"),
            // Accents that stand for themselves behind their letter are no letters.
            plain if plain.is_alphanumeric() => folded.push(plain),
            _ => {}
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn one_country_has_one_code_whatever_it_is_called() {
        for (texts, expected) in [
            (
                &["DE", "de", "DEU", "Germany", " GERMANY ", "Deutschland", "Allemagne", "Alemania"][..],
                Some("DE"),
            ),
            (&["AT", "Österreich", "Oesterreich", "OSTERREICH", "O\u{308}sterreich", "Autriche"], Some("AT")),
            (
                &["GB", "UK", "U.K.", "Great Britain", "England", "Großbritannien", "GROSSBRITANNIEN"],
                Some("GB"),
            ),
            (
                &["US", "USA", "U.S.A.", "United States of America", "États-Unis", "Estados Unidos"],
                Some("US"),
            ),
            (&["ES", "Spain", "Espana", "España", "Espagne"], Some("ES")),
            (&["CI", "Côte d\u{2019}Ivoire", "Cote d'Ivoire", "Elfenbeinkueste"], Some("CI")),
            (&["GR", "EL", "Greece"], Some("GR")),
            (&["NA", "NAM", "Namibia"], Some("NA")),
            (&["XX", "Berlin", "", "12", "N/A", "n/a", "na", "European Community", "Unspecified"], None),
        ] {
            for text in texts {
                assert_eq!(code(text), expected, "{text}");
            }
        }
        assert_eq!(
            (name("DE"), name("GB"), name("Germany")),
            (Some("Germany"), Some("United Kingdom"), None)
        );
    }

    #[test]
    fn the_list_has_every_country_once_and_no_name_of_two() {
        let mut owners: BTreeMap<String, &str> = BTreeMap::new();
        let lines = include_str!("countries.tsv").lines().filter(|line| !line.starts_with('#'));
        for line in lines.clone() {
            let cells: Vec<&str> = line.split('\t').collect();
            assert_eq!(cells.len(), 6, "{line}");
            let is_code =
                |text: &str, n: usize| text.len() == n && text.bytes().all(|each| each.is_ascii_uppercase());
            assert!(is_code(cells[0], 2) && is_code(cells[1], 3), "{line}");
            for name in cells.iter().flat_map(|cell| cell.split('|')) {
                let owner = *owners.entry(folded(name, Umlauts::Plain)).or_insert(cells[0]);
                assert_eq!(owner, cells[0], "{name}");
            }
        }
        // The 249 of the standard, and Kosovo.
        assert_eq!((lines.count(), LIST.names.len()), (250, 250));
    }
}
