//! What must hold between the parts of an instrument: scales that exist, keys of one or minus one, counts that are true, designs in
//! balance, and a text exactly where the licence allows one.

use std::collections::BTreeSet;

use super::form::CONSENT;
use super::instrument::{Content, Instrument, Rating, Tier};
use super::text::normal;
use crate::document::{Entry, Errors, Section, listed, suggestion};

/// Adds what is wrong, each at its line of the file.
pub(super) fn check(instrument: &Instrument, root: &Section<'_, '_>, errors: &mut Errors) {
    match &instrument.content {
        Content::Rating(rating) => check_rating(instrument, rating, root, errors),
        Content::BestWorst { best_worst, .. } => {
            if let Some(entry) = root.get("best_worst").filter(|_| !is_plain(&best_worst.item_prefix)) {
                let message = format!("`{}` cannot begin the id of an item", best_worst.item_prefix);
                errors.push(entry.key().error(message, "write it in letters, digits, `_` and `-`"));
            }
            push_faults(best_worst.faults(), root.get("best_worst"), "keep the sets balanced", errors);
        }
        Content::Kano(kano) => {
            let hint = "a pair asks about having a feature and about lacking it, and has a class for each two answers";
            push_faults(kano.faults(), root.get("kano"), hint, errors);
        }
    }
    check_licence(instrument, root, errors);
}

fn push_faults(faults: Vec<String>, entry: Option<Entry<'_, '_>>, hint: &str, errors: &mut Errors) {
    let Some(entry) = entry else { return };
    // A design gone wrong has as many faults as pairs; the first few say it all.
    errors.extend(faults.into_iter().take(8).map(|fault| entry.key().error(fault, hint)));
}

fn check_licence(instrument: &Instrument, root: &Section<'_, '_>, errors: &mut Errors) {
    let Some(tier) = root.get("tier") else { return };
    if instrument.tier == Tier::Ship && !instrument.is_free() {
        errors.push(tier.error(
            format!("`{}` cannot be shipped under `{}`", instrument.id, instrument.licence),
            "shipped text is CC0 or in the public domain; take `tier = \"key_only\"` and leave the text out",
        ));
    }
    if instrument.tier == Tier::ByoCredit && instrument.credit.is_none() {
        errors.push(tier.error(
            format!("`{}` does not say whom to credit", instrument.id),
            "add `credit = \"…\"`, which is printed with the questions",
        ));
    }
}

fn check_rating(instrument: &Instrument, rating: &Rating, root: &Section<'_, '_>, errors: &mut Errors) {
    check_response(rating, root, errors);
    let scales: Vec<&str> = rating.scales.iter().map(|scale| scale.id.as_str()).collect();
    check_items(instrument, rating, &scales, root, errors);
    check_scales(rating, root, errors);
    let orders = rating.higher_order.iter().map(|order| ("higher_order", &order.scales));
    let contrasts = rating
        .contrasts
        .iter()
        .flat_map(|contrast| [("contrasts", &contrast.plus), ("contrasts", &contrast.minus)]);
    for (key, named) in orders.chain(contrasts) {
        let Some(entry) = root.get(key) else { continue };
        if named.is_empty() {
            errors.push(entry.key().error(format!("[[{key}]] names no scale"), "name the scales it is of"));
        }
        for scale in named.iter().filter(|scale| !scales.contains(&scale.as_str())) {
            errors.push(entry.key().error(
                format!("[[{key}]] names the scale `{scale}`, which does not exist"),
                known(scale, &scales),
            ));
        }
    }
}

