//! Words and weights by hand.

use super::*;

#[track_caller]
fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
}

#[test]
fn words_are_two_characters_and_more_in_lower_case() {
    let cases: [(&str, &[&str]); 6] = [
        ("The app is a JOKE!!", &["the", "app", "is", "joke"]),
        ("can't re-order no_2 x 10€", &["can", "re", "order", "no_2", "10"]),
        ("Größe ÜBER alles, ça va?", &["größe", "über", "alles", "ça", "va"]),
        ("доставка опоздала", &["доставка", "опоздала"]),
        ("a b ! ü", &[]),
        ("", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(words(text), expected, "{text}");
    }
}

#[test]
fn weights_are_those_of_the_formula() {
    let texts = ["late late parcel", "late refund", "x"];
    let words = TfIdf::fit(&texts, &WordSettings::default()).unwrap();
    assert_eq!(words.words, ["late", "parcel", "refund"]);
    let rare = 2.0_f64.ln() + 1.0;
    let late = (4.0_f64 / 3.0).ln() + 1.0;
    words.weights.iter().zip([late, rare, rare]).for_each(|(found, expected)| near(*found, expected));
    let rows = words.rows(&["late late parcel", "unknown", "refund"]);
    let length = (4.0 * late * late + rare * rare).sqrt();
    let (columns, values) = rows.row(0);
    assert_eq!(columns, [0, 1]);
    near(values[0], 2.0 * late / length);
    near(values[1], rare / length);
    assert_eq!((rows.n_rows(), rows.row(1), rows.row(2)), (3, (&[][..], &[][..]), (&[2][..], &[1.0][..])));
}

/// scikit-learn 1.9.1, `TfidfVectorizer().fit(["good food", "bad food", "good good service"]).idf_`.
#[test]
fn weights_are_those_of_scikit_learn() {
    let words =
        TfIdf::fit(&["good food", "bad food", "good good service"], &WordSettings::default()).unwrap();
    assert_eq!(words.words, ["bad", "food", "good", "service"]);
    let expected = [1.693_147_180_56, 1.287_682_072_452, 1.287_682_072_452, 1.693_147_180_56];
    words
        .weights
        .iter()
        .zip(expected)
        .for_each(|(found, expected)| assert!((found - expected).abs() < 1e-11));
}

#[test]
fn settings_say_which_words_count() {
    let texts = ["late parcel the", "late refund the", "the parcel"];
    let fit = |fewest_texts, most_share, stop: &[&str]| {
        let stop_words = stop.iter().map(|word| (*word).to_owned()).collect();
        TfIdf::fit(&texts, &WordSettings { fewest_texts, most_share, stop_words }).map(|words| words.words)
    };
    assert_eq!(fit(2, 1.0, &[]).unwrap(), ["late", "parcel", "the"]);
    assert_eq!(fit(1, 0.7, &["late"]).unwrap(), ["parcel", "refund"]);
    for (refused, reason) in [
        (fit(0, 1.0, &[]), "`fewest_texts` is 0"),
        (fit(1, 0.0, &[]), "`most_share` is 0"),
        (fit(1, f64::NAN, &[]), "`most_share` is NaN"),
        (fit(4, 1.0, &[]), "no texts with words"),
    ] {
        assert!(refused.unwrap_err().to_string().contains(reason), "{reason}");
    }
    assert_eq!(TfIdf::fit::<&str>(&[], &WordSettings::default()), Err(TextError::NoWords));
}

#[test]
fn many_texts_are_read_as_one_by_one() {
    let texts: Vec<String> = (0..3000).map(|place| format!("word{} item{}", place % 7, place % 11)).collect();
    let words = TfIdf::fit(&texts, &WordSettings::default()).unwrap();
    assert_eq!(words.words.len(), 18);
    let rows = words.rows(&texts);
    let reader = words.reader();
    let mut room = Room::default();
    for place in [0, 1023, 1024, 2999] {
        let cells: Vec<(usize, f64)> =
            reader.cells(&texts[place], &mut room).map(|(column, value)| (column as usize, value)).collect();
        assert_eq!(rows.cells(place).collect::<Vec<_>>(), cells);
    }
    let columns = rows.transposed();
    assert_eq!((columns.n_rows(), columns.n_columns()), (18, 3000));
    assert_eq!(columns.transposed(), rows);
    let ones = vec![1.0; 18];
    near(rows.times(&ones, 1)[5], rows.row(5).1.iter().sum());
}
