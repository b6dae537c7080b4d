"""Customer lifetime value of a table of customers: Strata beside lifetimes (and PyMC-Marketing), in turn, as ratios.

    python3 benches/clv.py [--customers 1000000] [--rounds 3] [--work bg,pareto,posterior] [--engines strata,lifetimes,pymc]

Customers are simulated from BG/NBD and Gamma-Gamma (numpy, seeded), in whole days over two years. `bg` fits both models and predicts
a year for each customer; `pareto` fits Pareto/NBD to a tenth of them; `posterior` draws 2 × 1,000 times from the posterior of BG/NBD
for the CDNOW sample. Every run is a process of its own: A B A B …. Times are work without imports; memory is the process's peak.
What engines find must agree: log-likelihoods to a millionth, expected purchases in all to a thousandth.

Needs the Python package in the environment (`pip install . -C build-args="--no-default-features"`), numpy, pandas, and lifetimes or
pymc-marketing for the comparison.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUMMARY = ROOT / "examples/cdnow/data/summary.csv"
YEAR = 365.0


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


def cdnow():
    import pandas as pd

    table = pd.read_csv(SUMMARY)
    table.columns = ["customer", "frequency", "recency", "T", "monetary_value"]
    return table


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
        "log_likelihood": timing.log_likelihood_,
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
        # The mean of its negative.
        "log_likelihood": -timing._negative_log_likelihood_ * len(data),
        "purchases": float(purchases.sum()),
        "value": float(value.sum()),
    }


def strata_pareto(data):
    import strata

    began = time.perf_counter()
    timing = strata.ParetoNBDModel().fit(data)
    return {"total": time.perf_counter() - began, "log_likelihood": timing.log_likelihood_}


def lifetimes_pareto(data):
    import lifetimes

    began = time.perf_counter()
    timing = lifetimes.ParetoNBDFitter().fit(data.frequency, data.recency, data["T"])
    total = time.perf_counter() - began
    return {"total": total, "log_likelihood": -timing._negative_log_likelihood_ * len(data)}


def strata_posterior(data):
    import strata

    began = time.perf_counter()
    posterior = strata.BetaGeoModel().sample_posterior(data, chains=2, draws=1000, seed=1)
    total = time.perf_counter() - began
    return {"total": total, "medians": {name: statistics.median(posterior[name]) for name in "r alpha a b".split()}}


def pymc_posterior(data):
    from pymc_marketing.clv import BetaGeoModel

    began = time.perf_counter()
    model = BetaGeoModel(data=data.rename(columns={"customer": "customer_id"}))
    model.fit(method="mcmc", chains=2, draws=1000, random_seed=1, progressbar=False)
    total = time.perf_counter() - began
    posterior = model.fit_result
    return {"total": total, "medians": {name: float(posterior[name].median()) for name in "r alpha a b".split()}}


WORK = {
    "bg": {"strata": strata_bg, "lifetimes": lifetimes_bg},
    "pareto": {"strata": strata_pareto, "lifetimes": lifetimes_pareto},
    "posterior": {"strata": strata_posterior, "pymc": pymc_posterior},
}


def one(work, engine, n):
    """A run in this process, as a line of JSON."""
    data = {"bg": lambda: customers(n), "pareto": lambda: customers(n // 10), "posterior": cdnow}[work]()
    found = WORK[work][engine](data)
    found["peak_rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))


def agree(work, found):
    (first, *others) = found.items()
    for name, other in others:
        for key, tolerance in (("log_likelihood", 1e-6), ("purchases", 1e-3), ("value", 1e-3)):
            if key in other and abs(other[key] / first[1][key] - 1) > tolerance:
                # A better optimum is no disagreement.
                if key == "log_likelihood" and first[1][key] > other[key]:
                    print(f"{work}: {name} stops at a lower likelihood, {other[key]:.2f} < {first[1][key]:.2f}")
                    continue
                sys.exit(f"{work}: {name} disagrees on {key}: {other[key]} and {first[1][key]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", default="bg,pareto,posterior")
    parser.add_argument("--engines", default="strata,lifetimes,pymc")
    parser.add_argument("--one", nargs=2, metavar=("WORK", "ENGINE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        return one(*arguments.one, arguments.customers)
    wanted = arguments.engines.split(",")
    print(f"{'':24}{'median s':>10}{'min':>9}{'max':>9}{'peak MB':>9}{'strata is':>13}")
    for work in arguments.work.split(","):
        results = {engine: [] for engine in WORK[work] if engine in wanted}
        for _ in range(arguments.rounds):
            for engine, rounds in results.items():
                command = [sys.executable, __file__, "--one", work, engine, "--customers", str(arguments.customers)]
                rounds.append(json.loads(subprocess.check_output(command).splitlines()[-1]))
        agree(work, {engine: rounds[0] for engine, rounds in results.items()})
        median = {engine: statistics.median(each["total"] for each in rounds) for engine, rounds in results.items()}
        for engine, rounds in results.items():
            times = [each["total"] for each in rounds]
            memory = max(each["peak_rss_mb"] for each in rounds)
            ratio = f"{median[engine] / median['strata']:.1f} × faster" if engine != "strata" else ""
            name = f"{work}, {engine}"
            print(f"{name:24}{median[engine]:>10.3f}{min(times):>9.3f}{max(times):>9.3f}{memory:>9.0f}{ratio:>13}")
            if "medians" in rounds[0]:
                told = ", ".join(f"{letter} {value:.3f}" for letter, value in rounds[0]["medians"].items())
                print(f"{'':24}{told}")
    return None


if __name__ == "__main__":
    main()
