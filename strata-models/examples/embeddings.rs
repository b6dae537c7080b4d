//! Measures sentences as points: how many a second, and how much better a classifier is by them than by words.
//!
//! `cargo run --release -p strata-models --features embeddings --example embeddings -- MODEL DATA`, where MODEL is the folder with
//! `config.json`, `vocab.txt` and `model.safetensors` of all-MiniLM-L6-v2, and DATA that with `amazon_cells_labelled.txt`, `imdb_labelled.txt` and
//! `yelp_labelled.txt` (UCI, Sentiment Labelled Sentences) and with `banking77_train.csv` and `banking77_test.csv` (PolyAI). Of the first the share
//! right in ten folds is told, of the second that of the test set after the first 1, 5, 10 and 40 questions of each intent. `RAYON_NUM_THREADS` says
//! how many cores.
#![expect(clippy::print_stdout, reason = "an example prints what it measures")]

use std::collections::HashMap;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

use strata_models::text::classify::validate::{ValidationSettings, validate};
use strata_models::text::classify::{Classifier, ClassifierSettings, Labelled};
use strata_models::text::embed::{Encoder, Vocabulary};
use strata_models::text::vectors::Vectors;

type Done<T> = Result<T, Box<dyn Error>>;

/// Texts with their labels.
type Given = (Vec<String>, Vec<String>);

const SHOTS: [usize; 4] = [1, 5, 10, 40];

fn main() -> Done<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(model), Some(data)) = (arguments.next(), arguments.next()) else {
        return Err("give the folder of the model and that of the labelled texts".into());
    };
    let (model, data) = (Path::new(&model), Path::new(&data));
    let vocabulary = Vocabulary::of_lines(&std::fs::read_to_string(model.join("vocab.txt"))?)?;
    let config = std::fs::read_to_string(model.join("config.json"))?;
    let weights = std::fs::read(model.join("model.safetensors"))?;
    let encoder = measured("reading the model", 1, || Encoder::new(&config, vocabulary, &weights))?;
    drop(weights);

    let (texts, labels) = sentences(data)?;
    let points = measured("embedding sentences", texts.len(), || encoder.embed(&texts))?;
    let settings = ValidationSettings { curve: vec![], ..ValidationSettings::default() };
    let labelled = Labelled::new(&texts, &labels)?.with_points(&points)?;
    let found = measured("validating", texts.len(), || {
        validate(&labelled, &ClassifierSettings::default(), &settings)
    })?;
    let by_words = found.by_words.unwrap_or(f64::NAN);
    println!(
        "sentiment of {} sentences: {:.4} right by points, {by_words:.4} by words",
        texts.len(),
        found.accuracy
    );

    let (train, test) =
        (banking(&data.join("banking77_train.csv"))?, banking(&data.join("banking77_test.csv"))?);
    let train_points = measured("embedding questions", train.0.len(), || encoder.embed(&train.0))?;
    let test_points = encoder.embed(&test.0)?;
    for shots in SHOTS {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        let first = |place: &usize| {
            let n = seen.entry(&train.1[*place]).or_default();
            *n += 1;
            *n <= shots
        };
        let places: Vec<usize> = (0..train.1.len()).filter(first).collect();
        let at = |all: &[String]| -> Vec<String> { places.iter().map(|place| all[*place].clone()).collect() };
        let (texts, labels) = (at(&train.0), at(&train.1));
        let of_points: Vec<f32> = places.iter().flat_map(|place| train_points.row(*place)).copied().collect();
        let points = Vectors::new(train_points.n_dimensions(), of_points)?;
        let settings = ClassifierSettings { fewest_labels: 1, ..ClassifierSettings::default() };
        let labelled = Labelled::new(&texts, &labels)?;
        let by_words = Classifier::train(&labelled, &settings)?;
        let by_words = by_words.ready()?;
        let by_words = by_words
            .assign_all(&test.0)
            .into_iter()
            .map(|found| by_words.classes()[found.likeliest as usize].as_str());
        let by_words = right(by_words, &test.1);
        let labelled = labelled.with_points(&points)?;
        let by_points = measured("training", texts.len(), || Classifier::train(&labelled, &settings))?;
        let by_points = by_points.ready_for_points()?;
        let found = by_points.assign_all(&test_points)?;
        let by_points =
            right(found.iter().map(|found| by_points.classes()[found.likeliest as usize].as_str()), &test.1);
        println!("{shots} of each of 77 intents: {by_points:.4} right by points, {by_words:.4} by words");
    }
    Ok(())
}

/// The share of labels that are found.
fn right<'a>(found: impl Iterator<Item = &'a str>, labels: &[String]) -> f64 {
    let n = found.zip(labels).filter(|(found, label)| found == label).count();
    n as f64 / labels.len() as f64
}

fn sentences(data: &Path) -> Done<Given> {
    let mut given = Given::default();
    for name in ["amazon_cells", "imdb", "yelp"] {
        let text = std::fs::read_to_string(data.join(format!("{name}_labelled.txt")))?;
        for (text, label) in text.split('\n').filter_map(|line| line.rsplit_once('\t')) {
            given.0.push(text.to_owned());
            given.1.push(label.trim().to_owned());
        }
    }
    Ok(given)
}

/// Questions and their intents; quoted cells may hold commas, doubled quotes and line ends.
fn banking(path: &Path) -> Done<Given> {
    let text = std::fs::read_to_string(path)?;
    let (mut given, mut cell, mut is_quoted) = (Given::default(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if is_quoted && characters.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => given.0.push(std::mem::take(&mut cell)),
            '\n' if !is_quoted => given.1.push(std::mem::take(&mut cell).trim().to_owned()),
            other => cell.push(other),
        }
    }
    if !cell.is_empty() {
        given.1.push(cell);
    }
    given.0.remove(0);
    given.1.remove(0);
    Ok(given)
}

fn measured<T>(what: &str, n: usize, work: impl FnOnce() -> T) -> T {
    #[expect(clippy::disallowed_methods, reason = "an example measures durations")]
    let begin = Instant::now();
    let result = work();
    let seconds = begin.elapsed().as_secs_f64();
    println!("{what}: {seconds:.3} s, {:.0} a second", n as f64 / seconds);
    result
}
