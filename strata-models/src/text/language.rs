//! Which language a text is in, or that it cannot be said.
//!
//! By the crate `whatlang`: the frequencies of three letters in a row, of 70 languages. Short texts look like many languages, so that
//! of those nothing is said. A text in a language for which a method is not made has no figure of that method, which is not the figure 0.

use rayon::prelude::*;
use whatlang::{Lang, detect};

use super::sentiment::{Lexicon, Sentiment};

/// Of texts with fewer letters nothing is said.
pub const FEWEST_LETTERS: usize = 20;

/// A language less sure than this is not known.
pub const LEAST_CONFIDENCE: f64 = 0.8;

/// The language of a text by its three-letter code (ISO 639-3, as `eng`), or none where it cannot be said.
pub fn language(text: &str) -> Option<&'static str> {
    sure(text).map(|language| language.code())
}

/// What is told of a text by its words alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told {
    /// Its language, as of [`language`].
    pub language: Option<&'static str>,
    /// How it feels; none where it is not in English, for which alone the rules are made.
    pub sentiment: Option<Sentiment>,
}

/// The language of a text, and how it feels where that is English. The language takes longer to tell than the sentiment, and is told once.
pub fn tell(lexicon: &Lexicon, text: &str) -> Told {
    let language = sure(text);
    Told {
        language: language.map(|language| language.code()),
        sentiment: (language == Some(Lang::Eng)).then(|| lexicon.sentiment(text)),
    }
}

/// The same of each of many texts in their order, worked on side by side.
pub fn tell_all<T: AsRef<str> + Sync>(lexicon: &Lexicon, texts: &[T]) -> Vec<Told> {
    texts.par_iter().with_min_len(16).map(|text| tell(lexicon, text.as_ref())).collect()
}

fn sure(text: &str) -> Option<Lang> {
    let letters = text.chars().filter(|character| character.is_alphabetic());
    if letters.take(FEWEST_LETTERS).count() < FEWEST_LETTERS {
        return None;
    }
    detect(text).filter(|found| found.confidence() >= LEAST_CONFIDENCE).map(|found| found.lang())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_known_from_some_words_on() {
        let cases = [
            ("The parcel was two weeks late and nobody ever answered my emails about it.", Some("eng")),
            (
                "Das Paket kam zwei Wochen zu spät und niemand hat auf meine Nachrichten geantwortet.",
                Some("deu"),
            ),
            ("Le colis est arrivé avec deux semaines de retard et personne ne m'a répondu.", Some("fra")),
            ("荷物が二週間も遅れて届き、何度メールを送っても誰も返事をくれませんでした。", Some("jpn")),
            ("Late parcel", None),
            ("1234567890 1234567890 1234567890 !!! ???", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(language(text), expected, "{text}");
        }
    }

    #[test]
    fn another_language_has_no_sentiment() {
        let lexicon = Lexicon::shipped();
        let english = "I am very happy with the quick delivery and the friendly people who work there.";
        let told = tell(&lexicon, english);
        assert_eq!((told.language, told.sentiment), (Some("eng"), Some(lexicon.sentiment(english))));
        let german = "Ich bin sehr zufrieden mit der schnellen Lieferung und den freundlichen Menschen dort.";
        assert_eq!(tell(&lexicon, german), Told { language: Some("deu"), sentiment: None });
    }

    #[test]
    fn many_texts_are_told_in_their_order() {
        let lexicon = Lexicon::shipped();
        let texts: Vec<String> = (0..500)
            .map(|n| match n % 3 {
                0 => format!("This is parcel number {n}, and I am very happy with the quick delivery of it."),
                1 => format!("Das ist die Lieferung mit der Nummer {n}, und sie kam leider viel zu spät an."),
                _ => format!("{n}"),
            })
            .collect();
        let one_by_one: Vec<Told> = texts.iter().map(|text| tell(&lexicon, text)).collect();
        assert_eq!(tell_all(&lexicon, &texts), one_by_one);
        assert!(one_by_one[0].sentiment.is_some() && one_by_one[1].language == Some("deu"), "{one_by_one:?}");
    }
}
