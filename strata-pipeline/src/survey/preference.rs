//! What answers to best-worst sets are worth: who chose in all of them, who by place and not by what stood there, and how far sets agree.

use std::borrow::Cow;

use strata_models::psychometrics::answers::Answers;
use strata_models::psychometrics::evidence::evidence;
use strata_models::psychometrics::gate::Gates;
use strata_models::psychometrics::scoring::best_worst::{Choice, Design};
use strata_spec::manifest::Survey;
use strata_spec::survey::BestWorst;

use super::measure::{Measured, aside, mean_and_deviation, n_known, nothing, unmeasured};
use super::read::ChosenOf;
use super::{Respondent, ScaleQuality, SurveyQuality};
use crate::error::Result;

/// Measures a survey of sets.
///
/// # Errors
/// Should the statistics refuse what was read, which they cannot.
pub(super) async fn measure(
    survey: &Survey,
    best_worst: &BestWorst,
    chosen: ChosenOf,
    seed: u64,
) -> Result<(SurveyQuality, Vec<Respondent>)> {
    let (of, best_worst) = (survey.clone(), best_worst.clone());
    aside(survey, move || measured(&of, &best_worst, &chosen, seed)).await
}

/// The questions of all sets, first the best of each and then the worst.
pub(super) fn items(best_worst: &BestWorst) -> Vec<String> {
    let sets = || 0..best_worst.sets.len();
    let best = sets().map(|set| best_worst.best_id(set));
    best.chain(sets().map(|set| best_worst.worst_id(set))).collect()
}

