//! Reads `[surveys.…]`: the questionnaires that customers were asked. Each of their scales is a trait.

use std::fmt::Write as _;

use toml::Value;

use crate::condition::Interval;
use crate::document::{Entry, Errors, Section};
use crate::error::SpecError;
use crate::name::SurveyName;
use crate::survey::{AspectsDimension, Instrument, ItemTexts, Permission, Rating, Scale};

/// A questionnaire that customers were asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    /// What its traits begin with.
    pub name: SurveyName,
    /// What was asked.
    pub instrument: Instrument,
    /// How long an answer counts, as `24 months`: what somebody said earlier says nothing of them any more.
    pub retention: String,
}

/// How long answers count unless a project says so; those about feelings, which pass, for less.
const RETENTION: &str = "24 months";
const RETENTION_OF_EMOTIONS: &str = "90 days";

impl Survey {
    /// A survey whose answers count for as long as is usual.
    pub fn new(name: SurveyName, instrument: Instrument) -> Survey {
        let retention = match instrument.aspects_dimension {
            AspectsDimension::Emotions => RETENTION_OF_EMOTIONS,
            _ => RETENTION,
        };
        Survey { name, instrument, retention: retention.to_owned() }
    }

    /// Whether an answer still counts, over the rows of `responses`, as the language and SQL have it; `as_of` is the instant. An answer
    /// without a date counts.
    pub fn still_counts(&self, as_of: &str) -> String {
        format!("(answered_at is null or answered_at >= {as_of} - interval '{}')", self.retention)
    }

    /// The items and scales; those of a survey are always rated.
    pub fn rating(&self) -> Option<&Rating> {
        self.instrument.rating()
    }

    /// The trait that a scale is, by its id: `attitudes_price_consciousness`.
    pub fn trait_of(&self, scale: &str) -> Option<String> {
        let scale = self.rating()?.scales.iter().find(|each| each.id == scale)?;
        Some(trait_name(&self.name, scale))
    }

    /// Whether a scale is told of groups only, and never of a person: feelings pass, and some traits say something of health.
    pub fn is_of_groups_only(&self, scale: &Scale) -> bool {
        scale.is_of_groups_only || self.instrument.aspects_dimension == AspectsDimension::Emotions
    }

    /// The trait that says whether somebody has answered enough for any scale: `attitudes_state`.
    pub fn state(&self) -> String {
        format!("{}_state", self.name)
    }

    /// Every scale with its trait.
    pub fn scales(&self) -> impl Iterator<Item = (&Scale, String)> {
        let scales = self.rating().into_iter().flat_map(|rating| &rating.scales);
        scales.map(|scale| (scale, trait_name(&self.name, scale)))
    }
}

