//! The rules: from the words of a text and their ratings to shares and a compound.

use std::borrow::Cow;

use super::vocabulary::{IDIOMS, Name, Word, boost_of_pair};
use super::{Lexicon, Sentiment};

/// What capitals add to the amount of a rating, in a text where not all is in capitals.
const CAPITALS: f64 = 0.733;

/// What a rating is multiplied by when it is negated.
const NEGATED: f64 = -0.74;

/// What a rating is multiplied by behind "never so" and the like.
const NEVER_SO: f64 = 1.25;

/// How much of a strengthening word is left one, two and three words before.
const NEARNESS: [f64; 3] = [1.0, 0.95, 0.9];

/// What each of up to four exclamation marks adds.
const EXCLAMATION: f64 = 0.292;

/// What each of two or three question marks adds, and four or more together.
const QUESTION: f64 = 0.18;
const MANY_QUESTIONS: f64 = 0.96;

/// The square of the sum at which the compound is `√½`.
const HALF_WAY: f64 = 15.0;

pub(super) fn sentiment(lexicon: &Lexicon, text: &str) -> Sentiment {
    let text = lexicon.in_words(text);
    let phrase = Phrase::of(lexicon, &text);
    let mut ratings: Vec<f64> = (0..phrase.words.len()).map(|place| phrase.rating(place)).collect();
    if let Some(but) = phrase.words.iter().position(|token| token.word.name == Name::But) {
        weigh_around(but, &mut ratings);
    }
    summary(&ratings, emphasis(&text))
}

impl Lexicon {
    /// The text with descriptions in place of emoji.
    fn in_words<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let has_emoji = |text: &str| text.chars().any(|character| self.emoji.contains_key(&character));
        if (text.is_ascii() && !self.has_ascii_emoji) || !has_emoji(text) {
            return Cow::Borrowed(text);
        }
        let mut in_words = String::with_capacity(2 * text.len());
        let mut behind_space = true;
        for character in text.chars() {
            if let Some(description) = self.emoji.get(&character) {
                if !behind_space {
                    in_words.push(' ');
                }
                in_words.push_str(description);
                behind_space = false;
            } else {
                in_words.push(character);
                behind_space = character == ' ';
            }
        }
        Cow::Owned(in_words)
    }
}

/// A text as the rules see it.
struct Phrase {
    words: Vec<Token>,
    /// Whether some words are in capitals and some are not.
    mixed_capitals: bool,
}

#[derive(Clone, Copy)]
struct Token {
    word: Word,
    in_capitals: bool,
}

impl Phrase {
    fn of(lexicon: &Lexicon, text: &str) -> Phrase {
        let mut lower = String::new();
        let tokens = text.split(is_space).filter(|token| !token.is_empty());
        let words: Vec<Token> = tokens.map(|token| Token::of(lexicon, token, &mut lower)).collect();
        let n_capitals = words.iter().filter(|token| token.in_capitals).count();
        Phrase { mixed_capitals: 0 < n_capitals && n_capitals < words.len(), words }
    }

    fn name(&self, place: usize) -> Name {
        self.words.get(place).map_or(Name::Other, |token| token.word.name)
    }

    /// The name of the word so many before; that of no rule where there is none.
    fn before(&self, place: usize, distance: usize) -> Name {
        place.checked_sub(distance).map_or(Name::Other, |place| self.name(place))
    }

    /// The rating of a word with all that shifts it.
    fn rating(&self, place: usize) -> f64 {
        let token = self.words[place];
        let is_kind_of = self.name(place) == Name::Kind && self.name(place + 1) == Name::Of;
        let Some(rated) = token.word.rating.filter(|_| token.word.boost == 0.0 && !is_kind_of) else {
            return 0.0;
        };
        let mut rating = self.with_no(place, rated);
        if token.in_capitals && self.mixed_capitals {
            rating += if rating > 0.0 { CAPITALS } else { -CAPITALS };
        }
        for (far, nearness) in NEARNESS.into_iter().enumerate() {
            let Some(other) = place.checked_sub(far + 1).map(|place| self.words[place]) else { break };
            if other.word.rating.is_some() {
                continue;
            }
            rating += self.boost(other, rating) * nearness;
            rating = self.negated(place, far, other, rating);
            if far == 2 {
                rating = self.in_idiom(place, rating);
            }
        }
        self.with_least(place, rating)
    }

    /// "no" before a rated word is no rating but a negation.
    fn with_no(&self, place: usize, rated: f64) -> f64 {
        let no_before = |distance| self.before(place, distance) == Name::No;
        let joined = matches!(self.before(place, 1), Name::Or | Name::Nor);
        if no_before(1) || no_before(2) || (no_before(3) && joined) {
            return rated * NEGATED;
        }
        let next_is_rated = self.words.get(place + 1).is_some_and(|next| next.word.rating.is_some());
        if self.name(place) == Name::No && next_is_rated { 0.0 } else { rated }
    }

    fn boost(&self, other: Token, rating: f64) -> f64 {
        if other.word.boost == 0.0 {
            return 0.0;
        }
        let boost = if rating < 0.0 { -other.word.boost } else { other.word.boost };
        let capitals = if other.in_capitals && self.mixed_capitals { CAPITALS } else { 0.0 };
        boost + if rating > 0.0 { capitals } else { -capitals }
    }

