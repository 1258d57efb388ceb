"""iRECIST (Seymour 2017; D3.8): every transition, an assessment a row."""

import pytest

from derive.irecist_tables import assert_iresponses, progression_of, words_at

# --- no progression: as RECIST 1.1, with an i


def test_without_progression_the_responses_are_those_of_recist() -> None:
    data = assert_iresponses("""
    | visit | day | L01 | L02:other | target | others            | overall |
    | BL    | -10 | 20  | pres      |        |                   |         |
    | M3    | 84  | 18  | pres      | iSD    | NON-iCR/NON-iUPD  | iSD     |
    | M6    | 168 | 12  | pres      | iPR    | NON-iCR/NON-iUPD  | iPR     |
    | M9    | 252 | abs | pres      | iCR    | NON-iCR/NON-iUPD  | iPR     |
    | M12   | 365 | abs | abs       | iCR    | iCR               | iCR     |
    | M15   | 449 | abs | ne        | iCR    | NE                | iPR     |
    | M18   | 533 | ne  | abs       | NE     | iCR               | NE      |
    """)
    assert progression_of(data) is None
    assert words_at(data, visit="M3") == "no progression"
    assert words_at(data, visit="M18") == "cannot be evaluated"


def test_a_subject_without_targets_goes_by_its_non_targets() -> None:
    assert_iresponses("""
    | visit | day | L01:other | target | others           | overall          |
    | BL    | -10 | pres      |        |                  |                  |
    | M3    | 84  | pres      |        | NON-iCR/NON-iUPD | NON-iCR/NON-iUPD |
    | M6    | 168 | ne        |        | NE               | NE               |
    | M9    | 252 | abs       |        | iCR              | iCR              |
    """)


def test_a_subject_without_disease_has_none_until_a_new_lesion() -> None:
    data = assert_iresponses(
        """
    | visit | day | new | overall | first | now | of |
    | M3    | 84  |     | NED     |       |     |    |
    | M6    | 168 | N01 | iUPD    | L     |     |    |
    | M9    | 252 | N02 | iCPD    | L     | L   | M6 |
    """,
        rs="| visit | assessment_date | overall |\n| M3 | 84 | NED |",
    )
    assert progression_of(data) == (168, True)
    assert words_at(data, visit="M3") == "no evidence of disease"


def test_without_a_baseline_only_a_new_lesion_tells() -> None:
    data = assert_iresponses("""
    | visit | day | new      | overall | first | now |
    | M6    | 168 | N01=12   | iUPD    | L     |     |
    | M9    | 252 | N01=17   | iCPD    | L     | L   |
    """)
    assert progression_of(data) == (168, True)


# --- the first progression is unconfirmed


@pytest.mark.parametrize(
    ("target", "other", "new", "first"),
    [
        ("25", "pres", "", "T"),
        ("20", "prog", "", "N"),
        ("20", "pres", "N01", "L"),
        ("25", "prog", "", "T+N"),
        ("25", "prog", "N01", "T+N+L"),
    ],
)
def test_the_first_progression_is_unconfirmed_and_names_its_categories(
    target: str, other: str, new: str, first: str
) -> None:
    data = assert_iresponses(f"""
    | visit | day | L01      | L02:other | new   | overall | first   |
    | BL    | -10 | 20       | pres      |       |         |         |
    | M3    | 84  | {target} | {other}   | {new} | iUPD    | {first} |
    """)
    assert progression_of(data) == (84, False)


# --- confirmed in the same category


@pytest.mark.parametrize(
    ("later", "overall", "now"), [("29", "iUPD", ""), ("29.9", "iUPD", ""), ("30", "iCPD", "T")]
)
def test_targets_confirm_with_5_mm_more_than_at_the_iupd(
    later: str, overall: str, now: str
) -> None:
    of = "M3" if now else ""
    data = assert_iresponses(f"""
    | visit | day | L01     | overall   | first | now   | of   |
    | BL    | -10 | 20      |           |       |       |      |
    | M3    | 84  | 25      | iUPD      | T     |       |      |
    | M6    | 168 | {later} | {overall} | T     | {now} | {of} |
    """)
    assert progression_of(data) == (84, bool(now))


