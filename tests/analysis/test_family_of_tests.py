"""The tests of a family adjusted for each other: by hand, and as the kernels have it."""

from dataclasses import replace

import pytest

from analysis.hand_data import ask, build_sample
from equipoise.analysis.hazards import compare_by_logrank
from equipoise.analysis.multiplicity import adjust_family
from equipoise.analysis.result import Family, Result
from equipoise.cli.analyse import print_family
from equipoise.protocol.multiplicity_model import Multiplicity
from equipoise.protocol.parse import shipped_protocol

NAMES = ("pfs_milestone", "os_logrank", "lc_cif")
ANY = compare_by_logrank(build_sample("A 3\nA 5\nB 4\nB 8"), question=ask())


def family_of(*p_values: float | None, **said: object) -> Family:
    """The family of three tests of the reference trial; level 0.05."""
    block = Multiplicity.model_validate({"analyses": NAMES, **said})
    protocol = shipped_protocol().model_copy(update={"multiplicity": block})
    results: dict[str, Result] = {
        name: replace(ANY, p_value=p) for name, p in zip(NAMES, p_values, strict=True)
    }
    found = adjust_family(protocol, results=results)
    assert found is not None
    return found


def adjusted(family: Family) -> list[float | None]:
    return [test.adjusted for test in family.tests]


# procedure | p values | adjusted by hand
CASES = [
    ("bonferroni", (0.01, 0.02, 0.04), [0.03, 0.06, 0.12]),
    ("holm", (0.01, 0.02, 0.04), [0.03, 0.04, 0.04]),
    ("hochberg", (0.03, 0.02, 0.04), [0.04, 0.04, 0.04]),
    ("fixed_sequence", (0.01, 0.06, 0.001), [0.01, 0.06, 0.06]),
    ("fallback", (0.01, 0.02, 0.04), [0.01, 0.02, 0.04]),
]


@pytest.mark.parametrize(("procedure", "p_values", "expected"), CASES)
def test_p_values_are_adjusted_as_by_hand(
    procedure: str, p_values: tuple[float, ...], expected: list[float]
) -> None:
    found = family_of(*p_values, procedure=procedure)
    assert adjusted(found) == pytest.approx(expected)
    assert found.alpha == pytest.approx(0.05)
    assert [test.is_rejected for test in found.tests] == [least <= 0.05 for least in expected]
    assert [test.p_value for test in found.tests] == list(p_values)


def test_the_graph_passes_the_level_on() -> None:
    said = {
        "procedure": "graphical",
        "transitions": {"pfs_milestone": {"os_logrank": 0.5, "lc_cif": 0.5}},
    }
    found = family_of(0.01, 0.02, 0.04, **said)
    assert adjusted(found) == pytest.approx([0.01, 0.04, 0.08])
    assert [test.is_rejected for test in found.tests] == [True, True, False]
    lost = family_of(0.2, 0.001, 0.001, **said)
    assert not any(test.is_rejected for test in lost.tests)


def test_weights_share_the_level_of_holm() -> None:
    weights = (0.5, 0.25, 0.25)
    found = family_of(0.02, 0.9, 0.9, procedure="holm", weights=weights)
    assert [test.is_rejected for test in found.tests] == [True, False, False]
    assert adjusted(found)[0] == pytest.approx(0.04)
    assert not any(test.is_rejected for test in family_of(0.02, 0.9, 0.9, procedure="holm").tests)


def test_a_test_without_p_is_not_rejected_and_stops_a_sequence() -> None:
    found = family_of(None, 0.001, 0.001, procedure="fixed_sequence")
    assert adjusted(found)[0] is None
    assert not any(test.is_rejected for test in found.tests)


def test_a_plan_without_a_family_has_none() -> None:
    assert adjust_family(shipped_protocol(), results={}) is None


def test_the_family_is_printed_in_lines(capsys: pytest.CaptureFixture[str]) -> None:
    print_family(family_of(0.01, None, 0.04, procedure="holm"))
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "Multiplicity, Holm; level 0.05"
    assert lines[2].endswith("adjusted p = 0.03  rejected")
    assert lines[3].endswith("adjusted p = -  not rejected")
    print_family(None)
    assert capsys.readouterr().out == ""
