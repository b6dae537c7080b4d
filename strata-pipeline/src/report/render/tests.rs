//! The page as a whole: nothing from outside becomes markup, nothing leaves the page, every size is a number.

use super::super::data::ReportData;
use super::super::sample::odd::{ESCAPED, MARKUP, all, hostile};
use super::super::sample::{emporium, segmentation, shop};
use super::render;
use crate::models::{Outcome, Told, Verdict};
use strata_spec::definition::Layer;

#[test]
fn nothing_from_outside_becomes_markup() {
    let page = render(&hostile());
    assert!(!page.contains("<script"));
    assert!(!page.contains(MARKUP));
    // Title, class, segment, file, reason: each is there, made harmless.
    assert!(page.matches(ESCAPED).count() > 500);
}

#[test]
fn the_page_needs_nothing_but_itself() {
    for data in all() {
        let page = render(&data);
        for reference in ["http:", "https:", "//", "src=", "url(", "@import", "<link", "<script", "<iframe"] {
            // Comments of the style sheet and the policy against requests are no references.
            let page = page.replace("</", "<").replace("default-src", "");
            assert!(!page.contains(reference), "{}: found {reference}", data.title);
        }
    }
}

#[test]
fn every_size_is_a_number() {
    for data in all() {
        let page = render(&data);
        for (name, value) in attributes(&page).filter(|(name, _)| ["x", "y", "d", "style"].contains(name)) {
            let wrong = ["NaN", "inf", "e300"].iter().any(|wrong| value.contains(wrong));
            assert!(!wrong, "{}: {name}={value}", data.title);
        }
        for (name, value) in attributes(&page).filter(|(name, _)| ["width", "height"].contains(name)) {
            let number = value.trim_end_matches('%').parse::<f64>().ok();
            assert!(
                number.is_some_and(|number| (0.0..=2000.0).contains(&number)),
                "{}: {name}={value}",
                data.title
            );
        }
    }
}

#[test]
fn tags_are_closed_in_order() {
    for data in all() {
        let page = render(&data);
        let mut open: Vec<&str> = Vec::new();
        let body = page.split("</style>").nth(1).unwrap_or_default();
        for tag in body.split('<').skip(1) {
            let inside = tag.split('>').next().unwrap_or_default();
            let name = inside.trim_start_matches('/').split(' ').next().unwrap_or_default();
            match inside {
                closing if closing.starts_with('/') => {
                    if name == "head" || name == "html" {
                        continue;
                    }
                    assert_eq!(open.pop(), Some(name), "{}", data.title);
                }
                single if single.ends_with('/') => {}
                _ => open.push(name),
            }
        }
        assert!(open.is_empty(), "{}: {open:?} stay open", data.title);
    }
}

