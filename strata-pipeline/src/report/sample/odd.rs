//! Reports that no shop has: markup in every text, odd numbers, nobody.

use strata_models::subgroup::Estimate;
use strata_spec::definition::Layer;

use super::super::data::{
    Ages, Cadence, Difference, Distribution, Expected, Feedback, Groups, IdentityData, Month, Portrait,
    QualityData, ReportData, Scale, Step, Suggested,
};
use super::{accounts, emporium, nobody, segmentation, shop};
use crate::journey::Told::Unknown;
use crate::models::{Contest, Measures, Told, Typical};

/// Markup as text from outside, and what it has to become.
pub(in super::super) const MARKUP: &str = r#"<script>alert("x")</script>'&amp;"#;
pub(in super::super) const ESCAPED: &str = "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;amp;";

/// Everything that comes from outside, as markup.
pub(in super::super) fn hostile() -> ReportData {
    let markup = || MARKUP.to_owned();
    let mut data = emporium();
    data.title = markup();
    data.timezone = markup();
    data.run_id = markup();
    data.currency = Some(markup());
    data.warnings = vec![markup()];
    for segmentation in &mut data.segmentations {
        (segmentation.title, segmentation.about) = (markup(), Some(markup()));
        segmentation.classes.iter_mut().for_each(|class| class.title = markup());
    }
    for (place, segment) in data.segments.iter_mut().enumerate() {
        (segment.name, segment.title) = (format!("{place}{MARKUP}"), markup());
        (segment.about, segment.goal) = (Some(markup()), Some(markup()));
    }
    data.grid.iter_mut().flat_map(|grid| &mut grid.cells).for_each(|cell| cell.class = Some(markup()));
    data.files.iter_mut().for_each(|file| (file.file, file.source) = (markup(), markup()));
    data.rejected.iter_mut().for_each(|rejected| (rejected.table, rejected.reason) = (markup(), markup()));
    data.left_out.iter_mut().for_each(|left_out| (left_out.title, left_out.reason) = (markup(), markup()));
    for portrait in portraits(&mut data) {
        for difference in &mut portrait.differences {
            match difference {
                Difference::Mean { title, .. } => *title = markup(),
                Difference::Share { title, class, .. } => (*title, *class) = (markup(), markup()),
            }
        }
    }
    for migration in &mut data.migrations {
        migration.title = markup();
        migration.classes.iter_mut().for_each(|(_, title)| *title = markup());
    }
    for (place, story) in data.stories.iter_mut().enumerate() {
        (story.segment, story.title, story.sentence) = (format!("{place}{MARKUP}"), markup(), markup());
        story.alike.iter_mut().for_each(|alike| alike.name = markup());
        if let Some(goal) = &mut story.goal {
            (goal.title, goal.metric) = (markup(), markup());
        }
    }
    data.together.sets.iter_mut().for_each(|(title, _)| *title = markup());
    data.together.redundant.iter_mut().for_each(|text| *text = markup());
    data.drift.iter_mut().flat_map(|drift| &mut drift.rows).for_each(|row| row.name = markup());
    for property in data.life_changes.iter_mut().flat_map(|changes| &mut changes.properties) {
        property.name = markup();
        property.changes.iter_mut().for_each(|change| change.to = Some(markup()));
        property.moves.iter_mut().for_each(|each| each.segment = markup());
    }
    for market in &mut data.markets {
        market.name = markup();
        let classes = market.divisions.iter_mut().flat_map(|division| &mut division.classes);
        classes.for_each(|class| (class.name, class.title) = (markup(), markup()));
        market.left_out.iter_mut().for_each(|each| (each.name, each.reason) = (markup(), markup()));
    }
    for metered in &mut data.meter {
        metered.segmentation = metered.segmentation.as_ref().map(|_| markup());
        for finding in &mut metered.findings {
            finding.segmentation.clone_from(&metered.segmentation);
            (finding.reason, finding.other) = (markup(), finding.other.as_ref().map(|_| markup()));
            finding.segment = finding.segment.as_ref().map(|_| markup());
        }
    }
    data.groups.iter_mut().for_each(|groups| hostile_groups(groups, markup));
    data.suggested.iter_mut().for_each(|suggested| hostile_suggested(suggested, markup));
    if let Some(expected) = &mut data.expected {
        expected.others = vec![(markup(), markup())];
        expected.divisions.iter_mut().for_each(|division| {
            division.title = markup();
            division.classes.iter_mut().for_each(|class| class.title = markup());
        });
        for contest in contests(expected) {
            contest.baselines.iter_mut().for_each(|rule| rule.name = markup());
        }
    }
    data.quality.iter_mut().for_each(|quality| hostile_quality(quality, markup));
    for survey in &mut data.surveys {
        (survey.title, survey.notes) = (markup(), vec![markup()]);
        for scale in &mut survey.scales {
            (scale.title, scale.reasons) = (markup(), vec![markup()]);
        }
    }
    for wanted in &mut data.wanted {
        wanted.title = markup();
        wanted.segments.iter_mut().for_each(|of| of.title = markup());
    }
    for typing in &mut data.typings {
        (typing.title, typing.segmentation, typing.reasons) = (markup(), markup(), vec![markup()]);
        typing.types.iter_mut().for_each(|of_type| of_type.title = markup());
        typing.questions.iter_mut().for_each(|question| question.text = Some(markup()));
    }
    for persona in &mut data.personas {
        (persona.name, persona.summary, persona.segment.name) = (markup(), markup(), markup());
        persona.unknown.iter_mut().for_each(|unknown| unknown.text = markup());
        for sentence in &mut persona.sentences {
            sentence.text = markup();
            sentence.evidence.iter_mut().for_each(|each| each.source = markup());
        }
        for fired in &mut persona.guidelines.fired {
            (fired.rule.content, fired.rule.tone, fired.rule.sources) =
                (markup(), Some(markup()), vec![markup()]);
        }
    }
    for stage in data.journey.iter_mut().flat_map(|journey| &mut journey.stages) {
        stage.title = markup();
        stage.stuck = Unknown { why: markup() };
    }
    if let Some(journey) = &mut data.journey {
        (journey.title, journey.outcome) = (markup(), Unknown { why: markup() });
    }
    data.clicked.iter_mut().for_each(|page| super::clicked::hostile(page, markup));
    let plots = &mut data.plots;
    plots.ages.iter_mut().flat_map(|ages| &mut ages.genders).for_each(|gender| *gender = markup());
    plots.funnel.iter_mut().for_each(|step| step.title = markup());
    for cross in &mut plots.crosses {
        (cross.rows_title, cross.columns_title, cross.counted) = (markup(), markup(), markup());
        cross.rows.iter_mut().chain(&mut cross.columns).for_each(|side| side.title = markup());
    }
    plots
        .scales
        .iter_mut()
        .for_each(|scale| (scale.title, scale.ends) = (markup(), Some((markup(), markup()))));
    plots
        .feedback
        .iter_mut()
        .flat_map(|feedback| &mut feedback.topics)
        .for_each(|topic| topic.title = markup());
    data
}

