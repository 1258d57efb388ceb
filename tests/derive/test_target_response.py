"""The target response, rule by rule (RECIST 1.1; D3.2). The table says what a reader expects."""

from datetime import date

import pytest

from derive.response_tables import assert_responses
from derive.trial_tables import build_frames, derive_imaging, scan_rows


def test_the_sum_must_grow_by_a_fifth_and_by_five_millimetres() -> None:
    assert_responses("""
    | visit | day | L01 | L02 | sum | nadir | target |
    | BL    | -10 | 30  | 20  | 50  |       |        |
    | M3    | 84  | 35  | 24.9| 59.9| 50    | SD     |
    | M6    | 168 | 36  | 24  | 60  | 50    | PD     |
    """)


def test_a_fifth_of_a_small_sum_is_not_enough_without_five_millimetres() -> None:
    assert_responses("""
    | visit | day | L01  | sum  | nadir | target |
    | BL    | -10 | 12   | 12   |       |        |
    | M3    | 84  | 16.9 | 16.9 | 12    | SD     |
    | M6    | 168 | 17   | 17   | 12    | PD     |
    """)


def test_a_tenth_of_a_millimetre_decides_without_rounding() -> None:
    # 1.2 x 41.0 = 49.2: floats make of it 49.199999999999996
    assert_responses("""
    | visit | day | L01  | target |
    | BL    | -10 | 41.0 |        |
    | M3    | 84  | 49.1 | SD     |
    | M6    | 168 | 49.2 | PD     |
    """)


def test_shrinkage_by_three_tenths_is_a_partial_response() -> None:
    assert_responses("""
    | visit | day | L01  | L02  | sum  | target |
    | BL    | -10 | 30   | 20   | 50   |        |
    | M3    | 84  | 20.1 | 15   | 35.1 | SD     |
    | M6    | 168 | 20   | 15   | 35   | PR     |
    """)


def test_progression_is_asked_before_partial_response() -> None:
    # 34 is 32 % under the baseline, and more than a fifth and 5 mm over the nadir of 20
    assert_responses("""
    | visit | day | L01 | nadir | target |
    | BL    | -10 | 50  |       |        |
    | M3    | 84  | 20  | 50    | PR     |
    | M6    | 168 | 34  | 20    | PD     |
    """)


def test_once_partial_response_a_drifting_sum_stays_partial_response() -> None:
    assert_responses("""
    | visit | day | L01 | nadir | target |
    | BL    | -10 | 50  |       |        |
    | M3    | 84  | 34  | 50    | PR     |
    | M6    | 168 | 38  | 34    | PR     |
    | M9    | 252 | ne  | 34    | NE     |
    | M12   | 365 | 40  | 34    | PR     |
    """)


def test_after_progression_stability_is_stable_disease_again() -> None:
    assert_responses("""
    | visit | day | L01:far | nadir | target |
    | BL    | -10 | 50      |       |        |
    | M3    | 84  | 34      | 50    | PR     |
    | M6    | 168 | 45      | 34    | PD     |
    | M9    | 252 | 39      | 34    | SD     |
    """)


def test_a_progression_that_was_refuted_ends_no_partial_response() -> None:
    # an index lesion: held, and refuted on day 224, the first readable scan 56 days later
    assert_responses("""
    | visit | day | L01 | nadir | target | overall |
    | BL    | -10 | 50  |       |        |         |
    | M3    | 84  | 34  | 50    | PR     | PR      |
    | M6    | 168 | 45  | 34    | PD     | PD      |
    | U1    | 223 | 39  | 34    | SD     | SD      |
    | U2    | 224 | 39  | 34    | PR     | PR      |
    | M9    | 252 | 40  | 34    | PR     | PR      |
    | M12   | 365 | 41  | 34    | PD     | PD      |
    | M15   | 449 | 46  | 34    | PD     | PD      |
    | M18   | 533 | 39  | 34    | SD     | SD      |
    """)


def test_a_biopsy_that_refutes_brings_the_partial_response_back() -> None:
    assert_responses("""
    | visit | day | L01 | nadir | target |
    | BL    | -10 | 50  |       |        |
    | M3    | 84  | 34  | 50    | PR     |
    | M6    | 168 | 45  | 34    | PD     |
    | U1    | 180 | 39? | 34    | PR     |
    """)


def test_a_response_after_a_progression_counts_by_itself() -> None:
    assert_responses("""
    | visit | day | L01:far | nadir | target |
    | BL    | -10 | 50      |       |        |
    | M3    | 84  | 20      | 50    | PR     |
    | M6    | 168 | 40      | 20    | PD     |
    | M9    | 252 | 19      | 20    | PR     |
    | M12   | 365 | 22      | 19    | PR     |
    """)


