//! The Python package `strata`, its half in Rust: convert, call, convert. What users see is in `python/strata`; this module is
//! private to it, and `python/strata/_native.pyi` is its list. No business rules here.

mod arrow;
mod cluster;
mod clv;
mod column;
mod error;
#[cfg(feature = "engine")]
mod project;
mod psychometrics;
mod rfm;
#[cfg(feature = "engine")]
mod runtime;

use pyo3::prelude::*;

#[pymodule]
mod _native {
    #[pymodule_export]
    use crate::arrow::Table;
    #[pymodule_export]
    use crate::cluster::categories::kinds_of_columns;
    #[pymodule_export]
    use crate::cluster::choice::{Choice, Evidence, choose_number};
    #[pymodule_export]
    use crate::cluster::hdbscan::{Dense, fit_hdbscan};
    #[pymodule_export]
    use crate::cluster::k_means::{
        Centres, distances_to_centres, fit_k_means, fit_mini_batch, nearest_centres,
    };
    #[pymodule_export]
    use crate::cluster::latent_class::{LatentClasses, fit_latent_classes};
    #[pymodule_export]
    use crate::cluster::mixed::{Prototypes, fit_k_prototypes};
    #[pymodule_export]
    use crate::cluster::mixture::{Mixture, fit_mixture};
    #[pymodule_export]
    use crate::cluster::points::Points;
    #[pymodule_export]
    use crate::cluster::scores::{adjusted_rand_index, silhouettes};
    #[pymodule_export]
    use crate::clv::contract::{ShiftedBetaGeo, fit_shifted_beta_geo};
    #[pymodule_export]
    use crate::clv::covariates::{ParetoCovariates, fit_pareto_covariates};
    #[pymodule_export]
    use crate::clv::customers::Customers;
    #[pymodule_export]
    use crate::clv::occasions::{BgBb, fit_bg_bb};
    #[pymodule_export]
    use crate::clv::posterior::{
        Draws, draws_of_fit, lifetime_value_intervals, sample_beta_geo, sample_gamma_gamma,
    };
    #[pymodule_export]
    use crate::clv::spend::{GammaGamma, fit_gamma_gamma, lifetime_value};
    #[pymodule_export]
    use crate::clv::timing::{TimingModel, fit_timing};
    #[pymodule_export]
    use crate::clv::validation::{Validation, validate_purchases};
    #[pymodule_export]
    use crate::clv::{Outcome, Terms};
    #[cfg(feature = "engine")]
    #[pymodule_export]
    use crate::project::Project;
    #[pymodule_export]
    use crate::psychometrics::choices::best_worst_scores;
    #[pymodule_export]
    use crate::psychometrics::factors::{Parallel, compare_with_chance};
    #[pymodule_export]
    use crate::psychometrics::features::{Feature, judge_feature};
    #[pymodule_export]
    use crate::psychometrics::reliability::{Alpha, Omega, judge_scale, scale_alpha, scale_omega};
    #[pymodule_export]
    use crate::psychometrics::scoring::score_scales;
    #[pymodule_export]
    use crate::psychometrics::screening::screen_answers;
    #[pymodule_export]
    use crate::rfm::{rfm_scores, rfm_summary, rfm_train_test_split};

    /// The version of the package.
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");

    /// Whether `Project` is there.
    #[pymodule_export]
    const ENGINE: bool = cfg!(feature = "engine");
}