fn hostile_suggested(suggested: &mut Suggested, markup: impl Fn() -> String) {
    let found = &mut suggested.found;
    (found.segment, found.goal, found.title) = (Some(markup()), markup(), markup());
    (found.among, found.reason) = (Some(markup()), found.reason.as_ref().map(|_| markup()));
    for one in &mut found.suggestions {
        (one.name, one.condition, one.sentence) = (markup(), markup(), markup());
        one.most_like.iter_mut().for_each(|like| like.name = markup());
    }
}

fn odd_suggested(suggested: &mut Suggested, number: f64, n: u64) {
    let found = &mut suggested.found;
    (found.n_searched, found.n_checked, found.n_subjects, found.mean_of_all) = (n, n, n, number);
    let odd = Estimate { value: number, low: -number, high: number };
    for one in &mut found.suggestions {
        (one.n_members, one.chance, one.adjusted_chance) = (n, number, number);
        (one.inside, one.outside, one.lift) = (odd, odd, Some(odd));
        one.most_like.iter_mut().for_each(|like| (like.n_both, like.jaccard) = (n, number));
    }
}

fn hostile_groups(groups: &mut Groups, markup: impl Fn() -> String) {
    groups.score = markup();
    for feature in &mut groups.features {
        (feature.title, feature.unit) = (markup(), Some(markup()));
    }
    let found = &mut groups.found;
    (found.title, found.model, found.sentence) = (markup(), markup(), markup());
    (found.reasons, found.reason) = (vec![markup()], found.reason.as_ref().map(|_| markup()));
    for cluster in &mut found.clusters {
        cluster.title = markup();
        cluster.rules.iter_mut().for_each(|rule| rule.text = markup());
        let texts = cluster.typical.values_mut().flatten();
        texts.for_each(|usual| *usual = Typical::Text(markup()));
    }
    if let Some(explained) = &mut found.explained {
        explained.notes = vec![markup()];
        for effect in &mut explained.effects {
            (effect.title, effect.level, effect.against) = (markup(), markup(), markup());
        }
    }
    if let Some(matching) = &mut found.matching {
        (matching.new, matching.gone) = (vec![markup()], vec![markup()]);
    }
}

