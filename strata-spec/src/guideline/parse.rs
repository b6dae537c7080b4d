//! Reads rules from TOML, with every mistake at its line.

use super::rule::{
    Appeal, Condition, Domain, Fact, FiringThresholds, Grade, Rule, RuleBook, ScaleName, Side, When,
};
use super::sensitive::is_sensitive;
use crate::document::{Document, Entry, Errors, Section, Text, listed, suggestion};
use crate::error::SpecError;
use crate::survey::{AspectsDimension, Instrument};

const KNOWN: [&str; 18] = [
    "id",
    "when",
    "guard",
    "appeals",
    "suppresses",
    "tone",
    "content",
    "channel",
    "timing",
    "offer",
    "product",
    "grade",
    "effect",
    "sources",
    "caution",
    "verified_here",
    "least_g",
    "metric",
];

const CONDITION_HINT: &str = "write `attitudes.PRI high`, `conscious_needs.* highest`, `ad_appeals.* at_least 0.33`, `emotions.valence below 0` or `fact negative_feedback`";

/// The only scale that may never be a criterion to address people by.
const NEUROTICISM: (Domain, &str) = (Domain::Dimension(AspectsDimension::Traits), "N");

/// The words by which a message plays on what can hurt.
const PLAYS_ON: [(Appeal, &[&str]); 4] = [
    (Appeal::Fear, &["fear", "afraid", "scare", "danger", "threat", "worry"]),
    (Appeal::Scarcity, &["limited", "scarc", "sold out", "few left", "last piece", "while stocks"]),
    (Appeal::Urgency, &["urgen", "countdown", "hurry", "last chance", "ends today", "expires", "act now"]),
    (Appeal::Loss, &["loss", "lose", "losing", "miss out"]),
];

impl RuleBook {
    /// The rules that a TOML text describes, which may name scales of these instruments: the shipped ones, and a project's own. Every mistake
    /// that was found, otherwise.
    pub fn parse(file: &str, text: &str, instruments: &[Instrument]) -> Result<RuleBook, Vec<SpecError>> {
        let mut errors = Errors::new();
        let document = Document { file, text };
        let mut book = RuleBook { firing: FiringThresholds::default(), rules: Vec::new() };
        if let Some(table) = document.parse(&mut errors) {
            read(&Section::root(document, table.get_ref()), instruments, &mut book, &mut errors);
        }
        if errors.is_empty() { Ok(book) } else { Err(errors) }
    }
}

fn read(root: &Section<'_, '_>, instruments: &[Instrument], book: &mut RuleBook, errors: &mut Errors) {
    root.only(&["schema", "firing", "rules"], errors);
    match root.get("schema") {
        None => errors.push(root.missing("schema", "1")),
        Some(entry) => {
            if entry.whole(1, errors).is_some_and(|version| version != 1) {
                errors.push(entry.error("`schema` is not 1", "this version of Strata reads `schema = 1`"));
            }
        }
    }
    if let Some(section) = root.get("firing").and_then(|entry| entry.section(errors)) {
        book.firing = thresholds(&section, errors);
    }
    let rules = root.get("rules");
    let rules = rules.and_then(|entry| entry.list("write each as a section: `[[rules]]`", errors));
    for entry in rules.unwrap_or_default() {
        let Some(section) = entry.section(errors) else { continue };
        let Some(rule) = rule(&section, instruments, errors) else { continue };
        if book.rules.iter().any(|each| each.id == rule.id) {
            let message = format!("two rules are called `{}`", rule.id);
            errors.push(section.error(message, "give each an id of its own"));
        }
        book.rules.push(rule);
    }
}

fn thresholds(section: &Section<'_, '_>, errors: &mut Errors) -> FiringThresholds {
    section.only(&["min_measured", "least_g", "most_q", "strong_g", "most_rules"], errors);
    let usual = FiringThresholds::default();
    let whole = |key: &str, errors: &mut Errors| section.get(key).and_then(|entry| entry.whole(1, errors));
    // A project may ask for more than is usual, not for less: a guideline on a difference that is none is worse than no guideline.
    let within = |key: &str, what: &str, usual: f64, is_right: &dyn Fn(f64) -> bool, errors: &mut Errors| {
        let Some(entry) = section.get(key) else { return usual };
        number(&entry, what, "thresholds may be stricter than usual, not laxer", is_right, errors)
            .unwrap_or(usual)
    };
    let min_measured = whole("min_measured", errors).unwrap_or(usual.min_measured);
    if let Some(entry) = section.get("min_measured").filter(|_| min_measured < usual.min_measured) {
        let message = format!("`firing.min_measured` must be {} or more", usual.min_measured);
        errors.push(entry.error(message, "a guideline is drawn from a segment, not from a few people"));
    }
    FiringThresholds {
        min_measured,
        least_g: within(
            "least_g",
            "a number from 0.3",
            usual.least_g,
            &|least| least >= usual.least_g,
            errors,
        ),
        most_q: within(
            "most_q",
            "a share above 0, at most 0.05",
            usual.most_q,
            &|q| q > 0.0 && q <= 0.05,
            errors,
        ),
        strong_g: within("strong_g", "a number above 0", usual.strong_g, &|strong| strong > 0.0, errors),
        most_rules: whole("most_rules", errors)
            .and_then(|most| usize::try_from(most).ok())
            .unwrap_or(usual.most_rules),
    }
}

