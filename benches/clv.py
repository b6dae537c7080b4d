"""Customer lifetime value of a table of customers: Strata beside lifetimes and PyMC-Marketing, in turn, as ratios.

    python3 benches/clv.py [--customers 1000000] [--rounds 3] [--work bg,pareto,posterior] [--peer PYTHON]

Customers are simulated from BG/NBD and Gamma-Gamma (numpy, seeded), in whole days over two years. `bg` fits both models and predicts
a year for each customer; `pareto` fits Pareto/NBD to a tenth of them; `posterior` draws 2 × 1,000 times from the posterior of BG/NBD
on the 2,357 customers of CDNOW, and sums up what they will buy in a year. Every run is a process of its own: A B A B …. Times are work
without imports; memory is the process's peak.
What engines find must agree: totals of purchases and value to a thousandth, the parameters of Pareto/NBD to a fiftieth, posterior means
to a tenth (the priors differ).

Needs the Python package in the environment (`pip install . -C build-args="--no-default-features"`), numpy and pandas; and lifetimes and
PyMC-Marketing in it or, since they want other versions of what they build on, in that of `--peer`.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

YEAR = 365.0
# Totals are as sure as the data; parameters lie on a flat surface.
TOLERANCE = {"bg": 1e-3, "pareto": 2e-2, "posterior": 0.1}
CDNOW = Path(__file__).parents[1] / "strata-models/tests/data/clv/cdnow_customers_summary.csv"


def customers(n):
    """Columns as models take them: frequency, recency, T in days, monetary_value."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(20250101)
    rate = rng.gamma(0.6, 1 / 40.0, n)
    leaving = rng.beta(0.8, 2.5, n)
    tenure = rng.integers(1, 731, n).astype(float)
    frequency, recency, now = np.zeros(n), np.zeros(n), np.zeros(n)
    active = np.ones(n, bool)
    while active.any():
        now[active] += rng.exponential(1 / rate[active])
        buys = active & (now <= tenure)
        # Whole days: a second purchase on one day is none.
        day = np.ceil(now)
        counts = buys & (day > recency) & (day <= tenure)
        frequency[counts] += 1
        recency[counts] = day[counts]
        active = buys & (rng.random(n) >= leaving)
    repeats = np.maximum(frequency, 1)
    scale = rng.gamma(3.74, 1 / 15.44, n)
    mean = np.where(frequency > 0, rng.gamma(6.25 * repeats) / (repeats * scale), 0)
    return pd.DataFrame({"frequency": frequency, "recency": recency, "T": tenure, "monetary_value": mean})


def strata_bg(data):
    import strata

    began = time.perf_counter()
    timing = strata.BetaGeoModel().fit(data)
    spend = strata.GammaGammaModel().fit(data[data.frequency > 0])
    purchases = timing.expected_purchases(data, future_t=YEAR)
    timing.probability_alive(data)
    value = purchases * spend.expected_customer_spend(data)
    return {
        "total": time.perf_counter() - began,
        "purchases": float(sum(purchases)),
        "value": float(sum(value)),
    }


def lifetimes_bg(data):
    import lifetimes

    began = time.perf_counter()
    timing = lifetimes.BetaGeoFitter().fit(data.frequency, data.recency, data["T"])
    repeaters = data[data.frequency > 0]
    spend = lifetimes.GammaGammaFitter().fit(repeaters.frequency, repeaters.monetary_value)
    of = (data.frequency, data.recency, data["T"])
    purchases = timing.conditional_expected_number_of_purchases_up_to_time(YEAR, *of)
    timing.conditional_probability_alive(*of)
    value = purchases * spend.conditional_expected_average_profit(data.frequency, data.monetary_value)
    return {
        "total": time.perf_counter() - began,
        "purchases": float(purchases.sum()),
        "value": float(value.sum()),
    }


def strata_pareto(data):
    import strata

    began = time.perf_counter()
    timing = strata.ParetoNBDModel().fit(data)
    return {"total": time.perf_counter() - began, **timing.params_}


