//! Packs: how much a person is asked, from a minute to the whole set in three forms.

use super::form::{Consent, Form, FormSection, questions_of, sections_of};
use super::instrument::{AspectsDimension, Content, Instrument};
use super::kano::Feature;
use crate::document::{listed, suggestion};
use crate::error::SpecError;

/// How much is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pack {
    /// Six questions that place somebody in a segment, two about the last contact, and how to reach them: a minute.
    Pulse,
    /// Traits (four items each), values and attitudes: six minutes.
    Core,
    /// Everything, in three forms of which each leaves one block out: about ten minutes.
    Full,
}

/// A part of the full set. Everybody gets X; each form leaves out one of the others.
///
/// A block is made of whole instruments. Any two of them still meet in one form at least, so that everything that relates two instruments
/// can be estimated; and no score is taken over half a scale, or centred on other items than those of the next person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Block {
    /// Values, needs, feelings, contact and features.
    X,
    /// Traits.
    A,
    /// Attitudes and appeals.
    B,
    /// Interests.
    C,
}

/// What a project chooses about its packs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PackOptions {
    /// The ids of the questions that place somebody best, as a model found them. Some attitudes stand in until it has.
    pub golden: Vec<String>,
    /// Features to ask about in pairs.
    pub features: Vec<Feature>,
    /// What people agree to.
    pub consent: Option<Consent>,
    /// Instruments with a text, each in the place of the shipped ones of rated items for its dimension.
    pub own: Vec<Instrument>,
}

/// What stands in for questions found by a model: one of each kind that rarely go together.
const GOLDEN: [&str; 6] = ["att_pri1", "att_qua1", "att_loy1", "att_inn1", "att_eco1", "att_con1"];

/// One pleasant and one unpleasant feeling.
const VALENCE: [&str; 2] = ["emo_pa3", "emo_nd2"];

/// So many items of a trait are asked in the core.
const CORE_ITEMS_OF_TRAIT: usize = 4;

impl Pack {
    /// Every pack with its word.
    pub const WORDS: [(&'static str, Pack); 3] =
        [("pulse", Pack::Pulse), ("core", Pack::Core), ("full", Pack::Full)];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Pack::Pulse => "pulse",
            Pack::Core => "core",
            Pack::Full => "full",
        }
    }

    /// The pack of that word.
    pub fn parse(word: &str) -> Result<Pack, SpecError> {
        let words = || Pack::WORDS.iter().map(|(word, _)| *word);
        let found = Pack::WORDS.iter().find(|(known, _)| *known == word);
        found.map(|(_, pack)| *pack).ok_or_else(|| {
            let hint = suggestion(word, words(), || format!("there are {}", listed(words(), "and")));
            SpecError::new(format!("no pack is called `{word}`")).with_hint(hint)
        })
    }

    /// Its forms: one, or the three of the full set.
    pub fn forms(self, options: &PackOptions) -> Result<Vec<Form>, SpecError> {
        let form = |id: &str, title: &str, sections: Vec<FormSection>, left_out: Option<Block>| {
            let form = Form::of_sections(id, title, sections)?;
            Ok(Form { pack: Some(self), left_out, consent: options.consent.clone(), ..form })
        };
        match self {
            Pack::Pulse => Ok(vec![form("pulse", "A minute about you and us", pulse(options)?, None)?]),
            Pack::Core => Ok(vec![form("core", "What matters to you", core(options)?, None)?]),
            Pack::Full => [(1, Block::A), (2, Block::B), (3, Block::C)]
                .into_iter()
                .map(|(number, left_out)| {
                    let sections = full(options, left_out)?;
                    form(&format!("full-{number}"), "All about what matters to you", sections, Some(left_out))
                })
                .collect(),
        }
    }

    /// Which of `n_forms` a person gets, from 0: always the same, and as good as drawn by lot.
    pub fn form_of(respondent: &str, n_forms: usize) -> usize {
        let digest = blake3::hash(respondent.as_bytes());
        let number =
            digest.as_bytes().iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        // Fewer forms than the numbers of a usize, so that the remainder fits.
        (number % n_forms.max(1) as u64) as usize
    }
}

