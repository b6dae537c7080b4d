//! Where people click and how far they scroll, in numbers worked out by hand; what is known of few is not told.

use std::collections::BTreeSet;

use serde_json::Value;

use super::project::Project;

const MANIFEST: &str = r#"
[project]
title = "Shop"
as_of = "2024-06-01"

[properties.customers]
kind = "text"

[properties.events]
selector = "text"

[sources.people]
path = "people.csv"

[sources.people.customers.columns]
customer_id = "id"
kind = "kind"

[sources.web]
path = "web.jsonl"

[sources.web.events.columns]
event_id = "id"
customer_id = "who"
anonymous_id = "device_id"
session_id = "visit"
occurred_at = "at"
name = "event"
url = "url"
device = "platform"
selector = "what"

[segmentations.kind]
by = "kind"
"#;

/// 40 hunters, 32 of whom click the banner, 40 calm ones, of whom 12 do, and five others; all of them click the button. Somebody whom nobody
/// knows clicks it twice, and one click is beside the page. Hunters see 80 % of the page, calm ones 30 %. Twelve look at a product each, three
/// at a page that nobody else sees.
fn shop() -> Project {
    let (mut people, mut events) = ("id,kind\n".to_owned(), Vec::new());
    for who in 0..85 {
        let (kind, platform) = match who {
            0..40 => ("hunter", "phone"),
            40..80 => ("calm", "desktop"),
            _ => ("other", "desktop"),
        };
        people.push_str(&format!("c{who},{kind}\n"));
        let of = format!(r#""who":"c{who}","platform":"{platform}""#);
        let window = match who % 2 {
            0 => r#""viewport_width":1280,"viewport_height":720"#,
            _ => r#""viewport":"1280x720""#,
        };
        let shop = "https://shop.example/shop?from=mail#top";
        events
            .push(format!(r##"{of},"event":"click","url":"{shop}","x":320,"y":700,{window},"what":"#buy""##));
        if who % 40 < [32, 12, 0][who / 40] {
            events.push(format!(
                r##"{of},"event":"click","url":"{shop}","x":960,"y":100,{window},"what":"#banner""##
            ));
        }
        // A visit tells of its depths one after the other; without a visit each view counts.
        if who < 40 {
            for depth in [25, 80] {
                events.push(format!(
                    r#"{of},"event":"scroll","url":"{shop}","visit":"v{who}","scroll_depth":{depth}"#
                ));
            }
        } else if who < 80 {
            events.push(format!(r#"{of},"event":"scroll","url":"{shop}","scroll_depth":30"#));
        }
        if who < 12 {
            events.push(format!(
                r#"{of},"event":"click","url":"https://shop.example/products/p{who}","x":1,"y":1,{window},"what":"img""#
            ));
        }
        if who < 3 {
            events.push(format!(
                r#"{of},"event":"click","url":"https://shop.example/rare","x":1,"y":1,{window}"#
            ));
        }
    }
    for x in [320, 320] {
        events.push(format!(
            r##""device_id":"d1","event":"click","url":"https://shop.example/shop","x":{x},"y":700,"viewport_width":1280,"what":"#buy""##
        ));
    }
    events.push(
        r#""who":"c0","platform":"phone","event":"click","url":"https://shop.example/shop","x":2000,"y":700,"viewport_width":1280"#
            .to_owned(),
    );
    // What says nothing of a place is no click, and neither is what has no window.
    events.push(r#""who":"c0","event":"click","url":"https://shop.example/shop","x":3,"y":3"#.to_owned());
    events.push(r#""who":"c0","event":"page_view","url":"https://shop.example/shop""#.to_owned());
    let lines = events.iter().enumerate();
    let web: String = lines
        .map(|(id, event)| format!("{{\"id\":\"e{id}\",\"at\":\"2024-03-01T10:00:00Z\",{event}}}\n"))
        .collect();
    let project = Project::of(&[("strata.toml", MANIFEST), ("people.csv", &people), ("web.jsonl", &web)]);
    project.good(&["run"]);
    project
}

fn object(told: &str) -> Value {
    serde_json::from_str(told).unwrap()
}

fn near(found: &Value, expected: f64) {
    let number = found.as_f64().unwrap();
    assert!((number - expected).abs() < 1e-6, "{number}, not {expected}");
}

#[test]
fn pages_are_listed_alone_and_in_groups() {
    let project = shop();
    let found = object(&project.good(&["heat", "--json"]));
    // 87 and 44 clicks and one beside the page on the shop, 12 on products, 3 on the page that is left out.
    assert_eq!((found["n_clicks"].as_u64(), found["n_views"].as_u64()), (Some(147), Some(80)), "{found}");
    let pages: Vec<(&str, u64, u64, u64, u64)> = found["pages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|page| {
            let n = |name: &str| page[name].as_u64().unwrap();
            (page["page"].as_str().unwrap(), n("n_pages"), n("n_clicks"), n("n_views"), n("n_visitors"))
        })
        .collect();
    assert_eq!(pages, [("/shop", 1, 132, 80, 86), ("/products/*", 12, 12, 0, 12)]);
    assert_eq!(found["n_left_out"].as_u64(), Some(1));
    let shown = project.good(&["heat"]);
    assert!(shown.contains("/products/*") && shown.contains("1 page is left out"), "{shown}");
    assert!(!shown.contains("/rare") && !shown.contains("/products/p1"), "{shown}");
    let phones = object(&project.good(&["heat", "--device", "phone", "--json"]));
    assert_eq!(phones["n_clicks"].as_u64(), Some(40 + 32 + 1 + 12 + 3));
}

#[test]
fn a_page_has_a_map_selectors_and_depths() {
    let project = shop();
    let found = object(&project.good(&["heat", "/shop", "--json"]));
    let clicks = &found["clicks"];
    assert_eq!((clicks["n_clicks"].as_u64(), clicks["n_visitors"].as_u64()), (Some(132), Some(86)));
    let selectors = clicks["selectors"].as_array().unwrap();
    assert_eq!((&selectors[0]["selector"], &selectors[1]["selector"]), (&"#buy".into(), &"#banner".into()));
    near(&selectors[0]["share"], 87.0 / 132.0);
    near(&selectors[1]["share"], 44.0 / 132.0);
    assert_eq!(selectors[1]["n_visitors"].as_u64(), Some(44));

    // Cells of 1280 / 48 pixels: 27 rows hold 700 pixels. The button lies in column 12 of row 26, the banner in column 36 of row 3, too far
    // apart to warm each other.
    let map = &clicks["map"];
    assert_eq!((map["n_columns"].as_u64(), map["n_rows"].as_u64()), (Some(48), Some(27)));
    near(&map["height"], 720.0);
    assert_eq!(map["n_outside"].as_u64(), Some(1));
    let cell = |row: usize, column: usize| &map["values"][row * 48 + column];
    near(cell(26, 12), 1.0);
    near(cell(26, 13), (-1.0_f64 / (2.0 * 1.2 * 1.2)).exp());
    near(cell(3, 36), 44.0 / 87.0);
    near(cell(14, 24), 0.0);

    // A visit counts once, as deep as it got.
    assert_eq!(found["n_views"].as_u64(), Some(80));
    let shares: Vec<f64> =
        found["reach"].as_array().unwrap().iter().map(|step| step["share"].as_f64().unwrap()).collect();
    assert_eq!(shares, [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.0, 0.0]);

    let shown = project.good(&["heat", "/shop"]);
    assert!(shown.contains("132 clicks of 86 visitors; 1 outside of the page"), "{shown}");
    assert!(shown.contains("65.9 %") && shown.contains("80 %: 50.0 %"), "{shown}");
    let group = object(&project.good(&["heat", "/products/*", "--json"]));
    assert_eq!((group["n_pages"].as_u64(), group["clicks"]["n_clicks"].as_u64()), (Some(12), Some(12)));
}

#[test]
fn classes_that_click_otherwise_are_told_and_small_ones_are_not() {
    let project = shop();
    let found = object(&project.good(&["heat", "/shop", "--by", "kind", "--json", "-o", "map.svg"]));
    let classes = found["classes"].as_array().unwrap();
    let class = |name: &str| classes.iter().find(|class| class["class"] == name).unwrap();
    // 40 on the button, 32 on the banner, one beside the page.
    assert_eq!(class("hunter")["clicks"]["n_clicks"].as_u64(), Some(73), "{classes:?}");
    assert_eq!(class("calm")["clicks"]["n_clicks"].as_u64(), Some(52));
    assert_eq!(class("hunter")["reach"][7]["share"].as_f64(), Some(1.0));
    assert_eq!(class("calm")["reach"][7]["share"].as_f64(), Some(0.0));
    assert_eq!((&class("other")["clicks"], &class("other")["reach"]), (&Value::Null, &Value::Array(vec![])));

    let differences = found["differences"].as_array().unwrap();
    let told: Vec<(&str, &str)> = differences
        .iter()
        .map(|each| (each["class"].as_str().unwrap(), each["selector"].as_str().unwrap()))
        .collect();
    // Whoever clicks the banner more clicks the button less.
    let expected = [("hunter", "#banner"), ("hunter", "#buy"), ("calm", "#banner"), ("calm", "#buy")];
    assert_eq!(told.iter().collect::<BTreeSet<_>>(), expected.iter().collect(), "{differences:?}");
    // Half of the clicks of 31 hunters of 40 and a third of those of one, against half of those of 12 of 45 others: by hand with the variances
    // 0.0408654 and 0.05.
    let hunters = &differences[told.iter().position(|each| *each == expected[0]).unwrap()];
    near(&hunters["share"], (15.5 + 1.0 / 3.0) / 40.0);
    near(&hunters["elsewhere"], 6.0 / 45.0);
    near(&hunters["interval"][0], 0.17198561);
    near(&hunters["interval"][1], 0.35301439);
    let calm = &differences[told.iter().position(|each| *each == expected[2]).unwrap()];
    near(&calm["difference"], 6.0 / 40.0 - (15.5 + 1.0 / 3.0) / 45.0);
    assert!(differences.iter().all(|each| each["q"].as_f64() < Some(0.001)), "{differences:?}");

    let map = std::fs::read_to_string(project.path("map.svg")).unwrap();
    assert!(map.starts_with("<svg") && map.contains("132 clicks of 86 visitors"), "{map}");
    assert!(map.contains(">hunter<") && map.contains(">calm<") && !map.contains(">other<"), "{map}");
    let drawn = project.strata(&["heat", "/shop", "--by", "kind", "-o", "maps.PNG"]);
    assert!(
        drawn.stderr.contains("map: maps.PNG") && drawn.stderr.contains("map of hunter: maps-hunter.PNG"),
        "{}",
        drawn.stderr
    );
    for (name, is_drawn) in
        [("maps", true), ("maps-hunter", true), ("maps-calm", true), ("maps-other", false)]
    {
        let path = project.path(&format!("{name}.PNG"));
        assert_eq!(path.is_file(), is_drawn, "{name}");
        if is_drawn {
            let map = std::fs::read(path).unwrap();
            let number = |at: usize| u32::from_be_bytes(map[at..at + 4].try_into().unwrap());
            // 960 pixels for a window of 1280, and as many for each pixel of the 720 that the map covers.
            assert_eq!((&map[..8], number(16), number(20)), (&b"\x89PNG\r\n\x1a\n"[..], 960, 540), "{name}");
        }
    }
    let shown = project.good(&["heat", "/shop", "--by", "kind"]);
    assert!(shown.contains("hunter clicks #banner more: 39.6 %") && shown.contains("< 10"), "{shown}");

    project.good(&["report"]);
    let report = std::fs::read_to_string(project.path("report.html")).unwrap();
    assert!(report.contains("Where they click: <code>/shop</code>") && report.contains("#banner"), "no map");
    assert!(!report.contains("/rare"), "a page of three visitors");
}

#[test]
fn what_cannot_be_told_is_refused() {
    let project = shop();
    let heat = |more: &[&str]| project.strata(&[&["heat"], more].concat());
    heat(&["/shpo"]).refused("a page", 4, &["`/shpo`", "did you mean `/shop`?"]);
    heat(&["/rare"]).refused("a page of few", 4, &["fewer than 10 visitors", "/products/*"]);
    heat(&["/products/p1"]).refused("a page of one", 4, &["fewer than 10 visitors"]);
    heat(&["/shop", "--by", "knid"]).refused("a segmentation", 4, &["`knid`", "did you mean `kind`?"]);
    heat(&["--device", "fridge"]).refused("a device", 4, &["of the device `fridge`", "`viewport_width`"]);
    assert_eq!(heat(&["--by", "kind"]).code, Some(2), "classes of no page");
    for path in ["map.jpg", "map", "png"] {
        heat(&["/shop", "-o", path]).refused("a map's format", 2, &[path, ".svg", ".png"]);
        assert!(!project.path(path).exists());
    }

    let silent = Project::shop();
    silent.good(&["run"]);
    silent.strata(&["heat"]).refused("a shop without events", 4, &["no event", "`x`, `y`", "`scroll_depth`"]);
    silent.good(&["report"]);
    let report = std::fs::read_to_string(silent.path("report.html")).unwrap();
    assert!(!report.contains("Where they click: <code>"), "nothing was tracked");
}
