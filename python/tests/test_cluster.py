"""Clusters against scikit-learn, against their own formulas, and against what cannot be clustered."""

import copy
import pickle
import re
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy
import pandas
import polars
import pyarrow
import pytest

import strata
from strata import cluster
from strata.cluster.rfm import segment

sklearn = pytest.importorskip("sklearn")
from sklearn import metrics  # noqa: E402
from sklearn.base import clone  # noqa: E402
from sklearn.cluster import HDBSCAN, KMeans  # noqa: E402
from sklearn.mixture import GaussianMixture  # noqa: E402
from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

ROOT = Path(__file__).parents[2]
Matrix = numpy.ndarray[Any, Any]


def blobs(n: int = 600, k: int = 3, d: int = 4, apart: float = 4.0) -> tuple[Matrix, Matrix]:
    chance = numpy.random.default_rng(1)
    centres = chance.normal(0, apart, (k, d))
    labels = chance.integers(0, k, n)
    return centres[labels] + chance.normal(size=(n, d)), labels


def customers(n: int = 900) -> tuple[pandas.DataFrame, Matrix]:
    """Numbers, a text and a truth, of three groups."""
    chance = numpy.random.default_rng(2)
    group = chance.integers(0, 3, n)
    channel = numpy.array(["web", "shop", "phone"])[numpy.where(chance.random(n) < 0.85, group, chance.integers(0, 3, n))]
    columns = {
        "spend": chance.normal(size=n) + 3 * group,
        "visits": chance.normal(size=n) - group,
        "channel": channel,
        "member": (group == 1) ^ (chance.random(n) < 0.1),
    }
    return pandas.DataFrame(columns), group


def survey(n: int = 2000) -> tuple[pandas.DataFrame, Matrix]:
    """Five answers of two classes, one of them with gaps, and a covariate of which the log-odds of the second class are 2z."""
    chance = numpy.random.default_rng(3)
    z = chance.normal(size=n)
    group = (chance.random(n) < 1 / (1 + numpy.exp(-2 * z))).astype(int)
    answers = {f"q{item}": numpy.where(chance.random(n) < 0.85, group, 1 - group).astype(float) for item in range(5)}
    table = pandas.DataFrame({**answers, "z": z})
    table.loc[::9, "q1"] = numpy.nan
    return table, group


def mixture(k: int, **settings: Any) -> strata.GaussianMixture:
    return strata.GaussianMixture(k, tol=1e-9, max_iter=2000, **settings)


