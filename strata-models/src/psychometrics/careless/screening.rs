//! The rule by which answers are left out, with its reasons for each respondent.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::consistency::{even_odd, synonyms};
use super::distance::distances;
use super::{LongString, long_string, missing_share, response_variability};
use crate::psychometrics::answers::Answers;
use crate::psychometrics::error::PsychometricsError;
use crate::psychometrics::instrument::Instrument;
use crate::psychometrics::scoring::Scores;
use crate::rank::quantile;

/// What is known of the respondents, besides their answers, is in slices of one value for each.
#[derive(Debug, Clone, Copy)]
pub struct Survey<'a> {
    /// All answers, items in the order in which they were asked.
    pub answers: &'a Answers<'a>,
    /// The blocks of items.
    pub blocks: &'a [Instrument],
    /// Items that say what to answer.
    pub instructed: &'a [Instructed],
    /// Whether the respondent said that their answers should not be used.
    pub said_not_to_use: Option<&'a [bool]>,
    /// How long all items of the blocks took, in seconds; NaN where unknown.
    pub seconds: Option<&'a [f64]>,
}

/// An item that says what to answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Instructed {
    /// The item.
    pub item: String,
    /// The answer that it asks for.
    pub pass: f64,
}

/// A sign of careless answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Sign {
    /// An instructed item was answered otherwise. Not answering it is no sign.
    FailedInstructed {
        /// The item.
        item: String,
    },
    /// The respondent said so.
    SaidNotToUse,
    /// A run of equal answers over more than half of a block with reversed items, or among the longest 1 %.
    LongString {
        /// The longest run.
        longest: usize,
        /// The length of the block.
        length: usize,
    },
    /// Answers that do not vary, or are among the least varying 1 %.
    Variability {
        /// Standard deviation over the range of answers, the mean over blocks.
        variability: f64,
    },
    /// A squared Mahalanobis distance that normal answers exceed once in a thousand.
    Distance {
        /// D².
        square: f64,
        /// The cut-off.
        cutoff: f64,
    },
    /// Halves of scales that contradict each other.
    EvenOdd {
        /// The correlation, stepped up.
        r: f64,
    },
    /// Items that mean the same, answered contrarily.
    Synonyms {
        /// The correlation.
        r: f64,
    },
    /// Less than two seconds for an item. Huang, J. L. et al. (2012). Detecting and deterring insufficient effort responding to surveys.
    /// Journal of Business and Psychology 27, 99–114.
    Fast {
        /// Seconds for an item.
        seconds_per_item: f64,
    },
}

impl Sign {
    /// Whether it excludes a respondent by itself.
    pub fn is_decisive(&self) -> bool {
        matches!(self, Sign::FailedInstructed { .. } | Sign::SaidNotToUse)
    }

    /// Whether it is of the kind that an honest respondent hardly shows: of two signs one must be.
    pub fn is_strong(&self) -> bool {
        matches!(
            self,
            Sign::Distance { .. } | Sign::EvenOdd { .. } | Sign::Synonyms { .. } | Sign::Fast { .. }
        )
    }
}

impl std::fmt::Display for Sign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Sign::FailedInstructed { item } => write!(f, "instructed item `{item}` was answered otherwise"),
            Sign::SaidNotToUse => f.write_str("the respondent said not to use the answers"),
            Sign::LongString { longest, length } => write!(f, "{longest} equal answers in a row of {length}"),
            Sign::Variability { variability } => {
                write!(f, "answers hardly vary ({:.1} % of the range)", 100.0 * variability)
            }
            Sign::Distance { square, cutoff } => {
                write!(f, "answers do not go together (D² {square:.1}, above {cutoff:.1})")
            }
            Sign::EvenOdd { r } => write!(f, "halves of scales contradict each other (r {r:.2})"),
            Sign::Synonyms { r } => write!(f, "items that mean the same are answered contrarily (r {r:.2})"),
            Sign::Fast { seconds_per_item } => write!(f, "{seconds_per_item:.1} seconds an item, below 2"),
        }
    }
}

/// One respondent's indices; none where an index cannot be had.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Screened {
    /// The longest run of equal answers as a share of its block, of the block where that is greatest; blocks without reversed items, in
    /// which an honest person may well agree with everything, do not count.
    pub long_string_share: Option<f64>,
    /// Standard deviation of the raw answers over the range of answers, the mean over blocks.
    pub variability: Option<f64>,
    /// D².
    pub distance: Option<f64>,
    /// Even-odd consistency.
    pub even_odd: Option<f64>,
    /// The correlation over psychometric synonyms.
    pub synonyms: Option<f64>,
    /// The share of items that was left out.
    pub missing_share: f64,
    /// Seconds for an item.
    pub seconds_per_item: Option<f64>,
    /// What speaks against the answers.
    pub signs: Vec<Sign>,
    /// Whether they are left out: a decisive sign, or two signs of which one is strong.
    pub is_excluded: bool,
}

/// All respondents, and what could not be looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Screening {
    /// One for each respondent.
    pub respondents: Vec<Screened>,
    /// Why an index is missing for everybody, in sentences.
    pub notes: Vec<String>,
}

