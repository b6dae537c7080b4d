"""Clusters of customers: Strata beside what a user would pick instead, in turn, as ratios.

    python3 benches/cluster.py [--rows 1000000] [--rounds 3] [--work kmeans_hard,kmeans_blobs,…] [--peer PYTHON]

Data are made by numpy, seeded: `hard` is the behaviour of customers without clean clusters (correlated log-normals, standardised, 8
columns), `blobs` eight clouds in 8 columns, `mixed` four columns of numbers and four of categories, `survey` 20 answers of five classes.

| work | what is timed | rows |
| --- | --- | --- |
| `kmeans_hard`, `kmeans_blobs` | 8 clusters from 10 starts | `--rows` |
| `batches_hard` | 8 clusters by mini-batches | `--rows` |
| `mixture_hard` | 8 full Gaussians, one start | `--rows` |
| `dense` | HDBSCAN of blobs in 3 columns | a tenth |
| `mixed` | k-prototypes, 6 clusters from 3 starts | a tenth |
| `silhouette` | the exact silhouette of 8 clusters of blobs | a tenth |
| `latent` | 5 latent classes from 10 starts | a fiftieth |

Every run is a process of its own: A B A B …. Times are `fit` (or the figure) on data in memory, without imports; memory is the process's
peak, data and imports included. What Strata finds must not be worse: inertia and cost at most 0.5 % above (2 % for batches), log-likelihoods
at most a thousandth of the rows below, silhouettes equal to 1e-5. For mixtures, whose ends depend on the start, both start from the same
means. For HDBSCAN, whose ties may be broken otherwise, the shares of noise must be equal to a thousandth.

Needs the Python package in the environment (`pip install . -C build-args="--no-default-features"`) and numpy; and scikit-learn, hdbscan,
fast_hdbscan, kmodes, stepmix and pandas in it or in that of `--peer`. Compiled code of peers is warmed up before the clock starts.
"""

import argparse
import json
import math
import resource
import statistics
import subprocess
import sys
import time

SEED = 20250101


def hard(n):
    import numpy as np

    chance = np.random.default_rng(SEED)
    mix = np.eye(8) + chance.normal(0, 0.5, (8, 8))
    traits = chance.normal(size=(n, 8)) @ mix.T
    traits += chance.normal(0, 0.9, (5, 8))[chance.choice(5, n, p=[0.4, 0.25, 0.2, 0.1, 0.05])]
    values = np.log1p(np.exp(1.2 * traits + 1.0))
    return (values - values.mean(axis=0)) / values.std(axis=0)


def blobs(n, d=8, k=8):
    import numpy as np

    chance = np.random.default_rng(SEED + 1)
    centres, shapes = chance.normal(0, 4, (k, d)), np.eye(d) + chance.normal(0, 0.35, (k, d, d))
    label = chance.choice(k, n, p=chance.dirichlet(np.full(k, 5.0)))
    values = np.empty((n, d))
    for group in range(k):
        own = label == group
        values[own] = centres[group] + chance.normal(size=(own.sum(), d)) @ shapes[group].T
    return values, label


def mixed(n):
    import numpy as np

    chance = np.random.default_rng(SEED + 2)
    label = chance.integers(0, 6, n)
    numbers = chance.normal(0, 3, (6, 4))[label] + chance.normal(size=(n, 4))
    return numbers, np.stack([drawn(chance, label, 6, 6, 0.6) for _ in range(4)], axis=1)


def survey(n):
    import numpy as np

    chance = np.random.default_rng(SEED + 3)
    label = chance.choice(5, n, p=chance.dirichlet(np.full(5, 6.0)))
    return np.stack([drawn(chance, label, 5, 5, 0.8) for _ in range(20)], axis=1)


def drawn(chance, label, n_groups, n_categories, concentration):
    """A category for each row, by the chances of its group."""
    import numpy as np

    chances = chance.dirichlet(np.full(n_categories, concentration), n_groups).cumsum(axis=1)
    return (chance.random(len(label))[:, None] > chances[label]).sum(axis=1).clip(0, n_categories - 1)


def timed(work):
    began = time.perf_counter()
    done = work()
    return done, time.perf_counter() - began


def strata_kmeans(X):
    import strata

    fit, seconds = timed(lambda: strata.KMeans(8, n_init=10, random_state=1).fit(X))
    return seconds, {"inertia": fit.inertia_}


def sklearn_kmeans(X):
    from sklearn.cluster import KMeans

    KMeans(2, n_init=1).fit(X[:1000])
    fit, seconds = timed(lambda: KMeans(8, n_init=10, random_state=1).fit(X))
    return seconds, {"inertia": float(fit.inertia_)}


