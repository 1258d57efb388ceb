"""New lesions followed by iRECIST: after a reset, and which are targets of their own (D3.8)."""

import pytest

from derive.irecist_tables import assert_iresponses

# --- new lesions after a reset (they are still there)

RESET = """
    | visit | day | L01 | new       | overall |
    | BL    | -10 | 40  |           |         |
    | M3    | 84  | 40  | N01=20    | iUPD    |
    | M6    | 168 | 20  | N01=20    | iPR     |
"""


@pytest.mark.parametrize(
    ("later", "overall"),
    [
        ("N01=20", "iPR"),
        ("N01=23.9", "iPR"),
        ("N01=25", "iUPD"),  # a fifth and 5 mm over the smallest
        ("N01=20 N02", "iUPD"),
        ("", "iPR"),
    ],
)
def test_after_a_reset_new_lesions_progress_by_the_rules_of_recist(
    later: str, overall: str
) -> None:
    assert_iresponses(f"{RESET}    | M9 | 252 | 20 | {later} | {overall} |")


def test_a_new_lesion_that_is_no_target_progresses_after_a_reset_only_unequivocally() -> None:
    assert_iresponses("""
    | visit | day | L01 | new    | overall |
    | BL    | -10 | 40  |        |         |
    | M3    | 84  | 40  | N01=5  | iUPD    |
    | M6    | 168 | 20  | N01=5  | iPR     |
    | M9    | 252 | 20  | N01=8  | iPR     |
    | M12   | 365 | 20  | N01=9+ | iUPD    |
    """)


def test_after_a_complete_response_a_new_lesion_that_is_back_is_progression() -> None:
    assert_iresponses("""
    | visit | day | L01 | L02:other | new   | overall | first |
    | BL    | -10 | 40  | pres      |       |         |       |
    | M3    | 84  | 40  | pres      | N01=9 | iUPD    | L     |
    | M6    | 168 | abs | abs       | N01=0 | iCR     | L     |
    | M9    | 252 | abs | abs       | N01=6 | iUPD    | L     |
    | M12   | 365 | abs | pres      | N01=6 | iCPD    | L     |
    """)


# --- how new targets are chosen


def test_at_most_two_new_targets_an_organ_and_five_in_all() -> None:
    many = (
        "N01=11 N02=14 N03=12 N04=20/liver N05=16/node_other N06=15/node_mediastinal "
        "N07=30/node_other N08=10/bone_spine N09=9/adrenal"
    )
    # largest first: nodes 30 + 16, liver 20, lung 14 + 12: five
    assert_iresponses(f"""
    | visit | day | L01 | new    | nsum |
    | BL    | -10 | 20  |        |      |
    | M3    | 84  | 20  | {many} | 92   |
    """)


def test_a_later_new_lesion_takes_a_free_place_and_never_another_s() -> None:
    assert_iresponses("""
    | visit | day | L01 | new                  | nsum | overall |
    | BL    | -10 | 20  |                      |      |         |
    | M3    | 84  | 20  | N01=10 N02=12        | 22   | iUPD    |
    | M6    | 168 | 20  | N01=10 N02=12 N03=40 | 22   | iCPD    |
    | M9    | 252 | 20  | N01=10 N02=12 N03=40 N04=11/liver | 33 | iCPD |
    """)


def test_a_new_target_that_is_not_entered_leaves_no_sum() -> None:
    assert_iresponses("""
    | visit | day | L01 | new           | nsum | overall |
    | BL    | -10 | 20  |               |      |         |
    | M3    | 84  | 20  | N01=10 N02=12 | 22   | iUPD    |
    | M6    | 168 | 20  | N01=10        |      | iUPD    |
    | M9    | 252 | 20  | N01=28        |      | iCPD    |
    """)
