"""Sentences of a plan: formula, size, duration, smaller effects, looks, as a protocol says them."""

from dataclasses import replace

import pytest

from equipoise.design.sequential_plan import CLASSICAL
from equipoise.design.spending import SPENDING, BoundRule
from equipoise.report.plan.words import (
    RULES,
    percent,
    rule_words,
    say_arms,
    say_course_wording,
    say_formula,
    say_looks_wording,
    say_planned,
    say_power_wording,
    say_sides,
    say_size_wording,
)
from report.plans import looked_at, plain, small

ONE_SIDED = (("sides", 1), ("alpha", 0.025))


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.5, "50%"), (0.025, "2.5%"), (0.1, "10%"), (0.333, "33.3%"), (0.07, "7%"), (1.0, "100%")],
)
def test_a_percentage_has_no_decimals_that_are_0(share: float, words: str) -> None:
    assert percent(share) == words


def test_equal_arms_are_told_once() -> None:
    assert say_arms((44, 44)) == "44 patients in each arm"
    assert say_arms((44, 44), noun="") == "44 in each arm"
    assert say_arms((30, 60), noun="evaluable patients") == (
        "30 evaluable patients in the reference arm and 60 in the experimental arm"
    )


def test_every_rule_has_words() -> None:
    assert set(RULES) == {*SPENDING, *CLASSICAL}
    assert (say_sides(1), say_sides(2)) == ("one-sided", "two-sided")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (BoundRule(name="pocock"), "the bounds of Pocock"),
        (
            BoundRule(name="hwang-shih-decani", parameter=-4),
            "the spending function of Hwang, Shih and DeCani (gamma −4.00)",
        ),
        (BoundRule(name="wang-tsiatis", parameter=0.25), "bounds of Wang and Tsiatis (delta 0.25)"),
        (
            BoundRule(name="haybittle-peto", parameter=3),
            "the bounds of Haybittle and Peto (interim bound 3.00)",
        ),
    ],
)
def test_a_rule_is_named_by_its_authors(rule: BoundRule, words: str) -> None:
    assert rule_words(rule) == words


def test_a_one_sided_test_has_its_own_quantile() -> None:
    _, formula, numbers = say_formula(small(design=ONE_SIDED))

    assert "z(1 − α) √" in formula
    assert "quantiles are 1.960 and 0.842" in numbers


def test_unequal_arms_are_told_one_by_one() -> None:
    _, _, numbers = say_formula(small(ratio=(1, 2)))
    words = say_size_wording(small(ratio=(1, 2)))

    assert "r = 2 patients of the experimental arm for each of the reference arm" in numbers
    assert "p̄ = 0.7 their mean" in numbers
    assert "in the reference arm and" in numbers
    assert "evaluable patients in the reference arm and" in words


def test_the_formula_is_that_of_fleiss_tytun_and_ury() -> None:
    _, _, numbers = say_formula(plain())
    z = 1.959964 * (2 * 0.65 * 0.35) ** 0.5 + 0.841621 * (0.5 * 0.5 + 0.8 * 0.2) ** 0.5

    assert f"n = {(z / 0.3) ** 2:.2f}," in numbers


@pytest.mark.parametrize(
    ("planned", "words"),
    [
        (88, "The protocol plans these 88."),
        (100, "The protocol plans 100, 12 more."),
        (80, "The protocol plans 80, 8 fewer."),
    ],
)
def test_what_the_protocol_plans_is_held_against_what_is_asked_for(
    planned: int, words: str
) -> None:
    assert say_planned(small(planned=planned)) == words


def test_the_size_is_told_with_every_number_that_a_reader_needs() -> None:
    words = say_size_wording(plain())

    for told in (
        "progression-free survival at 12 months after randomisation",
        "50% with systemic therapy alone and of 80% with systemic therapy plus SBRT",
        "hazard ratio of 0.32",
        "two-sided test of two proportions",
        "significance level of 5%",
        "power of 80%",
        "78 in all",
        "10% of patients who leave",
    ):
        assert told in words
    assert "one-sided" in say_size_wording(small(design=ONE_SIDED))
    assert "level of 2.5%" in say_size_wording(small(design=ONE_SIDED))


def test_the_duration_follows_from_the_sites() -> None:
    words = say_course_wording(plain())

    assert words.startswith("Duration. 5 sites, opened 2 months apart, randomising 0.5 patients")
    assert "12 months after the last randomisation, about month 51, when 51 events" in words


def test_one_site_is_not_opened_apart() -> None:
    trial = plain().protocol
    accrual = trial.operations.accrual.model_copy(update={"sites": 1})
    operations = trial.operations.model_copy(update={"accrual": accrual})
    alone = replace(small(), protocol=trial.model_copy(update={"operations": operations}))

    assert say_course_wording(alone).startswith("Duration. 1 site randomising 0.5 patients")


def test_smaller_effects_are_told_from_the_largest_to_the_least() -> None:
    words = say_power_wording(plain())

    places = [words.index(f"hazard ratio is {ratio}") for ratio in ("0.50", "0.65", "0.90")]
    assert places == sorted(places)
    assert words.endswith("are reported beside the primary analysis, whatever its p value.")


def test_without_alternatives_there_is_no_paragraph_on_smaller_effects() -> None:
    assert say_power_wording(small()) == ""


def test_one_look_is_told_without_its_number() -> None:
    words = say_looks_wording(looked_at(information=(0.5, 1.0)))

    assert "1 interim analysis and a final analysis by the log-rank test are planned" in words
    assert "at 13 events (50%) and 25 events" in words
    assert "stopped for efficacy at the interim analysis if the two-sided p value" in words
    assert "futility" not in words
    assert "the final analysis is significant if the two-sided p value is at most 0.0490" in words


def test_futility_is_told_with_what_it_binds() -> None:
    rule = BoundRule(name="hwang-shih-decani", parameter=-2)
    free = say_looks_wording(looked_at(design=ONE_SIDED, information=(0.5, 1.0), futility=rule))
    bound = say_looks_wording(
        looked_at(design=ONE_SIDED, information=(0.5, 1.0), futility=rule, binding=True)
    )

    assert "one-sided type I error of 2.5%" in free
    assert "if the hazard ratio is above about 0." in free
    assert "this rule is not binding: the level holds if it is not obeyed." in free
    assert "this rule is binding." in bound


def test_a_look_that_never_stops_is_told() -> None:
    rule = BoundRule(name="shares", values=(0.0, 1.0))
    words = say_looks_wording(looked_at(information=(0.5, 1.0), efficacy=rule))

    assert "stopped for efficacy at the interim analysis never" in words


def test_bounds_are_calculated_anew_where_events_differ() -> None:
    assert "calculated anew for the events that came" in say_looks_wording(
        looked_at(information=(1 / 3, 2 / 3, 1.0))
    )
    assert "analysed once" in say_looks_wording(small())
