#!/usr/bin/env python3
"""Times questions about segments in time: why, members, changes, overlap, and a replay over 24 monthly dates beside one over a single date.

    benches/in_time.py STRATA PROJECT [ROUNDS]

STRATA is the program, PROJECT the folder of a project that has been run (`strata demo --parquet --customers 1000000`, `strata init`,
`strata run`). Prints seconds as a whole process, the median of all rounds, peak memory, and the ratio of the two.
"""

import json
import os
import statistics
import subprocess
import sys
import time

DEFINITIONS = [
    "count(orders) filter (where in_last('90 days')) >= 2",
    "count(events) filter (where name = 'product_viewed' and in_last('30 days')) >= 1 and count(orders) >= 1",
    "days_since_last_order > 60 and count(orders) >= 2",
    "sum(orders.amount) filter (where in_last('1 year')) > 200 and country = 'DE'",
    "median(orders.amount) > 40",
]
N_DATES = 24


def months_before(instant, n):
    year, month = int(instant[:4]), int(instant[5:7])
    month0 = year * 12 + month - 1 - n
    return f"{month0 // 12:04d}-{month0 % 12 + 1:02d}-01"


def timed(command):
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"failed: {' '.join(command)}")
    return time.perf_counter() - began, usage.ru_maxrss / 1024


def ask(strata, project, query):
    """The first value that a query finds."""
    rows = json.loads(subprocess.check_output([strata, "sql", query, "--json", "-C", project]))
    return next(iter(rows[0].values()))


def questions(strata, project, last, rounds):
    """Whole processes, over somebody who is in a class whose definition looks ahead and back."""
    active = "select min(subject_id) as one from membership where segmentation = 'journey' and segment = 'active' and left_at is null"
    one = ask(strata, project, active)
    asked = [
        *(["segments", "why", name, one] for name in ("rfm", "engagement", "journey")),
        ["segments", "members", "journey/active", "--at", last],
        ["segments", "changes", "rfm/champions", "--from", months_before(last, 1)],
        ["segments", "overlap", "--json"],
    ]
    print(f"{'median':>10}{'MB':>7}  command")
    for command in asked:
        times = [timed([strata, *command, "-C", project]) for _ in range(rounds)]
        seconds = statistics.median(seconds for seconds, _ in times)
        print(f"{seconds:>9.2f}s{max(memory for _, memory in times):>7.0f}  strata {' '.join(command)}")
    print()


def main():
    strata, project = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    last = ask(strata, project, "select cast(max(as_of) as varchar) as last from run")
    questions(strata, project, last[:10], rounds)
    to = months_before(last, 0)
    print(f"{'one date':>10}{'24 dates':>10}{'ratio':>7}{'MB':>7}  definition")
    for definition in DEFINITIONS:
        base = [strata, "segments", "replay", definition, "-C", project, "--json", "--to", to, "--from"]
        ones, alls, peak = [], [], 0
        for _ in range(rounds):
            ones.append(timed([*base, to])[0])
            seconds, memory = timed([*base, months_before(last, N_DATES - 1)])
            alls.append(seconds)
            peak = max(peak, memory)
        one, many = statistics.median(ones), statistics.median(alls)
        print(f"{one:>9.2f}s{many:>9.2f}s{many / one:>7.1f}{peak:>7.0f}  {definition}")


if __name__ == "__main__":
    main()
