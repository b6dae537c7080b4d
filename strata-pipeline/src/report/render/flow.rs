//! Beds of rock: each class of the headline segmentation as a band that leads from its share of customers to its
//! share of revenue. The same numbers stand in that segmentation's table.

use strata_spec::table::Subject;

use super::super::data::{ClassData, ReportData, share};
use super::html::{anchor, escape};
use super::number::{counted, percent_in_words};

/// More bands than this cannot be told apart; the smallest are drawn as one.
const MOST_BANDS: usize = 7;

/// The least distance between two labels, in percent of the picture's height.
const LABEL_HEIGHT: f64 = 8.6;

struct Band {
    title: String,
    of_customers: f64,
    of_revenue: f64,
}

/// The picture, or nothing where there is nothing to compare.
pub(super) fn html(data: &ReportData) -> String {
    let Some(segmentation) = data.headline() else { return String::new() };
    let Some(bands) = bands(data, &segmentation.classes) else { return String::new() };
    let id = anchor("by", &segmentation.name);
    let (mut left_end, mut right_end) = (0.0, 0.0);
    let mut paths = String::new();
    let (mut left_centres, mut right_centres) = (Vec::new(), Vec::new());
    for (place, band) in bands.iter().enumerate() {
        let (left, right) = (left_end, right_end);
        left_end += band.of_customers * 100.0;
        right_end += band.of_revenue * 100.0;
        left_centres.push((left + left_end) / 2.0);
        right_centres.push((right + right_end) / 2.0);
        paths.push_str(&format!(
            r#"<path class="band k{place}" d="M0 {left:.2}C45 {left:.2} 55 {right:.2} 100 {right:.2}L100 {right_end:.2}C55 {right_end:.2} 45 {left_end:.2} 0 {left_end:.2}Z"/>"#
        ));
    }
    let left_labels = labels(&bands, &spread(&left_centres), |band| {
        format!("<b>{}</b>", percent_in_words(band.of_customers))
    });
    let right_labels = labels(&bands, &spread(&right_centres), |band| {
        format!("<b>{}</b> <i>{}</i>", percent_in_words(band.of_revenue), escape(&band.title))
    });
    let spoken: Vec<String> = bands
        .iter()
        .map(|band| {
            let customers = percent_in_words(band.of_customers);
            format!(
                "{}: {customers} of customers, {} of revenue",
                band.title,
                percent_in_words(band.of_revenue)
            )
        })
        .collect();
    format!(
        r##"<figure class="flow"><figcaption><h2>From customers to revenue</h2><p>{}. <a href="#{id}">As a table</a></p></figcaption>
<div class="ends" aria-hidden="true"><span>of customers</span><span>of revenue</span></div>
<div class="beds"><div class="left" aria-hidden="true">{left_labels}</div><svg role="img" aria-label="{}" viewBox="0 0 100 100" preserveAspectRatio="none"><title>From customers to revenue</title>{paths}</svg><div class="right" aria-hidden="true">{right_labels}</div></div></figure>"##,
        escape(&segmentation.title),
        escape(&spoken.join("; ")),
    )
}

/// The bands from the most valuable customers to the least.
fn bands(data: &ReportData, classes: &[ClassData]) -> Option<Vec<Band>> {
    let (n, revenue) = (data.figures.n_customers as f64, data.revenue_of(Subject::Customers)?);
    let mut bands = Vec::new();
    for class in classes.iter().filter(|class| class.n_members > 0) {
        bands.push(Band {
            title: class.label().0,
            of_customers: share(class.n_members as f64, n)?,
            of_revenue: share(class.revenue.unwrap_or(0.0), revenue)?,
        });
    }
    // Refunds beyond what was paid cannot be drawn as a band.
    if bands.len() < 2 || bands.iter().any(|band| band.of_revenue < 0.0) {
        return None;
    }
    bands.sort_by(|a, b| (b.of_revenue + b.of_customers).total_cmp(&(a.of_revenue + a.of_customers)));
    if bands.len() > MOST_BANDS {
        let rest = bands.split_off(MOST_BANDS - 1);
        bands.push(Band {
            title: counted(rest.len() as u64, "other class", "other classes"),
            of_customers: rest.iter().map(|band| band.of_customers).sum(),
            of_revenue: rest.iter().map(|band| band.of_revenue).sum(),
        });
    }
    bands.sort_by(|a, b| (b.of_revenue / b.of_customers).total_cmp(&(a.of_revenue / a.of_customers)));
    Some(bands)
}

/// Moves centres apart, as little as is needed, so that their labels do not overlap.
pub(super) fn spread(centres: &[f64]) -> Vec<f64> {
    let mut placed: Vec<f64> = Vec::with_capacity(centres.len());
    let mut lowest = LABEL_HEIGHT / 2.0;
    for centre in centres {
        let at = centre.max(lowest);
        placed.push(at);
        lowest = at + LABEL_HEIGHT;
    }
    let mut highest = 100.0 - LABEL_HEIGHT / 2.0;
    for at in placed.iter_mut().rev() {
        *at = at.min(highest);
        highest = *at - LABEL_HEIGHT;
    }
    placed
}

fn labels(bands: &[Band], tops: &[f64], label: impl Fn(&Band) -> String) -> String {
    let label = |(place, (band, top)): (usize, (&Band, &f64))| {
        format!(r#"<span class="k{place}" style="top:{top:.2}%">{}</span>"#, label(band))
    };
    bands.iter().zip(tops).enumerate().map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_their_distance_and_stay_in_the_picture() {
        for centres in
            [vec![0.1, 0.2, 0.3, 0.4, 50.0, 99.5], vec![99.0, 99.1, 99.2], vec![50.0; 7], vec![10.0, 90.0]]
        {
            let placed = spread(&centres);
            for pair in placed.windows(2) {
                assert!(pair[1] - pair[0] > LABEL_HEIGHT - 1e-9, "{centres:?} gave {placed:?}");
            }
            assert!(placed.iter().all(|at| (0.0..=100.0).contains(at)), "{centres:?} gave {placed:?}");
        }
        assert_eq!(spread(&[10.0, 90.0]), [10.0, 90.0]);
    }
}
