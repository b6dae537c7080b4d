//! The compiler's plans against the reference: random definitions over random rows give the same members, the same
//! undecided and the same classes. Dozens of conditions share a plan, as those of a project do.

use proptest::prelude::*;
#[cfg(feature = "cluster")]
use proptest::test_runner::RngSeed;
use strata_lake::{Engine, Mode};
use strata_pipeline::spec::definition::{Origin, Segment};
use strata_pipeline::spec::manifest::Manifest;
use strata_pipeline::spec::table::Subject;

use super::chance::Chance;
use super::decided::Decided;
use super::planned::{decide, described, engine, in_memory};
use super::world::World;
use super::{random_condition, random_world};

/// Segments of one program.
const N_SEGMENTS: usize = 25;

proptest! {
    // A seed says nothing about another near to it, so that there is nothing to shrink.
    #![proptest_config(ProptestConfig { cases: 4, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn customers_are_decided_as_in_the_reference(seed: u64) {
        check(seed, Subject::Customers)?;
    }

    #[test]
    fn companies_are_decided_as_in_the_reference(seed: u64) {
        check(seed, Subject::Companies)?;
    }
}

#[cfg(feature = "cluster")]
proptest! {
    // The same few worlds every time: a cluster costs too much for chance to find anything by and by.
    #![proptest_config(ProptestConfig {
        cases: 6,
        max_shrink_iters: 0,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_cluster_decides_random_definitions_as_the_reference(seed: u64, of_companies: bool) {
        check_on(Mode::Standalone, seed, if of_companies { Subject::Companies } else { Subject::Customers })?;
    }
}

fn check(seed: u64, subject: Subject) -> Result<(), TestCaseError> {
    check_on(Mode::Embedded, seed, subject)
}

fn check_on(mode: Mode, seed: u64, subject: Subject) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let world = random(seed, subject, N_SEGMENTS);
    let differences = runtime.block_on(async {
        let (running, folder): (Engine, _) = engine(mode.clone()).await;
        let given = match mode {
            Mode::Embedded => in_memory(&world, &running),
            #[cfg(feature = "cluster")]
            _ => super::planned::in_files(&world, &running, folder.path()).await,
        };
        match decide(&world, &given).await {
            Ok(found) => differences(&world, subject, &world.decided(subject), &found),
            Err(error) => {
                let (embedded, _folder) = engine(Mode::Embedded).await;
                format!("{error}\n{}", culprits(&world, &embedded).await)
            }
        }
    });
    prop_assert!(differences.is_empty(), "seed {seed}: {differences}");
    Ok(())
}

/// The segments whose plans do not run even alone; those that use others are not looked at.
async fn culprits(world: &World, engine: &Engine) -> String {
    let mut alone = world.clone();
    alone.definitions.segmentations.clear();
    let is_own = |segment: &Segment| segment.header.origin == Origin::Project;
    alone.definitions.segments.retain(|_, each| !is_own(each));
    let mut text = String::new();
    for (name, segment) in world.definitions.segments.iter().filter(|(_, each)| is_own(each)) {
        let condition = &segment.condition;
        if !condition.segments_used().is_empty() || !condition.segmentations_used().is_empty() {
            continue;
        }
        alone.definitions.segments.insert(name.clone(), segment.clone());
        if let Err(error) = decide(&alone, &in_memory(&alone, engine)).await {
            text.push_str(&format!("{name}: {condition}\n  {error}\n"));
        }
        alone.definitions.segments.remove(name);
    }
    text
}

#[cfg(feature = "cluster")]
#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_decides_as_the_reference() {
    let world = random(7, Subject::Customers, 20);
    let (engine, folder) = engine(Mode::Standalone).await;
    let given = super::planned::in_files(&world, &engine, folder.path()).await;
    let found = decide(&world, &given).await.unwrap();
    let expected = world.decided(Subject::Customers);
    let differences = differences(&world, Subject::Customers, &expected, &found);
    assert!(differences.is_empty(), "{differences}");
}

/// Random definitions and rows.
pub(super) fn random(seed: u64, subject: Subject, n_segments: usize) -> World {
    let mut chance = Chance::new(seed);
    let properties = random_condition::properties();
    let text = random_condition::manifest(&mut chance, subject, &properties, n_segments);
    let manifest = Manifest::parse(&[("strata.toml".to_owned(), text)]);
    random_world::world(&mut chance, manifest.unwrap_or_else(|errors| panic!("seed {seed}: {errors:#?}")))
}

/// What differs, with what is needed to see why.
fn differences(world: &World, subject: Subject, expected: &Decided, found: &Decided) -> String {
    let mut text = String::new();
    for (name, members) in &expected.members {
        let (others, undecided) = (&found.members[name], &expected.undecided[name]);
        if members == others && *undecided == found.undecided[name] {
            continue;
        }
        let condition = &world.definitions.segments[name.as_str()].condition;
        let wrong = members.symmetric_difference(others);
        let wrong = wrong.chain(undecided.symmetric_difference(&found.undecided[name])).next().unwrap();
        text.push_str(&format!(
            "\n{name}: {condition}\n  reference: {members:?}, undecided {undecided:?}\n  plan: {others:?}, undecided {:?}\n  {wrong}:\n",
            found.undecided[name]
        ));
        let one = world.everyone(subject).into_iter().find(|one| one.id == wrong);
        text.extend(one.map(|one| format!("    {}\n", described(one.own))));
        let tables = condition.aggregates().into_iter().map(|aggregate| aggregate.table);
        let mut tables: Vec<_> =
            tables.chain(condition.sequences().iter().flat_map(|each| each.tables())).collect();
        tables.sort();
        tables.dedup();
        for (table, row) in tables.into_iter().flat_map(|table| {
            one.into_iter().flat_map(move |one| one.rows(table)).map(move |row| (table, row))
        }) {
            text.push_str(&format!("    {table}: {}\n", described(row)));
        }
    }
    if expected.classes != found.classes {
        text.push_str(&format!("\nreference: {:?}\nplan: {:?}\n", expected.classes, found.classes));
    }
    if !text.is_empty() {
        text.push_str(&format!("at {} in {}", world.as_of, world.timezone));
    }
    text
}
