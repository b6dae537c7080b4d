//! What hurts: how segments feel, what they talk about more than others do, and which topics are spoken of badly.
//!
//! A text without a sentiment (another language, too short) is left out, not counted as neutral.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::error::TextError;
use super::sentiment::CLEAR;
use crate::learn::chance::Places;
use crate::proportion::{Z, wilson};

/// Fewer texts than this are not judged.
pub const FEWEST_TEXTS: u64 = 20;

/// A topic hurts if negative texts are more than so many times as frequent in it as elsewhere.
pub const LEAST_LIFT: f64 = 1.2;

/// How the texts of a segment feel.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Feeling {
    /// How many of its texts have a sentiment.
    pub n_texts: u64,
    /// The mean compound, −1 to 1.
    pub mean: f64,
    /// Between what the mean would lie for other texts of the same kind, with 95 % confidence.
    pub interval: (f64, f64),
    /// How many texts are negative: a compound of −0.05 and below.
    pub n_negative: u64,
}

/// How often a segment talks about a topic, against all other texts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TopicLift {
    /// The segment's place.
    pub segment: usize,
    /// The topic's place.
    pub topic: u32,
    /// How the shares compare; what is counted is that a text is about the topic.
    pub lift: Lift,
}

/// A topic that is spoken of badly.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PainPoint {
    /// The topic's place.
    pub topic: u32,
    /// How the shares compare; what is counted is that a text is negative.
    pub lift: Lift,
    /// The mean compound of its texts.
    pub mean: f64,
}

/// A share here against the share in all other texts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Lift {
    /// Texts here.
    pub n: u64,
    /// Those of them that count.
    pub n_counted: u64,
    /// Their share.
    pub share: f64,
    /// Between what that share lies with 95 % confidence (Wilson).
    pub interval: (f64, f64),
    /// The share in all other texts; none where there are no others.
    pub elsewhere: Option<f64>,
    /// The share here over the share elsewhere; none where none counts elsewhere.
    pub times: Option<f64>,
}

/// From so many texts on the interval of a mean is that of the normal distribution: the bootstrap's does not differ from it by more than
/// its own chance.
const MANY: usize = 10_000;

/// How the texts of each segment feel; none of a segment without a text that has a sentiment.
///
/// `compounds` has NaN where a text has none. `segments` has the places of each segment's texts; a text may be in several. Intervals are
/// the 2.5 % and 97.5 % quantiles over `n_draws` bootstrap draws (Efron, B. & Tibshirani, R. J. (1993). An Introduction to the Bootstrap,
/// section 13.3).
///
/// # Errors
/// A place that is no text's; fewer than 100 draws.
pub fn feelings(
    compounds: &[f64],
    segments: &[Vec<usize>],
    n_draws: usize,
    seed: u64,
) -> Result<Vec<Option<Feeling>>, TextError> {
    if n_draws < 100 {
        let hint = "give 100 or more, usually 1000";
        return Err(TextError::Option { option: "n_draws", value: n_draws as f64, hint });
    }
    check_places(segments, compounds.len())?;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let seeds: Vec<u64> = segments.iter().map(|_| random.next_u64()).collect();
    let of_segment = |(texts, seed): (&Vec<usize>, u64)| {
        let known: Vec<f64> =
            texts.iter().map(|place| compounds[*place]).filter(|compound| !compound.is_nan()).collect();
        feeling(&known, n_draws, seed)
    };
    Ok(segments.par_iter().zip(seeds).map(of_segment).collect())
}

/// What segments talk about more than others do, or less: each segment with each topic that it has, at least [`FEWEST_TEXTS`] texts of the
/// segment being there. The strongest lift comes first.
///
/// # Errors
/// A place that is no text's.
pub fn topic_lifts(
    topics: &[Option<u32>],
    n_topics: usize,
    segments: &[Vec<usize>],
) -> Result<Vec<TopicLift>, TextError> {
    check_places(segments, topics.len())?;
    let counts = |places: &mut dyn Iterator<Item = usize>| {
        let mut counts = vec![0_u64; n_topics];
        for topic in places.filter_map(|place| topics[place]) {
            if let Some(count) = counts.get_mut(topic as usize) {
                *count += 1;
            }
        }
        counts
    };
    let all = counts(&mut (0..topics.len()));
    let mut lifts = vec![];
    for (segment, texts) in segments.iter().enumerate() {
        let n = texts.len() as u64;
        if n < FEWEST_TEXTS {
            continue;
        }
        let here = counts(&mut texts.iter().copied());
        for ((topic, n_here), n_all) in (0_u32..).zip(here).zip(&all) {
            if n_here > 0 {
                let lift = Lift::of((n_here, n), (*n_all, topics.len() as u64));
                lifts.extend(lift.map(|lift| TopicLift { segment, topic, lift }));
            }
        }
    }
    lifts.sort_by(|one, other| by_times(&one.lift, &other.lift));
    Ok(lifts)
}

