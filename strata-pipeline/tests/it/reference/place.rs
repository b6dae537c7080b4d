//! Places among all subjects.

use std::cmp::Ordering;

use strata_pipeline::spec::condition::{Condition, Ranking, Term};
use strata_pipeline::spec::definition::{Score, Scoring};

use super::value::{Value, compare};
use super::world::One;

impl One<'_> {
    pub(crate) fn place(&self, ranking: Ranking, by: &Term, among: Option<&Condition>) -> Value {
        let ranked = self.ranked(|one| one.term(by, None), among);
        let Some((own, _)) = ranked.iter().find(|(_, id)| *id == self.id) else { return Value::Null };
        let order = |other: &Value| compare(other, own, self.world.timezone).unwrap();
        let n_greater = ranked.iter().filter(|(other, _)| order(other) == Ordering::Greater).count();
        let n_less = ranked.iter().filter(|(other, _)| order(other) == Ordering::Less).count();
        let n_before = ranked.iter().filter(|(other, id)| order(other) == Ordering::Equal && *id < self.id);
        match ranking {
            Ranking::Rank => Value::Integer(1 + n_greater as i64),
            Ranking::RowNumber => Value::Integer(1 + (n_greater + n_before.count()) as i64),
            Ranking::PercentRank if ranked.len() == 1 => Value::Number(0.0),
            Ranking::PercentRank => Value::Number(n_less as f64 / (ranked.len() - 1) as f64),
        }
    }

    /// The part, from 1 on, into which the subject falls when all are sorted and cut into equal parts.
    pub(crate) fn score(&self, score: &Score) -> Value {
        let Scoring::Rank { tiles, by, descending } = &score.how else {
            panic!("`{}` is fitted and does not rank", score.name)
        };
        let mut ranked = self.ranked(|one| one.named(by), score.among.as_ref());
        ranked.sort_by(|(left, left_id), (right, right_id)| {
            let order = compare(left, right, self.world.timezone).unwrap();
            let order = if *descending { order.reverse() } else { order };
            order.then(left_id.cmp(right_id))
        });
        let n_ranked = ranked.len();
        let place = ranked.iter().position(|(_, id)| *id == self.id);
        place.map_or(Value::Null, |place| Value::Integer((place * *tiles as usize / n_ranked + 1) as i64))
    }

    /// Whoever takes part and has the value, each with it.
    fn ranked(&self, value: impl Fn(&One<'_>) -> Value, among: Option<&Condition>) -> Vec<(Value, &str)> {
        let takes_part = |one: &One<'_>| among.is_none_or(|among| one.condition(among, None) == Some(true));
        let everyone = self.world.everyone(self.subject);
        let taking_part = everyone.into_iter().filter(takes_part).map(|one| (value(&one), one.id));
        taking_part.filter(|(value, _)| !value.is_null()).collect()
    }
}
