"""How far topics, sentiments and a trained classifier recover what the texts of a demo shop were made of.

    strata demo shop --customers 4000 && strata init shop/exports project && strata run -C project
    python benches/feedback_topics.py STRATA project shop/truth/feedback.csv

Needs nothing but Python. The truth says of which topic and in which mood each text was written. Purity is the share of texts whose planted
topic is the most frequent one of their topic; the adjusted Rand index is 1 for the same division and about 0 for two that have nothing to
do with each other (Hubert and Arabie 1985). A text that is about none of the topics counts as if that were a topic. The classifier, which
stays in the project as `classifiers/planted.json`, learns the planted topics from every second text and sorts the others, of which only those
count that say what no text said that it learned from.
"""

import argparse
import csv
import io
import json
import subprocess
import tempfile
from collections import Counter
from math import comb
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("strata")
    parser.add_argument("project", type=Path)
    parser.add_argument("truth", type=Path)
    asked = parser.parse_args()

    def ask(*arguments: str) -> str:
        command = [asked.strata, "-C", str(asked.project), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    with asked.truth.open(newline="") as file:
        planted = {row["feedback_id"]: row for row in csv.DictReader(file)}
    found = json.loads(ask("text", "topics", "--json", "--texts"))
    texts = [text for text in found["texts"] if text["feedback_id"] in planted]
    topics = [planted[text["feedback_id"]]["topic"] for text in texts]
    labels = [text["topic"] for text in texts]
    print(f"{len(texts)} texts of {len(set(topics))} planted topics, {len(found['topics'])} found")
    print(f"topics: purity {purity(labels, topics):.3f}, adjusted Rand index {adjusted_rand(labels, topics):.3f}")
    for place, topic in enumerate(found["topics"]):
        of_topic = Counter(planted for label, planted in zip(labels, topics, strict=True) if label == place)
        hurts = " hurts," if topic["pain"] else ""
        print(f"  {topic['n_texts']} texts,{hurts} {dict(of_topic.most_common(2))}: {', '.join(topic['words'][:4])}")

    felt: dict[str, list[float]] = {"positive": [], "neutral": [], "negative": []}
    for text in texts:
        if text["sentiment"] is not None:
            felt[planted[text["feedback_id"]]["mood"]].append(text["sentiment"])
    n_right = sum(felt_ > 0 for felt_ in felt["positive"]) + sum(felt_ < 0 for felt_ in felt["negative"])
    n_moody = len(felt["positive"]) + len(felt["negative"])
    means = ", ".join(f"{mood} {sum(values) / len(values):+.2f}" for mood, values in felt.items() if values)
    n_felt = sum(map(len, felt.values()))
    print(f"sentiment of {n_felt}: {n_right / n_moody:.3f} of {n_moody} good and bad ones on their side; means {means}")

    classify(ask, planted)


def classify(ask, planted: dict[str, dict[str, str]]) -> None:
    rows = csv.DictReader(io.StringIO(ask("sql", "select feedback_id, text from feedback order by feedback_id", "--csv")))
    known = [row for row in rows if row["feedback_id"] in planted and row["text"].strip()]
    learned, others = known[::2], known[1::2]
    with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "topic"])
        writer.writerows([row["text"], planted[row["feedback_id"]]["topic"]] for row in learned)
        file.flush()
        told = ("text", "train", file.name, "--text", "text", "--label", "topic", "--name", "planted", "--json")
        validation = json.loads(ask(*told))["validation"]
    low, high = validation["interval"]
    print(
        f"classifier: {validation['n_texts']} different texts, {validation['accuracy']:.3f} right when validated ({low:.3f} to {high:.3f}), "
        f"always the most frequent {validation['majority']:.3f}"
    )
    labels = {text["feedback_id"]: text["label"] for text in json.loads(ask("text", "classify", "planted", "--json", "--texts"))["texts"]}
    said = {row["text"].strip() for row in learned}
    new = [row["feedback_id"] for row in others if row["text"].strip() not in said]
    sure = [id for id in new if labels[id] is not None]
    n_right = sum(labels[id] == planted[id]["topic"] for id in sure)
    print(f"  of {len(new)} texts that say something new it sorts {len(sure)}, {n_right / max(len(sure), 1):.3f} of them rightly")


def purity(labels: list, truth: list) -> float:
    groups: dict = {}
    for label, planted in zip(labels, truth, strict=True):
        groups.setdefault(label, Counter())[planted] += 1
    return sum(group.most_common(1)[0][1] for group in groups.values()) / len(labels)


def adjusted_rand(labels: list, truth: list) -> float:
    pairs = sum(comb(n, 2) for n in Counter(zip(labels, truth, strict=True)).values())
    of_labels, of_truth = (sum(comb(n, 2) for n in Counter(side).values()) for side in (labels, truth))
    by_chance = of_labels * of_truth / comb(len(labels), 2)
    return (pairs - by_chance) / ((of_labels + of_truth) / 2 - by_chance)


if __name__ == "__main__":
    main()