fn check_response(rating: &Rating, root: &Section<'_, '_>, errors: &mut Errors) {
    let Some(entry) = root.get("response") else { return };
    let response = &rating.response;
    if response.min >= response.max {
        errors.push(entry.key().error(
            format!("answers from {} to {} leave nothing to choose", response.min, response.max),
            "give a greatest answer above the least",
        ));
        return;
    }
    let wanted = (response.max - response.min + 1).unsigned_abs() as usize;
    if response.labels.len() != wanted {
        errors.push(entry.key().error(
            format!(
                "{} labels for the {wanted} answers from {} to {}",
                response.labels.len(),
                response.min,
                response.max
            ),
            "give a label for each answer; those between the ends may be empty: `\"\"`",
        ));
    }
    let ends = [response.labels.first(), response.labels.last()];
    if ends.into_iter().flatten().any(|label| label.trim().is_empty()) {
        errors.push(
            entry.key().error("an end of the range has no label", "label the least and the greatest answer"),
        );
    }
    let mut seen = BTreeSet::new();
    for label in response.labels.iter().filter(|label| !label.is_empty()) {
        if !seen.insert(label.to_lowercase()) {
            errors.push(
                entry.key().error(
                    format!("two answers are labelled `{label}`"),
                    "give each answer a label of its own",
                ),
            );
        }
    }
}

fn check_items(
    instrument: &Instrument,
    rating: &Rating,
    scales: &[&str],
    root: &Section<'_, '_>,
    errors: &mut Errors,
) {
    let mut list_errors = Errors::new();
    let entries = root.get("items").and_then(|entry| entry.list("", &mut list_errors)).unwrap_or_default();
    let mut seen = BTreeSet::new();
    for (item, entry) in rating.items.iter().zip(&entries) {
        let id = &item.id;
        if !is_plain(id) || normal(id) == CONSENT {
            errors.push(entry.error(
                format!("`{id}` cannot be the id of an item"),
                "write it in letters, digits, `_` and `-`; `consent` is asked apart",
            ));
        }
        // Survey tools change case and signs of what heads a column.
        if !seen.insert(normal(id)) {
            errors
                .push(entry.error(format!("two items are called `{id}`"), "give each item an id of its own"));
        }
        if !scales.contains(&item.scale.as_str()) {
            errors.push(entry.error(
                format!("item `{id}` belongs to the scale `{}`, which does not exist", item.scale),
                known(&item.scale, scales),
            ));
        }
        if item.key != 1 && item.key != -1 {
            errors.push(entry.error(
                format!("item `{id}` has the key {}", item.key),
                "a key is 1, or -1 where more of the answer is less of the scale",
            ));
        }
        match (instrument.tier, &item.text) {
            (Tier::Ship, None) => errors.push(entry.error(
                format!("item `{id}` has no text"),
                "add `text = \"…\"`, or take `tier = \"key_only\"`",
            )),
            (Tier::KeyOnly, Some(_)) => errors.push(entry.error(
                format!("item `{id}` has a text, which its licence keeps to its owner"),
                "leave the text out: who may use it brings it",
            )),
            _ => {}
        }
    }
}

fn check_scales(rating: &Rating, root: &Section<'_, '_>, errors: &mut Errors) {
    let mut list_errors = Errors::new();
    let entries = root.get("scales").and_then(|entry| entry.list("", &mut list_errors)).unwrap_or_default();
    let mut seen = BTreeSet::new();
    for (scale, entry) in rating.scales.iter().zip(&entries) {
        let id = &scale.id;
        if !seen.insert(id) {
            errors.push(
                entry.error(format!("two scales are called `{id}`"), "give each scale an id of its own"),
            );
        }
        let n_items = rating.items_of(id).count();
        if n_items != scale.n_items {
            errors.push(entry.error(
                format!("scale `{id}` says n_items = {} but has {n_items}", scale.n_items),
                format!("write `n_items = {n_items}`, or look for the item that is missing or too many"),
            ));
        }
    }
}

/// Whether an id passes through file formats and survey tools unchanged.
fn is_plain(id: &str) -> bool {
    id.chars().all(|each| each.is_ascii_alphanumeric() || matches!(each, '_' | '-'))
        && id.contains(|each: char| each.is_ascii_alphanumeric())
}

fn known(scale: &str, scales: &[&str]) -> String {
    suggestion(scale, scales.iter().copied(), || {
        format!("its scales are {}", listed(scales.iter().copied(), "and"))
    })
}