fn trait_name(survey: &SurveyName, scale: &Scale) -> String {
    let mut name = survey.to_string();
    let words = scale.name.split(|each: char| !each.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    for word in words {
        name.push('_');
        name.push_str(&word.to_ascii_lowercase());
    }
    name
}

pub(super) fn surveys(section: &Section, errors: &mut Errors) -> Vec<Survey> {
    let mut surveys: Vec<Survey> = Vec::new();
    for entry in section.entries() {
        let Some(survey) = survey(&entry, errors) else { continue };
        // An answer counts towards one scale.
        match surveys.iter().find(|known| known.instrument.id == survey.instrument.id) {
            Some(known) => errors.push(entry.key().error(
                format!("`{}` is the instrument of `{}` already", survey.instrument.id, known.name),
                "one survey for each instrument: the latest answers of a person count",
            )),
            None => surveys.push(survey),
        }
    }
    surveys
}

fn survey(entry: &Entry, errors: &mut Errors) -> Option<Survey> {
    let section = entry.section(errors)?;
    section.only(&["instrument", "permission", "items", "retention"], errors);
    let name = SurveyName::new(entry.name.clone());
    let name = name.map_err(|fault| errors.push(entry.key().located(fault))).ok();
    let id = section.required_text("instrument", "\"attitudes-24-cc0\"", errors)?;
    let permission = section.get("permission").and_then(|entry| entry.truth(errors));
    let mut refuse = |fault: SpecError| errors.push(id.located(fault));
    let shipped = Instrument::find(&id.value).map_err(&mut refuse).ok()?;
    if shipped.rating().is_none() {
        refuse(
            SpecError::new(format!("`{}` has no scales, which a survey is measured by", shipped.id))
                .with_hint("take an instrument with rated items: `strata survey list` shows them"),
        );
        return None;
    }
    let instrument = match section.get("items").and_then(|entry| entry.section(errors)) {
        None => shipped.clone(),
        Some(items) => {
            let mut texts = Vec::new();
            for item in items.entries() {
                texts.push((item.name.clone(), item.text(errors)?.value));
            }
            let permission = if permission == Some(true) { Permission::Held } else { Permission::NotHeld };
            let texts = ItemTexts::new(id.document.file, texts);
            let with_text = shipped.with_text(&texts, permission);
            with_text
                .map_err(|fault| errors.push(items.error(fault.message, fault.hint.unwrap_or_default())))
                .ok()?
        }
    };
    let mut survey = Survey::new(name?, instrument);
    if let Some(retention) = section.text("retention", errors) {
        let length = Interval::parse(&retention.value).ok().filter(|length| length.is_positive());
        if length.is_none() {
            errors.push(retention.error(
                format!("`{}` is no length of time", retention.value),
                "write it as \"24 months\" or \"90 days\"",
            ));
        }
        survey.retention = retention.value;
    }
    Some(survey)
}

/// The traits of a survey, as a file that might define them; and what errors call it.
///
/// A scale is the mean of what somebody last said to each of its items, if they said enough. Scales of a block that is ipsatised have the
/// mean of the block taken off: what is left is what matters more to somebody than other things do.
pub(super) fn definitions_of(survey: &Survey) -> (String, String) {
    let mut text = String::new();
    let quoted = |text: &str| Value::String(text.to_owned()).to_string();
    let Some(rating) = survey.rating() else { return (String::new(), text) };
    let least =
        |n_items: usize| (rating.scoring.min_answered_fraction * n_items as f64 - 1e-9).ceil().max(1.0);
    let names: Vec<String> = survey.scales().map(|(_, name)| format!("'{name}'")).collect();
    let counts = survey.still_counts("as_of");
    let block = format!(
        "latest_mean(responses.points, responses.item, {}) filter (where scale in ({}) and {counts})",
        least(rating.items.len()),
        names.join(", ")
    );
    for (scale, name) in survey.scales() {
        let ends = [("low", &scale.low_label), ("high", &scale.high_label)];
        let ends = ends.map(|(end, label)| label.as_ref().map(|label| format!(" {end}: {label}.")));
        let about = format!(
            "Mean of {} items of {}.{}",
            scale.n_items,
            survey.instrument.name,
            ends.into_iter().flatten().collect::<String>()
        );
        let mut value = format!(
            "latest_mean(responses.points, responses.item, {}) filter (where scale = '{name}' and {counts})",
            least(scale.n_items)
        );
        if rating.scoring.is_ipsatised {
            write!(value, " - {block}").ok();
        }
        let unit = match rating.scoring.is_ipsatised {
            true => "points above the person's mean".to_owned(),
            false => format!("points from {} to {}", rating.response.min, rating.response.max),
        };
        let pairs = [("title", &scale.name), ("about", &about), ("unit", &unit), ("value", &value)];
        writeln!(text, "[traits.{name}]\nlayer = \"psychometric\"").ok();
        for (key, said) in pairs {
            writeln!(text, "{key} = {}", quoted(said)).ok();
        }
    }
    let known: Vec<String> = survey.scales().map(|(_, name)| format!("{name} is not null")).collect();
    let value = format!("case when {} then 'measured' else 'unknown' end", known.join(" or "));
    let title =
        format!("What is known of {}", survey.instrument.aspects_dimension.as_str().replace('_', " "));
    writeln!(text, "[traits.{}]\nlayer = \"psychometric\"", survey.state()).ok();
    writeln!(text, "title = {}\nvalue = {}", quoted(&title), quoted(&value)).ok();
    (format!("[surveys.{}]", survey.name), text)
}

#[cfg(test)]
mod tests {
    use crate::manifest::Manifest;

    fn parse(text: &str) -> Result<Manifest, String> {
        let text = format!("[project]\ntitle = \"T\"\n{text}");
        Manifest::parse(&[("strata.toml".to_owned(), text)]).map_err(|errors| {
            errors.iter().map(|error| format!("{error} {:?}\n", error.hint)).collect::<String>()
        })
    }

    #[test]
    fn scales_are_traits() {
        let manifest = parse("[surveys.attitudes]\ninstrument = \"attitudes-24-cc0\"\n").unwrap();
        let value = |name: &str| manifest.definitions.traits[name].value.to_string();
        assert_eq!(
            value("attitudes_price_consciousness"),
            "latest_mean(responses.points, responses.item, 3) filter (where scale = 'attitudes_price_consciousness' and (answered_at is null or answered_at >= as_of - interval '2 years'))"
        );
        assert!(
            value("attitudes_state").starts_with("case when attitudes_price_consciousness is not null or ")
        );
        assert_eq!(
            manifest.definitions.traits.keys().filter(|name| name.as_str().starts_with("attitudes_")).count(),
            9
        );
        assert_eq!(manifest.surveys[0].trait_of("PRI").as_deref(), Some("attitudes_price_consciousness"));
    }

    #[test]
    fn a_block_that_is_ipsatised_has_its_mean_taken_off() {
        let manifest = parse("[surveys.values]\ninstrument = \"values-20-cc0\"\n").unwrap();
        let value = manifest.definitions.traits["values_self_direction"].value.to_string();
        // Nine tenths of 2 items are both, of 20 they are 18.
        assert!(value.starts_with("latest_mean(responses.points, responses.item, 2) filter (where scale = 'values_self_direction' and (answered_at is null or answered_at >= as_of - interval '2 years')) - latest_mean(responses.points, responses.item, 18) filter (where scale in ('values_"), "{value}");
    }

    #[test]
    fn what_cannot_be_measured_is_refused() {
        for (text, message) in [
            ("[surveys.a]\ninstrument = \"attitudes-24-cco\"\n", "did you mean `attitudes-24-cc0`?"),
            ("[surveys.a]\ninstrument = \"kano\"\n", "has no scales"),
            (
                "[surveys.a]\ninstrument = \"values-20-cc0\"\n[surveys.b]\ninstrument = \"values-20-cc0\"\n",
                "is the instrument of `a` already",
            ),
            (
                "[surveys.a]\ninstrument = \"twivi\"\n[surveys.a.items]\nzz = \"I talk a lot.\"\n",
                "nobody says that the text",
            ),
            (
                "[surveys.a]\ninstrument = \"mini-ipip-20\"\npermission = true\n[surveys.a.items]\nzz = \"I talk a lot.\"\n",
                "has no item `zz`",
            ),
            (
                "[surveys.a]\ninstrument = \"values-20-cc0\"\nretention = \"-2 days\"\n",
                "is no length of time",
            ),
            ("[surveys.a]\n", "instrument"),
        ] {
            let told = parse(text).unwrap_err();
            assert!(told.contains(message), "{message} is not in {told}");
        }
    }
}
