//! Reads scores: those that rank, those that a model of purchases predicts, and classifiers.

use super::parse::Reader;
use super::{
    Bound, Classifier, Definition, End, Family, Header, Model, Parsed, Part, Prediction, Predicts, Score,
    Scoring,
};
use crate::condition::At;
use crate::condition::references::Reference;
use crate::document::{Entry, Errors, Section, Text, listed};
use crate::name::ScoreName;
use crate::table::Subject;

/// What a score may have beside what every definition may.
pub(super) const KEYS: [&str; 10] = [
    "among",
    "by",
    "descending",
    "discount_rate",
    "features",
    "horizon_days",
    "interval",
    "model",
    "predicts",
    "tiles",
];
/// Of these, what belongs to ranks alone, …
const RANKING: [&str; 3] = ["tiles", "by", "descending"];
/// … to models of purchases, …
const PREDICTING: [&str; 3] = ["predicts", "discount_rate", "interval"];
/// … and to classifiers.
const LEARNING: [&str; 1] = ["features"];
/// So far ahead one may look: ten years.
const MOST_DAYS: u32 = 3_652;

impl<'d> Reader<'_, 'd> {
    pub(super) fn read_score(
        &mut self,
        section: &Section<'_, 'd>,
        entry: &Entry,
        header: Header,
    ) -> Option<Score> {
        let name = self.named(entry, ScoreName::new);
        let how = match section.get("model") {
            None => self.read_rank(section),
            Some(model) => match model.text(&mut Errors::new()) {
                Some(word) if word.value == Classifier::WORD => {
                    self.read_classifier(section, word, header.subject)
                }
                _ => self.read_prediction(section, &model, header.subject),
            },
        };
        let among = match section.get("among") {
            Some(entry) => {
                let text = entry.text(self.errors)?;
                Some(self.condition(text, header.subject)?)
            }
            None => None,
        };
        Some(Score { name: name?, header, how: how?, among })
    }

    /// The scores of the ends of an interval, where a score has one: `clv_low` and `clv_high` of a score `clv`.
    pub(super) fn read_ends(
        &mut self,
        section: &Section<'_, 'd>,
        entry: &Entry<'_, 'd>,
        score: &Score,
        needs: &[Text<'d>],
    ) -> Vec<Parsed<'d>> {
        let Some(interval) = section.get("interval") else { return Vec::new() };
        let Scoring::Prediction(prediction) = score.how else { return Vec::new() };
        if prediction.predicts != Predicts::CustomerLifetimeValue {
            self.errors.push(interval.error(
                format!("`{}` has no interval", prediction.predicts),
                format!("leave `interval` out; `{}` has one", Predicts::CustomerLifetimeValue),
            ));
            return Vec::new();
        }
        let Some(level) = interval.number().filter(|level| Bound::LEVELS.contains(level)) else {
            let wanted = format!("a share from {} to {}", Bound::LEVELS.start(), Bound::LEVELS.end());
            self.errors.push(interval.wrong(&wanted, "write four of five customers as `0.8`"));
            return Vec::new();
        };
        let one = |end: End| {
            let name = format!("{}_{}", score.name, end.as_str());
            let bound = Some(Bound { end, level });
            let ends = Score {
                name: ScoreName::new(name.clone()).ok()?,
                header: Header {
                    title: format!("{}, {} end", score.header.title, end.as_str()),
                    about: Some(about(&score.name, end, level)),
                    ..score.header.clone()
                },
                how: Scoring::Prediction(Prediction { bound, ..prediction }),
                among: score.among.clone(),
            };
            let mut definition = Definition::Score(ends);
            definition.header_mut().version = definition.version();
            Some(Parsed {
                family: Family::Score,
                name: Text { value: name, ..entry.key() },
                subject: Some(score.header.subject),
                origin: self.origin,
                definition: Some(definition),
                parts: self.parts.clone(),
                aims: Vec::new(),
                needs: needs.to_vec(),
            })
        };
        End::ALL.into_iter().filter_map(one).collect()
    }

    fn read_rank(&mut self, section: &Section<'_, 'd>) -> Option<Scoring> {
        let others = [&PREDICTING[..], &LEARNING, &["horizon_days"]].concat();
        self.refuse(section, &others, "`model = \"mbg_nbd\"` makes a prediction of a score");
        let tiles = section.get("tiles").map_or(Some(5), |entry| entry.whole(2, self.errors));
        let descending = section.get("descending").map_or(Some(false), |entry| entry.truth(self.errors));
        let by = section.required_text("by", "\"revenue\"", self.errors)?;
        self.speaks_of(by.clone(), &[&by.value]);
        let tiles = u32::try_from(tiles?).unwrap_or(u32::MAX);
        Some(Scoring::Rank { tiles, by: by.value, descending: descending? })
    }

    fn read_prediction(
        &mut self,
        section: &Section<'_, 'd>,
        model: &Entry<'_, 'd>,
        subject: Subject,
    ) -> Option<Scoring> {
        let others = [&RANKING[..], &LEARNING].concat();
        self.refuse(section, &others, "a model of purchases predicts from purchases, and ranks nobody");
        let named = model.text(self.errors)?;
        let Some(chosen) = Model::ALL.into_iter().find(|model| model.as_str() == named.value) else {
            let known = Model::ALL.into_iter().map(Model::as_str).chain([Classifier::WORD]);
            let message = format!("there is no model `{}`", named.value);
            self.errors.push(model.error(message, format!("it is one of {}", listed(known, "and"))));
            return None;
        };
        let words = Predicts::ALL.map(|predicts| (predicts.as_str(), predicts));
        let predicts = match section.get("predicts") {
            Some(entry) => entry.word(&words, self.errors).map(|predicts| (predicts, entry)),
            None => {
                section.required_text("predicts", "\"expected_purchases\"", self.errors);
                None
            }
        };
        let horizon_days = self.horizon(section, Prediction::HORIZON_DAYS);
        let discount_rate = match section.get("discount_rate") {
            Some(entry) => {
                let rate = entry.number().filter(|rate| (0.0..=1.0).contains(rate));
                if rate.is_none() {
                    self.errors.push(entry.wrong("a share from 0 to 1", "write 10 % a year as `0.1`"));
                }
                rate
            }
            None => Some(Prediction::DISCOUNT_RATE),
        };
        let (predicts, entry) = predicts?;
        if !chosen.can(predicts) {
            let able = Model::ALL.into_iter().filter(|model| model.can(predicts)).map(Model::as_str);
            let message = format!("the model `{chosen}` cannot predict `{predicts}`");
            self.errors.push(entry.error(message, format!("{} can", listed(able, "and"))));
            return None;
        }
        let (horizon_days, discount_rate) = (horizon_days?, discount_rate?);
        let how = Scoring::Prediction(Prediction {
            model: chosen,
            predicts,
            horizon_days,
            discount_rate,
            bound: None,
        });
        self.speaks_of(named, &how.columns(subject));
        Some(how)
    }

    fn read_classifier(
        &mut self,
        section: &Section<'_, 'd>,
        word: Text<'d>,
        subject: Subject,
    ) -> Option<Scoring> {
        let others = [&RANKING[..], &PREDICTING].concat();
        self.refuse(
            section,
            &others,
            "a classifier says how likely it is that no purchase comes, from `features`",
        );
        let horizon_days = self.horizon(section, Classifier::HORIZON_DAYS);
        let Some(entry) = section.get("features") else {
            self.errors.push(section.missing("features", "[\"days_since_last_order\", \"n_orders\"]"));
            return None;
        };
        let features: Vec<String> =
            entry.texts(self.errors).into_iter().map(|feature| feature.value).collect();
        if features.is_empty() {
            self.errors.push(entry.error(
                "a classifier learns from at least one trait",
                "name some, as `[\"days_since_last_order\", \"n_orders\"]`",
            ));
            return None;
        }
        let how = Scoring::Classifier(Classifier { features, horizon_days: horizon_days? });
        self.speaks_of(word, &how.columns(subject));
        Some(how)
    }

    fn horizon(&mut self, section: &Section<'_, 'd>, usual: u32) -> Option<u32> {
        let Some(entry) = section.get("horizon_days") else { return Some(usual) };
        let days = u32::try_from(entry.whole(1, self.errors)?).ok().filter(|days| *days <= MOST_DAYS);
        if days.is_none() {
            let wanted = format!("a number of days up to {MOST_DAYS}");
            self.errors.push(entry.wrong(&wanted, "no model can be trusted further than ten years"));
        }
        days
    }

    /// Notes that a text stands for these columns of the subject.
    fn speaks_of(&mut self, text: Text<'d>, columns: &[&str]) {
        let references =
            columns.iter().map(|name| (Reference::Subject((*name).to_owned()), At::default())).collect();
        self.parts.push(Part { text, references });
    }

    /// Says of each key that it does not belong to a score of this sort.
    fn refuse(&mut self, section: &Section<'_, 'd>, keys: &[&str], hint: &str) {
        for entry in keys.iter().filter_map(|key| section.get(key)) {
            self.errors.push(entry.error(format!("`{}` does not belong here", entry.path), hint));
        }
    }
}

/// What an end of an interval says, in a sentence.
fn about(of: &ScoreName, end: End, level: f64) -> String {
    let beyond = (100.0 * (1.0 - level) / 2.0 * 10.0).round() / 10.0;
    match end {
        End::Low => format!(
            "{beyond} of 100 such customers bring less. With `{of}_high` it makes the interval in which what one of them brings lies \
             with a probability of {:.0} %.",
            100.0 * level
        ),
        End::High => format!(
            "{beyond} of 100 such customers bring more. With `{of}_low` it makes the interval in which what one of them brings lies \
             with a probability of {:.0} %.",
            100.0 * level
        ),
    }
}
