"""The IMDC score by hand: each factor at its limit, in every unit, known, unknown and bounded."""

from itertools import product

import pytest

from capture.small_trial import protocol, trial
from equipoise.capture.derived_items import complete
from equipoise.capture.edit_checks import check_frames

FACTORS = "low_kps early_therapy anaemia hypercalcaemia neutrophilia thrombocytosis".split()
DM = "subject|site|sex|birth_year\n01-001|01|{sex}|1960"
DIAG = "subject|primary_date|first_metastasis_date\n01-001|2024-01-01|2024-09-01"
RAND = (
    "subject|randomised_date|omd_induced|n_mets|imdc\n"
    "01-001|2024-12-31|N|1-3|fav"  # 365 days after diagnosis: 2024 is a leap year
)
OMD = "subject|poly_history|oligo_history|late_metastasis|on_systemic_therapy\n01-001|{answers}"
NEVER = "N|N|Y|N"
LINE = "subject|line|agents|start_date\n01-001|1|sunitinib|{start}"


def scored(cells: str, **others: str) -> dict[str, object]:
    """The risk form of a subject, from `item = value` by commas, with what is derived."""
    pairs = [pair.split("=") for pair in cells.split(",") if pair.strip()]
    names = "|".join(name.strip() for name, _ in pairs)
    values = "|".join(value.strip() for _, value in pairs)
    form = f"subject|lab_date|{names}\n01-001|2024-12-20|{values}"
    texts = {"dm": DM.format(sex="F"), "diag": DIAG, "imdc": form, **others}
    return complete(trial(**texts), protocol())["imdc"].row(0, named=True)


def asked(form: str = "imdc", /, **texts: str) -> list[str]:
    """What is found in the entries of a form."""
    usual = {"dm": DM.format(sex="F"), "diag": DIAG}
    found = check_frames(trial(**{**usual, **texts}), protocol())
    return [f"{f.code} {f.severity.value}" for f in found if f.where.startswith(f"{form} ")]


# what is entered | factor | is it there
LIMITS = """
kps = 79                                                            | low_kps        | yes
kps = 80                                                            | low_kps        | no
hb_g_dl = 11.9, hb_lln_g_dl = 12                                    | anaemia        | yes
hb_g_dl = 12, hb_lln_g_dl = 12                                      | anaemia        | no
hb_lab = 119, hb_lab_lln = 120, hb_lab_unit = g_l                   | anaemia        | yes
hb_lab = 120, hb_lab_lln = 120, hb_lab_unit = g_l                   | anaemia        | no
hb_lab = 7.4, hb_lab_lln = 7.5, hb_lab_unit = mmol_l                | anaemia        | yes
hb_lab = 7.5, hb_lab_lln = 7.5, hb_lab_unit = mmol_l                | anaemia        | no
hb_g_dl = 11.9                                                      | anaemia        |
hb_g_dl = 11.9, hb_lab = 119, hb_lab_lln = 120, hb_lab_unit = g_l   | anaemia        | yes
calcium_mg_dl = 10.3, calcium_uln_mg_dl = 10.2                      | hypercalcaemia | yes
calcium_mg_dl = 10.2, calcium_uln_mg_dl = 10.2                      | hypercalcaemia | no
{mg} calcium_lab = 9.4, albumin_lab = 3.0, albumin_lab_unit = g_dl  | hypercalcaemia | no
{mg} calcium_lab = 9.5, albumin_lab = 3.0, albumin_lab_unit = g_dl  | hypercalcaemia | yes
{mg} calcium_lab = 9.4, albumin_lab = 30, albumin_lab_unit = g_l    | hypercalcaemia | no
{mg} calcium_lab = 10.3, albumin_lab = 4.5, albumin_lab_unit = g_dl | hypercalcaemia | no
{mg} calcium_lab = 10.3, albumin_lab = 4.0, albumin_lab_unit = g_dl | hypercalcaemia | yes
{mmol} calcium_lab = 2.35, albumin_lab = 30, albumin_lab_unit = g_l | hypercalcaemia | no
{mmol} calcium_lab = 2.36, albumin_lab = 30, albumin_lab_unit = g_l | hypercalcaemia | yes
{mmol} calcium_lab = 2.35, albumin_lab = 3, albumin_lab_unit = g_dl | hypercalcaemia | no
{mmol} calcium_lab = 2.60, albumin_lab = 45, albumin_lab_unit = g_l | hypercalcaemia | no
{mmol} calcium_lab = 2.36                                           | hypercalcaemia |
anc_10e9_l = 7.1, anc_uln_10e9_l = 7                                | neutrophilia   | yes
anc_10e9_l = 7, anc_uln_10e9_l = 7                                  | neutrophilia   | no
anc_lab = 7100, anc_lab_uln = 7000, count_lab_unit = per_ul         | neutrophilia   | yes
anc_lab = 7000, anc_lab_uln = 7000, count_lab_unit = per_ul         | neutrophilia   | no
anc_lab = 7.1, anc_lab_uln = 7, count_lab_unit = e9_l               | neutrophilia   | yes
platelets_10e9_l = 401, platelets_uln_10e9_l = 400                  | thrombocytosis | yes
platelets_10e9_l = 400, platelets_uln_10e9_l = 400                  | thrombocytosis | no
platelets_lab = 401000, platelets_lab_uln = 400000, count_lab_unit = per_ul | thrombocytosis | yes
therapy_start_date = 2024-12-30                                     | early_therapy  | yes
therapy_start_date = 2024-12-31                                     | early_therapy  | no
"""
ULN = {
    "{mg}": "calcium_lab_uln = 10.2, calcium_lab_unit = mg_dl,",
    "{mmol}": "calcium_lab_uln = 2.55, calcium_lab_unit = mmol_l,",
}
LINES = [[c.strip() for c in line.split("|")] for line in LIMITS.strip().splitlines()]


