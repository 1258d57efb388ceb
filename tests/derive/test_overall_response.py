"""Non-target and new lesions, and the overall response (RECIST 1.1; D3.3-3.5)."""

import pytest

from derive.response_tables import assert_responses
from derive.trial_tables import build_frames, day, derive, scans

# One follow-up scan for each row of the table of D3.5: target 20 mm and non-target at baseline.
TABLE = [
    # target, non-target, new, overall
    ("abs", "abs", "", "CR"),
    ("abs", "pres", "", "PR"),
    ("abs", "ne", "", "PR"),
    ("14", "abs", "", "PR"),
    ("14", "pres", "", "PR"),
    ("14", "ne", "", "PR"),
    ("20", "abs", "", "SD"),
    ("20", "pres", "", "SD"),
    ("20", "ne", "", "SD"),
    ("ne", "abs", "", "NE"),
    ("ne", "pres", "", "NE"),
    ("ne", "ne", "", "NE"),
    ("25", "abs", "", "PD"),
    ("25", "pres", "", "PD"),
    ("25", "ne", "", "PD"),
    ("abs", "prog", "", "PD"),
    ("20", "prog", "", "PD"),
    ("ne", "prog", "", "PD"),
    ("abs", "abs", "N01", "PD"),
    ("20", "pres", "N01", "PD"),
    ("ne", "ne", "N01", "PD"),
]


@pytest.mark.parametrize(("target", "other", "new", "overall"), TABLE)
def test_every_row_of_the_response_table(target: str, other: str, new: str, overall: str) -> None:
    assert_responses(f"""
    | visit | day | L01      | L02:other | new   | overall   |
    | BL    | -10 | 20       | pres      |       |           |
    | M3    | 84  | {target} | {other}   | {new} | {overall} |
    """)


@pytest.mark.parametrize(
    ("other", "new", "overall"),
    [
        ("abs", "", "CR"),
        ("pres", "", "NON-CR/NON-PD"),
        ("ne", "", "NE"),
        ("prog", "", "PD"),
        ("pres", "N01", "PD"),
    ],
)
def test_without_targets_the_non_target_response_stands(other: str, new: str, overall: str) -> None:
    assert_responses(f"""
    | visit | day | L01:other | new   | target | overall   |
    | BL    | -10 | pres      |       |        |           |
    | M3    | 84  | {other}   | {new} |        | {overall} |
    """)


def test_a_small_non_target_node_is_gone() -> None:
    assert_responses("""
    | visit | day | L01 | L02:node,other | others        | overall |
    | BL    | -10 | 20  | 12             |               |         |
    | M3    | 84  | abs | 10             | NON-CR/NON-PD | PR      |
    | M6    | 168 | abs | 9.9            | CR            | CR      |
    """)


def test_non_target_lesions_do_not_progress_by_size_alone() -> None:
    assert_responses("""
    | visit | day | L01 | L02:other | others        | overall |
    | BL    | -10 | 20  | 8         |               |         |
    | M3    | 84  | 20  | 14        | NON-CR/NON-PD | SD      |
    """)


def test_one_unread_non_target_leaves_the_others_not_evaluable() -> None:
    assert_responses("""
    | visit | day | L01 | L02:other | L03:other | others | overall |
    | BL    | -10 | 20  | pres      | pres      |        |         |
    | M3    | 84  | abs | abs       | ne        | NE     | PR      |
    | M6    | 168 | abs | abs       |           | NE     | PR      |
    | M9    | 252 | abs | abs       | abs       | CR     | CR      |
    """)


def test_a_removed_non_target_is_gone() -> None:
    assert_responses("""
    | visit | day | L01 | L02:other | others        | overall |
    | BL    | -10 | 20  | pres      |               |         |
    | M3    | 84  | abs | pres      | NON-CR/NON-PD | PR      |
    | M6    | 168 | abs | res       | CR            | CR      |
    | M9    | 252 | abs |           | CR            | CR      |
    """)


