"""Every rule of bounds, on one and two sides, with and without futility, is told on the page."""

import re

import pytest

from equipoise.design.sequential_plan import CLASSICAL
from equipoise.design.spending import SPENDING, BoundRule
from equipoise.report.plan.figures import render_bounds
from equipoise.report.plan.references import OF_RULES, list_references, read_citations
from equipoise.report.plan.tables import build_chances, build_looks
from equipoise.report.plan.words import RULES, say_looks_wording
from report.plans import looked_at, small
from report.svg_reading import outside_of, overlaps_of

HALVES = (0.5, 1.0)
NEEDED = {
    "wang-tsiatis": BoundRule(name="wang-tsiatis", parameter=0.25),
    "shares": BoundRule(name="shares", values=(0.2, 1.0)),
    "bounds": BoundRule(name="bounds", values=(3.0, 2.1)),
}
EFFICACY = [NEEDED.get(name, BoundRule(name=name)) for name in (*SPENDING, *CLASSICAL)]
FUTILITY = [
    BoundRule(name="lan-demets-pocock"),
    BoundRule(name="kim-demets", parameter=2),
    BoundRule(name="shares", values=(0.3, 1.0)),
]
ONE_SIDED = (("sides", 1), ("alpha", 0.025))


@pytest.mark.parametrize("sides", [1, 2])
@pytest.mark.parametrize("rule", EFFICACY, ids=lambda rule: rule.name)
def test_every_rule_of_efficacy_is_told(rule: BoundRule, sides: int) -> None:
    outlook = looked_at(design=ONE_SIDED if sides == 1 else (), information=HALVES, efficacy=rule)
    told = outlook.looks
    assert told is not None

    words = say_looks_wording(outlook)
    assert RULES[rule.name] in words
    svg = render_bounds(told)
    assert overlaps_of(svg) == []
    assert outside_of(svg) == []
    cells = " ".join(cell for row in build_looks(told).rows for cell in row.cells)
    assert not re.findall(r"nan|inf", f"{words} {svg} {cells}")
    assert len(build_chances(told).rows) == 2


@pytest.mark.parametrize("sides", [1, 2])
@pytest.mark.parametrize("rule", FUTILITY, ids=lambda rule: rule.name)
def test_every_rule_of_futility_is_told(rule: BoundRule, sides: int) -> None:
    outlook = looked_at(design=ONE_SIDED if sides == 1 else (), information=HALVES, futility=rule)
    told = outlook.looks
    assert told is not None

    assert f"stopped for futility by {RULES[rule.name]}" in say_looks_wording(outlook)
    assert [row.cells[0] for row in build_looks(told).rows][1::2] == [
        "1, futility", "2, futility",
    ]  # fmt: skip
    assert overlaps_of(render_bounds(told)) == []


@pytest.mark.parametrize("rule", EFFICACY, ids=lambda rule: rule.name)
def test_every_rule_has_its_source(rule: BoundRule) -> None:
    outlook = looked_at(information=HALVES, efficacy=rule)
    told = list_references(outlook)

    assert {read_citations()[key] for key in OF_RULES[rule.name]} <= set(told)
    assert len(told) == len(set(told))


def test_every_citation_is_used_and_whole() -> None:
    used = set(list_references(small()))
    for rule in EFFICACY:
        used |= set(list_references(looked_at(information=HALVES, efficacy=rule)))
    for rule in FUTILITY:
        used |= set(list_references(looked_at(information=HALVES, futility=rule)))

    citations = read_citations()
    assert set(citations.values()) == used
    for words in citations.values():
        assert re.search(r"[;:]\s?\d{2,4}[-.;:]", words), words  # a volume, or the year of a book
        assert words.endswith(".")