@pytest.mark.parametrize(
    ("cells", "factor", "there"), LINES, ids=[f"{x[1]}: {x[0]}" for x in LINES]
)
def test_a_factor_is_there_beyond_its_limit_and_not_at_it(
    cells: str, factor: str, there: str
) -> None:
    for short, full in ULN.items():
        cells = cells.replace(short, full)

    assert scored(cells)[factor] is {"yes": True, "no": False, "": None}[there]


def test_values_are_converted_to_one_unit() -> None:
    found = scored(
        "hb_lab = 8.0, hb_lab_lln = 7.5, hb_lab_unit = mmol_l, calcium_lab = 2.40,"
        "calcium_lab_uln = 2.55, calcium_lab_unit = mmol_l, albumin_lab = 3.5,"
        "albumin_lab_unit = g_dl, anc_lab = 5600, platelets_lab = 310000, count_lab_unit = per_ul"
    )
    assert found["hb_lab_g_dl"] == pytest.approx(12.89, abs=0.005)
    assert found["hb_lab_lln_g_dl"] == pytest.approx(12.09, abs=0.005)
    assert found["albumin_g_l"] == pytest.approx(35)
    assert found["calcium_lab_corrected"] == pytest.approx(2.50)
    assert found["calcium_lab_mg_dl"] == pytest.approx(10.02, abs=0.005)
    assert found["calcium_lab_uln_mg_dl"] == pytest.approx(10.22, abs=0.005)
    assert (found["anc_lab_10e9_l"], found["platelets_lab_10e9_l"]) == (5.6, 310)


KNOWN = {
    "low_kps": ("kps = 70", "kps = 90"),
    "early_therapy": ("therapy_start_date = 2024-06-01", "therapy_start_date = 2025-06-01"),
    "anaemia": ("hb_g_dl = 11, hb_lln_g_dl = 12", "hb_g_dl = 13, hb_lln_g_dl = 12"),
    "hypercalcaemia": (
        "calcium_mg_dl = 11, calcium_uln_mg_dl = 10",
        "calcium_mg_dl = 9, calcium_uln_mg_dl = 10",
    ),
    "neutrophilia": (
        "anc_10e9_l = 9, anc_uln_10e9_l = 7",
        "anc_10e9_l = 5, anc_uln_10e9_l = 7",
    ),
    "thrombocytosis": (
        "platelets_10e9_l = 500, platelets_uln_10e9_l = 400",
        "platelets_10e9_l = 300, platelets_uln_10e9_l = 400",
    ),
}