def strata_batches(X):
    import strata

    fit, seconds = timed(lambda: strata.MiniBatchKMeans(8, random_state=1).fit(X))
    return seconds, {"inertia": fit.inertia_}


def sklearn_batches(X):
    from sklearn.cluster import MiniBatchKMeans

    MiniBatchKMeans(2, n_init=1).fit(X[:1000])
    fit, seconds = timed(lambda: MiniBatchKMeans(8, n_init=3, random_state=1).fit(X))
    return seconds, {"inertia": float(fit.inertia_)}


def strata_mixture(X):
    import strata

    model = strata.GaussianMixture(8, means_init=X[:8])
    fit, seconds = timed(lambda: model.fit(X))
    return seconds, {"lower_bound": fit.lower_bound_, "n_iter": fit.n_iter_}


def sklearn_mixture(X):
    import numpy as np
    from sklearn.mixture import GaussianMixture
    from sklearn.mixture._gaussian_mixture import _compute_precision_cholesky, _estimate_gaussian_parameters

    class FromMeans(GaussianMixture):
        """Begins, as Strata's does, with the moments of the rows that are nearest to each mean."""

        def _initialize_parameters(self, X, *_, **__):
            squares = (X**2).sum(axis=1)[:, None] - 2 * X @ self.means_init.T + (self.means_init**2).sum(axis=1)
            shares = np.eye(self.n_components)[squares.argmin(axis=1)]
            weights, means, covariances = _estimate_gaussian_parameters(X, shares, self.reg_covar, "full")
            self.weights_, self.means_, self.covariances_ = weights / len(X), means, covariances
            self.precisions_cholesky_ = _compute_precision_cholesky(covariances, "full")

    model = FromMeans(8, means_init=X[:8])
    fit, seconds = timed(lambda: model.fit(X))
    return seconds, {"lower_bound": float(fit.lower_bound_), "n_iter": int(fit.n_iter_)}


def strata_dense(X):
    import strata

    fit, seconds = timed(lambda: strata.HDBSCAN(100, min_samples=10).fit(X))
    return seconds, {"clusters": fit.n_clusters_, "noise": float((fit.labels_ == -1).mean())}


def hdbscan_dense(X):
    import hdbscan

    # That package does not count a row among its neighbours.
    fit, seconds = timed(lambda: hdbscan.HDBSCAN(100, min_samples=9, approx_min_span_tree=False).fit(X))
    return seconds, dense_found(fit)


def fast_hdbscan_dense(X):
    import fast_hdbscan

    fast_hdbscan.HDBSCAN(min_cluster_size=10, min_samples=9).fit(X[:2000])
    fit, seconds = timed(lambda: fast_hdbscan.HDBSCAN(min_cluster_size=100, min_samples=9).fit(X))
    return seconds, dense_found(fit)


def sklearn_dense(X):
    from sklearn.cluster import HDBSCAN

    fit, seconds = timed(lambda: HDBSCAN(min_cluster_size=100, min_samples=10, copy=True).fit(X))
    return seconds, dense_found(fit)


def dense_found(fit):
    return {"clusters": int(fit.labels_.max()) + 1, "noise": float((fit.labels_ == -1).mean())}


def strata_mixed(data):
    import strata

    numbers, categories = data
    table = {f"n{place}": numbers[:, place] for place in range(4)}
    table |= {f"c{place}": categories[:, place] for place in range(4)}
    named = [f"c{place}" for place in range(4)]
    model = strata.KPrototypes(6, categorical=named, gamma="half_deviation", n_init=3, random_state=1)
    fit, seconds = timed(lambda: model.fit(table))
    return seconds, {"cost": fit.cost_, "gamma": fit.gamma_}


def kmodes_mixed(data):
    import numpy as np
    from kmodes.kprototypes import KPrototypes

    numbers, categories = data
    table = np.hstack([numbers.astype(object), categories.astype(object)])
    model = KPrototypes(6, n_init=3, init="Huang", random_state=1)
    fit, seconds = timed(lambda: model.fit(table, categorical=[4, 5, 6, 7]))
    return seconds, {"cost": float(fit.cost_), "gamma": float(fit.gamma)}


def strata_silhouette(data):
    from strata.cluster import silhouette_score

    found, seconds = timed(lambda: silhouette_score(*data))
    return seconds, {"silhouette": found}


def sklearn_silhouette(data):
    from sklearn.metrics import silhouette_score

    found, seconds = timed(lambda: silhouette_score(*data))
    return seconds, {"silhouette": float(found)}