#[test]
fn links_within_the_page_lead_somewhere() {
    for data in all() {
        let page = render(&data);
        for (_, target) in attributes(&page).filter(|(name, _)| *name == "href") {
            let id = target.trim_start_matches('#');
            assert!(page.contains(&format!(r#"id="{id}""#)), "{}: nothing is called {target}", data.title);
        }
    }
}

#[test]
fn long_segmentations_are_folded_and_nothing_is_lost() {
    let titles: Vec<String> = (0..40).map(|place| format!("Country {place:02}")).collect();
    let mut classes: Vec<(&str, &str, u64, f64)> =
        titles.iter().map(|title| (&**title, &**title, 1, 1.0)).collect();
    classes.push(("unassigned", "Unassigned", 60, 0.0));
    let mut data = shop();
    data.segmentations = vec![segmentation("country", "Country", Layer::Geographic, &classes)];
    let page = render(&data);
    assert!(page.contains("28 more"), "the rest is counted");
    for (_, title, ..) in &classes {
        assert!(page.contains(&format!(">{title}<")), "{title} is lost");
    }
    let (above, below) = page.split_once("28 more").unwrap();
    assert!(above.contains(">Unassigned<") && !below.contains(">Unassigned<"), "the rest stays in sight");
}

#[test]
fn what_is_missing_is_said() {
    let page = render(&shop());
    for expected in [
        "1 shipped segmentation is not computed",
        "<code>customers.birth_date</code>",
        "Nor are 3 figures behind them",
        "10 rows, 3.8% of those read",
        "20 without an order have no scores",
    ] {
        assert!(page.contains(expected), "{expected}");
    }
}

/// Names and values of all attributes.
fn attributes(page: &str) -> impl Iterator<Item = (&str, &str)> {
    page.split('<').filter_map(|tag| tag.split('>').next()).flat_map(|tag| {
        tag.match_indices("=\"").filter_map(move |(at, _)| {
            let name = tag.get(..at)?.rsplit(' ').next()?;
            let value = tag.get(at + 2..)?.split('"').next()?;
            Some((name, value))
        })
    })
}

#[test]
fn every_block_is_there_with_its_sentence_and_its_text_alternative() {
    let page = render(&emporium());
    for id in
        ["months", "data", "demographic", "geographic", "firmographic", "behavioural", "journey", "value"]
    {
        assert!(page.contains(&format!(r#"<section class="part" id="{id}""#)), "{id}");
    }
    for id in [
        "psychometric",
        "groups",
        "suggested",
        "expected",
        "segments",
        "meter",
        "market",
        "moves",
        "drift",
        "next",
    ] {
        assert!(page.contains(&format!(r#"<section class="part" id="{id}""#)), "{id}");
    }
    for plot in [
        "ages",
        "gaps",
        "hours",
        "funnel",
        "clv",
        "tiers",
        "scales",
        "topics",
        "revenue",
        "orders",
        "shifts",
        "groups-map-0",
        "tracking",
        "by-frequency",
        "by-prediction",
        "held-by",
        "gone",
    ] {
        for part in ["t", "d"] {
            let at = page.find(&format!(r#" id="{plot}-{part}">"#)).unwrap_or_default();
            let spoken = page[at..].split(['>', '<']).nth(1).unwrap_or_default();
            assert!(at > 0 && spoken.len() > 2, "{plot}-{part}");
        }
    }
    assert_eq!(
        page.matches(r#"<p class="meaning">"#).count(),
        7 + 7,
        "seven layers, two segmentations by groups, two goals of suggestions, what is expected, the meter and the moves"
    );
    // A layer without data is not there.
    assert!(!page.contains(r#"id="composite""#));
}

#[test]
fn ids_are_unique() {
    for data in all() {
        let page = render(&data);
        let mut ids: Vec<&str> =
            attributes(&page).filter(|(name, _)| *name == "id").map(|(_, value)| value).collect();
        let n = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), n, "{}", data.title);
    }
}

#[test]
fn equal_data_gives_equal_bytes() {
    assert_eq!(render(&emporium()), render(&emporium()));
}

#[test]
fn data_quality_says_what_the_gaps_cost_the_worst_first() {
    let page = render(&emporium());
    for expected in [
        "Date of birth is missing for 34%: 34% are in no class of “Age”.",
        "4 columns with nothing wrong",
        "7,940",
        "two people with one e-mail",
        "4,812",
        "identity_refused",
        "Events of bots",
        "customers.phone missing (shop)",
    ] {
        assert!(page.contains(expected), "{expected}");
    }
    let place = |column: &str| page.find(&format!("<code>{column}</code></th>"));
    assert!(place("events.customer_id") < place("customers.birth_date"));
    assert!(place("customers.birth_date") < place("customers.gender"));
}

#[test]
fn moves_name_both_classes_and_what_moved() {
    let page = render(&emporium());
    let section = page.split(r#"id="moves""#).nth(1).unwrap();
    assert!(section.contains("Champions <span class=\"why\">→</span> Loyal"));
    assert!(section.contains("Champions → Loyal: "));
    let data = emporium();
    let largest = data.migrations[0].moves.iter().filter(|each| each.from != each.to);
    let largest = largest.max_by(|a, b| a.revenue.unwrap().total_cmp(&b.revenue.unwrap())).unwrap();
    assert!(section.contains(&format!(">{}<", super::number::count(largest.n))));
}

#[test]
fn moves_are_drawn_as_bands_that_fill_both_sides() {
    let page = render(&emporium());
    let figure =
        page.split(r#"<figure class="plot sankey">"#).nth(1).unwrap().split("</figure>").next().unwrap();
    let data = emporium();
    let n_pairs = data.migrations[0].moves.iter().filter(|each| each.n > 0).count();
    // The smallest classes are drawn as one.
    let n_paths = figure.matches("<path").count();
    assert!(n_paths > n_pairs / 2 && n_paths < n_pairs, "{n_paths} of {n_pairs}");
    let heights = |begin: &str| -> f64 {
        let sides = figure.split(" d=\"M0 ").skip(1).map(|path| {
            let path: Vec<f64> =
                path.split(['C', ' ', 'L', 'Z']).filter_map(|each| each.parse().ok()).collect();
            // The upper edge from left to right, then the lower one back.
            if begin == "left" { path[12] - path[0] } else { path[8] - path[6] }
        });
        sides.sum()
    };
    assert!(heights("left") > 85.0 && heights("left") <= 100.0, "{}", heights("left"));
    assert!((heights("left") - heights("right")).abs() < 1.0);
}

#[test]
fn drift_is_told_in_sentences_and_drawn_beside_its_limits() {
    let page = render(&emporium());
    let section = page.split(r#"id="drift""#).nth(1).unwrap().split("</section>").next().unwrap();
    for expected in [
        "Recency and frequency: Champions has 12.3 % of customers, above its usual 7.0 % to 9.0 %.",
        "Too few runs: 1 class or segment has no usual range yet",
        "2 of 3 traits have shifted",
        r#"class="limit""#,
        "Changed of <strong>120</strong> of 3,000 customers",
        "Berlin <span class=\"why\">→</span> Bonn (31)",
        "36 (30.0%)",
        "144 (5.0%)",
    ] {
        assert!(section.contains(expected), "{expected}");
    }
    assert!(!section.contains("Recency and frequency: Loyal"));
}

#[test]
fn classes_against_the_market_are_bars_that_begin_at_100() {
    let page = render(&emporium());
    let from = page.find(r#"id="market""#).unwrap();
    let section = page[from..].split("</section>").next().unwrap();
    for expected in [
        // 640 of 4,057 customers and 90,000 of 1,601,000: 280.6, and with 95 % confidence 261 to 301. The scale ends at 301.
        "Country: Austria is over-represented: index 281 (95%: 261 to 301)",
        ">281<",
        ">261–301<",
        "Country: France is under-represented",
        "Country: United States has 4 customers and is not in the market&#39;s table",
        "755 customers and 0 of the market are in none",
        "1 segmentation or segment is not held against the market",
        "no row has orders",
        ">Of the south<",
    ] {
        assert!(section.contains(expected), "{expected} is not in {section}");
    }
    let bars = section.matches(r#"class="range""#).count();
    assert_eq!(bars, 4, "three countries and a segment; the fourth country has no index");
}

/// The section of what is expected.
fn expected(data: &ReportData) -> String {
    let page = render(data);
    let from = page.find(r#"id="expected""#).unwrap();
    page[from..].split("</section>").next().unwrap().to_owned()
}

#[test]
fn whether_a_model_can_be_trusted_stands_above_what_it_says() {
    let mut data = emporium();
    let section = expected(&data);
    let verdict = section.find("beats every rule of thumb").unwrap();
    assert!(verdict < section.find("<figure").unwrap());
    for expected in [
        "Within 365 days",
        "Likely gone",
        "The first 10%:",
        "Jul 2024",
        "Expected by class: Recency and frequency",
    ] {
        assert!(section.contains(expected), "{expected} is not in {section}");
    }
    // A rule that wins is named and recommended.
    let model = &mut data.expected.as_mut().unwrap().model;
    let Some(Told::Is(holdout)) = &mut model.holdout else { panic!() };
    let value = holdout.value.as_mut().unwrap();
    value.verdict = Verdict::Worse;
    value.comparisons.iter_mut().for_each(|one| one.outcome = Outcome::Baseline);
    let section = expected(&data);
    assert!(
        section.contains(r#"<p class="meaning doubtful">The MBG/NBD model loses to a rule of thumb"#),
        "{section}"
    );
    assert!(section.contains("Rank customers by <code>revenue_365d</code> instead."), "{section}");
    // What was not validated says so; what was not fitted says nothing else.
    data.expected.as_mut().unwrap().model.holdout = Some(Told::Not { reason: "it is too early".to_owned() });
    let section = expected(&data);
    assert!(section.contains(r#"<p class="meaning doubtful">Not validated: it is too early."#), "{section}");
    assert!(!section.contains("tracking") && section.contains("held-by"));
    data.expected.as_mut().unwrap().model.timing = Told::Not { reason: "nobody came back".to_owned() };
    let section = expected(&data);
    assert!(
        section.contains("could be fitted: nobody came back.") && !section.contains("<figure"),
        "{section}"
    );
}

/// The section of groups found.
fn groups(data: &ReportData) -> String {
    let page = render(data);
    let from = page.find(r#"id="groups""#).unwrap();
    page[from..].split("</section>").next().unwrap().to_owned()
}

#[test]
fn whether_there_are_groups_stands_above_what_they_are_like() {
    let data = emporium();
    let section = groups(&data);
    let verdict = section.find(r#"<p class="meaning"><strong>Natural groups.</strong> There are 4"#).unwrap();
    assert!(verdict < section.find("<figure").unwrap());
    for expected in [
        "By k-prototypes in Orders, Days since the last order, Mean order, Orders with a discount, Favourite category among 3,940 customers",
        r#"<p class="meaning"><strong>Useful cuts of a continuum.</strong> There are no natural groups"#,
        "among 3,940 customers, a sample",
        "<li>Of the smaller group, a quarter is another one when customers are drawn again.</li>",
        r#"<p class="meaning doubtful"><strong>Do not segment on this.</strong> With 2 clusters"#,
        r#"<p class="meaning doubtful"><strong>No groups.</strong> No groups could be found: only 12 customers have all 3 features"#,
        // Sizes, profiles and the map.
        "Mostly discounted <span class=\"why\">new</span>",
        ">1,470</td>",
        r#"Mostly discounted, Orders with a discount: usually 92%; the mean is 2.4 standard deviations above that of all">92%<small>+2.4</small>"#,
        r#"<td class="few tip" data-tip="Often, recent, Favourite category: usually Tea">Tea</td>"#,
        "Mean order <small>EUR</small>",
        "first axis, 47% of the variance",
        "second axis, 24% of the variance",
        "Each mark is one of 999 customers",
        // How many, and why.
        r#"<b>4</b> <span class="why">taken</span>"#,
        r#"0.93 <span class="why">without 0.66</span>"#,
        r#"58% <span class="why">without 36%</span>"#,
        "Criterion: the lower the better.",
        // Rules, or none.
        "<code>n_orders &gt;= 5 and days_since_last_order &lt;= 60</code>",
        "The rules name the right group for 93% of customers",
        "no rule tells this group",
        "rules name the right one for 71% of customers, and below 80% they are not shown",
        "only be shown as a scored list. Column <code>baskets_cluster</code> of table <code>score</code>",
        // What has changed.
        "<li>Kept since the run before: Often, recent; Few orders, recent; Few orders, long ago.</li><li>New: Mostly discounted.</li><li>Gone: one_time.</li><li>Adjusted Rand index 0.91",
    ] {
        assert!(section.contains(expected), "{expected} is not in {section}");
    }
    assert!(!section.contains("NaN"));
    // Every mark of the map is drawn, and what has no model has neither marks nor tables.
    let map = section.split("viewBox=\"0 0 480").nth(1).unwrap().split("</svg>").next().unwrap();
    assert_eq!((map.matches("<path").count(), map.matches('M').count()), (4, 999));
    let none = section.split("<h3>Opinions</h3>").nth(1).unwrap();
    assert!(!none.contains("<figure") && !none.contains("<table"));
    assert!(!render(&shop()).contains(r#"id="groups""#), "nothing where nobody looked for groups");
}

#[test]
fn rules_that_do_not_tell_the_groups_are_not_shown() {
    let mut data = emporium();
    data.groups[0].found.fidelity = Some(0.79);
    let section = groups(&data);
    assert!(!section.contains("days_since_last_order &lt;= 60"), "{section}");
    assert!(section.contains("rules name the right one for 79% of customers"));
    let markup = groups(&hostile());
    assert!(!markup.contains(MARKUP) && markup.matches(ESCAPED).count() > 40);
}

/// The section of suggested segments.
fn suggested(data: &ReportData) -> String {
    let page = render(data);
    let from = page.find(r#"id="suggested""#).unwrap();
    page[from..].split("</section>").next().unwrap().to_owned()
}

#[test]
fn suggestions_say_whether_anything_stood_out_and_what_can_be_copied() {
    let mut data = emporium();
    let section = suggested(&data);
    for expected in [
        "<h3>Buys again within 90 days</h3>",
        "Searched among 399 customers by 75 traits, as they were on 3 January 2024; held against 521 others, as they were on 2 April 2024",
        r#"<p class="meaning"><strong>2 conditions hold up.</strong> The surest is “number of orders 180d is at least 3”: 77% of those who meet it, 22% of the others. Of all 521 it is 52%."#,
        r#"<code class="copy">n_orders_180d &gt;= 3</code> <span class="why">74% the same as"#,
        "shares nobody with any segment",
        r#"data-label="of those who meet it">76.6% <small>71.4–81.1%</small></td>"#,
        r#"data-label="of the others">22.1% <small>17.3–27.8%</small></td>"#,
        ">0.0004</td>",
        ">531</td>",
        // A number of both signs.
        "The mean, of those who meet a condition and of the others",
        "18.25 <small>12.50–24.00</small>",
        "−3.75 <small>−6.50–−1.00</small>",
        "a sample of all,",
        ">under 0.0001</td>",
        // Nothing, and nobody.
        r#"<strong>Nothing stood out.</strong> No combination of up to three of 75 traits held up"#,
        "By the goal of <code>lapsing_regulars</code>.",
        "Asked of those of whom <code>not in_segment(&#39;lapsing_regulars&#39;)</code>.",
        r#"<strong>This could not be looked at.</strong> 12 customers to be asked about were known"#,
        r#"<code class="copy">strata suggest --goal repeat_purchase</code>"#,
    ] {
        assert!(section.contains(expected), "{expected} is not in {section}");
    }
    assert_eq!(
        section.matches("<svg").count(),
        3,
        "a row of dots for each condition, none where there is none"
    );
    data.suggested.clear();
    assert!(
        !render(&data).contains(r##"href="#suggested""##) && !render(&data).contains(r#"id="suggested""#)
    );
}
