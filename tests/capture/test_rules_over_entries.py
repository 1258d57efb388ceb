"""Rules over small trials: checks, branching, derived items, criteria; the unknown is silent."""

from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from capture.small_trial import protocol, trial
from conformance.made_entries import make_frames, shipped_protocols
from equipoise.capture.derived_items import complete, complete_some, order_derived
from equipoise.capture.edit_checks import check_frames
from equipoise.capture.eligibility import check_eligibility
from equipoise.capture.frames import empty_frames
from equipoise.protocol.check_forms import derived_needs
from equipoise.vocab.finding import Severity

DM = """
    subject | site | sex | birth_year
    01-001  | 01   | F   | 1960
"""
ICF = """
    subject | consent_date
    01-001  | 2026-02-20
"""
RAND = """
    subject | randomised_date | omd_induced | n_mets | imdc
    01-001  | 2026-03-09      | N           | 1-3    | fav
"""
LESIONS = """
    subject|lesion|role      |kind     |site           |scan_date |method|ld_mm|sa_mm|prior_rt|intend_sbrt
    01-001 |L01   |target    |non_nodal|lung           |2026-03-01|ct    |22   |     |N       |Y
    01-001 |L02   |target    |nodal    |node_mediastinal|2026-03-01|ct   |     |16   |N       |Y
    01-001 |L03   |non_target|non_nodal|lung           |2026-03-01|ct    |8    |     |N       |N
"""  # noqa: E501
DEATH = """
    subject | death_date | cause
    01-001  | 2026-10    | rcc
"""

# what stands in the trial | where each finding is | its code | what was found
CASES = [
    (
        {"les_fu": """
            subject | visit | lesion | scan_date  | status   | mm
            01-001  | M3    | L01    | 2026-06-09 | measured | 20
        """},
        [],
    ),
    (
        {"les_fu": """
            subject | visit | lesion | scan_date  | status   | mm
            01-001  | M3    | L01    | 2026-03-09 | measured | 20
            01-001  | M3    | L02    | 2026-11-01 | measured | 15
            01-001  | M3    | L09    | 2026-06-09 | measured | 15
            01-001  | M6    | L01    | 2026-09-09 | measured |
            01-001  | M6    | L02    | 2026-09-09 | absent   | 3
        """},
        [
            ("lesion-not-at-baseline", "01-001/les_fu/M3.L09", ""),
            ("measured-without-value", "01-001/les_fu/M6.L01", "status = measured"),
            ("absent-with-size", "01-001/les_fu/M6.L02", "mm = 3.0, status = absent"),
            ("scan-before-randomisation", "01-001/les_fu/M3.L01",
             "rand__randomised_date = 2026-03-09, scan_date = 2026-03-09"),
            ("scan-after-death", "01-001/les_fu/M3.L02",
             "dth__death_latest_date = 2026-10-31, scan_date = 2026-11-01"),
            ("not-applicable-answered", "01-001/les_fu/M6.L02", "3.0"),
        ],
    ),
    (
        {
            "surg": """
                subject | record | type           | surgery_date | planned | lesion
                01-001  | 1      | metastasectomy | 2026-07-01   | N       | L01
            """,
            "les_fu": """
                subject | visit | lesion | scan_date  | status   | mm
                01-001  | M3    | L01    | 2026-06-09 | measured | 20
                01-001  | M6    | L01    | 2026-09-09 | measured | 18
                01-001  | M6    | L02    | 2026-09-09 | measured | 15
            """,
        },
        [("measured-after-resection", "01-001/les_fu/M6.L01", "")],
    ),
    (
        {"ae": """
            subject | record | term    | grade | onset_date | end_date | serious | outcome
            01-001  | 1      | Fatigue | 2     | 2026-05    | 2026-05  | N       | recovered
            01-001  | 2      | Fatigue | 2     | 2026-05    | 2026-04  | N       | recovered
            01-001  | 3      | Fatigue | 2     | 2026       |          | N       | recovered
            01-001  | 4      | Fatigue | 2     | 2026-02    |          | N       | recovered
            01-001  | 5      | Fatigue | 2     | 2026-02-19 |          | N       | recovered
            01-001  | 6      | Fatigue | 1     | 2026-11    |          | N       | recovered
        """},
        [
            ("ae-end-before-onset", "01-001/ae/2", ""),
            ("ae-before-consent", "01-001/ae/5", ""),
            ("ae-after-death", "01-001/ae/6", ""),
        ],
    ),
    (
        {"ex_sys": """
            subject | record | regimen   | agent     | start_date | action
            01-001  | 1      | pembro_axi | axitinib | 2026-03-08 | given
            01-001  | 2      | pembro_axi | axitinib | 2026-03-09 | given
        """},
        [
            ("therapy-before-randomisation", "01-001/ex_sys/1",
             "rand__randomised_date = 2026-03-09, start_date = 2026-03-08"),
        ],
    ),
    (
        {"surv": """
            subject | visit | alive_date
            01-001  | M6    | 2026-09-09
            01-001  | M9    | 2026-10-31
            01-001  | M12   | 2026-11-01
            01-999  | M3    | 2026-06-09
        """},
        [
            ("alive-after-death", "01-001/surv/M12", ""),
            ("unknown-subject", "01-999/surv/M3", "01-999"),
        ],
    ),
    (
        {"omd": """
            subject | poly_history | oligo_history | max_lesions_ever
            01-001  | Y            | Y             | 2
        """},
        [
            ("more-lesions-now-than-ever", "01-001/omd", "max_lesions_ever = 2, n_lesions = 3"),
            ("polymetastatic-with-few-lesions", "01-001/omd",
             "max_lesions_ever = 2, poly_history = True"),
            ("induced-without-therapy", "01-001/omd",
             "n_earlier_lines = 0, omd_class = induced"),
            ("not-applicable-answered", "01-001/omd", "True"),
            ("stratum-induced-differs", "01-001/rand", "omd__omd_induced = Y, omd_induced = N"),
        ],
    ),
]  # fmt: skip


