"""How often a type that a few answers told is the one that a demo shop's customer was made with.

    strata demo shop --customers 4000 && strata init shop/exports project && strata run -C project
    python benches/typed_states.py STRATA project shop/truth

Needs nothing but Python. The truth has each person's attitudes, from which the answers were drawn with noise; no type is in it. So the types
are held against the attitudes: the line between the means of the measured, of two types, says on which side a person lies. Types of the
measured are not all on their side either, since the answers are noisy; of the typed no more can be asked.
"""

import argparse
import csv
import io
import subprocess
from collections import defaultdict
from pathlib import Path
from statistics import fmean

ATTITUDES = ["price_consciousness", "quality_orientation", "brand_loyalty", "innovativeness"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("strata")
    parser.add_argument("project", type=Path)
    parser.add_argument("truth", type=Path)
    parser.add_argument("--segmentation", default="mindset")
    asked = parser.parse_args()

    def rows(query: str) -> list[dict[str, str]]:
        command = [asked.strata, "-C", str(asked.project), "sql", "--csv", query]
        return list(csv.DictReader(io.StringIO(subprocess.run(command, check=True, capture_output=True, text=True).stdout)))

    persons = persons_of(rows("select kind, value, customer_id from identity"), read(asked.truth / "identifiers.csv"))
    attitudes = {row["person_id"]: [float(row[name]) for name in ATTITUDES] for row in read(asked.truth / "people.csv")}
    states = rows(
        "select customer_id, state, segment, probability from psychometric_state "
        f"where state in ('measured', 'typed') and segmentation = '{asked.segmentation}' order by 1"
    )
    known = [(row, attitudes[persons[row["customer_id"]]]) for row in states if row["customer_id"] in persons]
    measured = defaultdict(list)
    for row, of in known:
        if row["state"] == "measured":
            measured[row["segment"]].append(of)
    if len(measured) != 2:
        raise SystemExit(f"{asked.segmentation} has {len(measured)} types, and it takes two to lie on either side of a line")
    (one, other), means = sorted(measured), {name: [fmean(column) for column in zip(*of)] for name, of in measured.items()}
    towards = [a - b for a, b in zip(means[one], means[other])]
    middle = [(a + b) / 2 for a, b in zip(means[one], means[other])]

    def side(of: list[float]) -> str:
        return one if sum((a - m) * t for a, m, t in zip(of, middle, towards)) > 0 else other

    for state in ("measured", "typed"):
        own = [(row, of) for row, of in known if row["state"] == state]
        n_right = sum(side(of) == row["segment"] for row, of in own)
        said = fmean(float(row["probability"]) for row, _ in own) if own else float("nan")
        print(f"{state}: {len(own)} customers, {n_right / max(len(own), 1):.3f} on the side of their type; probability said {said:.3f}")


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def persons_of(identity: list[dict[str, str]], truth: list[dict[str, str]]) -> dict[str, str]:
    """The person behind each customer, where there is one and no other."""
    customers = defaultdict(set)
    for row in identity:
        customers[row["kind"], row["value"]].add(row["customer_id"])
    persons = defaultdict(set)
    for row in truth:
        for customer in customers[row["kind"], row["value"]]:
            persons[customer].add(row["person_id"])
    return {customer: next(iter(of)) for customer, of in persons.items() if len(of) == 1}


if __name__ == "__main__":
    main()
