//! The cookbook's list of pages, each with its recipes.

use crate::failure::Result;
use crate::tree::{Tree, missing};

const FOLDER: &str = "docs/cookbook/";

/// Every page with what it is about, and below it the headings of its recipes.
pub(crate) fn pages(tree: &Tree) -> Result<String> {
    let mut list = String::new();
    for (path, text) in tree.texts(&[".md"]) {
        let Some(name) = path.strip_prefix(FOLDER).filter(|name| *name != "README.md") else { continue };
        let title = text.lines().next().and_then(|line| line.strip_prefix("# "));
        let title = title.ok_or_else(|| missing(path, "a heading on the first line"))?;
        let recipes: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        list.push_str(&format!("\n**[{title}]({name})**\n\n"));
        list.extend(recipes.iter().map(|recipe| format!("- {recipe}\n")));
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::planted;

    #[test]
    fn pages_are_listed_with_their_recipes() {
        let tree = planted(&[
            ("docs/cookbook/README.md", "# Cookbook\n"),
            ("docs/cookbook/dates.md", "# Dates\n\n## New\n\nWhy.\n\n## Old\n"),
            ("docs/language.md", "# Language\n"),
        ]);
        assert_eq!(pages(&tree).unwrap(), "\n**[Dates](dates.md)**\n\n- New\n- Old\n");
        let nameless = planted(&[("docs/cookbook/dates.md", "## New\n")]);
        assert!(pages(&nameless).is_err());
    }
}
