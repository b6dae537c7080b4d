//! Standard scores: against whom they are, and where respondents stand against norms of a file.

use std::path::Path;

use serde_json::Value;

use super::project::Project;

const MANIFEST: &str = r#"
[project]
title = "Shop"
as_of = "2024-06-01"

[sources.customers]
path = "customers.csv"

[sources.customers.customers.columns]
customer_id = "id"
gender = "gender"
age = "age"

[sources.form]
path = "form.csv"

[sources.form.responses]
questions = "rest"

[sources.form.responses.columns]
customer_id = "who"
answered_at = "when"
response_id = "form"

[surveys.traits]
instrument = "mini-ipip-20"
"#;

const NORMS: &str = "scale,gender,age,n,mean,sd\n\
                     E,all,all,10000,3.0,1.0\n\
                     E,female,18-24,500,2.5,0.5\n\
                     E,male,18-24,80,1.5,0.5\n\
                     N,all,all,10000,3.0,1.0\n";

/// 240 customers who answered the items of two scales: women of 20 first, then men of 20, some of unknown age, and one child.
fn shop(norms: Option<&str>) -> Project {
    let mut state = 9_u64;
    let mut draw = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / (1_u64 << 31) as f64
    };
    let instrument = strata_pipeline::spec::survey::Instrument::find("mini-ipip-20").unwrap();
    let rating = instrument.rating().unwrap();
    let items: Vec<_> = rating.items.iter().filter(|item| ["E", "N"].contains(&&*item.scale)).collect();
    let ids: Vec<&str> = items.iter().map(|item| item.id.as_str()).collect();
    let mut customers = "id,gender,age\n".to_owned();
    let mut form = format!("form,who,when,{}\n", ids.join(","));
    for n in 0..240 {
        let (gender, age) = match n {
            0 => ("female", "12"),
            1..100 => ("female", "20"),
            100..200 => ("male", "20"),
            _ => ("female", ""),
        };
        customers.push_str(&format!("c{n},{gender},{age}\n"));
        let levels = [1.5 + 3.0 * draw(), 1.5 + 3.0 * draw()];
        let answers: Vec<String> = items
            .iter()
            .map(|item| {
                let level = levels[usize::from(item.scale == "N")] + draw() - 0.5;
                let answer = level.round().clamp(1.0, 5.0);
                (if item.key < 0 { 6.0 - answer } else { answer }).to_string()
            })
            .collect();
        form.push_str(&format!("f{n},c{n},2024-03-01,{}\n", answers.join(",")));
    }
    let manifest = match norms {
        Some(_) => format!("{MANIFEST}norms = \"norms.csv\"\n"),
        None => MANIFEST.to_owned(),
    };
    let project =
        Project::of(&[("strata.toml", &manifest), ("customers.csv", &customers), ("form.csv", &form)]);
    if let Some(norms) = norms {
        project.write("norms.csv", norms);
    }
    project.good(&["run"]);
    project
}

fn rows(project: &Project, query: &str) -> Vec<Value> {
    serde_json::from_str(&project.good(&["sql", "--json", query])).unwrap()
}

fn scale(project: &Project, name: &str) -> Value {
    let told: Value = serde_json::from_str(&project.good(&["survey", "quality", "--json"])).unwrap();
    let scales = told[0]["scales"].as_array().unwrap().iter();
    scales.clone().find(|scale| scale["name"] == name).unwrap().clone()
}

