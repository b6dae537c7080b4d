//! What the plots of the layers show, each from one question whose answer is a few hundred counts.

use std::collections::BTreeMap;

use super::super::data::{AgeBand, Ages, Bin, Distribution, ReportData, Step};
use crate::error::Result;
use crate::project::Project;
use crate::quality::{Histogram, STEPS};
use crate::query::ask::{Columns, ask, instant_literal};
use crate::query::{View, quoted};

/// The width of an age band in years.
const BAND: u32 = 5;

/// Lower limits of pauses in days.
const PAUSES: [f64; 9] = [1.0, 8.0, 15.0, 31.0, 61.0, 91.0, 181.0, 366.0, 731.0];

/// Bins of lifetime values up to the value that all but a few are below; the last one is open.
const BINS: u32 = 20;
const BELOW: f64 = 0.95;

/// Steps before the first order, with the names of the events that show them. Shops and tools name them differently; the
/// traits of the journey layer look for the same.
const STEPS_BEFORE: [(&str, &str); 4] = [
    (
        "Visited or clicked",
        "'page_view', 'page view', 'pageview', 'viewed page', 'page viewed', 'session_start', 'active on site', \
         'clicked email', 'email clicked', 'email_clicked', 'email click', 'email_click', 'email link clicked', \
         'email_link_clicked', 'signed up', 'sign up', 'sign_up', 'signup', 'subscribed to list', 'subscribed', \
         'generate_lead', 'lead', 'complete_registration', 'completeregistration', 'download', 'downloaded', \
         'file downloaded', 'file_download'",
    ),
    (
        "Looked at a product",
        "'viewed product', 'viewed item', 'view product', 'view_item', 'view_content', 'viewcontent', \
         'product viewed', 'product_viewed', 'product view', 'product_view'",
    ),
    (
        "Put something in the cart",
        "'added to cart', 'add to cart', 'add_to_cart', 'added_to_cart', 'addtocart', 'cart_add', 'product added', \
         'product_added', 'product added to cart', 'product_added_to_cart'",
    ),
    (
        "Began to check out",
        "'started checkout', 'checkout started', 'checkout_started', 'checkout_start', 'begin checkout', \
         'begin_checkout', 'initiate checkout', 'initiatecheckout'",
    ),
];

/// Steps from the first order on, with the orders that they take.
const STEPS_AFTER: [(&str, u32); 3] =
    [("Ordered", 1), ("Ordered again", 2), ("Ordered four times or more", 4)];

/// Adds the plots of customers.
pub(super) async fn gather(
    view: &View,
    project: &Project,
    data: &mut ReportData,
    customers: &Columns,
) -> Result<()> {
    data.plots.ages = ages(view, customers).await?;
    let gaps = gaps(view, project).await?;
    if gaps.is_some() {
        data.plots.cadence.get_or_insert_default().gaps = gaps;
    }
    data.plots.funnel = funnel(view, customers).await?;
    data.plots.clv = clv(view, customers).await?;
    Ok(())
}

async fn ages(view: &View, customers: &Columns) -> Result<Option<Ages>> {
    let Some(age) = customers.as_number("age_years", "") else { return Ok(None) };
    let gender = if customers.has("gender") { "gender" } else { "cast(null as varchar)" };
    let query = format!(
        "select cast(floor({age} / {BAND}) as bigint) * {BAND}, {gender}, count(*) from profile group by 1, 2"
    );
    let mut counts: BTreeMap<u32, BTreeMap<Option<String>, u64>> = BTreeMap::new();
    let mut of_gender: BTreeMap<String, u64> = BTreeMap::new();
    let mut n_unknown = 0;
    for row in ask(view, "count customers by age", &query).await? {
        let (gender, n) = (row.maybe(1).map(str::to_owned), row.count(2));
        if let Some(gender) = &gender {
            *of_gender.entry(gender.clone()).or_default() += n;
        }
        let Some(from) = row.maybe(0).and_then(|from| from.parse().ok()) else {
            n_unknown += n;
            continue;
        };
        *counts.entry(from).or_default().entry(gender).or_default() += n;
    }
    if counts.is_empty() {
        return Ok(None);
    }
    let mut genders: Vec<(String, u64)> = of_gender.into_iter().collect();
    genders.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    genders.truncate(2);
    let bands = counts.into_iter().map(|(from, by_gender)| {
        let n: Vec<u64> = genders
            .iter()
            .map(|(gender, _)| by_gender.get(&Some(gender.clone())).copied().unwrap_or(0))
            .collect();
        let n_other = by_gender.values().sum::<u64>() - n.iter().sum::<u64>();
        AgeBand { from, n, n_other }
    });
    let bands = bands.collect();
    let genders = genders.into_iter().map(|(gender, _)| people(&gender)).collect();
    Ok(Some(Ages { width: BAND, genders, bands, n_unknown }))
}

