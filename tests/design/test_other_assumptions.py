"""A protocol with other assumptions: what changes, what is told of it, what is refused."""

import pytest

from equipoise.design.error_rates import ImpossiblePlanError
from equipoise.design.other_assumptions import OtherValue, assume_otherwise, read_assumptions
from equipoise.design.protocol_size import plan_of_protocol
from equipoise.protocol.parse import shipped_protocol

PROTOCOL = shipped_protocol()


def test_what_is_written_is_read() -> None:
    assert read_assumptions(PROTOCOL) == {
        "reference": 0.5, "experimental": 0.8, "alpha": 0.05, "sides": 2, "power": 0.8,
        "dropout": 0.1, "ratio": 1.0, "subjects": 88,
    }  # fmt: skip


def test_nothing_said_or_the_same_said_is_no_other_protocol() -> None:
    assert assume_otherwise(PROTOCOL, said={}) == (PROTOCOL, ())
    assert assume_otherwise(PROTOCOL, said={"power": 0.8, "subjects": 88}) == (PROTOCOL, ())


@pytest.mark.parametrize(("name", "value"), [
    ("reference", 0.55), ("experimental", 0.7), ("alpha", 0.025), ("sides", 1), ("power", 0.9),
    ("dropout", 0.0), ("ratio", 1.5), ("subjects", 120),
])  # fmt: skip
def test_each_assumption_can_be_another(name: str, value: float) -> None:
    other, told = assume_otherwise(PROTOCOL, said={name: value})

    assert told == (OtherValue(name=name, value=value, written=read_assumptions(PROTOCOL)[name]),)
    changed = read_assumptions(PROTOCOL) | {name: value}
    assert read_assumptions(other) == pytest.approx(changed)
    assert other.endpoint == PROTOCOL.endpoint


def test_sides_and_counts_stay_whole_numbers() -> None:
    other, _ = assume_otherwise(PROTOCOL, said={"sides": 1, "subjects": 90.0, "ratio": 2 / 3})

    assert type(plan_of_protocol(other)[1].sides) is int
    assert type(other.randomisation.planned_subjects) is int
    assert sorted(other.randomisation.ratio.values()) == [2, 3]


@pytest.mark.parametrize("ratio", [0.0, -1.0, float("nan"), float("inf")])
def test_a_ratio_that_cannot_be_says_why(ratio: float) -> None:
    with pytest.raises(ImpossiblePlanError) as refused:
        assume_otherwise(PROTOCOL, said={"ratio": ratio})
    assert [finding.code for finding in refused.value.findings] == ["ratio-impossible"]