fn measured(survey: &Survey, best_worst: &BestWorst, chosen: &ChosenOf, seed: u64) -> Measured {
    let mut quality = unmeasured(survey, chosen.customers.len());
    let names: Vec<String> = survey.scales().map(|(_, name)| name).collect();
    let sets = best_worst.sets.iter();
    let sets: Vec<Vec<usize>> = sets.map(|set| set.iter().map(|place| place - 1).collect()).collect();
    let design = Design::new(names.clone(), sets)?;
    let is_unasked =
        |(item, column): (String, &Vec<Option<String>>)| column.iter().all(Option::is_none).then_some(item);
    quality.unasked = items(best_worst).into_iter().zip(&chosen.chosen).filter_map(is_unasked).collect();
    if chosen.customers.is_empty() {
        quality.notes.push("nobody has answered".to_owned());
    }
    let (mut respondents, mut scored) = (Vec::new(), Vec::new());
    let (mut n_incomplete, mut n_contrary) = (0, 0);
    for (place, customer_id) in chosen.customers.iter().enumerate() {
        let choices = of_customer(&names, chosen, place);
        let n_answered = choices.iter().filter(|choice| !matches!(choice, Told::Nothing)).count();
        n_contrary += usize::from(choices.iter().any(|choice| matches!(choice, Told::Contrary)));
        n_incomplete += usize::from(n_answered < choices.len());
        let choices: Vec<Option<Choice>> = choices.into_iter().map(Told::choice).collect();
        let score = design.score(place, &choices)?;
        let is_careless = score.as_ref().is_some_and(|score| score.is_positional);
        let sign = "the best stood at one place in all sets, and the worst at another";
        respondents.push(Respondent {
            customer_id: customer_id.clone(),
            survey: survey.name.to_string(),
            n_answered,
            is_careless,
            signs: is_careless.then(|| sign.to_owned()).into_iter().collect(),
            standard: Vec::new(),
        });
        scored.extend(score.filter(|_| !is_careless).map(|score| (score.scores, choices)));
    }
    quality.n_careless = respondents.iter().filter(|one| one.is_careless).count();
    quality.notes.extend(left_out(n_incomplete, n_contrary));
    for (place, (scale, name)) in survey.scales().enumerate() {
        let scores: Vec<f64> = scored.iter().map(|(scores, _)| scores[place]).collect();
        let (items, columns): (Vec<String>, Vec<Cow<'_, [f64]>>) = best_worst
            .sets_of(place)
            .map(|set| {
                let points = scored.iter().map(|(_, choices)| points(choices[set], place));
                (format!("set {}", set + 1), Cow::Owned(points.collect::<Vec<f64>>()))
            })
            .unzip();
        let found = Answers::new(items, columns).and_then(|sets| evidence(&name, &sets, seed));
        let (mut evidence, fault) = match found {
            Ok(evidence) => (evidence, None),
            Err(error) => (nothing(&name, scale.n_items), (!scored.is_empty()).then(|| error.to_string())),
        };
        evidence.n_clean = n_known(&scores);
        let verdict = Gates::default().judge_preference(&evidence);
        let (mean, deviation) = mean_and_deviation(&scores);
        quality.scales.push(ScaleQuality {
            name,
            title: scale.name.clone(),
            low_label: scale.low_label.clone(),
            high_label: scale.high_label.clone(),
            n_items: scale.n_items,
            n: scores.len(),
            mean,
            deviation,
            lowest: -1.0,
            highest: 1.0,
            alpha: evidence.alpha,
            omega: None,
            spearman_brown: None,
            weakest: evidence.item_rest.iter().min_by(|(_, one), (_, other)| one.total_cmp(other)).cloned(),
            standing: None,
            usage: verdict.usage,
            reasons: fault.into_iter().chain(verdict.reasons).collect(),
        });
    }
    Ok((quality, respondents))
}

/// What somebody said of one set.
#[derive(Debug, Clone, Copy)]
enum Told {
    /// Not both of the best and the worst.
    Nothing,
    /// The same for both, at different times.
    Contrary,
    /// The best and the worst.
    Chosen(Choice),
}

impl Told {
    fn choice(self) -> Option<Choice> {
        match self {
            Told::Chosen(choice) => Some(choice),
            Told::Nothing | Told::Contrary => None,
        }
    }
}

fn of_customer(names: &[String], chosen: &ChosenOf, customer: usize) -> Vec<Told> {
    let (best, worst) = chosen.chosen.split_at(chosen.chosen.len() / 2);
    let place = |column: &Vec<Option<String>>| {
        let name = column[customer].as_ref()?;
        names.iter().position(|known| known == name)
    };
    let told = |(best, worst): (&Vec<Option<String>>, &Vec<Option<String>>)| match (place(best), place(worst))
    {
        (Some(best), Some(worst)) if best == worst => Told::Contrary,
        (Some(best), Some(worst)) => Told::Chosen(Choice { best, worst }),
        _ => Told::Nothing,
    };
    best.iter().zip(worst).map(told).collect()
}

/// 1 where an appeal was the best of a set, −1 where it was the worst, 0 between.
fn points(choice: Option<Choice>, appeal: usize) -> f64 {
    choice.map_or(f64::NAN, |choice| {
        f64::from(u8::from(choice.best == appeal)) - f64::from(u8::from(choice.worst == appeal))
    })
}

/// Whose sets do not make a score.
fn left_out(n_incomplete: usize, n_contrary: usize) -> Vec<String> {
    let incomplete = format!(
        "{n_incomplete} have not answered all sets and have no scores: what is shown less often would seem to matter less"
    );
    let contrary = format!(
        "{n_contrary} have called the same the best and the worst of a set, at different times, and have no scores"
    );
    [(n_incomplete, incomplete), (n_contrary, contrary)]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(_, said)| said)
        .collect()
}

#[cfg(test)]
mod tests {
    use strata_models::psychometrics::gate::Use;
    use strata_spec::name::SurveyName;
    use strata_spec::survey::Instrument;

    use super::*;

    fn survey() -> Survey {
        let instrument = Instrument::find("ad-bws-7-cc0").unwrap().clone();
        Survey::new(SurveyName::new("ads".to_owned()).unwrap(), instrument)
    }