impl Screening {
    /// The places of respondents who are kept.
    pub fn clean(&self) -> Vec<usize> {
        (0..self.respondents.len()).filter(|place| !self.respondents[*place].is_excluded).collect()
    }

    /// How many are left out.
    pub fn n_excluded(&self) -> usize {
        self.respondents.iter().filter(|respondent| respondent.is_excluded).count()
    }
}

/// Items that correlate by that much mean nearly the same.
const SYNONYMS: f64 = 0.60;
/// The probability of a distance that is a sign.
const RARE: f64 = 0.001;
/// The share of people who answer most alike, and of those who vary least.
const EXTREME: f64 = 0.01;
/// Nobody reads and answers faster.
const LEAST_SECONDS: f64 = 2.0;

/// Screens all respondents. Refuses unknown items, answers out of range, and slices of other lengths.
pub fn screen(survey: &Survey<'_>) -> Result<Screening, PsychometricsError> {
    let answers = survey.answers;
    let n = answers.n_respondents();
    check_length("said_not_to_use", survey.said_not_to_use.map(<[bool]>::len), n)?;
    check_length("seconds", survey.seconds.map(<[f64]>::len), n)?;
    let blocks: Vec<Block> = survey
        .blocks
        .iter()
        .map(|instrument| Block::of(answers, instrument))
        .collect::<Result<_, PsychometricsError>>()?;
    let mut items: Vec<usize> = blocks.iter().flat_map(|block| block.items.iter().copied()).collect();
    items.sort_unstable();
    items.dedup();
    if items.is_empty() {
        return Err(PsychometricsError::NoItems { what: "the survey".to_owned() });
    }
    let mut notes = vec![];
    let table = answers.of_items(&items);
    let (squares, cutoff) = match distances(&table) {
        Ok(found) => {
            if !found.dropped.is_empty() {
                notes.push(format!("distances leave out {}", found.dropped.join(", ")));
            }
            let cutoff = found.cutoff(RARE);
            (found.squares, cutoff)
        }
        Err(error) => {
            notes.push(format!("no distances: {error}"));
            (vec![None; n], f64::INFINITY)
        }
    };
    let synonyms = synonyms_of(&table, &mut notes);
    let even_odd = even_odd_of(survey, &mut notes)?;
    let instructed: Vec<(usize, &Instructed)> = survey
        .instructed
        .iter()
        .map(|instructed| {
            Ok((answers.place_of(&instructed.item, "the list of instructed items")?, instructed))
        })
        .collect::<Result<_, PsychometricsError>>()?;
    let mut respondents: Vec<Screened> = (0..n)
        .into_par_iter()
        .map(|respondent| {
            let row: Vec<f64> = items.iter().map(|item| answers.column(*item)[respondent]).collect();
            let seconds = survey.seconds.map(|seconds| seconds[respondent] / items.len() as f64);
            let runs = blocks.iter().filter_map(|block| block.long_string(answers, respondent));
            let variabilities: Vec<f64> =
                blocks.iter().filter_map(|block| block.variability(answers, respondent)).collect();
            Screened {
                long_string_share: runs
                    .map(|(run, length)| run.longest as f64 / length as f64)
                    .reduce(f64::max),
                variability: mean(&variabilities),
                distance: squares[respondent],
                even_odd: even_odd[respondent],
                synonyms: synonyms[respondent],
                missing_share: missing_share(&row),
                seconds_per_item: seconds.filter(|seconds| !seconds.is_nan()),
                signs: vec![],
                is_excluded: false,
            }
        })
        .collect();
    let longest = percentile(respondents.iter().filter_map(|one| one.long_string_share), 1.0 - EXTREME);
    let least = percentile(respondents.iter().filter_map(|one| one.variability), EXTREME);
    respondents.par_iter_mut().enumerate().for_each(|(respondent, one)| {
        let mut signs = vec![];
        for (item, instructed) in &instructed {
            let answer = answers.column(*item)[respondent];
            if !answer.is_nan() && answer != instructed.pass {
                signs.push(Sign::FailedInstructed { item: instructed.item.clone() });
            }
        }
        if survey.said_not_to_use.is_some_and(|said| said[respondent]) {
            signs.push(Sign::SaidNotToUse);
        }
        if one
            .long_string_share
            .is_some_and(|share| share > 0.5 || longest.is_some_and(|longest| share > longest))
        {
            let runs = blocks.iter().filter_map(|block| block.long_string(answers, respondent));
            let share = |(run, length): &(LongString, usize)| run.longest as f64 / *length as f64;
            if let Some((run, length)) = runs.max_by(|one, other| share(one).total_cmp(&share(other))) {
                signs.push(Sign::LongString { longest: run.longest, length });
            }
        }
        if let Some(variability) = one.variability
            && (variability == 0.0 || least.is_some_and(|least| variability < least))
        {
            signs.push(Sign::Variability { variability });
        }
        signs.extend(
            one.distance.filter(|square| *square > cutoff).map(|square| Sign::Distance { square, cutoff }),
        );
        signs.extend(one.even_odd.filter(|r| *r < 0.0).map(|r| Sign::EvenOdd { r }));
        signs.extend(one.synonyms.filter(|r| *r < 0.0).map(|r| Sign::Synonyms { r }));
        signs.extend(
            one.seconds_per_item
                .filter(|seconds| *seconds < LEAST_SECONDS)
                .map(|seconds_per_item| Sign::Fast { seconds_per_item }),
        );
        one.is_excluded =
            signs.iter().any(Sign::is_decisive) || signs.len() >= 2 && signs.iter().any(Sign::is_strong);
        one.signs = signs;
    });
    Ok(Screening { respondents, notes })
}