def with_factors(present: list[str], missing: list[str]) -> dict[str, object]:
    cells = [KNOWN[f][0 if f in present else 1] for f in FACTORS if f not in missing]
    return scored(", ".join(cells))


@pytest.mark.parametrize("missing", FACTORS)
@pytest.mark.parametrize("others", range(4))
def test_a_missing_factor_leaves_a_class_only_where_it_cannot_change_it(
    missing: str, others: int
) -> None:
    present = [factor for factor in FACTORS if factor != missing][:others]
    found = with_factors(present, [missing])

    assert found[missing] is None
    assert (found["score_at_least"], found["score_at_most"]) == (others, others + 1)
    assert found["imdc_class"] == {0: None, 1: "intermediate", 2: None, 3: "poor"}[others]
    assert found["imdc"] == (None if others == 0 else "int_poor")


def test_every_score_has_its_class() -> None:
    ways = list(product((0, 1), repeat=6))
    names = [pair.split("=")[0].strip() for f in FACTORS for pair in KNOWN[f][0].split(",")]
    lines, people = [], []
    for number, way in enumerate(ways):
        cells = [KNOWN[f][1 - there] for f, there in zip(FACTORS, way, strict=True)]
        values = [pair.split("=")[1].strip() for cell in cells for pair in cell.split(",")]
        lines.append("|".join([f"01-{number:03}", "2024-12-20", *values]))
        people.append(f"01-{number:03}|2024-01-01|2024-09-01")
    form = "\n".join(["subject|lab_date|" + "|".join(names), *lines])
    diag = "\n".join(["subject|primary_date|first_metastasis_date", *people])

    found = complete(trial(diag=diag, imdc=form), protocol())["imdc"].sort("subject")

    named = ["favourable", *["intermediate"] * 2, *["poor"] * 4]
    assert found["score_at_least"].to_list() == [sum(way) for way in ways]
    assert found["imdc_class"].to_list() == [named[sum(way)] for way in ways]


def test_nothing_known_says_nothing() -> None:
    found = scored("kps = ")
    assert (found["score_at_least"], found["score_at_most"]) == (0, 6)
    assert (found["imdc_class"], found["imdc"]) == (None, None)


# start entered | first line | answers of the state | date that counts | early
STARTS = """
           |            | N N Y N | 2024-12-31 | no
           | 2024-11-01 | N N Y N | 2024-11-01 | yes
2024-10-01 | 2024-11-01 | N N Y N | 2024-10-01 | yes
2025-01-09 |            | N N Y N | 2025-01-09 | no
           |            | N N Y Y |            |
           |            | Y     Y |            |
           |            |         |            |
"""
START_LINES = [[c.strip() for c in s.split("|")] for s in STARTS.strip("\n").splitlines()]


@pytest.mark.parametrize(("said", "line", "answers", "counts", "early"), START_LINES)
def test_who_never_had_systemic_therapy_is_counted_to_randomisation(
    said: str, line: str, answers: str, counts: str, early: str
) -> None:
    others = {"rand": RAND}
    if line:
        others["prior_sys"] = LINE.format(start=line)
    if answers:
        cells = answers.split() if len(answers.split()) == 4 else ["Y", "", "", "Y"]
        others["omd"] = OMD.format(answers="|".join(cells))
    found = scored(f"therapy_start_date = {said}", **others)

    date = found["first_therapy_date"]
    assert (str(date) if date else "") == counts
    assert found["early_therapy"] is {"yes": True, "no": False, "": None}[early]


def test_before_randomisation_the_date_is_not_yet_known() -> None:
    assert scored("kps = 90", omd=OMD.format(answers=NEVER))["early_therapy"] is None


