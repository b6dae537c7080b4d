"""Models of what customers will buy, spend and be worth. docs/python.md says when to use which."""

from .contract import ShiftedBetaGeoModel
from .occasions import BetaGeoBetaBinomModel
from .spend import GammaGammaModel
from .timing import BetaGeoModel, ModifiedBetaGeoModel, ParetoNBDModel

__all__ = [
    "BetaGeoBetaBinomModel",
    "BetaGeoModel",
    "GammaGammaModel",
    "ModifiedBetaGeoModel",
    "ParetoNBDModel",
    "ShiftedBetaGeoModel",
]