def lifetimes_pareto(data):
    import lifetimes

    began = time.perf_counter()
    timing = lifetimes.ParetoNBDFitter().fit(data.frequency, data.recency, data["T"])
    return {"total": time.perf_counter() - began, **dict(timing.params_)}


def strata_posterior(data):
    import strata

    began = time.perf_counter()
    drawn = strata.BetaGeoModel().sample(data, draws=1000, chains=2, seed=1).draws
    every = range(0, 2000, 20)
    models = [strata.BetaGeoModel.from_params(**{letter: drawn[letter][at] for letter in drawn}) for at in every]
    purchases = sum(sum(model.expected_purchases(data, future_t=52)) for model in models) / len(models)
    return posterior_found(time.perf_counter() - began, drawn, purchases)


def pymc_posterior(data):
    import warnings

    warnings.simplefilter("ignore")
    from pymc_marketing import clv

    began = time.perf_counter()
    model = clv.BetaGeoModel(data=data.rename(columns={"ID": "customer_id"}))
    model.fit(method="mcmc", progressbar=False, random_seed=1, chains=2, cores=2)
    thin = model.thin_fit_result(keep_every=20)
    purchases = float(thin.expected_purchases(future_t=52).mean(("chain", "draw")).sum())
    total = time.perf_counter() - began
    drawn = {letter: model.idata.posterior[letter].to_numpy().ravel() for letter in ("r", "alpha", "a", "b")}
    return posterior_found(total, drawn, purchases)


def posterior_found(total, drawn, purchases):
    means = {letter: float(statistics.fmean(drawn[letter])) for letter in ("r", "alpha")}
    return {"total": total, "purchases": float(purchases), **means}


WORK = {
    "bg": {"strata": strata_bg, "lifetimes": lifetimes_bg},
    "pareto": {"strata": strata_pareto, "lifetimes": lifetimes_pareto},
    "posterior": {"strata": strata_posterior, "pymc-marketing": pymc_posterior},
}


def one(work, engine, n):
    """A run in this process, as a line of JSON."""
    if work == "posterior":
        import pandas as pd

        data = pd.read_csv(CDNOW)
    else:
        data = customers(n if work == "bg" else n // 10)
    found = WORK[work][engine](data)
    found["peak_rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))


def agree(work, found):
    """Stops where engines do not find the same. Likelihoods are not compared: lifetimes scales time before it takes them."""
    (first, *others) = found.values()
    for other in others:
        for name in set(first) - {"total", "peak_rss_mb"}:
            if abs(other[name] / first[name] - 1) > TOLERANCE[work]:
                sys.exit(f"{work}: {name} is {first[name]} and {other[name]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", default="bg,pareto,posterior")
    parser.add_argument("--peer", default=sys.executable, help="the Python that has the peers")
    parser.add_argument("--one", nargs=2, metavar=("WORK", "ENGINE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        return one(*arguments.one, arguments.customers)
    print(f"{'':24}{'median s':>10}{'min':>9}{'max':>9}{'peak MB':>9}{'strata is':>17}")
    for work in arguments.work.split(","):
        results = {engine: [] for engine in WORK[work]}
        for _ in range(arguments.rounds):
            for engine, rounds in results.items():
                python = sys.executable if engine == "strata" else arguments.peer
                command = [python, __file__, "--one", work, engine, "--customers", str(arguments.customers)]
                rounds.append(json.loads(subprocess.check_output(command).splitlines()[-1]))
        agree(work, {engine: rounds[0] for engine, rounds in results.items()})
        median = {engine: statistics.median(each["total"] for each in rounds) for engine, rounds in results.items()}
        for engine, rounds in results.items():
            times = [each["total"] for each in rounds]
            memory = max(each["peak_rss_mb"] for each in rounds)
            ratio = f"{median[engine] / median['strata']:.1f} × faster" if engine != "strata" else ""
            name = f"{work}, {engine}"
            print(f"{name:24}{median[engine]:>10.3f}{min(times):>9.3f}{max(times):>9.3f}{memory:>9.0f}{ratio:>17}")
    return None


if __name__ == "__main__":
    main()
