//! Names of clusters: what distinguishes each from all others, in a word for definitions and a title for people. A cluster that was there
//! in the run before keeps its word.

use super::tell::Profile;

/// What a cluster is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    /// As the value of the score and the class of the segmentation.
    pub(super) word: String,
    /// For people.
    pub(super) title: String,
}

/// A mean that is closer to that of all, in standard deviations, distinguishes nobody.
const LEAST_DEVIATION: f64 = 0.3;
/// A value of a text that is less than so much more frequent than among all does neither.
const LEAST_LIFT: f64 = 1.2;
/// Longer words are cut, so that a number still fits behind them.
const MOST_LETTERS: usize = 60;

/// Names for all clusters, each once. `titles` are those of `features`; `known` are the words that clusters had before.
pub(super) fn names(
    profile: &Profile,
    features: &[String],
    titles: &[String],
    known: &[Option<String>],
) -> Vec<Name> {
    let title_of = |feature: &str| {
        let place = features.iter().position(|name| name == feature);
        place.and_then(|place| titles.get(place)).cloned().unwrap_or_default()
    };
    let mut taken: Vec<String> = known.iter().flatten().cloned().collect();
    let mut names = Vec::new();
    for (cluster, known) in known.iter().enumerate() {
        let traits = distinguishing(profile, cluster);
        let said = |n: usize| {
            let some = &traits[..n.min(traits.len())];
            if some.is_empty() {
                return Name { word: "average".to_owned(), title: "Average".to_owned() };
            }
            let words: Vec<String> = some.iter().map(|one| slug(&one.word)).collect();
            let texts: Vec<String> = some.iter().map(|one| one.title(&title_of(&one.feature))).collect();
            Name { word: cut(&words.join("_")), title: capitalised(&texts.join(", ")) }
        };
        names.push(match known {
            Some(word) => Name { word: word.clone(), title: said(2).title },
            None => {
                // As many traits as it takes to be told from others; then a number.
                let numbered = (2..).map(|n| Name { word: format!("{}_{n}", said(2).word), ..said(2) });
                let free = (2..=4).map(said).chain(numbered).find(|name| !taken.contains(&name.word));
                let name = free.unwrap_or_else(|| said(2));
                taken.push(name.word.clone());
                name
            }
        });
    }
    names
}

/// What sets a cluster apart.
struct Trait {
    feature: String,
    word: String,
    said: Said,
}

enum Said {
    High,
    Low,
    Value(String),
}

impl Trait {
    fn title(&self, feature: &str) -> String {
        match &self.said {
            Said::High => format!("high {}", lowered(feature)),
            Said::Low => format!("low {}", lowered(feature)),
            Said::Value(value) => format!("{} {value}", lowered(feature)),
        }
    }
}

/// The traits that set a cluster apart, the most telling first.
fn distinguishing(profile: &Profile, cluster: usize) -> Vec<Trait> {
    let mut traits: Vec<(f64, Trait)> = Vec::new();
    for column in &profile.numbers {
        let deviation = column.standardised[cluster];
        if deviation.abs() >= LEAST_DEVIATION {
            let (word, said) = if deviation > 0.0 { ("high", Said::High) } else { ("low", Said::Low) };
            let word = format!("{word}_{}", column.name);
            traits.push((deviation.abs(), Trait { feature: column.name.clone(), word, said }));
        }
    }
    for column in &profile.texts {
        if let Some((value, lift)) = &column.most_frequent[cluster]
            && *lift >= LEAST_LIFT
        {
            let said = Said::Value(value.clone());
            traits.push((lift.ln(), Trait { feature: column.name.clone(), word: value.clone(), said }));
        }
    }
    traits.sort_by(|a, b| b.0.total_cmp(&a.0));
    traits.into_iter().map(|(_, one)| one).collect()
}

/// Lower-case letters, digits and underscores.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter.to_ascii_lowercase());
        } else if !slug.ends_with('_') && !slug.is_empty() {
            slug.push('_');
        }
    }
    let slug = slug.trim_end_matches('_').to_owned();
    if slug.is_empty() { "other".to_owned() } else { slug }
}

fn cut(word: &str) -> String {
    word.get(..MOST_LETTERS).unwrap_or(word).trim_end_matches('_').to_owned()
}

fn lowered(title: &str) -> String {
    // An abbreviation stays as it is.
    let is_abbreviation = title.chars().nth(1).is_some_and(char::is_uppercase);
    let mut letters = title.chars();
    match letters.next() {
        Some(first) if !is_abbreviation => first.to_lowercase().chain(letters).collect(),
        _ => title.to_owned(),
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
