"""A project is opened, run and asked."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import strata
from strata import _native

if not _native.ENGINE:
    pytest.skip("this build of strata has no engine", allow_module_level=True)

EXAMPLE = Path(__file__).parents[2] / "examples" / "cdnow"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("projects") / "cdnow"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("lake", "report.html"))
    return folder


@pytest.fixture(scope="module")
def project(folder: Path) -> strata.Project:
    project = strata.Project.open(folder)
    with pytest.raises(strata.NotFoundError, match="no complete run yet") as caught:
        project.sql("select 1")
    assert caught.value.code == "not_found" and caught.value.hint
    said: list[tuple[str, str, float | None]] = []
    run = project.run(progress=lambda *said_now: said.append(said_now))
    assert [of for event, of, _ in said if event == "done"] == list(
        dict.fromkeys(of for event, of, _ in said if event == "stage")
    )
    assert any(event == "reading" and share is not None and 0 <= share <= 1 for event, _, share in said)
    assert run.as_of.isoformat() == "1997-09-30T00:00:00+00:00"
    assert run.stages["profile"]["facts"]["n_customers"] == 2357
    assert "membership" in run.tables
    return project


def test_a_run_repeated_is_the_same_run(project: strata.Project) -> None:
    assert project.run().run_id == project.run(as_of="1997-09-30").run_id


def test_an_earlier_run_is_refused(project: strata.Project) -> None:
    with pytest.raises(strata.ConflictError) as caught:
        project.run(as_of="1997-08-31")
    assert caught.value.code == "conflict"


def test_queries_answer_in_every_library(project: strata.Project) -> None:
    table = project.sql("select customer_id, n_orders, revenue from profile order by customer_id")
    assert len(table) == 2357
    frame = table.to_pandas()
    assert table.to_polars()["revenue"].to_list() == frame["revenue"].tolist()
    assert table.to_pyarrow().num_rows == 2357
    assert table.to_pydict()["n_orders"] == frame["n_orders"].tolist()


def test_every_table_of_the_lake_goes_out(project: strata.Project) -> None:
    for name in project.run().tables:
        table = project.sql(f"select * from {name} limit 20")
        assert table.to_polars().columns == table.to_pandas().columns.tolist() == table.column_names


def test_a_summary_of_the_lake_is_that_of_the_package(project: strata.Project) -> None:
    """What a project means by frequency, recency, tenure and monetary value is what the models are fitted on."""
    orders = project.sql("select customer_id, ordered_at, amount from orders where ordered_at <= '1997-09-30'")
    found = strata.rfm_summary(
        orders.to_polars(), time="ordered_at", amount="amount", observation_end="1997-09-30"
    )
    expected = project.sql(
        "select customer_id, frequency, recency, tenure, coalesce(monetary_value, 0) as monetary_value "
        "from profile where n_orders > 0 order by customer_id"
    ).to_polars()
    assert found["customer_id"].to_list() == expected["customer_id"].to_list()
    for column, name in [("frequency",) * 2, ("recency",) * 2, ("T", "tenure"), ("monetary_value",) * 2]:
        assert (found[column] - expected[name]).abs().max() < 1e-9, column


def test_scores_are_those_of_a_run(project: strata.Project) -> None:
    orders = project.sql("select customer_id, ordered_at, amount from orders where ordered_at <= '1997-09-30'")
    found = strata.rfm_scores(orders.to_polars(), time="ordered_at", as_of="1997-09-30")
    expected = project.sql(
        "select customer_id, r_score, f_score, m_score from score where r_score is not null order by customer_id"
    ).to_polars()
    for name in expected.columns:
        assert found[name].to_list() == expected[name].to_list(), name


def test_members_come_with_their_profiles(project: strata.Project) -> None:
    members = project.members("rfm/champions")
    assert len(members) > 0 and "n_orders" in members.column_names
    assert len(project.members("rfm/champions", at="1996-01-01")) == 0
    with pytest.raises(strata.NotFoundError, match="champoins") as caught:
        project.members("rfm/champoins")
    assert caught.value.hint == "did you mean `rfm/champions`?"


def test_a_preview_says_whom_a_condition_holds_for(project: strata.Project) -> None:
    preview = project.preview("count(orders) >= 3 and max(orders.ordered_at) < as_of - interval '60 days'")
    assert preview.n_subjects == 2357
    assert preview.n_members == project.sql(
        "select count(*) as n from membership where segment = 'lapsing_regulars' and left_at is null"
    ).to_pydict()["n"][0]
    assert [clause.n_left for clause in preview.clauses][-1] == preview.n_members
    assert preview.sample and preview.sentence


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("cuont(orders) > 3", "condition:1:1: unknown function `cuont`"),
        ("country = ", "condition:1:10: expected a value"),
        ("count(orders)", "is neither true nor false"),
    ],
)
def test_a_wrong_condition_is_refused_with_its_place(
    project: strata.Project, condition: str, says: str
) -> None:
    with pytest.raises(strata.InvalidDefinitionError, match=says) as caught:
        project.preview(condition)
    assert caught.value.code == "invalid_definition"


def test_what_is_not_there_is_an_error(project: strata.Project, tmp_path: Path) -> None:
    with pytest.raises(strata.NotFoundError, match="no project in"):
        strata.Project.open(tmp_path)
    with pytest.raises(strata.InvalidDefinitionError, match="cannot run the query") as caught:
        project.sql("select * from nothing")
    assert caught.value.hint is not None and "profile" in caught.value.hint
    with pytest.raises(strata.InvalidInputError, match="there are no subjects `cats`"):
        project.preview("n_orders > 1", subject="cats")
    with pytest.raises(strata.InvalidDefinitionError, match="neither a date nor a time"):
        project.run(as_of="soon")


def test_what_a_progress_function_raises_stops_the_run(folder: Path, project: strata.Project) -> None:
    def progress(event: str, of: str, share: float | None) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        project.run(progress=progress)
    # The lock is free again once the stage that was under way has let go.
    for _ in range(100):
        try:
            project.run()
            return
        except strata.ConflictError:
            time.sleep(0.1)
    raise AssertionError("the project stayed locked")


def test_other_threads_go_on_meanwhile(project: strata.Project) -> None:
    ticks = 0
    done = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not done.wait(0.01):
            ticks += 1

    thread = threading.Thread(target=tick)
    thread.start()
    project.sql("select count(*) from orders a, orders b where a.amount < b.amount")
    done.set()
    thread.join()
    assert ticks > 5


@pytest.mark.skipif(os.name == "nt", reason="signals of Unix")
def test_ctrl_c_reaches_python(folder: Path, project: strata.Project) -> None:
    script = f"""
import strata, sys
project = strata.Project.open({str(folder)!r})
print("begun", flush=True)
try:
    project.sql("select count(*) from orders a, orders b, orders c where a.amount < b.amount + c.amount")
except KeyboardInterrupt:
    sys.exit(42)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"begun\n"
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 42