def test_a_new_lesion_stays_progression_at_every_later_scan() -> None:
    assert_responses("""
    | visit | day | L01 | new | newly | target | overall |
    | BL    | -10 | 20  |     |       |        |         |
    | M3    | 84  | 20  | N01 | yes   | SD     | PD      |
    | M6    | 168 | 12  |     | yes   | PR     | PD      |
    """)


def test_an_equivocal_new_lesion_alone_is_no_progression() -> None:
    assert_responses("""
    | visit | day | L01 | new  | newly | overall |
    | BL    | -10 | 20  |      |       |         |
    | M3    | 84  | 20  | N01? | no    | SD      |
    | M6    | 168 | 20  | N01? | no    | SD      |
    """)


def test_an_equivocal_new_lesion_confirmed_later_counts_from_its_first_sighting() -> None:
    assert_responses("""
    | visit | day | L01 | new  | newly | overall |
    | BL    | -10 | 20  |      | no    |         |
    | M3    | 84  | 20  | N01? | yes   | PD      |
    | M6    | 168 | 20  | N01  | yes   | PD      |
    """)


def test_another_unequivocal_lesion_does_not_confirm_an_equivocal_one() -> None:
    data = derive(
        scans("""
    | visit | day | L01 | new  |
    | BL    | -10 | 20  |      |
    | M3    | 84  | 20  | N01? |
    | M6    | 168 | 20  | N02  |
    """)
    )
    assert data.sources["progression"]["progression_date"].to_list() == [day(168)]


def test_a_confirmed_sighting_names_the_entries_of_both_scans() -> None:
    data = derive(
        scans("""
    | visit | day | L01 | new  |
    | BL    | -10 | 20  |      |
    | M3    | 84  | 20  | N01? |
    | M6    | 168 | 20  | N01  |
    """)
    )
    first = data.sources["progression"].sort("progression_date").row(0, named=True)
    assert first["entries"] == ["01-001/newles/M3.N01", "01-001/newles/M6.N01"]
    assert first["progression_date"] == day(84)


def test_a_lesion_that_comes_back_is_progression_after_an_overall_complete_response() -> None:
    assert_responses("""
    | visit | day | L01 | L02:node | target | overall |
    | BL    | -10 | 20  | 18       |        |         |
    | M3    | 84  | abs | 8        | CR     | CR      |
    | M6    | 168 | 4   | 7        | PD     | PD      |
    """)


def test_a_lesion_that_comes_back_is_judged_by_the_sum_without_a_complete_response() -> None:
    assert_responses("""
    | visit | day | L01 | L02 | target | overall |
    | BL    | -10 | 30  | 20  |        |         |
    | M3    | 84  | abs | 20  | PR     | PR      |
    | M6    | 168 | 4   | 18  | PR     | PR      |
    """)


def test_a_non_target_that_comes_back_after_an_overall_complete_response_is_progression() -> None:
    assert_responses("""
    | visit | day | L01 | L02:other,far | others | overall | held |
    | BL    | -10 | 20  | pres          |        |         | no   |
    | M3    | 84  | abs | abs           | CR     | CR      | no   |
    | M6    | 168 | abs | pres          | PD     | PD      | no   |
    """)


def test_a_visit_with_nothing_but_a_new_lesion_is_progression() -> None:
    assert_responses("""
    | visit | day | L01 | new | target | overall | adequate |
    | BL    | -10 | 20  |     |        |         | yes      |
    | M3    | 84  |     | N01 | NE     | PD      | yes      |
    """)


def test_without_a_baseline_only_a_new_lesion_tells_something() -> None:
    data = derive(
        build_frames(
            les_fu="| visit | lesion | scan_date | mm |\n| M3 | L01 | 84 | 20 |",
            newles="| visit | lesion | scan_date |\n| M6 | N01 | 168 |",
        )
    )
    seen = data.assessments.select("visit", "response", "adequate").rows()
    assert seen == [("M3", "NE", False), ("M6", "PD", True)]


