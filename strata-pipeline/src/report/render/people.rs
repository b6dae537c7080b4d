//! Customers by age and gender: a pyramid where the data has two genders, else plain bars.

use super::super::data::{AgeBand, Ages, ReportData, share};
use super::html::{Column, Field, Row, escape, table};
use super::number::{count, percent};
use super::plot::{Figure, counted_of, hit, numbers};

/// The height of a band, and of the heading, in pixels.
const BAND: f64 = 21.0;
const HEAD: f64 = 24.0;

/// Half of the space for the ages between the two sides, in percent.
const GAP: f64 = 7.5;

/// From this age on there is one band.
const OLDEST: u32 = 85;

pub(super) fn html(data: &ReportData) -> String {
    let Some(ages) = data.plots.ages.as_ref().filter(|ages| ages.width > 0) else { return String::new() };
    let bands = without_gaps(ages);
    let largest = bands.iter().flat_map(|band| &band.n).copied().max().unwrap_or(0);
    if bands.len() < 2 || largest == 0 {
        return String::new();
    }
    let n_known: u64 = ages.bands.iter().map(|band| band.n.iter().sum::<u64>() + band.n_other).sum();
    let height = HEAD + BAND * bands.len() as f64;
    let pair = ages.genders.len() == 2;
    let (mut shapes, mut hits) = (String::new(), String::new());
    let head = |x: &str, anchor: &str, title: &str| {
        format!(r#"<text class="lead" x="{x}" y="13" text-anchor="{anchor}">{}</text>"#, escape(title))
    };
    match ages.genders.as_slice() {
        [left, right] => {
            shapes.push_str(&head(&format!("{}%", 50.0 - GAP), "end", left));
            shapes.push_str(&head(&format!("{}%", 50.0 + GAP), "start", right));
        }
        [only] => shapes.push_str(&head(&format!("{}%", 2.0 * GAP), "start", only)),
        _ => {}
    }
    shapes.push_str(&head(if pair { "50%" } else { "0" }, if pair { "middle" } else { "start" }, "Age"));
    for (place, band) in bands.iter().rev().enumerate() {
        let y = HEAD + BAND * place as f64;
        let title = title(band, ages.width);
        let (x, anchor) = if pair { ("50%", "middle") } else { ("0", "start") };
        shapes.push_str(&format!(
            r#"<text x="{x}" y="{:.1}" text-anchor="{anchor}">{title}</text>"#,
            y + BAND * 0.68
        ));
        let mut told = vec![format!("Age {title}")];
        for (side, n) in band.n.iter().enumerate() {
            let room = if pair { 50.0 - GAP } else { 100.0 - 2.0 * GAP };
            let width = share(*n as f64, largest as f64).unwrap_or(0.0) * room;
            let x = match (pair, side) {
                (true, 0) => 50.0 - GAP - width,
                (true, _) => 50.0 + GAP,
                (false, _) => 2.0 * GAP,
            };
            let kind = if side == 0 { "of-r" } else { "of-n" };
            shapes.push_str(&format!(
                r#"<rect class="{kind}" x="{x:.2}%" y="{:.1}" width="{width:.2}%" height="{:.1}"/>"#,
                y + 2.0,
                BAND - 4.0
            ));
            let gender = ages.genders.get(side).map_or("customers", String::as_str);
            told.push(counted_of(*n, n_known, gender));
        }
        hits.push_str(&hit(0.0, y / height * 100.0, 100.0, BAND / height * 100.0, &told.join(" · ")));
    }
    let n_other: u64 = ages.bands.iter().map(|band| band.n_other).sum();
    let mut about = format!("{} customers of known age", count(n_known));
    if n_other > 0 && !ages.genders.is_empty() {
        about.push_str(&format!("; {} of another or unknown gender are not drawn", count(n_other)));
    }
    if ages.n_unknown > 0 {
        about.push_str(&format!("; the age of {} is not known", count(ages.n_unknown)));
    }
    let largest_band = bands.iter().max_by_key(|band| band.n.iter().sum::<u64>() + band.n_other);
    let spoken = format!(
        "Customers by age{}; most are {}",
        if pair { " and gender" } else { "" },
        largest_band.map(|band| super::people::title(band, ages.width)).unwrap_or_default()
    );
    Figure {
        id: "ages",
        title: if pair { "Age and gender" } else { "Age" },
        about: &about,
        spoken: &spoken,
        kind: "pyramid",
        height,
        shapes: &shapes,
        hits: &hits,
        after: &numbers(&as_table(ages, &bands, n_known)),
    }
    .html()
}

/// The bands in between that nobody is in are drawn too; the oldest are one.
fn without_gaps(ages: &Ages) -> Vec<AgeBand> {
    let sides = ages.genders.len().max(1);
    let mut bands: Vec<AgeBand> = Vec::new();
    for band in &ages.bands {
        let from = band.from.min(OLDEST);
        let mut n = band.n.clone();
        n.resize(sides, 0);
        if ages.genders.is_empty() {
            n = vec![n.iter().sum::<u64>() + band.n_other];
        }
        while let Some(next) = bands.last().map(|last| last.from + ages.width).filter(|next| *next < from) {
            bands.push(AgeBand { from: next, n: vec![0; sides], n_other: 0 });
        }
        match bands.last_mut().filter(|last| last.from == from) {
            Some(last) => {
                last.n.iter_mut().zip(&n).for_each(|(sum, n)| *sum += n);
                last.n_other += band.n_other;
            }
            None => bands.push(AgeBand { from, n, n_other: band.n_other }),
        }
    }
    bands
}

fn title(band: &AgeBand, width: u32) -> String {
    match band.from {
        from if from >= OLDEST => format!("{from}+"),
        from if width == 1 => from.to_string(),
        from => format!("{from}–{}", from + width - 1),
    }
}

fn as_table(ages: &Ages, bands: &[AgeBand], n_known: u64) -> String {
    let genders: Vec<String> = ages.genders.iter().map(|gender| escape(gender)).collect();
    let mut heads = vec![("Age", Column::Text)];
    match genders.is_empty() {
        true => heads.push(("Customers", Column::Number)),
        false => {
            heads.extend(genders.iter().map(|gender| (gender.as_str(), Column::Number)));
            heads.push(("Other or unknown", Column::Number));
        }
    }
    heads.push(("%", Column::Number));
    let row = |band: &AgeBand| {
        let all = if genders.is_empty() { 0 } else { band.n_other } + band.n.iter().sum::<u64>();
        let mut fields = vec![Field::new(title(band, ages.width), "")];
        fields.extend(band.n.iter().map(|n| Field::new(count(*n), "")));
        if !genders.is_empty() {
            fields.push(Field::new(count(band.n_other), ""));
        }
        let of_known = share(all as f64, n_known as f64).map_or_else(|| "–".to_owned(), percent);
        fields.push(Field::new(of_known, ""));
        Row::of(fields)
    };
    table("Customers by age", "simple", &heads, &bands.iter().map(row).collect::<Vec<Row>>())
}
