//! What models expect, summed up: over all, by class, along the order of customers, and by the probability of being one still.

use strata_spec::definition::Predicts;
use strata_spec::table::Subject;

use super::super::data::{
    AliveBin, CurvePoint, Expected, ExpectedClass, ExpectedCompanies, ExpectedDivision, ReportData, Total,
    share,
};
use crate::error::Result;
use crate::models::{self, Kind, Model};
use crate::project::Project;
use crate::query::View;
use crate::query::ask::{Columns, ask, columns_of};

/// The scores that the page speaks of, where they are predictions.
const VALUE: &str = "expected_value";
const ALIVE: &str = "p_alive";

/// The same of companies.
const COMPANY_VALUE: &str = "company_expected_value";

/// The ends of its interval, where it has one.
const END: [&str; 2] = ["expected_value_low", "expected_value_high"];

/// The segmentations whose classes are shown.
const DIVISIONS: [&str; 2] = ["expected_value_tier", "rfm"];

/// The curve has so many points.
const POINTS: u32 = 50;

/// Adds what the model behind the scores expects; nothing where none was asked for.
pub(super) async fn gather(
    view: &View,
    project: &Project,
    data: &mut ReportData,
    customers: &Columns,
) -> Result<()> {
    let mut all = models::read(view).await?;
    let companies = companies(view, &all).await?;
    all.retain(|model| model.subject == Subject::Customers);
    let asks = |name: &str, predicts: Predicts| {
        let score = all.iter().find(|model| model.name == name)?;
        matches!(&score.is, Kind::Prediction(asks) if asks.predicts == predicts.as_str()).then_some(score)
    };
    let value = asks(VALUE, Predicts::CustomerLifetimeValue);
    let level = all.iter().find_map(|model| match &model.is {
        Kind::Prediction(asks) if model.name == END[1] => asks.bound.map(|bound| bound.level),
        _ => None,
    });
    let alive = asks(ALIVE, Predicts::ProbabilityAlive);
    let of_scores = [value, alive].into_iter().flatten().find_map(|score| models::asked_by(&all, score));
    let lead = of_scores.or_else(|| all.iter().find(|model| model.purchases().is_some()));
    let Some((lead, purchases)) = lead.and_then(|lead| Some((lead, lead.purchases()?))) else {
        return Ok(());
    };
    let others = all.iter().filter(|model| model.name != lead.name);
    let others = others.filter_map(|model: &Model| {
        Some((model.name.clone(), models::standing(model.purchases()?).to_owned()))
    });
    let horizon = value.and_then(|score| match &score.is {
        Kind::Prediction(prediction) => Some(prediction.horizon_days),
        _ => None,
    });
    let mut expected = Expected {
        model: purchases.clone(),
        held_out_from: purchases.held_out().map(|held| held.at.with_timezone(&project.timezone).date_naive()),
        others: others.collect(),
        horizon_days: horizon.unwrap_or_default(),
        level: None,
        total: None,
        curve: Vec::new(),
        divisions: Vec::new(),
        alive: Vec::new(),
        companies,
    };
    let scores = columns_of(view, Subject::Customers.score_table()).await?;
    let has_revenue = customers.has("revenue");
    if purchases.timing.get().is_some() {
        if value.is_some() && scores.has(VALUE) {
            expected.total = total(view, customers).await?;
        }
        if expected.total.is_some() {
            expected.curve = curve(view, has_revenue).await?;
            let has_ends = level.is_some() && END.iter().all(|name| scores.has(name));
            expected.level = level.filter(|_| has_ends);
            expected.divisions = divisions(view, data, has_revenue, has_ends).await?;
        }
        if alive.is_some() && scores.has(ALIVE) {
            expected.alive = bins(view, has_revenue).await?;
        }
    }
    data.expected = Some(expected);
    Ok(())
}

/// What the model of companies expects; nothing where none was asked for.
async fn companies(view: &View, all: &[Model]) -> Result<Option<ExpectedCompanies>> {
    let is_it = |model: &&Model| model.subject == Subject::Companies && model.name == COMPANY_VALUE;
    let Some(score) = all.iter().find(is_it) else { return Ok(None) };
    let Kind::Prediction(prediction) = &score.is else { return Ok(None) };
    let Some(model) = models::asked_by(all, score).and_then(Model::purchases) else { return Ok(None) };
    let mut total = None;
    if model.timing.get().is_some() {
        let profile = columns_of(view, Subject::Companies.profile_table()).await?;
        let last_year = profile.as_number("company_revenue_365d", "p.");
        let last_year =
            last_year.map_or_else(|| "cast(null as double)".to_owned(), |sum| format!("sum({sum})"));
        let query = format!(
            "select count(s.{COMPANY_VALUE}), sum(s.{COMPANY_VALUE}), {last_year} from {} s \
             join {} p on p.company_id = s.company_id where s.{COMPANY_VALUE} is not null",
            Subject::Companies.score_table(),
            Subject::Companies.profile_table(),
        );
        let rows = ask(view, "sum up what is expected of companies", &query).await?;
        total = rows.first().and_then(|row| {
            Some(Total { n: row.count(0), expected: row.number(1)?, last_year: row.number(2) })
        });
    }
    let horizon_days = prediction.horizon_days;
    Ok(Some(ExpectedCompanies { model: model.clone(), horizon_days, total }))
}

