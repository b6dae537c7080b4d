//! Wake times against brute force: until the wake time of a condition, the reference says of it at every instant what it says
//! now, while no row comes; and from wake time to wake time all of its changes are met.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use strata_lake::arrow::array::{Array, AsArray};
use strata_lake::arrow::datatypes::TimestampMicrosecondType;
use strata_lake::{Engine, Mode};
use strata_pipeline::compile::{Mapped, Setting, compile_waking};
use strata_pipeline::spec::condition::{CalendarUnit, Condition, Interval, Node, Term};
use strata_pipeline::spec::definition::Classes;
use strata_pipeline::spec::table::{Subject, Table};

use super::calendar::{midnight, moved};
use super::chance::Chance;
use super::planned::{described, engine, in_memory};
use super::random::random;
use super::random_world::LENGTHS;
use super::value::{Truth, Value};
use super::world::World;

/// Segments of one program.
const N_SEGMENTS: usize = 25;
/// How often a world is taken to one of its wake times.
const N_STEPS: usize = 3;
/// Later instants at which a condition is looked at.
const N_INSTANTS: usize = 120;

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_changes_before_the_wake_time_of_customers(seed: u64) {
        check(seed, Subject::Customers)?;
    }

    #[test]
    fn nothing_changes_before_the_wake_time_of_companies(seed: u64) {
        check(seed, Subject::Companies)?;
    }
}

/// Worlds in which something changed too early once.
#[test]
fn nothing_changes_too_early_any_more() {
    check(10317721766196830651, Subject::Customers).unwrap();
    check(3091804119074317733, Subject::Companies).unwrap();
}

fn check(seed: u64, subject: Subject) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut world = random(seed, subject, N_SEGMENTS);
    forget_what_is_to_come(&mut world);
    let conditions: Vec<Condition> = world
        .definitions
        .segments
        .values()
        .filter(|segment| segment.header.subject == subject && stands_alone(&world, &segment.condition))
        .map(|segment| segment.condition.clone())
        .collect();
    let mut chance = Chance::new(seed);
    let late = runtime.block_on(async {
        let (engine, _folder): (Engine, _) = engine(Mode::Embedded).await;
        let mut late = String::new();
        for _ in 0..N_STEPS {
            let asked = ask(&world, subject, &conditions, &engine).await;
            for Asked { id, condition, truth, wake } in &asked {
                late.push_str(&too_late(&world, subject, id, condition, *truth, *wake, &mut chance));
            }
            let wakes: Vec<DateTime<Utc>> = asked.iter().filter_map(|asked| asked.wake).collect();
            if !late.is_empty() || wakes.is_empty() {
                break;
            }
            world.as_of = chance.one(&wakes);
        }
        late
    });
    prop_assert!(late.is_empty(), "seed {}\n{}", seed, late);
    Ok(())
}

/// What a program says of a subject.
struct Asked {
    id: String,
    condition: Condition,
    truth: Truth,
    wake: Option<DateTime<Utc>>,
}

async fn ask(world: &World, subject: Subject, conditions: &[Condition], engine: &Engine) -> Vec<Asked> {
    let companies = (Table::Companies, Subject::Companies.id_column());
    let mapped = Mapped::columns([companies]);
    let setting = Setting {
        subject,
        as_of: world.as_of,
        timezone: world.timezone,
        fiscal_year_start: world.fiscal_year_start,
        definitions: &world.definitions,
        properties: &world.properties,
        mapped: &mapped,
    };
    let program = compile_waking(&setting, conditions).unwrap();
    let given = in_memory(world, engine);
    let profile = program.profile_after(&given.tables, &given.history).unwrap();
    let answer = program.wake_after(profile, &given.memberships).unwrap();
    let mut asked = Vec::new();
    for batch in answer.collect().await.unwrap() {
        let ids = batch.column(0).as_string::<i32>();
        for (at, condition) in conditions.iter().enumerate() {
            let truths = batch.column(1 + at).as_boolean();
            let wakes = batch.column(1 + conditions.len() + at).as_primitive::<TimestampMicrosecondType>();
            asked.extend((0..batch.num_rows()).map(|row| Asked {
                id: ids.value(row).to_owned(),
                condition: condition.clone(),
                truth: truths.is_valid(row).then(|| truths.value(row)),
                wake: wakes.is_valid(row).then(|| DateTime::from_timestamp_micros(wakes.value(row)).unwrap()),
            }));
        }
    }
    asked
}

