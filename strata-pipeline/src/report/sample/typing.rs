//! Made-up types of customers: some measured, some typed, and none inferred, with the reason.

use strata_models::psychometrics::typing::abstain::Abstention;
use strata_models::psychometrics::typing::discriminant::{Clouds, Scores};
use strata_models::psychometrics::typing::gate::Skill;
use strata_models::psychometrics::typing::golden::TypingTool;
use strata_models::psychometrics::typing::validate::Validation;

use crate::survey::states::{Evidence, Question, Type, Typing};

pub(super) fn typing() -> Typing {
    let of_type = |name: &str, title: &str, n_measured: u64, n_typed: u64, share: Option<f64>| Type {
        name: name.to_owned(),
        title: title.to_owned(),
        n_measured,
        n_typed,
        n_inferred: 0,
        n_effective: share.map(|_| 120.0),
        share,
    };
    let question = |item: &str, text: &str, accuracy: f64| Question {
        item: item.to_owned(),
        text: Some(text.to_owned()),
        accuracy,
    };
    Typing {
        segmentation: "mindset".to_owned(),
        title: "Mindset".to_owned(),
        surveys: vec!["attitudes".to_owned()],
        types: vec![
            of_type("price_watchers", "Price watchers", 310, 41, Some(0.66)),
            of_type("enthusiasts", "Enthusiasts", 160, 12, None),
        ],
        n_unknown: 11_477,
        questions: vec![
            question("att_pri1", "I compare prices before I buy.", 0.78),
            question("att_loy1", "When I find a brand I like, I stay with it.", 0.83),
        ],
        features: vec!["n_orders".to_owned(), "rfm".to_owned()],
        evidence: Some(evidence()),
        reasons: vec!["the skill may be chance".to_owned()],
    }
}

fn evidence() -> Evidence {
    let skill = Skill {
        n: 470,
        log_loss: 0.61,
        log_loss_of_shares: 0.64,
        skill: 0.05,
        lower: -0.01,
        upper: 0.10,
        accuracy: 0.68,
        balanced_accuracy: 0.55,
        calibration_error: 0.03,
    };
    Evidence {
        n_respondents: 470,
        n_effective: 391.2,
        base_rate: 0.66,
        n_complete: 455,
        tool: TypingTool {
            items: vec!["att_pri1".to_owned(), "att_loy1".to_owned()],
            clouds: Clouds { means: Vec::new(), covariance: Vec::new(), prior: Vec::new() },
            scores: Scores { slopes: Vec::new(), intercepts: Vec::new() },
            least_posterior: 0.5,
        },
        skill,
        of_categories: None,
        shuffled: Vec::new(),
        abstention: Abstention { tau: None, table: Vec::new() },
        validation: Validation {
            adjusted_rand: None,
            lift_of_top_tenth: Vec::new(),
            bands: Vec::new(),
            coverage: None,
        },
    }
}
