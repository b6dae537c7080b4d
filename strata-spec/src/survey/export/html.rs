//! A form as one page of HTML: a grid of radio buttons where it is wide, one question below the other where it is narrow.

use super::shown;
use crate::survey::form::{Form, FormSection, Question};

const STYLE: &str = include_str!("form.css");

pub(super) fn html(form: &Form) -> String {
    let title = escaped(&form.title);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n\
         <form autocomplete=\"off\" data-form=\"{}\">\n",
        escaped(&form.id)
    );
    page.push_str(
        "<p><label>Customer number <input type=\"text\" name=\"customer_id\" inputmode=\"text\"></label></p>\n",
    );
    if let Some(consent) = &form.consent {
        page.push_str("<section>\n");
        single(&consent.question(), &mut page);
        page.push_str("</section>\n");
    }
    for section in &form.sections {
        part(section, &mut page);
    }
    page.push_str("</form>\n</main>\n</body>\n</html>\n");
    page
}

fn part(section: &FormSection, page: &mut String) {
    page.push_str("<section>\n");
    if !section.instruction.is_empty() {
        page.push_str(&format!("<h2>{}</h2>\n", escaped(&section.instruction)));
    }
    match section.is_grid() {
        true => grid(section, page),
        false => section.questions.iter().for_each(|question| single(question, page)),
    }
    if let Some(credit) = &section.credit {
        page.push_str(&format!("<p class=\"credit\">{}</p>\n", escaped(credit)));
    }
    page.push_str("</section>\n");
}

fn grid(section: &FormSection, page: &mut String) {
    let Some(first) = section.questions.first() else { return };
    page.push_str("<table>\n<thead><tr><td></td>");
    for place in 0..first.choices.len() {
        page.push_str(&format!("<th scope=\"col\">{}</th>", escaped(&shown(first, place))));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for question in &section.questions {
        let id = escaped(&question.id);
        page.push_str(&format!(
            "<tr role=\"radiogroup\" aria-labelledby=\"q-{id}\"><th scope=\"row\" id=\"q-{id}\">{}</th>",
            escaped(&question.text)
        ));
        for place in 0..question.choices.len() {
            page.push_str(&format!("<td>{}</td>", radio(question, place)));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table>\n");
}

fn single(question: &Question, page: &mut String) {
    page.push_str(&format!("<fieldset>\n<legend>{}</legend>\n", escaped(&question.text)));
    for place in 0..question.choices.len() {
        page.push_str(&radio(question, place));
        page.push('\n');
    }
    page.push_str("</fieldset>\n");
}

fn radio(question: &Question, place: usize) -> String {
    let value = question.choices.get(place).map_or(0, |choice| choice.value);
    format!(
        "<label><input type=\"radio\" name=\"{}\" value=\"{value}\"><span>{}</span></label>",
        escaped(&question.id),
        escaped(&shown(question, place))
    )
}

/// Text that is no mark-up, in an attribute neither.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            plain => escaped.push(plain),
        }
    }
    escaped
}