/// What changes before the wake time, if anything does.
fn too_late(
    world: &World,
    subject: Subject,
    id: &str,
    condition: &Condition,
    truth: Truth,
    wake: Option<DateTime<Utc>>,
    chance: &mut Chance,
) -> String {
    if wake.is_some_and(|wake| wake <= world.as_of) {
        return format!("{condition}\n  wakes {id} at {wake:?}, which is not after {}\n", world.as_of);
    }
    let mut instants = later_instants(world, subject, id, chance);
    instants.retain(|at| wake.is_none_or(|wake| *at < wake));
    instants.extend(wake.map(|wake| wake - TimeDelta::microseconds(1)).filter(|at| *at > world.as_of));
    let mut later = world.clone();
    // That both say the same of the present is another test's matter.
    let everyone = world.everyone(subject);
    let Some(one) = everyone.iter().find(|one| one.id == id) else { return String::new() };
    let by_reference = one.meets(condition);
    if by_reference != truth {
        return String::new();
    }
    for at in instants {
        later.as_of = at;
        let everyone = later.everyone(subject);
        let Some(one) = everyone.iter().find(|one| one.id == id) else { continue };
        let then = one.meets(condition);
        if then != truth {
            let mut text = format!(
                "{condition}\n  of {id} is {truth:?} at {} and {then:?} at {at}, before {wake:?} in {}\n",
                world.as_of, world.timezone
            );
            text.push_str(&format!("    {}\n", described(one.own)));
            let mut tables: Vec<Table> = condition.aggregates().iter().map(|each| each.table).collect();
            tables.extend(condition.sequences().iter().flat_map(|each| each.tables()));
            tables.sort();
            tables.dedup();
            for table in tables {
                for row in one.rows(table) {
                    text.push_str(&format!("    {table}: {}\n", described(row)));
                }
            }
            return text;
        }
    }
    String::new()
}

/// Instants after the present at which something is likely to change: those of rows and as long after them as windows are, begins
/// of days and years, and some in between.
fn later_instants(world: &World, subject: Subject, id: &str, chance: &mut Chance) -> Vec<DateTime<Utc>> {
    let everyone = world.everyone(subject);
    let Some(one) = everyone.iter().find(|one| one.id == id) else { return Vec::new() };
    let mut times: Vec<DateTime<Utc>> = Vec::new();
    for row in Table::ALL.into_iter().flat_map(|table| one.rows(table)).chain([one.own]) {
        times.extend(row.values().filter_map(|value| match value {
            Value::Time(at) => Some(*at),
            Value::Date(day) => Some(midnight(*day, world.timezone)),
            _ => None,
        }));
    }
    let spells = world.spells.iter().filter(|spell| spell.id == id).map(|spell| spell.since);
    let stays = world.stays.iter().filter(|stay| stay.id == id);
    times.extend(spells.chain(stays.flat_map(|stay| [Some(stay.entered_at), stay.left_at]).flatten()));
    times.push(world.as_of);
    let more = ["0 days", "90 days", "180 days", "2 days", "5 years"];
    let lengths: Vec<Interval> =
        LENGTHS.iter().chain(&more).map(|text| Interval::parse(text).unwrap()).collect();
    let today = world.as_of.with_timezone(&world.timezone).date_naive();
    let mut instants = Vec::with_capacity(N_INSTANTS);
    for _ in 0..20 * N_INSTANTS {
        let at = match chance.below(8) {
            0 => midnight(today + TimeDelta::days(chance.between(1, 40)), world.timezone),
            1 => {
                let unit = chance.one(&CalendarUnit::ALL);
                let start = super::calendar::period_start(
                    today,
                    unit,
                    chance.between(1, 3) as i32,
                    world.fiscal_year_start,
                );
                midnight(start, world.timezone)
            }
            2 => world.as_of + TimeDelta::minutes(chance.between(1, 600_000)),
            3 => world.as_of + TimeDelta::minutes(15 * chance.between(1, 400)),
            _ => {
                let at = moved(chance.one(&times), chance.one(&lengths), 1, world.timezone);
                if chance.once_in(4) { moved(at, chance.one(&lengths), 1, world.timezone) } else { at }
            }
        };
        let at = at + TimeDelta::microseconds(chance.one(&[0, 0, 1, -1, 1_000_000]));
        if at > world.as_of {
            instants.push(at);
        }
        if instants.len() == N_INSTANTS {
            break;
        }
    }
    instants
}

/// Takes away the rows that do not exist yet: none comes while time passes.
fn forget_what_is_to_come(world: &mut World) {
    let as_of = world.as_of;
    for (table, rows) in &mut world.tables {
        rows.retain(|row| match row.get(table.time_column()) {
            Some(Value::Time(at)) => *at <= as_of,
            _ => true,
        });
    }
    world.spells.retain(|spell| spell.since <= as_of);
}

/// Whether a condition asks for no place among all subjects, which is held as it is, and no more do those that it uses.
fn stands_alone(world: &World, condition: &Condition) -> bool {
    let mut ranks = false;
    condition.walk(&mut |node| {
        ranks |= matches!(node, Node::Term(Term::Rank { .. }));
        true
    });
    let segments = condition.segments_used();
    let mut segments = segments.iter().filter_map(|name| world.definitions.segments.get(*name));
    let segmentations = condition.segmentations_used();
    let mut segmentations =
        segmentations.iter().filter_map(|name| world.definitions.segmentations.get(*name));
    !ranks
        && segments.all(|segment| stands_alone(world, &segment.condition))
        && segmentations.all(|segmentation| match &segmentation.classes {
            Classes::Rules(classes) => classes.iter().all(|class| stands_alone(world, &class.condition)),
            Classes::By(_) => true,
        })
}
