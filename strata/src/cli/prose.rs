//! Lays sentences out: wrapped to the terminal, and beside columns of numbers.

/// The narrowest that a text beside numbers is made.
const LEAST: usize = 20;

/// A text in lines, the first after `first`, the others after `rest`. Without a width it is one line.
pub(crate) fn wrapped(text: &str, first: &str, rest: &str, width: Option<usize>) -> Vec<String> {
    let Some(width) = width else { return vec![format!("{first}{text}")] };
    let length = |text: &str| text.chars().count();
    let mut lines = Vec::new();
    let mut line = first.to_owned();
    let mut is_fresh = true;
    for word in text.split_whitespace() {
        if !is_fresh && length(&line) + 1 + length(word) > width {
            lines.push(std::mem::replace(&mut line, rest.to_owned()));
            is_fresh = true;
        }
        if !is_fresh {
            line.push(' ');
        }
        line.push_str(word);
        is_fresh = false;
    }
    lines.push(line);
    lines
}

/// A row of a ladder: numbers, some of which may be missing, and texts, one below the other.
pub(crate) struct Rung {
    pub(crate) numbers: Vec<String>,
    pub(crate) texts: Vec<String>,
}

/// Numbers flush right under their heads, and beside them texts that may take several lines. The last head is that of the texts.
pub(crate) fn ladder(heads: &[&str], rungs: &[Rung], width: Option<usize>) -> Vec<String> {
    let n_numbers = heads.len().saturating_sub(1);
    let widths: Vec<usize> = (0..n_numbers)
        .map(|at| {
            let numbers = rungs.iter().filter_map(|rung| rung.numbers.get(at));
            let longest = numbers.map(|number| number.chars().count()).max().unwrap_or(0);
            longest.max(heads[at].chars().count())
        })
        .collect();
    let row = |cells: &[&str]| {
        let cells = widths.iter().enumerate().map(|(at, width)| {
            let cell = cells.get(at).copied().unwrap_or("");
            format!("{}{cell}  ", " ".repeat(width.saturating_sub(cell.chars().count())))
        });
        cells.collect::<String>()
    };
    let space = row(&[]);
    let width = width.map(|width| width.max(space.len() + LEAST));
    let mut lines = vec![format!("{}{}", row(heads), heads.last().copied().unwrap_or(""))];
    lines.push(widths.iter().map(|width| "─".repeat(*width)).collect::<Vec<_>>().join("  "));
    for rung in rungs {
        let numbers: Vec<&str> = rung.numbers.iter().map(String::as_str).collect();
        let mut before = row(&numbers);
        for (at, text) in rung.texts.iter().enumerate() {
            // What follows the first text explains it.
            let set_in = format!("{space}  ");
            lines.extend(match at {
                0 => wrapped(text, &before, &space, width),
                _ => wrapped(text, &set_in, &set_in, width),
            });
        }
        if rung.texts.is_empty() {
            before.truncate(before.trim_end().len());
            lines.push(before);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_wrapped_at_words() {
        let text = "number of orders is at least 5, and country is DE";
        assert_eq!(wrapped(text, "- ", "  ", None), [format!("- {text}")]);
        let expected = ["- number of orders", "  is at least 5, and", "  country is DE"];
        assert_eq!(wrapped(text, "- ", "  ", Some(20)), expected);
        assert_eq!(wrapped("incomprehensibilities", "", "", Some(8)), ["incomprehensibilities"]);
        assert_eq!(wrapped("", "", "", Some(8)), [""]);
    }

    #[test]
    fn a_ladder_has_numbers_beside_texts() {
        let rung = |numbers: &[&str], texts: &[&str]| Rung {
            numbers: numbers.iter().map(|&number| number.to_owned()).collect(),
            texts: texts.iter().map(|&text| text.to_owned()).collect(),
        };
        let rungs = [
            rung(&["", "1,000"], &["everyone"]),
            rung(&["12", "9"], &["number of orders is at least 5", "count(orders) >= 5"]),
        ];
        let heads = ["alone", "left", "clause"];
        assert_eq!(
            ladder(&heads, &rungs, None),
            [
                "alone   left  clause",
                "─────  ─────",
                "       1,000  everyone",
                "   12      9  number of orders is at least 5",
                "                count(orders) >= 5",
            ]
        );
        assert_eq!(
            ladder(&heads, &rungs, Some(36)),
            [
                "alone   left  clause",
                "─────  ─────",
                "       1,000  everyone",
                "   12      9  number of orders is at",
                "              least 5",
                "                count(orders) >= 5",
            ]
        );
    }
}
