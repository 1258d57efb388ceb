"""The page of a plan of other trials: unequal arms, one side, more patients than asked for."""

import pytest

from equipoise.report.page import DesignPage, blocks_of
from equipoise.report.plan.sections import build_design_page
from equipoise.report.render_html import render_html
from equipoise.report.shell import Table
from report.page_reading import read_page
from report.plans import small

ONE_SIDED = (("sides", 1), ("alpha", 0.025))
STRICT = (("power", 0.9), ("dropout", 0.0))


def page_of(**trial: object) -> DesignPage:
    """The page of the reference trial without alternatives, with these settings."""
    return build_design_page(small(**trial), code_version="1")


@pytest.mark.parametrize(
    ("trial", "answer"),
    [
        ({"design": ONE_SIDED}, "for a power of 80% at a one-sided level of 2.5%."),
        ({"design": STRICT}, "104 patients, 52 in each arm"),
        ({"ratio": (1, 2)}, "32 in the reference arm and 63 in the experimental arm"),
        ({"planned": 120}, "The protocol plans 120, 32 more."),
        ({"planned": 60}, "The protocol plans 60, 28 fewer."),
    ],
)
def test_the_answer_is_that_of_the_trial(trial: dict[str, object], answer: str) -> None:
    assert answer in page_of(**trial).answer


def test_without_alternatives_nothing_is_said_of_other_truths() -> None:
    page = page_of()

    assert "If the truth is another" not in page.answer
    assert [key.name for key in page.key_figures] == [
        "Patients planned", "Power as assumed", "Primary analysis",
    ]  # fmt: skip
    (powers,) = (b for b in blocks_of(page) if isinstance(b, Table) and b.id == "powers")
    assert [row.cells[0] for row in powers.rows] == ["Assumption of the design"]


@pytest.mark.parametrize("trial", [{"design": ONE_SIDED}, {"ratio": (1, 2)}, {"planned": 60}])
def test_every_page_is_whole(trial: dict[str, object]) -> None:
    page = read_page(render_html(page_of(**trial)))

    assert page.broken == []
    assert len(page.ids) == len(set(page.ids))
    assert "nan" not in page.text.split()
    assert "inf" not in page.text.split()


def test_fewer_patients_than_asked_for_have_less_power() -> None:
    few, many = (
        {key.name: key.value for key in page_of(planned=count).key_figures} for count in (60, 120)
    )

    assert int(few["Power as assumed"][:-1]) < 80 < int(many["Power as assumed"][:-1])
    assert int(few["Primary analysis"].split()[1]) < int(many["Primary analysis"].split()[1])
