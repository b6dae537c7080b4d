//! Any JSON is read or refused, and what is read can be carried to text and back.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use strata_spec::condition::Condition;
use strata_spec::table::Subject;

fuzz_target!(|bytes: &[u8]| {
    let Ok(json) = serde_json::from_slice::<Value>(bytes) else { return };
    for subject in Subject::ALL {
        let Ok(condition) = Condition::from_json(&json, subject) else { continue };
        assert_eq!(Condition::parse(&condition.to_string(), subject).as_ref(), Ok(&condition));
        assert_eq!(Condition::from_json(&condition.to_json(), subject).as_ref(), Ok(&condition));
    }
});
