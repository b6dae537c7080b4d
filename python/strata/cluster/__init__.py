"""Groups of customers that nobody has named yet: estimators of scikit-learn's conventions, and whether there are groups at all."""

from .choice import Choice, choose_k
from .density import HDBSCAN
from .k_means import KMeans, MiniBatchKMeans
from .latent_class import LatentClass
from .mixed import KPrototypes
from .mixture import GaussianMixture
from .rfm import RFM
from .scores import adjusted_rand_score, silhouette_samples, silhouette_score

__all__ = [
    "HDBSCAN",
    "RFM",
    "Choice",
    "GaussianMixture",
    "KMeans",
    "KPrototypes",
    "LatentClass",
    "MiniBatchKMeans",
    "adjusted_rand_score",
    "choose_k",
    "silhouette_samples",
    "silhouette_score",
]
