//! What customers said that they wish for: features that would please them, and the channel to reach them by.

use strata_spec::manifest::Survey;
use strata_spec::persona::Facet;

/// A wish that somebody has or has not.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wish {
    /// What it is called.
    pub(super) name: String,
    /// The side of a customer that it shows.
    pub(super) facet: Facet,
    /// Its words, as `Evidence::label` wants them.
    pub(super) label: String,
    /// The trait that tells it.
    pub(super) of: String,
    /// Its value in SQL: 1 where somebody has it, 0 where not, null where nobody knows.
    pub(super) value: String,
    /// Where it comes from.
    pub(super) source: String,
}

/// No channel at all is no wish for one.
const NO_CHANNEL: &str = "none";

/// Those that surveys ask for.
pub(super) fn all(surveys: &[Survey]) -> Vec<Wish> {
    surveys.iter().flat_map(|survey| features(survey).into_iter().chain(channels(survey))).collect()
}

/// A feature pleases whom it is attractive to, or the better the more. Answers that contradict each other tell nothing.
fn features(survey: &Survey) -> Vec<Wish> {
    let wish = |feature: &strata_spec::survey::Feature| {
        let of = survey.trait_of_feature(feature);
        Wish {
            name: format!("{of}_wished"),
            facet: Facet::Goals,
            label: format!("would be pleased by {}", feature.name),
            value: format!(
                "case when \"{of}\" in ('attractive', 'one_dimensional') then 1.0 when \"{of}\" <> 'questionable' then 0.0 end"
            ),
            of,
            source: format!("psychometric: {}", survey.instrument.id),
        }
    };
    survey.features.iter().map(wish).collect()
}

fn channels(survey: &Survey) -> Vec<Wish> {
    let contact = survey.instrument.best_worst().and_then(|(_, contact)| contact);
    let Some((contact, [of, _])) = contact.zip(survey.contact_traits()) else { return Vec::new() };
    let channels = contact.channels.iter().filter(|channel| *channel != NO_CHANNEL);
    let wish = |channel: &String| Wish {
        name: format!("{of}_{channel}"),
        facet: Facet::ChannelAndTime,
        label: format!("want to be reached by {channel}"),
        of: of.clone(),
        value: format!(
            "case when \"{of}\" = '{}' then 1.0 when \"{of}\" is not null then 0.0 end",
            channel.replace('\'', "''")
        ),
        source: format!("psychometric: {}", survey.instrument.id),
    };
    channels.map(wish).collect()
}

#[cfg(test)]
mod tests {
    use strata_spec::name::SurveyName;
    use strata_spec::survey::{Feature, Instrument};

    use super::*;

    #[test]
    fn features_please_and_no_channel_is_no_wish() {
        let survey = |name: &str, id: &str| {
            Survey::new(SurveyName::new(name.to_owned()).unwrap(), Instrument::find(id).unwrap().clone())
        };
        let feature = Feature { id: "free_returns".to_owned(), name: "free returns".to_owned() };
        let wishes = Survey { features: vec![feature], ..survey("wishes", "kano") };
        let all = all(&[wishes, survey("ads", "ad-bws-7-cc0"), survey("values", "values-20-cc0")]);
        let told: Vec<(&str, &str)> = all.iter().map(|wish| (&*wish.name, &*wish.label)).collect();
        assert_eq!(told.len(), 6, "{told:?}");
        assert_eq!(told[0], ("wishes_free_returns_wished", "would be pleased by free returns"));
        assert_eq!(told[1], ("ads_contact_channel_email", "want to be reached by email"));
    }
}
