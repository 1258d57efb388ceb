"""Every call of the benchmark's table runs, and the table holds every public function."""

import importlib
import sys

import pytest

from house.source import ROOT


def test_every_public_estimate_and_comparison_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    calls = importlib.import_module("estimators_calls")
    assert "estimators_rows" in sys.modules
    named = calls.small_calls(200)
    assert {name.split(",")[0] for name in named} >= calls.public_names()
    for name, call in named.items():
        assert call() is not None, name
