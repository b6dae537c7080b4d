//! Reads `[surveys.…]`: the questionnaires that customers were asked. Each of their scales is a trait.

use crate::condition::Interval;
use crate::document::{Entry, Errors, Section};
use crate::error::SpecError;
use crate::name::SurveyName;
use crate::survey::{AspectsDimension, Feature, Instrument, ItemTexts, Norms, Permission, Rating, Scale};

/// A questionnaire that customers were asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    /// What its traits begin with.
    pub name: SurveyName,
    /// What was asked.
    pub instrument: Instrument,
    /// How long an answer counts, as `24 months`: what somebody said earlier says nothing of them any more.
    pub retention: String,
    /// The features that pairs of questions are about; none of other questionnaires.
    pub features: Vec<Feature>,
    /// The file of norms that scores are held against, relative to the manifest's folder; the survey's own respondents where there is none.
    pub norms_file: Option<String>,
    /// What it says, once the project is opened: a manifest reads no files.
    pub norms: Option<Norms>,
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
        Survey {
            name,
            instrument,
            retention: retention.to_owned(),
            features: Vec::new(),
            norms_file: None,
            norms: None,
        }
    }

    /// Whether an answer still counts, over the rows of `responses`, as the language and SQL have it; `as_of` is the instant. An answer
    /// without a date counts.
    pub fn still_counts(&self, as_of: &str) -> String {
        format!("(answered_at is null or answered_at >= {as_of} - interval '{}')", self.retention)
    }

    /// Its rated items and their scales, where it is of that kind.
    pub fn rating(&self) -> Option<&Rating> {
        self.instrument.rating()
    }

    /// The trait that a scale is, by its id: `attitudes_price_consciousness`.
    pub fn trait_of(&self, scale: &str) -> Option<String> {
        self.scales().find(|(each, _)| each.id == scale).map(|(_, name)| name)
    }

    /// The trait that says of what kind a feature is to somebody: `wishes_free_returns`.
    pub fn trait_of_feature(&self, feature: &Feature) -> String {
        format!("{}_{}", self.name, feature.id)
    }

    /// The traits of wishes about contact, the channel and how often; none where it does not ask.
    pub fn contact_traits(&self) -> Option<[String; 2]> {
        let (_, contact) = self.instrument.best_worst()?;
        contact.map(|_| ["contact_channel", "contact_frequency"].map(|end| format!("{}_{end}", self.name)))
    }

    /// All traits that tell what somebody answered.
    pub fn traits(&self) -> Vec<String> {
        let scales = self.scales().map(|(_, name)| name);
        let features = self.features.iter().map(|feature| self.trait_of_feature(feature));
        scales.chain(features).chain(self.contact_traits().into_iter().flatten()).collect()
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
        let scales = self.instrument.scales().into_iter();
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
    section.only(&["instrument", "permission", "items", "retention", "features", "norms"], errors);
    let name = SurveyName::new(entry.name.clone());
    let name = name.map_err(|fault| errors.push(entry.key().located(fault))).ok();
    let id = section.required_text("instrument", "\"attitudes-24-cc0\"", errors)?;
    let permission = section.get("permission").and_then(|entry| entry.truth(errors));
    let refuse = |fault: SpecError| errors.push(id.located(fault));
    let shipped = Instrument::find(&id.value).map_err(refuse).ok()?;
    let features = features(&section, shipped, errors);
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
    let norms_file = norms_file(&section, shipped, errors);
    let mut survey = Survey { features, norms_file, ..Survey::new(name?, instrument) };
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

/// The file of norms, which only scores of rated items can be held against.
fn norms_file(section: &Section, instrument: &Instrument, errors: &mut Errors) -> Option<String> {
    let file = section.text("norms", errors)?;
    if instrument.rating().is_none() {
        errors.push(file.error(
            format!("`{}` has no scores that norms are of", instrument.id),
            "leave the key out: norms are means of rated items",
        ));
        return None;
    }
    Some(file.value)
}

/// The features that an instrument of pairs is asked about, each with its name as it stands in a sentence.
fn features(section: &Section, instrument: &Instrument, errors: &mut Errors) -> Vec<Feature> {
    const EXAMPLE: &str =
        "name what is asked about: [surveys.NAME.features] with free_returns = \"free returns\"";
    let entry = section.get("features");
    let mut features = Vec::new();
    match (&entry, instrument.kano()) {
        (None, Some(_)) => {
            errors.push(section.error(
                format!("`{}` asks about features, and the survey names none", instrument.id),
                EXAMPLE,
            ))
        }
        (Some(entry), None) => errors.push(entry.key().error(
            format!("`{}` asks about no features of yours", instrument.id),
            "leave them out, or take `instrument = \"kano\"`",
        )),
        (Some(_), Some(_)) | (None, None) => {}
    }
    let named = entry.filter(|_| instrument.kano().is_some()).and_then(|entry| entry.section(errors));
    for entry in named.iter().flat_map(Section::entries) {
        let Some(name) = entry.text(errors) else { continue };
        if !Feature::is_id(&entry.name) || entry.name == "state" {
            errors.push(entry.key().error(
                format!("`{}` cannot be the id of a feature", entry.name),
                "write it in lower case letters, digits and `_`, as `free_returns`; `state` is taken",
            ));
            continue;
        }
        features.push(Feature { id: entry.name.clone(), name: name.value });
    }
    if let Some(section) = named.filter(|section| section.entries().is_empty()) {
        errors.push(section.error("there are no features", EXAMPLE));
    }
    features
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
    fn preferences_and_wishes_are_traits() {
        let manifest = parse(
            "[surveys.ads]\ninstrument = \"ad-bws-7-cc0\"\n[surveys.wishes]\ninstrument = \"kano\"\n\
             [surveys.wishes.features]\nfree_returns = \"free returns\"\n",
        )
        .unwrap();
        let value = |name: &str| manifest.definitions.traits[name].value.to_string();
        let chosen = |item: &str| {
            format!(
                "last_value(responses.scale) filter (where item = '{item}' and (answered_at is null or answered_at >= as_of - interval '2 years'))"
            )
        };
        let state = value("ads_state");
        let asked = format!("{} <> {}", chosen("ad_set1_best"), chosen("ad_set1_worst"));
        assert!(
            state.starts_with(&format!("case when {asked} and "))
                && state.ends_with(" then 'measured' else 'unknown' end"),
            "{state}"
        );
        let saving = value("ads_saving");
        // The second appeal stands in the first, the fourth and the fifth set.
        for (set, times) in [(1, 2), (2, 0), (3, 0), (4, 2), (5, 2), (6, 0), (7, 0)] {
            assert_eq!(saving.matches(&format!("'ad_set{set}_")).count(), times, "{set} in {saving}");
        }
        assert!(saving.starts_with("case when ads_state = 'measured' then (case when "), "{saving}");
        assert!(value("ads_contact_channel").contains("= 2 then 'app' when "));
        let wish = value("wishes_free_returns");
        assert!(wish.contains("then 'attractive'") && wish.contains("then 'must_be'"), "{wish}");
        assert!(
            value("wishes_state").starts_with("case when wishes_free_returns is not null then 'measured'")
        );
        assert_eq!(manifest.surveys[0].traits().len(), 9);
        assert_eq!(manifest.surveys[1].traits(), ["wishes_free_returns"]);
    }

    #[test]
    fn what_cannot_be_measured_is_refused() {
        for (text, message) in [
            ("[surveys.a]\ninstrument = \"attitudes-24-cco\"\n", "did you mean `attitudes-24-cc0`?"),
            ("[surveys.a]\ninstrument = \"kano\"\n", "asks about features, and the survey names none"),
            ("[surveys.a]\ninstrument = \"kano\"\n[surveys.a.features]\n", "there are no features"),
            (
                "[surveys.a]\ninstrument = \"kano\"\n[surveys.a.features]\nFree = \"free returns\"\n",
                "`Free` cannot be the id of a feature",
            ),
            (
                "[surveys.a]\ninstrument = \"kano\"\n[surveys.a.features]\nstate = \"a state\"\n",
                "`state` cannot be the id of a feature",
            ),
            (
                "[surveys.a]\ninstrument = \"ad-bws-7-cc0\"\nnorms = \"norms.csv\"\n",
                "`ad-bws-7-cc0` has no scores that norms are of",
            ),
            (
                "[surveys.a]\ninstrument = \"values-20-cc0\"\n[surveys.a.features]\nb = \"b\"\n",
                "asks about no features of yours",
            ),
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