def strata_latent(answers):
    import strata

    table = {f"q{place}": answers[:, place] for place in range(20)}
    fit, seconds = timed(lambda: strata.LatentClass(5, n_init=10, random_state=1).fit(table))
    return seconds, {"log_likelihood": fit.log_likelihood_, "rows": len(answers)}


def stepmix_latent(answers):
    from stepmix import StepMix

    model = StepMix(5, measurement="categorical", n_init=10, max_iter=1000, random_state=1, progress_bar=0, verbose=0)
    fit, seconds = timed(lambda: model.fit(answers))
    return seconds, {"log_likelihood": float(fit.score(answers)) * len(answers), "rows": len(answers)}


WORK = {
    "kmeans_hard": (hard, 1, {"strata": strata_kmeans, "scikit-learn": sklearn_kmeans}),
    "kmeans_blobs": (lambda n: blobs(n)[0], 1, {"strata": strata_kmeans, "scikit-learn": sklearn_kmeans}),
    "batches_hard": (hard, 1, {"strata": strata_batches, "scikit-learn": sklearn_batches}),
    "mixture_hard": (hard, 1, {"strata": strata_mixture, "scikit-learn": sklearn_mixture}),
    "dense": (
        lambda n: blobs(n, d=3)[0],
        10,
        {"strata": strata_dense, "hdbscan": hdbscan_dense, "fast_hdbscan": fast_hdbscan_dense, "scikit-learn": sklearn_dense},
    ),
    "mixed": (mixed, 10, {"strata": strata_mixed, "kmodes": kmodes_mixed}),
    "silhouette": (blobs, 10, {"strata": strata_silhouette, "scikit-learn": sklearn_silhouette}),
    "latent": (survey, 50, {"strata": strata_latent, "stepmix": stepmix_latent}),
}


def one(work, engine, n):
    """A run in this process, as a line of JSON."""
    make, part, engines = WORK[work]
    data = make(n // part)
    seconds, found = engines[engine](data)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "found": found, "peak_mb": peak}))


def agree(work, found):
    """Stops where Strata finds something worse than the others, or something else where there is one answer."""
    ours = found["strata"]
    for engine, theirs in found.items():
        allowed = 1.02 if work.startswith("batches") else 1.005
        bad = [
            name
            for name, value in theirs.items()
            if (name in ("inertia", "cost") and ours[name] > allowed * value)
            or (name == "lower_bound" and not math.isclose(ours[name], value, abs_tol=1e-3))
            or (name == "log_likelihood" and ours[name] < value - 1e-3 * ours["rows"])
            or (name == "silhouette" and not math.isclose(ours[name], value, abs_tol=1e-5))
            or (name == "gamma" and not math.isclose(ours[name], value, rel_tol=1e-3))
            or (name == "noise" and not math.isclose(ours[name], value, abs_tol=1e-3))
            or (name == "clusters" and ours[name] != value)
        ]
        if bad:
            sys.exit(f"{work}: strata finds {ours}, {engine} {theirs}: {', '.join(bad)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", default=",".join(WORK))
    parser.add_argument("--peer", default=sys.executable, help="the Python that has the peers")
    parser.add_argument("--one", nargs=2, metavar=("WORK", "ENGINE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        return one(*arguments.one, arguments.rows)
    print(f"{'':28}{'median s':>10}{'min':>9}{'max':>9}{'peak MB':>9}{'strata is':>17}  found")
    for work in arguments.work.split(","):
        results = {engine: [] for engine in WORK[work][2]}
        for _ in range(arguments.rounds):
            for engine, rounds in results.items():
                python = sys.executable if engine == "strata" else arguments.peer
                command = [python, __file__, "--one", work, engine, "--rows", str(arguments.rows)]
                rounds.append(json.loads(subprocess.check_output(command).splitlines()[-1]))
        median = {engine: statistics.median(each["seconds"] for each in rounds) for engine, rounds in results.items()}
        for engine, rounds in results.items():
            times = [each["seconds"] for each in rounds]
            ratio = f"{median[engine] / median['strata']:.1f} × faster" if engine != "strata" else ""
            said = ", ".join(f"{name} {value:.6g}" for name, value in rounds[0]["found"].items())
            peak = max(each["peak_mb"] for each in rounds)
            name = f"{work}, {engine}"
            print(f"{name:28}{median[engine]:>10.3f}{min(times):>9.3f}{max(times):>9.3f}{peak:>9.0f}{ratio:>17}  {said}", flush=True)
        agree(work, {engine: rounds[0]["found"] for engine, rounds in results.items()})
    return None


if __name__ == "__main__":
    main()