def lay(**texts: str) -> dict[str, pl.DataFrame]:
    """A small trial of one subject, with these forms beside the usual ones."""
    usual = {"dm": DM, "icf": ICF, "rand": RAND, "les_bl": LESIONS, "dth": DEATH}
    return trial(**{**usual, **texts})


@pytest.mark.parametrize(("texts", "expected"), CASES)
def test_each_rule_finds_the_entry_it_is_about(
    texts: dict[str, str], expected: list[tuple[str, str, str]]
) -> None:
    found = check_frames(lay(**texts), protocol())

    assert sorted((f.code, f.entry) for f in found) == sorted((c, e) for c, e, _ in expected)
    for finding in found:
        told = [f for code, entry, f in expected if (code, entry) == (finding.code, finding.entry)]
        assert told in ([""], [finding.found])


def test_today_is_what_the_caller_says() -> None:
    frames = lay()

    before = check_frames(frames, protocol(), as_of_date=date(2026, 9, 30))
    after = check_frames(frames, protocol(), as_of_date=date(2026, 12, 31))

    assert [(f.code, f.entry) for f in before] == [("death-in-future", "01-001/dth")]
    assert list(after) == list(check_frames(frames, protocol())) == []


def test_a_derived_value_outside_its_range_is_asked_about() -> None:
    young = DM.replace("1960", "2010")

    found = check_frames(lay(dm=young), protocol())

    assert [(f.where, f.code, f.found) for f in found] == [
        ("dm 01-001/dm: age_years", "unusual-value", "16"),
        ("rand 01-001/rand", "criterion-not-met", found[1].found),
    ]
    assert found[1].found.startswith("I3: ")
    assert all(f.severity is Severity.SOFT for f in found)


def test_two_trials_rehearsed_together_never_mix() -> None:
    one = lay(
        les_fu="""
        subject | visit | lesion | scan_date  | status   | mm
        01-001  | M3    | L01    | 2026-06-09 | measured | 20
    """
    )
    other = {
        name: frame.with_columns(replicate=pl.lit(1, pl.Int32))
        for name, frame in one.items()
        if name not in ("les_bl", "dth")
    }
    both = {
        name: pl.concat([frame, other[name]]) if name in other else frame
        for name, frame in one.items()
    }

    found = check_frames(both, protocol())

    assert [(f.code, f.entry) for f in found] == [
        ("lesion-not-at-baseline", "01-001/les_fu/M3.L01")
    ]
    completed = complete({**both, "omd": two_states()}, protocol())["omd"]
    assert completed.select("replicate", "n_lesions").rows() == [(0, 3), (1, 0)]


def two_states() -> pl.DataFrame:
    """The oligometastatic state of the same subject in two trials."""
    omd = trial(dm=DM, omd="subject|poly_history\n01-001|N")["omd"]
    return pl.concat([omd, omd.with_columns(replicate=pl.lit(1, pl.Int32))])


def test_what_stands_twice_is_found_in_frames_too() -> None:
    frames = lay(surv="subject|visit|alive_date\n01-001|M3|2026-06-09")
    for name in ("surv", "rand"):
        frames[name] = pl.concat([frames[name], frames[name]])

    found = check_frames(frames, protocol())

    assert [(f.code, f.entry) for f in found] == [
        ("randomised-twice", "01-001/rand"),
        ("duplicate-key", "01-001/surv/M3"),
    ]


def test_entries_that_no_file_brought_are_held_to_the_rules_of_their_cells() -> None:
    frames = lay(
        les_fu="""
        subject | visit | lesion | scan_date  | status   | mm
        01-001  | M3    | L01    | 2026-06-09 | measured | 20
    """
    )
    frames["les_fu"] = frames["les_fu"].with_columns(mm=pl.lit(400.0), method=pl.lit("photograph"))

    found = check_frames(frames, protocol())

    hard = [(f.code, f.where) for f in found if f.severity is Severity.HARD]
    assert hard == [
        ("out-of-range", "les_fu 01-001/les_fu/M3.L01: mm"),
        ("not-in-code-list", "les_fu 01-001/les_fu/M3.L01: method"),
    ]


