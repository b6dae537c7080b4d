//! `strata segments meter`, and what `strata check` and the report say of it.

use std::fmt::Write;

use serde_json::Value;

use super::project::{MANIFEST, Project};

/// A shop whose customers are cut into slices by chance, with a segment twice.
fn shop() -> Project {
    let mut orders = "id,customer,date,amount\n".to_owned();
    for who in 0..200 {
        for nth in 0..=(who % 3) {
            writeln!(orders, "o{who}-{nth},c{who},2024-0{}-01,{}", 1 + nth, 10 + who % 7).unwrap();
        }
    }
    let mut manifest = format!(
        "{MANIFEST}\n[segments.twice]\nwhere = \"count(orders) >= 2\"\n[segmentations.slices]\ntitle = \"Slices\"\n"
    );
    for slice in 1..=4 {
        let class = format!("name = \"s{slice}\"\nwhere = \"bucket('chance') < {slice} / 4.0\"\n");
        writeln!(manifest, "[[segmentations.slices.classes]]\n{class}").unwrap();
    }
    let project = Project::of(&[("strata.toml", &manifest), ("orders.csv", &orders)]);
    project.good(&["run"]);
    project
}

#[test]
fn the_meter_is_shown_for_all_for_one_and_for_machines() {
    let project = shop();
    let all = project.good(&["segments", "meter"]);
    assert!(all.contains("what "), "{all}");
    assert!(all.contains("- regulars has the same members as twice, "), "{all}");
    assert!(all.contains("- no `goal` is said of regulars and twice\n"), "{all}");

    let slices = project.good(&["segments", "meter", "slices"]);
    assert!(slices.starts_with("slices: meter "), "{slices}");
    assert!(slices.contains("class  members  meas  subst  access  differ  act\n"), "{slices}");
    assert!(slices.contains("- 4 classes where 1 would do; "), "{slices}");
    assert!(slices.contains("- merge them all: s"), "{slices}");
    assert!(slices.contains("s1 is not substantial: it has "), "{slices}");

    let one = project.good(&["segments", "meter", "slices/s1"]);
    assert!(one.contains("accessible      ?    no source maps an address"), "{one}");

    let json: Value =
        serde_json::from_str(&project.good(&["segments", "meter", "slices", "--json"])).unwrap();
    assert_eq!(json[0]["segmentation"], "slices");
    assert_eq!((&json[0]["n_segments"], &json[0]["n_would_do"]), (&4.into(), &1.into()));
    assert_eq!(json[0]["merges"].as_array().map(Vec::len), Some(3));
    let csv = project.good(&["segments", "meter", "slices", "--csv"]);
    assert!(csv.starts_with("subject,segmentation,segment,other,position,criterion,value,"), "{csv}");
    assert!(csv.lines().skip(1).all(|line| line.starts_with("customers,slices,")), "{csv}");

    project.strata(&["segments", "meter", "slice"]).refused(
        "a wrong name",
        4,
        &["`slice`", "did you mean `slices`?"],
    );
}

#[test]
fn check_tells_the_worst_and_the_report_shows_all() {
    let project = shop();
    let check = project.good(&["check"]);
    assert!(check.contains("\nregulars has the same members as twice, "), "{check}");
    assert!(check.contains("\nslices: 4 classes where 1 would do, meter "), "{check}");
    assert!(check.contains("`strata segments meter` says why\n"), "{check}");

    project.good(&["report"]);
    let page = std::fs::read_to_string(project.path("report.html")).unwrap();
    assert!(page.contains(r#"<section class="part" id="meter""#));
    assert!(page.contains("Slices, substantial: met by 0 of 4 classes"));
}
