"""Every name of the half in Rust is wrapped and typed, and every code of an error has its class."""

import ast
import inspect
from pathlib import Path

import pytest

import strata
from strata import _native, errors

PACKAGE = Path(strata.__file__).parent

LEFT_OUT = set() if _native.ENGINE else {"Project"}


def names(module: object) -> set[str]:
    return {name for name in dir(module) if not name.startswith("__")}


def test_the_stubs_list_what_is_there() -> None:
    stubs = ast.parse((PACKAGE / "_native.pyi").read_text())
    typed = {node.name for node in stubs.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
    typed |= {node.target.id for node in stubs.body if isinstance(node, ast.AnnAssign)}  # type: ignore[union-attr]
    assert typed - LEFT_OUT == names(_native)
    for node in stubs.body:
        if isinstance(node, ast.ClassDef) and node.name not in LEFT_OUT:
            members = {of.name for of in node.body if isinstance(of, ast.FunctionDef)}
            members |= {of.target.id for of in node.body if isinstance(of, ast.AnnAssign)}  # type: ignore[union-attr]
            native = names(getattr(_native, node.name))
            assert {name for name in members if not name.startswith("__")} == native, node.name


def test_the_stubs_have_the_parameters_that_are_there() -> None:
    stubs = ast.parse((PACKAGE / "_native.pyi").read_text())
    for node in stubs.body:
        if isinstance(node, ast.FunctionDef):
            signature = inspect.signature(getattr(_native, node.name))
            assert [argument.arg for argument in node.args.args] == list(signature.parameters), node.name


@pytest.mark.parametrize("name", sorted(names(_native)))
def test_every_native_name_is_used_by_a_wrapper(name: str) -> None:
    sources = [path.read_text() for path in PACKAGE.rglob("*.py")]
    assert any(f"_native.{name}" in text or f"_native import {name}" in text for text in sources)


def test_everything_public_is_documented() -> None:
    for name in strata.__all__:
        if name != "__version__":
            assert getattr(strata, name).__doc__, name


def test_every_class_of_error_is_public() -> None:
    made = {name for name, of in vars(errors).items() if inspect.isclass(of)}
    assert made <= set(strata.__all__)


@pytest.mark.skipif(_native.ENGINE, reason="this build of strata has the engine")
def test_a_build_without_the_engine_says_so() -> None:
    with pytest.raises(strata.MissingPackageError, match="has no engine") as caught:
        strata.Project.open(".")
    assert caught.value.hint is not None and "pip install ." in caught.value.hint


def test_the_package_carries_its_types() -> None:
    assert (PACKAGE / "py.typed").exists()
