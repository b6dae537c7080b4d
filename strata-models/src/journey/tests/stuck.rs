//! Who is stuck, by hand.

use super::says;
use crate::journey::stuck::{StageVerdict, StuckInput, StuckRules, stuck};

struct Columns {
    stages: Vec<u16>,
    elapsed: Vec<f64>,
    ended: Vec<bool>,
    quiet: Vec<Option<f64>>,
}

impl Columns {
    fn new() -> Columns {
        Columns { stages: vec![], elapsed: vec![], ended: vec![], quiet: vec![] }
    }

    fn put(&mut self, stage: u16, elapsed: f64, ended: bool, quiet: Option<f64>) {
        self.stages.push(stage);
        self.elapsed.push(elapsed);
        self.ended.push(ended);
        self.quiet.push(quiet);
    }

    fn input(&self) -> StuckInput<'_> {
        StuckInput { stages: &self.stages, elapsed: &self.elapsed, ended: &self.ended, quiet: &self.quiet }
    }
}

/// Forty episodes ended after 1 to 40 days; of seven open ones, all so new or so late that the quartiles can be told.
#[test]
fn late_and_quiet_episodes_are_stuck() {
    let mut columns = Columns::new();
    (1..=40).for_each(|day| columns.put(0, f64::from(day), true, None));
    let open = [(0.5, None), (50.0, None), (50.0, Some(11.0)), (50.0, Some(12.5)), (45.0, Some(2.0))];
    open.iter().for_each(|(elapsed, quiet)| columns.put(0, *elapsed, false, *quiet));
    let found = stuck(&columns.input(), 2, &StuckRules::default()).unwrap();
    // At risk from day 1 on are 44; by day 11 a quarter of them has ended and by day 33 three quarters, at which the curve lies flat for a day.
    assert_eq!(
        found.stages[0],
        StageVerdict::Judged { n_episodes: 45, n_open: 5, late_after: 33.5, quiet_after: 11.5, n_stuck: 2 }
    );
    assert_eq!(found.episodes, [41, 43]);
    assert_eq!(found.stages[1], StageVerdict::TooFew { n_episodes: 0 });
}

#[test]
fn a_week_must_be_quiet_where_a_stage_is_quick() {
    let mut columns = Columns::new();
    (1..=30).for_each(|n| columns.put(0, f64::from(n) / 10.0, true, None));
    columns.put(0, 9.0, false, Some(7.0));
    columns.put(0, 9.0, false, Some(7.1));
    let found = stuck(&columns.input(), 1, &StuckRules::default()).unwrap();
    let StageVerdict::Judged { quiet_after, .. } = found.stages[0] else { panic!("{found:?}") };
    assert_eq!((quiet_after, found.episodes), (7.0, vec![31]));
}

#[test]
fn a_stage_says_why_it_says_nothing() {
    let mut columns = Columns::new();
    (0..29).for_each(|_| columns.put(0, 1.0, true, None));
    (0..30).for_each(|n| columns.put(1, 1.0, n < 10, None));
    columns.put(1, 99.0, false, None);
    let found = stuck(&columns.input(), 2, &StuckRules::default()).unwrap();
    let not_reached = StageVerdict::NotReached { n_episodes: 31, n_open: 21 };
    assert_eq!(found.stages, [StageVerdict::TooFew { n_episodes: 29 }, not_reached]);
    assert!(found.episodes.is_empty());
    columns.put(0, 2.0, false, None);
    let found = stuck(&columns.input(), 2, &StuckRules::default()).unwrap();
    assert!(matches!(found.stages[0], StageVerdict::Judged { n_episodes: 30, .. }), "{found:?}");
}

#[test]
fn refusals() {
    let mut columns = Columns::new();
    columns.put(3, 1.0, true, None);
    says(stuck(&columns.input(), 3, &StuckRules::default()), "row 0, `stages`: code 3 of 3");
    columns.elapsed[0] = -1.0;
    says(stuck(&columns.input(), 4, &StuckRules::default()), "row 0, `elapsed`: -1");
    columns.elapsed[0] = 1.0;
    columns.quiet[0] = Some(f64::NAN);
    says(stuck(&columns.input(), 4, &StuckRules::default()), "row 0, `quiet`: NaN");
    columns.quiet.clear();
    says(stuck(&columns.input(), 4, &StuckRules::default()), "`quiet` has 0 values where there are 1");
    let none = Columns::new();
    let rules = |late, early, least_quiet| StuckRules { late, early, least_quiet, fewest_episodes: 30 };
    says(stuck(&none.input(), 1, &rules(1.0, 0.25, 7.0)), "`late` is 1");
    says(stuck(&none.input(), 1, &rules(0.5, 0.75, 7.0)), "`early` is 0.75");
    says(stuck(&none.input(), 1, &rules(0.5, 0.25, -7.0)), "`least_quiet` is -7");
}