def test_who_has_no_lesion_and_is_called_free_of_disease_has_no_evidence_of_disease() -> None:
    data = derive(
        build_frames(
            rs="""
            | visit | assessment_date | overall |
            | M3    | 84              | NED     |
            | M6    | 170             | NED     |
            """,
            newles="| visit | lesion | scan_date |\n| M6 | N01 | 168 |",
        )
    )
    seen = data.assessments.select("visit", "baseline", "response", "adequate").rows()
    assert sorted(seen) == [
        ("BL", True, None, True),
        ("M3", False, "NED", True),
        ("M6", False, "PD", True),
    ]
    assert data.subjects["baseline_assessed"].to_list() == [True]


def test_an_assessment_names_the_entries_it_was_made_from() -> None:
    data = derive(
        scans("""
    | visit | day | L01 | L02:other | new |
    | BL    | -10 | 20  | pres      |     |
    | M3    | 84  | 20  | pres      | N01 |
    """)
    )
    baseline, later = data.assessments["entries"].to_list()
    assert baseline == ["01-001/les_bl/L01", "01-001/les_bl/L02"]
    assert later == ["01-001/les_fu/M3.L01", "01-001/les_fu/M3.L02", "01-001/newles/M3.N01"]


def test_an_assessment_lasts_from_its_first_scan_to_its_last() -> None:
    data = derive(
        build_frames(
            les_bl="| lesion | ld_mm |\n| L01 | 20 |\n| L02 | 20 |",
            les_fu="""
            | visit | lesion | scan_date | mm |
            | M3    | L01    | 86        | 20 |
            | M3    | L02    | 83        | 20 |
            """,
        )
    )
    later = data.assessments.row(1, named=True)
    assert (later["first_date"], later["last_date"]) == (day(83), day(86))


def test_the_states_of_a_lesion_can_be_read_scan_by_scan() -> None:
    data = derive(
        scans("""
    | visit | day | L01 |
    | BL    | -10 | 20  |
    | M3    | 84  | tstm|
    | M6    | 168 | ne  |
    | M9    | 252 | res |
    | M12   | 365 | 30  |
    """)
    )
    states = data.lesion_states.select("visit", "status", "tenths_mm", "evaluable").rows()
    assert states == [
        ("BL", "measured", 200, True),
        ("M3", "tstm", 50, True),
        ("M6", "ne", None, False),
        ("M9", "resected", 0, True),
        ("M12", "resected", 0, True),
    ]


def test_a_target_outside_the_index_that_comes_back_after_a_complete_response_is_not_held() -> None:
    assert_responses("""
    | visit | day | L01:far | L02:node | overall | held |
    | BL    | -10 | 18      | 18       |         | no   |
    | M3    | 84  | abs     | 8        | CR      | no   |
    | M6    | 168 | 5       | 8        | PD      | no   |
    """)


def test_an_index_target_that_comes_back_after_a_complete_response_is_held() -> None:
    # 8 mm of node and 4 mm of lesion: the sum has not grown by 5 mm; the reappearance decides
    assert_responses("""
    | visit | day | L01 | L02:node | nadir | overall | held |
    | BL    | -10 | 18  | 18       |       |         | no   |
    | M3    | 84  | abs | 8        | 36    | CR      | no   |
    | M6    | 168 | 4   | 8        | 8     | PD      | yes  |
    """)


def test_after_a_reappearance_stability_is_no_continued_partial_response() -> None:
    # 22 mm is more than 0.7 x 31 and less than 5 mm over the 18 before: stable
    assert_responses("""
    | visit | day | L01:far | L02:node | L03:node | target |
    | BL    | -10 | 10      | 11       | 10       |        |
    | M3    | 84  | abs     | 9        | 9        | CR     |
    | M6    | 168 | 3       | 9        | 9        | PD     |
    | M9    | 252 | abs     | 11       | 11       | SD     |
    """)
