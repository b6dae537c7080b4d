//! Items as tables call them: which item a question is, and what an answer counts towards its scale.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::form::{Question, questions_of};
use super::instrument::{Content, Instrument};
use super::kano::Feature;
use super::own_text::{ItemTexts, Permission};
use super::read::{Reason, value};
use super::text::normal;
use crate::error::SpecError;
use crate::manifest::Survey;
use crate::name::SurveyName;

/// The items of a project's surveys, by the ids and texts of their questions.
#[derive(Debug, Clone, Default)]
pub struct Items {
    items: Vec<KnownItem>,
    /// Places in `items` by the words of a question; none where two have the same.
    by_words: HashMap<String, Option<usize>>,
}

/// An item of a survey.
#[derive(Debug, Clone)]
pub struct KnownItem {
    /// The survey's place.
    pub survey: usize,
    /// Its id.
    pub item: String,
    question: Question,
    counts: Counts,
}

/// What answers to an item count.
#[derive(Debug, Clone)]
enum Counts {
    /// Their number towards one trait, turned round where `turned`, least and greatest answer together, is known: where more of the
    /// answer is less of the scale.
    Number { of: String, turned: Option<i64> },
    /// A point for the trait of whatever was chosen, by its place among all, or one against it.
    Choice { of: Vec<String>, points: i64 },
    /// The place of what was chosen, towards nothing.
    Place,
}

/// What one answer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted<'a> {
    /// The trait that it counts towards; none of an answer that is a wish in itself.
    pub scale: Option<&'a str>,
    /// How much.
    pub points: i64,
}

impl KnownItem {
    /// The trait that all answers to it count towards; none where that hangs on the answer.
    pub fn scale(&self) -> Option<&str> {
        match &self.counts {
            Counts::Number { of, .. } => Some(of),
            Counts::Choice { .. } | Counts::Place => None,
        }
    }

    /// What an answer counts: its number, turned round where more of the answer is less of the scale; or, of sets of which the best and
    /// the worst are chosen, a point for what was chosen or one against it. Answers may be numbers, labels, or both.
    pub fn counted(&self, answer: &str) -> Result<Counted<'_>, Reason> {
        let value = value::value(&self.question, answer)?;
        Ok(match &self.counts {
            Counts::Number { of, turned } => {
                Counted { scale: Some(of), points: turned.map_or(value, |turned| turned - value) }
            }
            Counts::Choice { of, points } => {
                let place = usize::try_from(value - 1).ok();
                let scale = place.and_then(|place| of.get(place)).map(String::as_str);
                Counted { scale, points: *points }
            }
            Counts::Place => Counted { scale: None, points: value },
        })
    }
}

impl Items {
    /// Those of these surveys.
    pub fn of(surveys: &[Survey]) -> Items {
        let mut known = Items::default();
        for (place, survey) in surveys.iter().enumerate() {
            for question in questions_of(&survey.instrument, &survey.features) {
                let counts = counts(survey, &question);
                known.items.extend(counts.map(|counts| KnownItem {
                    survey: place,
                    item: question.id.clone(),
                    question,
                    counts,
                }));
            }
        }
        for (place, item) in known.items.iter().enumerate() {
            let question = &item.question;
            let whole = format!("{} {}", question.instruction, question.text);
            let mut keys = vec![normal(&question.id)];
            if !question.text.is_empty() {
                keys.extend([normal(&question.text), normal(&question.title), normal(&whole)]);
            }
            keys.sort();
            keys.dedup();
            for key in keys.into_iter().filter(|key| !key.is_empty()) {
                let taken = known.by_words.contains_key(&key);
                known.by_words.insert(key, (!taken).then_some(place));
            }
        }
        known
    }

    /// Those of one instrument, as a survey that is called by its dimension. None of one whose items a project names.
    pub fn of_instrument(instrument: &Instrument) -> Option<Items> {
        if instrument.kano().is_some() {
            return None;
        }
        let name = SurveyName::new(instrument.aspects_dimension.as_str()).ok()?;
        Some(Items::of(&[Survey::new(name, instrument.clone())]))
    }

    /// All of them, survey by survey, in the order in which they are asked.
    pub fn iter(&self) -> impl Iterator<Item = &KnownItem> {
        self.items.iter()
    }

    /// The item that a question is, by its id or by what people read. None where it is none, or could be two.
    pub fn find(&self, question: &str) -> Option<&KnownItem> {
        let place = self.by_words.get(&normal(question)).copied().flatten()?;
        self.items.get(place)
    }
}

/// A survey as plans carry it.
#[derive(Debug, Serialize, Deserialize)]
struct Carried {
    survey: SurveyName,
    instrument: String,
    /// Where the text is not the one that is shipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    texts: Option<BTreeMap<String, String>>,
    /// The features that are asked about, by their ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    features: Vec<(String, String)>,
}

/// Surveys as one text, which [`Items::from_text`] reads.
pub fn surveys_to_text(surveys: &[Survey]) -> String {
    let carried = surveys.iter().map(|survey| {
        let rating = survey.rating().filter(|_| survey.instrument.has_own_text);
        let text = |item: &super::instrument::Item| Some((item.id.clone(), item.text.clone()?));
        Carried {
            survey: survey.name.clone(),
            instrument: survey.instrument.id.clone(),
            texts: rating.map(|rating| rating.items.iter().filter_map(text).collect()),
            features: survey.features.iter().map(|each| (each.id.clone(), each.name.clone())).collect(),
        }
    });
    // Names and texts have no form that JSON lacks.
    serde_json::to_string(&carried.collect::<Vec<_>>()).unwrap_or_default()
}

