//! Sentiments held against the authors' own package: text by text, and in the figures that they published.

use super::*;
use crate::clv::tests::data::shared;

/// A figure as the package prints it.
fn rounded(figure: f64, digits: usize) -> f64 {
    format!("{figure:.digits$}").parse().unwrap()
}

#[track_caller]
fn compound(text: &str, expected: f64) {
    let found = rounded(Lexicon::shipped().sentiment(text).compound, 4);
    assert!((found - expected).abs() < 1e-9, "{text}: {found}, not {expected}");
}

/// Python, vaderSentiment 3.3.2.
#[test]
fn sentences_of_the_authors_have_their_figures() {
    compound("VADER is smart, handsome, and funny.", 0.8316);
    compound("VADER is VERY SMART, uber handsome, and FRIGGIN FUNNY!!!", 0.9469);
    compound("VADER is not smart, handsome, nor funny.", -0.7424);
    compound("At least it isn't a horrible book.", 0.431);
    compound("Today SUX!", -0.5461);
    compound("The plot was good, but the characters are uncompelling and the dialog is not great.", -0.7042);
}

/// Rules that the package has and its ports often lack, with its figures: Python, vaderSentiment 3.3.2.
#[test]
fn each_rule_has_the_figure_of_the_package() {
    for (text, expected) in [
        ("NO NO NO", 0.4168),
        ("no good", -0.3412),
        ("no", -0.296),
        ("no refund or good answer", -0.5583),
        ("This is the least helpful answer", -0.3252),
        ("It was at least helpful", 0.4215),
        ("never so happy with them", 0.6948),
        ("they are without doubt great", 0.7359),
        ("the kiss of death for this shop", 0.0772),
        ("we think it is kind of good", 0.3832),
        ("the service was sort of good", 0.3832),
        ("it is the bomb", 0.6124),
        ("what a bus stop problem", 0.0),
        ("he has a beating heart there", 0.875),
        ("Catch utf-8 emoji such as 💘 and 💋 and 😁", 0.875),
        ("love💘it", 0.8555),
        ("bad, but bad", -0.7906),
        ("good and fine, but good and fine", 0.8126),
        ("Is it good?? Really???? bad", -0.4316),
        ("Make sure you :) or :D today!", 0.8633),
        ("I DIDN'T like it", -0.2755),
        ("it's ok ÄRGER GREAT", 0.7925),
        ("so this good", 0.4902),
        ("good\x1cbad", -0.1531),
        (":P yes :þ", 0.6633),
        ("We have NOT had VERY nice", -0.4751),
        ("GREAT", 0.6249),
    ] {
        compound(text, expected);
    }
}

#[test]
fn a_text_without_words_says_nothing_and_one_without_rated_words_is_neutral() {
    let lexicon = Lexicon::shipped();
    for text in ["", " ", "\n\t"] {
        assert_eq!(lexicon.sentiment(text), Sentiment::default());
    }
    let neutral = Sentiment { neutral: 1.0, ..Sentiment::default() };
    assert_eq!(lexicon.sentiment("xyzzy"), neutral);
    assert_eq!(lexicon.sentiments(&["xyzzy", ""]), [neutral, Sentiment::default()]);
    let long = lexicon.sentiment(&"good ".repeat(10_000));
    assert!(long.compound > 0.999 && long.compound <= 1.0 && (long.positive - 1.0).abs() < 1e-12);
}

#[test]
fn a_lexicon_is_read_from_lines() {
    let lexicon =
        Lexicon::parse("gut\t2.5\t0.3\nschlecht\t-2.5\n\nGroß\t1\n", "☹\tschlecht\n👍🏽\tgut\n").unwrap();
    assert_eq!((lexicon.n_rated(), lexicon.n_emoji()), (3, 1));
    let compound = |text: &str| lexicon.sentiment(text).compound;
    assert!((compound("Sehr gut") - 2.5 / (2.5_f64.powi(2) + 15.0).sqrt()).abs() < 1e-12);
    assert_eq!(compound("na ☹"), compound("na schlecht"));
    assert_eq!(compound("groß"), 0.0);
    for (words, emoji, reason) in [
        ("gut 2.5", "", "the lexicon of words, line 1: there is no tab"),
        ("gut\t2\nmies\tx", "", "line 2: the rating is no number"),
        ("gut\tinf", "", "line 1: the rating is no number"),
        ("", "☹", "the lexicon of emoji, line 1: there is no tab"),
    ] {
        assert!(Lexicon::parse(words, emoji).unwrap_err().to_string().contains(reason), "{reason}");
    }
}

fn read(test: &str) -> Option<Lexicon> {
    let words = shared(test, "text/vader_lexicon.txt")?;
    Some(Lexicon::parse(&words, &shared(test, "text/emoji_utf8_lexicon.txt")?).unwrap())
}