/// What the persons of a gender are called.
fn people(gender: &str) -> String {
    match gender {
        "female" => "Women".to_owned(),
        "male" => "Men".to_owned(),
        other => super::super::data::capitalised(other),
    }
}

/// Days from one purchase day of a customer to the next.
async fn gaps(view: &View, project: &Project) -> Result<Option<Distribution>> {
    if !view.complete.tables.contains_key("orders") {
        return Ok(None);
    }
    let query = format!(
        "select day - before, count(*) from ( \
           select day, lag(day) over (partition by customer_id order by day) as before from ( \
             select distinct customer_id, cast(local_date(ordered_at, {}) as int) as day from orders \
             where customer_id is not null and ordered_at <= {})) \
         where before is not null group by 1 order by 1",
        quoted(&project.manifest.timezone),
        instant_literal(view.complete.as_of),
    );
    let rows = ask(view, "count the pauses between orders", &query).await?;
    let counts: Vec<(f64, u64)> =
        rows.iter().filter_map(|row| Some((row.number(0)?, row.count(1)))).collect();
    Ok(pauses(&counts))
}

/// Values with their numbers, ascending, as a distribution.
fn pauses(counts: &[(f64, u64)]) -> Option<Distribution> {
    let n: u64 = counts.iter().map(|(_, n)| n).sum();
    let longest = counts.last()?.0;
    let value_at = |rank: u64| {
        let mut below = 0;
        counts.iter().find(|(_, n)| {
            below += n;
            below > rank
        })
    };
    let middle = [(n.checked_sub(1)?) / 2, n / 2].map(|rank| value_at(rank).map(|(value, _)| *value));
    let [Some(lower), Some(upper)] = middle else { return None };
    let limits: Vec<f64> = PAUSES.into_iter().filter(|limit| *limit <= longest).collect();
    let bin = |(place, from): (usize, &f64)| {
        let to = limits.get(place + 1).copied();
        let inside = counts.iter().filter(|(value, _)| value >= from && to.is_none_or(|to| *value < to));
        Bin { from: *from, to, n: inside.map(|(_, n)| n).sum(), revenue: None }
    };
    let sum: f64 = counts.iter().map(|(value, n)| value * *n as f64).sum();
    Some(Distribution {
        bins: limits.iter().enumerate().map(bin).collect(),
        median: Some(f64::midpoint(lower, upper)),
        mean: Some(sum / n as f64),
    })
}

async fn funnel(view: &View, customers: &Columns) -> Result<Vec<Step>> {
    let has_events = view.complete.tables.contains_key("events");
    let has_orders = customers.has("n_orders");
    if !customers.has("customer_id") || !(has_events || has_orders) {
        return Ok(Vec::new());
    }
    let n_before = STEPS_BEFORE.len();
    let cases: Vec<String> = STEPS_BEFORE
        .iter()
        .enumerate()
        .rev()
        .map(|(place, (_, names))| format!("when lower(name) in ({names}) then {}", place + 1))
        .collect();
    let orders: Vec<String> = STEPS_AFTER
        .iter()
        .enumerate()
        .rev()
        .map(|(place, (_, n))| format!("when n_orders >= {n} then {}", n_before + place + 1))
        .collect();
    let (events, join) = match has_events {
        true => (
            "coalesce(e.step, 0)",
            format!(
                "left join (select customer_id, max(case {} end) as step from events \
                 where customer_id is not null and occurred_at <= {} group by 1) e on e.customer_id = p.customer_id",
                cases.join(" "),
                instant_literal(view.complete.as_of)
            ),
        ),
        false => ("0", String::new()),
    };
    let bought = match has_orders {
        true => format!("case {} else 0 end", orders.join(" ")),
        false => "0".to_owned(),
    };
    let query = format!(
        "select greatest({bought}, {events}), {events} > 0, count(*) from profile p {join} group by 1, 2"
    );
    let titles =
        STEPS_BEFORE.iter().map(|(title, _)| *title).chain(STEPS_AFTER.iter().map(|(title, _)| *title));
    let mut steps: Vec<Step> =
        ["On file"].into_iter().chain(titles).map(|title| Step { title: title.to_owned(), n: 0 }).collect();
    let mut furthest = vec![0_u64; steps.len()];
    for row in ask(view, "count how far customers have come", &query).await? {
        let place = row.whole(0).and_then(|step| usize::try_from(step).ok());
        if let Some(n) = place.and_then(|place| furthest.get_mut(place)) {
            *n += row.count(2);
        }
    }
    for (place, step) in steps.iter_mut().enumerate() {
        step.n = furthest.iter().skip(place).sum();
    }
    let seen = seen(view, has_events).await?;
    let mut place = 0;
    steps.retain(|step| {
        let is_seen = match place {
            0 => true,
            before if before <= n_before => seen.contains(&before),
            _ => has_orders && step.n > 0,
        };
        place += 1;
        is_seen
    });
    // Being on file alone is no way that anybody has come.
    Ok(if steps.len() > 1 { steps } else { Vec::new() })
}

