"""What is asked of a cell of whole trials; how it is answered: `whole_cells`."""

from dataclasses import dataclass, field

from equipoise.design.error_rates import ErrorRates
from equipoise.design.operating_question import Question
from equipoise.design.scenario_grid import Cell
from equipoise.protocol.model import Protocol

VARIED = ("subjects", "accrual", "dropout", "follow_up")  # by changing the protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLine:
    """A comparison of the plan: its name (with the time, of several), cut, endpoint, measure.

    Estimates of a ratio are averaged as logarithms.
    """

    name: str
    cut: str
    endpoint: str
    measure: str
    is_ratio: bool
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeQuestion:
    """A cell as it is rehearsed: the protocol with what the cell changes and the analyses asked.

    `digest` is the fingerprint of that protocol: with it the representation of the question names
    all that its numbers depend on.
    """

    cell: Cell
    label: str
    protocol: Protocol = field(repr=False)
    digest: str
    lines: tuple[PlannedLine, ...]
    rates: ErrorRates
    values: tuple[tuple[str, float], ...]
    no_effect: bool


AnyQuestion = Question | WholeQuestion