    /// The rating after the look at the word `far + 1` before, which may negate it.
    fn negated(&self, place: usize, far: usize, other: Token, rating: f64) -> f64 {
        let [one, two, three] = [1, 2, 3].map(|distance| self.before(place, distance));
        let intensive = |name| matches!(name, Name::So | Name::This);
        let (strengthened, doubtless) = match far {
            0 => (false, false),
            1 => (two == Name::Never && intensive(one), two == Name::Without && one == Name::Doubt),
            // "so" and "this" right before strengthen whatever stands three before. That may be an oversight of the authors, but their
            // figures rest on it.
            _ => (
                (three == Name::Never && intensive(two)) || intensive(one),
                three == Name::Without && (two == Name::Doubt || one == Name::Doubt),
            ),
        };
        if strengthened {
            rating * NEVER_SO
        } else if !doubtless && other.word.negates {
            rating * NEGATED
        } else {
            rating
        }
    }

    /// The rating of the idiom that the word is part of, and what pairs before it weaken. Looked for from the fourth word on.
    fn in_idiom(&self, place: usize, mut rating: f64) -> f64 {
        let name = |distance: usize| self.before(place, distance);
        let before: [&[Name]; 5] = [
            &[name(1), name(0)],
            &[name(2), name(1), name(0)],
            &[name(2), name(1)],
            &[name(3), name(2), name(1)],
            &[name(3), name(2)],
        ];
        if let Some(idiom) = before.into_iter().find_map(idiom) {
            rating = idiom;
        }
        let ahead = [name(0), self.name(place + 1), self.name(place + 2)];
        for names in [&ahead[..2], &ahead[..]] {
            rating = idiom(names).unwrap_or(rating);
        }
        rating + boost_of_pair([name(3), name(2)]) + boost_of_pair([name(2), name(1)])
    }

    /// "least" before a word negates it, but not "at least" and "very least".
    fn with_least(&self, place: usize, rating: f64) -> f64 {
        let is_least = place > 0
            && self.name(place - 1) == Name::Least
            && self.words[place - 1].word.rating.is_none()
            && !matches!(self.before(place, 2), Name::At | Name::Very);
        if is_least { rating * NEGATED } else { rating }
    }
}

impl Token {
    /// `lower` is room for the word in lower case.
    fn of(lexicon: &Lexicon, token: &str, lower: &mut String) -> Token {
        let token = without_punctuation(token);
        lower.clear();
        if token.is_ascii() {
            lower.push_str(token);
            lower.make_ascii_lowercase();
        } else {
            lower.push_str(&token.to_lowercase());
        }
        let mut word = lexicon.words.get(lower.as_str()).copied().unwrap_or_default();
        word.negates |= lower.contains("n't");
        Token { word, in_capitals: in_capitals(token) }
    }
}

/// The word without punctuation around it; the whole where no more than two characters are left, since it may be an emoticon.
fn without_punctuation(token: &str) -> &str {
    let stripped = token.trim_matches(|character: char| character.is_ascii_punctuation());
    if stripped.chars().nth(2).is_some() { stripped } else { token }
}

/// Whether there are letters and all of them are capitals.
fn in_capitals(token: &str) -> bool {
    let mut some = false;
    for character in token.chars() {
        if character.is_lowercase() {
            return false;
        }
        some |= character.is_uppercase();
    }
    some
}

/// What parts words: white space, and the separators of files, groups, records and units.
fn is_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\x1c'..='\x1f')
}

fn idiom(names: &[Name]) -> Option<f64> {
    if names.contains(&Name::Other) {
        return None;
    }
    IDIOMS.iter().find(|(idiom, _)| *idiom == names).map(|(_, rating)| *rating)
}

/// What stands before a "but" counts half, what stands behind it one and a half.
///
/// The authors' code looks each rating up by its amount and weighs the first of equal ones, whichever was meant. Their figures rest on
/// that, so it is done here as well.
fn weigh_around(but: usize, ratings: &mut [f64]) {
    for place in 0..ratings.len() {
        let rating = ratings[place];
        // Zero stays zero.
        if rating == 0.0 {
            continue;
        }
        let first = ratings.iter().position(|other| *other == rating).unwrap_or(place);
        if first != but {
            ratings[first] *= if first < but { 0.5 } else { 1.5 };
        }
    }
}

/// What the marks of a text add to the amount of its sum.
fn emphasis(text: &str) -> f64 {
    let count = |mark: u8| text.bytes().filter(|byte| *byte == mark).count();
    let exclamations = count(b'!').min(4) as f64 * EXCLAMATION;
    let questions = match count(b'?') {
        0 | 1 => 0.0,
        few @ (2 | 3) => few as f64 * QUESTION,
        _ => MANY_QUESTIONS,
    };
    exclamations + questions
}

fn summary(ratings: &[f64], emphasis: f64) -> Sentiment {
    if ratings.is_empty() {
        return Sentiment::default();
    }
    let sum: f64 = ratings.iter().sum();
    let sum = if sum == 0.0 { 0.0 } else { sum + emphasis.copysign(sum) };
    let (mut positive, mut negative, mut neutral) = (0.0, 0.0, 0.0);
    for rating in ratings {
        // A rated word weighs one more than its rating, since a neutral one weighs one.
        if *rating > 0.0 {
            positive += rating + 1.0;
        } else if *rating < 0.0 {
            negative += 1.0 - rating;
        } else {
            neutral += 1.0;
        }
    }
    if positive > negative {
        positive += emphasis;
    } else if positive < negative {
        negative += emphasis;
    }
    let total = positive + negative + neutral;
    Sentiment {
        negative: negative / total,
        neutral: neutral / total,
        positive: positive / total,
        compound: (sum / (sum * sum + HALF_WAY).sqrt()).clamp(-1.0, 1.0),
    }
}