/// The steps before the first order of which there is any event of a known customer.
async fn seen(view: &View, has_events: bool) -> Result<Vec<usize>> {
    if !has_events {
        return Ok(Vec::new());
    }
    let terms: Vec<String> = STEPS_BEFORE
        .iter()
        .map(|(_, names)| format!("count(*) filter (where lower(name) in ({names}))"))
        .collect();
    let query = format!(
        "select {} from (select name from events where customer_id is not null group by 1)",
        terms.join(", ")
    );
    let rows = ask(view, "look for the steps before an order", &query).await?;
    let seen = |row: &crate::query::ask::Row| {
        (0..STEPS_BEFORE.len()).filter(|place| row.count(*place) > 0).map(|place| place + 1).collect()
    };
    Ok(rows.first().map(seen).unwrap_or_default())
}

/// Buyers by lifetime value.
async fn clv(view: &View, customers: &Columns) -> Result<Option<Distribution>> {
    if !(customers.has("clv") && customers.has("n_orders")) {
        return Ok(None);
    }
    let buyers = "from profile where n_orders > 0 and clv is not null";
    let sizes = format!(
        "select cast(floor(ln(clv) * {STEPS:.1}) as bigint), count(*) {buyers} and clv > 0 group by 1"
    );
    let mut histogram = Histogram::default();
    for row in ask(view, "count buyers by the size of their value", &sizes).await? {
        if let Some(bin) = row.maybe(0).and_then(|bin| bin.parse().ok()) {
            histogram.add(bin, row.count(1));
        }
    }
    let Some(most) = histogram.quantile(BELOW) else { return Ok(None) };
    let width = nice(((most + 1) as f64 / STEPS).exp() / f64::from(BINS - 1));
    let revenue = if customers.has("revenue") { "sum(revenue)" } else { "cast(null as double)" };
    let values = format!(
        "select cast(least(greatest(floor(clv / {width}), 0), {}) as bigint), count(*), {revenue} {buyers} group by 1",
        BINS - 1
    );
    let rows = ask(view, "count buyers by their value", &values).await?;
    let bin = |place: u32| {
        let found = rows.iter().find(|row| row.whole(0) == Some(u64::from(place)));
        let from = f64::from(place) * width;
        Bin {
            from,
            to: (place + 1 < BINS).then_some(from + width),
            n: found.map_or(0, |row| row.count(1)),
            revenue: customers.has("revenue").then(|| found.and_then(|row| row.number(2)).unwrap_or(0.0)),
        }
    };
    let middle = format!("select median(cast(clv as double)), avg(cast(clv as double)) {buyers}");
    let middle = ask(view, "find the middle of buyers' value", &middle).await?;
    Ok(Some(Distribution {
        bins: (0..BINS).map(bin).collect(),
        median: middle.first().and_then(|row| row.number(0)),
        mean: middle.first().and_then(|row| row.number(1)),
    }))
}

/// The next number of the form 1, 2, 2.5 or 5 times a power of ten.
fn nice(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|step| step * power);
    steps.into_iter().find(|step| *step >= least).unwrap_or(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_binned_and_have_a_middle() {
        let found = pauses(&[(1.0, 2), (7.0, 1), (40.0, 1)]).unwrap();
        let bins: Vec<_> = found.bins.iter().map(|bin| (bin.from, bin.to, bin.n)).collect();
        assert_eq!(bins, [(1.0, Some(8.0), 3), (8.0, Some(15.0), 0), (15.0, Some(31.0), 0), (31.0, None, 1)]);
        assert_eq!((found.median, found.mean), (Some(4.0), Some(49.0 / 4.0)));
        assert_eq!(pauses(&[]), None);
    }

    #[test]
    fn widths_are_nice() {
        for (least, expected) in
            [(0.7, 1.0), (11.0, 20.0), (23.0, 25.0), (26.0, 50.0), (510.0, 1000.0), (5.0, 5.0)]
        {
            assert_eq!(nice(least), expected, "{least}");
        }
    }
}
