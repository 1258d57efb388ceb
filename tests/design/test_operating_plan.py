"""What a cell changes in the trial of the protocol, and what it leaves."""

import math
from dataclasses import replace

import pytest

from design.operating_samples import PROTOCOL, USUAL, ask, with_looks
from equipoise.design.error_rates import ErrorRates, ImpossiblePlanError
from equipoise.design.event_laws import survival_at, time_of_survival
from equipoise.design.operating_plan import plan_cell
from equipoise.design.operating_question import Question, Wanted, build_questions
from equipoise.design.scenario_grid import Cell
from equipoise.design.scenario_truth import find_truth
from equipoise.design.spending import BoundRule
from equipoise.simulate.trial_model import NEVER, Hazard, Law, Look


def only(*axes: str, scenario: str = "base", wanted: Wanted = USUAL) -> Question:
    (question,) = ask(*axes, scenario=scenario, wanted=wanted)
    return question


def arms_of(question: Question) -> tuple[Law, Law]:
    ((reference, experimental),) = question.model.courses
    assert not hasattr(reference, "progression")
    assert not hasattr(experimental, "progression")
    return reference, experimental


def test_without_axes_the_trial_is_that_of_the_protocol() -> None:
    question = only()

    assert question.model.sizes == (44, 44)
    assert [look.events for look in question.looks] == [0]
    assert question.looks[0].latest == pytest.approx(51.2)
    assert question.model.accrual.knots == pytest.approx((0, 2, 4, 6, 8, 39.2))
    assert question.model.accrual.start == pytest.approx((0.5, 1.0, 1.5, 2.0, 2.5))
    lost = question.model.leaving[0]
    assert isinstance(lost, Hazard)
    assert lost.rates == pytest.approx((0.045 / 12,))
    assert question.reading.milestone == 12
    assert question.upper == pytest.approx((1.959964,))
    assert question.lower == (-math.inf,)
    assert not question.no_effect


def test_every_parameter_in_force_is_told() -> None:
    told = dict(only("accrual=5").values)

    assert (told["subjects"], told["accrual"], told["follow_up"]) == (88, 5, 12)
    assert told["hazard_ratio"] == 0.65
    assert told["reference_median"] == pytest.approx(18.0)
    assert told["experimental_survival"] == pytest.approx(told["reference_survival"] ** 0.65)
    assert told["dropout"] == pytest.approx(1 - math.exp(-0.045))


def test_more_sites_bring_the_subjects_sooner() -> None:
    slow, fast = ask("accrual=2.5,10")

    assert fast.looks[0].latest < slow.looks[0].latest
    assert fast.looks[0].latest == pytest.approx(12 + 4.0 * 2 + (88 - (2 + 4 + 6 + 8) * 2) / 10)


def test_a_ratio_splits_the_subjects() -> None:
    assert only("ratio=2", "subjects=90").model.sizes == (30, 60)
    assert only("ratio=500", "subjects=20").model.sizes == (1, 19)


def test_the_reference_arm_may_be_set_by_its_median_or_its_milestone() -> None:
    for axis, share, time in (
        ("reference_median=10", 0.5, 10),
        ("reference_survival=0.4", 0.4, 12),
    ):
        reference, experimental = arms_of(only(axis))
        assert time_of_survival(reference, survival=share) == pytest.approx(time)
        whole = survival_at(experimental, time=20.0)
        assert whole == pytest.approx(survival_at(reference, time=20.0) ** 0.65)


def test_a_hazard_ratio_or_a_delay_replaces_the_effect_of_the_truth() -> None:
    reference, experimental = arms_of(only("hazard_ratio=0.5"))
    assert survival_at(experimental, time=9.0) == pytest.approx(
        survival_at(reference, time=9.0) ** 0.5
    )
    reference, experimental = arms_of(only("delay=6", scenario="design"))
    assert survival_at(experimental, time=6.0) == pytest.approx(survival_at(reference, time=6.0))
    assert only("hazard_ratio=1").no_effect
    assert only(scenario="null").no_effect


def test_the_cured_are_cured_in_both_arms() -> None:
    for law in arms_of(only("cured=0.3")):
        assert survival_at(law, time=1e5) == pytest.approx(0.3)


