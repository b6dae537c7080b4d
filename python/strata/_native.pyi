"""The half of the package that is written in Rust. Private: its wrappers say what it does."""

from os import PathLike
from collections.abc import Callable, Iterator
from typing import Any

VERSION: str
ENGINE: bool

class Table:
    @staticmethod
    def from_arrow(data: object) -> Table: ...
    @staticmethod
    def from_columns(columns: list[tuple[str, str, Any]]) -> Table: ...
    def holds(self, columns: list[tuple[str, str, Any]]) -> bool: ...
    @staticmethod
    def require(names: list[str], wanted: list[str]) -> None: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def __len__(self) -> int: ...
    def column_names(self) -> list[str]: ...
    def values(self, name: str) -> tuple[str, Any]: ...

class Project:
    def __init__(
        self, root: str | PathLike[str], memory_mib: int | None = None, partitions: int | None = None
    ) -> None: ...
    def run(
        self,
        as_of: str | None,
        now: str,
        rewind: bool,
        progress: Callable[[str, str, float | None], object] | None,
    ) -> str: ...
    def sql(self, query: str) -> Table: ...
    def members(self, name: str, at: str | None) -> Table: ...
    def preview(self, text: str, subject: str, as_of: str | None) -> str: ...

def rfm_summary(
    orders: Table,
    customer_id: str,
    time: str,
    amount: str | None,
    observation_end: int | None,
    freq: str,
    time_scaler: float,
    include_first_transaction: bool,
) -> Table: ...
def rfm_train_test_split(
    orders: Table,
    customer_id: str,
    time: str,
    amount: str | None,
    train_end: int,
    test_end: int | None,
    freq: str,
    time_scaler: float,
) -> Table: ...
def rfm_scores(
    orders: Table, customer_id: str, time: str, amount: str, as_of: int | None, tiles: int
) -> Table: ...

class Outcome:
    names: list[str]
    parameters: list[float]
    standard_errors: list[float | None]
    covariance: list[list[float]] | None
    log_likelihood: float
    n_steps: int
    gradient_norm: float
    converged: bool
    at_boundary: list[str]
    not_identified: list[str]

class Customers:
    def __init__(self, data: Table, tenure: str, weights: str | None) -> None: ...
    def are_of(self, data: Table, tenure: str) -> bool: ...

def fit_timing(model: str, customers: Customers, penalty: float) -> Outcome: ...

class TimingModel:
    def __init__(self, model: str, parameters: list[float]) -> None: ...
    def p_alive(self, customers: Customers) -> bytearray: ...
    def expected_purchases(self, customers: Customers, future_t: float) -> bytearray: ...
    def purchase_probability(self, customers: Customers, n: int, future_t: float) -> bytearray: ...
    def discounted_purchases(self, customers: Customers, rate: float) -> bytearray: ...
    def expected_purchases_new(self, t: float) -> float: ...
    def purchase_probability_new(self, n: int, t: float) -> float: ...

def fit_gamma_gamma(data: Table, weights: str | None, penalty: float) -> Outcome: ...

class GammaGamma:
    def __init__(self, parameters: list[float]) -> None: ...
    def expected_spend(self, data: Table) -> bytearray: ...
    def population_mean(self) -> float | None: ...

class Terms:
    def __init__(self, n_periods: int, period: float, discount: float, margin: float, discounting: str) -> None: ...

def lifetime_value(
    timing: TimingModel, spend: GammaGamma, customers: Customers, data: Table, terms: Terms
) -> bytearray: ...

class Draws:
    names: list[str]
    chains: list[list[list[float]]]
    n_divergences: int
    summary: list[list[float | None]]

def sample_beta_geo(customers: Customers, chains: int, draws: int, warm_up: int, seed: int) -> Draws: ...
def sample_gamma_gamma(
    data: Table, weights: str | None, chains: int, draws: int, warm_up: int, seed: int
) -> Draws: ...
def draws_of_fit(
    parameters: list[float], covariance: list[list[float]], draws: int, seed: int
) -> list[list[float]]: ...
def lifetime_value_intervals(
    model: str,
    timing: list[list[float]],
    spend: list[list[float]],
    customers: Customers,
    data: Table,
    terms: Terms,
    confidence: float,
    seed: int,
) -> tuple[Table, list[float]]: ...
def fit_pareto_covariates(
    customers: Customers, data: Table, buying: list[str], leaving: list[str], penalty: float
) -> Outcome: ...

