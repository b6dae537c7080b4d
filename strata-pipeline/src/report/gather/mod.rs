//! Fills a report from the lake's tables. Which columns a profile has depends on the data, so each question is
//! asked only where its columns are.

mod clusters;
mod crosses;
mod drifted;
mod expected;
mod left_out;
mod migrations;
mod mind;
mod orders;
mod plots;
mod portrait;
mod rejected;
mod stories;
mod suggested;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use strata_spec::definition::{Classes, Header, Layer, Score};
use strata_spec::name::UNASSIGNED;
use strata_spec::table::Subject;

use super::data::{
    Cell, ClassData, Concentration, Figures, FileData, Grid, Portrait, ReportData, SegmentData,
    SegmentationData,
};
use crate::error::Result;
use crate::heat;
use crate::journey;
use crate::market::{self, MARKET_INDEX};
use crate::meter;
use crate::persona;
use crate::project::Project;
use crate::query::View;
use crate::query::ask::{Columns, Row, ask, columns_of, instant_literal};

/// Within a layer these come first, in this order; others follow by name.
const FIRST: [&str; 5] = ["rfm", "clv_tier", "purchase_frequency", "engagement", "age_band"];

/// So many personas are worth a page each.
const MOST_PERSONAS: usize = 8;

/// So many pages are shown with where they are clicked.
const MOST_PAGES: usize = 3;

/// The segmentation that the grid of scores belongs to, whose classes are compared where they click.
const GRID: &str = "rfm";

/// Everything that a report shows.
///
/// # Errors
/// When a table cannot be read.
pub(super) async fn gather(view: &View, project: &Project) -> Result<ReportData> {
    let customers = columns_of(view, Subject::Customers.profile_table()).await?;
    let companies = columns_of(view, Subject::Companies.profile_table()).await?;
    let mut data = ReportData {
        title: project.manifest.title.clone(),
        as_of: view.complete.as_of.with_timezone(&project.timezone).naive_local(),
        timezone: project.manifest.timezone.clone(),
        run_id: view.complete.run_id.clone(),
        currency: view.currency(project),
        has_history: has_history(view).await?,
        figures: figures(view, &customers, &companies).await?,
        concentration: concentration(view, &customers).await?,
        files: files(view).await?,
        rejected: rejected::gather(view).await?,
        warnings: view
            .complete
            .summaries
            .values()
            .flat_map(|summary| summary.warnings.iter().cloned())
            .collect(),
        ..ReportData::default()
    };
    orders::gather(view, project, &mut data).await?;
    divisions(view, project, &mut data, &customers, &companies).await?;
    data.grid = grid(view, project, &data, &customers).await?;
    left_out::gather(view, project, &mut data);
    let mut shared = portrait::gather(view, project, &mut data, Subject::Customers, &customers).await?;
    shared.extend(portrait::gather(view, project, &mut data, Subject::Companies, &companies).await?);
    crosses::gather(view, &mut data, &shared).await?;
    plots::gather(view, project, &mut data, &customers).await?;
    clusters::gather(view, project, &mut data).await?;
    suggested::gather(view, project, &mut data).await?;
    expected::gather(view, project, &mut data, &customers).await?;
    mind::gather(view, project, &mut data).await?;
    migrations::gather(view, project, &mut data).await?;
    stories::gather(view, project, &mut data).await?;
    drifted::gather(view, project, &mut data).await?;
    if view.complete.tables.contains_key(MARKET_INDEX) {
        data.markets = market::read(view).await?;
    }
    if view.complete.tables.contains_key(meter::METER) {
        data.meter = meter::overview(meter::read(view).await?);
    }
    data.journey = journey::of_project(project, view).await?;
    let by = data.segmentation(GRID).is_some().then_some(GRID);
    data.clicked = heat::most_clicked(project, view, by, MOST_PAGES).await?;
    data.personas = persona::largest(project, view, MOST_PERSONAS).await?;
    data.quality = Some(crate::quality::measure(view, project).await?);
    Ok(data)
}

async fn has_history(view: &View) -> Result<bool> {
    let query = format!(
        "select count(*) from membership where entered_at < {}",
        instant_literal(view.complete.as_of)
    );
    Ok(ask(view, "count earlier memberships", &query).await?.first().is_some_and(|row| row.count(0) > 0))
}

