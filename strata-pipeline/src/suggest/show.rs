//! What was found as JSON, and as definitions for a project.

use serde_json::{Value, json};
use strata_models::subgroup::Estimate;
use strata_spec::table::Subject;

use super::{Suggestion, Suggestions};

impl Suggestions {
    /// Everything as one JSON object.
    pub fn json(&self) -> Value {
        let left_out = self.left_out.iter().map(|left| json!({ "name": left.name, "reason": left.reason }));
        json!({
            "subject": self.subject.as_str(),
            "goal": self.goal,
            "goal_title": self.goal_title,
            "goal_term": self.goal_text,
            "is_share": self.is_share,
            "among": self.among,
            "horizon_days": self.horizon_days,
            "searched_at": self.searched_at.to_rfc3339(),
            "checked_at": self.checked_at.to_rfc3339(),
            "as_of": self.as_of.to_rfc3339(),
            "n_searched": self.n_searched,
            "n_checked": self.n_checked,
            "mean_of_all": self.mean_of_all,
            "is_everybody": self.is_everybody,
            "n_subjects": self.n_subjects,
            "features": self.features,
            "left_out": left_out.collect::<Vec<_>>(),
            "notes": self.notes,
            "suggestions": self.suggestions.iter().map(Suggestion::json).collect::<Vec<_>>(),
        })
    }

    /// The segments as sections of a project's definitions; the project reads them as they are.
    pub fn definitions(&self) -> String {
        let day = |at: chrono::DateTime<chrono::Utc>| {
            at.with_timezone(&self.timezone).format("%Y-%m-%d").to_string()
        };
        let days = [self.searched_at, self.checked_at, self.as_of].map(day);
        let [searched, checked, last] = &days;
        let mut text = format!(
            "# Suggested by `strata suggest` for the goal {}: {}.\n# Found in {} {} of {searched} and held against {} others of \
             {checked}, by what came of them by {last}.\n",
            one_line(&self.goal),
            one_line(&self.goal_title),
            self.n_searched,
            self.subject,
            self.n_checked,
        );
        for suggestion in &self.suggestions {
            text.push_str(&format!("\n[segments.{}]\n", suggestion.name));
            text.push_str(&format!("title = {}\n", quoted(&capitalised(&suggestion.sentence))));
            text.push_str(&format!("about = {}\n", quoted(&self.about(suggestion))));
            if self.subject != Subject::default() {
                text.push_str(&format!("subject = {}\n", quoted(self.subject.as_str())));
            }
            text.push_str(&format!("where = {}\n", quoted(&suggestion.condition)));
        }
        text
    }

    /// A figure of the goal in words: a share in per cent, a number as it is.
    pub fn figure(&self, value: f64) -> String {
        match value {
            value if self.is_share => format!("{:.1} %", value * 100.0),
            value if value.abs() >= 1000.0 => format!("{value:.0}"),
            value => format!("{value:.2}"),
        }
    }

    /// What a segment was suggested for, in a sentence.
    fn about(&self, suggestion: &Suggestion) -> String {
        let (mean, all) = (self.figure(suggestion.mean), self.figure(self.mean_of_all));
        let lift = suggestion
            .lift
            .map(|lift| format!(", {:.2} times as much ({:.2} to {:.2})", lift.value, lift.low, lift.high));
        let figures = format!("{mean} against {all} of all{}", lift.unwrap_or_default());
        let goal = one_line(&self.goal_title);
        format!("Suggested for the goal \"{goal}\": {figures}, on {} held out.", suggestion.n_rows)
    }
}

impl Suggestion {
    fn json(&self) -> Value {
        let most_like = self
            .most_like
            .as_ref()
            .map(|like| json!({ "name": like.name, "n_both": like.n_both, "jaccard": like.jaccard }));
        json!({
            "name": self.name,
            "where": self.condition,
            "sentence": self.sentence,
            "n_members": self.n_members,
            "n_rows": self.n_rows,
            "mean": self.mean,
            "inside": estimate(&self.inside),
            "outside": estimate(&self.outside),
            "difference": estimate(&self.difference),
            "lift": self.lift.as_ref().map(estimate),
            "p": self.chance,
            "p_adjusted": self.adjusted_chance,
            "most_like": most_like,
        })
    }
}

fn estimate(estimate: &Estimate) -> Value {
    json!({ "value": estimate.value, "low": estimate.low, "high": estimate.high })
}

/// A text of JSON is one of TOML.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}
