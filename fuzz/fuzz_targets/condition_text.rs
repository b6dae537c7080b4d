//! Any text is read or refused, and what is read can be written, laid out and said.

#![no_main]

use libfuzzer_sys::fuzz_target;
use strata_spec::condition::Condition;
use strata_spec::table::Subject;

fuzz_target!(|text: &str| {
    for subject in Subject::ALL {
        let Ok(condition) = Condition::parse(text, subject) else { continue };
        for written in [condition.to_string(), condition.text(subject), condition.format(subject, 60)] {
            assert_eq!(Condition::parse(&written, subject).as_ref(), Ok(&condition), "{written}");
        }
        assert_eq!(Condition::from_json(&condition.to_json(), subject).as_ref(), Ok(&condition));
        assert!(!condition.sentence().is_empty());
        let _ = condition.references();
    }
});