async fn figures(view: &View, customers: &Columns, companies: &Columns) -> Result<Figures> {
    let mut figures = Figures::default();
    let asked = |has: bool, term: &'static str| if has { term } else { "cast(null as double)" };
    if customers.has("customer_id") {
        let (orders, revenue) = (customers.has("n_orders"), customers.has("revenue"));
        let terms = [
            "count(*)",
            asked(orders, "count(*) filter (where n_orders > 0)"),
            asked(orders, "count(*) filter (where n_orders > 1)"),
            asked(revenue, "sum(revenue)"),
            asked(orders && revenue, "sum(revenue) filter (where n_orders > 1)"),
            asked(customers.has("days_since_last_order"), "median(cast(days_since_last_order as double))"),
        ];
        // Several may be unknown, and expressions must have names that differ.
        let terms = terms.iter().enumerate().map(|(place, term)| format!("{term} as figure_{place}"));
        let query = format!("select {} from profile", terms.collect::<Vec<_>>().join(", "));
        if let Some(row) = ask(view, "sum up the customers", &query).await?.first() {
            figures.n_customers = row.count(0);
            figures.n_buyers = row.whole(1);
            figures.n_repeat_buyers = row.whole(2);
            figures.revenue_of_customers = row.number(3);
            figures.revenue_of_repeat_buyers = row.number(4);
            figures.median_days_since_last_order = row.number(5);
        }
    }
    if companies.has("company_id") {
        let revenue = asked(companies.has("company_revenue"), "sum(company_revenue)");
        let query = format!("select count(*), {revenue} from company_profile");
        if let Some(row) = ask(view, "sum up the companies", &query).await?.first() {
            figures.n_companies = row.count(0);
            figures.revenue_of_companies = row.number(1);
        }
    }
    Ok(figures)
}

async fn concentration(view: &View, customers: &Columns) -> Result<Option<Concentration>> {
    if !(customers.has("n_orders") && customers.has("revenue")) {
        return Ok(None);
    }
    let query = "select max(n_top), sum(revenue) filter (where place <= n_top), sum(revenue) from (\
                 select revenue, row_number() over (order by revenue desc) as place, \
                 (count(*) over () + 9) / 10 as n_top from profile where n_orders > 0 and revenue is not null)";
    let rows = ask(view, "rank the buyers", query).await?;
    Ok(rows.first().and_then(|row| {
        let share = super::data::share(row.number(1)?, row.number(2)?)?;
        Some(Concentration { n_top: row.count(0), share })
    }))
}

async fn files(view: &View) -> Result<Vec<FileData>> {
    if !view.complete.tables.contains_key("batch") {
        return Ok(Vec::new());
    }
    let query = r#"select file, "table", n_rows, bytes from batch order by file, "table""#;
    let rows = ask(view, "list the files", query).await?;
    let source = |row: &Row| {
        let table = row.text(1);
        table.strip_prefix("raw.").unwrap_or(table).to_owned()
    };
    let file = |row: &Row| FileData {
        file: row.text(0).to_owned(),
        source: source(row),
        n_rows: row.count(2),
        bytes: row.count(3),
    };
    Ok(rows.iter().map(file).collect())
}

/// Revenue by subject, segmentation (none for a segment) and class.
type Revenues = BTreeMap<(String, Option<String>, String), f64>;

async fn revenues(view: &View, subject: Subject, column: &str, into: &mut Revenues) -> Result<()> {
    let query = format!(
        "select m.segmentation, m.segment, sum(p.{column}) from membership m join {} p on p.{} = m.subject_id \
         where m.subject = '{subject}' and m.left_at is null group by 1, 2",
        subject.profile_table(),
        subject.id_column(),
    );
    for row in ask(view, "sum up revenue by class", &query).await? {
        let key = (subject.to_string(), row.maybe(0).map(str::to_owned), row.text(1).to_owned());
        into.insert(key, row.number(2).unwrap_or(0.0));
    }
    Ok(())
}

