//! An answer as one JSON object.

use serde_json::{Value, json};

use super::{Clause, Until, Why};

impl Why {
    /// Everything as one JSON object.
    pub fn json(&self) -> Value {
        json!({
            "subject": self.subject.as_str(),
            "id": self.id,
            "segment": self.segment,
            "title": self.title,
            "as_of": self.as_of.to_rfc3339(),
            "standing": self.standing.as_str(),
            "class": self.class,
            "since": self.since.map(|at| at.to_rfc3339()),
            "until": self.until.json(),
            "clauses": self.clauses.iter().map(Clause::json).collect::<Vec<_>>(),
            "notes": self.notes,
        })
    }
}

impl Clause {
    fn json(&self) -> Value {
        let seen = self
            .seen
            .iter()
            .map(|seen| json!({ "term": seen.term, "value": seen.value, "threshold": seen.threshold }));
        let evidence = self.evidence.iter().map(|evidence| {
            json!({
                "of": evidence.of,
                "table": evidence.table.as_str(),
                "n_rows": evidence.n_rows,
                "newest": evidence.newest_json,
            })
        });
        json!({
            "earlier_class": self.of_earlier_class,
            "condition": self.text,
            "sentence": self.sentence,
            "truth": self.truth,
            "since": self.since.map(|at| at.to_rfc3339()),
            "until": self.until.json(),
            "seen": seen.collect::<Vec<_>>(),
            "evidence": evidence.collect::<Vec<_>>(),
        })
    }
}

impl Until {
    /// `{"then": …}` where time alone changes it at that instant, `{"at_least": …}` where nobody has looked further, and null where
    /// it never does.
    fn json(self) -> Value {
        match self {
            Until::Then(at) => json!({ "then": at.to_rfc3339() }),
            Until::AtLeast(at) => json!({ "at_least": at.to_rfc3339() }),
            Until::Always => Value::Null,
        }
    }
}