impl Items {
    /// The items of surveys that were written as a text.
    ///
    /// # Errors
    /// When it is no such text.
    pub fn from_text(text: &str) -> Result<Items, SpecError> {
        let unread = |error: serde_json::Error| SpecError::new(format!("surveys cannot be read: {error}"));
        let carried: Vec<Carried> = serde_json::from_str(text).map_err(unread)?;
        let survey = |carried: Carried| {
            let shipped = Instrument::find(&carried.instrument)?;
            let instrument = match carried.texts {
                None => shipped.clone(),
                Some(texts) => shipped.with_text(&ItemTexts::new("surveys", texts), Permission::Held)?,
            };
            let feature = |(id, name)| Feature { id, name };
            let features = carried.features.into_iter().map(feature).collect();
            Ok(Survey { features, ..Survey::new(carried.survey, instrument) })
        };
        let surveys = carried.into_iter().map(survey).collect::<Result<Vec<_>, SpecError>>()?;
        Ok(Items::of(&surveys))
    }
}

/// What answers to a question of a survey count; none of a question that is none of its items.
fn counts(survey: &Survey, question: &Question) -> Option<Counts> {
    match &survey.instrument.content {
        Content::Rating(rating) => {
            let item = rating.items.iter().find(|item| item.id == question.id)?;
            let turned = (item.key < 0).then_some(rating.response.min + rating.response.max);
            Some(Counts::Number { of: survey.trait_of(&item.scale)?, turned })
        }
        Content::BestWorst { best_worst, .. } => {
            let is =
                |id: &dyn Fn(usize) -> String| (0..best_worst.sets.len()).any(|set| id(set) == question.id);
            let points = match () {
                () if is(&|set| best_worst.best_id(set)) => 1,
                () if is(&|set| best_worst.worst_id(set)) => -1,
                () => return Some(Counts::Place),
            };
            Some(Counts::Choice { of: survey.scales().map(|(_, name)| name).collect(), points })
        }
        Content::Kano(kano) => {
            let asks = |feature: &&Feature| {
                let pair = kano.pair(feature);
                [pair.functional.0, pair.dysfunctional.0].contains(&question.id)
            };
            let feature = survey.features.iter().find(asks)?;
            Some(Counts::Number { of: survey.trait_of_feature(feature), turned: None })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Manifest;

    #[test]
    fn questions_are_found_by_id_and_text_and_answers_are_turned_round() {
        let text = "[project]\ntitle = \"T\"\n[surveys.attitudes]\ninstrument = \"attitudes-24-cc0\"\n";
        let manifest = Manifest::parse(&[("strata.toml".to_owned(), text.to_owned())]).unwrap();
        let items = Items::of(&manifest.surveys);
        assert_eq!(items.iter().count(), 24);
        let found = items.find("3. The price of a product hardly affects my choice").unwrap();
        assert_eq!(found.scale(), Some("attitudes_price_consciousness"));
        assert_eq!(items.find(&found.item).unwrap().item, found.item);
        let points = |item: &KnownItem, answer: &str| item.counted(answer).map(|counted| counted.points);
        assert_eq!(
            ["1", "Agree", "5 - Strongly agree"].map(|answer| points(found, answer)),
            [Ok(5), Ok(2), Ok(1)]
        );
        assert!(matches!(found.counted("6"), Err(Reason::OutOfRange { .. })));
        let straight = items.find("I compare prices before I buy.").unwrap();
        assert_eq!(points(straight, "4"), Ok(4));
        let carried = Items::from_text(&surveys_to_text(&manifest.surveys)).unwrap();
        assert_eq!(carried.find(&found.item).unwrap().scale(), found.scale());
        assert!(Items::from_text("[{}]").is_err());
        assert!(items.find("How likely are you to recommend us to a friend?").is_none());
    }

    #[test]
    fn choices_count_for_and_against_what_was_chosen_and_pairs_for_their_feature() {
        let text = "[project]\ntitle = \"T\"\n[surveys.ads]\ninstrument = \"ad-bws-7-cc0\"\n\
                    [surveys.wishes]\ninstrument = \"kano\"\n[surveys.wishes.features]\nfree_returns = \"free returns\"\n";
        let manifest = Manifest::parse(&[("strata.toml".to_owned(), text.to_owned())]).unwrap();
        let items = Items::from_text(&surveys_to_text(&manifest.surveys)).unwrap();
        // Seven sets of two questions, two about contact, two about the feature.
        assert_eq!(items.iter().count(), 18);
        for (question, answer, scale, points) in [
            ("ad_set3_best", "Advice from an expert", Some("ads_expert_advice"), 1),
            ("ad_set3_worst", "1", Some("ads_information"), -1),
            ("How may we contact you?", "sms", None, 3),
            (
                "If we did not offer free returns, how would you feel?",
                "I would dislike it",
                Some("wishes_free_returns"),
                5,
            ),
            ("kano_free_returns_with", "1", Some("wishes_free_returns"), 1),
        ] {
            let found = items.find(question).unwrap_or_else(|| panic!("{question}"));
            assert_eq!(found.counted(answer), Ok(Counted { scale, points }), "{question}");
        }
        let set = items.find("ad_set3_best").unwrap();
        assert_eq!(set.scale(), None);
        assert!(matches!(set.counted("2"), Err(Reason::OutOfRange { .. })), "an appeal of another set");
    }
}