def test_the_nadir_comes_from_complete_sums_only() -> None:
    assert_responses("""
    | visit | day | L01 | L02 | sum | nadir | target |
    | BL    | -10 | 30  | 20  | 50  |       |        |
    | M3    | 84  | 20  | ne  |     | 50    | NE     |
    | M6    | 168 | 29  | 19  | 48  | 50    | SD     |
    | M9    | 252 | 30  | 20  | 50  | 48    | SD     |
    """)


def test_progression_may_be_called_on_partial_data() -> None:
    assert_responses("""
    | visit | day | L01 | L02 | sum | nadir | target | overall |
    | BL    | -10 | 30  | 20  | 50  |       |        |         |
    | M3    | 84  | 59  | ne  |     | 50    | NE     | NE      |
    | M6    | 168 | 60  | ne  |     | 50    | PD     | PD      |
    """)


def test_a_target_that_nobody_entered_is_not_evaluated() -> None:
    assert_responses("""
    | visit | day | L01 | L02 | sum | target | adequate |
    | BL    | -10 | 30  | 20  | 50  |        | yes      |
    | M3    | 84  | 29  |     |     | NE     | no       |
    | M6    | 168 | 29  | 20  | 49  | SD     | yes      |
    """)


def test_too_small_to_measure_counts_as_five_millimetres() -> None:
    assert_responses("""
    | visit | day | L01  | L02  | sum  | target |
    | BL    | -10 | 20   | 10   | 30   |        |
    | M3    | 84  | 12   | tstm | 17   | PR     |
    | M6    | 168 | tstm | tstm | 10   | PR     |
    """)


def test_all_targets_gone_is_a_complete_response() -> None:
    assert_responses("""
    | visit | day | L01 | L02 | sum | target | overall |
    | BL    | -10 | 20  | 10  | 30  |        |         |
    | M3    | 84  | abs | 5   | 5   | PR     | PR      |
    | M6    | 168 | abs | abs | 0   | CR     | CR      |
    """)


def test_a_complete_response_leaves_normal_nodes_in_the_sum() -> None:
    assert_responses("""
    | visit | day | L01 | L02:node | sum | target | overall |
    | BL    | -10 | 20  | 18       | 38  |        |         |
    | M3    | 84  | abs | 10       | 10  | PR     | PR      |
    | M6    | 168 | abs | 9.9      | 9.9 | CR     | CR      |
    """)


def test_a_complete_response_needs_every_target() -> None:
    assert_responses("""
    | visit | day | L01 | L02 | target |
    | BL    | -10 | 20  | 10  |        |
    | M3    | 84  | abs | ne  | NE     |
    """)


def test_any_target_back_after_a_sum_of_zero_is_progression() -> None:
    assert_responses("""
    | visit | day | L01 | nadir | target | overall |
    | BL    | -10 | 20  |       |        |         |
    | M3    | 84  | abs | 20    | CR     | CR      |
    | M6    | 168 | 3   | 0     | PD     | PD      |
    """)


def test_a_scan_that_cannot_be_read_after_a_sum_of_zero_is_no_progression() -> None:
    assert_responses("""
    | visit | day | L01 | L02 | nadir | target | overall |
    | BL    | -10 | 20  | 15  |       |        |         |
    | M3    | 84  | abs | abs | 35    | CR     | CR      |
    | M6    | 168 | ne  | abs | 0     | NE     | NE      |
    """)


def test_a_node_back_to_normal_size_after_zero_is_still_a_complete_response() -> None:
    assert_responses("""
    | visit | day | L01:node | nadir | target |
    | BL    | -10 | 20       |       |        |
    | M3    | 84  | abs      | 20    | CR     |
    | M6    | 168 | 9        | 0     | CR     |
    | M9    | 252 | 10       | 0     | PD     |
    """)


def test_a_node_grows_from_its_nadir_by_its_short_axis() -> None:
    assert_responses("""
    | visit | day | L01:node | nadir | target |
    | BL    | -10 | 20       |       |        |
    | M3    | 84  | 8        | 20    | CR     |
    | M6    | 168 | 12       | 8     | PR     |
    | M9    | 252 | 13       | 8     | PD     |
    """)


def test_merged_lesions_are_one_mass_and_the_other_is_zero() -> None:
    assert_responses("""
    | visit | day | L01 | L02  | sum | nadir | target |
    | BL    | -10 | 20  | 15   | 35  |       |        |
    | M3    | 84  | 38  | >L01 | 38  | 35    | SD     |
    | M6    | 168 | 42  | >L01 | 42  | 35    | PD     |
    """)


