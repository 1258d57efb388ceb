"""The benchmark of boundaries times what it says: known bounds, and whole designs around them."""

import importlib
from types import ModuleType

import pytest

from house.source import ROOT


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("bounds")


def test_its_three_looks_have_the_bounds_of_lan_and_demets(benchmark: ModuleType) -> None:
    """The bounds of gsDesign with a fine grid, to its digits."""
    known = [3.710302873262, 2.511427481270, 1.993047477825]

    assert benchmark.bounds(3) == pytest.approx(known, abs=1e-11)
    assert benchmark.design(3).upper == pytest.approx(known, abs=1e-11)


def test_futility_leaves_the_upper_bounds_and_meets_them_at_last(benchmark: ModuleType) -> None:
    for found in (benchmark.bounds_with_futility(3), benchmark.design(3, futility=benchmark.LOWER)):
        assert found.upper == pytest.approx(benchmark.bounds(3), abs=1e-12)
        assert found.lower[-1] == pytest.approx(found.upper[-1], abs=1e-9)


def test_a_missing_peer_is_a_dash(benchmark: ModuleType) -> None:
    assert (benchmark.ratio(None, 0.1), benchmark.ratio(12.6, 0.05)) == ("-", "252")
