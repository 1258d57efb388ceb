"""Numbers behind the entries against slow twins and published tables (D6.4, D8.4, RECIST 1.1)."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from equipoise.simulate.cohort import build_cohort
from equipoise.simulate.entries.laboratory import HIGH, LOW, LOWER, TERMS, TESTS, UNITS, UPPER
from equipoise.simulate.lesions import (
    MOST_LESIONS,
    MOST_ORGANS,
    choose_targets,
    draw_lesions,
    round_reading,
)
from equipoise.simulate.site_reading import is_growing
from equipoise.simulate.toxicity_rates import count_poisson, solve_mean
from equipoise.vocab.laboratory import read_laboratory_rules, read_units
from simulate.rehearsed import many, setting

# size in tenths of a millimetre | nodal | organ, of each lesion
LESIONS = st.lists(
    st.tuples(st.integers(30, 500), st.booleans(), st.integers(0, 2)), min_size=1, max_size=5
)


def targets_of(lesions: list[tuple[int, bool, int]]) -> list[bool]:
    """Measurable lesions, the largest first, at most two of an organ (RECIST 1.1, 3.1.1)."""
    taken: Counter[int] = Counter()
    chosen = [False] * len(lesions)
    for place in sorted(range(len(lesions)), key=lambda each: (-lesions[each][0], each)):
        size, is_node, organ = lesions[place]
        if size >= (150 if is_node else 100) and taken[organ] < 2:
            chosen[place] = True
            taken[organ] += 1
    return chosen


@given(LESIONS)
def test_targets_are_those_of_the_twin(lesions: list[tuple[int, bool, int]]) -> None:
    count = len(lesions)
    size, organ = (np.zeros((1, MOST_LESIONS), dtype=np.int64) for _ in range(2))
    nodal = np.zeros((1, MOST_LESIONS), dtype=np.bool_)
    for place, (tenths, is_node, where) in enumerate(lesions):
        size[0, place], nodal[0, place], organ[0, place] = tenths, is_node, where
    present = np.arange(MOST_LESIONS)[None, :] < count
    drawn = choose_targets(size, present=present, organ=organ, nodal=nodal)
    assert drawn[0, :count].tolist() == targets_of(lesions)
    assert not drawn[0, count:].any()


@given(st.integers(0, 400), st.integers(0, 400))
def test_a_lesion_grows_as_the_rule_says_in_words(lowest: int, now: int) -> None:
    wanted = now >= 1.2 * lowest - 1e-9 and now - lowest >= 50 and now >= 100
    assert bool(is_growing(np.array([now]), lowest=np.array([lowest]))[0]) == wanted


@given(st.floats(0.0, 300.0), st.sampled_from([0.0, 0.06]))
def test_a_reading_is_off_by_half_of_its_unit_at_most(size: float, cv: float) -> None:
    read = int(round_reading(np.array([size]), reading_cv=cv)[0])
    assert abs(read - 10 * size) <= (0.5 if cv == 0.0 else 5.0) + 1e-9
    assert cv == 0.0 or read % 10 == 0


def test_at_most_three_organs_are_drawn_however_many_sites_there_are() -> None:
    cohort = build_cohort(5, replicates=range(1), subjects=3000)
    drawn = draw_lesions(
        cohort, scenario=setting().scenario, patients=setting().operations.patients,
        frailty=np.zeros(cohort.size),
    )  # fmt: skip
    organs = [len(set(row[here])) for row, here in zip(drawn.organ, drawn.present, strict=True)]
    assert max(organs) == MOST_ORGANS
    assert (drawn.tenths[drawn.present] >= np.where(drawn.nodal, 100, 30)[drawn.present]).all()
    assert (drawn.tenths[~drawn.present] == 0).all()
    assert drawn.tenths.max() <= 500
    assert (drawn.sensitive > 0).all()
    assert (drawn.sensitive < 1).all()


@pytest.mark.parametrize("mean", [0.0, 0.05, 0.7, 2.5, 6.0])
def test_counts_are_the_quantiles_of_the_poisson_distribution(mean: float) -> None:
    uniform = (np.arange(2000) + 0.5) / 2000
    drawn = count_poisson(uniform, mean=np.full(uniform.size, mean), most=6)
    wanted = np.minimum(poisson.ppf(uniform, mean), 6)
    assert drawn.tolist() == wanted.astype(int).tolist()


@pytest.mark.parametrize("probability", [0.001, 0.03, 0.5, 0.99])
def test_without_differences_between_patients_the_mean_is_that_of_a_poisson(
    probability: float,
) -> None:
    assert solve_mean(probability, patient_sd=0.0) == pytest.approx(-np.log1p(-probability))


def test_the_more_patients_differ_the_more_events_the_same_share_needs() -> None:
    means = [solve_mean(0.48, patient_sd=sd) for sd in (0.0, 0.4, 0.8, 1.2)]
    assert means == sorted(means)
    assert means[-1] > 1.5 * means[0]
    rising = [solve_mean(p, patient_sd=0.8) for p in (0.01, 0.1, 0.5, 0.9)]
    assert rising == sorted(rising)


def begins(test: int, term: str) -> dict[int, float]:
    """Where each grade of a term begins, in the unit in which the rehearsal writes the test."""
    name = TESTS[test]
    si, unit = read_units()[name], UNITS[test]
    limits: dict[int, float] = {}
    for rule in read_laboratory_rules():
        if (rule.test, rule.term) != (name, term):
            continue
        if rule.of == "uln":
            limits[rule.grade] = rule.limit * UPPER[test]
        elif rule.of == "lln" and name != "haemoglobin":  # its lower limit is the subject's own
            limits[rule.grade] = rule.limit * LOWER[test]
        elif rule.of == "absolute":
            limits.setdefault(rule.grade, rule.limit * si[rule.unit] / si[unit])
    return limits


@pytest.mark.parametrize("term", TERMS)
def test_the_value_of_an_event_lies_within_its_grade(term: str) -> None:
    """Between where its grade begins and where the next does; grades above are clinical."""
    test = TERMS[term]
    falls = TESTS[test] in ("haemoglobin", "platelets")
    limits = begins(test, term)
    assert len(limits) >= 2
    for grade in range(1, 5):
        low, high = LOW[test, grade - 1], HIGH[test, grade - 1]
        assert low < high
        own, following = limits.get(grade), limits.get(grade + 1)
        if own is not None:
            assert high < own if falls else low > own, grade
        if following is not None:
            assert low >= following if falls else high <= following, grade


# target | non-target | new lesions | overall (RECIST 1.1, tables 1 and 2; D3.5)
OVERALL = """
CR | CR            | no  | CR
CR | -             | no  | CR
CR | NON-CR/NON-PD | no  | PR
PR | CR            | no  | PR
PR | -             | no  | PR
PR | NON-CR/NON-PD | no  | PR
SD | CR            | no  | SD
SD | -             | no  | SD
SD | NON-CR/NON-PD | no  | SD
NE | CR            | no  | NE
NE | -             | no  | NE
NE | NON-CR/NON-PD | no  | NE
-  | CR            | no  | CR
-  | NON-CR/NON-PD | no  | NON-CR/NON-PD
"""


def test_the_overall_response_of_every_scan_is_that_of_the_tables() -> None:
    rows = [[cell.strip() for cell in line.split("|")] for line in OVERALL.strip().splitlines()]
    table = {(target, other): overall for target, other, _, overall in rows}
    seen = many().frames["rs"].select("target", "non_target", "new_lesion", "overall").unique()
    for target, other, new, overall in seen.iter_rows():
        progressed = new or "PD" in (target, other)
        assert overall == ("PD" if progressed else table[target or "-", other or "-"])
    told = {(target or "-", other or "-") for target, other, new, _ in seen.iter_rows() if not new}
    assert len(told & set(table)) >= 12  # the table is met, not only kept
