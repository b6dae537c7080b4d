//! The few pieces of HTML that every part of the page uses. All text from outside passes through [`escape`].

use super::super::findings::Part;

/// Text as HTML, safe between tags and inside quoted attributes.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for each in text.chars() {
        match each {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // Characters that reorder what stands around them, and control characters, which HTML does not allow.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => safe.push('\u{fffd}'),
            control if control.is_control() && !matches!(control, '\n' | '\t') => safe.push('\u{fffd}'),
            other => safe.push(other),
        }
    }
    safe
}

/// The parts of a sentence.
pub(super) fn sentence(parts: &[Part]) -> String {
    parts
        .iter()
        .map(|part| match part {
            Part::Plain(text) => escape(text),
            Part::Strong(text) => format!("<strong>{}</strong>", escape(text)),
        })
        .collect()
}

/// A sentence of another module: its percentages as the page writes them, and what stands between grave accents as code.
pub(super) fn sentence_of(text: &str) -> String {
    let escaped = escape(&text.replace(" %", "%"));
    let parts = escaped.split('`').enumerate();
    // An accent without a partner is what it is.
    let is_paired = escaped.matches('`').count().is_multiple_of(2);
    match is_paired {
        true => parts
            .map(|(place, part)| match place % 2 {
                0 => part.to_owned(),
                _ => format!("<code>{part}</code>"),
            })
            .collect(),
        false => escaped,
    }
}

/// How a table's column is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Text,
    Number,
    Bars,
}

/// A cell: its HTML, made by whoever calls.
pub(super) struct Field {
    pub html: String,
    /// What stands before it where a narrow screen has no room for the header.
    pub label: String,
}

/// A row of a table.
pub(super) struct Row {
    pub fields: Vec<Field>,
    /// Set back: nobody is in it, or it only holds the rest.
    pub is_muted: bool,
    /// HTML that stands below the row, over all columns.
    pub also: String,
}

impl Row {
    pub(super) fn of(fields: Vec<Field>) -> Row {
        Row { fields, is_muted: false, also: String::new() }
    }
}

impl Field {
    pub(super) fn new(html: impl Into<String>, label: &str) -> Field {
        Field { html: html.into(), label: label.to_owned() }
    }
}

/// A table whose rows become blocks on narrow screens. Roles stand beside the tags since a browser forgets what a table
/// is when its display changes.
pub(super) fn table(caption: &str, kind: &str, heads: &[(&str, Column)], rows: &[Row]) -> String {
    let class_of = |column: Column| match column {
        Column::Text => "t",
        Column::Number => "n",
        Column::Bars => "b",
    };
    let heads_html: String = heads
        .iter()
        .map(|(head, column)| {
            format!(r#"<th role="columnheader" scope="col" class="{}">{head}</th>"#, class_of(*column))
        })
        .collect();
    let rows_html: String = rows
        .iter()
        .map(|row| {
            let fields: String = row
                .fields
                .iter()
                .zip(heads)
                .enumerate()
                .map(|(place, (field, (_, column)))| match place {
                    0 => format!(r#"<th role="rowheader" scope="row" class="t">{}</th>"#, field.html),
                    _ => format!(
                        r#"<td role="cell" class="{}{}"{}>{}</td>"#,
                        class_of(*column),
                        if field.html == "–" { " none" } else { "" },
                        if field.label.is_empty() {
                            String::new()
                        } else {
                            format!(r#" data-label="{}""#, escape(&field.label))
                        },
                        field.html
                    ),
                })
                .collect();
            let muted = if row.is_muted { r#" class="muted""# } else { "" };
            let also = match row.also.as_str() {
                "" => String::new(),
                also => format!(
                    r#"<tr role="row" class="also"><td role="cell" colspan="{}">{also}</td></tr>"#,
                    heads.len()
                ),
            };
            format!(r#"<tr role="row"{muted}>{fields}</tr>{also}"#)
        })
        .collect();
    format!(
        r#"<table role="table" class="{kind}"><caption class="unseen">{}</caption><thead role="rowgroup"><tr role="row">{heads_html}</tr></thead><tbody role="rowgroup">{rows_html}</tbody></table>"#,
        escape(caption)
    )
}

/// A name that an element's id and a link to it can share.
pub(super) fn anchor(kind: &str, name: &str) -> String {
    let safe: String = name
        .chars()
        .map(|each| if each.is_ascii_alphanumeric() { each.to_ascii_lowercase() } else { '-' })
        .collect();
    format!("{kind}-{safe}")
}
