"""Grids that tests of the operating characteristics share."""

from dataclasses import replace

from equipoise.design.operating_question import Question, Wanted, build_questions, wanted_of
from equipoise.design.scenario_grid import build_cells, parse_axis
from equipoise.protocol.parse import shipped_protocol

PROTOCOL = shipped_protocol()
USUAL = wanted_of(PROTOCOL)


def ask(*axes: str, scenario: str = "base", wanted: Wanted = USUAL) -> tuple[Question, ...]:
    """The questions of one scenario and some axes of the reference trial."""
    cells = build_cells([scenario], axes=[parse_axis(axis) for axis in axes])
    return build_questions(PROTOCOL, cells=cells, wanted=wanted)


def with_looks(*shares: float, statistics: tuple[str, ...] = ("logrank", "cox")) -> Wanted:
    """The usual wish, with interim looks."""
    return replace(USUAL, looks=shares, statistics=statistics)
