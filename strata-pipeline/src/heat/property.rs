//! How tools spell where a click was and how far somebody scrolled, among the properties of an event.

use std::collections::BTreeMap;

use serde_json::Value;

/// From the left edge, in pixels; where several are given the first counts. What is measured on the page comes before what may be measured
/// in the window.
const ACROSS: &[&str] = &["page_x", "x", "$x"];
/// From the top of the page, in pixels.
const DOWN: &[&str] = &["page_y", "y", "$y"];
/// The window's size in pixels.
const WIDTH: &[&str] = &["viewport_width", "viewport.width", "$viewport_width"];
const HEIGHT: &[&str] = &["viewport_height", "viewport.height", "$viewport_height"];
/// Both at once, as `1280x720`.
const SIZE: &[&str] = &["viewport", "viewport_size"];
/// How far down the page somebody got, as a share or in percent …
const DEPTH: &[&str] = &["scroll_depth", "max_scroll_depth"];
/// … and always in percent.
const PERCENT: &[&str] = &["scroll_percent", "scroll_percentage", "percent_scrolled"];
/// How many pixels the page was moved up, which says how deep somebody got where the page's height is known.
const SCROLLED: &[&str] = &["scroll_y", "$scroll_y"];
const PAGE_HEIGHT: &[&str] = &["page_height", "document_height", "$page_height"];
/// What was clicked.
const SELECTOR: &[&str] = &["selector", "css_selector", "$selector"];
/// The page, where the column `url` is empty.
const PAGE: &[&str] = &["page", "page_path", "page_url", "$pathname"];

/// What makes an event worth reading: one of these has to be there.
pub(super) const WANTED: [&[&str]; 4] = [ACROSS, DEPTH, PERCENT, SCROLLED];

/// Every spelling, to find those that a project has declared as columns of their own.
pub(super) fn spellings() -> impl Iterator<Item = &'static str> {
    let others = [DOWN, WIDTH, HEIGHT, SIZE, PAGE_HEIGHT, SELECTOR, PAGE];
    WANTED.into_iter().chain(others).flatten().copied()
}

/// The properties of an event by their names in small letters, blanks and hyphens as underscores.
#[derive(Debug, Default)]
pub(super) struct Properties(BTreeMap<String, String>);

/// How far somebody got, before it is known what the source means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Depth {
    /// Of the page's height.
    Share(f64),
    /// A share or a percentage, as the other values of the source tell.
    Either(f64),
}

impl Properties {
    /// Those of a JSON object; none of what is no object.
    pub(super) fn of(json: &str) -> Properties {
        let mut all = Properties::default();
        if let Ok(Value::Object(object)) = serde_json::from_str(json) {
            for (name, value) in object {
                let value = match value {
                    Value::String(text) => text,
                    Value::Number(number) => number.to_string(),
                    _ => continue,
                };
                all.add(&name, &value);
            }
        }
        all
    }

    /// Adds one.
    pub(super) fn add(&mut self, name: &str, value: &str) {
        let name = name.to_lowercase().replace([' ', '-'], "_");
        self.0.insert(name, value.trim().to_owned());
    }

    /// Where the click was: as a share of the window's width, in pixels from the top of the page, and the window's width. None where one of
    /// them is not known.
    pub(super) fn place(&self) -> Option<(f64, f64, f64)> {
        let (x, y) = (self.number(ACROSS)?, self.number(DOWN)?);
        let width = self.width().filter(|width| *width > 0.0)?;
        Some((x / width, y, width))
    }

    /// How far somebody got.
    pub(super) fn depth(&self) -> Option<Depth> {
        if let Some(percent) = self.number(PERCENT) {
            return Some(Depth::Share(percent / 100.0));
        }
        if let Some(depth) = self.number(DEPTH) {
            return Some(Depth::Either(depth));
        }
        let (scrolled, whole) = (self.number(SCROLLED)?, self.number(PAGE_HEIGHT)?);
        // Whoever has not scrolled has seen what the window shows, and a window may show more than there is.
        let seen = (scrolled + self.height()?) / whole;
        (whole > 0.0 && seen >= 0.0).then_some(Depth::Share(seen.min(1.0)))
    }

