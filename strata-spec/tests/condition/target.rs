//! What holds of whatever a stranger writes: the bodies of the fuzz targets under `fuzz`, which the tests run as well.

use serde_json::Value;
use strata_spec::condition::Condition;
use strata_spec::table::Subject;

/// Any text is read or refused, and what is read can be written, laid out and said.
pub(crate) fn text(text: &str) {
    for subject in Subject::ALL {
        let condition = match Condition::parse(text, subject) {
            Ok(condition) => condition,
            Err(error) => {
                assert!(error.to_string().len() < 10_000);
                continue;
            }
        };
        for written in [condition.to_string(), condition.text(subject), condition.format(subject, 60)] {
            assert_eq!(Condition::parse(&written, subject).as_ref(), Ok(&condition), "{written}");
        }
        assert_eq!(Condition::from_json(&condition.to_json(), subject).as_ref(), Ok(&condition));
        assert!(!condition.sentence().is_empty());
        let _ = condition.references();
    }
}

/// Any JSON is read or refused, and what is read can be carried to text and back.
pub(crate) fn json(bytes: &[u8]) {
    let Ok(json) = serde_json::from_slice::<Value>(bytes) else { return };
    for subject in Subject::ALL {
        let condition = match Condition::from_json(&json, subject) {
            Ok(condition) => condition,
            Err(error) => {
                assert!(error.to_string().len() < 10_000);
                continue;
            }
        };
        assert_eq!(Condition::parse(&condition.to_string(), subject).as_ref(), Ok(&condition));
        assert_eq!(Condition::from_json(&condition.to_json(), subject).as_ref(), Ok(&condition));
    }
}
