//! Nine tests of ability, 213 people: Bechtoldt's data as McDonald (1999) gives them, `psych::Thurstone`.

use super::data::{close, triangle};
use crate::psychometrics::moments::Moments;
use crate::psychometrics::reliability::alpha;
use crate::psychometrics::reliability::omega::hierarchical_omega;

#[rustfmt::skip]
const LOWER: [f64; 45] = [
    1.0,
    0.828, 1.0,
    0.776, 0.779, 1.0,
    0.439, 0.493, 0.460, 1.0,
    0.432, 0.464, 0.425, 0.674, 1.0,
    0.447, 0.489, 0.443, 0.590, 0.541, 1.0,
    0.447, 0.432, 0.401, 0.381, 0.402, 0.288, 1.0,
    0.541, 0.537, 0.534, 0.350, 0.367, 0.320, 0.555, 1.0,
    0.380, 0.358, 0.359, 0.424, 0.446, 0.325, 0.598, 0.452, 1.0,
];

/// R, `psych::omega(Thurstone, 3)`: .736070, .930825, and α .891458.
#[test]
fn thurstone_has_the_omegas_of_psych() {
    let names = ["sentences", "vocabulary", "completion", "first letters", "four letters", "suffixes"];
    let names = names.into_iter().chain(["series", "pedigrees", "grouping"]).map(str::to_owned).collect();
    let moments = Moments::of_correlations(names, triangle(&LOWER, 9), 213).unwrap();
    close(alpha(&moments).unwrap().alpha, 0.891_458, 1e-6);
    let omega = hierarchical_omega(&moments).unwrap();
    close(omega.hierarchical.unwrap(), 0.736_070, 1e-4);
    close(omega.total.unwrap(), 0.930_825, 1e-4);
    assert!(omega.warnings.is_empty());
}
