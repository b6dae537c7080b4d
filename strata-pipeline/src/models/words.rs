//! Whether a model is to be trusted, in sentences: what it would have been worth, and to which rule of thumb it loses.

use strata_spec::definition::purchases_of;
use strata_spec::table::Subject;

use super::{
    Classifier, ClusterEffect, ClusterVerdict, Clusters, Comparison, Contest, Coverage, Fit, Holdout, Kind,
    LEAST_FIDELITY, Measures, Model, Purchases, Told, Verdict,
};

/// How amounts of money are written.
pub type Amount<'a> = &'a dyn Fn(f64) -> String;

/// A rule of thumb in words: what predictions are made by, and the value to use in its place.
pub fn rule(subject: Subject, name: &str, days: f64, is_money: bool) -> (String, String) {
    let [frequency, _, tenure] = purchases_of(subject);
    let (revenue, revenue_lately, formula) = match subject {
        Subject::Customers => (
            "revenue",
            "revenue_365d",
            "case when days_since_last_order <= lapse_days then mean_order_value * orders_per_year else 0 end",
        ),
        Subject::Companies => (
            "company_revenue",
            "company_revenue_365d",
            "case when company_days_since_last_order <= 3 * company_expected_gap_days \
             then company_revenue_per_year else 0 end",
        ),
    };
    let texts = match (name, is_money) {
        ("last_period", _) if days == 365.0 => ("the revenue of the year before", revenue_lately.to_owned()),
        ("last_period", _) => {
            let value = format!("sum(orders.amount) filter (where in_last('{days:.0} days'))");
            return (format!("the revenue of the {days:.0} days before"), value);
        }
        ("rate_so_far", true) => ("revenue per day so far", format!("{revenue} / {tenure}")),
        ("rate_so_far", false) => ("purchases per day so far", format!("{frequency} / {tenure}")),
        ("formula", _) => ("mean order value times orders per year until lapsed", formula.to_owned()),
        ("mean_of_all", _) => ("the same for everybody", "1".to_owned()),
        (other, _) => (other, other.to_owned()),
    };
    (texts.0.to_owned(), texts.1)
}

/// How a row stands, in a word or two; none of one that cannot be held against what happened.
pub fn standing_of(model: &Model) -> Option<&'static str> {
    match &model.is {
        Kind::Purchases(purchases) => Some(standing(purchases)),
        Kind::Classifier(told) => Some(told.get().map_or("not trained", Classifier::standing)),
        Kind::Clusters(clusters) => Some(match clusters.verdict {
            None => "no groups",
            Some(ClusterVerdict::NaturalGroups) => "natural groups",
            Some(ClusterVerdict::UsefulCuts) => "useful cuts",
            Some(ClusterVerdict::DoNotSegment) => "do not segment",
            Some(ClusterVerdict::AsTold) => "as told",
        }),
        Kind::Rank(_) | Kind::Prediction(_) => None,
    }
}

/// How a model of purchases stands, in a word or two.
pub fn standing(purchases: &Purchases) -> &'static str {
    match (&purchases.timing, purchases.verdict()) {
        (Told::Not { .. }, _) => "not fitted",
        (_, None) => "not validated",
        (_, Some(Verdict::Better)) => "better",
        (_, Some(Verdict::NoWorse)) => "no worse",
        (_, Some(Verdict::Worse)) => "worse",
    }
}

/// What a reader must know before anything else, in the order of weight: that there is no model, that nobody knows whether it holds,
/// or whether it beat rules of thumb, and by how much.
pub fn sentences(purchases: &Purchases, amount: Amount<'_>) -> Vec<String> {
    if let Some(reason) = purchases.timing.reason() {
        return vec![format!("No {} model could be fitted: {reason}.", purchases.title())];
    }
    let mut said = match &purchases.holdout {
        None => vec![
            "Not validated: what it predicts has not been held against what happened. Take it as a guess."
                .to_owned(),
        ],
        Some(Told::Not { reason }) => {
            vec![format!("Not validated: {reason}. Take what it predicts as a guess.")]
        }
        Some(Told::Is(holdout)) => of_holdout(purchases, holdout, amount),
    };
    if let Some(reason) = purchases.spend.as_ref().and_then(Told::reason) {
        said.push(format!("What {} spend could not be fitted: {reason}.", purchases.subject));
    }
    said
}

