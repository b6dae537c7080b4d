"""How far clusters recover what kinds of customers there are, beside scikit-learn's on the same columns.

    strata demo shop --customers 4000 && strata init shop/exports project     # and a segmentation with `model = "kmeans"`
    strata run -C project
    python benches/latent_types.py STRATA project SEGMENTATION shop/truth/identifiers.csv

Needs scikit-learn and pandas. The truth says which latent type each customer is of. scikit-learn gets the same customers and columns,
each with missing values as the median and standardised, its default k-means with ten starts, and the number of clusters from 2 to 8 with
the best silhouette, as its documentation has it; and beside that the number that Strata chose.
"""

import argparse
import io
import json
import subprocess
import tomllib
from pathlib import Path

import pandas
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.preprocessing import StandardScaler


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("strata")
    parser.add_argument("project", type=Path)
    parser.add_argument("segmentation")
    parser.add_argument("truth", type=Path)
    parser.add_argument("--label", default="latent_type")
    asked = parser.parse_args()

    def ask(*arguments: str) -> str:
        command = [asked.strata, "-C", str(asked.project), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    arguments = (asked.segmentation, str(asked.truth.resolve()), "--label", asked.label, "--json")
    found = json.loads(ask("segments", "agreement", *arguments))
    n_clusters = len(found["classes"])
    print(f"Strata, {n_clusters} clusters: {found['adjusted_rand']:.3f} of {found['n_customers']} customers")

    manifest = tomllib.loads((asked.project / "strata.toml").read_text())
    features = manifest["segmentations"][asked.segmentation]["features"]
    columns = ", ".join(["customer_id", *features])
    cluster = f"{asked.segmentation}_cluster"
    query = f"select {columns} from profile join score using (customer_id) where {cluster} is not null"
    text = {"customer_id": str}
    customers = pandas.read_csv(io.StringIO(ask("sql", query, "--csv")), dtype=text).set_index("customer_id")
    points = StandardScaler().fit_transform(customers.fillna(customers.median()))
    types = labels(ask, asked.truth, asked.label).reindex(customers.index)

    def fitted(k: int) -> tuple[float, float]:
        clusters = KMeans(k, n_init=10, random_state=0).fit_predict(points)
        known = types.notna().to_numpy()
        return silhouette_score(points, clusters), adjusted_rand_score(types[known], clusters[known])

    tried = {k: fitted(k) for k in range(2, 9)}
    best = max(tried, key=lambda k: tried[k][0])
    print(f"scikit-learn, {best} clusters by silhouette: {tried[best][1]:.3f}")
    print(f"scikit-learn, {n_clusters} clusters as Strata: {tried[n_clusters][1]:.3f}")
    print("scikit-learn by number:", {k: round(index, 3) for k, (_, index) in tried.items()})


def labels(ask, truth: Path, label: str) -> pandas.Series:
    """The label of each customer: of whom one label is known."""
    rows = pandas.read_csv(truth, dtype=str)
    rows = rows[rows["note"].isna() & rows["kind"].eq("email")].dropna(subset=[label])
    rows["value"] = rows["value"].str.lower()
    query = "select customer_id, value from identity where kind = 'email'"
    known = pandas.read_csv(io.StringIO(ask("sql", query, "--csv")), dtype=str).merge(rows, on="value")
    of_customer = known.groupby("customer_id")[label].agg(["nunique", "first"])
    return of_customer.loc[of_customer["nunique"] == 1, "first"]


if __name__ == "__main__":
    main()
