//! What is known of a scale, gathered from its answers for the [`gate`](super::gate).

use super::answers::Answers;
use super::error::PsychometricsError;
use super::factors::Extraction;
use super::factors::number::{eigenvalues, parallel_analysis};
use super::gate::Evidence;
use super::moments::{Missing, Moments};
use super::reliability::alpha;
use super::reliability::omega::omega;

/// The evidence on a scale from the keyed answers (see [`Answers::keyed`]) of clean respondents, listwise: ω by the greatest likelihood, α,
/// item-rest correlations, eigenvalues, and components by parallel analysis with 100 shuffles.
///
/// Whether a scale is formative, and how values fit their circle, stays to be filled in. Refuses what has no moments: items that do not
/// vary, and fewer than three complete respondents. Where ω, the number of dimensions or a coefficient cannot be had, it is none.
pub fn evidence(scale: &str, keyed: &Answers<'_>, seed: u64) -> Result<Evidence, PsychometricsError> {
    let moments = Moments::of(keyed, Missing::Listwise)?;
    let several = moments.n_items() > 2;
    let agreement = alpha(&moments).ok();
    let values = eigenvalues(&moments);
    let parallel =
        several.then(|| parallel_analysis(keyed, Missing::Listwise, N_SHUFFLES, seed).ok()).flatten();
    let likely = several.then(|| omega(&moments, Extraction::MaximumLikelihood).ok()).flatten();
    Ok(Evidence {
        scale: scale.to_owned(),
        n_clean: moments.n,
        n_items: moments.n_items(),
        is_formative: false,
        omega: likely.and_then(|omega| omega.total),
        alpha: agreement.as_ref().map(|alpha| alpha.alpha),
        spearman_brown: agreement.as_ref().and_then(|alpha| alpha.spearman_brown),
        item_rest: agreement
            .map(|alpha| alpha.items.into_iter().map(|item| (item.item, item.item_rest)).collect())
            .unwrap_or_default(),
        eigenvalues: values.first().copied().zip(values.get(1).copied()),
        n_dimensions: parallel.map(|parallel| parallel.n_components),
        circumplex_r: None,
    })
}

const N_SHUFFLES: usize = 100;