/// Scores with the profiles of the same customers, in SQL.
const SCORED: &str = "score s join profile p on p.customer_id = s.customer_id";

async fn total(view: &View, customers: &Columns) -> Result<Option<Total>> {
    let last_year = match customers.has("revenue_365d") {
        true => "sum(p.revenue_365d)",
        false => "cast(null as double)",
    };
    let query = format!(
        "select count(s.{VALUE}), sum(s.{VALUE}), {last_year} as last_year from {SCORED} where s.{VALUE} is not null"
    );
    let rows = ask(view, "sum up what is expected", &query).await?;
    Ok(rows
        .first()
        .and_then(|row| Some(Total { n: row.count(0), expected: row.number(1)?, last_year: row.number(2) })))
}

async fn curve(view: &View, has_revenue: bool) -> Result<Vec<CurvePoint>> {
    let expected = shares(view, &format!("s.{VALUE}")).await?;
    // Refunds beyond what was paid count as nothing, so that shares add up to all.
    let revenue = match has_revenue {
        true => shares(view, "greatest(cast(p.revenue as double), 0)").await?,
        false => Vec::new(),
    };
    let point = |(part, expected): (u32, f64)| {
        let of_revenue = revenue.iter().find(|(known, _)| *known == part);
        CurvePoint {
            customers: f64::from(part) / f64::from(POINTS),
            expected,
            revenue: of_revenue.map(|(_, share)| *share),
        }
    };
    Ok(expected.into_iter().map(point).collect())
}

/// Which share of a value is held by the first parts of those with an expected value, when they are led by the value.
async fn shares(view: &View, value: &str) -> Result<Vec<(u32, f64)>> {
    let query = format!(
        "select cast(ceil(cast(place as double) * {POINTS} / n) as bigint) as part, sum(value) from (\
         select value, row_number() over (order by value desc) as place, count(*) over () as n from (\
         select coalesce({value}, 0) as value from {SCORED} where s.{VALUE} is not null)) group by 1 order by 1"
    );
    let rows = ask(view, "rank customers by what they bring", &query).await?;
    let sums: Vec<(u32, f64)> =
        rows.iter().filter_map(|row| Some((row.maybe(0)?.parse().ok()?, row.number(1)?))).collect();
    let all: f64 = sums.iter().map(|(_, sum)| sum).sum();
    let mut so_far = 0.0;
    let shares = sums.into_iter().filter_map(|(part, sum)| {
        so_far += sum;
        Some((part, share(so_far, all)?))
    });
    Ok(shares.collect())
}

async fn divisions(
    view: &View,
    data: &ReportData,
    has_revenue: bool,
    has_ends: bool,
) -> Result<Vec<ExpectedDivision>> {
    let end = |name: &str| match has_ends {
        true => format!("median(s.{name}) as {name}"),
        false => format!("cast(null as double) as {name}"),
    };
    let ends = END.map(end).join(", ");
    let revenue = if has_revenue { "sum(p.revenue)" } else { "cast(null as double)" };
    let query = format!(
        "select m.segmentation, m.segment, count(s.{VALUE}), sum(s.{VALUE}), {revenue} as revenue, {ends} \
         from membership m join score s on s.customer_id = m.subject_id join profile p on p.customer_id = m.subject_id \
         where m.subject = '{}' and m.left_at is null and m.segmentation in ('{}') and s.{VALUE} is not null group by 1, 2",
        Subject::Customers,
        DIVISIONS.join("', '"),
    );
    let rows = ask(view, "sum up what is expected by class", &query).await?;
    let mut divisions = Vec::new();
    for name in DIVISIONS {
        let Some(known) = data.segmentation(name) else { continue };
        let class = |class: &super::super::data::ClassData| {
            let row = rows.iter().find(|row| row.text(0) == name && row.text(1) == class.name)?;
            Some(ExpectedClass {
                title: class
                    .title
                    .split_once(": ")
                    .map_or(class.title.as_str(), |(short, _)| short)
                    .to_owned(),
                n: row.count(2),
                expected: row.number(3)?,
                revenue: row.number(4),
                interval: row.number(5).zip(row.number(6)),
            })
        };
        let classes: Vec<ExpectedClass> = known.classes.iter().filter_map(class).collect();
        if classes.len() > 1 {
            divisions.push(ExpectedDivision { name: name.to_owned(), title: known.title.clone(), classes });
        }
    }
    Ok(divisions)
}

async fn bins(view: &View, has_revenue: bool) -> Result<Vec<AliveBin>> {
    let revenue = if has_revenue { "sum(p.revenue)" } else { "cast(null as double)" };
    let query = format!(
        "select least(cast(floor(s.{ALIVE} * 10) as bigint), 9), count(*), {revenue} as revenue from {SCORED} \
         where s.{ALIVE} is not null group by 1 order by 1"
    );
    let rows = ask(view, "count customers by whether they are still there", &query).await?;
    let known: Vec<AliveBin> = rows
        .iter()
        .filter_map(|row| {
            Some(AliveBin { tenth: row.maybe(0)?.parse().ok()?, n: row.count(1), revenue: row.number(2) })
        })
        .collect();
    if known.is_empty() {
        return Ok(known);
    }
    let of = |tenth: u32| known.iter().find(|bin| bin.tenth == tenth).copied();
    Ok((0..10).map(|tenth| of(tenth).unwrap_or(AliveBin { tenth, ..AliveBin::default() })).collect())
}