/// The topics that hurt: at least [`FEWEST_TEXTS`] texts, among which negative ones are more than [`LEAST_LIFT`] times as frequent as in
/// all other texts, and the difference is more than chance: the share's interval lies above the share elsewhere. The strongest comes first.
///
/// `topics` and `compounds` are of the same texts, those of one segment or of all; texts without a sentiment are left out. Texts
/// without a topic are among the others.
///
/// # Errors
/// Compounds that are not one a text.
pub fn pain_points(topics: &[Option<u32>], compounds: &[f64]) -> Result<Vec<PainPoint>, TextError> {
    if topics.len() != compounds.len() {
        return Err(TextError::Lengths { what: "compounds", found: compounds.len(), expected: topics.len() });
    }
    let mut counts = std::collections::BTreeMap::<u32, (u64, u64, f64)>::new();
    let (mut n, mut n_negative) = (0, 0);
    for (topic, compound) in topics.iter().zip(compounds).filter(|(_, compound)| !compound.is_nan()) {
        let is_negative = u64::from(*compound <= -CLEAR);
        (n, n_negative) = (n + 1, n_negative + is_negative);
        if let Some(topic) = topic {
            let count = counts.entry(*topic).or_default();
            *count = (count.0 + 1, count.1 + is_negative, count.2 + compound);
        }
    }
    let point = |(topic, (n_here, n_negative_here, sum)): (u32, (u64, u64, f64))| {
        let lift = Lift::of((n_negative_here, n_here), (n_negative, n))?;
        let mean = sum / n_here as f64;
        (n_here >= FEWEST_TEXTS && lift.hurts()).then_some(PainPoint { topic, lift, mean })
    };
    let mut points: Vec<PainPoint> = counts.into_iter().filter_map(point).collect();
    points.sort_by(|one, other| by_times(&one.lift, &other.lift));
    Ok(points)
}

impl Lift {
    /// The share of the texts here that count, against that of all texts without those here; none where there are none here.
    fn of((n_counted, n): (u64, u64), (n_counted_all, n_all): (u64, u64)) -> Option<Lift> {
        let interval = wilson(n_counted, n)?;
        let share = n_counted as f64 / n as f64;
        let (n_other, n_counted_other) = (n_all.saturating_sub(n), n_counted_all.saturating_sub(n_counted));
        let elsewhere = (n_other > 0).then(|| n_counted_other as f64 / n_other as f64);
        let times = elsewhere.filter(|elsewhere| *elsewhere > 0.0).map(|elsewhere| share / elsewhere);
        Some(Lift { n, n_counted, share, interval, elsewhere, times })
    }

    /// Where nothing counts elsewhere, anything here is more.
    fn hurts(&self) -> bool {
        let Some(elsewhere) = self.elsewhere else { return false };
        self.n_counted > 0 && self.times.is_none_or(|times| times > LEAST_LIFT) && self.interval.0 > elsewhere
    }
}

fn by_times(one: &Lift, other: &Lift) -> std::cmp::Ordering {
    let times = |lift: &Lift| lift.times.unwrap_or(f64::INFINITY);
    times(other).total_cmp(&times(one)).then(other.n.cmp(&one.n))
}

fn feeling(compounds: &[f64], n_draws: usize, seed: u64) -> Option<Feeling> {
    let n = compounds.len();
    if n == 0 {
        return None;
    }
    let mean = compounds.iter().sum::<f64>() / n as f64;
    let interval = if n > MANY {
        let variance = compounds.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1) as f64;
        let reach = Z * (variance / n as f64).sqrt();
        (mean - reach, mean + reach)
    } else {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let draw = |places: Places| {
            (0..n).map(|draw| compounds[places.below(draw as u64, n)]).sum::<f64>() / n as f64
        };
        let mut means: Vec<f64> = (0..n_draws).map(|_| draw(Places::new(&mut random))).collect();
        means.sort_unstable_by(f64::total_cmp);
        let quantile = |share: f64| means[(share * (n_draws - 1) as f64).round() as usize];
        (quantile(0.025).min(mean), quantile(0.975).max(mean))
    };
    let n_negative = compounds.iter().filter(|compound| **compound <= -CLEAR).count() as u64;
    Some(Feeling { n_texts: n as u64, mean, interval, n_negative })
}

