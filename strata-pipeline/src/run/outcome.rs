//! What a run came to, for faces that hand it on to a machine.

use serde_json::{Map, Value, json};

use super::Complete;

impl Complete {
    /// Everything as one JSON object.
    pub fn json(&self) -> Value {
        let stages: Map<String, Value> = self
            .summaries
            .iter()
            .map(|(stage, summary)| {
                (stage.clone(), json!({ "facts": summary.facts, "warnings": summary.warnings }))
            })
            .collect();
        json!({
            "run_id": self.run_id,
            "as_of": self.as_of.to_rfc3339(),
            "tables": self.tables,
            "stages": stages,
        })
    }
}