# what is entered | sex | the finding
QUESTIONS = """
hb_lab = 120                                                 | F | haemoglobin-without-unit hard
calcium_lab = 2.4, albumin_lab = 40, albumin_lab_unit = g_l  | F | calcium-without-unit hard
calcium_lab = 2.4, albumin_lab = 40, calcium_lab_unit = mmol_l | F | calcium-without-unit hard
calcium_lab = 2.4, calcium_lab_unit = mmol_l                 | F | calcium-without-albumin soft
anc_lab = 5000                                               | F | count-without-unit hard
hb_g_dl = 13, hb_lab = 120, hb_lab_unit = g_l                | F | haemoglobin-units-differ soft
hb_g_dl = 12, hb_lab = 120, hb_lab_unit = g_l                | F |
hb_lab = 120, hb_lab_unit = g_dl                             | F | out-of-range hard
anc_10e9_l = 6, anc_lab = 5000, count_lab_unit = per_ul      | F | neutrophils-units-differ soft
platelets_10e9_l = 300, platelets_lab = 310, count_lab_unit = e9_l | F | platelets-units-differ soft
hb_lln_g_dl = 12                                             | M | haemoglobin-limit-other-sex soft
hb_lln_g_dl = 12                                             | F |
hb_lln_g_dl = 13.5                                           | F | haemoglobin-limit-other-sex soft
hb_lln_g_dl = 13.5                                           | M |
hb_lab_lln = 135, hb_lab_unit = g_l                          | F | haemoglobin-limit-other-sex soft
therapy_start_date = 2024-05-02                              | F | therapy-start-not-first-line soft
therapy_start_date = 2024-05-01                              | F |
"""
ASKED = [[c.strip() for c in line.split("|")] for line in QUESTIONS.strip().splitlines()]


@pytest.mark.parametrize(("cells", "sex", "finding"), ASKED, ids=[f"{x[0]} {x[1]}" for x in ASKED])
def test_laboratory_values_that_do_not_fit_are_asked_about(
    cells: str, sex: str, finding: str
) -> None:
    pairs = [pair.split("=") for pair in cells.split(",")]
    form = "subject|lab_date|kps|" + "|".join(name.strip() for name, _ in pairs)
    form += "\n01-001|2024-12-20|90|" + "|".join(value.strip() for _, value in pairs)
    texts = {"dm": DM.format(sex=sex), "prior_sys": LINE.format(start="2024-05-01")}

    assert asked(imdc=form, **texts) == ([finding] if finding else [])


def test_corrected_calcium_in_two_units_is_compared() -> None:
    form = (
        "subject|lab_date|kps|calcium_mg_dl|calcium_lab|calcium_lab_unit|albumin_lab"
        "|albumin_lab_unit\n01-001|2024-12-20|90|{mg}|2.5|mmol_l|40|g_l"
    )
    assert asked(imdc=form.format(mg="10.0")) == []
    assert asked(imdc=form.format(mg="10.2")) == ["calcium-units-differ soft"]


# ECOG | KPS that fit it (D4.2)
@pytest.mark.parametrize(
    ("ecog", "fits"),
    [
        ("0", (90, 100)),
        ("1", (70, 80)),
        ("2", (50, 60)),
        ("3", (0, 10, 20, 30, 40)),
        ("4", (0, 10, 20, 30, 40)),
    ],
)
def test_the_two_performance_scales_are_held_against_each_other_at_screening(
    ecog: str, fits: tuple[int, ...]
) -> None:
    for kps in range(0, 101, 10):
        imdc = f"subject|lab_date|kps\n01-001|2024-12-20|{kps}"
        status = "subject|visit|ecog_date|ecog\n01-001|SCR|{date}|" + ecog
        found = asked("ecog", imdc=imdc, rand=RAND, ecog=status.format(date="2024-12-20"))
        month_3 = status.format(date="2025-04-20").replace("SCR", "M3")
        later = asked("ecog", imdc=imdc, rand=RAND, ecog=month_3)

        refused = ["ecog-over-2-at-screening hard"] if int(ecog) > 2 else []
        assert found == ([] if kps in fits else ["ecog-does-not-fit-kps soft"]) + refused
        assert later == []
