//! What was summed up, as evidence: each figure of the members against that of all others, with effect, interval and chance.

use chrono::NaiveDate;
use strata_models::portrait::contrast::{
    Estimate, NumberContrast, ShareContrast, categories, numbers, shares,
};
use strata_models::portrait::select::{Difference, SelectionOptions, select};
use strata_models::portrait::sums::{LevelSums, NumberSums};
use strata_models::significance::benjamini_hochberg;
use strata_spec::guideline::{Fact as SeenFact, FiringThresholds, MeasuredScale, Reading, Seen};
use strata_spec::persona::{Effect, EffectKind, Evidence, Facet, State, Value};

use super::fact::{FEEDBACK, Kind};
use super::gather::{Gathered, Number, Variable};
use super::scale::Scale;
use super::target::Target;

/// What is known of the members of a segment.
pub(super) struct Found {
    /// What personas tell, redundant figures left out.
    pub(super) evidence: Vec<Evidence>,
    /// What guidelines rest on: what was measured, …
    pub(super) measured: Vec<MeasuredScale>,
    /// … and what was seen without asking.
    pub(super) seen: Vec<Seen>,
}

/// What a piece of evidence was made from.
struct Piece {
    evidence: Evidence,
    chance: f64,
    /// The place of its number, for correlations.
    number: Option<usize>,
    scale: Option<(Scale, Reading)>,
}

/// What is said of complaints, whatever about.
const COMPLAINTS: &str = "complaints";
/// The fact that is the age.
const AGE: &str = "age_years";

/// Compares the members of a target with everybody else. Ages are seen to differ from the `thresholds` of guidelines on.
pub(super) fn of(
    gathered: &Gathered,
    target: usize,
    of: &Target,
    thresholds: &FiringThresholds,
    date: NaiveDate,
) -> Found {
    let found = |place: usize| number(gathered, place, target, of, date);
    let mut pieces: Vec<Piece> = (0..gathered.numbers.len()).filter_map(found).collect();
    pieces
        .extend((0..gathered.categories.len()).filter_map(|place| level(gathered, place, target, of, date)));
    let topics = 0..gathered.complained.topics.len();
    pieces.extend(topics.filter_map(|place| complaint(gathered, place, target, of, date)));
    let adjusted = benjamini_hochberg(&pieces.iter().map(|piece| piece.chance).collect::<Vec<_>>());
    for (piece, q) in pieces.iter_mut().zip(adjusted) {
        piece.evidence.q = Some(q.clamp(0.0, 1.0));
    }
    // What others complain of more is no pain of these; it counted among what was looked at.
    pieces.retain(|piece| piece.evidence.variable != COMPLAINTS || piece.evidence.effect.value > 0.0);
    let measured = pieces.iter().filter_map(Piece::measured).collect();
    let age = pieces.iter().find(|piece| piece.evidence.variable == AGE && piece.differs(thresholds));
    let seen = [
        (SeenFact::AgeDiffers, age.map(|piece| piece.evidence.n)),
        (SeenFact::NegativeFeedback, gathered.complained.negative_lately[target]),
    ];
    let seen = seen.into_iter().filter_map(|(fact, n)| Some(Seen { fact, n: n? })).collect();
    let differences: Vec<Difference> = pieces.iter().map(Piece::difference).collect();
    let correlation = |one: usize, other: usize| {
        let (one, other) = (pieces[one].number?, pieces[other].number?);
        gathered.correlations.get(&(one.min(other), one.max(other))).copied()
    };
    let chosen = select(&differences, correlation, &SelectionOptions::default());
    // What was looked at and tells nothing stands for why nothing is told of its side.
    let told: Vec<usize> = chosen.clone();
    let is_of_told =
        |place: usize| told.iter().any(|told| pieces[*told].evidence.facet == pieces[place].evidence.facet);
    let silent: Vec<usize> = (0..pieces.len()).filter(|place| !is_of_told(*place)).collect();
    let kept = chosen.into_iter().chain(silent);
    Found { evidence: kept.map(|place| pieces[place].evidence.clone()).collect(), measured, seen }
}