def test_growth_adds_up_over_several_scans() -> None:
    data = assert_iresponses("""
    | visit | day | L01 | target | overall | first | now | of |
    | BL    | -10 | 20  |        |         |       |     |    |
    | M3    | 84  | 25  | iUPD   | iUPD    | T     |     |    |
    | M6    | 168 | 28  | iUPD   | iUPD    | T     |     |    |
    | M9    | 252 | 30  | iCPD   | iCPD    | T     | T   | M3 |
    """)
    assert progression_of(data) == (84, True)
    assert "no further growth" in words_at(data, visit="M6")
    assert words_at(data, visit="M9") == (
        "progression confirmed: first target lesions, now target sum at least 5 mm larger"
    )


@pytest.mark.parametrize(
    ("later", "overall", "now"),
    [("prog+", "iCPD", "N"), ("prog", "iUPD", ""), ("prog-", "iUPD", ""), ("pres+", "iCPD", "N")],
)
def test_non_targets_confirm_when_they_are_larger_again(later: str, overall: str, now: str) -> None:
    assert_iresponses(f"""
    | visit | day | L01 | L02:other | overall   | first | now   |
    | BL    | -10 | 20  | pres      |           |       |       |
    | M3    | 84  | 20  | prog      | iUPD      | N     |       |
    | M6    | 168 | 20  | {later}   | {overall} | N     | {now} |
    """)


def test_further_growth_of_non_targets_confirms_beside_a_response_of_targets() -> None:
    """Seymour 2017, table 2: iPR of targets, iUPD of non-targets."""
    assert_iresponses("""
    | visit | day | L01 | L02:other | target | others | overall | now |
    | BL    | -10 | 20  | pres      |        |        |         |     |
    | M3    | 84  | 12  | prog      | iPR    | iUPD   | iUPD    |     |
    | M6    | 168 | 10  | prog      | iPR    | iUPD   | iUPD    |     |
    | M9    | 252 | 10  | prog+     | iPR    | iCPD   | iCPD    | N   |
    """)


@pytest.mark.parametrize(("mm", "overall"), [("24.9", "iUPD"), ("25", "iCPD")])
def test_a_measured_non_target_is_larger_with_5_mm_where_the_reader_says_nothing(
    mm: str, overall: str
) -> None:
    rows = f"""
    | visit | lesion | scan_date | status      | mm   |
    | M3    | L01    | 84        | measured    | 20   |
    | M3    | L02    | 84        | progression | 20   |
    | M6    | L01    | 168       | measured    | 20   |
    | M6    | L02    | 168       | progression | {mm} |
    """
    assert_iresponses(
        f"""
    | visit | day | new | overall   |
    | M3    | 84  |     | iUPD      |
    | M6    | 168 |     | {overall} |
    """,
        les_bl="""
    | lesion | role       | ld_mm |
    | L01    | target     | 20    |
    | L02    | non_target | 12    |
    """,
        les_fu=rows,
    )


@pytest.mark.parametrize(
    ("later", "overall", "now"),
    [
        ("N01=12", "iUPD", ""),
        ("N01=16.9", "iUPD", ""),
        ("N01=17", "iCPD", "L"),
        ("N01=8", "iUPD", ""),
        ("", "iUPD", ""),
        ("N01=12 N02", "iCPD", "L"),
        ("N02?", "iUPD", ""),
    ],
)
def test_a_new_target_confirms_with_5_mm_more_or_a_further_lesion(
    later: str, overall: str, now: str
) -> None:
    assert_iresponses(f"""
    | visit | day | L01 | new     | overall   | first | now   |
    | BL    | -10 | 20  |         |           |       |       |
    | M3    | 84  | 20  | N01=12  | iUPD      | L     |       |
    | M6    | 168 | 20  | {later} | {overall} | L     | {now} |
    """)