fn check_places(segments: &[Vec<usize>], n_texts: usize) -> Result<(), TextError> {
    match segments.iter().flatten().find(|place| **place >= n_texts) {
        Some(place) => Err(TextError::Option {
            option: "segments",
            value: *place as f64,
            hint: "give the places of texts, from 0",
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(found: f64, expected: f64, within: f64) {
        assert!((found - expected).abs() <= within, "{found}, not {expected}");
    }

    #[test]
    fn feelings_have_the_interval_of_their_mean() {
        let places = Places::from_seed(9);
        let compounds: Vec<f64> = (0..30_000_u64).map(|place| 2.0 * places.share(place) - 1.0).collect();
        let segments = [(0..400).collect(), (0..30_000).collect(), vec![7], vec![]];
        let found = feelings(&compounds, &segments, 1000, 1).unwrap();
        for (found, n) in found.iter().zip([400_u64, 30_000]) {
            let found = found.unwrap();
            assert_eq!(found.n_texts, n);
            // Of the uniform distribution from −1 to 1 the standard deviation is √⅓.
            let reach = 1.96 * (1.0 / 3.0_f64 / n as f64).sqrt();
            near((found.interval.1 - found.interval.0) / 2.0, reach, 0.1 * reach);
            assert!(found.interval.0 < found.mean && found.mean < found.interval.1);
            near(found.n_negative as f64 / n as f64, 0.475, 0.06);
        }
        let one = found[2].unwrap();
        assert_eq!(one.interval, (one.mean, one.mean));
        assert_eq!(found[3], None);
        assert_eq!(feelings(&compounds, &segments, 1000, 1).unwrap(), found);
    }

    #[test]
    fn texts_without_a_sentiment_are_left_out() {
        let found = feelings(&[f64::NAN, 0.5, f64::NAN, -0.1], &[vec![0, 1, 3], vec![2]], 100, 0).unwrap();
        let first = found[0].unwrap();
        assert_eq!((first.n_texts, first.n_negative), (2, 1));
        near(first.mean, 0.2, 1e-12);
        assert_eq!(found[1], None);
    }

    /// Topic 0: 30 texts, 15 negative. Topic 1: 40, 4. Topic 2: 10 texts, all negative. No topic: 20, 1.
    fn spoken() -> (Vec<Option<u32>>, Vec<f64>) {
        let mut texts = vec![];
        for (topic, n, n_negative) in [(Some(0), 30, 15), (Some(1), 40, 4), (Some(2), 10, 10), (None, 20, 1)]
        {
            texts.extend((0..n).map(|place| (topic, if place < n_negative { -0.5 } else { 0.5 })));
        }
        texts.into_iter().unzip()
    }

    #[test]
    fn topics_hurt_that_are_spoken_of_badly_by_enough() {
        let (topics, compounds) = spoken();
        let found = pain_points(&topics, &compounds).unwrap();
        assert_eq!(found.len(), 1, "topic 1 is spoken of well, topic 2 by too few: {found:?}");
        let lift = found[0].lift;
        assert_eq!((found[0].topic, lift.n, lift.n_counted), (0, 30, 15));
        near(lift.times.unwrap(), 0.5 / (15.0 / 70.0), 1e-12);
        near(found[0].mean, 0.0, 1e-12);
        // The same shares of 20 texts, which may be chance: 9 of 20 against 20 of 60.
        let of = |place: usize| if place < 20 { Some(0) } else { None };
        let topics: Vec<Option<u32>> = (0..80).map(of).collect();
        let compounds: Vec<f64> =
            (0..80).map(|place| if place < 9 || (20..40).contains(&place) { -1.0 } else { 0.0 }).collect();
        assert_eq!(pain_points(&topics, &compounds).unwrap(), []);
        // All texts are of one topic: there is nothing to compare with.
        assert_eq!(pain_points(&[Some(0); 50], &[-0.9; 50]).unwrap(), []);
        // Nobody is negative elsewhere.
        let compounds: Vec<f64> = (0..80).map(|place| if place < 9 { -1.0 } else { 0.0 }).collect();
        assert_eq!(pain_points(&topics, &compounds).unwrap()[0].lift.times, None);
        // What has no sentiment does not count.
        assert_eq!(pain_points(&topics, &[f64::NAN; 80]).unwrap(), []);
    }

    #[test]
    fn segments_talk_more_about_some_topics() {
        let (topics, _) = spoken();
        let segments = [(0..40).collect::<Vec<usize>>(), (30..100).collect(), (0..5).collect()];
        let found = topic_lifts(&topics, 3, &segments).unwrap();
        let found: Vec<(usize, u32, u64, Option<f64>)> = found
            .iter()
            .map(|found| (found.segment, found.topic, found.lift.n_counted, found.lift.times))
            .collect();
        assert_eq!(found[0], (1, 1, 40, None));
        assert_eq!(found[1], (1, 2, 10, None));
        assert_eq!(found[2], (0, 0, 30, None));
        assert_eq!((found[3].0, found[3].1, found[3].2), (0, 1, 10));
        near(found[3].3.unwrap(), 0.25 / 0.5, 1e-12);
        assert_eq!(found.len(), 4, "five texts are too few to judge");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let refused = |error: TextError| error.to_string();
        assert!(refused(feelings(&[0.0], &[vec![1]], 100, 0).unwrap_err()).contains("`segments` is 1"));
        assert!(refused(feelings(&[0.0], &[], 10, 0).unwrap_err()).contains("`n_draws` is 10"));
        assert!(refused(topic_lifts(&[None], 1, &[vec![3]]).unwrap_err()).contains("`segments` is 3"));
        assert!(
            refused(pain_points(&[None], &[]).unwrap_err()).contains("0 compounds where there are 1 texts")
        );
    }
}