/// The lexicon of vaderSentiment 3.3.2 has 14 terms with capitals, which no word finds.
#[test]
fn the_shipped_lexicon_is_that_of_the_package() {
    let Some(lexicon) = read("the shipped lexicon") else { return };
    let shipped = Lexicon::shipped();
    assert_eq!((shipped.n_rated(), shipped.n_emoji()), (7_492, 1_212));
    assert_eq!(lexicon.n_rated(), shipped.n_rated() + 14);
    for (term, word) in &shipped.words {
        assert_eq!(lexicon.words.get(term), Some(word), "{term}");
    }
    assert_eq!(lexicon.emoji, shipped.emoji);
}

/// The 23,703 texts of the authors, with what Python's vaderSentiment 3.3.2 says of them: every figure as it is printed there.
#[test]
fn all_texts_of_the_authors_have_their_figures() {
    let Some(expected) = shared("texts of the authors", "text/vader_332_expected.tsv") else { return };
    let lexicon = Lexicon::shipped();
    let (mut n, mut most) = (0, 0.0_f64);
    for line in expected.split('\n').skip(1).filter(|line| !line.is_empty()) {
        let cells: Vec<&str> = line.splitn(7, '\t').collect();
        let found = lexicon.sentiment(cells[6]);
        let figures = [(found.negative, 3), (found.neutral, 3), (found.positive, 3), (found.compound, 4)];
        for ((figure, digits), cell) in figures.into_iter().zip(&cells[2..6]) {
            let difference = (rounded(figure, digits) - cell.parse::<f64>().unwrap()).abs();
            assert!(difference <= 1e-4, "{line}: {found:?}");
            most = most.max(difference);
        }
        n += 1;
    }
    assert_eq!(n, 23_703);
    assert!(most < 1e-9, "{most}");
}

/// −1, 0 or 1 by the authors' cut.
fn class(figure: f64) -> usize {
    if figure >= CLEAR { 2 } else { usize::from(figure > -CLEAR) }
}

/// The mean of the F1 of the classes, by how many texts have them.
fn weighted_f1(pairs: &[(f64, f64)]) -> f64 {
    let mut counts = [[0.0; 3]; 3];
    pairs.iter().for_each(|(truth, found)| counts[class(*truth)][class(*found)] += 1.0);
    let of_class = |place: usize| {
        let n: f64 = counts[place].iter().sum();
        let n_found: f64 = counts.iter().map(|row| row[place]).sum();
        n * 2.0 * counts[place][place] / (n + n_found).max(1.0)
    };
    (0..3).map(of_class).sum::<f64>() / pairs.len() as f64
}

fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len() as f64;
    let mean = pairs.iter().fold((0.0, 0.0), |sum, (a, b)| (sum.0 + a / n, sum.1 + b / n));
    let product =
        |f: fn((f64, f64)) -> f64| -> f64 { pairs.iter().map(|(a, b)| f((a - mean.0, b - mean.1))).sum() };
    product(|(a, b)| a * b) / (product(|(a, _)| a * a) * product(|(_, b)| b * b)).sqrt()
}

/// Mean ratings of twenty people against compounds, as vaderSentiment 3.3.2 has them: r, and F1 of three classes cut at ±0.05.
#[test]
fn ratings_of_people_are_met_as_the_package_meets_them() {
    let lexicon = Lexicon::shipped();
    for (file, r, f1) in [
        ("tweets", 0.8722, 0.9451),
        ("amazonReviewSnippets", 0.5896, 0.6256),
        ("movieReviewSnippets", 0.4274, 0.5891),
        ("nytEditorialSnippets", 0.5029, 0.5495),
    ] {
        let Some(text) = shared("ratings of people", &format!("text/{file}_GroundTruth.txt")) else { return };
        let pair = |line: &str| {
            let mut cells = line.trim_end_matches('\r').splitn(3, '\t').skip(1);
            let rating: f64 = cells.next()?.parse().ok()?;
            Some((rating, lexicon.sentiment(cells.next()?).compound))
        };
        let pairs: Vec<(f64, f64)> = text.split('\n').filter_map(pair).collect();
        let (found_r, found_f1) = (correlation(&pairs), weighted_f1(&pairs));
        assert!((found_r - r).abs() < 5e-5 + 1e-9, "{file}: r {found_r}");
        assert!((found_f1 - f1).abs() < 5e-4, "{file}: F1 {found_f1}");
    }
}

/// UCI's "Sentiment Labelled Sentences", positive where the compound is above 0: vaderSentiment 3.3.2.
#[test]
fn labelled_sentences_are_told_as_the_package_tells_them() {
    let lexicon = Lexicon::shipped();
    for (file, expected) in [("amazon_cells", 0.844), ("imdb", 0.791), ("yelp", 0.816)] {
        let Some(text) = shared("labelled sentences", &format!("text/{file}_labelled.txt")) else { return };
        let pairs: Vec<(&str, &str)> = text.split('\n').filter_map(|line| line.rsplit_once('\t')).collect();
        let is_right =
            |pair: &&(&str, &str)| (lexicon.sentiment(pair.0).compound > 0.0) == (pair.1.trim() == "1");
        let share = pairs.iter().filter(is_right).count() as f64 / pairs.len() as f64;
        assert!((share - expected).abs() < 5e-4, "{file}: {share}");
    }
}