def test_prognosis_makes_two_strata_around_the_truth() -> None:
    question = only("prognosis=4", scenario="design")
    (good, _), (poor, _) = question.model.courses

    assert question.model.shares == (0.5, 0.5)
    assert isinstance(good, Hazard)
    assert isinstance(poor, Hazard)
    assert poor.rates[0] / good.rates[0] == pytest.approx(4)


def test_scans_go_on_to_the_end_of_the_trial() -> None:
    scans = only("scans=3").model.scans

    assert scans[:2] == (3, 6)
    assert scans[-1] >= 51.2 > scans[-2]


def test_a_number_of_events_ends_the_trial_whenever_it_is_reached() -> None:
    assert only("events=40").looks == (Look(events=40, latest=NEVER),)
    assert only("events=40", "follow_up=6").looks[0].latest == pytest.approx(45.2)


def test_interim_looks_are_shares_of_the_events_and_have_bounds() -> None:
    question = only("events=60", wanted=with_looks(0.5, 0.75))

    assert [look.events for look in question.looks] == [30, 45, 60]
    assert question.upper == pytest.approx((2.9626, 2.3590, 2.0141), abs=2e-4)
    assert question.lower == (-math.inf,) * 3


def test_futility_gives_lower_bounds() -> None:
    rates = ErrorRates(alpha=0.025, sides=1, power=0.9)
    rule = BoundRule(name="lan-demets-obrien-fleming")
    wanted = replace(with_looks(0.5), futility=rule, rates=rates)

    question = only("events=60", wanted=wanted)

    assert -1 < question.lower[0] < question.upper[0]
    assert question.lower[1] == pytest.approx(question.upper[1])


def refused(*axes: str, scenario: str = "base", wanted: Wanted = USUAL) -> list[str]:
    with pytest.raises(ImpossiblePlanError) as refusal:
        ask(*axes, scenario=scenario, wanted=wanted)
    return [str(finding) for finding in refusal.value.findings]


def test_a_cell_that_cannot_be_names_itself_and_says_why() -> None:
    (said,) = refused("milestone=12,60")
    assert "design: base, milestone 60" in said
    assert "nobody is followed to the milestone 60" in said
    (said,) = refused("events=50,100")
    assert "100 events of 88 subjects" in said
    (said,) = refused("cured=0.6", "reference_median=12")
    assert "never falls to 0.5: 0.6 are cured" in said


def test_a_reason_of_many_cells_is_told_once_with_the_first() -> None:
    (said,) = refused("hazard_ratio=0.5:0.9:0.1", "horizon=80")

    assert "base, hazard_ratio 0.5, horizon 80" in said


def test_no_more_reasons_are_told_than_one_reads() -> None:
    assert len(refused("events=100:200:1")) == 20


def test_looks_without_events_or_at_no_share_are_refused() -> None:
    (said,) = refused(wanted=with_looks(0.5))
    assert "[looks-need-events]" in said
    assert "--grid events=60" in said
    (said,) = refused("events=60", wanted=with_looks(1.5))
    assert "no interim look at 1.5" in said
    (said,) = refused("events=60", wanted=with_looks(0.75, 0.5))
    assert "look 1 is not after look 0: more events" in said


def test_unknown_statistics_scenarios_rules_and_levels_are_refused_all_at_once() -> None:
    wanted = replace(USUAL, statistics=("logrank", "magic"), rates=ErrorRates(alpha=2.0))
    said = refused(wanted=wanted)
    assert "no statistic 'magic'" in said[0]
    assert "Name some of logrank, cox" in said[0]
    assert "[alpha-impossible]" in said[1]
    assert "no statistic is asked for" in refused(wanted=replace(USUAL, statistics=()))[0]
    cells = [Cell(scenario="S8"), Cell(scenario="S9")]
    with pytest.raises(ImpossiblePlanError, match=r"S8.*S9"):
        build_questions(PROTOCOL, cells=cells, wanted=USUAL)
    odd = replace(with_looks(0.5), efficacy=BoundRule(name="guess"))
    assert "there is no rule 'guess'" in refused("events=60", wanted=odd)[0]


def test_a_truth_without_a_hazard_ratio_cannot_have_it_delayed() -> None:
    base = find_truth(PROTOCOL, name="base")
    cell = Cell(scenario="S2", settings=(("delay", 3.0),))

    with pytest.raises(ImpossiblePlanError, match="no single hazard ratio"):
        plan_cell(PROTOCOL, cell=cell, truth=replace(base, ratio=None))
