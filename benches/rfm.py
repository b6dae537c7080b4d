"""RFM scores and classes from an order log: Strata beside what a user would pick instead, in turn, as ratios.

    python3 benches/rfm.py ORDERS.parquet [--rounds 5] [--engines duckdb,polars,pandas]

ORDERS.parquet has customer_id (integer), order_id, ts (timestamp without zone) and amount. Without the file,
`--generate ROWS` writes one: gamma-distributed order rates, two years, a tenth as many customers as orders (numpy and pyarrow).
Every run is a process of its own: A B A B …. Times are work without imports or process start; memory is the process's peak.
Class sizes of all engines must be equal. Also compares 20 segments with 1.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GRID = {
    "hibernating": [(r, f) for r in (1, 2) for f in (1, 2)],
    "at_risk": [(r, f) for r in (1, 2) for f in (3, 4)],
    "cant_lose": [(r, 5) for r in (1, 2)],
    "about_to_sleep": [(3, 1), (3, 2)],
    "need_attention": [(3, 3)],
    "loyal_customers": [(r, f) for r in (3, 4) for f in (4, 5)],
    "promising": [(4, 1)],
    "new_customers": [(5, 1)],
    "potential_loyalists": [(r, f) for r in (4, 5) for f in (2, 3)],
    "champions": [(5, 4), (5, 5)],
}
CLASS_OF = {cell: name for name, cells in GRID.items() for cell in cells}


def duckdb_rfm(path):
    import duckdb

    began = time.perf_counter()
    classes = ", ".join(f"({r}, {f}, '{name}')" for (r, f), name in CLASS_OF.items())
    rows = duckdb.sql(f"""
        with customers as (
            select customer_id, max(ts) as last, count(*) as n_orders, sum(amount) as revenue
            from read_parquet('{path}') group by customer_id),
        days as (
            select *, floor(epoch((select max(last) from customers) + interval 1 day - last) / 86400)::int as days
            from customers),
        scores as (
            select ntile(5) over (order by days desc, customer_id) as r,
                   ntile(5) over (order by n_orders, customer_id) as f,
                   ntile(5) over (order by revenue, customer_id) as m
            from days)
        select class, count(*), sum(m) from scores join (values {classes}) as grid(r, f, class) using (r, f) group by 1
    """).fetchall()
    return {name: n for name, n, _ in rows}, time.perf_counter() - began


def polars_rfm(path):
    import polars as pl

    def tile(by, descending=False):
        rank = (-pl.col(by) if descending else pl.col(by)).rank("ordinal").cast(pl.Int64) - 1
        size, larger = pl.len().cast(pl.Int64) // 5, pl.len().cast(pl.Int64) % 5
        in_larger = larger * (size + 1)
        return pl.when(rank < in_larger).then(rank // (size + 1)).otherwise(larger + (rank - in_larger) // size) + 1

    began = time.perf_counter()
    grid = pl.LazyFrame(
        {"r": [r for r, _ in CLASS_OF], "f": [f for _, f in CLASS_OF], "class": list(CLASS_OF.values())},
        schema={"r": pl.Int64, "f": pl.Int64, "class": pl.String},
    )
    customers = (
        pl.scan_parquet(path)
        .group_by("customer_id")
        .agg(last=pl.col("ts").max(), n_orders=pl.len().cast(pl.Int64), revenue=pl.col("amount").sum())
        .sort("customer_id")
        .with_columns(days=(pl.col("last").max() + pl.duration(days=1) - pl.col("last")).dt.total_days())
        .with_columns(r=tile("days", True), f=tile("n_orders"), m=tile("revenue"))
    )
    frame = customers.join(grid, on=["r", "f"]).group_by("class").agg(n=pl.len(), m=pl.col("m").sum()).collect()
    return dict(zip(frame["class"], frame["n"])), time.perf_counter() - began


def pandas_rfm(path):
    import numpy as np
    import pandas as pd

    began = time.perf_counter()
    orders = pd.read_parquet(path)
    customers = orders.groupby("customer_id").agg(last=("ts", "max"), n_orders=("order_id", "count"), revenue=("amount", "sum"))
    customers["days"] = (orders.ts.max() + pd.Timedelta(days=1) - customers["last"]).dt.days

    def tile(values, descending=False):
        order = np.argsort(-values.to_numpy() if descending else values.to_numpy(), kind="stable")
        size, larger = divmod(len(order), 5)
        scores = np.empty(len(order), np.int8)
        scores[order] = np.repeat(np.arange(1, 6), [size + (part < larger) for part in range(5)])
        return scores

    r, f = tile(customers.days, True), tile(customers.n_orders)
    tile(customers.revenue)
    names = np.empty(36, object)
    for (recency, frequency), name in CLASS_OF.items():
        names[recency * 6 + frequency] = name
    classes = pd.Series(names[r.astype(int) * 6 + f]).value_counts().to_dict()
    return classes, time.perf_counter() - began


def peer(engine, path):
    classes, seconds = {"duckdb": duckdb_rfm, "polars": polars_rfm, "pandas": pandas_rfm}[engine](path)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"engine": engine, "total": seconds, "segments": classes, "peak_rss_mb": megabytes}))


def generate(rows, path):
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.default_rng(7)
    n_customers = max(rows // 10, 1)
    rates = random.gamma(0.7, 1.0, n_customers)
    customer = random.choice(n_customers, size=rows, p=rates / rates.sum())
    first = random.uniform(0, 600, n_customers)
    last = np.minimum(first + random.exponential(250, n_customers) + 1, 730)
    day = first[customer] + random.random(rows) * (last - first)[customer]
    ts = np.datetime64("2023-01-01", "us") + (day * 86_400e6).astype("timedelta64[us]")
    amount = np.round(random.lognormal(3.5, 0.6, n_customers)[customer] * random.gamma(4, 0.25, rows), 2)
    order = np.argsort(ts, kind="stable")
    table = {"customer_id": customer[order] + 1, "order_id": np.arange(1, rows + 1), "ts": ts[order], "amount": amount[order]}
    pq.write_table(pa.table(table), path, compression="zstd", row_group_size=1 << 20)


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("orders", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--engines", default="duckdb,polars,pandas")
    parser.add_argument("--generate", type=int, metavar="ROWS")
    parser.add_argument("--strata", type=Path, metavar="PROGRAM", help="the built example, where it is not to be built now")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer:
        return peer(arguments.peer, arguments.orders)
    if arguments.generate:
        generate(arguments.generate, arguments.orders)
    target = Path(os.environ.get("CARGO_TARGET_DIR", Path.home() / ".cache/strata/target"))
    program = arguments.strata or target / "release/examples/rfm"
    if not arguments.strata:
        # With the program beside it, so that both share what they are built of.
        build = ["cargo", "build", "--release", "--locked", "-p", "strata", "-p", "strata-pipeline", "--bin", "strata"]
        environment = {**os.environ, "CARGO_TARGET_DIR": str(target)}
        subprocess.run([*build, "--example", "rfm"], cwd=ROOT, check=True, env=environment)
    strata = [program, arguments.orders]
    commands = {"strata": strata, "strata, 1 segment": [*strata, "1"], "strata, 20 segments": [*strata, "20"]}
    for engine in filter(None, arguments.engines.split(",")):
        commands[engine] = [sys.executable, __file__, arguments.orders, "--peer", engine]
    results = {name: [] for name in commands}
    for _ in range(arguments.rounds + 1):
        for name, command in commands.items():
            results[name].append(run(command))
    sizes = {name: rounds[0]["segments"] for name, rounds in results.items()}
    expected = {name: n for name, n in sizes["strata"].items() if n}
    for name, found in sizes.items():
        if {each: n for each, n in found.items() if n} != expected:
            sys.exit(f"{name} disagrees:\n{found}\n{expected}")
    median = {name: statistics.median(each["total"] for each in rounds[1:]) for name, rounds in results.items()}
    print(f"{sum(expected.values()):,} customers; class sizes agree\n")
    print(f"{'':22}{'median s':>10}{'min':>8}{'max':>8}{'peak MB':>10}{'strata is':>12}")
    for name, rounds in results.items():
        times = [each["total"] for each in rounds[1:]]
        memory = max(each["peak_rss_mb"] for each in rounds)
        ratio = f"{median['strata'] / median[name]:.2f} ×"
        print(f"{name:22}{median[name]:10.3f}{min(times):8.3f}{max(times):8.3f}{memory:10.0f}{ratio:>12}")
    print(f"\n20 segments cost {median['strata, 20 segments'] / median['strata, 1 segment']:.2f} × one segment")
    return None


if __name__ == "__main__":
    main()
