"""Every interval and test of numerics has its level or coverage measured, or says why not."""

import ast
from pathlib import Path

import numpy as np

import equipoise.numerics
from long.level_advice import ADVICE, find_named
from long.level_checks import Limits, coverage, given
from long.level_measured import Measured
from long.level_page import print_page, print_row
from long.level_registry import CHECKS
from long.level_trials import EFFECT, NULL, draw_trials

NUMERICS = Path(equipoise.numerics.__file__).parent
LONG = Path(__file__).parents[1] / "long"
_TABLES = "its level and coverage are added up over all tables in test_coverage_of_shares.py"
_NO_INTERVAL = "gives neither an interval nor a test"
NOT_MEASURED = {
    "barnard.compare_unconditionally": _TABLES,
    "concordance.estimate_concordance": "has no truth of its own: censoring chooses the pairs",
    "cox_residuals.estimate_residuals": _NO_INTERVAL,
    "cox_residuals.estimate_schoenfeld": _NO_INTERVAL,
    "exact_difference.compare_exactly": _TABLES,
    "fisher.compare_fisher": _TABLES,
    "graphical.compare_by_graph": "follows from levels of the tests that it is given",
    "graphical.estimate_simultaneous_limits": "follows from coverages of what it is given",
    "incidence_band.estimate_incidence_variance": "measured by the band made of it",
    "kaplan_meier.estimate_kaplan_meier_of": "measured as estimate_kaplan_meier",
    "permutation.estimate_group_curves": _NO_INTERVAL,
    "proportions.compare_miettinen_nurminen": _TABLES,
    "proportions.compare_newcombe": _TABLES,
    "risk_difference.compare_agresti_caffo": _TABLES,
    "risk_difference.compare_wald": _TABLES,
    "risk_difference.compare_with_margin": "inverts to the interval of Miettinen and Nurminen",
    "sandwich.estimate_sandwich": "measured by the regressions that it is part of",
    "turnbull.estimate_turnbull": _NO_INTERVAL,
    "turnbull.estimate_turnbull_at": _NO_INTERVAL,
    "turnbull.estimate_turnbull_quantile": _NO_INTERVAL,
}


def _public() -> set[str]:
    """`module.function` of what estimates or compares."""
    return {
        f"{path.stem}.{node.name}"
        for path in NUMERICS.rglob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith(("compare_", "estimate_"))
        and not node.name.endswith("_kernel")
    }


def _measured() -> set[str]:
    """What the files of checks import, which ruff holds to be used."""
    return {
        f"{(node.module or '').rpartition('.')[2]}.{name.name}"
        for path in LONG.glob("*_checks.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("equipoise.numerics")
        for name in node.names
    }


def test_every_estimate_and_comparison_is_measured_or_says_why_not() -> None:
    assert _public() - _measured() == set(NOT_MEASURED)


def test_every_check_has_one_name_and_a_reason_where_it_may_miss() -> None:
    names = [(check.kind, check.name) for check in CHECKS]

    assert len(set(names)) == len(names)
    assert [c.name for c in CHECKS if (c.misses or c.one_sided) and not c.why] == []


def test_every_check_answers_in_a_trial_of_44_an_arm() -> None:
    trials = {
        is_level: draw_trials(np.array([0]), per_arm=44, truth=truth)[0]
        for is_level, truth in ((True, NULL), (False, EFFECT))
    }

    assert [c.name for c in CHECKS if c.happened(trials[c.is_level]) not in (0.0, 1.0)] == []


def test_a_level_of_six_percent_would_be_found() -> None:
    check = CHECKS[0]
    spoilt = Measured(check=check, hits=1200, told=20_000, asked=20_000)
    right = Measured(check=check, hits=1030, told=20_000, asked=20_000)

    assert (check.is_level, spoilt.holds, right.holds) == (True, False, True)
    assert "**6.00 %** (5.67 to 6.34) |" in print_row(right, spoilt)


def test_the_page_says_which_trials_have_no_answer() -> None:
    """A fifth of the small ones here, of all checks; those that may leave some say where."""
    large = [Measured(check=c, hits=50, told=100, asked=100) for c in CHECKS]
    small = [Measured(check=c, hits=40, told=80, asked=100) for c in CHECKS]
    page = print_page(large, small, replicates=100)

    assert page.count(", 20 without an answer |") == len(CHECKS)
    reasons = {c.unanswered for c in CHECKS if c.unanswered}
    assert page.count("\n- no answer where") == len(reasons) > 0
    assert "*level, log-binomial, Wald; coverage, ratio of shares, log-binomial*." in page
    assert page.count("\n| level: ") >= sum(c.is_level for c in CHECKS)


def test_every_name_in_the_advice_is_that_of_a_check() -> None:
    found = [Measured(check=c, hits=5, told=100, asked=100) for c in CHECKS]
    names = [name for each in ADVICE for name in each.take + each.leave]

    assert [name for name in names if not find_named(found, [name])] == []


def test_too_wide_is_safe_and_too_narrow_is_not() -> None:
    wide, narrow = (
        Measured(check=next(c for c in CHECKS if not c.is_level), hits=hits, told=2000, asked=2000)
        for hits in (1960, 1840)
    )

    assert (wide.holds, wide.is_safe, narrow.holds, narrow.is_safe) == (False, True, False, False)


def test_an_interval_that_leaves_the_truth_out_is_counted_as_a_miss() -> None:
    trial = draw_trials(np.array([0]), per_arm=44, truth=EFFECT)[0]
    limits: list[Limits] = [
        (0.6, 0.8),
        (0.75, 0.8),
        (np.nan, 0.8),
        (np.array([0.6, 0.75]), 0.8),
    ]
    told = [
        coverage("x", given(each, lambda _, x: x), lambda truth: truth.ratio).happened(trial)
        for each in limits
    ]

    assert np.array_equal(told, [1.0, 0.0, np.nan, 0.0], equal_nan=True)