@pytest.mark.parametrize(
    ("first", "later", "overall"),
    [
        ("N01=6", "N01=7", "iCPD"),  # any increase
        ("N01=6", "N01=6", "iUPD"),
        ("N01=6", "N01=7-", "iUPD"),  # the reader's word before the measurement
        ("N01", "N01+", "iCPD"),
        ("N01", "N01", "iUPD"),
        ("N01=12/node_other", "N01=13/node_other", "iCPD"),  # under 15 mm: no new target
        ("N01=15/node_other", "N01=16/node_other", "iUPD"),
    ],
)
def test_another_new_lesion_confirms_with_any_increase(
    first: str, later: str, overall: str
) -> None:
    assert_iresponses(f"""
    | visit | day | L01 | new     | overall   |
    | BL    | -10 | 20  |         |           |
    | M3    | 84  | 20  | {first} | iUPD      |
    | M6    | 168 | 20  | {later} | {overall} |
    """)


# --- confirmed by another category


@pytest.mark.parametrize(
    ("start", "next_scan", "first", "now"),
    [
        ("25|pres|", "22|prog|", "T", "N"),
        ("25|pres|", "25|pres|N01", "T", "L"),
        ("20|prog|", "25|pres|", "N", "T"),
        ("20|prog|", "20|prog|N01", "N", "L"),
        ("20|pres|N01", "25|pres|N01", "L", "T"),
        ("20|pres|N01", "20|prog|N01", "L", "N"),
        ("25|pres|N01=10", "30|prog|N01=15", "T+L", "T+N+L"),
    ],
)
def test_progression_in_another_category_confirms(
    start: str, next_scan: str, first: str, now: str
) -> None:
    data = assert_iresponses(f"""
    | visit | day | L01 | L02:other | new | overall | first   | now   | of |
    | BL    | -10 | 20  | pres      |     |         |         |       |    |
    | M3    | 84  | {start}               | iUPD    | {first} |       |    |
    | M6    | 168 | {next_scan}           | iCPD    | {first} | {now} | M3 |
    """)
    assert progression_of(data) == (84, True)


# --- not confirmed: the bar is reset, or the iUPD stays


@pytest.mark.parametrize(
    ("later", "overall"), [("24", "iSD"), ("20", "iSD"), ("14", "iPR"), ("abs", "iCR")]
)
def test_a_response_against_baseline_resets_the_bar(later: str, overall: str) -> None:
    data = assert_iresponses(f"""
    | visit | day | L01     | overall   | first |
    | BL    | -10 | 20      |           |       |
    | M3    | 84  | 25      | iUPD      | T     |
    | M6    | 168 | {later} | {overall} | T     |
    """)
    assert progression_of(data) is None
    assert "the bar is reset" in words_at(data, visit="M6")


def test_after_a_reset_progression_begins_anew_from_the_nadir() -> None:
    data = assert_iresponses("""
    | visit | day | L01 | overall | first | now | of  |
    | BL    | -10 | 20  |         |       |     |     |
    | M3    | 84  | 30  | iUPD    | T     |     |     |
    | M6    | 168 | 10  | iPR     | T     |     |     |
    | M9    | 252 | 10  | iPR     |       |     |     |
    | M12   | 365 | 15  | iUPD    | T     |     |     |
    | M15   | 449 | 21  | iCPD    | T     | T   | M12 |
    """)
    assert progression_of(data) == (365, True)


