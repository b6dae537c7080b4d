"""Scales against psych and careless of R, Kano's table and hand cases, and what is no answer."""

import math
import re
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import numpy
import pandas
import polars
import pyarrow
import pytest

import strata
from strata import psychometrics

NAN = math.nan
FOUR = {
    "q1": [5, 1, 4, 2],
    "q2": [4, 2, None, 1],
    "q3": [1, 5, None, 5],
}
PRICE = {"price": ["q1", "q2", "-q3"]}
LIBRARIES = [dict, pandas.DataFrame, polars.DataFrame, pyarrow.table]

# psych 2.2.9: α pairwise and listwise with n, standardised α, mean r, standard error, ω of minimum residuals (standardised, pairwise) and
# ω of the greatest likelihood (listwise, in units of the answers).
BFI = {
    "A": [0.703018, 0.703756, 2709, 0.713029, 0.331968, 0.008952, 0.723211, 0.712129],
    "C": [0.726735, 0.729277, 2707, 0.730073, 0.351045, 0.008117, 0.731204, 0.733022],
    "E": [0.761733, 0.760933, 2713, 0.761795, 0.390100, 0.007027, 0.763981, 0.767334],
    "N": [0.813963, 0.813303, 2694, 0.814675, 0.467854, 0.005607, 0.818808, 0.812845],
    "O": [0.600173, 0.602546, 2726, 0.607268, 0.236206, 0.011859, 0.617117, 0.610374],
}
REVERSED = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]


def shared(file: str) -> pandas.DataFrame:
    """A file of the data that is kept beside the repository, in any folder above."""
    for folder in Path(__file__).parents:
        path = folder / "shared" / "data" / "psychometrics" / file
        if path.is_file():
            return pandas.read_csv(path)
    pytest.skip(f"{file} is not there")


def scale(name: str) -> list[str]:
    return [f"-{item}" if item in REVERSED else item for item in (f"{name}{place}" for place in range(1, 6))]


@pytest.fixture(scope="module")
def bfi() -> pandas.DataFrame:
    return shared("bfi.csv")


@pytest.mark.parametrize("name", BFI)
def test_bfi_scales_are_as_reliable_as_in_psych(bfi: pandas.DataFrame, name: str) -> None:
    by_pairs = psychometrics.alpha(bfi, scale(name), response=(1, 6))
    of_complete = psychometrics.alpha(bfi, scale(name), missing="listwise")
    found = [
        by_pairs.alpha,
        of_complete.alpha,
        of_complete.n,
        by_pairs.std_alpha,
        by_pairs.average_r,
        by_pairs.standard_error,
        psychometrics.omega(bfi, scale(name)).std_total,
        psychometrics.omega(bfi, scale(name), method="ml", missing="listwise").total,
    ]
    assert found == pytest.approx(BFI[name], abs=1e-6)


def test_bfi_items_of_agreeableness_are_those_of_psych(bfi: pandas.DataFrame) -> None:
    found = psychometrics.alpha(bfi, scale("A"), ordinal=True)
    assert found.item_rest == pytest.approx(
        {"A1": 0.308418, "A2": 0.563615, "A3": 0.587005, "A4": 0.394444, "A5": 0.488565}, abs=1e-6
    )
    # R stops its search for a correlation at 10⁻⁴.
    assert found.ordinal_alpha == pytest.approx(0.758992, abs=5e-5)
    assert psychometrics.alpha(bfi, ["A1", "A2", "A3", "A4", "A5"]).item_rest["A1"] < -0.3


def test_bfi_has_as_many_factors_as_in_psych(bfi: pandas.DataFrame) -> None:
    items = [item for name in BFI for item in scale(name)]
    found = psychometrics.parallel_analysis(bfi, items, n_shuffles=40, random_state=1)
    assert (found.n_factors, found.n_components) == (6, 5)
    expected = [5.134311, 2.751887, 2.142702, 1.852328, 1.548163, 1.073582]
    assert found.eigenvalues.to_pydict()["components"][:6] == pytest.approx(expected, abs=1e-6)


