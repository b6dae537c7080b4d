//! The cookbook, `docs/cookbook/*.md`: each recipe's definitions over its rows give the members that it says, by the
//! compiler's plan and by the reference.

#![expect(clippy::panic, reason = "a page that cannot be read says why")]

mod page;
mod recipe;

use std::collections::BTreeSet;
use std::fmt::Write;

use strata_lake::Mode;
use strata_pipeline::spec::table::Subject;

use crate::reference::{Decided, World, decide, engine, in_memory};
use crate::support::repository;
use page::recipes;

macro_rules! pages {
    ($($name:ident)+) => {
        const PAGES: &[&str] = &[$(stringify!($name)),+];
        $(
            #[tokio::test]
            async fn $name() {
                check(stringify!($name)).await;
            }
        )+
    };
}

pages! {
    properties dates counting first_and_repeat products engagement sequences regularity
    stopped_and_restarted value geography companies membership state_in_time consent
    samples lists waterfall by_hand meaning
}

#[test]
fn every_page_is_checked() {
    let files = std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().file_name());
    let files = files.map(|name| name.to_string_lossy().trim_end_matches(".md").replace('-', "_"));
    let files: BTreeSet<String> = files.filter(|name| name != "README").collect();
    assert_eq!(files, PAGES.iter().map(|page| (*page).to_owned()).collect());
}

#[test]
fn there_are_sixty_recipes_at_least() {
    let mut names = BTreeSet::new();
    for recipe in PAGES.iter().flat_map(|page| recipes(&text(page))) {
        assert!(recipe.says_why, "{}: no sentence says who wants it", recipe.name);
        assert!(names.insert(recipe.name.clone()), "there are two recipes `{}`", recipe.name);
    }
    assert!(names.len() >= 60, "there are {}", names.len());
}

fn folder() -> std::path::PathBuf {
    repository().join("docs/cookbook")
}

fn text(page: &str) -> String {
    std::fs::read_to_string(folder().join(format!("{}.md", page.replace('_', "-")))).unwrap()
}

/// Checks every recipe of a page, and says of all that fail how.
async fn check(page: &str) {
    let (engine, _folder) = engine(Mode::Embedded).await;
    let mut failures = String::new();
    for recipe in recipes(&text(page)) {
        let found = match recipe.manifest() {
            Err(errors) => {
                let found = shown(&errors);
                (recipe.errors() != Some(found.as_str())).then_some(found)
            }
            Ok(manifest) => {
                let world = recipe.world(manifest);
                let expected = recipe.expected(&world);
                let by_reference = by_reference(&world);
                let by_plan = decide(&world, &in_memory(&world, &engine)).await.unwrap();
                recipe.check_words(&world.definitions);
                let both = [("the reference", by_reference), ("the plan", by_plan)];
                let differing = both.iter().filter(|(_, found)| *found != expected);
                let differing: String =
                    differing.map(|(who, found)| format!("{who}: {found:#?}\n")).collect();
                let wanted = recipe.errors().map(|errors| format!("errors are expected: {errors}"));
                let differing = wanted.unwrap_or_default() + &differing;
                (!differing.is_empty()).then(|| format!("expected: {expected:#?}\n{differing}"))
            }
        };
        if let Some(found) = found {
            writeln!(failures, "## {}\n{found}", recipe.name).unwrap();
        }
    }
    assert!(failures.is_empty(), "{page}:\n{failures}");
}

fn by_reference(world: &World) -> Decided {
    let mut decided = Decided::default();
    for subject in Subject::ALL {
        let of_subject = world.decided(subject);
        decided.members.extend(of_subject.members);
        decided.undecided.extend(of_subject.undecided);
        decided.classes.extend(of_subject.classes);
    }
    decided
}

/// Errors as the command line shows them.
fn shown(errors: &[strata_pipeline::spec::error::SpecError]) -> String {
    let lines = errors.iter().map(|error| match &error.hint {
        Some(hint) => format!("{error}\nhint: {hint}\n"),
        None => format!("{error}\n"),
    });
    lines.collect()
}