fn rule(section: &Section<'_, '_>, instruments: &[Instrument], errors: &mut Errors) -> Option<Rule> {
    section.only(&KNOWN, errors);
    let id = section.required_text("id", "\"my-rule\"", errors).map(|text| text.value);
    let content = section.required_text("content", "\"what to say\"", errors).map(|text| text.value);
    let grade = section.get("grade");
    if grade.is_none() {
        errors.push(section.missing("grade", "\"D\""));
    }
    let grade = grade.and_then(|entry| entry.word(&Grade::WORDS, errors));
    let optional = |key: &str, errors: &mut Errors| section.text(key, errors).map(|text| text.value);
    let truth = |key: &str, errors: &mut Errors| section.get(key).and_then(|entry| entry.truth(errors));
    let guard = truth("guard", errors).unwrap_or(false);
    let rule = Rule {
        guard,
        when: when(section, instruments, guard, errors),
        appeals: appeals(section, "appeals", errors),
        suppresses: appeals(section, "suppresses", errors),
        tone: optional("tone", errors),
        channel: optional("channel", errors),
        timing: optional("timing", errors),
        offer: optional("offer", errors),
        product: optional("product", errors),
        effect: optional("effect", errors),
        caution: optional("caution", errors),
        metric: optional("metric", errors),
        sources: section
            .get("sources")
            .map(|entry| entry.texts(errors).into_iter().map(|text| text.value).collect())
            .unwrap_or_default(),
        verified_here: truth("verified_here", errors).unwrap_or(false),
        least_g: section.get("least_g").and_then(|entry| {
            number(&entry, "a number above 0", "write it without quotes", &|least| least > 0.0, errors)
        }),
        id: id?,
        content: content?,
        grade: grade?,
    };
    if !rule.guard && !rule.suppresses.is_empty() {
        let hint = "add `guard = true`, or leave `suppresses` out";
        errors.push(section.error(format!("rule `{}` forbids and is no guard", rule.id), hint));
    }
    for appeal in undeclared(&rule) {
        let message = format!("rule `{}` plays on {} and does not say so", rule.id, appeal.as_str());
        let hint = format!("add `appeals = [\"{}\"]`, so that guards can hold it back", appeal.as_str());
        errors.push(section.error(message, hint));
    }
    if rule.guard && !rule.appeals.is_empty() {
        let message = format!("rule `{}` is a guard and plays on what hurts", rule.id);
        errors.push(section.error(message, "leave `appeals` out: a guard protects"));
    }
    Some(rule)
}

/// What a rule's texts play on by their words without its being declared. Guards speak of it to forbid it.
fn undeclared(rule: &Rule) -> Vec<Appeal> {
    if rule.guard {
        return Vec::new();
    }
    let texts = [rule.tone.as_ref(), Some(&rule.content), rule.timing.as_ref(), rule.offer.as_ref()];
    let text = texts.into_iter().flatten().map(|text| text.to_lowercase()).collect::<Vec<_>>().join(" ; ");
    let words: Vec<&str> = text.split(|each: char| !each.is_alphanumeric()).collect();
    // A phrase is looked for anywhere, a word at the beginning of one.
    let says = |said: &&str| match said.contains(' ') {
        true => text.contains(said),
        false => words.iter().any(|word| word.starts_with(said)),
    };
    let plays = PLAYS_ON.iter().filter(|(_, words)| words.iter().any(says));
    plays.map(|(appeal, _)| *appeal).filter(|appeal| !rule.appeals.contains(appeal)).collect()
}

fn when(section: &Section<'_, '_>, instruments: &[Instrument], guard: bool, errors: &mut Errors) -> When {
    let example = "{ all = [\"attitudes.PRI high\"] }";
    let Some(entry) = section.get("when") else {
        errors.push(section.missing("when", example));
        return When::default();
    };
    let Some(inner) = entry.section(errors) else { return When::default() };
    inner.only(&["all", "any"], errors);
    let mut read = |key: &str| {
        let texts = inner.get(key).map(|entry| entry.texts(errors)).unwrap_or_default();
        let read = |text: &Text<'_>| match condition(text, instruments, guard) {
            Ok(condition) => Some(condition),
            Err(error) => {
                errors.push(error);
                None
            }
        };
        (texts.len(), texts.iter().filter_map(read).collect::<Vec<_>>())
    };
    let ((n_all, all), (n_any, any)) = (read("all"), read("any"));
    if n_all + n_any == 0 {
        errors.push(
            entry.error(format!("`{}` asks for nothing", entry.path), format!("write `when = {example}`")),
        );
    }
    When { all, any }
}

