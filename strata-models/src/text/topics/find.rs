//! The search for topics: from words to axes, from axes to groups, and how many of them.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::collections::HashSet;

use super::axes::Axes;
use super::keywords::keywords;
use super::{Fitted, Topic, TopicModel, TopicSettings, Topics, Tried};
use crate::cluster::k_means::{KMeans, KMeansSettings};
use crate::cluster::points::Points;
use crate::cluster::silhouette::silhouette;
use crate::learn::chance::Places;
use crate::text::error::TextError;
use crate::text::words::{SparseRows, TfIdf, each_word};

/// Texts whose silhouettes are measured; more would take the square of the time.
const MOST_MEASURED: usize = 2_000;

/// Searches from which the best is taken.
const N_STARTS: usize = 5;

/// Finds topics.
///
/// # Errors
/// Settings out of their range; fewer than ten texts with words for each topic; texts that do not differ enough to be grouped.
pub fn find<T: AsRef<str> + Sync>(texts: &[T], settings: &TopicSettings) -> Result<Topics, TextError> {
    check(settings)?;
    let places = Places::new(&mut ChaCha8Rng::seed_from_u64(settings.seed));
    let mut some = places.order(texts.len());
    some.truncate(settings.most_texts);
    some.sort_unstable();
    let looked_at: Vec<&str> = some.iter().map(|place| texts[*place].as_ref()).collect();
    let words = TfIdf::fit(&looked_at, &settings.words)?;
    let rows = words.rows(&looked_at);
    let axes = Axes::of(&rows, settings.n_axes, places);
    let (points, n_texts) = on_sphere(&rows, &axes)?;
    let n_least = settings.n_topics.unwrap_or(2);
    if n_texts < FEWEST_OF_TOPIC * n_least {
        let needed = FEWEST_OF_TOPIC * n_least;
        return Err(TextError::TooFewTexts { what: "finding topics", needed, found: n_texts });
    }
    let (grouped, tried) = grouped(&points, settings)?;
    let width = points.n_columns();
    let mut model = TopicModel {
        words,
        axes: axes.by_column,
        centres: grouped.centres.into_iter().map(of_unit_length).collect(),
        least_fit: settings.least_fit,
    };
    debug_assert_eq!(model.axes.len(), model.words.words.len() * width);
    let fitted = model.fitted(texts);
    let (order, fitted) = by_size(&model, fitted);
    model.centres = order.into_iter().map(|topic| std::mem::take(&mut model.centres[topic])).collect();
    let label = |fitted: &Fitted| (fitted.fit >= model.least_fit && fitted.fit > 0.0).then_some(fitted.topic);
    let labels: Vec<Option<u32>> = fitted.iter().map(label).collect();
    let topics = topics(texts, &model, &labels, &fitted, settings);
    Ok(Topics { topics, labels, tried, model })
}

/// Fewer texts than this make no topic.
const FEWEST_OF_TOPIC: usize = 10;

fn check(settings: &TopicSettings) -> Result<(), TextError> {
    let two_and_more = "give 2 or more";
    let refuse = |option, value, hint| Err(TextError::Option { option, value, hint });
    match settings {
        TopicSettings { n_topics: Some(n @ (0 | 1)), .. } => refuse("n_topics", *n as f64, two_and_more),
        TopicSettings { most_topics: n @ (0 | 1), .. } => refuse("most_topics", *n as f64, two_and_more),
        TopicSettings { n_axes: n @ (0 | 1), .. } => refuse("n_axes", *n as f64, two_and_more),
        TopicSettings { least_fit, .. } if !(0.0..=1.0).contains(least_fit) => {
            refuse("least_fit", *least_fit, "give a cosine from 0 to 1, usually 0.15")
        }
        _ => Ok(()),
    }
}

/// The rows along the axes, each of length 1, without those that the axes do not see; and how many there are.
fn on_sphere(rows: &SparseRows, axes: &Axes) -> Result<(Points, usize), TextError> {
    let width = axes.strengths.len();
    if width == 0 {
        return Err(TextError::NoWords);
    }
    let along = rows.times(&axes.by_column, width);
    let seen = along.chunks_exact(width).filter(|row| row.iter().any(|value| value.abs() > 1e-9));
    let values: Vec<f64> = seen.flat_map(|row| of_unit_length(row.to_vec())).collect();
    let n = values.len() / width;
    Ok((Points::new(values, width)?, n))
}

