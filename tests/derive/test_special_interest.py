"""Groups of special interest, and the time at risk of an adverse event (D2.6)."""

import pytest

from derive.trial_tables import PROTOCOL, build_frames, day, derive
from equipoise.derive.schemas import Datasets
from equipoise.protocol.check_toxicity import check_special_interest
from equipoise.protocol.toxicity_model import SpecialInterest, ToxicityRules

AE = """
| term                               | grade | onset_date | end_date | related_sbrt |
| Pneumonitis                        | 2     | 40         | 50       | probable     |
| Pneumonitis                        | 3     | 90         | 99       | none         |
| Alanine aminotransferase increased | 1     | 30         | 35       | none         |
| Hepatic failure                    | 4     | 60         | 61       | none         |
| Fatigue                            | 3     | 20         | 25       | none         |
| Myelitis                           | 3     | 5          | 6        | none         |
"""
EXPOSURE = """
| start_date | stop_date | action |
| 10         | 99        | given  |
| 100        | 150       | held   |
"""


def told(*, at_risk_until: str = "follow_up", ex_sys: str = EXPOSURE, **tables: str) -> Datasets:
    """What a subject comes to, treated from day 10."""
    rules = ToxicityRules(at_risk_until=at_risk_until, after_exposure_days=30)
    protocol = PROTOCOL.model_copy(update={"toxicity": rules})
    return derive(build_frames(ex_sys=ex_sys, **tables), protocol=protocol)


def test_a_group_has_the_worst_grade_and_first_day_of_its_terms() -> None:
    found = told(ae=AE).special_interest
    rows = found.select("group", "grade", "first_day", "severe_day", "sbrt_grade").rows()
    assert rows == [("hepatitis", 4, 21, 51, None), ("pneumonitis", 3, 31, 81, 2)]
    assert found["terms"].to_list() == [
        ["Alanine aminotransferase increased", "Hepatic failure"],
        ["Pneumonitis"],
    ]
    assert found["entries"].to_list() == [["01-001/ae/3", "01-001/ae/4"], ["01-001/ae/2"]]


def test_the_groups_are_those_of_the_protocol() -> None:
    """D2.6; each term is one of the dictionary."""
    assert [group.id for group in PROTOCOL.aesi] == [
        "pneumonitis",
        "oesophagitis",
        "gi_ulcer_perforation",
        "vertebral_fracture",
        "myelitis",
        "dermatitis",
        "hepatitis",
        "adrenal_insufficiency",
    ]
    assert list(check_special_interest(PROTOCOL)) == []


def test_a_term_that_ctcae_lacks_or_that_stands_twice_is_told_with_a_mend() -> None:
    group = SpecialInterest(
        id="x",
        label="X",
        term=("Radiation pneumonitis", "Colitis", "Colitis"),
        provenance="seed_record",
    )
    protocol = PROTOCOL.model_copy(update={"aesi": (group, group)})
    found = list(check_special_interest(protocol))
    assert {each.code for each in found} == {"name-twice", "unknown-term"}
    assert "Did you mean 'Pneumonitis'?" in [each.mend for each in found]


SEEN = {"surv": "| alive_date |\n| 400 |"}
FRACTION = {"rt_fx": "| lesion | fraction | fraction_date |\n| L01 | 1 | 110 |"}
UNTIL_150 = {"ex_sys": "| start_date | stop_date |\n| 10 | 150 |"}
ON_THERAPY = {"ex_sys": "| start_date |\n| 10 |"}


@pytest.mark.parametrize(
    ("until", "tables", "end", "rule"),
    [
        ("follow_up", SEEN, 400, "AR-2"),
        ("follow_up", {**SEEN, "dth": "| death_date |\n| 450 |"}, 450, "AR-1"),
        ("follow_up", {"ae": "| grade | onset_date |\n| 2 | 420 |"}, 420, "AR-2"),
        ("exposure", SEEN, 129, "AR-3"),
        ("exposure", {**SEEN, **FRACTION}, 140, "AR-3"),
        ("exposure", {"dth": "| death_date |\n| 155 |", **UNTIL_150}, 155, "AR-1"),
        ("exposure", {**SEEN, **ON_THERAPY}, 400, "AR-2"),
    ],
)
def test_until_when_a_subject_is_at_risk(
    until: str, tables: dict[str, str], end: int, rule: str
) -> None:
    row = told(at_risk_until=until, **tables).time_at_risk.row(0, named=True)
    assert (row["start_date"], row["end_date"], row["rule"]) == (day(10), day(end), rule)
    assert row["days"] == end - 10 + 1
    assert row["entries"]
    assert row["words"]


def test_without_treatment_nobody_is_at_risk() -> None:
    data = derive(build_frames(ae="| grade | onset_date |\n| 3 | 40 |"))
    assert data.time_at_risk.is_empty()
    assert data.special_interest.is_empty()
