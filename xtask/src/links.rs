//! Relative links in the documentation lead somewhere.

use std::collections::BTreeSet;

use crate::tree::Tree;
use crate::violation::Violation;

pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, text) in tree.texts(&[".md"]) {
        for (line, target) in links(text) {
            let Some(what) = broken(tree, path, text, &target) else { continue };
            violations.push(Violation {
                path: path.to_owned(),
                line,
                what,
                why: "a link in the documentation leads somewhere",
                hint: "correct the path, counted from the file that holds the link".to_owned(),
            });
        }
    }
    violations
}

/// What is wrong with the link, if anything.
fn broken(tree: &Tree, page: &str, page_text: &str, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let (found, text) = if file.is_empty() {
        (Some(page.to_owned()), Some(page_text))
    } else {
        let found = resolve(page, file).filter(|found| tree.exists(found));
        let text = found.as_deref().and_then(|found| tree.text(found));
        (found, text)
    };
    let Some(found) = found else { return Some(format!("the link to {target} leads nowhere")) };
    let text = text.filter(|_| found.ends_with(".md") && !anchor.is_empty())?;
    (!anchors(text).contains(anchor)).then(|| format!("{found} has no heading #{anchor}"))
}

/// The path from the root, or none when it leaves the project.
fn resolve(page: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = if target.starts_with('/') { Vec::new() } else { page.split('/').collect() };
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The targets of `[text](target)` and `[name]: target`, outside code.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    for (line, prose) in prose_lines(text) {
        let defined = prose.trim_start().strip_prefix('[').and_then(|rest| rest.split_once("]: "));
        if let Some((_, target)) = defined {
            links.extend(target.split_whitespace().next().map(|target| (line, target.to_owned())));
        }
        let mut rest = prose.as_str();
        while let Some((_, after)) = rest.split_once("](") {
            let (target, after) = after.split_once(')').unwrap_or((after, ""));
            // A title may follow the target.
            links.extend(target.split_whitespace().next().map(|target| (line, target.to_owned())));
            rest = after;
        }
    }
    links
}

/// The lines outside fenced blocks, with inline code blanked.
fn prose_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let mut is_code = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~") {
            is_code = !is_code;
        } else if !is_code {
            let prose = line.split('`').step_by(2).collect::<Vec<_>>().join("``");
            lines.push((index + 1, prose));
        }
    }
    lines
}

/// The names by which a page's headings can be linked to: lower case, `-` for blanks, punctuation dropped.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut is_code = false;
    let mut anchors = BTreeSet::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        }
        let Some(title) = line.strip_prefix('#').filter(|_| !is_code) else { continue };
        let title = title.trim_start_matches('#').trim().to_lowercase();
        let anchor = title.chars().filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || matches!(c, '-' | '_') => Some(c),
            _ => None,
        });
        anchors.insert(anchor.collect());
    }
    anchors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::planted;
    use crate::violation::places;

    fn check_page(text: &str, expected: &[&str]) {
        let tree =
            planted(&[("docs/a.md", text), ("docs/b.md", "# First steps: `run`\n"), ("README.md", "")]);
        assert_eq!(places(&check(&tree)), expected, "{text}");
    }

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        check_page("\nsee [b](c.md)", &["docs/a.md:2: the link to c.md leads nowhere"]);
        check_page("[b](README.md)", &["docs/a.md:1: the link to README.md leads nowhere"]);
        check_page("[b](../../x)", &["docs/a.md:1: the link to ../../x leads nowhere"]);
        check_page("[b][1]\n\n[1]: c.md\n", &["docs/a.md:3: the link to c.md leads nowhere"]);
        check_page("[b](b.md#last-steps)", &["docs/a.md:1: docs/b.md has no heading #last-steps"]);
        check_page("[b](#top)", &["docs/a.md:1: docs/a.md has no heading #top"]);
        check_page("[b](b.md) and ![c](c.png \"C\")", &["docs/a.md:1: the link to c.png leads nowhere"]);
    }

    #[test]
    fn links_that_lead_somewhere_and_code_pass() {
        check_page(
            "[b](b.md) [c](../README.md) [d](../docs/) [e](/README.md) [f](b.md#first-steps-run)",
            &[],
        );
        check_page("# Top\n[a](#top) [b](https://example.com/x) [c](mailto:a@example.com)", &[]);
        check_page("`[b](c.md)`\n```\n[b](c.md)\n```\n", &[]);
    }
}