fn of_holdout(purchases: &Purchases, holdout: &Holdout, amount: Amount<'_>) -> Vec<String> {
    let (is_money, contest) = holdout.deciding();
    let number = |value: f64| format!("{value:.2}");
    let unit: Amount<'_> = if is_money { amount } else { &number };
    let mut said = verdict(purchases, holdout, is_money, contest, unit);
    let subject = purchases.subject;
    said.extend(first_tenth(subject, holdout, is_money, contest));
    said.extend(in_all(subject, &contest.model, is_money, unit));
    said.extend(contest.interval.as_ref().map(|coverage| covered(subject, coverage)));
    if is_money {
        said.push(match holdout.purchases.verdict {
            Verdict::Better => format!("In how often {subject} buy it beats every rule of thumb, too."),
            Verdict::NoWorse => {
                format!("In how often {subject} buy, no rule of thumb beats it by more than chance.")
            }
            Verdict::Worse => format!(
                "In how often {subject} buy, {}.",
                losses(subject, holdout, false, &holdout.purchases, &number).join(", and ")
            ),
        });
    }
    said
}

fn verdict(
    purchases: &Purchases,
    holdout: &Holdout,
    is_money: bool,
    contest: &Contest,
    unit: Amount<'_>,
) -> Vec<String> {
    let title = purchases.title();
    match contest.verdict {
        Verdict::Better => vec![format!(
            "The {title} model beats every rule of thumb by more than chance, both in how far it is off and in whom it puts first."
        )],
        Verdict::NoWorse => vec![format!(
            "The {title} model is no worse than any rule of thumb, and not better than all of them by more than chance."
        )],
        Verdict::Worse => {
            let lost = losses(purchases.subject, holdout, is_money, contest, unit);
            let mut said =
                vec![format!("The {title} model loses to a rule of thumb: {}.", lost.join(", and "))];
            said.extend(instead(purchases.subject, holdout, is_money, contest));
            said
        }
    }
}

/// Of each measure that was lost, the rule that wins most.
fn worst<'a>(contest: &'a Contest, measure: &str) -> Option<&'a Comparison> {
    let of_measure = contest.lost().into_iter().filter(|one| one.measure == measure);
    of_measure.min_by(|one, other| one.advantage.unwrap_or(0.0).total_cmp(&other.advantage.unwrap_or(0.0)))
}

fn losses(
    subject: Subject,
    holdout: &Holdout,
    is_money: bool,
    contest: &Contest,
    unit: Amount<'_>,
) -> Vec<String> {
    let said = |one: &Comparison| rule(subject, &one.baseline, holdout.days, is_money).0;
    let mut lost = Vec::new();
    if let Some(one) = worst(contest, "normalised_gini") {
        let of_rule = contest.of(&one.baseline).and_then(|measures| measures.normalised_gini);
        let figures = of_rule.zip(contest.model.normalised_gini).map_or_else(String::new, |(rule, model)| {
            format!(" ({rule:.2} of the best order there can be, the model's {model:.2})")
        });
        lost.push(format!("{} puts {subject} in a better order{figures}", said(one)));
    }
    if let Some(one) = worst(contest, "root_mean_squared_error") {
        let of_rule = contest.of(&one.baseline).and_then(|measures| measures.root_mean_squared_error);
        let figures =
            of_rule.zip(contest.model.root_mean_squared_error).map_or_else(String::new, |(rule, model)| {
                format!(" (root mean square of the errors {}, the model's {})", unit(rule), unit(model))
            });
        lost.push(format!("{} is less far off{figures}", said(one)));
    }
    lost
}

/// What to do where the model loses.
fn instead(subject: Subject, holdout: &Holdout, is_money: bool, contest: &Contest) -> Option<String> {
    let value = |one: &Comparison| rule(subject, &one.baseline, holdout.days, is_money).1;
    match (worst(contest, "normalised_gini"), worst(contest, "root_mean_squared_error")) {
        (Some(order), _) => Some(format!("Rank {subject} by `{}` instead.", value(order))),
        (None, Some(amounts)) => Some(format!(
            "For amounts, take `{}` instead; whom the model puts first is no worse chosen.",
            value(amounts)
        )),
        (None, None) => None,
    }
}

