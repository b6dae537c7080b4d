//! The documentation of the shipped definitions: what the files of `strata-spec/shipped` say, as tables.

use strata_spec::definition::{Classifier, Predicts};
use toml::{Table, Value};

use crate::failure::Result;
use crate::tree::Tree;

const FOLDER: &str = "strata-spec/shipped";

/// In the order of reports.
const LAYERS: [&str; 6] = ["demographic", "geographic", "firmographic", "behavioural", "journey", "value"];

/// A heading per layer and segmentation, and a table of classes each.
pub(crate) fn segmentations(tree: &Tree) -> Result<String> {
    let mut page = String::new();
    for layer in LAYERS {
        heading(&mut page, layer);
        for (name, definition) in section(tree, layer, "segmentations")? {
            page.push_str(&format!(
                "#### `{name}`: {}{}\n\n",
                text(&definition, "title"),
                of_whom(&definition)
            ));
            if definition.contains_key("about") {
                page.push_str(&format!("{}\n\n", text(&definition, "about")));
            }
            match definition.get("classes").and_then(Value::as_array) {
                None => {
                    page.push_str(&format!("One class for each value of `{}`.\n\n", text(&definition, "by")));
                }
                Some(classes) => page.push_str(&class_table(classes)),
            }
        }
    }
    Ok(page)
}

/// A heading per layer, and a table of its traits and scores.
pub(crate) fn traits(tree: &Tree) -> Result<String> {
    let mut page = String::new();
    for layer in LAYERS {
        let [traits, scores] = [section(tree, layer, "traits")?, section(tree, layer, "scores")?];
        if traits.len() + scores.len() == 0 {
            continue;
        }
        heading(&mut page, &format!("{layer}: figures"));
        page.push_str("| name | what it is | unit |\n| --- | --- | --- |\n");
        for (name, definition) in traits.iter().chain(&scores) {
            let (title, about) = (text(definition, "title"), text(definition, "about"));
            let about = if about.is_empty() { String::new() } else { format!(". {about}") };
            let what = cell(&format!("{title}{}{about}", of_whom(definition)));
            let unit = match definition.get("tiles") {
                Some(tiles) => format!("1 to {tiles}"),
                None => match predicts(definition) {
                    Some(predicts) => predicts.unit().to_owned(),
                    None if text(definition, "model") == Classifier::WORD => "0 to 1".to_owned(),
                    None => text(definition, "unit").to_owned(),
                },
            };
            page.push_str(&format!("| `{name}` | {what} | {unit} |\n"));
        }
        page.push('\n');
    }
    Ok(page)
}

fn class_table(classes: &[Value]) -> String {
    let mut table = "| class | who | rule |\n| --- | --- | --- |\n".to_owned();
    for class in classes.iter().filter_map(Value::as_table) {
        let [name, title, rule] = ["name", "title", "where"].map(|key| cell(text(class, key)));
        let rule = if rule == "true" { "everyone else".to_owned() } else { format!("`{rule}`") };
        table.push_str(&format!("| `{name}` | {title} | {rule} |\n"));
    }
    table + "\n"
}

/// What a model predicts of a score, if one does.
fn predicts(definition: &Table) -> Option<Predicts> {
    let word = definition.get("predicts").and_then(Value::as_str);
    Predicts::ALL.into_iter().find(|predicts| Some(predicts.as_str()) == word)
}

fn heading(page: &mut String, words: &str) {
    page.push_str(&format!("### {}\n\n", capital(words)));
}

/// Words with a capital letter at the beginning.
pub(crate) fn capital(words: &str) -> String {
    let mut letters = words.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}", letters.as_str())
}

fn of_whom(definition: &Table) -> &'static str {
    if text(definition, "subject") == "companies" { " (companies)" } else { "" }
}

/// The definitions of one kind in the order of their names.
fn section(tree: &Tree, layer: &str, kind: &str) -> Result<Vec<(String, Table)>> {
    let mut file = tree.toml(&format!("{FOLDER}/{layer}.toml"))?;
    let Some(Value::Table(definitions)) = file.remove(kind) else { return Ok(Vec::new()) };
    let tables = definitions.into_iter().filter_map(|(name, definition)| match definition {
        Value::Table(definition) => Some((name, definition)),
        _ => None,
    });
    Ok(tables.collect())
}

fn text<'t>(table: &'t Table, key: &str) -> &'t str {
    table.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// A text that cannot end its cell of a table.
pub(crate) fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::planted;

    const VALUE: &str = r#"
        [traits.spend]
        title = "Spend"
        about = "All of it."
        unit = "currency"
        value = "sum(orders.amount)"
        [scores.spend_score]
        title = "Spend fifth"
        subject = "companies"
        tiles = 5
        by = "spend"
        [segmentations.tier]
        title = "Tier"
        about = "By spend."
        [[segmentations.tier.classes]]
        name = "big"
        title = "Big | bigger"
        where = "spend > 9"
        [[segmentations.tier.classes]]
        name = "rest"
        title = "The rest"
        where = "true"
        [segmentations.place]
        title = "Place"
        by = "city"
    "#;

    #[test]
    fn definitions_become_tables() {
        let mut files: Vec<(String, &str)> =
            LAYERS.iter().map(|layer| (format!("{FOLDER}/{layer}.toml"), "")).collect();
        files[5].1 = VALUE;
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        let tree = planted(&files);
        let classes = segmentations(&tree).unwrap();
        for expected in [
            "### Value\n",
            "#### `tier`: Tier\n\nBy spend.\n\n| class | who | rule |\n| --- | --- | --- |\n",
            "| `big` | Big \\| bigger | `spend > 9` |\n| `rest` | The rest | everyone else |\n",
            "#### `place`: Place\n\nOne class for each value of `city`.\n",
        ] {
            assert!(classes.contains(expected), "{expected} is not in\n{classes}");
        }
        assert_eq!(
            traits(&tree).unwrap(),
            "### Value: figures\n\n| name | what it is | unit |\n| --- | --- | --- |\n\
             | `spend` | Spend. All of it. | currency |\n| `spend_score` | Spend fifth (companies) | 1 to 5 |\n\n"
        );
    }
}
