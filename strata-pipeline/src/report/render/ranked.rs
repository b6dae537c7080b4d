//! The classes of one segmentation as a ranking: wide bars for their share of subjects and of revenue, and how much each
//! subject brings against the mean.

use strata_spec::name::UNASSIGNED;

use super::super::data::{ClassData, ReportData, SegmentationData, share};
use super::super::findings::differ::times;
use super::classes::bars;
use super::html::{Column, Field, Row, escape, table};
use super::number::{count, counted, percent};

/// So many classes are ranked; the others are one row.
const MOST: usize = 12;

/// Classes whose order means something keep it: sizes, ages, incomes.
const ORDERED: [&str; 9] = [
    "age_band",
    "generation",
    "household",
    "income_band",
    "company_size",
    "customer_company_size",
    "revenue_band",
    "latitude_zone",
    "life_stage",
];

pub(super) fn html(data: &ReportData, segmentation: &SegmentationData) -> String {
    let mut named: Vec<&ClassData> =
        segmentation.classes.iter().filter(|class| class.name != UNASSIGNED && class.n_members > 0).collect();
    if named.len() < 2 {
        return String::new();
    }
    if !ORDERED.contains(&segmentation.name.as_str()) {
        named.sort_by(|a, b| {
            let revenue = |class: &ClassData| class.revenue.filter(|sum| sum.is_finite()).unwrap_or(0.0);
            revenue(b).total_cmp(&revenue(a)).then(b.n_members.cmp(&a.n_members))
        });
    }
    let rest = named.split_off(named.len().min(MOST));
    let others = ClassData {
        title: counted(rest.len() as u64, "other", "others"),
        n_members: rest.iter().map(|class| class.n_members).sum(),
        revenue: rest.iter().map(|class| class.revenue).sum(),
        ..ClassData::default()
    };
    let n = data.n_of(segmentation.subject) as f64;
    let whole = data.revenue_of(segmentation.subject);
    let of_n = |class: &ClassData| share(class.n_members as f64, n);
    let of_revenue = |class: &ClassData| share(class.revenue?, whole?);
    let shown = || named.iter().copied().chain((!rest.is_empty()).then_some(&others));
    let longest = shown().flat_map(|class| [of_n(class), of_revenue(class)]).flatten().fold(0.0, f64::max);
    let subject = segmentation.subject.as_str();
    let bars_head = match whole {
        Some(_) => format!(r#"<i class="dot of-n"></i>{subject} <i class="dot of-r"></i>revenue"#),
        None => String::new(),
    };
    let mut heads = vec![("", Column::Text), (bars_head.as_str(), Column::Bars), ("Share", Column::Number)];
    if whole.is_some() {
        heads.extend([("Revenue", Column::Number), ("Each", Column::Number)]);
    }
    let rows: Vec<Row> = shown()
        .map(|class| {
            let written = |part: Option<f64>| part.map_or_else(|| "–".to_owned(), percent);
            let title = if class.name.is_empty() { class.title.clone() } else { class.label().0 };
            let mut fields = vec![
                Field::new(escape(&title), ""),
                Field::new(bars(longest, of_n(class), of_revenue(class)), ""),
                Field::new(written(of_n(class)), ""),
            ];
            if whole.is_some() {
                let each = of_revenue(class).zip(of_n(class)).and_then(|(revenue, n)| share(revenue, n));
                let each = each.map_or_else(|| "–".to_owned(), times);
                fields.extend([Field::new(written(of_revenue(class)), ""), Field::new(each, "")]);
            }
            Row::of(fields)
        })
        .collect();
    let unknown = segmentation.classes.iter().find(|class| class.name == UNASSIGNED && class.n_members > 0);
    let unknown = unknown.map(|class| {
        let are = if class.n_members == 1 { "is" } else { "are" };
        format!(" {} of the {subject} {are} in none.", count(class.n_members))
    });
    let each = if whole.is_some() {
        r#"<span class="each"> “Each” is revenue a head against the mean.</span>"#
    } else {
        ""
    };
    format!(
        r#"<figure class="plot ranked"><figcaption><h3>{}</h3><p>Share of {subject}{}.{each}{}</p></figcaption>{}</figure>"#,
        escape(&segmentation.title),
        if whole.is_some() { " and of revenue" } else { "" },
        unknown.unwrap_or_default(),
        table(&format!("{}, ranked", segmentation.title), "rank", &heads, &rows)
    )
}