class ParetoCovariates:
    def __init__(
        self, base: list[float], buying: list[tuple[str, float]], leaving: list[tuple[str, float]]
    ) -> None: ...
    def p_alive(self, customers: Customers, data: Table) -> bytearray: ...
    def expected_purchases(self, customers: Customers, data: Table, future_t: float) -> bytearray: ...

class Validation:
    verdict: str
    measures: list[tuple[str, list[float | None]]]
    comparisons: list[tuple[str, str, float, tuple[float, float] | None, str]]
    by_frequency: list[tuple[int, bool, int, float, float]]

def validate_purchases(
    model: TimingModel, customers: Customers, data: Table, test_t: float | None, resamples: int, seed: int
) -> Validation: ...
def fit_bg_bb(data: Table, tenure: str, weights: str | None, penalty: float) -> Outcome: ...

class BgBb:
    def __init__(self, parameters: list[float]) -> None: ...
    def p_alive(self, data: Table, tenure: str, future_t: int) -> bytearray: ...
    def expected_purchases(self, data: Table, tenure: str, future_t: int) -> bytearray: ...
    def expected_purchases_new(self, n: int) -> float: ...

def fit_shifted_beta_geo(data: Table, weights: str | None, penalty: float) -> Outcome: ...

class ShiftedBetaGeo:
    def __init__(self, parameters: list[float]) -> None: ...
    def survival(self, t: int) -> float: ...
    def retention_rate(self, t: int) -> float: ...
    def conditional_survival(self, data: Table, future_t: int) -> bytearray: ...
    def discounted_residual_lifetime(self, data: Table, discount: float) -> bytearray: ...
    def expected_lifetime(self) -> float | None: ...

class Points:
    def __init__(self, n_rows: int, n_columns: int, names: list[str], pieces: Iterator[bytes]) -> None: ...
    @staticmethod
    def from_table(table: Table, names: list[str]) -> Points: ...
    def __len__(self) -> int: ...

class Centres:
    centres: bytes
    labels: bytes
    inertia: float
    n_iterations: int
    converged: bool

def fit_k_means(
    points: Points,
    n_clusters: int,
    n_starts: int,
    max_iterations: int,
    tolerance: float,
    seed: int,
    centres: bytes | None,
) -> Centres: ...
def fit_mini_batch(
    points: Points,
    n_clusters: int,
    n_starts: int,
    batch_size: int,
    most_passes: float,
    patience: int,
    seed: int,
) -> Centres: ...
def nearest_centres(centres: bytes, points: Points) -> bytes: ...
def distances_to_centres(centres: bytes, points: Points) -> bytes: ...
def fit_mixture(
    points: Points,
    n_components: int,
    covariance_type: str,
    n_starts: int,
    max_iterations: int,
    tolerance: float,
    regularisation: float,
    seed: int,
    means: bytes | None,
) -> Mixture: ...

class Mixture:
    weights: bytes
    means: bytes
    covariances: bytes
    lower_bound: float
    n_iterations: int
    converged: bool
    collapsed: list[int]
    def __init__(
        self, covariance_type: str, n_columns: int, weights: bytes, means: bytes, covariances: bytes
    ) -> None: ...
    def labels(self, points: Points) -> bytes: ...
    def probabilities(self, points: Points) -> bytes: ...
    def ln_densities(self, points: Points) -> bytes: ...
    def criteria(self, points: Points) -> tuple[float, float, float, float]: ...

class Dense:
    n_clusters: int
    labels: bytes
    probabilities: bytes
    outlier_scores: bytes

def fit_hdbscan(
    points: Points, min_cluster_size: int, min_samples: int, allow_single_cluster: bool
) -> Dense: ...
def kinds_of_columns(table: Table, names: list[str]) -> list[str]: ...
def fit_k_prototypes(
    table: Table,
    numbers: list[str],
    categories: list[str],
    n_clusters: int,
    n_starts: int,
    max_iterations: int,
    gamma: str,
    seed: int,
) -> tuple[Prototypes, bytes]: ...

