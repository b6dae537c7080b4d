//! Which language a text is in, or that it cannot be said.
//!
//! By the crate `whatlang`: the frequencies of three letters in a row, of 70 languages. Short texts look like many languages, so that
//! of those nothing is said. A text in a language for which a method is not made has no figure of that method, which is not the figure 0.

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

/// How a text feels whose language is English, and that of no other.
pub fn english_sentiment(lexicon: &Lexicon, text: &str) -> Option<Sentiment> {
    (sure(text) == Some(Lang::Eng)).then(|| lexicon.sentiment(text))
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
        assert_eq!(english_sentiment(&lexicon, english), Some(lexicon.sentiment(english)));
        let german = "Ich bin sehr zufrieden mit der schnellen Lieferung und den freundlichen Menschen dort.";
        assert_eq!(english_sentiment(&lexicon, german), None);
    }
}