impl Piece {
    fn difference(&self) -> Difference {
        let Evidence { facet, effect, reliability, coverage, q, .. } = &self.evidence;
        Difference {
            facet: Facet::ALL.iter().position(|known| known == facet).unwrap_or(Facet::ALL.len()),
            effect: effect.value,
            q: q.unwrap_or(1.0),
            reliability: reliability.unwrap_or(1.0),
            coverage: *coverage,
        }
    }

    /// Whether members differ from others by as much as guidelines ask, and certainly.
    fn differs(&self, thresholds: &FiringThresholds) -> bool {
        let Evidence { effect, q, .. } = &self.evidence;
        let (low, high) = effect.interval;
        let is_certain = (low > 0.0 || high < 0.0) && q.is_some_and(|q| q < thresholds.most_q);
        is_certain && effect.value.abs() >= thresholds.least_g
    }

    fn measured(&self) -> Option<MeasuredScale> {
        let (scale, mean) = self.scale.as_ref()?;
        Some(MeasuredScale {
            domain: scale.domain,
            instrument: scale.instrument.clone(),
            scale: scale.id.clone(),
            g: self.evidence.effect.value,
            ci: self.evidence.effect.interval,
            q: self.evidence.q.unwrap_or(1.0),
            n: self.evidence.n,
            reliability: scale.reliability,
            state: State::Measured,
            mean: Some(*mean),
        })
    }
}

fn number(gathered: &Gathered, place: usize, target: usize, of: &Target, date: NaiveDate) -> Option<Piece> {
    let number = &gathered.numbers[place];
    let (members, everybody) = (number.members[target], number.everybody);
    let rest = everybody.without(members);
    let evidence =
        |value: Value, effect: Effect, variable: &str, label: String, facet, source: String| Evidence {
            id: variable.to_owned(),
            variable: variable.to_owned(),
            label,
            facet,
            source,
            state: State::Observed,
            n: members.n,
            n_rest: rest.n,
            value,
            effect,
            q: None,
            coverage: coverage(members.n, of.n_members),
            reliability: None,
            accuracy: None,
            date,
        };
    match &number.of {
        Variable::Fact(fact) if fact.kind == Kind::Share => {
            let contrast = shares(&truths(members, number.centre), &truths(rest, number.centre), YES)?;
            let (value, effect) = of_share(&contrast, None);
            let made =
                evidence(value, effect, fact.name, fact.label.to_owned(), fact.facet, fact.source.to_owned());
            Some(Piece { evidence: made, chance: contrast.chance, number: Some(place), scale: None })
        }
        Variable::Fact(fact) => {
            let contrast = numbers(&members, &rest)?;
            let value = told(number, fact.kind, &contrast, target, &gathered.currency)?;
            let effect = effect(EffectKind::HedgesG, contrast.g);
            let made =
                evidence(value, effect, fact.name, fact.label.to_owned(), fact.facet, fact.source.to_owned());
            Some(Piece { evidence: made, chance: contrast.chance, number: Some(place), scale: None })
        }
        Variable::Wish(wish) => {
            let contrast = shares(&truths(members, number.centre), &truths(rest, number.centre), YES)?;
            let (value, effect) = of_share(&contrast, None);
            let mut made =
                evidence(value, effect, &wish.name, wish.label.clone(), wish.facet, wish.source.clone());
            made.state = State::Measured;
            Some(Piece { evidence: made, chance: contrast.chance, number: Some(place), scale: None })
        }
        Variable::Scale(scale) => {
            let contrast = numbers(&members, &rest)?;
            let (segment, rest) = (contrast.mean + number.centre, contrast.mean_rest + number.centre);
            let value = Value::Score { segment, rest, of: scale.of };
            let effect = effect(EffectKind::HedgesG, contrast.g);
            let source = format!("psychometric: {}", scale.instrument);
            let facet = scale.facet().unwrap_or(Facet::Psychographics);
            let mut made = evidence(value, effect, &scale.name, scale.label.clone(), facet, source);
            made.state = State::Measured;
            made.reliability = Some(scale.reliability);
            let reading = reading(&members, segment)?;
            Some(Piece {
                evidence: made,
                chance: contrast.chance,
                number: Some(place),
                scale: Some((scale.clone(), reading)),
            })
        }
    }
}