async fn divisions(
    view: &View,
    project: &Project,
    data: &mut ReportData,
    customers: &Columns,
    companies: &Columns,
) -> Result<()> {
    let mut sums = Revenues::new();
    let (of_customers, of_companies) = (customers.has("revenue"), companies.has("company_revenue"));
    if of_customers {
        revenues(view, Subject::Customers, "revenue", &mut sums).await?;
    }
    if of_companies {
        revenues(view, Subject::Companies, "company_revenue", &mut sums).await?;
    }
    let definitions = &project.manifest.definitions;
    let query = "select subject, segmentation, segment, title, goal, n_members, n_undecided, n_entered, n_left \
                 from segment order by segmentation nulls first, position, segment";
    for row in ask(view, "list classes and segments", query).await? {
        let has_revenue = if is_companies(&row) { of_companies } else { of_customers };
        let key = (row.text(0).to_owned(), row.maybe(1).map(str::to_owned), row.text(2).to_owned());
        let revenue = has_revenue.then(|| sums.get(&key).copied().unwrap_or(0.0));
        let name = row.text(2).to_owned();
        match row.maybe(1) {
            None => {
                let Some(segment) = definitions.segments.get(name.as_str()) else { continue };
                data.segments.push(own_segment(&row, &segment.header, name, revenue));
            }
            Some(segmentation) => {
                let Some(definition) = definitions.segmentations.get(segmentation) else { continue };
                // A value that happens to be called like the rest is not the rest.
                let title = match definition.classes {
                    Classes::By(_) if name != UNASSIGNED => definition.classes.value_title(&name),
                    _ => row.text(3).to_owned(),
                };
                let class =
                    ClassData { name, title, n_members: row.count(5), revenue, ..ClassData::default() };
                match data.segmentations.iter_mut().find(|known| known.name == segmentation) {
                    Some(known) => known.classes.push(class),
                    None => data.segmentations.push(SegmentationData {
                        name: segmentation.to_owned(),
                        title: definition.header.title.clone(),
                        about: definition.header.about.clone(),
                        layer: definition.header.layer,
                        subject: definition.header.subject,
                        classes: vec![class],
                    }),
                }
            }
        }
    }
    let place = |name: &str| FIRST.iter().position(|first| *first == name).unwrap_or(FIRST.len());
    data.segmentations.sort_by_key(|segmentation| {
        let layer = Layer::ALL.iter().position(|layer| *layer == segmentation.layer);
        (layer, place(&segmentation.name), segmentation.name.clone())
    });
    Ok(())
}

fn own_segment(row: &Row, header: &Header, name: String, revenue: Option<f64>) -> SegmentData {
    SegmentData {
        name,
        title: row.text(3).to_owned(),
        about: header.about.clone(),
        layer: header.layer,
        subject: header.subject,
        goal: row.maybe(4).map(str::to_owned),
        n_members: row.count(5),
        n_undecided: row.count(6),
        n_entered: row.count(7),
        n_left: row.count(8),
        revenue,
        portrait: Portrait::default(),
    }
}

fn is_companies(row: &Row) -> bool {
    row.text(0) == Subject::Companies.as_str()
}

async fn grid(
    view: &View,
    project: &Project,
    data: &ReportData,
    customers: &Columns,
) -> Result<Option<Grid>> {
    let scores = columns_of(view, Subject::Customers.score_table()).await?;
    let tiles = |name: &str| project.manifest.definitions.scores.get(name).and_then(Score::tiles);
    let Some(segmentation) =
        data.segmentation(GRID).filter(|_| scores.has("r_score") && scores.has("f_score"))
    else {
        return Ok(None);
    };
    let (Some(n_recency), Some(n_frequency)) = (tiles("r_score"), tiles("f_score")) else { return Ok(None) };
    let revenue = if customers.has("revenue") { "sum(p.revenue)" } else { "cast(null as double)" };
    let query = format!(
        "select s.r_score, s.f_score, m.segment, count(*), {revenue} from score s \
         join profile p on p.customer_id = s.customer_id \
         join membership m on m.subject_id = s.customer_id \
         where m.subject = 'customers' and m.segmentation = '{GRID}' and m.left_at is null \
         and s.r_score is not null and s.f_score is not null group by 1, 2, 3 order by 1, 2, 4 desc, 3"
    );
    let mut cells: Vec<Cell> = Vec::new();
    for row in ask(view, "sum up the grid of scores", &query).await? {
        let score = |place| u32::try_from(row.count(place)).unwrap_or(0);
        let (recency, frequency) = (score(0), score(1));
        let (n_members, revenue) = (row.count(3), row.number(4));
        match cells.last_mut().filter(|cell| (cell.recency, cell.frequency) == (recency, frequency)) {
            Some(cell) => {
                cell.n_members += n_members;
                cell.revenue = cell.revenue.zip(revenue).map(|(a, b)| a + b);
            }
            None => {
                let class = segmentation.classes.iter().find(|class| class.name == row.text(2));
                let class = class.map(|class| class.label().0);
                cells.push(Cell { recency, frequency, n_members, revenue, class });
            }
        }
    }
    let n_inside: u64 = cells.iter().map(|cell| cell.n_members).sum();
    Ok(Some(Grid {
        n_recency,
        n_frequency,
        cells,
        n_outside: data.figures.n_customers.saturating_sub(n_inside),
    }))
}