/// Groups of the given number, or of the number with the highest silhouette.
fn grouped(points: &Points, settings: &TopicSettings) -> Result<(KMeans, Vec<Tried>), TextError> {
    let fit = |n_clusters| {
        let settings = KMeansSettings {
            n_clusters,
            n_starts: N_STARTS,
            seed: settings.seed,
            ..KMeansSettings::default()
        };
        KMeans::fit(points, &settings)
    };
    let mut measured = Places::new(&mut ChaCha8Rng::seed_from_u64(settings.seed)).order(points.n_rows());
    measured.truncate(MOST_MEASURED);
    let some = points.at(&measured);
    let most = settings.most_topics.min(points.n_rows() / FEWEST_OF_TOPIC).max(2);
    let numbers = settings.n_topics.map_or(2..=most, |n| n..=n);
    let mut best: Option<(f64, KMeans)> = None;
    let mut tried = vec![];
    for n_topics in numbers {
        let found = match fit(n_topics) {
            Ok(found) => found,
            // More groups than different texts; there were fewer before.
            Err(_) if best.is_some() => break,
            Err(error) => return Err(error.into()),
        };
        let labels: Vec<u32> = measured.iter().map(|place| found.labels[*place]).collect();
        let silhouette = silhouette(&some, &labels).map_or(-1.0, |silhouette| silhouette.mean);
        tried.push(Tried { n_topics, silhouette });
        if best.as_ref().is_none_or(|(highest, _)| silhouette > *highest) {
            best = Some((silhouette, found.model));
        }
    }
    best.map(|(_, model)| (model, tried)).ok_or(TextError::NoWords)
}

fn of_unit_length(mut row: Vec<f64>) -> Vec<f64> {
    let length = row.iter().map(|value| value * value).sum::<f64>().sqrt();
    if length > 0.0 {
        row.iter_mut().for_each(|value| *value /= length);
    }
    row
}

/// The topics in the order of their sizes, largest first, and the texts' topics by their new places.
fn by_size(model: &TopicModel, mut fitted: Vec<Fitted>) -> (Vec<usize>, Vec<Fitted>) {
    let mut sizes = vec![0_usize; model.centres.len()];
    let belongs = |fitted: &&Fitted| fitted.fit >= model.least_fit && fitted.fit > 0.0;
    fitted.iter().filter(belongs).for_each(|fitted| sizes[fitted.topic as usize] += 1);
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|topic| std::cmp::Reverse(sizes[*topic]));
    let mut places = vec![0; order.len()];
    (0_u32..).zip(&order).for_each(|(place, topic)| places[*topic] = place);
    fitted.iter_mut().for_each(|fitted| fitted.topic = places[fitted.topic as usize]);
    (order, fitted)
}

fn topics<T: AsRef<str>>(
    texts: &[T],
    model: &TopicModel,
    labels: &[Option<u32>],
    fitted: &[Fitted],
    settings: &TopicSettings,
) -> Vec<Topic> {
    let n_topics = model.centres.len();
    let mut counts = vec![vec![0.0; model.words.words.len()]; n_topics];
    let mut members = vec![vec![]; n_topics];
    let mut lower = String::new();
    for (place, (text, label)) in texts.iter().zip(labels).enumerate() {
        let Some(topic) = label.map(|label| label as usize) else { continue };
        members[topic].push(place);
        each_word(text.as_ref(), &mut lower, |word| {
            let found = model.words.words.binary_search_by(|known| known.as_str().cmp(word));
            if let Ok(column) = found {
                counts[topic][column] += 1.0;
            }
        });
    }
    let keywords = keywords(&model.words, &counts, settings.n_keywords);
    let of_topic = |(keywords, mut members): (_, Vec<usize>)| {
        let n_texts = members.len();
        members.sort_by(|one, other| fitted[*other].fit.total_cmp(&fitted[*one].fit).then(one.cmp(other)));
        let mut said = HashSet::new();
        members.retain(|place| {
            said.len() < settings.n_representatives && said.insert(texts[*place].as_ref().to_lowercase())
        });
        Topic { keywords, n_texts, representatives: members }
    };
    keywords.into_iter().zip(members).map(of_topic).collect()
}