/// What leaving people out changes in a scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The scale.
    pub scale: String,
    /// The mean of all.
    pub with_all: f64,
    /// The mean of those kept.
    pub without_excluded: f64,
    /// The difference in standard deviations of those kept; none where they do not vary.
    pub standardised: Option<f64>,
}

/// Scores with and without the respondents who are left out, for each scale that anybody kept has a score on.
pub fn differences(scores: &Scores, screening: &Screening) -> Vec<Difference> {
    let clean = screening.clean();
    let of_scale = |(scale, values): (&String, &Vec<f64>)| {
        let kept: Vec<f64> = clean.iter().map(|place| values[*place]).filter(|x| !x.is_nan()).collect();
        let all: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
        let (with_all, without_excluded) = (mean(&all)?, mean(&kept)?);
        let standardised = crate::group::mean_and_deviation(&kept)
            .map(|(_, deviation)| (without_excluded - with_all) / deviation);
        Some(Difference { scale: scale.clone(), with_all, without_excluded, standardised })
    };
    scores.scales.iter().zip(&scores.values).filter_map(of_scale).collect()
}

fn check_length(option: &'static str, length: Option<usize>, n: usize) -> Result<(), PsychometricsError> {
    match length {
        Some(length) if length != n => {
            let hint = "give a value for each respondent";
            Err(PsychometricsError::Option { option, value: length as f64, hint })
        }
        _ => Ok(()),
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn percentile(values: impl Iterator<Item = f64>, share: f64) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    quantile(&values, share)
}

fn synonyms_of(table: &Answers<'_>, notes: &mut Vec<String>) -> Vec<Option<f64>> {
    match synonyms(table, SYNONYMS) {
        Ok(found) => {
            if found.pairs.len() < super::consistency::FEWEST_PAIRS {
                let n_pairs = found.pairs.len();
                notes.push(format!("no synonyms: {n_pairs} pairs of items correlate by {SYNONYMS} or more"));
            }
            found.correlations
        }
        Err(error) => {
            notes.push(format!("no synonyms: {error}"));
            vec![None; table.n_respondents()]
        }
    }
}

/// Halves of all scales of two items or more, each answer by the range of its block so that blocks can be compared.
fn even_odd_of(survey: &Survey<'_>, notes: &mut Vec<String>) -> Result<Vec<Option<f64>>, PsychometricsError> {
    let mut scales = vec![];
    for block in survey.blocks {
        let (min, max) = (block.response.min, block.response.max);
        for scale in block.scales.iter().filter(|scale| scale.items.len() > 1) {
            let keyed = survey.answers.keyed(scale, block.response)?;
            let of_range = |item: usize| keyed.column(item).iter().map(|x| (x - min) / (max - min)).collect();
            let columns = (0..keyed.n_items()).map(|item| std::borrow::Cow::Owned(of_range(item))).collect();
            scales.push(Answers::new(keyed.items().to_vec(), columns)?);
        }
    }
    if scales.len() < super::consistency::FEWEST_PAIRS {
        notes.push(format!("no even-odd consistency: {} scales have two items or more", scales.len()));
        return Ok(vec![None; survey.answers.n_respondents()]);
    }
    Ok(even_odd(&scales))
}

/// A block of items, by places in the order of the questionnaire.
struct Block {
    items: Vec<usize>,
    range: f64,
    has_reversed: bool,
}

impl Block {
    fn of(answers: &Answers<'_>, instrument: &Instrument) -> Result<Block, PsychometricsError> {
        instrument.check()?;
        let mut items = vec![];
        for scale in &instrument.scales {
            for keyed in &scale.items {
                let item = answers.place_of(&keyed.item, &scale.place())?;
                answers.check_range(item, instrument.response)?;
                items.push(item);
            }
        }
        items.sort_unstable();
        let range = instrument.response.max - instrument.response.min;
        Ok(Block { items, range, has_reversed: instrument.has_reversed() })
    }

    fn row(&self, answers: &Answers<'_>, respondent: usize) -> Vec<f64> {
        self.items.iter().map(|item| answers.column(*item)[respondent]).collect()
    }

    fn long_string(&self, answers: &Answers<'_>, respondent: usize) -> Option<(LongString, usize)> {
        self.has_reversed.then(|| (long_string(&self.row(answers, respondent)), self.items.len()))
    }

    fn variability(&self, answers: &Answers<'_>, respondent: usize) -> Option<f64> {
        response_variability(&self.row(answers, respondent)).map(|deviation| deviation / self.range)
    }
}
