//! Items as tables call them: which item a question is, and what an answer counts towards its scale.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::form::{Question, questions_of};
use super::instrument::{Instrument, Rating};
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
    /// The trait of the scale that it counts towards.
    pub scale: String,
    question: Question,
    /// Least and greatest answer together, where more of the answer is less of the scale.
    turned: Option<i64>,
}

impl KnownItem {
    /// What an answer counts towards the scale: its number, turned round where more of the answer is less of the scale. Answers may be
    /// numbers, labels, or both.
    pub fn points(&self, answer: &str) -> Result<i64, Reason> {
        let value = value::value(&self.question, answer)?;
        Ok(self.turned.map_or(value, |turned| turned - value))
    }
}

impl Items {
    /// Those of these surveys.
    pub fn of(surveys: &[Survey]) -> Items {
        let mut known = Items::default();
        for (place, survey) in surveys.iter().enumerate() {
            let Some(rating) = survey.rating() else { continue };
            for question in questions_of(&survey.instrument, &[]) {
                known.items.extend(item(survey, place, rating, question));
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

    /// Those of one instrument, as a survey that is called by its dimension. None of one without scales.
    pub fn of_instrument(instrument: &Instrument) -> Option<Items> {
        instrument.rating()?;
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
            Ok(Survey::new(carried.survey, instrument))
        };
        let surveys = carried.into_iter().map(survey).collect::<Result<Vec<_>, SpecError>>()?;
        Ok(Items::of(&surveys))
    }
}

fn item(survey: &Survey, place: usize, rating: &Rating, question: Question) -> Option<KnownItem> {
    let item = rating.items.iter().find(|item| item.id == question.id)?;
    Some(KnownItem {
        survey: place,
        item: item.id.clone(),
        scale: survey.trait_of(&item.scale)?,
        turned: (item.key < 0).then_some(rating.response.min + rating.response.max),
        question,
    })
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
        assert_eq!(found.scale, "attitudes_price_consciousness");
        assert_eq!(items.find(&found.item).unwrap().item, found.item);
        assert_eq!(
            [found.points("1"), found.points("Agree"), found.points("5 - Strongly agree")],
            [Ok(5), Ok(2), Ok(1)]
        );
        assert!(matches!(found.points("6"), Err(Reason::OutOfRange { .. })));
        let straight = items.find("I compare prices before I buy.").unwrap();
        assert_eq!(straight.points("4"), Ok(4));
        let carried = Items::from_text(&surveys_to_text(&manifest.surveys)).unwrap();
        assert_eq!(carried.find(&found.item).unwrap().scale, found.scale);
        assert!(Items::from_text("[{}]").is_err());
        assert!(items.find("How likely are you to recommend us to a friend?").is_none());
    }
}
