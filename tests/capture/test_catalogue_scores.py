"""The catalogue of forms: scores, indices, ranges, and what no form may ask."""

import pytest

from capture.small_trial import protocol, rows, trial
from capture.test_catalogue import READ, USUAL
from equipoise.capture.derived_items import complete
from equipoise.capture.validate import validate

# answers of the NFKSI-19 | physical, emotional, side effects, well-being, total
BEST = dict.fromkeys("gp1 gp4 c2 hi7 b1 brm3 bp1 l2 hi12 rcc2 ge6 gp2 c5 gp5".split(), 0) | (
    dict.fromkeys("c6 gf5 gf1 gf3 gf7".split(), 4)
)
WORST = {name: 4 - value for name, value in BEST.items()}
HALF = {name: value for name, value in BEST.items() if name not in ("gp1", "gp4", "gf1", "gf3")}


@pytest.mark.parametrize(
    ("answers", "scores"),
    [
        (BEST, (48, 4, 12, 12, 76)),
        (WORST, (0, 0, 0, 0, 0)),
        (HALF, (48, 4, 12, None, 76)),  # two of three well-being items are gone: no score of them
        ({**BEST, "gp1": 4}, (44, 4, 12, 12, 72)),
        ({"ge6": 1}, (None, 3, None, None, None)),
    ],
)
def test_scores_of_the_symptom_index(
    answers: dict[str, int], scores: tuple[float | None, ...]
) -> None:
    cells = {name: str(value) for name, value in answers.items()}
    head = "|".join(["subject", "visit", "completed_date", *cells])
    text = f"{head}\n" + "|".join(["01-001", "M3", "2026-06-01", *cells.values()])
    made = complete(trial(**USUAL, nfksi=text), protocol())["nfksi"].row(0, named=True)

    found = [made[name] for name in ("drs_p", "drs_e", "tse", "fwb", "total")]
    assert found == [None if each is None else pytest.approx(each) for each in scores]


def test_state_and_sum_of_levels_of_the_health_questionnaire() -> None:
    text = (
        "subject|visit|completed_date|dimension_1|dimension_2|dimension_3|dimension_4|dimension_5\n"
        "01-001|M3|2026-06-01|2|1|3|5|4"
    )
    made = complete(trial(**USUAL, eq5d=text), protocol())["eq5d"].row(0, named=True)

    assert (made["health_state"], made["level_sum"]) == (21354, 15)


def test_indices_of_a_plan_are_those_of_their_formulas() -> None:
    text = (
        "subject|lesion|plan_date|piv_cc|ptv_covered_cc|half_dose_cc|max_2cm_gy|"
        "ptv_d98_gy|ptv_d50_gy|ptv_d2_gy\n01-001|L01|2026-03-20|22|19|88|27|48|56|62"
    )
    made = complete(trial(**USUAL, rt_plan=text), protocol())["rt_plan"].row(0, named=True)
    wanted = {
        "coverage_percent": 95.0,
        "ci": 1.1,
        "pci": 19 * 19 / (20 * 22),
        "gi": 4.0,
        "r50": 4.4,
        "d2cm_percent": 54.0,
        "hi": 14 / 56,
    }

    assert {name: made[name] for name in wanted} == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("value", "verdict"), [("25", "met"), ("25.1", "minor"), ("30", "minor"), ("30.1", "major")]
)
def test_verdict_of_a_dose_to_an_organ(value: str, verdict: str) -> None:
    text = (
        "subject|lesion|record|structure|metric|value|unit|limit_set|optimal|mandatory\n"
        f"01-001|L01|1|SpinalCord|max|{value}|Gy|tg101|25|30"
    )

    made = complete(trial(**USUAL, rt_dvh=text), protocol())["rt_dvh"]

    assert made["verdict"].to_list() == [verdict]


@pytest.mark.parametrize("name", ["Ribs", "BODY", "Glnd_Adrenal", "spinal cord"])
def test_a_structure_that_the_nomenclature_does_not_have_is_refused(name: str) -> None:
    text = (
        "subject|lesion|record|structure|metric|value|unit|limit_set\n"
        f"01-001|L01|1|{name}|max|20|Gy|tg101"
    )

    assert [f.code for f in rows("rt_dvh", text).findings] == ["not-in-code-list"]


# form | item | refused, asked, taken: the edges of the ranges of D7.2
@pytest.mark.parametrize(
    ("form", "item", "refused", "asked", "taken"),
    [
        ("vs", "weight_kg", "29.9 200.1", "", "30 200"),
        ("vs", "height_cm", "119 221", "", "120 220"),
        ("vs", "systolic_mm_hg", "59 261", "60 181 260", "90 180"),
        ("vs", "diastolic_mm_hg", "29 151", "30 111 150", "50 110"),
        ("vs", "temperature_c", "32.9 42.1", "33 34.9 38.6 42", "35 38.5"),
        ("vs", "spo2_percent", "59 101", "60 91", "92 100"),
        ("nfksi", "gp1", "-1 5", "", "0 4"),
        ("eq5d", "dimension_3", "0 6", "", "1 5"),
        ("eq5d", "vas", "-1 101", "", "0 100"),
        ("rt_fx", "shift_vertical_mm", "-51 51", "-11 11", "-10 10"),
        ("cm", "prednisone_mg", "-1", "", "0"),
    ],
)
def test_ranges_have_their_edges(
    form: str, item: str, refused: str, asked: str, taken: str
) -> None:
    base = next(items for name, items, _ in READ if name == form)
    for values, codes in ((refused, ["out-of-range"]), (asked, ["unusual-value"]), (taken, [])):
        for value in values.split():
            given = {"subject": "01-001", **base, item: value}
            told = validate(protocol().form_named(form), raw=given, protocol=protocol())
            assert [f.code for f in told.findings] == codes, value


def test_no_form_asks_for_a_name_or_a_number_of_the_hospital() -> None:
    names = {item.name for form in protocol().form for item in form.item}

    assert not names & {"name", "initials", "birth_date", "hospital_number", "address", "phone"}


def test_items_of_licensed_questionnaires_carry_no_wording() -> None:
    labels = [
        item.label
        for form in ("nfksi", "eq5d")
        for item in protocol().form_named(form).entered_items
        if item.name not in ("visit", "completed_date", "mode", "not_answered", "vas")
    ]

    assert all(label.startswith(("Item ", "Dimension ")) for label in labels)
    assert len(labels) == 19 + 5
    assert all("licensed" in protocol().form_named(form).note for form in ("nfksi", "eq5d"))
