"""The rules on a second set of records, worded as registries word them, written after the rules."""

from pathlib import Path

import pytest

from equipoise.interop.registry_record import read_registry_record
from equipoise.interop.registry_record_rules import check_registry_record
from interop.registry.registry_samples import build_lines, codes_in

FOLDER = Path(__file__).parent / "other_records"

CLOCK = "comparison-clocked-from-event-one-arm-never-has"
SITE = "irradiated-site-undefined-in-comparator"
# record -> (code, place) of everything that is wrong with it
FAULTS: dict[str, list[tuple[str, str]]] = {
    "anal_canal": [("grade-open", "primary outcome 1")],
    "apnoea": [("sample-size-absent", "record")],
    "bone_cryoablation": [(CLOCK, "secondary outcome 1"), (SITE, "secondary outcome 1")],
    "breast_palbociclib": [("milestone-time-frame-is-a-data-cut-rule", "primary outcome 1")],
    "cervix": [("grade-open", "secondary outcome 1")],
    "coronary": [("eligibility-absent", "record")],
    "endometrium_robot": [("window-gap", "secondary outcome 1")],
    "gastric": [("horizons-need-separate-cuts", "secondary outcome 1")],
    "gist": [("outcome-definition-words-another-endpoint", "secondary outcome 1")],
    "heart_failure": [("outcome-time-frame-words-another-endpoint", "primary outcome 1")],
    "hepatorenal": [("outcome-time-frame-words-another-endpoint", "primary outcome 1")],
    "kidney_surgery": [(CLOCK, "primary outcome 1")],
    "kidney_transplant": [("milestone-time-frame-is-a-data-cut-rule", "primary outcome 1")],
    "leukaemia": [("milestone-time-frame-is-a-data-cut-rule", "primary outcome 1")],
    "liver_ablation": [(SITE, "secondary outcome 1")],
    "lung_egfr": [("outcome-time-frame-words-another-endpoint", "primary outcome 1")],
    "lung_sabr": [(CLOCK, "primary outcome 1")],
    "meningococcal_vaccine": [
        ("grade-open", "secondary outcome 1"),
        ("grade-open", "secondary outcome 2"),
        ("window-gap", "secondary outcome 2"),
    ],
    "ovary": [("comparator-intervention-not-listed", "interventions")],
    "preterm": [("sample-size-absent", "record")],
    "prostate_enzalutamide": [
        ("window-origin-ambiguous", "secondary outcome 1"),
        ("window-origin-ambiguous", "secondary outcome 2"),
    ],
    "sarcoma_lung": [("unit-of-analysis-open", "primary outcome 1")],
    "sarcoma_wound": [("window-starts-after-risk-period", "primary outcome 1")],
    "shoulder": [("allocation-ratio-absent", "record")],
    "small_cell": [(CLOCK, "secondary outcome 1")],
}
CLEAN = sorted(path.stem for path in FOLDER.glob("clean_*.txt"))


def _find(name: str) -> list[tuple[str, str]]:
    record = read_registry_record((FOLDER / f"{name}.txt").read_bytes())
    return [(one.code, one.where.split(" (")[0]) for one in check_registry_record(record)]


def test_every_record_of_the_folder_is_expected() -> None:
    assert {path.stem for path in FOLDER.glob("fault_*.txt")} == {f"fault_{one}" for one in FAULTS}
    assert len(CLEAN) >= 20


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_faults_are_found_where_they_are_and_nothing_else(name: str) -> None:
    assert _find(f"fault_{name}") == FAULTS[name]


@pytest.mark.parametrize("name", CLEAN)
def test_clean_record_has_no_finding(name: str) -> None:
    assert _find(name) == []


@pytest.mark.parametrize(
    ("frame", "found"),
    [
        ("From randomisation to reversal of the syndrome or death", True),
        ("From randomisation until transplantation or death from any cause", True),
        ("From randomisation to last follow-up or death", False),
        ("From randomisation until the end of the study or death", False),
        ("From randomisation to death", False),
    ],
)
def test_survival_that_ends_at_anything_but_death_words_another_endpoint(
    frame: str, found: bool
) -> None:
    codes = codes_in(build_lines(primary=f"Overall survival, Log-rank test, {frame}, 12 months"))
    assert codes == (["outcome-time-frame-words-another-endpoint"] if found else [])