/// What the tenth that the model puts first brought, beside those of the best rule and of hindsight.
fn first_tenth(subject: Subject, holdout: &Holdout, is_money: bool, contest: &Contest) -> Option<String> {
    let top = contest.model.top_decile?;
    let what = if is_money { "of the revenue since" } else { "of the purchases since" };
    let best_rule = contest
        .baselines
        .iter()
        .filter_map(|baseline| Some((baseline, baseline.measures.top_decile?)))
        .max_by(|(_, one), (_, other)| one.total_cmp(other));
    let which = if subject == Subject::Customers { "who" } else { "that" };
    let mut said = format!(
        "{}, it would have put first a tenth of {subject} {which} brought {} {what}",
        ago(holdout.days),
        percent(top)
    );
    if let Some((baseline, top)) = best_rule {
        let by = rule(subject, &baseline.name, holdout.days, is_money).0;
        said.push_str(&format!("; the tenth that leads by {by} brought {}", percent(top)));
    }
    if let Some(best) = contest.model.top_decile_best {
        said.push_str(&format!("; the best tenth, known only now, {}", percent(best)));
    }
    Some(format!("{said}."))
}

/// What was expected of all together.
fn in_all(subject: Subject, measures: &Measures, is_money: bool, unit: Amount<'_>) -> Option<String> {
    let (expected, actual) = (measures.mean_predicted?, measures.mean_actual?);
    let what = if is_money { "" } else { " purchases" };
    let off = match measures.relative_bias {
        Some(bias) if bias.abs() < 0.005 => "; that is right within half a percent".to_owned(),
        Some(bias) => format!("; {} too {}", percent(bias.abs()), if bias > 0.0 { "much" } else { "little" }),
        None => String::new(),
    };
    Some(format!(
        "Of the mean {} it expected {}{what} in that time, and {} came{off}.",
        subject.singular(),
        unit(expected),
        unit(actual)
    ))
}

/// Whether intervals held.
fn covered(subject: Subject, coverage: &Coverage) -> String {
    let share = |n: u64| n as f64 / coverage.n.max(1) as f64;
    let held = share(coverage.n_inside);
    // Twice the standard error of a share of so many, and what the model itself is allowed.
    let slack = 2.0 * (coverage.level * (1.0 - coverage.level) / coverage.n.max(1) as f64).sqrt() + 0.02;
    let judged = match held - coverage.level {
        off if off < -slack => "; they are too narrow, so that more is uncertain than they say",
        off if off > slack => {
            "; they are wide enough, as intervals of counts are: of those who bring nothing they hold everybody"
        }
        _ => "",
    };
    format!(
        "Its intervals of {} held what came of {} of {} {subject}; {} brought less, {} more{judged}.",
        percent(coverage.level),
        percent(held),
        coverage.n,
        percent(share(coverage.n_below)),
        percent(share(coverage.n.saturating_sub(coverage.n_inside + coverage.n_below))),
    )
}

fn ago(days: f64) -> String {
    if days == 365.0 { "A year ago".to_owned() } else { format!("{days:.0} days ago") }
}

fn percent(share: f64) -> String {
    match share * 100.0 {
        percent if percent.abs() < 9.95 => format!("{percent:.1} %"),
        percent => format!("{percent:.0} %"),
    }
}