def test_a_target_merged_into_a_mass_outside_the_sum_is_not_evaluable() -> None:
    assert_responses("""
    | visit | day | L01 | L02:other | L03  | sum | target |
    | BL    | -10 | 20  | 30        | 12   | 32  |        |
    | M3    | 84  | 20  | pres      | >L02 |     | NE     |
    | M6    | 168 | 20  | pres      | >L09 |     | NE     |
    """)


def test_the_fragments_of_a_split_lesion_are_added() -> None:
    frames = assert_responses(
        """
    | visit | day | L01 | target |
    | BL    | -10 | 20  |        |
    """
    )
    assert frames["les_fu"].is_empty()
    assert_responses(
        """
    | visit | day | L01 | sum | target |
    | BL    | -10 | 20  | 20  |        |
    | M3    | 84  |     | 25  | PD     |
    """,
        les_fu="""
    | visit | lesion | scan_date | status | mm |
    | M3    | L01    | 84        | split  | 25 |
    """,
    )


def test_a_removed_target_is_zero_from_then_on() -> None:
    assert_responses("""
    | visit | day | L01 | L02 | sum | nadir | target | adequate |
    | BL    | -10 | 30  | 20  | 50  |       |        | yes      |
    | M3    | 84  | 30  | 20  | 50  | 50    | SD     | yes      |
    | M6    | 168 | res | 20  | 20  | 50    | PR     | yes      |
    | M9    | 252 |     | 25  | 25  | 20    | PD     | yes      |
    """)


def test_a_lesion_measured_after_its_surgery_stays_removed() -> None:
    assert_responses(
        """
    | visit | day | L01 | L02 | sum | target |
    | BL    | -10 | 30  | 20  | 50  |        |
    | M3    | 84  | 40  | 20  | 20  | PR     |
    """,
        surg="| lesion | surgery_date |\n| L01 | 60 |",
    )


@pytest.mark.parametrize("later", ["measured", "split"])
def test_a_measurement_without_a_value_is_not_evaluable(later: str) -> None:
    assert_responses(
        """
    | visit | day | L01 | target |
    | BL    | -10 | 20  |        |
    | M3    | 84  |     | NE     |
    """,
        les_fu=f"| visit | lesion | scan_date | status |\n| M3 | L01 | 84 | {later} |",
    )


def test_lesions_that_are_not_in_the_baseline_list_change_nothing() -> None:
    assert_responses("""
    | visit | day | L01 | L07 | sum | target |
    | BL    | -10 | 20  |     | 20  |        |
    | M3    | 84  | 20  | 40  | 20  | SD     |
    """)


def test_a_follow_up_scan_dated_before_randomisation_is_no_assessment() -> None:
    data = assert_responses("""
    | visit | day | L01 | nadir | target |
    | BL    | -10 | 20  |       |        |
    | M6    | 168 | 20  | 20    | SD     |
    """)
    assert data["les_fu"]["scan_date"].to_list() == [date(2024, 6, 17)]
    assert_responses(
        """
    | visit | day | L01 | nadir | target |
    | BL    | -10 | 20  |       |        |
    | M6    | 168 | 20  | 20    | SD     |
    """,
        newles="| visit | lesion | scan_date |\n| M3 | N01 | -5 |",
    )


def test_assessments_stand_in_the_order_of_their_dates_whatever_they_are_called() -> None:
    assert_responses("""
    | visit | day | L01 | nadir | target |
    | BL    | -10 | 50  |       |        |
    | U1    | 40  | 30  | 50    | PR     |
    | M3    | 84  | 33  | 30    | PR     |
    """)


def test_without_a_target_there_is_no_sum_at_all() -> None:
    rows = scan_rows("""
    | visit | day | L01:other |
    | BL    | -10 | 20        |
    | M3    | 84  | pres      |
    """)
    holds = derive_imaging(build_frames(rows)).holds
    sums = holds.select("baseline_sum", "sum_tenths", "nadir_tenths", "target_response")
    assert sums.rows() == [(None, None, None, None)]
    assert holds["back"].to_list() == [False]


def test_a_target_that_was_not_measured_at_baseline_gives_sums_but_nothing_to_compare() -> None:
    rows = scan_rows("""
    | visit | day | L01 | L02 |
    | BL    | -10 | ne  | 20  |
    | M3    | 84  | 12  | 20  |
    """)
    holds = derive_imaging(build_frames(rows)).holds
    sums = holds.select("baseline_sum", "sum_tenths", "nadir_tenths", "target_response")
    assert sums.rows() == [(None, 320, None, "NE")]
    assert holds["back"].to_list() == [True]