fn odd_groups(groups: &mut Groups, number: f64, n: u64) {
    let odd = Some(number);
    let found = &mut groups.found;
    (found.n_rows, found.fidelity) = (n, odd);
    found.axes.iter_mut().for_each(|share| *share = odd);
    let effects = found.explained.iter_mut().flat_map(|explained| &mut explained.effects);
    effects.for_each(|effect| (effect.odds_ratio, effect.low, effect.high) = (odd, odd, odd));
    found.map.iter_mut().step_by(3).for_each(|point| *point = [odd, odd, odd]);
    for choice in &mut found.choices {
        (choice.criterion, choice.silhouette, choice.prediction_strength) = (odd, odd, odd);
        (choice.jaccard, choice.jaccard_null, choice.smallest_share) = (odd, odd, odd);
        (choice.explained, choice.explained_null) = (odd, odd);
    }
    for cluster in &mut found.clusters {
        (cluster.n, cluster.share, cluster.silhouette) = (n, odd, odd);
        cluster.typical.values_mut().for_each(|usual| *usual = Some(Typical::Number(number)));
        cluster.standardised.values_mut().for_each(|from_all| *from_all = odd);
        cluster.rules.iter_mut().for_each(|rule| (rule.precision, rule.coverage) = (odd, odd));
    }
    if let Some(matching) = &mut found.matching {
        matching.adjusted_rand = odd;
    }
}

fn hostile_quality(quality: &mut QualityData, markup: impl Fn() -> String) {
    quality.columns.iter_mut().for_each(|column| (column.source, column.column) = (markup(), markup()));
    let gaps = quality.layers.iter_mut().flat_map(|layer| &mut layer.gaps);
    gaps.for_each(|gap| (gap.what, gap.segmentation) = (markup(), markup()));
    quality.freshness.iter_mut().for_each(|source| source.source = markup());
    quality.changes.iter_mut().for_each(|change| change.what = markup());
    quality.flagged.iter_mut().for_each(|flagged| flagged.what = markup());
    let reasons =
        quality.identity.iter_mut().flat_map(|each| each.joined.iter_mut().chain(&mut each.refused));
    reasons.for_each(|reason| reason.what = markup());
}

/// Every portrait of a report.
fn portraits(data: &mut ReportData) -> impl Iterator<Item = &mut Portrait> {
    let classes = data.segmentations.iter_mut().flat_map(|each| &mut each.classes);
    let of_segments = data.segments.iter_mut().map(|segment| &mut segment.portrait);
    classes.map(|class| &mut class.portrait).chain(of_segments)
}

/// Numbers at their extremes.
fn extreme() -> ReportData {
    let mut data = shop();
    data.figures.median_days_since_last_order = Some(f64::NAN);
    let odd = [f64::NAN, f64::INFINITY, -1e300, 1e300, 0.0, -5.0];
    for (class, revenue) in
        data.segmentations.iter_mut().flat_map(|each| &mut each.classes).zip(odd.iter().cycle())
    {
        class.revenue = Some(*revenue);
    }
    for (cell, revenue) in data.grid.iter_mut().flat_map(|grid| &mut grid.cells).zip(odd) {
        (cell.n_members, cell.revenue) = (0, Some(revenue));
    }
    for (month, revenue) in data.months.iter_mut().zip(odd) {
        month.revenue = revenue;
    }
    data
}

/// A whole shop whose every number is the same odd one.
fn odd(number: f64, n: u64) -> ReportData {
    let mut data = emporium();
    for portrait in portraits(&mut data) {
        (portrait.n_orders, portrait.median_days_since_last_order) = (Some(n), Some(number));
        for difference in &mut portrait.differences {
            match difference {
                Difference::Mean { mean, mean_of_rest, deviation, n_known, .. } => {
                    (*mean, *mean_of_rest, *deviation, *n_known) = (number, -number, number, n);
                }
                Difference::Share { share, share_of_rest, .. } => (*share, *share_of_rest) = (number, 0.0),
            }
        }
    }
    data.migrations.iter_mut().flat_map(|each| &mut each.moves).for_each(|each| {
        (each.n, each.revenue) = (n, Some(number));
    });
    for story in &mut data.stories {
        for month in &mut story.months {
            (month.n_members, month.n_subjects, month.n_entered, month.n_left) = (n, n, n, n);
        }
        if let Some(goal) = &mut story.goal {
            goal.target = number;
            for point in &mut goal.points {
                (point.n, point.value, point.expected) = (n, Some(number), Some(number));
                point.interval = Some((number, -number));
            }
        }
    }
    data.together.combinations.iter_mut().for_each(|(_, n_together)| *n_together = n);
    data.drift.iter_mut().flat_map(|drift| &mut drift.rows).for_each(|row| row.value = number);
    for market in &mut data.markets {
        market.n_market = number;
        let classes = market.divisions.iter_mut().flat_map(|division| &mut division.classes);
        classes.for_each(|class| (class.counts.n_market, class.counts.n_customers) = (number, n as f64));
    }
    data.groups.iter_mut().for_each(|groups| odd_groups(groups, number, n));
    data.suggested.iter_mut().for_each(|suggested| odd_suggested(suggested, number, n));
    data.expected.iter_mut().for_each(|expected| odd_expected(expected, number, n));
    if let Some(quality) = &mut data.quality {
        quality.layers.iter_mut().for_each(|layer| layer.score = number);
        quality.columns.iter_mut().for_each(|column| (column.n_rows, column.n_missing) = (n, 3));
    }
    data.clicked.iter_mut().for_each(|page| super::clicked::odd(page, number));
    let plots = &mut data.plots;
    let bins = |distribution: &mut Distribution| {
        (distribution.median, distribution.mean) = (Some(number), Some(number));
        distribution.bins.iter_mut().for_each(|bin| (bin.n, bin.from) = (n, number));
    };
    plots.clv.iter_mut().for_each(bins);
    plots.cadence.iter_mut().filter_map(|cadence| cadence.gaps.as_mut()).for_each(bins);
    plots.funnel.iter_mut().skip(1).for_each(|step| step.n = n);
    plots
        .scales
        .iter_mut()
        .for_each(|scale| (scale.mean, scale.highest, scale.deviation) = (number, 1.0, number));
    plots.crosses.iter_mut().for_each(|cross| cross.n.truncate(1));
    plots.ages.iter_mut().flat_map(|ages| &mut ages.bands).for_each(|band| band.n.clear());
    data
}