impl Block {
    /// The block of an instrument.
    pub fn of(instrument: &Instrument) -> Block {
        match (instrument.aspects_dimension, &instrument.content) {
            (AspectsDimension::Traits, _) => Block::A,
            (AspectsDimension::Attitudes, _) | (_, Content::BestWorst { .. }) => Block::B,
            (AspectsDimension::PersonalInterests, _) => Block::C,
            _ => Block::X,
        }
    }
}

fn pulse(options: &PackOptions) -> Result<Vec<FormSection>, SpecError> {
    let all = instruments(options);
    let golden: Vec<&str> = match options.golden.is_empty() {
        true => GOLDEN.to_vec(),
        false => options.golden.iter().map(String::as_str).collect(),
    };
    let known: Vec<String> = all
        .iter()
        .flat_map(|instrument| questions_of(instrument, &options.features))
        .map(|question| question.id)
        .collect();
    if let Some(wrong) = golden.iter().find(|id| known.iter().all(|known| known != *id)) {
        let ids = || known.iter().map(String::as_str);
        let hint = suggestion(wrong, ids(), || "name items of instruments that the project asks".to_owned());
        return Err(SpecError::new(format!("no question is called `{wrong}`")).with_hint(hint));
    }
    let wanted = |id: &str| golden.contains(&id) || VALENCE.contains(&id) || id == "contact_channel";
    some_of(&all, options, |_, id| wanted(id))
}

fn core(options: &PackOptions) -> Result<Vec<FormSection>, SpecError> {
    let dimensions = [AspectsDimension::Attitudes, AspectsDimension::SocialValues, AspectsDimension::Traits];
    let mut all = instruments(options);
    all.retain(|instrument| dimensions.contains(&instrument.aspects_dimension));
    some_of(&all, options, |instrument, id| {
        let Some(rating) = instrument.rating() else { return true };
        if instrument.aspects_dimension != AspectsDimension::Traits {
            return true;
        }
        let scale = rating.items.iter().find(|item| item.id == id).map_or("", |item| item.scale.as_str());
        rating.items_of(scale).take(CORE_ITEMS_OF_TRAIT).any(|item| item.id == id)
    })
}

fn full(options: &PackOptions, left_out: Block) -> Result<Vec<FormSection>, SpecError> {
    let mut all = instruments(options);
    // How to reach somebody is asked of everybody, though the appeals beside it are not.
    let contact = |id: &str| id.starts_with("contact_");
    all.retain(|instrument| {
        Block::of(instrument) != left_out || matches!(instrument.content, Content::BestWorst { .. })
    });
    some_of(&all, options, |instrument, id| Block::of(instrument) != left_out || contact(id))
}

/// What a project asks: feelings about the last contact first, while they are fresh, traits last.
fn instruments(options: &PackOptions) -> Vec<&Instrument> {
    let order = [
        AspectsDimension::Emotions,
        AspectsDimension::Attitudes,
        AspectsDimension::ConsciousNeeds,
        AspectsDimension::SocialValues,
        AspectsDimension::PersonalInterests,
        AspectsDimension::Traits,
    ];
    let mut instruments = Vec::new();
    for dimension in order {
        let own = || options.own.iter().filter(move |own| own.aspects_dimension == dimension);
        let kept = |each: &&Instrument| each.rating().is_none() || own().next().is_none();
        instruments.extend(own());
        for shipped in Instrument::defaults(dimension).filter(kept) {
            instruments.push(shipped);
        }
    }
    for shipped in Instrument::shipped() {
        if matches!(shipped.content, Content::Kano(_)) && !options.features.is_empty() {
            instruments.push(shipped);
        }
    }
    instruments
}

fn some_of(
    instruments: &[&Instrument],
    options: &PackOptions,
    wanted: impl Fn(&Instrument, &str) -> bool,
) -> Result<Vec<FormSection>, SpecError> {
    let mut some = Vec::new();
    for instrument in instruments {
        let mut sections = sections_of(instrument, &options.features)?;
        for section in &mut sections {
            section.questions.retain(|question| wanted(instrument, &question.id));
        }
        some.extend(sections);
    }
    Ok(some)
}