    pub(super) fn selector(&self) -> Option<&str> {
        self.text(SELECTOR)
    }

    pub(super) fn page(&self) -> Option<&str> {
        self.text(PAGE)
    }

    fn width(&self) -> Option<f64> {
        self.number(WIDTH).or_else(|| Some(self.size()?.0))
    }

    fn height(&self) -> Option<f64> {
        self.number(HEIGHT).or_else(|| Some(self.size()?.1))
    }

    fn size(&self) -> Option<(f64, f64)> {
        let (width, height) = self.text(SIZE)?.split_once(['x', 'X', '×'])?;
        Some((finite(width)?, finite(height)?))
    }

    fn number(&self, names: &[&str]) -> Option<f64> {
        names.iter().find_map(|name| finite(self.0.get(*name)?))
    }

    fn text(&self, names: &[&str]) -> Option<&str> {
        let texts = names.iter().filter_map(|name| self.0.get(*name));
        texts.map(String::as_str).find(|text| !text.is_empty())
    }
}

/// The path of a URL: without scheme, host, query and fragment.
pub(super) fn path(url: &str) -> &str {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    match url.split_once("://") {
        None if url.is_empty() => "/",
        None => url,
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
    }
}

fn finite(text: &str) -> Option<f64> {
    text.trim().trim_end_matches("px").parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_in_the_usual_spellings() {
        for (json, expected) in [
            (r#"{"x": 320, "y": 900, "viewport_width": 1280}"#, Some((0.25, 900.0, 1280.0))),
            (r#"{"x": "320", "y": "900.5", "viewport": "1280x720"}"#, Some((0.25, 900.5, 1280.0))),
            (
                r#"{"Page X": "320", "x": "9", "page-y": "900", "viewport.width": "1280"}"#,
                Some((0.25, 900.0, 1280.0)),
            ),
            (r#"{"$x": 640, "$y": 1, "$viewport_width": 1280}"#, Some((0.5, 1.0, 1280.0))),
            (r#"{"x": 320, "y": 900}"#, None),
            (r#"{"x": 320, "y": 900, "viewport_width": 0}"#, None),
            (r#"{"x": 320, "y": "NaN", "viewport_width": 1280}"#, None),
            (r#"[320]"#, None),
            ("x", None),
        ] {
            assert_eq!(Properties::of(json).place(), expected, "{json}");
        }
    }

    #[test]
    fn depths_are_read_in_the_usual_spellings() {
        for (json, expected) in [
            (r#"{"scroll_depth": 0.75}"#, Some(Depth::Either(0.75))),
            (r#"{"percent_scrolled": "90"}"#, Some(Depth::Share(0.9))),
            (r#"{"scroll_y": 300, "viewport": "1280x700", "page_height": 2000}"#, Some(Depth::Share(0.5))),
            (r#"{"scroll_y": 300, "viewport": "1280x700", "page_height": 800}"#, Some(Depth::Share(1.0))),
            (r#"{"scroll_y": 300, "viewport_height": 700}"#, None),
            (r#"{"scroll_y": 300, "viewport_height": 700, "page_height": 0}"#, None),
            ("{}", None),
        ] {
            assert_eq!(Properties::of(json).depth(), expected, "{json}");
        }
    }

    #[test]
    fn pages_are_paths() {
        for (url, expected) in [
            ("https://shop.example/a/b?x=1#top", "/a/b"),
            ("https://shop.example", "/"),
            ("https://shop.example?x=1", "/"),
            ("/a?x=https://other.example/b", "/a"),
            ("Home", "Home"),
            ("", "/"),
        ] {
            assert_eq!(path(url), expected, "{url}");
        }
    }
}
