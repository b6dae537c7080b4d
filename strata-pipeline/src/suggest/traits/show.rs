//! Appraised traits as JSON, and as the features of a segmentation.

use serde_json::{Value, json};

use super::{KeyTrait, KeyTraits, Verdict};

impl KeyTraits {
    /// Everything as one JSON object.
    pub fn json(&self) -> Value {
        json!({
            "subject": self.subject.as_str(),
            "goal": self.goal,
            "goal_above": self.goal_above,
            "among": self.among,
            "at": self.at.to_rfc3339(),
            "again_at": self.again_at.to_rfc3339(),
            "n_rows": self.n_rows,
            "n_again": self.n_again,
            "is_everybody": self.is_everybody,
            "traits": self.traits.iter().map(KeyTrait::json).collect::<Vec<_>>(),
        })
    }

    /// Those to take, the best first.
    pub fn taken(&self) -> impl Iterator<Item = &KeyTrait> {
        self.traits.iter().filter(|one| one.verdict == Verdict::Take)
    }

    /// Those to take as a line of a segmentation that is made of groups; none where there is none to take.
    pub fn features(&self) -> Option<String> {
        let names: Vec<String> = self.taken().map(|one| Value::from(one.name.as_str()).to_string()).collect();
        (!names.is_empty()).then(|| format!("features = [{}]", names.join(", ")))
    }
}

impl KeyTrait {
    fn json(&self) -> Value {
        let same_as =
            self.same_as.as_ref().map(|(name, strength)| json!({ "name": name, "association": strength }));
        json!({
            "name": self.name,
            "verdict": self.verdict.as_str().replace(' ', "_"),
            "known": self.known,
            "stability": self.stability,
            "relevance": self.relevance,
            "auc": self.auc,
            "same_as": same_as,
            "reason": self.sentence,
        })
    }
}