/// What should be known before parameters are read, a sentence each without its full stop.
pub fn warnings(model: &Model) -> Vec<String> {
    let mut warnings = Vec::new();
    match &model.is {
        Kind::Rank(rank) if rank.n_split_ties > 0 => warnings.push(format!(
            "{} of {} cuts fall among equal values",
            rank.n_split_ties,
            rank.cuts.len()
        )),
        Kind::Purchases(purchases) => {
            if let Told::Not { reason } = &purchases.timing {
                warnings.push(format!("not fitted: {reason}"));
            }
            if let Some(Told::Not { reason }) = &purchases.spend {
                warnings.push(format!("no model of spend: {reason}"));
            }
            if let Some(Told::Not { reason }) = &purchases.holdout {
                warnings.push(format!("not validated: {reason}"));
            }
            warnings.extend(edges(purchases));
        }
        Kind::Classifier(told) => match told.as_ref() {
            Told::Not { reason } => warnings.push(format!("not trained: {reason}")),
            Told::Is(classifier) => warnings.extend(
                classifier
                    .suspected_leak
                    .iter()
                    .map(|one| format!("{} may know the future: {}", one.feature, one.reason)),
            ),
        },
        Kind::Clusters(clusters) => match &clusters.reason {
            Some(reason) => warnings.push(format!("no groups: {}", bare(reason))),
            None => warnings.extend(clusters.reasons.iter().map(|reason| bare(reason).to_owned())),
        },
        Kind::Rank(_) | Kind::Prediction(_) => {}
    }
    warnings
}

/// A verdict on groups in a few words, for a heading.
pub fn verdict_title(clusters: &Clusters) -> String {
    match clusters.verdict {
        None => "No groups".to_owned(),
        Some(ClusterVerdict::NaturalGroups) => "Natural groups".to_owned(),
        Some(ClusterVerdict::UsefulCuts) => "Useful cuts of a continuum".to_owned(),
        Some(ClusterVerdict::DoNotSegment) => "Do not segment on this".to_owned(),
        Some(ClusterVerdict::AsTold) => match clusters.n_clusters {
            Some(n) => format!("{n} groups, as the definition says"),
            None => "As the definition says".to_owned(),
        },
    }
}

/// What a reader must know of groups before anything else: whether there are any, and then what speaks against them.
pub fn group_sentences(clusters: &Clusters) -> Vec<String> {
    let why_not =
        clusters.reason.as_ref().map(|reason| format!("No groups could be found: {}", bare(reason)));
    let sentence = match (clusters.sentence.trim(), clusters.verdict) {
        ("", Some(ClusterVerdict::NaturalGroups)) => {
            "Customers fall into groups that are apart from each other."
        }
        ("", Some(ClusterVerdict::UsefulCuts)) => {
            "There are no groups by nature, but where the lines are drawn says much about customers."
        }
        ("", Some(ClusterVerdict::DoNotSegment)) => {
            "There are neither groups nor lines that would say much about customers."
        }
        ("", Some(ClusterVerdict::AsTold)) => "The number of groups was given, not found.",
        ("", None) if why_not.is_some() => "",
        ("", None) => "Nothing is known of how far these groups can be trusted.",
        (sentence, _) => sentence,
    };
    // The title says that already.
    let sentence = bare(sentence.strip_prefix("Do not segment. ").unwrap_or(sentence));
    // What the sentence tells need not be told again.
    let more = clusters.reasons.iter().filter(|reason| !sentence.contains(bare(reason)));
    let more = more.map(|reason| capitalised(bare(reason)));
    let said = [sentence.to_owned()].into_iter().chain(why_not).chain(more);
    said.filter(|each| !each.is_empty()).map(|each| format!("{each}.")).collect()
}

/// Whether rules tell the groups, in a sentence; none where there are no groups.
pub fn told_by_rules(clusters: &Clusters) -> Option<String> {
    if clusters.clusters.is_empty() {
        return None;
    }
    let share = clusters.fidelity.filter(|fidelity| fidelity.is_finite()).map(percent);
    if !clusters.has_rules() {
        let is_low = clusters.fidelity.is_some_and(|fidelity| fidelity < LEAST_FIDELITY);
        let why = share.filter(|_| is_low).map_or_else(String::new, |share| {
            format!(
                ": rules name the right one for {share} of customers, and below {:.0} % they are not shown",
                100.0 * LEAST_FIDELITY
            )
        });
        return Some(format!(
            "No rules tell well enough who is in which group{why}. The groups can only be shown as a scored list."
        ));
    }
    Some(match share {
        Some(share) => {
            format!(
                "The rules name the right group for {share} of customers that they were not learned from."
            )
        }
        None => "Nobody was held out to check the rules on.".to_owned(),
    })
}