fn odd_expected(expected: &mut Expected, number: f64, n: u64) {
    if let Some(total) = &mut expected.total {
        (total.n, total.expected, total.last_year) = (n, number, Some(number));
    }
    expected.curve.iter_mut().for_each(|point| (point.expected, point.revenue) = (number, Some(number)));
    expected.alive.iter_mut().for_each(|bin| (bin.n, bin.revenue) = (n, Some(number)));
    let classes = expected.divisions.iter_mut().flat_map(|division| &mut division.classes);
    classes.for_each(|class| (class.n, class.expected, class.revenue) = (n, number, Some(number)));
    for contest in contests(expected) {
        let odd = Some(number);
        contest.model = Measures {
            mean_predicted: odd,
            mean_actual: odd,
            relative_bias: odd,
            top_decile: odd,
            ..Measures::default()
        };
        contest.by_prediction.iter_mut().for_each(|part| (part.expected, part.actual) = (odd, Some(-number)));
    }
    let Some(Told::Is(holdout)) = &mut expected.model.holdout else { return };
    for group in &mut holdout.by_frequency {
        (group.expected, group.actual, group.standard_error) = (Some(number), Some(number), Some(number));
    }
    if let Some(course) = &mut holdout.course {
        (course.held_out_from, course.final_error) = (Some(number), Some(number));
        course.points.iter_mut().for_each(|point| point.expected = Some(number));
    }
}

/// Both contests of a model.
fn contests(expected: &mut Expected) -> impl Iterator<Item = &mut Contest> {
    let holdout = match &mut expected.model.holdout {
        Some(Told::Is(holdout)) => Some(holdout),
        _ => None,
    };
    holdout.into_iter().flat_map(|holdout| [Some(&mut holdout.purchases), holdout.value.as_mut()]).flatten()
}

/// Blocks that are there and hold nothing.
fn empty_plots() -> ReportData {
    let mut data = shop();
    data.quality = Some(QualityData { identity: Some(IdentityData::default()), ..QualityData::default() });
    data.plots.ages = Some(Ages::default());
    data.plots.cadence = Some(Cadence {
        gaps: Some(Distribution::default()),
        weekdays: Some([0; 7]),
        hours: Some(Box::new([[0; 24]; 7])),
    });
    data.plots.funnel = vec![Step::default(), Step::default()];
    data.plots.clv = Some(Distribution::default());
    data.plots.scales = vec![Scale::default()];
    data.plots.feedback = Some(Feedback::default());
    data
}

fn one_customer() -> ReportData {
    let mut data = nobody();
    data.figures.n_customers = 1;
    data.segmentations = vec![segmentation(
        "rfm",
        "Recency and frequency",
        Layer::Value,
        &[("champions", "Champions", 1, 0.0)],
    )];
    data.months = vec![Month { year: 2024, month: 6, n_orders: 1, revenue: 0.0, is_whole: false }];
    data
}

/// Every report that was made up.
pub(in super::super) fn all() -> Vec<ReportData> {
    let odd = [(f64::NAN, 0), (f64::INFINITY, u64::from(u32::MAX)), (-1e300, 1), (0.0, 7)]
        .map(|(number, n)| odd(number, n));
    [
        shop(),
        nobody(),
        accounts(),
        emporium(),
        hostile(),
        extreme(),
        one_customer(),
        ReportData::default(),
        empty_plots(),
    ]
    .into_iter()
    .chain(odd)
    .collect()
}
