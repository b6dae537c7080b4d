//! Which rules hold for a segment: only on what was measured, of enough people, and certainly.

use serde::Serialize;

use super::rule::{Appeal, Condition, Domain, Fact, FiringThresholds, Rule, RuleBook, ScaleName, Side};
use super::sensitive::is_sensitive;
use super::test_plan::{TestGoal, TestPlan};
use crate::persona::{State, count};
use crate::survey::Instrument;

/// What a segment's answers say of one scale, against the rest.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MeasuredScale {
    /// What the scale is of.
    pub domain: Domain,
    /// The instrument's id.
    pub instrument: String,
    /// The scale's id within it.
    pub scale: String,
    /// The difference of the segment from the rest in standard deviations (Hedges' g).
    pub g: f64,
    /// Its 95 % interval.
    pub ci: (f64, f64),
    /// The chance of as much by chance, adjusted for the number of scales looked at.
    pub q: f64,
    /// How many of the segment have a score.
    pub n: u64,
    /// How reliably the scale measures, 0 to 1.
    pub reliability: f64,
    /// How the scores came about.
    pub state: State,
    /// The segment's own mean with its 95 % interval, centred where the block is; none where it is not known.
    pub mean: Option<Reading>,
}

/// A mean and the interval in which it lies with 95 % confidence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Reading {
    /// The mean.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl MeasuredScale {
    /// `|g| · √reliability`, by which guidelines of one grade are ordered.
    fn weight(&self) -> f64 {
        self.g.abs() * self.reliability.clamp(0.0, 1.0).sqrt()
    }

    /// What it is called for people, as `Price consciousness (attitudes-24-cc0)`; its id where the instrument is a project's own.
    pub fn title(&self) -> String {
        let instrument = Instrument::shipped().iter().find(|instrument| instrument.id == self.instrument);
        let title = instrument.and_then(|instrument| Domain::title(instrument, &self.scale));
        format!("{} ({})", title.unwrap_or(&self.scale), self.instrument)
    }

    /// What it is called, and by how much the segment differs: `Price consciousness (attitudes-24-cc0), g = 0.58, 0.46 to 0.70, n = 240`.
    fn sentence(&self) -> String {
        let (low, high) = self.ci;
        format!("{}, g = {:.2}, {low:.2} to {high:.2}, n = {}", self.title(), self.g, count(self.n))
    }

    fn is(&self, name: &ScaleName) -> bool {
        self.domain == name.domain && name.scale.as_ref().is_none_or(|scale| *scale == self.scale)
    }

    fn differs(&self, side: Side, least_g: f64, thresholds: &FiringThresholds) -> bool {
        let (low, high) = self.ci;
        let is_certain = match side {
            Side::High => self.g > 0.0 && low > 0.0,
            Side::Low => self.g < 0.0 && high < 0.0,
        };
        is_certain && self.g.abs() >= least_g && self.q < thresholds.most_q
    }
}

/// Something that was seen of a segment without asking.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Seen {
    /// What.
    pub fact: Fact,
    /// Of how many members.
    pub n: u64,
}

impl Seen {
    fn sentence(self) -> String {
        format!("{}, n = {}", self.fact.sentence(), count(self.n))
    }
}

/// What a rule book says of a segment.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Firing {
    /// The guidelines, the best first.
    pub fired: Vec<Fired>,
    /// What protects the members; it always holds and counts towards no limit.
    pub guards: Vec<Fired>,
    /// Rules that would have fired.
    pub withheld: Vec<Withheld>,
}

/// A rule that holds for a segment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fired {
    /// The rule.
    pub rule: Rule,
    /// What it rests on; empty where that was seen and not asked.
    pub because: Vec<MeasuredScale>,
    /// What was seen.
    pub seen: Vec<Seen>,
    /// Whether the largest difference is strong.
    pub is_strong: bool,
    /// The test that would show whether it holds; a guard needs none.
    pub test: Option<TestPlan>,
}

impl Fired {
    /// All that is to be told behind its content, each with a title: what to do, what it rests on, how it is tested, and who says so.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let mut lines: Vec<(&str, String)> =
            self.rule.lines().map(|(title, line)| (title, line.to_owned())).collect();
        lines.extend(self.because.iter().map(|scale| ("Because", scale.sentence())));
        lines.extend(self.seen.iter().map(|seen| ("Because", seen.sentence())));
        lines.extend(self.test.iter().map(|test| ("Test", test.sentence())));
        if !self.rule.sources.is_empty() {
            let read = if self.rule.verified_here { "" } else { " (cited from general knowledge)" };
            lines.push(("Sources", format!("{}{read}", self.rule.sources.join("; "))));
        }
        lines
    }

    fn weight(&self) -> f64 {
        self.because.iter().map(MeasuredScale::weight).fold(0.0, f64::max)
    }
}

/// A rule that would have fired.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Withheld {
    /// Its id.
    pub rule: String,
    /// Why it does not.
    pub reason: String,
}

