"""The answer is computed from the primary result, and says no more than it."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from equipoise.analysis.result import Estimate, Result
from equipoise.report.facts import Facts
from equipoise.report.headline import build_answer, build_caveats, build_key_figures


def with_result(facts: Facts, name: str, changed: Result) -> Facts:
    """The facts with one result replaced."""
    results: Mapping[str, Result] = {**facts.results.results, name: changed}
    return replace(facts, results=replace(facts.results, results=results))


def with_difference(
    facts: Facts, value: float, *, half: float = 0.1, p: float | None = 0.5
) -> Facts:
    """The facts with this difference at the milestone, its interval and p value."""
    estimate = Estimate(value=value, lower=value - half, upper=value + half)
    changed = replace(facts.results.results["pfs_milestone"], estimate=estimate, p_value=p)
    return with_result(facts, "pfs_milestone", changed)


def answer(facts: Facts) -> str:
    """The answer with plain spaces."""
    return build_answer(facts).replace("\u00a0", " ")


def test_the_answer_tells_both_arms_the_difference_and_the_hazard_ratio(facts: Facts) -> None:
    said = answer(with_difference(facts, 0.122, p=0.21))
    assert said.startswith("Progression-free survival at 12 months was ")
    assert " with systemic therapy plus SBRT and " in said
    assert " with systemic therapy alone: a difference of 12.2 percentage points" in said
    assert "(95% CI 2.2 to 22.2; p = 0.21)" in said
    assert "Over the whole follow-up the hazard ratio was " in said


def test_a_difference_is_told_with_its_direction(facts: Facts) -> None:
    higher = answer(with_difference(facts, 0.3, p=0.004))
    assert "the arms differ: it is higher with systemic therapy plus SBRT." in higher
    lower = answer(with_difference(facts, -0.3, p=0.004))
    assert "the arms differ: it is lower with systemic therapy plus SBRT." in lower


def test_no_difference_is_never_told_as_equality(facts: Facts) -> None:
    said = answer(with_difference(facts, 0.05, half=0.3, p=0.6))
    assert "do not differ beyond chance; this does not show that they are equal" in said
    assert "the 30 points for which the trial was planned remain possible" in said


def test_an_effect_of_the_planned_size_may_be_excluded(facts: Facts) -> None:
    said = answer(with_difference(facts, 0.02, half=0.1, p=0.6))
    assert "the 30 points for which the trial was planned are excluded by the interval" in said


def test_the_threshold_itself_is_a_difference(facts: Facts) -> None:
    assert "the arms differ" in answer(with_difference(facts, 0.2, p=0.05))
    assert "beyond chance" in answer(with_difference(facts, 0.2, p=0.0501))


def test_without_a_p_value_nothing_is_said_of_a_difference(facts: Facts) -> None:
    said = answer(with_difference(facts, 0.2, p=None))
    assert "nothing can be said: it has no p value" in said


def test_a_question_that_cannot_be_answered_says_why(facts: Facts) -> None:
    empty = replace(
        facts.results.results["pfs_milestone"],
        estimate=None,
        warnings=("arm B has no row in this analysis",),
    )
    said = answer(with_result(facts, "pfs_milestone", empty))
    assert said == (
        "The question cannot be answered from these data: arm B has no row in this analysis."
    )


def test_a_hazard_ratio_that_cannot_be_estimated_is_not_invented(facts: Facts) -> None:
    ratio = replace(facts.results.results["pfs_cox"], estimate=Estimate(value=None))
    said = answer(with_result(facts, "pfs_cox", ratio))
    assert said.endswith("The hazard ratio cannot be estimated.")


def test_without_a_planned_hazard_ratio_none_is_told(facts: Facts) -> None:
    kept = tuple(a for a in facts.protocol.analysis if a.id != "pfs_cox")
    bare = replace(facts, protocol=facts.protocol.model_copy(update={"analysis": kept}))
    assert "hazard ratio" not in answer(bare)


def test_at_a_later_cut_the_answer_is_an_update_and_no_second_test(facts: Facts) -> None:
    later = replace(facts, stamp=replace(facts.stamp, cut="DC2"))
    assert "The test was that of data cut DC1; this is an update of it." in answer(later)
    assert any("data cut DC1" in caveat for caveat in build_caveats(later))


def test_before_its_cut_nothing_is_concluded(facts: Facts) -> None:
    moved = tuple(
        cut.model_copy(update={"endpoint": ("os",) if cut.id == "DC1" else (*cut.endpoint, "pfs")})
        for cut in facts.protocol.cut
    )
    early = replace(facts, protocol=facts.protocol.model_copy(update={"cut": moved}))
    assert "planned for data cut DC2; nothing is concluded before" in answer(early)
    assert any(caveat.startswith("immature") for caveat in build_caveats(early))


def test_a_primary_hazard_ratio_is_told_as_a_ratio(facts: Facts) -> None:
    analyses = tuple(
        a.model_copy(update={"role": "primary" if a.id == "pfs_cox" else "supportive"})
        for a in facts.protocol.analysis
    )
    cox = replace(facts, protocol=facts.protocol.model_copy(update={"analysis": analyses}))
    said = answer(cox)
    ratio = facts.results.results["pfs_cox"].estimate
    assert ratio is not None
    assert said.startswith(f"Progression-free survival: hazard ratio {ratio.value:.2f} (")
    assert "Over the whole follow-up" not in said


def test_the_key_figures_are_those_of_the_answer(facts: Facts) -> None:
    figures = build_key_figures(with_difference(facts, 0.122, p=0.21))
    assert [figure.name for figure in figures] == [
        "Systemic, 12 months",
        "Systemic + SBRT, 12 months",
        "Difference",
        "Hazard ratio",
    ]
    assert figures[2].value == "12.2 points"
    assert figures[0].value.endswith("%")
    assert "events in 22" in figures[0].detail


def test_a_key_figure_that_cannot_be_estimated_says_so(facts: Facts) -> None:
    empty = replace(
        facts.results.results["pfs_milestone"], estimate=None, warnings=("no event at all",)
    )
    figures = build_key_figures(with_result(facts, "pfs_milestone", empty))
    assert (figures[2].value, figures[2].detail) == ("not estimable", "no event at all")


def test_the_follow_up_and_the_warnings_are_told_beside_the_answer(facts: Facts) -> None:
    warned = replace(facts.results.results["pfs_milestone"], warnings=("one thing",))
    told = with_result(facts, "pfs_milestone", warned)
    follow_up = {"pfs": {"median_follow_up": Estimate(value=28.74)}}
    caveats = build_caveats(replace(told, results=replace(told.results, follow_up=follow_up)))
    assert caveats == ("one thing", "median follow-up 28.7 months (reverse Kaplan-Meier)")


def test_a_probability_without_an_interval_says_so(facts: Facts) -> None:
    result = facts.results.results["pfs_milestone"]
    arms = tuple(
        replace(arm, estimates={"survival": Estimate(value=value)})
        for arm, value in zip(result.arms, (1.0, None), strict=True)
    )
    said = answer(
        with_result(
            facts,
            "pfs_milestone",
            replace(result, arms=arms, estimate=Estimate(value=0.2), p_value=0.4),
        )
    )
    assert "100.0% (no interval) with systemic therapy alone" in said
    assert "not estimable with systemic therapy plus SBRT" in said
    assert "points for which the trial was planned" not in said


def test_a_primary_risk_difference_says_nothing_of_the_planned_survival(facts: Facts) -> None:
    result = replace(
        facts.results.results["acute_risk"],
        estimate=Estimate(value=0.1, lower=-0.2, upper=0.4),
        p_value=0.5,
    )
    analyses = tuple(
        a.model_copy(update={"role": "primary" if a.id == "acute_risk" else "supportive"})
        for a in facts.protocol.analysis
    )
    changed = replace(facts, protocol=facts.protocol.model_copy(update={"analysis": analyses}))
    said = answer(with_result(changed, "acute_risk", result))
    assert said.startswith("Acute adverse event of grade 3 or higher at 6.01 months was ")
    assert "this does not show that they are equal." in said


@pytest.mark.parametrize("p", [0.001, 0.2, None])
def test_every_answer_ends_in_a_full_stop(facts: Facts, p: float | None) -> None:
    assert answer(with_difference(facts, 0.1, p=p)).endswith(".")
