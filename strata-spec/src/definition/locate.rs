//! Shows what compiling found where it stands in the project's files. A compiler knows a definition's name and the place in
//! its text, and no files.

use crate::document::{Document, Errors, Section, Text};
use crate::error::SpecError;

/// A fault of a definition with its file, line and caret; as it is where no file holds the definition.
///
/// Its place is the definition's: `segments.vip.where`, `segmentations.rfm.classes.champions.where`.
pub fn located(files: &[(String, String)], fault: SpecError) -> SpecError {
    let Some(place) = fault.place.clone() else { return fault };
    for (file, text) in files {
        let document = Document { file, text };
        let Some(table) = document.parse(&mut Errors::new()) else { continue };
        let root = Section::root(document, table.get_ref());
        if let Some(text) = text_at(&root, &place.split('.').collect::<Vec<_>>()) {
            return text.inner_error(fault.position, &fault.message, fault.hint);
        }
    }
    fault
}

fn text_at<'d>(section: &Section<'_, 'd>, path: &[&str]) -> Option<Text<'d>> {
    let ignored = &mut Errors::new();
    match path {
        [] => None,
        [key] => section.text(key, ignored),
        ["classes", class, rest @ ..] => {
            let classes = section.get("classes")?.list("", ignored)?;
            let mut classes = classes.iter().filter_map(|entry| entry.section(&mut Errors::new()));
            let is_meant = |each: &Section<'_, 'd>| {
                each.text("name", &mut Errors::new()).is_some_and(|name| name.value == *class)
            };
            text_at(&classes.find(is_meant)?, rest)
        }
        [key, rest @ ..] => text_at(&section.get(key)?.section(ignored)?, rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Position;

    #[test]
    fn a_fault_is_shown_where_its_definition_stands() {
        let files = [
            ("strata.toml", "[traits.a]\nvalue = \"city + 1\"\n"),
            ("broken.toml", "[["),
            (
                "segments/x.toml",
                "[[segmentations.s.classes]]\nname = \"b\"\nwhere = \"true\"\n\
                 [[segmentations.s.classes]]\nname = \"c\"\nwhere = '''\na and\n  city > 5'''\n",
            ),
        ];
        let files = files.map(|(file, text)| (file.to_owned(), text.to_owned()));
        let check = |place: &str, position: Option<(usize, usize)>, expected: &str| {
            let position = position.map(|(line, column)| Position { line, column });
            let fault = SpecError { position, ..SpecError::new("wrong") }.with_hint("right").in_place(place);
            let found = located(&files, fault);
            assert_eq!(found.to_string(), expected);
            assert_eq!(found.hint.as_deref(), Some("right"));
        };
        check(
            "traits.a.value",
            Some((1, 6)),
            "strata.toml:2:15: traits.a.value: wrong\n  | value = \"city + 1\"\n  |               ^",
        );
        check(
            "segmentations.s.classes.c.where",
            Some((2, 3)),
            "segments/x.toml:8:3: segmentations.s.classes[1].where: wrong\n  |   city > 5'''\n  |   ^",
        );
        check(
            "traits.a.value",
            None,
            "strata.toml:2:9: traits.a.value: wrong\n  | value = \"city + 1\"\n  |         ^",
        );
        check("traits.shipped.value", None, "traits.shipped.value: wrong");
    }
}