@parametrize_with_checks(  # type: ignore[untyped-decorator]
    [strata.KMeans(), strata.MiniBatchKMeans(), strata.GaussianMixture(), strata.HDBSCAN()]
)
def test_scikit_learn_takes_it_for_one_of_its_own(estimator: Any, check: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", strata.FitWarning)
        check(estimator)


@pytest.mark.parametrize(
    "estimator", [strata.KPrototypes(3, gamma=2.0), strata.LatentClass(3, covariates=["z"]), strata.RFM(time="at")]
)
def test_of_tables_what_applies_of_scikit_learns_conventions_holds(estimator: Any) -> None:
    copied = clone(estimator)
    assert copied.get_params() == estimator.get_params()
    assert vars(copied) == estimator.get_params(), "the constructor only stores"
    assert copied.set_params(**estimator.get_params()) is copied
    assert type(estimator).__name__ in repr(estimator)
    assert sklearn.utils.get_tags(estimator).estimator_type == "clusterer"
    with pytest.raises(ValueError, match="has no parameter `n_groups`"):
        estimator.set_params(n_groups=3)
    if hasattr(estimator, "predict"):
        with pytest.raises(sklearn.exceptions.NotFittedError):
            estimator.predict({"a": [1.0]})


def test_k_means_from_the_same_centres_is_scikit_learns() -> None:
    X, _ = blobs()
    start = X[[0, 1, 2, 3]]
    ours = strata.KMeans(4, init=start, tol=0).fit(X)
    theirs = KMeans(4, init=start, n_init=1, tol=0).fit(X)
    numpy.testing.assert_allclose(ours.cluster_centers_, theirs.cluster_centers_, rtol=1e-9)
    numpy.testing.assert_array_equal(ours.labels_, theirs.labels_)
    assert ours.inertia_ == pytest.approx(theirs.inertia_, rel=1e-12)
    numpy.testing.assert_allclose(ours.transform(X), theirs.transform(X), rtol=1e-9)
    assert ours.score(X) == pytest.approx(theirs.score(X), rel=1e-9)


@pytest.mark.parametrize("k", [2, 5, 9])
def test_k_means_is_no_worse_than_scikit_learns(k: int) -> None:
    X, _ = blobs(4000, 6, 5, apart=1.0)
    # Where groups overlap, ends differ by some thousandths from seed to seed, for both: on average they do not.
    ours = [strata.KMeans(k, random_state=seed).fit(X).inertia_ for seed in range(5)]
    theirs = [KMeans(k, n_init=10, random_state=seed).fit(X).inertia_ for seed in range(5)]
    assert numpy.mean(ours) <= numpy.mean(theirs) * (1 + 1e-3)


def test_mini_batches_come_near_to_k_means() -> None:
    X, _ = blobs(60_000, 5, 4)
    whole, batches = strata.KMeans(5).fit(X), strata.MiniBatchKMeans(5, batch_size=512).fit(X)
    assert batches.inertia_ <= 1.02 * whole.inertia_
    assert batches.n_iter_ == -(-batches.n_steps_ * 512 // 60_000)
    assert cluster.adjusted_rand_score(batches.labels_, whole.labels_) > 0.98


def test_chance_comes_back_by_its_seed() -> None:
    X, _ = blobs(500, 8, 6, apart=0.1)
    once, again = (strata.KMeans(8, n_init=1, random_state=7).fit(X) for _ in range(2))
    numpy.testing.assert_array_equal(once.labels_, again.labels_)
    drawn = {strata.KMeans(8, n_init=1, random_state=seed).fit(X).inertia_ for seed in (1, 2, 3, None)}
    assert len(drawn) > 1
    for generator in (numpy.random.default_rng, numpy.random.RandomState):
        one, other = (strata.KMeans(8, n_init=1, random_state=generator(5)).fit(X).inertia_ for _ in range(2))
        assert one == other


@pytest.mark.parametrize("covariance_type", ["full", "tied", "diag", "spherical"])
def test_a_mixture_is_scikit_learns(covariance_type: str) -> None:
    X, _ = blobs(800, 3, 3)
    ours = mixture(3, covariance_type=covariance_type).fit(X)
    theirs = GaussianMixture(3, covariance_type=covariance_type, tol=1e-9, max_iter=2000, n_init=3, random_state=0).fit(X)
    assert ours.lower_bound_ == pytest.approx(theirs.lower_bound_, abs=1e-3)
    assert ours.covariances_.shape == theirs.covariances_.shape
    # With our parameters, theirs says the same of rows.
    theirs.weights_, theirs.means_, theirs.covariances_ = ours.weights_, ours.means_, ours.covariances_
    theirs.precisions_cholesky_ = sklearn.mixture._gaussian_mixture._compute_precision_cholesky(
        ours.covariances_, covariance_type
    )
    numpy.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-9)
    numpy.testing.assert_allclose(ours.score_samples(X), theirs.score_samples(X), rtol=1e-9)
    numpy.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    for figure in ("score", "aic", "bic"):
        assert getattr(ours, figure)(X) == pytest.approx(getattr(theirs, figure)(X), rel=1e-9), figure
    assert ours.icl(X) >= ours.bic(X)
    numpy.testing.assert_array_equal(ours.fit_predict(X), ours.predict(X))


def test_mixtures_start_from_given_means_and_warn_where_they_mean_little() -> None:
    X, labels = blobs(800, 3, 3)
    means = [X[labels == group].mean(axis=0) for group in range(3)]
    numpy.testing.assert_allclose(mixture(3, means_init=means).fit(X).means_, means, atol=0.3)
    with pytest.warns(strata.FitWarning, match="still rises after 1 iteration"):
        strata.GaussianMixture(3, max_iter=1, tol=0).fit(X)
    with pytest.warns(strata.FitWarning, match="collapsed"):
        flat = numpy.vstack([X, numpy.tile([50.0, 50.0, 50.0], (30, 1))])
        assert strata.GaussianMixture(4, max_iter=500, n_init=3).fit(flat).collapsed_


@pytest.mark.parametrize(("size", "near"), [(5, None), (15, 4), (40, 10)])
def test_dense_places_are_scikit_learns(size: int, near: int | None) -> None:
    X, _ = blobs(500, 4, 2, apart=3.0)
    ours = strata.HDBSCAN(size, min_samples=near).fit(X)
    theirs = HDBSCAN(min_cluster_size=size, min_samples=near, copy=True).fit(X)
    table = pandas.crosstab(ours.labels_, theirs.labels_)
    same = pandas.Series(ours.labels_).map(table.idxmax(axis=1)) == theirs.labels_
    # Edges of one length (many are as long as the core distance of a row that they meet at) may be taken in either order, which
    # can move a row between clusters.
    assert (~same).sum() <= 2
    numpy.testing.assert_array_equal(ours.labels_ == -1, theirs.labels_ == -1)
    numpy.testing.assert_allclose(ours.probabilities_[same], theirs.probabilities_[same], atol=1e-9)
    assert ours.n_clusters_ == len(set(theirs.labels_) - {-1})
    assert ((ours.outlier_scores_ >= 0) & (ours.outlier_scores_ <= 1)).all()


def test_figures_of_clusterings_are_scikit_learns() -> None:
    X, labels = blobs(700, 4, 3)
    names = numpy.array(["a", "b", "c", "d"])[labels]
    assert cluster.silhouette_score(X, names) == pytest.approx(metrics.silhouette_score(X, labels), abs=1e-12)
    numpy.testing.assert_allclose(cluster.silhouette_samples(X, labels), metrics.silhouette_samples(X, labels), atol=1e-9)
    others = numpy.random.default_rng(4).integers(0, 3, 700)
    for one, other in [(labels, others), (names, labels // 2), (list(names), polars.Series(list(labels)))]:
        expected = metrics.adjusted_rand_score(one, numpy.asarray(other))
        assert cluster.adjusted_rand_score(one, other) == pytest.approx(expected, abs=1e-12)


def test_k_prototypes_find_groups_and_their_cost_is_the_formulas() -> None:
    table, group = customers()
    model = strata.KPrototypes(3).fit(table)
    assert cluster.adjusted_rand_score(model.labels_, group) > 0.6
    numbers, texts = table[["spend", "visits"]], table[["channel", "member"]]
    cost = 0.0
    for label, centre in enumerate(model.cluster_centers_):
        own = (model.labels_ == label).to_numpy()
        assert own.sum() == model.cluster_sizes_[label]
        assert centre["spend"] == pytest.approx(numbers["spend"][own].mean())
        assert centre["channel"] == texts["channel"][own].mode()[0]
        cost += ((numbers[own] - [centre["spend"], centre["visits"]]) ** 2).to_numpy().sum()
        cost += model.gamma_ * (texts[own] != [centre["channel"], centre["member"]]).to_numpy().sum()
    assert model.cost_ == pytest.approx(cost)
    diversity = numpy.mean([1 - (texts[name].value_counts(normalize=True) ** 2).sum() for name in texts])
    assert model.gamma_ == pytest.approx(numbers.var(ddof=0).mean() / diversity)
    half = strata.KPrototypes(3, gamma="half_deviation").fit(table)
    assert half.gamma_ == pytest.approx(0.5 * numbers.std(ddof=0).mean())


def test_whole_numbers_are_categories_where_they_are_named() -> None:
    rows = [[1.0, 2], [2.5, 1], [3.0, 2], [9.0, 1]] * 3
    model = strata.KPrototypes(2, categorical=[1]).fit(rows)
    assert {centre["1"] for centre in model.cluster_centers_} <= {1, 2}
    with pytest.raises(strata.InvalidInputError, match="no columns of categories"):
        strata.KPrototypes(2).fit(rows)


def test_latent_classes_are_recovered_with_gaps_and_a_covariate() -> None:
    table, group = survey()
    model = strata.LatentClass(2, covariates=["z"]).fit(table)
    assert cluster.adjusted_rand_score(model.labels_, group) > 0.75
    assert model.coefficients_ is not None and model.standard_errors_ is not None
    assert abs(model.coefficients_["z"][0]) == pytest.approx(2, abs=4 * model.standard_errors_["z"][0])
    # ln L by its formula.
    of_second = 1 / (1 + numpy.exp(-model.coefficients_["intercept"][0] - model.coefficients_["z"][0] * table["z"]))
    likelihood = [1 - of_second, of_second]
    for name, profile in model.profiles_.items():
        for place in range(2):
            p = [profile[0][place], profile[1][place]]
            likelihood[place] = likelihood[place] * table[name].map({0.0: p[0], 1.0: p[1]}).fillna(1.0)
    total = likelihood[0] + likelihood[1]
    assert model.log_likelihood_ == pytest.approx(numpy.log(total).sum(), rel=1e-9)
    numpy.testing.assert_allclose(model.predict_proba(table)[:, 1], likelihood[1] / total, atol=1e-9)
    assert model.n_parameters_ == 1 + 1 + 2 * 5
    assert model.bic_ == pytest.approx(-2 * model.log_likelihood_ + model.n_parameters_ * numpy.log(len(table)))
    assert model.aic_ == pytest.approx(-2 * model.log_likelihood_ + 2 * model.n_parameters_)
    assert model.icl_ >= model.bic_ and 0 < model.relative_entropy_ < 1


def test_weights_stand_for_rows() -> None:
    table, _ = survey(400)
    answers = table.drop(columns="z")
    twice = pandas.concat([answers, answers[:100]], ignore_index=True)
    weighted = answers.assign(n=[2.0] * 100 + [1.0] * 300)
    one, other = strata.LatentClass().fit(twice), strata.LatentClass(weights="n").fit(weighted)
    assert one.log_likelihood_ == pytest.approx(other.log_likelihood_, rel=1e-9)
    assert list(other.feature_names_in_) == list(answers)


def test_segments_are_those_of_projects() -> None:
    """The rules of the segmentation `rfm`, as it is shipped."""
    text = (ROOT / "strata-spec" / "shipped" / "value.toml").read_text()
    part = text[text.index("[[segmentations.rfm.classes]]") :]
    found = re.findall(r'\[\[segmentations\.rfm\.classes\]\]\nname = "(\w+)"\n.*\nwhere = "(.*)"', part)
    assert len(found) == 10
    for r in range(1, 6):
        for f in range(1, 6):
            rules = {name: re.sub(r"between (\d) and (\d)", r"in range(\1, \2 + 1)", rule) for name, rule in found}
            rules = {name: re.sub(r" = ", " == ", rule) for name, rule in rules.items()}
            first = next(name for name, rule in rules.items() if eval(rule, {"r_score": r, "f_score": f, "range": range}))
            assert segment(r, f) == first, (r, f)


def test_rfm_has_the_scores_of_the_function_and_a_segment_for_each() -> None:
    orders = pandas.read_csv(ROOT / "examples" / "cdnow" / "data" / "purchases.csv", parse_dates=["date"])
    model = strata.RFM(customer_id="customer", time="date", amount="dollars")
    scores = model.fit_transform(orders)
    expected = strata.rfm_scores(orders, "customer", "date", "dollars")
    pandas.testing.assert_frame_equal(scores.drop(columns="segment"), expected)
    assert list(scores["segment"]) == model.labels_ == [
        segment(r, f) for r, f in zip(expected["r_score"], expected["f_score"])
    ]
    assert model.segment_sizes_ == scores["segment"].value_counts().to_dict()


def test_what_comes_out_is_of_the_library_that_went_in() -> None:
    X, _ = blobs(60, 2, 2)
    frame = pandas.DataFrame(X, columns=["a", "b"], index=range(100, 160))
    labels = strata.KMeans(2).fit(X).labels_
    assert isinstance(labels, numpy.ndarray)
    tables = {
        "pandas": (frame, pandas.Series),
        "polars": (polars.from_pandas(frame), polars.Series),
        "pyarrow": (pyarrow.table(frame.reset_index(drop=True)), pyarrow.Array),
        "dict": ({"a": list(X[:, 0]), "b": X[:, 1]}, numpy.ndarray),
        "lists": (X.tolist(), numpy.ndarray),
        "fortran": (numpy.asfortranarray(X), numpy.ndarray),
    }
    for name, (table, kind) in tables.items():
        model = strata.KMeans(2).fit(table)
        assert isinstance(model.predict(table), kind), name
        assert numpy.array_equal(numpy.asarray(model.labels_), labels), name
        mixed = strata.GaussianMixture(2).fit(table)
        assert isinstance(mixed.score_samples(table), kind) and mixed.predict_proba(table).shape == (60, 2), name
    assert list(strata.KMeans(2).fit(frame).labels_.index) == list(range(100, 160))


def test_it_works_where_there_is_no_numpy() -> None:
    code = """
import sys
for name in ("numpy", "pandas", "polars", "pyarrow", "sklearn"):
    sys.modules[name] = None
import strata
from strata import cluster
rows = [[float(i % 5), float(i % 3)] for i in range(30)] + [[50.0 + i % 4, 60.0] for i in range(20)]
model = strata.KMeans(2).fit(rows)
assert sorted(model.labels_.tolist().count(label) for label in (0, 1)) == [20, 30], model.labels_
assert model.predict(rows) == model.labels_ and len(model.transform(rows)[0]) == 2
assert abs(model.score(rows) + model.inertia_) < 1e-6
table = {"a": [row[0] for row in rows], "b": [row[1] + 0.1 * row[0] for row in rows]}
for kind in ("full", "tied", "diag", "spherical"):
    mixture = strata.GaussianMixture(2, covariance_type=kind).fit(table)
    assert mixture.predict(table).tolist() in ([0] * 30 + [1] * 20, [1] * 30 + [0] * 20)
    assert abs(sum(mixture.predict_proba(table)[0]) - 1) < 1e-12
assert strata.HDBSCAN().fit(rows).n_clusters_ >= 2
assert cluster.silhouette_score(rows, model.labels_) > 0.9
assert cluster.adjusted_rand_score(model.labels_, ["a"] * 30 + ["b"] * 20) == 1
mixed = {"a": table["a"], "c": ["x"] * 30 + ["y"] * 20}
assert sorted(strata.KPrototypes(2).fit(mixed).cluster_sizes_) == [20, 30]
assert len(strata.LatentClass(2).fit({"p": ["u", "v", None] * 20, "q": [1, 2, 2] * 20}).weights_) == 2
try:
    strata.KMeans().predict(rows)
except strata.InvalidDefinitionError as error:
    assert "is not fitted" in str(error)
else:
    raise AssertionError
for bad in ([1.0, 2.0], [[1.0], [1.0, 2.0]], [], [[]]):
    try:
        strata.KMeans(1).fit(bad)
    except strata.InvalidInputError:
        continue
    raise AssertionError(bad)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_models_are_stored_and_copied() -> None:
    X, _ = blobs(300)
    table, _ = customers(300)
    answers, _ = survey(300)
    cases = [(strata.KMeans(3), X), (strata.GaussianMixture(3), X), (strata.KPrototypes(3), table)]
    for model, data in [*cases, (strata.LatentClass(2, covariates=["z"]), answers)]:
        fitted = model.fit(data)  # type: ignore[attr-defined]
        for again in (pickle.loads(pickle.dumps(fitted)), copy.deepcopy(fitted)):
            assert list(again.predict(data)) == list(fitted.predict(data))


def test_columns_are_those_of_the_fit() -> None:
    X, _ = blobs(60, 2, 2)
    frame = pandas.DataFrame(X, columns=["a", "b"])
    model = strata.KMeans(2).fit(frame)
    assert list(model.feature_names_in_) == ["a", "b"] and model.n_features_in_ == 2
    with pytest.raises(strata.InvalidInputError, match="must be in the same order"):
        model.predict(frame[["b", "a"]])
    with pytest.raises(strata.InvalidInputError, match="yet now missing:\n- b"):
        model.predict(polars.DataFrame({"a": X[:, 0]}))
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        model.predict(X)
    table, _ = customers(100)
    mixed = strata.KPrototypes(2).fit(table)
    # Mixed tables are taken by name, in any order and with more columns.
    numpy.testing.assert_array_equal(mixed.predict(table.assign(more=1)[[*reversed(list(table)), "more"]]), mixed.labels_)


GROUPS = numpy.array([[0.0, 1.0], [1.0, 0.0], [9.0, 8.0], [8.0, 9.5]])


@pytest.mark.parametrize(
    ("estimator", "X", "text"),
    [
        (strata.KMeans(2), [[1.0, 2.0], [float("nan"), 1.0]], "row 1, column `0`: NaN is not a finite number"),
        (strata.KMeans(2), {"a": [1.0, float("inf")], "b": [1, 2]}, "row 1, column `a`: inf is not a finite number"),
        (strata.GaussianMixture(), pandas.DataFrame({"a": [1.0, None]}), "row 1, column `a`: NaN"),
        (strata.KMeans(2), polars.DataFrame({"a": [1.0, None]}), "column `a` has no value in row 1"),
        (strata.KMeans(5), GROUPS, "n_samples=4 where 5 or more are needed"),
        (strata.KMeans(3), [[1.0, 2.0], [3.0, 4.0]] * 5, "2 different rows cannot make 3 clusters"),
        (strata.KMeans(2), [[1.0, 2.0]] * 5, "1 different rows cannot make 2 clusters"),
        (strata.MiniBatchKMeans(1), [[1.0, 2.0]] * 5, "all rows are equal"),
        (strata.GaussianMixture(2), [[1.0, row] for row in range(9)], "column `0` has one value, or none, in all rows"),
        (strata.HDBSCAN(9), GROUPS, "n_samples=4 where 9 or more are needed"),
        (strata.HDBSCAN(2), [[1.0, 2.0]] * 5, "1 different rows"),
        (strata.KMeans(2), {"a": ["x", "y", "z"]}, "column `a` does not hold numbers"),
        (strata.KMeans(2), pandas.DataFrame({"a": ["x", "y", "z"]}), "could not convert string to float"),
        (strata.KMeans(2), [["x"], ["y"], ["z"]], "could not convert string to float"),
        (strata.KMeans(2, init=[[1.0, 2.0]]), GROUPS, "`init` has 1 centres"),
        (strata.KMeans(2, init=[[1.0], [2.0]]), GROUPS, "a row of 1 numbers where there are 2 columns"),
        (strata.KMeans(2, init="random"), GROUPS, "`init` is `random`"),
        (strata.KMeans(0), GROUPS, "`n_clusters` is 0"),
        (strata.KMeans().set_params(n_clusters=2.5), GROUPS, "`n_clusters` is 2.5"),
        (strata.KMeans(2, tol=-1.0), GROUPS, "`tolerance` is -1"),
        (strata.KMeans(2, random_state=-1), GROUPS, "`random_state` is -1"),
        (strata.GaussianMixture(2, covariance_type="round"), GROUPS, "`covariance_type` is 'round'"),
        (strata.HDBSCAN(1), GROUPS, "`min_cluster_size` is 1"),
        (strata.KPrototypes(2), {"n": [1.0, 2.0, 3.0], "c": ["x", None, "y"]}, "column `c` has no category in row 1"),
        (strata.KPrototypes(2), {"n": [1.0, 2.0, 3.5], "c": ["x", "x", "x"]}, "column `c` has one value"),
        (strata.KPrototypes(2), {"n": [1.0, 1.0, 1.0], "c": ["x", "y", "x"]}, "column `n` has one value"),
        (strata.KPrototypes(2), {"user_id": [7, 3, 9], "c": ["x", "y", "x"]}, "column `user_id` is an id"),
        (strata.KPrototypes(2), {"n": [*range(30)], "c": ["x", "y"] * 15}, "column `n` is an id: it numbers the rows"),
        (strata.KPrototypes(9), {"n": [1.0, 2.0], "c": ["x", "y"]}, "n_samples=2"),
        (strata.KPrototypes(2, gamma="x"), {"n": [1.0, 2.5], "c": ["x", "y"]}, "`gamma` is `x`"),
        (strata.KPrototypes(2, categorical="c"), {"n": [1.0, 2.5], "c": ["x", "y"]}, "give a list of names"),
        (strata.LatentClass(), {"a": ["x", "y"] * 9, "b": ["u"] * 18}, "column `b` has one value"),
        (strata.LatentClass(), {"a": ["x", "y"] * 9, "b": [0.5, 1.5] * 9}, "0.5 is no category"),
        (strata.LatentClass(), {"a": [str(i) for i in range(2000)]}, "column `a` has 2000 categories"),
        (strata.LatentClass(3), {"a": ["x", "y"] * 9}, "2 different rows cannot make 3 clusters"),
        (strata.LatentClass(covariates=["z"]), {"a": ["x", "y"], "zz": [1.0, 2.0]}, "no column `z`"),
        (strata.RFM(), {"customer_id": [1], "time": ["2026-01-01"]}, "no column `amount`"),
    ],
)
def test_what_cannot_be_clustered_is_refused_with_its_place(estimator: Any, X: Any, text: str) -> None:
    with pytest.raises(strata.StrataError, match=re.escape(text)) as caught:
        estimator.fit(X)
    assert isinstance(caught.value, ValueError | LookupError)
    assert caught.value.hint or "does not hold" in text


def test_predictions_refuse_what_the_fit_has_not_seen() -> None:
    model = strata.LatentClass().fit({"a": ["x", "y"] * 9, "b": [1, 1, 2, 2, 1, 2] * 3})
    with pytest.raises(strata.InvalidInputError, match="row 0, column `a`: `z` is none of the categories of the fit"):
        model.predict({"a": ["z"], "b": [1]})
    with pytest.raises(strata.InvalidInputError, match="column `b` is of another kind"):
        model.predict({"a": ["x"], "b": ["one"]})
    for unknown in ({"a": [None], "b": [None]}, pandas.DataFrame({"a": [numpy.nan], "b": [numpy.nan]})):
        assert model.predict_proba(unknown)[0] == pytest.approx(model.weights_)


def test_groups_are_chosen_where_there_are_groups() -> None:
    X, _ = blobs(600, 3, 4, apart=6.0)
    choice = cluster.choose_k(X, [2, 3, 4], n_resamples=30)
    assert (choice.verdict, choice.n_clusters) == ("natural_groups", 3)
    assert str(choice).startswith("There are 3 natural groups")
    table = choice.evidence.to_pandas()
    assert list(table["n_clusters"]) == [2, 3, 4] and table["natural"][1] and not table["natural"][2]
    assert choice.not_natural[3] == [] and choice.not_natural[4]
    own, other, _ = numpy.sort(strata.KMeans(3, n_init=3).fit_transform(X), axis=1).T
    assert table["silhouette"][1] == pytest.approx((1 - own / other).mean(), abs=1e-9)


def test_noise_is_not_segmented() -> None:
    chance = numpy.random.default_rng(6)
    choice = cluster.choose_k(chance.normal(size=(400, 4)), [2, 3], n_resamples=30)
    assert (choice.verdict, choice.n_clusters) == ("do_not_segment", None)
    assert all(choice.not_useful.values()) and "Do not segment" in str(choice)


def test_a_continuum_is_cut() -> None:
    chance = numpy.random.default_rng(7)
    size = chance.normal(size=(600, 1))
    choice = cluster.choose_k(size + 0.3 * chance.normal(size=(600, 4)), [2, 3], n_resamples=30)
    assert choice.verdict == "useful_cuts" and choice.n_clusters in (2, 3)


@pytest.mark.parametrize(
    ("X", "numbers", "text"),
    [
        ({"a": [*range(40)], "b": [1.0, 2.0] * 20}, [2], "column `a` is an id"),
        ({"customer_id": [5, 9, 7] * 1, "b": [1.0, 2.0, 4.0]}, [2], "column `customer_id` is an id"),
        ({"a": [1.0] * 40, "b": [1.0, 2.0] * 20}, [2], "column `a` has one value"),
        (GROUPS, [], "no number of clusters"),
        (GROUPS, [1], "`n_clusters` is 1"),
    ],
)
def test_choices_refuse_what_says_nothing(X: Any, numbers: list[int], text: str) -> None:
    with pytest.raises(strata.StrataError, match=text):
        cluster.choose_k(X, numbers)


def test_figures_refuse_labels_that_do_not_fit() -> None:
    with pytest.raises(strata.InvalidInputError, match="labels"):
        cluster.silhouette_score(GROUPS, [0, 1])
    with pytest.raises(strata.InvalidInputError):
        cluster.silhouette_score(GROUPS, [0, 0, 0, 0])
    with pytest.raises(strata.InvalidInputError, match="labels"):
        cluster.adjusted_rand_score([0, 1], [0])


def test_everything_public_is_documented() -> None:
    for name in cluster.__all__:
        assert getattr(cluster, name).__doc__, name