def test_bfi_openness_is_good_for_means_of_segments_only(bfi: pandas.DataFrame) -> None:
    assert {name: psychometrics.judge(bfi, scale(name)).use for name in BFI} == {
        **dict.fromkeys("ACEN", "usable"),
        "O": "segment_means_only",
    }


def test_bfi_indices_are_those_of_careless(bfi: pandas.DataFrame) -> None:
    scales = {name: scale(name) for name in BFI}
    complete = bfi[[item.strip("-") for items in scales.values() for item in items]].dropna()
    found = psychometrics.careless(complete, scales, response=(1, 6))
    table = found.respondents
    assert len(table) == 2436 and (table.index == complete.index).all()
    assert table["distance"].mean() == pytest.approx(24.9897, abs=5e-5)
    assert table["distance"].max() == pytest.approx(106.2805, abs=5e-5)
    assert table["even_odd"].mean() == pytest.approx(0.679979, abs=1e-6)
    assert (table["even_odd"] < 0).sum() == 183
    assert (table["variability"] == 0).sum() == 4
    assert (table["long_string_share"] == 1).sum() == 4
    assert found.n_excluded == table["is_excluded"].sum() and 0.005 < table["is_excluded"].mean() < 0.05
    assert (table["signs"][table["is_excluded"]].map(len) >= 2).all()


def test_thurstone_nine_have_the_general_factor_of_psych() -> None:
    lower = [
        [0.828],
        [0.776, 0.779],
        [0.439, 0.493, 0.46],
        [0.432, 0.464, 0.425, 0.674],
        [0.447, 0.489, 0.443, 0.59, 0.541],
        [0.447, 0.432, 0.401, 0.381, 0.402, 0.288],
        [0.541, 0.537, 0.534, 0.35, 0.367, 0.32, 0.555],
        [0.38, 0.358, 0.359, 0.424, 0.446, 0.325, 0.598, 0.452],
    ]
    r = numpy.eye(9)
    for row, values in enumerate(lower, start=1):
        r[row, :row] = r[:row, row] = values
    # Answers whose correlations are these: whitened noise, coloured by the root of the matrix.
    noise = numpy.random.default_rng(1).normal(size=(213, 9))
    noise -= noise.mean(axis=0)
    white = noise @ numpy.linalg.inv(numpy.linalg.cholesky(numpy.cov(noise.T))).T
    answers = white @ numpy.linalg.cholesky(r).T
    data = {f"t{item}": answers[:, item] for item in range(9)}
    found = psychometrics.omega(data)
    assert found.hierarchical == pytest.approx(0.736070, abs=1e-4)
    assert found.hierarchical_total == pytest.approx(0.930825, abs=1e-4)
    assert found.general is not None and found.groups is not None
    assert list(found.general) == list(found.groups) == list(data) and len(found.groups["t0"]) == 3
    assert psychometrics.alpha(data).alpha == pytest.approx(0.891458, abs=1e-6)


@pytest.mark.parametrize("make", LIBRARIES)
def test_a_score_is_the_mean_of_keyed_answers(make: Any) -> None:
    data = make({**FOUR, "q4": [4, 2, None, 1]})
    found = psychometrics.score(data, {**PRICE, "one": ["q4"]}, response=(1, 5))
    assert type(found) is (strata.Table if make is dict else type(data))
    scores = strata.Table(found).to_pydict()
    assert scores["price"] == pytest.approx([14 / 3, 4 / 3, NAN, 4 / 3], nan_ok=True)
    assert scores["one"] == pytest.approx([4, 2, NAN, 1], nan_ok=True)
    lenient = psychometrics.score(data, PRICE, response=(1, 5), min_answered=0.3)
    assert strata.Table(lenient).to_pydict()["price"][2] == 4


def test_a_missing_score_is_a_null() -> None:
    found = psychometrics.score(polars.DataFrame(FOUR), PRICE, response=(1, 5))
    assert found["price"].null_count() == 1


