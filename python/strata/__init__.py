"""Strata: customer segmentation. Lifetime value and RFM of any table of orders, clusters of any table of customers, and projects with
segments of your own.

Tables go in as whatever you have (pandas, Polars, pyarrow, anything of the Arrow PyCapsule interface, a dict of columns) and come out
as the same. None of these libraries is needed.
"""

from . import psychometrics as psychometrics
from ._native import VERSION as __version__
from .clv import (
    BetaGeoBetaBinomModel,
    BetaGeoModel,
    GammaGammaModel,
    ModifiedBetaGeoModel,
    ParetoNBDCovariatesModel,
    ParetoNBDModel,
    Posterior,
    ShiftedBetaGeoModel,
    Validation,
    validate_purchases,
)
from .cluster import (
    HDBSCAN,
    RFM,
    GaussianMixture,
    KMeans,
    KPrototypes,
    LatentClass,
    MiniBatchKMeans,
)
from .errors import (
    CancelledError,
    CheckFailedError,
    ConflictError,
    FitWarning,
    InternalError,
    InvalidDefinitionError,
    InvalidInputError,
    MissingPackageError,
    NotFoundError,
    ResourceLimitError,
    StorageError,
    StorageFullError,
    StrataError,
)
from .project import Clause, Preview, Project, Run
from .rfm import rfm_scores, rfm_summary, rfm_train_test_split
from .table import Table

__all__ = [
    "HDBSCAN",
    "RFM",
    "BetaGeoBetaBinomModel",
    "BetaGeoModel",
    "CancelledError",
    "CheckFailedError",
    "Clause",
    "ConflictError",
    "FitWarning",
    "GammaGammaModel",
    "GaussianMixture",
    "InternalError",
    "InvalidDefinitionError",
    "InvalidInputError",
    "KMeans",
    "KPrototypes",
    "LatentClass",
    "MiniBatchKMeans",
    "MissingPackageError",
    "ModifiedBetaGeoModel",
    "NotFoundError",
    "ParetoNBDCovariatesModel",
    "ParetoNBDModel",
    "Posterior",
    "Preview",
    "Project",
    "ResourceLimitError",
    "Run",
    "ShiftedBetaGeoModel",
    "StorageError",
    "StorageFullError",
    "StrataError",
    "Table",
    "Validation",
    "__version__",
    "rfm_scores",
    "rfm_summary",
    "rfm_train_test_split",
    "validate_purchases",
]
