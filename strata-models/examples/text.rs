//! Measures the reading of texts: sentiment, language, training and using a classifier, topics.
//!
//! `cargo run --release -p strata-models --example text -- [TEXTS] [FILE]`; the default is a million texts of about 15 words, made up. With
//! FILE they are its lines, again and again. `RAYON_NUM_THREADS` says how many cores.
#![expect(clippy::print_stdout, reason = "an example prints what it measures")]

use std::time::Instant;

use strata_models::text::classify::{Classifier, ClassifierSettings, Labelled};
use strata_models::text::error::TextError;
use strata_models::text::language::tell_all;
use strata_models::text::sentiment::Lexicon;
use strata_models::text::topics::{TopicSettings, find};

const SUBJECTS: [&str; 4] = [
    "delivery parcel courier late tracking doorstep shipped box arrived warehouse",
    "price discount expensive coupon cost sale cheap money refund invoice",
    "agent phone answer support email hold chat friendly rude waiting",
    "screen battery crash update login password app button slow page",
];

const OTHERS: &str = "the the the was is and and my I it a not very really good bad great terrible love hate happy but for with this that \
    you they on in after again never always would recommend ok fine problem issue thanks please today week";

fn main() -> Result<(), TextError> {
    let n_texts: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let file = std::env::args().nth(2).and_then(|path| std::fs::read_to_string(path).ok());
    let texts = match &file {
        Some(file) => file.lines().cycle().take(n_texts).map(str::to_owned).collect(),
        None => made_up(n_texts),
    };
    let n_bytes: usize = texts.iter().map(String::len).sum();
    println!("{n_texts} texts of {:.0} bytes", n_bytes as f64 / n_texts as f64);

    let lexicon = measured("the shipped lexicon", 1, Lexicon::shipped);
    let compounds = measured("sentiment", n_texts, || lexicon.sentiments(&texts));
    println!(
        "mean compound {:.4}",
        compounds.iter().map(|found| found.compound).sum::<f64>() / n_texts as f64
    );
    let few = &texts[..texts.len().min(50_000)];
    let n_english = measured("language and sentiment", few.len(), || tell_all(&lexicon, few))
        .iter()
        .filter(|told| told.sentiment.is_some())
        .count();
    println!("{n_english} of {} in English", few.len());

    let some = &texts[..texts.len().min(10_000)];
    let labels: Vec<&str> = some.iter().map(|text| subject(text)).collect();
    let labelled = Labelled::new(some, &labels)?;
    let settings = ClassifierSettings::default();
    let classifier = measured("training", some.len(), || Classifier::train(&labelled, &settings))?;
    let ready = classifier.ready()?;
    let assigned = measured("classifying", n_texts, || ready.assign_all(&texts));
    let n_sure = assigned.iter().filter(|found| found.class.is_some()).count();
    println!("{n_sure} sure of one of {} classes", classifier.classes.len());
    let topics = measured("topics", n_texts, || find(&texts, &TopicSettings::default()))?;
    println!("{} topics", topics.topics.len());
    Ok(())
}

fn measured<T>(what: &str, n: usize, work: impl FnOnce() -> T) -> T {
    #[expect(clippy::disallowed_methods, reason = "an example measures durations")]
    let begin = Instant::now();
    let result = work();
    let seconds = begin.elapsed().as_secs_f64();
    println!("{what}: {seconds:.3} s, {:.2} µs each", seconds * 1e6 / n as f64);
    result
}

/// The subject that most words of a text are of.
fn subject(text: &str) -> &'static str {
    let count = |subject: &str| text.split(' ').filter(|word| subject.contains(word)).count();
    SUBJECTS.into_iter().max_by_key(|subject| count(subject)).unwrap_or(SUBJECTS[0])
}

fn made_up(n_texts: usize) -> Vec<String> {
    let mut state = 42_u64;
    let mut below = |end: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((u128::from(state) * end as u128) >> 64) as usize
    };
    let others: Vec<&str> = OTHERS.split_whitespace().collect();
    let subjects = SUBJECTS.map(|words| words.split_whitespace().collect::<Vec<&str>>());
    let mut text = |_| {
        let subject = &subjects[below(4)];
        let words = (0..10 + below(11))
            .map(|_| if below(3) == 0 { subject[below(subject.len())] } else { others[below(others.len())] });
        let mut text = words.collect::<Vec<&str>>().join(" ");
        text.push_str(["", ".", "!", "!!"][n_texts % 4]);
        text
    };
    (0..n_texts).map(&mut text).collect()
}