def test_pandas_keeps_its_index() -> None:
    frame = pandas.DataFrame(FOUR, index=["ann", "bob", "cyd", "dan"])
    assert psychometrics.score(frame, PRICE, response=(1, 5)).loc["bob", "price"] == pytest.approx(4 / 3)
    assert psychometrics.careless(frame, PRICE, response=(1, 5)).respondents.index.tolist() == frame.index.tolist()


def test_both_ways_to_tell_a_scale_say_the_same() -> None:
    ways: list[psychometrics.Scale] = [
        ["q1", "q2", "-q3"],
        {"items": ["q1", "q2"], "reversed": ["q3"]},
        {"items": ["q1", "q2", "q3"], "reversed": ["q3"]},
    ]
    first, *others = (psychometrics.alpha(FOUR, way) for way in ways)
    assert all(other == first for other in others)
    minus = {"-a": [1, 2], "b": [2, 1]}
    scales = {"s": {"items": ["-a"], "reversed": ["b"]}}
    assert psychometrics.score(minus, scales, response=(1, 2)).to_pydict() == {"s": [1, 2]}


def test_ipsatised_scores_are_centred_on_the_person() -> None:
    found = psychometrics.score(
        {"a": [5, 3], "b": [3, 3], "c": [1, 3]}, {"x": ["a", "b"], "y": ["c"]}, response=(1, 5), ipsatised=True
    )
    assert found.to_pydict() == {"x": [1, 0], "y": [-2, 0], "person_mean": [3, 3]}


def test_alpha_of_the_hand_case() -> None:
    """Variances 5/3 each and covariances 4/3, 5/3 and 4/3: the sum has 41/3, so that α is 3/2 (1 − 15/41)."""
    answers = {"a": [1, 2, 3, 4], "b": [1, 3, 2, 4], "c": [4, 3, 2, 1]}
    found = psychometrics.alpha(answers, ["a", "b", "-c"], missing="listwise")
    assert found.alpha == pytest.approx(1.5 * (1 - 15 / 41))
    assert found.std_alpha == pytest.approx(3 * found.average_r / (1 + 2 * found.average_r))
    assert found.average_r == pytest.approx((0.8 + 1 + 0.8) / 3)
    assert found.alpha_if_deleted == pytest.approx({"a": 16 / 18, "b": 1, "c": 16 / 18})
    assert found.spearman_brown is None and found.is_ordinal_due and found.notes == ()
    with pytest.raises(FrozenInstanceError):
        found.alpha = 1.0  # type: ignore[misc]


def test_two_items_have_a_spearman_brown_coefficient() -> None:
    found = psychometrics.alpha({"a": [1, 2, 3, 4], "b": [1, 3, 2, 4]})
    assert found.spearman_brown == pytest.approx(1.6 / 1.8)
    assert found.alpha_if_deleted == {"a": None, "b": None}


def test_the_range_of_answers_does_not_change_alpha() -> None:
    open_range = psychometrics.alpha(FOUR, PRICE["price"])
    limited = psychometrics.alpha(FOUR, PRICE["price"], response=(0, 9))
    assert limited.alpha == pytest.approx(open_range.alpha) and limited.item_rest == pytest.approx(open_range.item_rest)


def test_omega_of_few_items_says_why_there_is_no_general_factor() -> None:
    chance = numpy.random.default_rng(1)
    trait = chance.normal(size=200)
    found = psychometrics.omega({f"q{item}": trait + chance.normal(size=200) for item in range(4)})
    assert found.total is not None and 0.7 < found.total < 0.9
    assert found.hierarchical is None and "needs at least 9 items" in found.notes[0]


def test_the_verdict_on_a_scale_has_its_reasons() -> None:
    found = psychometrics.judge(FOUR, PRICE["price"])
    assert found.use == "dropped"
    assert "Only 3 clean respondents" in found.reasons[0] and str(found).startswith("dropped\n- Only 3")