/// What explains groups, a sentence each: first of whom, then each difference that is sure, the greatest first, then who was left out;
/// nothing where nothing was to explain them.
pub fn group_explanations(clusters: &Clusters) -> Vec<String> {
    let Some(explained) = &clusters.explained else { return Vec::new() };
    if let Some(reason) = &explained.reason {
        return vec![format!("Nothing explains them: {}.", bare(reason))];
    }
    let reference = explained.reference.as_deref().map_or("the largest", |name| clusters.title_of(name));
    let size = |effect: &ClusterEffect| effect.odds_ratio.map_or(0.0, |ratio| ratio.ln().abs());
    let mut sure: Vec<&ClusterEffect> = explained.effects.iter().filter(|effect| effect.is_sure()).collect();
    sure.sort_by(|one, other| size(other).total_cmp(&size(one)));
    let mut said = Vec::new();
    if sure.is_empty() {
        said.push("Of what was to explain them nothing surely tells one group from the largest.".to_owned());
    }
    for effect in sure {
        let number = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
        let group = effect.group.as_deref().map_or("another group", |name| clusters.title_of(name));
        said.push(format!(
            "{}, {} rather than {}: {} times ({} to {}) the odds of being in “{group}” rather than in “{reference}”.",
            effect.title,
            effect.level,
            effect.against,
            number(effect.odds_ratio),
            number(effect.low),
            number(effect.high),
        ));
    }
    said.extend(explained.notes.iter().map(|note| format!("{}.", capitalised(bare(note)))));
    said
}

/// What has changed since the run before, a sentence each; none where there is nothing to compare with.
pub fn group_changes(clusters: &Clusters) -> Vec<String> {
    let Some(matching) = &clusters.matching else { return Vec::new() };
    let titles = |names: &[String]| {
        names.iter().map(|name| clusters.title_of(name).to_owned()).collect::<Vec<_>>().join("; ")
    };
    let kept: Vec<&str> = clusters.kept().map(super::Cluster::label).collect();
    let mut said = Vec::new();
    if !kept.is_empty() {
        said.push(format!("Kept since the run before: {}.", kept.join("; ")));
    }
    if !matching.new.is_empty() {
        said.push(format!("New: {}.", titles(&matching.new)));
    }
    if !matching.gone.is_empty() {
        said.push(format!("Gone: {}.", titles(&matching.gone)));
    }
    if let Some(rand) = matching.adjusted_rand.filter(|rand| rand.is_finite()) {
        said.push(format!(
            "Adjusted Rand index {rand:.2}: 1 is everybody with the same customers as before, 0 no more than chance."
        ));
    }
    said
}

/// Without its full stop.
fn bare(sentence: &str) -> &str {
    sentence.trim().trim_end_matches('.')
}

/// With its first letter as a capital.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What of its fits is not as it should be: parameters at their edge or not identified, and a search that did not come to rest.
pub fn edges(purchases: &Purchases) -> Vec<String> {
    let spend = purchases.spend.as_ref().and_then(Told::get);
    purchases.timing.get().into_iter().chain(spend).filter_map(irregular).collect()
}

/// What of a fit is not as it should be, in words; none where all is.
fn irregular(fit: &Fit) -> Option<String> {
    let mut said = Vec::new();
    if !fit.at_boundary.is_empty() {
        let value = |name: &String| fit.value(name);
        let goes = |name: &String| match value(name) {
            Some(value) if value < 1.0 => format!("{name} goes to nothing"),
            Some(_) => format!("{name} goes beyond all bounds"),
            None => name.clone(),
        };
        let all: Vec<String> = fit.at_boundary.iter().map(goes).collect();
        said.push(format!("{}, as far as the search lets it", all.join(" and ")));
    }
    match fit.not_identified.as_slice() {
        [] => {}
        [one] => said.push(format!("{one} is not identified: the data say nothing of its value")),
        several => {
            said.push(format!(
                "{} are not identified: the data say nothing of their values",
                several.join(", ")
            ));
        }
    }
    if !fit.converged {
        said.push("the fit did not come to rest: more steps might change its figures".to_owned());
    }
    if said.is_empty() && !fit.is_regular {
        // A run of an earlier version knew no more.
        said.push("some parameters are at their edge or not identified".to_owned());
    }
    (!said.is_empty()).then(|| said.join("; "))
}