    /// The choices of customers, each by what it ranks: of every set the first of the ranking is the best and the last the worst.
    fn chosen(rankings: &[&[&str]]) -> ChosenOf {
        let survey = survey();
        let (best_worst, _) = survey.instrument.best_worst().unwrap();
        let mut all = ChosenOf {
            customers: (0..rankings.len()).map(|n| format!("c{n}")).collect(),
            chosen: vec![Vec::new(); 2 * best_worst.sets.len()],
        };
        for ranking in rankings {
            for (place, set) in best_worst.sets.iter().enumerate() {
                let mut ids: Vec<&str> =
                    set.iter().map(|appeal| &*best_worst.appeals[appeal - 1].scale.id).collect();
                ids.sort_by_key(|id| ranking.iter().position(|known| known == id));
                let name = |id: &str| survey.trait_of(id);
                all.chosen[place].push(name(ids[0]));
                all.chosen[place + best_worst.sets.len()].push(name(ids[2]));
            }
        }
        all
    }

    fn of(chosen: &ChosenOf) -> (SurveyQuality, Vec<Respondent>) {
        let survey = survey();
        let (best_worst, _) = survey.instrument.best_worst().unwrap();
        measured(&survey, best_worst, chosen, 0).unwrap()
    }

    const RANKING: [&str; 7] = ["DEAL", "INFO", "EXPERT", "PEERS", "HUMOUR", "STORY", "CAUSE"];
    const OTHER: [&str; 7] = ["STORY", "CAUSE", "HUMOUR", "PEERS", "EXPERT", "INFO", "DEAL"];

    #[test]
    fn scores_are_the_best_less_the_worst_and_sum_to_nothing() {
        let (quality, respondents) = of(&chosen(&[&RANKING]));
        let means: Vec<f64> = quality.scales.iter().map(|scale| scale.mean.unwrap()).collect();
        // Always the best, and always the worst, of three sets.
        assert_eq!((means[1], means[6]), (1.0, -1.0), "{means:?}");
        assert!(means.iter().sum::<f64>().abs() < 1e-12, "{means:?}");
        assert_eq!((respondents[0].n_answered, respondents[0].is_careless), (7, false));
        assert!(quality.scales.iter().all(|scale| scale.usage == Use::Dropped), "of one respondent");
    }

    #[test]
    fn sets_that_agree_make_scores_of_persons() {
        let rankings: Vec<&[&str]> =
            (0..300).map(|n| if n % 3 == 0 { &OTHER[..] } else { &RANKING[..] }).collect();
        let (quality, _) = of(&chosen(&rankings));
        let saving = &quality.scales[1];
        assert_eq!(
            (saving.name.as_str(), saving.n, saving.usage),
            ("ads_saving", 300, Use::Usable),
            "{saving:?}"
        );
        assert!((saving.mean.unwrap() - 1.0 / 3.0).abs() < 1e-12, "{saving:?}");
        assert!(saving.alpha.unwrap() > 0.99, "{saving:?}");
    }

    #[test]
    fn who_left_a_set_out_or_contradicts_themselves_has_no_score_and_who_chose_by_place_does_not_count() {
        let mut all = chosen(&[&RANKING, &RANKING, &RANKING, &RANKING]);
        all.chosen[0][1] = None;
        all.chosen[7][2] = all.chosen[0][2].clone();
        // The first of each set is the best, the last the worst.
        let survey = survey();
        let (best_worst, _) = survey.instrument.best_worst().unwrap();
        for (place, set) in best_worst.sets.iter().enumerate() {
            let name = |at: usize| survey.trait_of(&best_worst.appeals[set[at] - 1].scale.id);
            (all.chosen[place][3], all.chosen[place + 7][3]) = (name(0), name(2));
        }
        let (quality, respondents) = of(&all);
        assert_eq!((quality.n_respondents, quality.n_careless), (4, 1));
        assert!(quality.scales.iter().all(|scale| scale.n == 1), "{quality:?}");
        assert_eq!(respondents.iter().map(|one| one.n_answered).collect::<Vec<_>>(), [7, 6, 7, 7]);
        assert!(respondents[3].is_careless && respondents[3].signs[0].contains("one place"));
        assert!(
            quality.notes[0].starts_with("1 have not answered all sets")
                && quality.notes[1].starts_with("1 have called the same")
        );
    }
}