impl RuleBook {
    /// The rules that hold for a segment of which this was measured and seen. Scales that were typed or inferred, that too few people
    /// answered, or that are sensitive fire nothing; answers of people under 18 must not be among them at
    /// all. Where two instruments measured one scale, that counts which more people answered.
    pub fn fire(&self, measured: &[MeasuredScale], seen: &[Seen], goal: TestGoal) -> Firing {
        let thresholds = &self.firing;
        let usable = usable(measured, thresholds);
        let seen: Vec<Seen> = seen.iter().filter(|seen| seen.n >= thresholds.min_measured).copied().collect();
        let suppressed = self.suppressed(measured);
        let mut firing = Firing::default();
        for rule in &self.rules {
            let Some((because, seen)) = holds(rule, &usable, &seen, thresholds) else { continue };
            if let Some((guard, appeal)) = suppressed.iter().find(|(_, appeal)| rule.appeals.contains(appeal))
            {
                let reason = format!("it plays on {}, which `{guard}` forbids here", appeal.as_str());
                firing.withheld.push(Withheld { rule: rule.id.clone(), reason });
                continue;
            }
            let is_strong = because.iter().any(|scale| scale.g.abs() >= thresholds.strong_g);
            let test = (!rule.guard).then(|| TestPlan::of(rule.metric.as_deref(), goal));
            let fired = Fired { rule: rule.clone(), because, seen, is_strong, test };
            if rule.guard { firing.guards.push(fired) } else { firing.fired.push(fired) }
        }
        firing
            .fired
            .sort_by(|a, b| a.rule.grade.cmp(&b.rule.grade).then_with(|| b.weight().total_cmp(&a.weight())));
        for beyond in firing.fired.split_off(firing.fired.len().min(thresholds.most_rules)) {
            let reason = format!("{} better ones fire already", thresholds.most_rules);
            firing.withheld.push(Withheld { rule: beyond.rule.id, reason });
        }
        firing
    }

    /// What must not be played on, with the guard that says so. A guard that forbids holds from the least difference on, whether it is certain
    /// or not and however it was found out: caution needs no proof.
    fn suppressed(&self, measured: &[MeasuredScale]) -> Vec<(&str, Appeal)> {
        let leans = |condition: &Condition| match condition {
            Condition::Differs(name, Side::High) => {
                measured.iter().any(|scale| scale.is(name) && scale.g >= self.firing.least_g)
            }
            Condition::Differs(name, Side::Low) => {
                measured.iter().any(|scale| scale.is(name) && scale.g <= -self.firing.least_g)
            }
            _ => false,
        };
        let holds = |rule: &&Rule| rule.guard && rule.when.all.iter().chain(&rule.when.any).any(leans);
        let guards = self.rules.iter().filter(holds);
        guards.flat_map(|rule| rule.suppresses.iter().map(|appeal| (rule.id.as_str(), *appeal))).collect()
    }
}

/// The scales that may fire a rule, each once.
fn usable<'a>(measured: &'a [MeasuredScale], thresholds: &FiringThresholds) -> Vec<&'a MeasuredScale> {
    let mut usable: Vec<&MeasuredScale> = Vec::new();
    for scale in measured {
        let numbers = [scale.g, scale.ci.0, scale.ci.1, scale.q, scale.reliability];
        let is_usable = scale.state == State::Measured
            && scale.n >= thresholds.min_measured
            && !is_sensitive(&scale.scale)
            && numbers.iter().all(|number| number.is_finite());
        if !is_usable {
            continue;
        }
        let same = |each: &&mut &MeasuredScale| each.domain == scale.domain && each.scale == scale.scale;
        match usable.iter_mut().find(same) {
            Some(known) if known.n < scale.n => *known = scale,
            Some(_) => {}
            None => usable.push(scale),
        }
    }
    usable
}

/// What a rule rests on where it holds.
fn holds(
    rule: &Rule,
    usable: &[&MeasuredScale],
    seen: &[Seen],
    thresholds: &FiringThresholds,
) -> Option<(Vec<MeasuredScale>, Vec<Seen>)> {
    let least_g = rule.least_g.unwrap_or(thresholds.least_g).max(thresholds.least_g);
    let (mut because, mut facts): (Vec<MeasuredScale>, Vec<Seen>) = (Vec::new(), Vec::new());
    let mut met = |condition: &Condition| {
        let fact = seen.iter().find(|seen| *condition == Condition::Fact(seen.fact));
        let scale = evidence(condition, usable, least_g, thresholds);
        because.extend(scale.cloned());
        facts.extend(fact);
        scale.is_some() || fact.is_some()
    };
    if !rule.when.all.iter().all(&mut met) {
        return None;
    }
    // All that speak for it are named, not only the first.
    let n_any = rule.when.any.iter().filter(|condition| met(condition)).count();
    let is_met = rule.when.any.is_empty() || n_any > 0;
    (is_met && !(because.is_empty() && facts.is_empty())).then_some((because, facts))
}

/// The scale by which a condition holds, of several the one with the largest difference.
fn evidence<'a>(
    condition: &Condition,
    usable: &[&'a MeasuredScale],
    least_g: f64,
    thresholds: &FiringThresholds,
) -> Option<&'a MeasuredScale> {
    let largest = |is_met: &dyn Fn(&MeasuredScale) -> bool| {
        let met = usable.iter().copied().filter(|scale| is_met(scale));
        // Of equals the first.
        met.reduce(|best, scale| if scale.weight() > best.weight() { scale } else { best })
    };
    match condition {
        Condition::Differs(name, side) => {
            largest(&|scale| scale.is(name) && scale.differs(*side, least_g, thresholds))
        }
        Condition::Highest(domain) => {
            let of_domain = usable.iter().copied().filter(|scale| scale.domain == *domain);
            let mean = |scale: &MeasuredScale| scale.mean.map(|mean| mean.value);
            let highest = of_domain
                .filter(|scale| mean(scale).is_some_and(f64::is_finite))
                .reduce(|best, scale| if mean(scale) > mean(best) { scale } else { best });
            highest.filter(|scale| scale.differs(Side::High, least_g, thresholds))
        }
        Condition::AtLeast(name, least) => largest(&|scale| {
            scale.is(name) && scale.mean.is_some_and(|mean| mean.value >= *least && mean.low > 0.0)
        }),
        Condition::Below(name, below) => {
            largest(&|scale| scale.is(name) && scale.mean.is_some_and(|mean| mean.high < *below))
        }
        Condition::Fact(_) => None,
    }
}