/// The mean of a scale with its 95 % interval.
fn reading(members: &NumberSums, mean: f64) -> Option<Reading> {
    let reach = 1.96 * (members.variance()? / members.n_effective()).sqrt();
    Some(Reading { value: mean, low: mean - reach, high: mean + reach })
}

/// Which of two levels is the yes.
const YES: usize = 1;

/// How many have 0 and how many 1, from sums that are less the centre.
fn truths(sums: NumberSums, centre: f64) -> LevelSums {
    let yes = ((sums.sum + sums.weight * centre).round().max(0.0) as u64).min(sums.n);
    LevelSums::of_people(&[sums.n - yes, yes])
}

/// What is told of a number.
fn told(
    number: &Number,
    kind: Kind,
    contrast: &NumberContrast,
    target: usize,
    currency: &str,
) -> Option<Value> {
    let unit = |unit: &str| unit.replace("{currency}", currency);
    Some(match kind {
        Kind::Range(of) => {
            let (low, high) = number.quartiles(target)?;
            Value::Range { low: low.round(), high: high.round(), unit: unit(of) }
        }
        Kind::Mean(of) => Value::Mean {
            segment: contrast.mean + number.centre,
            rest: contrast.mean_rest + number.centre,
            unit: unit(of),
        },
        Kind::Share => return None,
    })
}

/// The level that members have most over the rest.
fn level(gathered: &Gathered, place: usize, target: usize, of: &Target, date: NaiveDate) -> Option<Piece> {
    let category = &gathered.categories[place];
    let members = category.members[target].as_ref()?;
    let rest = category.everybody.without(members);
    let contrast = categories(members, &rest)?;
    let most = contrast.most()?;
    let (found, title) = (contrast.levels.get(most)?, category.titles.get(most)?);
    let category = &category.of;
    let about = (category.segmentation, category.label, category.facet, category.source);
    let id = category.segmentation.to_owned();
    let made = of_level(found, title, about, id, of, date);
    // The level was picked among all: the chance is that of the whole category.
    Some(Piece { evidence: made, chance: contrast.chance.max(found.chance), number: None, scale: None })
}

/// Who complains of a topic that hurts, of those who wrote.
fn complaint(
    gathered: &Gathered,
    place: usize,
    target: usize,
    of: &Target,
    date: NaiveDate,
) -> Option<Piece> {
    let topic = &gathered.complained.topics[place];
    let members = &topic.members[target];
    let contrast = shares(members, &topic.everybody.without(members), YES)?;
    let label = "complain, where they have written, in words like {level}";
    let about = (COMPLAINTS, label, Facet::PainPoints, FEEDBACK);
    let made = of_level(&contrast, &topic.words, about, format!("{COMPLAINTS}_{place}"), of, date);
    Some(Piece { evidence: made, chance: contrast.chance, number: None, scale: None })
}

/// The evidence of a level; what it is about is a variable, its label, facet and source.
fn of_level(
    found: &ShareContrast,
    level: &String,
    (variable, label, facet, source): (&str, &str, Facet, &str),
    id: String,
    of: &Target,
    date: NaiveDate,
) -> Evidence {
    let (value, effect) = of_share(found, Some(level));
    Evidence {
        id,
        variable: variable.to_owned(),
        label: label.to_owned(),
        facet,
        source: source.to_owned(),
        state: State::Observed,
        n: found.n,
        n_rest: found.n_rest,
        value,
        effect,
        q: None,
        coverage: coverage(found.n, of.n_members),
        reliability: None,
        accuracy: None,
        date,
    }
}

fn of_share(contrast: &ShareContrast, level: Option<&String>) -> (Value, Effect) {
    let (segment, rest) = (contrast.share.value, contrast.share_rest.value);
    let (people, people_rest) = (contrast.n_yes, contrast.n_yes_rest);
    let value = match level {
        Some(level) => Value::Level { level: level.clone(), segment, rest, people, people_rest },
        None => Value::Share { segment, rest, people, people_rest },
    };
    (value, effect(EffectKind::CohenH, contrast.h))
}

fn effect(kind: EffectKind, estimate: Estimate) -> Effect {
    Effect { kind, value: estimate.value, interval: (estimate.low, estimate.high) }
}

fn coverage(n: u64, n_members: u64) -> f64 {
    (n as f64 / n_members.max(1) as f64).clamp(0.0, 1.0)
}