@pytest.mark.parametrize("make", LIBRARIES)
def test_careless_answers_are_told_by_their_signs(make: Any) -> None:
    chance = numpy.random.default_rng(1)
    answers = {f"q{item}": chance.integers(1, 6, 40).tolist() for item in range(6)}
    answers = {name: [3, *values[1:]] for name, values in answers.items()}
    told = [False] * 39 + [True]
    data = make({**answers, "check": [2] * 5 + [4, None] + [2] * 33, "skip": told, "time": [60.0] * 39 + [6.0]})
    scales = {"s": [*list(answers)[:5], "-q5"]}
    found = psychometrics.careless(
        data, scales, response=(1, 5), instructed={"check": 2}, said_not_to_use="skip", seconds="time"
    )
    assert type(found.respondents) is (strata.Table if make is dict else type(data))
    rows = found.respondents.to_dict("list") if make is pandas.DataFrame else strata.Table(found.respondents).to_pydict()
    assert "6 equal answers in a row of 6" in rows["signs"][0] and "answers hardly vary (0.0 % of the range)" in rows["signs"][0]
    assert rows["signs"][5][0] == "instructed item `check` was answered otherwise" and rows["is_excluded"][5]
    # Not to answer an instructed item is no sign.
    assert not any("instructed" in sign for sign in rows["signs"][6])
    assert {"the respondent said not to use the answers", "1.0 seconds an item, below 2"} <= set(rows["signs"][39])
    assert rows["is_excluded"][39] and rows["seconds_per_item"][39] == 1.0
    assert rows["long_string_share"][0] == 1 and rows["variability"][0] == 0
    assert found.n_excluded == sum(rows["is_excluded"]) and any("even-odd" in note for note in found.notes)
    assert repr(found) == f"<strata.psychometrics.Screening {found.n_excluded} of 40 excluded>"


def test_blocks_of_items_have_ranges_of_their_own() -> None:
    answers = {"a": [1, 2, 7, 4], "b": [7, 6, 1, 4], "c": [2, 2, 1, 1], "d": [1, 2, 1, 2]}
    blocks = [{"x": ["a", "-b"]}, {"y": ["c", "d"]}]
    found = psychometrics.careless(answers, blocks, response=[(1, 7), (1, 2)]).respondents.to_pydict()
    # Of four items only those of the first block have a reversed one among them.
    assert found["long_string_share"] == [0.5, 0.5, 0.5, 1]
    assert found["variability"][0] == pytest.approx((math.sqrt(18) / 6 + math.sqrt(0.5) / 1) / 2)
    with pytest.raises(strata.InvalidInputError, match="item `a`: 7 is outside of 1 to 2"):
        psychometrics.careless(answers, blocks, response=[(1, 2), (1, 2)])


def test_columns_may_have_numbers_for_names() -> None:
    frame = pandas.DataFrame(numpy.array([[1, 1, 4], [2, 3, 3], [3, 2, 2], [4, 4, 1]]))
    found = psychometrics.alpha(frame, {"items": [0, 1], "reversed": [2]})
    assert found.alpha == pytest.approx(1.5 * (1 - 15 / 41)) and list(found.item_rest) == ["0", "1", "2"]


@pytest.mark.parametrize("make", LIBRARIES)
def test_kano_categories_are_those_of_the_evaluation_table(make: Any) -> None:
    table = ["QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ"]
    words = {
        "M": "must_be", "O": "one_dimensional", "A": "attractive", "I": "indifferent", "R": "reverse", "Q": "questionable",
    }  # fmt: skip
    pairs = [(with_it, without) for with_it in range(1, 6) for without in range(1, 6)]
    data = make({f"{side}{at}": [pair[side]] for at, pair in enumerate(pairs) for side in (0, 1)})
    found = psychometrics.kano(data, {str(at): (f"0{at}", f"1{at}") for at in range(25)})
    for at, (with_it, without) in enumerate(pairs):
        assert found[str(at)].category == words[table[with_it - 1][without - 1]]
        assert found[str(at)].n == 1 and not found[str(at)].is_enough


