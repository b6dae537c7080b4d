"""Traits and segments of an event log: Strata beside what a user would pick instead, in turn, as ratios.

    python3 benches/audience.py EVENTS.parquet [--rounds 5] [--engines duckdb,duckdb2,polars,polars2]

EVENTS.parquet has customer_id (integer), type (a text of ten, as a dictionary), ts (timestamp without zone) and value. Without the
file, `--generate ROWS` writes one: gamma-distributed event rates, half a year, a twentieth as many customers as events (numpy and
pyarrow). For each type there are three traits: how many events in 7 days, their value in 30 days, and the days since the last
within 90. Twenty segments speak of these. Strata is given a project with these definitions in its own language.

duckdb and polars group once, with filtered aggregates; duckdb2 and polars2 group by customer and type first, which is quicker.
Every run is a process of its own: A B A B …. Times are work without imports or process start; memory is the process's peak.
Segment sizes of all engines must be equal. Also compares 500 segments with 20: further thresholds, and 30 figures more.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
AS_OF = "2025-01-01"
NOW = f"timestamp '{AS_OF} 00:00:00'"
TYPES = [
    "page_view", "search", "product_view", "add_to_cart", "remove_from_cart",
    "checkout", "purchase", "email_open", "email_click", "support",
]  # fmt: skip
# Thresholds of sums lie between cents: a sum's last digits depend on the order in which it is taken.
SEGMENTS = {
    "active_7d": "c_page_view > 0",
    "heavy_viewers": "c_page_view >= 5",
    "searchers": "c_search > 0",
    "product_fans": "c_product_view >= 3",
    "cart_abandon": "c_add_to_cart > 0 and c_purchase = 0",
    "remove_cart": "c_remove_from_cart > 0",
    "checkout_started": "c_checkout > 0",
    "buyers_7d": "c_purchase > 0",
    "spenders_30d": "s_purchase >= 49.995",
    "big_spenders_30d": "s_purchase >= 149.995",
    "email_readers": "l_email_open <= 30",
    "email_clickers": "l_email_click <= 30",
    "lapsing": "l_page_view > 30 and l_page_view <= 90",
    "no_purchase_90d": "l_purchase is null",
    "support_recent": "l_support <= 14",
    "support_and_cart": "l_support <= 30 and c_add_to_cart > 0",
    "engaged_no_buy": "s_page_view >= 99.995 and l_purchase is null",
    "recent_buyer_silent": "l_purchase <= 30 and c_page_view = 0",
    "vip_risk": "s_purchase >= 99.995 and c_page_view = 0",
    "win_back": "l_purchase > 60 and l_email_open <= 14",
}


def project(n_segments):
    """The definitions as a project in the language of Strata."""
    lines = ["[project]", 'title = "Audience"']
    lines += ["[sources.log]", 'path = "events.parquet"', "[sources.log.events.columns]"]
    lines += ['customer_id = "customer_id"', 'occurred_at = "ts"', 'name = "type"', 'value = "value"']
    for name in TYPES:
        within = f"filter (where name = '{name}' and in_last('%d days'))"
        for trait, value in {
            f"c_{name}": f"count(events) {within % 7}",
            f"s_{name}": f"sum(events.value) {within % 30}",
            f"l_{name}": f"days_since(max(events.occurred_at) {within % 90})",
        }.items():
            lines += [f"[traits.{trait}]", f'title = "{trait}"', 'layer = "behavioural"', f'value = "{value}"']
    conditions = dict(list(SEGMENTS.items())[:n_segments])
    for number in range(len(conditions), n_segments):
        name, other = TYPES[number % 10], TYPES[number // 10 % 10]
        days, least = (14, 60, 120)[number % 3], number // 20
        conditions[f"segment_{number}"] = (
            f"s_{name} >= {least} and l_{other} <= {90 - least}",
            f"c_{name} >= {least % 5 + 1} and s_{other} < {10 * least}",
            f"count(events) filter (where name = '{name}' and in_last('{days} days')) >= {least}",
            f"l_{name} between {least} and {least + 30} or c_{other} > {least % 7}",
        )[number // 7 % 4]
    for name, condition in conditions.items():
        lines += [f"[segments.{name}]", f'title = "{name}"', f'where = "{condition}"']
    return "\n".join(lines) + "\n"


def duckdb_audience(path, two_steps=False):
    import duckdb

    began = time.perf_counter()
    connection = duckdb.connect()
    ago = lambda days: f"ts >= {NOW} - interval {days} day"
    days_since = f"cast(floor(epoch({NOW} - %s) / 86400) as integer)"
    traits = []
    for name in TYPES:
        if two_steps:
            traits += [
                f"coalesce(max(c) filter (type = '{name}'), 0) as c_{name}",
                f"coalesce(max(s) filter (type = '{name}'), 0) as s_{name}",
                days_since % f"max(l) filter (type = '{name}')" + f" as l_{name}",
            ]
        else:
            traits += [
                f"count(*) filter (type = '{name}' and {ago(7)})::integer as c_{name}",
                f"coalesce(sum(value) filter (type = '{name}' and {ago(30)}), 0) as s_{name}",
                days_since % f"max(ts) filter (type = '{name}' and {ago(90)})" + f" as l_{name}",
            ]
    source = f"read_parquet('{path}')"
    if two_steps:
        source = f"""(
            select customer_id, type, count(*) filter ({ago(7)})::integer as c,
                coalesce(sum(value) filter ({ago(30)}), 0) as s, max(ts) filter ({ago(90)}) as l
            from {source} group by 1, 2)"""
    segments = ", ".join(f"coalesce({condition}, false) as {name}" for name, condition in SEGMENTS.items())
    connection.execute(f"""
        create temp table audience as
        with traits as (select customer_id, {", ".join(traits)} from {source} group by customer_id)
        select *, {segments} from traits""")
    sizes = ", ".join(f"sum({name}::integer)::bigint" for name in SEGMENTS)
    row = connection.execute(f"select count(*), {sizes}, sum(s_purchase) from audience").fetchone()
    return row[0], dict(zip(SEGMENTS, row[1:-1])), row[-1], time.perf_counter() - began


def polars_audience(path, two_steps=False):
    from datetime import datetime, timedelta

    import polars as pl

    began = time.perf_counter()
    now = datetime.fromisoformat(AS_OF)
    log, ts = pl.scan_parquet(path), pl.col("ts")
    in_7, in_30, in_90 = [ts >= now - timedelta(days=days) for days in (7, 30, 90)]
    is_type = {name: pl.col("type") == name for name in TYPES}
    value_if = lambda condition: pl.when(condition).then(pl.col("value")).otherwise(0.0).sum()
    traits = []
    if two_steps:
        log = log.group_by("customer_id", "type").agg(c=in_7.sum(), s=value_if(in_30), l=pl.when(in_90).then(ts).max())
        for name, this in is_type.items():
            traits += [
                pl.when(this).then(pl.col("c")).otherwise(0).max().alias(f"c_{name}"),
                pl.when(this).then(pl.col("s")).otherwise(0.0).sum().alias(f"s_{name}"),
                pl.when(this).then(pl.col("l")).max().alias(f"l_{name}"),
            ]
    else:
        for name, this in is_type.items():
            traits += [
                (this & in_7).sum().alias(f"c_{name}"),
                value_if(this & in_30).alias(f"s_{name}"),
                pl.when(this & in_90).then(ts).max().alias(f"l_{name}"),
            ]
    frame = (
        log.group_by("customer_id")
        .agg(traits)
        .with_columns([(pl.lit(now) - pl.col(f"l_{name}")).dt.total_days().alias(f"l_{name}") for name in TYPES])
        .with_columns([pl.sql_expr(f"coalesce({condition}, false)").alias(name) for name, condition in SEGMENTS.items()])
        .collect(engine="streaming")
    )
    row = frame.select([pl.col(name).sum() for name in SEGMENTS] + [pl.col("s_purchase").sum()]).row(0)
    return frame.height, dict(zip(SEGMENTS, row[:-1])), row[-1], time.perf_counter() - began


PEERS = {
    "duckdb": duckdb_audience,
    "duckdb2": lambda path: duckdb_audience(path, two_steps=True),
    "polars": polars_audience,
    "polars2": lambda path: polars_audience(path, two_steps=True),
}


def peer(engine, path):
    customers, sizes, spent, seconds = PEERS[engine](path)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {"customers": customers, "sizes": sizes, "spent": spent, "total": seconds, "peak_rss_mb": megabytes}
    print(json.dumps({"engine": engine, **figures}))


def generate(rows, path):
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.default_rng(11)
    n_customers = max(rows // 20, 1)
    rates = random.gamma(0.6, 1.0, n_customers)
    customer = random.choice(n_customers, size=rows, p=rates / rates.sum())
    shares = [0.40, 0.10, 0.20, 0.08, 0.03, 0.03, 0.02, 0.09, 0.03, 0.02]
    kind = random.choice(len(TYPES), size=rows, p=shares).astype(np.int8)
    first = random.uniform(0, 150, n_customers)
    last = np.minimum(first + random.exponential(80, n_customers) + 1, 180)
    day = first[customer] + random.random(rows) * (last - first)[customer]
    ts = np.datetime64(AS_OF, "us") - np.timedelta64(180, "D") + (day * 86_400e6).astype("timedelta64[us]")
    bought = np.round(random.lognormal(3.5, 0.7, rows), 2)
    value = np.where(kind == TYPES.index("purchase"), bought, np.round(random.exponential(10, rows), 2))
    order = np.argsort(ts, kind="stable")
    names = pa.DictionaryArray.from_arrays(pa.array(kind[order]), pa.array(TYPES))
    table = {"customer_id": customer[order] + 1, "type": names, "ts": ts[order], "value": value[order]}
    pq.write_table(pa.table(table), path, compression="zstd", row_group_size=1 << 20)


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def disagreement(found, expected):
    """What one engine says otherwise than another, of the segments that both have; sums differ in their last digits."""
    if found["customers"] != expected["customers"] or abs(found["spent"] / expected["spent"] - 1) > 1e-9:
        return [(each["customers"], each["spent"]) for each in (found, expected)]
    return {name: (found["sizes"][name], expected["sizes"][name]) for name in SEGMENTS if found["sizes"][name] != expected["sizes"][name]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("events", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--engines", default=",".join(PEERS))
    parser.add_argument("--generate", type=int, metavar="ROWS")
    parser.add_argument("--strata", type=Path, metavar="PROGRAM", help="the built example, where it is not to be built now")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer:
        return peer(arguments.peer, arguments.events)
    if arguments.generate:
        generate(arguments.generate, arguments.events)
    target = Path(os.environ.get("CARGO_TARGET_DIR", Path.home() / ".cache/strata/target"))
    program = arguments.strata or target / "release/examples/audience"
    if not arguments.strata:
        # With the program beside it, so that both share what they are built of.
        build = ["cargo", "build", "--release", "--locked", "-p", "strata", "-p", "strata-pipeline", "--bin", "strata"]
        environment = {**os.environ, "CARGO_TARGET_DIR": str(target)}
        subprocess.run([*build, "--example", "audience"], cwd=ROOT, check=True, env=environment)
    commands = {}
    with tempfile.TemporaryDirectory() as folder:
        for n_segments in (len(SEGMENTS), 500):
            of = Path(folder) / str(n_segments)
            of.mkdir()
            (of / "strata.toml").write_text(project(n_segments))
            name = "strata" if n_segments == len(SEGMENTS) else f"strata, {n_segments} segments"
            commands[name] = [program, of, arguments.events, AS_OF]
        for engine in filter(None, arguments.engines.split(",")):
            commands[engine] = [sys.executable, __file__, arguments.events, "--peer", engine]
        results = {name: [] for name in commands}
        for _ in range(arguments.rounds + 1):
            for name, command in commands.items():
                results[name].append(run(command))
    expected = results["strata"][0]
    for name, rounds in results.items():
        if differing := disagreement(rounds[0], expected):
            sys.exit(f"{name} disagrees with strata: {differing}")
    median = {name: statistics.median(each["total"] for each in rounds[1:]) for name, rounds in results.items()}
    print(f"{expected['customers']:,} customers; segment sizes agree\n")
    print(f"{'':22}{'median s':>10}{'min':>8}{'max':>8}{'peak MB':>10}{'strata is':>12}")
    for name, rounds in results.items():
        times = [each["total"] for each in rounds[1:]]
        memory = max(each["peak_rss_mb"] for each in rounds)
        ratio = f"{median['strata'] / median[name]:.2f} ×"
        print(f"{name:22}{median[name]:10.3f}{min(times):8.3f}{max(times):8.3f}{memory:10.0f}{ratio:>12}")
    print(f"\n500 segments cost {median['strata, 500 segments'] / median['strata']:.2f} × twenty")
    return None


if __name__ == "__main__":
    main()
