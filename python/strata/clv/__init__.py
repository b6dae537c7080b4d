"""Models of what customers will buy, spend and be worth. docs/python.md says when to use which."""

from .contract import ShiftedBetaGeoModel
from .covariates import ParetoNBDCovariatesModel
from .occasions import BetaGeoBetaBinomModel
from .posterior import Posterior
from .spend import GammaGammaModel
from .timing import BetaGeoModel, ModifiedBetaGeoModel, ParetoNBDModel
from .validation import Validation, validate_purchases

__all__ = [
    "BetaGeoBetaBinomModel",
    "BetaGeoModel",
    "GammaGammaModel",
    "ModifiedBetaGeoModel",
    "ParetoNBDCovariatesModel",
    "ParetoNBDModel",
    "Posterior",
    "ShiftedBetaGeoModel",
    "Validation",
    "validate_purchases",
]