def test_kano_coefficients_of_the_hand_case() -> None:
    answers = [(1, 3)] * 40 + [(1, 5)] * 25 + [(3, 5)] * 20 + [(3, 3)] * 15 + [(None, 1), (1, None)]
    data = pandas.DataFrame(answers, columns=["with", "without"], dtype="Int64")
    found = psychometrics.kano(data, {"delivery": ("with", "without")})["delivery"]
    assert found.counts == {
        "must_be": 20, "one_dimensional": 25, "attractive": 40, "indifferent": 15, "reverse": 0, "questionable": 0,
    }  # fmt: skip
    assert (found.satisfaction, found.dissatisfaction) == (0.65, -0.45)
    assert (found.category, found.strength, found.n) == ("attractive", 0.15, 100)
    assert found.is_enough and not found.is_bad_question and found.questionable_share == 0


def test_kano_of_nobody_says_nothing() -> None:
    found = psychometrics.kano({"a": [None, NAN], "b": [1, 2]}, {"f": ("a", "b")})["f"]
    assert (found.n, found.category, found.satisfaction, found.dissatisfaction) == (0, None, None, None)


@pytest.mark.parametrize("make", LIBRARIES)
def test_best_worst_scores_of_the_hand_case(make: Any) -> None:
    sets = [["a", "b"], ["b", "c"], ["c", "a"]]
    data = make(
        {
            "b1": ["a", "a", "a"], "w1": ["b", "b", "b"], "b2": ["c", "b", None],
            "w2": ["b", "c", None], "b3": ["a", "c", "a"], "w3": ["c", "a", "c"],
        }
    )  # fmt: skip
    found = psychometrics.best_worst(data, sets, ["b1", "b2", "b3"], ["w1", "w2", "w3"])
    rows = strata.Table(found).to_pydict()
    assert [rows[name][0] for name in "abc"] == [1, -1, 0]
    assert [rows[name][1] for name in "abc"] == [0, 0, 0]
    assert all(math.isnan(rows[name][2]) for name in "abc")
    assert rows["is_positional"] == [False, True, None]


def test_objects_may_have_numbers_for_names() -> None:
    frame = pandas.DataFrame({"b": [1, None], "w": [2, 1]})
    found = psychometrics.best_worst(frame, [["1", "2"]], ["b"], ["w"])
    assert found["1"].tolist() == pytest.approx([1, NAN], nan_ok=True)


def test_what_the_page_shows_runs(capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "python.md").read_text()
    block = re.search(r"```python\n(from strata import psychometrics\n.*?)```", page, re.DOTALL)
    assert block is not None
    chance = numpy.random.default_rng(1)
    traits = chance.normal(size=(300, 2))
    keys = {"q1": (0, 1), "q2": (0, 1), "q3": (0, -1), "q4": (1, 1), "q5": (1, -1), "q6": (1, 1)}
    answers = {
        item: numpy.clip(numpy.round(3 + key * traits[:, of] + chance.normal(0, 0.6, 300)), 1, 5)
        for item, (of, key) in keys.items()
    }
    frame = pandas.DataFrame({**answers, "check": 2, "duration": 60.0})
    frame.loc[7, "check"] = 5
    there: dict[str, Any] = {"answers": frame}
    exec(block[1], there)
    assert 7 not in there["scores"].index and there["scores"].columns.tolist() == ["price", "novelty"]
    assert there["screening"].respondents["signs"][7] == ["instructed item `check` was answered otherwise"]
    assert capsys.readouterr().out.startswith("usable\n")


def call(name: str, *arguments: Any, **settings: Any) -> Any:
    return getattr(psychometrics, name)(*arguments, **settings)


