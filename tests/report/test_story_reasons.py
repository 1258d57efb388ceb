"""Why an assessment has its response: the sentence that each row of D3.2-3.5 gets."""

from dataclasses import replace

import pytest

from equipoise.report.story.reasons import Seen, list_reasons
from equipoise.report.story.values import LesionReading, NewLesion

PLAIN = Seen(
    readings=(),
    new_lesions=(),
    sum_tenths=300,
    nadir_tenths=300,
    baseline_tenths=300,
    nadir_label="baseline",
    target="",
    non_target="",
    response="",
    partial_since="",
    cleared=False,
    earlier_new="",
    has_baseline=True,
)


def reading(
    lesion: str, tenths: int | None, *, status: str = "measured", role: str = "target"
) -> LesionReading:
    """A lesion as one scan shows it."""
    return LesionReading(
        lesion=lesion, role=role, status=status, tenths_mm=tenths, words="", entry=""
    )


def why(*readings: LesionReading, **changes: object) -> str:
    """The reasons of an assessment with these lesions, as one line."""
    seen = replace(PLAIN, readings=readings, **changes)  # type: ignore[arg-type]
    return "; ".join(list_reasons(seen))


def test_progression_names_share_millimetres_and_nadir() -> None:
    told = why(
        reading("L01", 360),
        sum_tenths=360,
        nadir_tenths=300,
        nadir_label="month 3",
        target="PD",
    )
    assert told == (
        "the sum 36.0 mm is 20 % and 6.0 mm over the nadir 30.0 mm of month 3 "
        "(progression from 20 % and 5 mm)"
    )


def test_progression_on_part_of_the_targets_says_so() -> None:
    told = why(reading("L01", 400), reading("L02", None), sum_tenths=None, target="PD")
    assert (
        "the targets that could be measured add up to 40.0 mm, already 33.3 % and 10.0 mm" in told
    )


def test_a_lesion_that_is_back_is_named() -> None:
    told = why(
        reading("L02", 60), sum_tenths=60, nadir_tenths=0, nadir_label="month 6", target="PD"
    )
    assert told == "L02 is back after a sum of 0 mm at month 6"
    cleared = why(reading("L02", 60), sum_tenths=60, nadir_tenths=40, cleared=True, target="PD")
    assert cleared == "L02 is back after a complete response"


def test_a_progression_that_the_sizes_do_not_show_is_only_stated() -> None:
    assert why(reading("L01", 300), target="PD") == "the target lesions have progressed"


def test_a_complete_response_tells_of_nodes_that_are_left() -> None:
    assert why(reading("L01", 0), sum_tenths=0, target="CR") == "every target lesion is gone"
    assert "(lymph nodes under 10 mm are normal)" in why(sum_tenths=80, target="CR")


@pytest.mark.parametrize(
    ("now", "words"),
    [(210, "30 % under the baseline sum 30.0 mm (partial response from 30 %)"), (90, "70 % under")],
)
def test_a_partial_response_is_held_against_baseline(now: int, words: str) -> None:
    assert words in why(reading("L01", now), sum_tenths=now, nadir_tenths=240, target="PR")


def test_a_partial_response_that_drifts_back_says_since_when_it_stands() -> None:
    told = why(
        sum_tenths=230,
        nadir_tenths=200,
        nadir_label="month 6",
        target="PR",
        partial_since="month 3",
    )
    assert told.startswith("the partial response of month 3 stays until progression")
    assert told.endswith(
        "under the baseline sum 30.0 mm and 15 % and 3.0 mm over the nadir 20.0 mm"
    )


def test_a_fifth_without_five_millimetres_is_stable() -> None:
    told = why(sum_tenths=190, nadir_tenths=150, nadir_label="month 3", target="SD")
    assert "26.6 % and 4.0 mm over the nadir 15.0 mm: neither" in told


@pytest.mark.parametrize(
    ("now", "words"),
    [(280, ", the smallest so far: neither"), (290, ", the same as the nadir: neither")],
)
def test_stable_disease_says_where_the_sum_stands(now: int, words: str) -> None:
    assert words in why(sum_tenths=now, nadir_tenths=290, nadir_label="month 3", target="SD")


def test_a_target_that_was_not_evaluated_is_named() -> None:
    one = why(reading("L02", None, status="ne"), sum_tenths=None, target="NE")
    assert one == "target L02 was not evaluated, so there is no sum"
    assert why(reading("L01", 90), sum_tenths=90, baseline_tenths=None, target="NE") == (
        "the sum at baseline is not known, so nothing can be compared with it"
    )


@pytest.mark.parametrize(
    ("response", "status", "words"),
    [
        ("PD", "progression", "non-target L03: unequivocal progression"),
        ("PD", "present", "the non-target lesions have progressed"),
        ("NE", "ne", "non-target L03 could not be judged"),
        ("CR", "absent", "every non-target lesion is gone"),
        (
            "NON-CR/NON-PD",
            "present",
            "non-target lesions are there, without unequivocal progression",
        ),
    ],
)
def test_non_target_lesions_have_their_own_reason(response: str, status: str, words: str) -> None:
    assert why(reading("L03", None, status=status, role="non_target"), non_target=response) == words


def test_a_non_target_lesion_that_is_back_after_complete_response_is_named() -> None:
    back = reading("L03", None, status="present", role="non_target")
    assert why(back, non_target="PD", cleared=True) == (
        "non-target L03 is back after a complete response"
    )


def test_a_new_lesion_of_before_stays_a_progression() -> None:
    assert why(earlier_new="month 3") == "the new lesion of month 3 stays a progression"
    new = NewLesion(
        lesion="N02", site="lung", certainty="", counts=True, words="new lesion N02", entry=""
    )
    assert why(earlier_new="month 3", new_lesions=(new,)) == "new lesion N02"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"target": "CR", "response": "PR"}, "not every non-target lesion: partial response"),
        ({"response": "NED"}, "no lesion at baseline and none now"),
        ({"has_baseline": False, "response": "NE"}, "no baseline assessment"),
    ],
)
def test_the_overall_response_is_explained_where_its_parts_do_not(
    changes: dict[str, object], words: str
) -> None:
    assert words in why(**changes)