def test_a_new_lesion_that_stays_keeps_the_iupd_until_other_disease_shrinks() -> None:
    data = assert_iresponses("""
    | visit | day | L01 | new    | nsum | overall | first |
    | BL    | -10 | 40  |        |      |         |       |
    | M3    | 84  | 40  | N01=12 | 12   | iUPD    | L     |
    | M6    | 168 | 40  | N01=12 | 12   | iUPD    | L     |
    | M9    | 252 | 36  | N01=10 | 10   | iUPD    | L     |
    | M12   | 365 | 35  | N01=10 | 10   | iSD     | L     |
    | M15   | 449 | 28  | N01=10 | 10   | iPR     |       |
    """)
    assert progression_of(data) is None


def test_a_response_reached_before_the_new_lesion_is_no_shrinkage_after_it() -> None:
    """The guideline's scenario F: partial response, a new lesion, then nothing changes."""
    data = assert_iresponses("""
    | visit | day | L01 | new    | overall |
    | BL    | -10 | 40  |        |         |
    | M3    | 84  | 20  |        | iPR     |
    | M6    | 168 | 20  | N01=12 | iUPD    |
    | M9    | 252 | 20  | N01=12 | iUPD    |
    """)
    assert progression_of(data) == (168, False)


def test_a_partial_response_after_the_new_lesion_resets_the_bar() -> None:
    """The guideline's scenario B: a new lesion, then the baseline lesions shrink."""
    assert_iresponses("""
    | visit | day | L01 | new    | overall |
    | BL    | -10 | 40  |        |         |
    | M3    | 84  | 30  | N01=12 | iUPD    |
    | M6    | 168 | 28  | N01=12 | iPR     |
    """)


@pytest.mark.parametrize("gone", ["N01=0", "N01=0 N02=9/node_other"])
def test_new_lesions_that_are_gone_reset_the_bar(gone: str) -> None:
    second = " N02=16/node_other" if "N02" in gone else ""
    assert_iresponses(f"""
    | visit | day | L01 | new            | overall |
    | BL    | -10 | 20  |                |         |
    | M3    | 84  | 20  | N01=12{second} | iUPD    |
    | M6    | 168 | 20  | {gone}         | iSD     |
    | M9    | 252 | abs | {gone}         | iCR     |
    """)


def test_a_new_lesion_still_there_allows_no_complete_response() -> None:
    assert_iresponses("""
    | visit | day | L01 | L02:other | new    | overall |
    | BL    | -10 | 20  | pres      |        |         |
    | M3    | 84  | 20  | pres      | N01=12 | iUPD    |
    | M6    | 168 | abs | abs       | N01=6  | iPR     |
    | M9    | 252 | abs | abs       | N01=0  | iCR     |
    """)


def test_a_new_lesion_beside_non_targets_alone_allows_no_complete_response() -> None:
    assert_iresponses("""
    | visit | day | L01:other | new    | overall |
    | BL    | -10 | pres      |        |         |
    | M3    | 84  | pres      | N01=12 | iUPD    |
    | M6    | 168 | abs       | N01=12 | iUPD    |
    | M9    | 252 | abs       | N01=0  | iCR     |
    """)


def test_non_targets_that_are_no_longer_progressive_reset_the_bar() -> None:
    assert_iresponses("""
    | visit | day | L01:other | overall          |
    | BL    | -10 | pres      |                  |
    | M3    | 84  | prog      | iUPD             |
    | M6    | 168 | pres      | NON-iCR/NON-iUPD |
    """)


def test_one_category_that_is_still_progressive_keeps_the_iupd() -> None:
    assert_iresponses("""
    | visit | day | L01 | L02:other | target | others           | overall |
    | BL    | -10 | 20  | pres      |        |                  |         |
    | M3    | 84  | 25  | prog      | iUPD   | iUPD             | iUPD    |
    | M6    | 168 | 20  | prog      | iSD    | iUPD             | iUPD    |
    | M9    | 252 | 25  | pres      | iUPD   | NON-iCR/NON-iUPD | iUPD    |
    | M12   | 365 | 20  | pres      | iSD    | NON-iCR/NON-iUPD | iSD     |
    """)