@pytest.mark.parametrize(
    ("name", "arguments", "settings", "says"),
    [
        ("score", (FOUR, {"s": ["q1", "q4"]}), {"response": (1, 5)}, "the table has no column `q4`"),
        ("score", (FOUR, {"s": ["q1", "q1"]}), {"response": (1, 5)}, "item `q1` occurs twice in instrument `scales`"),
        ("score", (FOUR, {"s": ["q1"]}), {"response": (1, 4)}, "respondent 0, item `q1`: 5 is outside of 1 to 4"),
        ("score", (FOUR, {"s": ["q1"]}), {"response": (5, 1)}, "`response.max` is 1"),
        ("score", (FOUR, {"s": ["q1"]}), {"response": (1, 5), "min_answered": 2}, "`min_answered_fraction` is 2"),
        ("score", (FOUR, {}), {"response": (1, 5)}, "has no items"),
        ("score", ({"q": ["x", "y"]}, {"s": ["q"]}), {"response": (1, 5)}, "column `q` does not hold numbers"),
        ("alpha", (FOUR, ["q1"]), {}, "alpha needs at least 2 items and there are 1"),
        ("alpha", ({"a": [1, 2, 3], "b": [2, 2, 2]},), {}, "item `b` has one answer, or none, among those who answered"),
        ("alpha", ({"a": [1, math.inf, 3], "b": [2, 1, 2]},), {}, "respondent 1, item `a`"),
        ("alpha", (FOUR,), {"missing": "drop"}, "`missing` is `drop`"),
        ("omega", (FOUR, ["q1", "q2"]), {}, "omega needs at least 3 items and there are 2"),
        ("omega", (FOUR,), {"method": "pa"}, "`method` is `pa`"),
        ("parallel_analysis", (FOUR,), {"n_shuffles": 5}, "`n_shuffles` is 5"),
        ("careless", (FOUR, PRICE), {"response": (1, 5), "said_not_to_use": "q1"}, "does not say true or false"),
        ("kano", ({"a": [1, 6], "b": [1, 1]}, {"f": ("a", "b")}), {}, "row 1, column `a`: 6 is no answer of Kano's"),
        ("kano", ({"a": [1], "b": [1.5]}, {"f": ("a", "b")}), {}, "row 0, column `b`: 1.5 is no answer of Kano's"),
        ("best_worst", ({"b": ["x"], "w": ["c"]}, [["a", "c"]], ["b"], ["w"]), {}, "row 0, column `b`: `x` is in none"),
        ("best_worst", ({"b": ["a"], "w": ["a"]}, [["a", "c"]], ["b"], ["w"]), {}, "respondent 0, set 0"),
        ("best_worst", ({"b": ["a"], "w": ["a"]}, [["a"]], ["b"], ["w"]), {}, "set 0: 1 objects"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(
    name: str, arguments: tuple[Any, ...], settings: dict[str, Any], says: str
) -> None:
    with pytest.raises(strata.InvalidInputError) as caught:
        call(name, *arguments, **settings)
    assert says in str(caught.value)
    assert "hint:" not in caught.value.message
    assert caught.value.hint or "does not hold" in says


@pytest.mark.parametrize(
    ("name", "arguments", "settings", "says"),
    [
        ("score", (FOUR, ["q1", "q2"]), {"response": (1, 5)}, "`scales` is ['q1', 'q2']"),
        ("score", (FOUR, {"s": "q1"}), {"response": (1, 5)}, "scale `s` is 'q1'"),
        ("score", (FOUR, {"s": {"items": ["q1"], "keys": [1]}}), {"response": (1, 5)}, "scale `s` has an entry `keys`"),
        ("score", (FOUR, PRICE), {"response": 5}, "`response` is 5"),
        ("alpha", (FOUR, "q1"), {}, "`items` is 'q1'"),
        ("kano", (FOUR, {"f": ("q1",)}), {}, "feature `f` is ('q1',)"),
        ("kano", (FOUR, [("q1", "q2")]), {}, "`features` is [('q1', 'q2')]"),
        ("careless", (FOUR, PRICE), {"response": (1, 5), "instructed": ["q2"]}, "`instructed` is ['q2']"),
        ("careless", (FOUR, [PRICE]), {"response": (1, 5)}, "`response` is (1, 5) and there are 1 blocks of scales"),
        ("best_worst", (FOUR, [["a", "c"]], [], ["w"]), {}, "`best` has 0 columns and there are 1 sets"),
        ("best_worst", (FOUR, ["ac"], ["b"], ["w"]), {}, "a set is 'ac'"),
    ],
)
def test_a_wrong_definition_is_refused_with_a_hint(
    name: str, arguments: tuple[Any, ...], settings: dict[str, Any], says: str
) -> None:
    with pytest.raises(strata.InvalidDefinitionError) as caught:
        call(name, *arguments, **settings)
    assert says in str(caught.value) and caught.value.hint