fn condition(text: &Text<'_>, instruments: &[Instrument], guard: bool) -> Result<Condition, SpecError> {
    let words: Vec<&str> = text.value.split_whitespace().collect();
    let unclear = || text.error(format!("`{}` is no condition of a rule", text.value), CONDITION_HINT);
    let condition = match words.as_slice() {
        ["fact", name] => return fact(text, name),
        [name, "high"] => Condition::Differs(scale(text, name, instruments)?, Side::High),
        [name, "low"] => Condition::Differs(scale(text, name, instruments)?, Side::Low),
        [name, "highest"] => {
            let name = scale(text, name, instruments)?;
            if name.scale.is_some() {
                let hint = "write `conscious_needs.* highest`: the one that is highest is looked for";
                return Err(text.error("`highest` is asked of one scale", hint));
            }
            Condition::Highest(name.domain)
        }
        [name, word @ ("at_least" | "below"), value] => {
            let name = scale(text, name, instruments)?;
            let value: f64 = value.parse().map_err(|_| unclear())?;
            if !value.is_finite() {
                return Err(unclear());
            }
            if *word == "below" { Condition::Below(name, value) } else { Condition::AtLeast(name, value) }
        }
        _ => return Err(unclear()),
    };
    if let Some((domain, scale)) = condition.scale().filter(|_| !guard) {
        let is_neuroticism = domain == NEUROTICISM.0 && scale.is_none_or(|scale| scale == NEUROTICISM.1);
        if is_neuroticism || domain == Domain::Dimension(AspectsDimension::Emotions) {
            let what = if is_neuroticism { "neuroticism" } else { "emotions" };
            let hint = "a rule that protects is a guard: add `guard = true`; otherwise name another scale";
            return Err(text.error(format!("people are not addressed by {what}"), hint));
        }
    }
    Ok(condition)
}

fn fact(text: &Text<'_>, name: &str) -> Result<Condition, SpecError> {
    let known = || Fact::WORDS.iter().map(|(word, _)| *word);
    match Fact::WORDS.iter().find(|(word, _)| *word == name) {
        Some((_, fact)) => Ok(Condition::Fact(*fact)),
        None => {
            let hint = suggestion(name, known(), || format!("there are {}", listed(known(), "and")));
            Err(text.error(format!("no fact is called `{name}`"), hint))
        }
    }
}

fn scale(text: &Text<'_>, name: &str, instruments: &[Instrument]) -> Result<ScaleName, SpecError> {
    let Some((word, scale)) = name.split_once('.') else {
        return Err(text.error(format!("`{name}` is no scale"), CONDITION_HINT));
    };
    let words = || Domain::all().map(Domain::as_str);
    let Some(domain) = Domain::all().find(|known| known.as_str() == word) else {
        let hint = suggestion(word, words(), || format!("there are {}", listed(words(), "and")));
        return Err(text.error(format!("no dimension is called `{word}`"), hint));
    };
    if scale == "*" {
        return Ok(ScaleName { domain, scale: None });
    }
    if is_sensitive(scale) {
        let hint = "religion, politics, health, sexuality, origin, children, drinking, gambling and solitude fire no rule";
        return Err(text.error(format!("scale `{name}` is sensitive"), hint));
    }
    let of_domain = instruments.iter().filter(|instrument| Domain::of(instrument) == domain);
    let mut known: Vec<&str> = of_domain.flat_map(Domain::scales).collect();
    known.sort_unstable();
    known.dedup();
    if !known.contains(&scale) {
        let hint = suggestion(scale, known.iter().copied(), || {
            format!("its scales are {}", listed(known.iter().copied(), "and"))
        });
        return Err(text.error(format!("no instrument for {word} has a scale `{scale}`"), hint));
    }
    Ok(ScaleName { domain, scale: Some(scale.to_owned()) })
}

fn appeals(section: &Section<'_, '_>, key: &str, errors: &mut Errors) -> Vec<Appeal> {
    let hint = "write it as `[\"fear\", \"loss\"]`";
    let entries = section.get(key).and_then(|entry| entry.list(hint, errors)).unwrap_or_default();
    entries.iter().filter_map(|entry| entry.word(&Appeal::WORDS, errors)).collect()
}

fn number(
    entry: &Entry<'_, '_>,
    what: &str,
    hint: &str,
    is_right: &dyn Fn(f64) -> bool,
    errors: &mut Errors,
) -> Option<f64> {
    let number = entry.number().filter(|number| number.is_finite() && is_right(*number));
    if number.is_none() {
        errors.push(entry.wrong(what, hint));
    }
    number
}
