"""Values of a plan against dose limits: the edge, the step between, other numbers of fractions."""

import pytest

from equipoise.derive.dose_limits import (
    Limit,
    check_conformity,
    check_constraint,
    check_plan_metric,
    find_limits,
)
from equipoise.numerics.biological_dose import biologically_effective_dose
from equipoise.protocol.parse import shipped_protocol
from equipoise.vocab.dose_constraints import read_constraints


def limit_of(organ: str, metric: str, fractions: int, name: str, **more: bool) -> Limit:
    found = find_limits(organ=organ, fractions=fractions, sets=(name,), **more)
    [limit] = [each for each in found if each.constraint.metric == metric]
    return limit


# organ | metric | fractions | set | value | verdict
EDGES = """
GreatVes  | Dcc  | 3 | TG-101         | 39    | pass
GreatVes  | Dcc  | 3 | TG-101         | 39.01 | major
Heart     | Dcc  | 3 | UK-2022 layout | 26    | pass
Heart     | Dcc  | 3 | UK-2022 layout | 26.1  | minor
Heart     | Dcc  | 3 | UK-2022 layout | 30    | minor
Heart     | Dcc  | 3 | UK-2022 layout | 30.1  | major
Liver     | mean | 3 | HyTEC          | 14.99 | pass
Liver     | mean | 3 | HyTEC          | 15    | major
Lungs-GTV | Vgy  | 3 | UK-2022 layout | 9.9   | pass
Lungs-GTV | Vgy  | 3 | UK-2022 layout | 10    | minor
Lungs-GTV | Vgy  | 3 | UK-2022 layout | 15    | major
Liver     | critvol | 3 | TG-101      | 19.2  | pass
Liver     | critvol | 3 | TG-101      | 19.3  | major
"""


@pytest.mark.parametrize("line", EDGES.strip().splitlines())
def test_a_value_at_the_limit_keeps_it_unless_it_must_lie_below(line: str) -> None:
    organ, metric, fractions, name, value, verdict = (cell.strip() for cell in line.split("|"))
    found = check_constraint(float(value), limit=limit_of(organ, metric, int(fractions), name))

    assert (found.verdict, found.warning) == (verdict, "")
    assert organ in found.words
    assert name in found.words


def test_the_words_say_value_limit_set_and_endpoint() -> None:
    found = check_constraint(27, limit=limit_of("Heart", "Dcc", 3, "UK-2022 layout"))
    assert found.words == (
        "Heart D0.1cc: 27 Gy, limit at most 30, optimal 26 (UK-2022 layout, 3 fractions; "
        "pericarditis)"
    )


def test_another_number_of_fractions_is_reached_by_equal_effect_with_a_warning() -> None:
    limit = limit_of("GreatVes", "max", 4, "TG-101")
    found = biologically_effective_dose(
        limit.constraint.mandatory / 4, fractions=4, alpha_beta_gy=3
    )
    published = biologically_effective_dose(45 / 3, fractions=3, alpha_beta_gy=3)

    assert float(found) == pytest.approx(float(published))
    assert limit.warning == "from 3 fractions by equal EQD2, not a published limit"
    assert check_constraint(45, limit=limit).warning == limit.warning


def test_the_cord_is_converted_with_its_own_ratio() -> None:
    limit = limit_of("SpinalCord_PRV03", "max", 8, "HyTEC")
    found = biologically_effective_dose(
        limit.constraint.mandatory / 8, fractions=8, alpha_beta_gy=2
    )
    assert float(found) == pytest.approx(25.3 * (1 + 25.3 / 5 / 2))


def test_a_limit_on_a_volume_is_never_converted() -> None:
    assert find_limits(organ="Brain", fractions=2, sets=("HyTEC",)) == ()
    assert find_limits(organ="Spleen", fractions=3) == ()


def test_the_limit_of_the_cortex_is_on_the_kidney_that_remains() -> None:
    for organ in ("Kidney_R", "Kidney_Cortex"):
        limit = limit_of(organ, "critvol", 3, "TG-101", solitary_kidney=True)
        assert (limit.constraint.volume, limit.constraint.mandatory) == (200, 16)
        assert limit.warning == "solitary kidney: 200 cc of the remaining cortex"
    assert find_limits(organ="Kidney_R", fractions=3, sets=("TG-101",)) == ()
    assert find_limits(organ="Liver", fractions=3, solitary_kidney=True) == find_limits(
        organ="Liver", fractions=3
    )


# PTV in cc | R50: none, minor | D2cm: none, minor (RTOG 0813 and 0915)
@pytest.mark.parametrize(
    ("ptv", "r50", "d2cm"),
    [
        (1.8, (5.9, 7.5), (50, 57)),
        (22, (4.5, 5.5), (54, 63)),
        (28, (4.4, 5.4), (56, 65.5)),
        (163, (2.9, 3.7), (77, 94)),
    ],
)
def test_conformity_is_held_against_the_table_between_its_rows(
    ptv: float, r50: tuple[float, float], d2cm: tuple[float, float]
) -> None:
    steps = ((0, 0, "pass"), (0.01, 0, "minor"), (0, 1, "minor"), (0.01, 1, "major"))
    for more, place, verdict in steps:
        found = check_conformity(ptv_cc=ptv, r50=r50[place] + more, d2cm_percent=d2cm[place] + more)
        assert [each.verdict for each in found] == [verdict, verdict]
        assert [each.warning for each in found] == ["", ""]


def test_a_size_outside_the_table_takes_its_nearest_row_with_a_warning() -> None:
    small, large = (check_conformity(ptv_cc=cc, r50=2.95, d2cm_percent=50)[0] for cc in (0.5, 300))
    assert (small.verdict, large.verdict) == ("pass", "minor")
    assert small.warning == large.warning == "the PTV lies outside the table's sizes"


@pytest.mark.parametrize(
    ("metric", "value", "verdict"),
    [
        ("ptv_v100", 95, "pass"),
        ("ptv_v100", 94.9, "minor"),
        ("ptv_v100", 90, "minor"),
        ("ptv_v100", 89.9, "major"),
        ("ci", 1.2, "pass"),
        ("ci", 1.5, "minor"),
        ("ci", 1.51, "major"),
        ("pci", 0.8, "pass"),
        ("pci", 0.7, "minor"),
        ("pci", 0.69, "major"),
        ("gi", 3, "pass"),
        ("gi", 5, "minor"),
        ("ptv_d98", 89, "major"),
        ("ptv_max", 105, "pass"),
        ("ptv_max", 161, "major"),
    ],
)
def test_plan_metrics_have_three_steps(metric: str, value: float, verdict: str) -> None:
    assert check_plan_metric(metric, value=value).verdict == verdict


def test_the_sets_that_the_protocol_names_are_there() -> None:
    plan = shipped_protocol().radiotherapy
    assert plan is not None
    assert set(plan.dose_limits) <= {each.set for each in read_constraints()}
    assert plan.dose_limits


def test_a_metric_without_tolerance_is_a_bug_of_the_caller() -> None:
    with pytest.raises(KeyError):
        check_plan_metric("hi", value=1)