#[test]
fn respondents_are_held_against_norms_of_people_alike() {
    let project = shop(Some(NORMS));
    let wrong = rows(
        &project,
        "select count(*) as n, count(*) filter (where abs(s.z - (p.traits_extraversion - \
           case when p.gender = 'female' and p.age_years = 20 then 2.5 else 3.0 end) / \
           case when p.gender = 'female' and p.age_years = 20 then 0.5 else 1.0 end) > 1e-9 or abs(s.t - 50 - 10 * s.z) > 1e-9) as n_wrong \
         from standard_score s join profile p on p.customer_id = s.customer_id where s.scale = 'traits_extraversion'",
    )[0]
    .clone();
    let extraversion = scale(&project, "traits_extraversion");
    let standing = &extraversion["standing"];
    assert_eq!((&wrong["n_wrong"], &wrong["n"]), (&0.into(), &standing["n"]), "{standing}");
    assert!(standing["n"].as_u64().unwrap() > 200, "{standing}");
    // Forty of unknown age, and a hundred men of whom the norms have eighty, less those without care.
    let (n_unknown, n_too_few) =
        (standing["n_unknown"].as_u64().unwrap(), standing["n_too_few"].as_u64().unwrap());
    assert!((30..=40).contains(&n_unknown) && (85..=100).contains(&n_too_few), "{standing}");
    let mean = &rows(
        &project,
        "select avg(z) as mean, stddev(z) / sqrt(count(*)) as error from standard_score where scale = 'traits_extraversion'",
    )[0];
    let (mean, error) = (mean["mean"].as_f64().unwrap(), mean["error"].as_f64().unwrap());
    assert!((standing["mean_z"].as_f64().unwrap() - mean).abs() < 1e-9, "{standing}");
    assert!((standing["interval"][1].as_f64().unwrap() - mean - 1.96 * error).abs() < 1e-9, "{standing}");
    let of_table =
        &rows(&project, "select reference, mean_z from scale where scale = 'traits_extraversion'")[0];
    assert_eq!(
        (&of_table["reference"], of_table["mean_z"].as_f64()),
        (&"norms.csv".into(), standing["mean_z"].as_f64())
    );

    // The child has no score, nor has anybody one of neuroticism; where all stand on it may be told.
    let none =
        "select count(*) as n from standard_score where customer_id = 'c0' or scale = 'traits_neuroticism'";
    assert_eq!(rows(&project, none)[0]["n"], 0);
    assert!(scale(&project, "traits_neuroticism")["standing"]["mean_z"].is_number());
    let shown = project.good(&["survey", "quality"]);
    for words in [
        "standard scores are held against norms.csv",
        "since their gender or age is not known",
        "since it has fewer than 100 people like them",
        "respondents stand ",
    ] {
        assert!(shown.replace("\n    ", " ").contains(words), "{words} is not in\n{shown}");
    }
    project.good(&["report"]);
    let report = std::fs::read_to_string(project.path("report.html")).unwrap();
    assert!(
        report.contains("standard scores are held against norms.csv")
            && report.contains("Respondents stand ")
    );

    // Other norms are another outcome.
    let before = project.run(&[])["run_id"].clone();
    project.write("norms.csv", NORMS.replace("E,all,all,10000,3.0", "E,all,all,10000,3.5"));
    assert_ne!(project.run(&[])["run_id"], before);
    project.write("norms.csv", "scale,n,mean,sd\nE,100,30,1\n");
    project.strata(&["run"]).refused(
        "sums for means",
        2,
        &["norms.csv:2:1", "`30` cannot be the mean of `E`"],
    );
    std::fs::remove_file(project.path("norms.csv")).unwrap();
    project.strata(&["run"]).refused(
        "no norms",
        2,
        &["strata.toml:", "the norms of `traits` cannot be read"],
    );
}

#[test]
fn without_norms_respondents_are_their_own_reference() {
    let project = shop(None);
    let own = &rows(
        &project,
        "select abs(avg(z)) as mean, stddev(z) as deviation, min(reference) as reference from standard_score \
         where scale = 'traits_extraversion'",
    )[0];
    assert!(own["mean"].as_f64().unwrap() < 1e-9, "{own}");
    assert!((own["deviation"].as_f64().unwrap() - 1.0).abs() < 1e-9, "{own}");
    assert_eq!(own["reference"], "own respondents");
    assert_eq!(scale(&project, "traits_extraversion")["standing"], Value::Null);
    assert!(
        project.good(&["survey", "quality"]).contains("standard scores are held against own respondents")
    );
}

/// Norms of a web sample, which are kept beside the repository (`shared/instruments`, in any folder above).
#[test]
fn published_norms_are_read() {
    const FILE: &str = "shared/instruments/mini_ipip_norms_openpsychometrics2012.csv";
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let Some(norms) = folders.find_map(|folder| std::fs::read_to_string(folder.join(FILE)).ok()) else {
        eprintln!("skipped: published_norms_are_read, for {FILE} is not there");
        return;
    };
    let project = shop(Some(&norms));
    let cells = rows(
        &project,
        "select distinct reference from standard_score where scale = 'traits_extraversion' order by 1",
    );
    let cells: Vec<&str> = cells.iter().filter_map(|row| row["reference"].as_str()).collect();
    assert_eq!(cells, ["norms.csv: everybody", "norms.csv: female, 18 to 24", "norms.csv: male, 18 to 24"]);
}