def test_derived_items_follow_each_other_over_the_forms() -> None:
    frames = lay(omd="subject|poly_history|oligo_history|late_metastasis|on_systemic_therapy\n"
                     "01-001|N|Y||N")  # fmt: skip

    completed = complete(frames, protocol())

    assert completed["dm"]["age_years"].to_list() == [66]
    assert completed["les_bl"]["organ"].to_list() == ["lung", "nodes", "lung"]
    assert completed["les_bl"]["n_targets"].to_list() == [2, 2, 2]
    omd = completed["omd"].row(0, named=True)
    assert (omd["n_lesions"], omd["n_organs"], omd["max_diameter_mm"]) == (3, 2, 22.0)
    assert (omd["omd_class"], omd["omd_state"], omd["omd_induced"], omd["n_mets"]) == (
        "repeat", 4, "N", "1-3",
    )  # fmt: skip


# kps | anaemia, hypercalcaemia, neutrophilia, thrombocytosis | class | stratum; early therapy is
# never known
IMDC = [
    ("90", "N N N N", None, None),
    ("70", "N N N N", "intermediate", "int_poor"),
    ("70", "Y Y N N", "poor", "int_poor"),
    ("70", "Y ? N N", None, "int_poor"),
    ("90", "N N Y Y", None, "int_poor"),
    ("70", "? ? ? ?", None, "int_poor"),
    ("90", "? ? ? ?", None, None),
]
LABS = "hb_g_dl|calcium_mg_dl|anc_10e9_l|platelets_10e9_l"
LIMITS = "hb_lln_g_dl|calcium_uln_mg_dl|anc_uln_10e9_l|platelets_uln_10e9_l"
VALUES = {"Y": ("11", "11", "9", "500"), "N": ("13", "9", "5", "300"), "?": ("", "", "", "")}


@pytest.mark.parametrize(("kps", "factors", "named", "stratum"), IMDC)
def test_the_risk_class_is_told_as_soon_as_no_unknown_factor_can_change_it(
    kps: str, factors: str, named: str | None, stratum: str | None
) -> None:
    labs = [VALUES[factor][place] for place, factor in enumerate(factors.split())]
    frames = trial(
        imdc=f"subject|lab_date|kps|{LABS}|{LIMITS}\n"
        f"01-001|2026-03-01|{kps}|{'|'.join(labs)}|12|10|7|400"
    )

    read = complete(frames, protocol())["imdc"]

    assert read.select("imdc_class", "imdc").rows() == [(named, stratum)]


def test_derived_items_worked_out_together_are_those_worked_out_one_by_one() -> None:
    (shipped, *_) = shipped_protocols()
    places = order_derived(shipped)
    frames = make_frames(shipped, subjects=4, seed=7)
    together = complete_some(frames, shipped, places=places)
    single = dict(frames)
    for place in places:
        single = complete_some(single, shipped, places=[place])

    assert sum(len(together[form].columns) for form in together) > len(places)
    for form, frame in together.items():
        assert_frame_equal(frame, single[form])


def test_each_derived_item_follows_what_it_reads() -> None:
    (shipped, *_) = shipped_protocols()
    places, needs = order_derived(shipped), derived_needs(shipped)
    place_of = {place: number for number, place in enumerate(places)}

    assert set(places) == set(needs)
    for place, read in needs.items():
        assert all(place_of[each] < place_of[place] for each in read & set(places))


def test_a_trial_without_entries_has_nothing_to_find() -> None:
    assert list(check_frames(empty_frames(protocol()), protocol())) == []
    assert check_eligibility(complete(empty_frames(protocol()), protocol()), protocol()).is_empty()


def test_each_criterion_is_met_or_not_or_not_yet_known() -> None:
    frames = lay(ie="""
        subject|sbrt_amenable|staging_date|cns_metastases|ild|autoimmune|pregnant|second_malignancy|overlap_rt
        01-001 |Y            |2026-01-01  |N             |Y  |N         |        |@unknown         |N
    """)  # fmt: skip  # noqa: E501

    told = check_eligibility(complete(frames, protocol()), protocol())

    met = dict(told.select("criterion", "met").iter_rows())
    assert set(met) == {criterion.id for criterion in protocol().criterion}
    assert {name for name, value in met.items() if value is False} == {"I9", "E2"}
    assert {name for name, value in met.items() if value} == {"I3", "I7", "E1", "E3", "E6"}
    unmet = [f for f in check_frames(frames, protocol()) if f.code == "criterion-not-met"]
    assert sorted(f.found.split(":")[0] for f in unmet) == ["E2", "I9"]