class Prototypes:
    means: list[list[float]]
    modes: list[list[int]]
    categories: list[tuple[str, list[Any]]]
    sizes: list[int]
    gamma: float
    cost: float
    converged: bool
    n_iterations: int
    def __init__(self, json: str, numbers: list[str], categories: list[tuple[str, list[Any]]]) -> None: ...
    def __getnewargs__(self) -> tuple[str, list[str], list[tuple[str, list[Any]]]]: ...
    def labels(self, table: Table) -> bytes: ...

def fit_latent_classes(
    table: Table,
    items: list[str],
    covariates: list[str],
    weights: str | None,
    n_classes: int,
    n_starts: int,
    max_iterations: int,
    tolerance: float,
    smoothing: float,
    seed: int,
) -> LatentClasses: ...

class LatentClasses:
    shares: list[float]
    items: list[tuple[str, list[Any]]]
    profiles: list[list[list[float]]]
    coefficients: list[list[float]] | None
    standard_errors: list[list[float]] | None
    figures: list[tuple[str, float]]
    n_best_found: int
    converged: bool
    n_iterations: int
    def __init__(self, json: str, items: list[tuple[str, list[Any]]], covariates: list[str]) -> None: ...
    def __getnewargs__(self) -> tuple[str, list[tuple[str, list[Any]]], list[str]]: ...
    def labels(self, table: Table) -> bytes: ...
    def probabilities(self, table: Table) -> bytes: ...

def silhouettes(points: Points, labels: bytes) -> tuple[float, bytes]: ...
def adjusted_rand_index(one: bytes, other: bytes) -> float: ...

class Evidence:
    n_clusters: int
    silhouette: float
    prediction_strength: float
    stability: float
    stability_without: float | None
    gap_chance: float | None
    explained: float
    explained_without: float
    smallest_share: float
    not_natural: list[str]
    not_useful: list[str]

class Choice:
    verdict: str
    n_clusters: int | None
    sentence: str
    evidence: list[Evidence]

def choose_number(
    points: Points, numbers: list[int], n_starts: int, n_resamples: int, most_rows: int, seed: int
) -> Choice: ...
def score_scales(
    table: Table,
    scales: list[tuple[str, list[tuple[str, int]]]],
    response: tuple[float, float],
    min_answered: float,
    ipsatised: bool,
) -> Table: ...

class Alpha:
    alpha: float
    std_alpha: float
    ordinal_alpha: float | None
    is_ordinal_due: bool
    average_r: float
    standard_error: float
    spearman_brown: float | None
    n: int
    items: list[str]
    item_rest: list[float]
    alpha_if_deleted: list[float | None]
    notes: list[str]

class Omega:
    total: float | None
    std_total: float | None
    hierarchical: float | None
    hierarchical_total: float | None
    n: int
    items: list[str]
    loadings: list[float]
    general: list[float] | None
    groups: list[list[float]] | None
    notes: list[str]

def scale_alpha(
    table: Table, items: list[tuple[str, int]], response: tuple[float, float] | None, missing: str, ordinal: bool
) -> Alpha: ...
def scale_omega(
    table: Table, items: list[tuple[str, int]], response: tuple[float, float] | None, method: str, missing: str
) -> Omega: ...
def judge_scale(
    table: Table, items: list[tuple[str, int]], response: tuple[float, float] | None, seed: int
) -> tuple[str, list[str]]: ...

class Parallel:
    n_components: int
    n_factors: int
    components: list[float]
    components_by_chance: list[float]
    factors: list[float]
    factors_by_chance: list[float]

def compare_with_chance(
    table: Table, items: list[tuple[str, int]], missing: str, n_shuffles: int, seed: int
) -> Parallel: ...
def screen_answers(
    table: Table,
    blocks: list[tuple[list[tuple[str, list[tuple[str, int]]]], tuple[float, float]]],
    instructed: list[tuple[str, float]],
    said_not_to_use: str | None,
    seconds: str | None,
) -> tuple[Table, list[str]]: ...

class Feature:
    counts: list[tuple[str, int]]
    n: int
    category: str | None
    satisfaction: float | None
    dissatisfaction: float | None
    strength: float | None
    questionable_share: float | None
    is_bad_question: bool
    is_enough: bool

def judge_feature(table: Table, functional: str, dysfunctional: str) -> Feature: ...
def best_worst_scores(
    table: Table, objects: list[str], sets: list[list[int]], best: list[str], worst: list[str]
) -> Table: ...
