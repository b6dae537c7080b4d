"""What the documentation shows is what happens."""

import re
import subprocess
import sys
from pathlib import Path

import strata
import strata.cluster
import strata.psychometrics

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "python.md").read_text()


def test_the_example_prints_what_the_page_shows() -> None:
    example = ROOT / "python" / "examples" / "clv_from_dataframe.py"
    orders = ROOT / "examples" / "cdnow" / "data" / "purchases.csv"
    done = subprocess.run([sys.executable, example, orders], check=True, capture_output=True, text=True)
    assert f"```\n{done.stdout}```" in PAGE


def test_every_class_and_function_is_on_the_page() -> None:
    for name in strata.__all__:
        if name not in ("__version__", "Clause", "Preview", "Run"):
            assert re.search(rf"\b{name}\b", PAGE), name
    for name in (*strata.cluster.__all__, *strata.psychometrics.__all__):
        assert re.search(rf"\b{name}\b", PAGE), name
