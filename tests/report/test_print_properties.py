"""What is printed can be read back, and never says more than the number does."""

import itertools
import math
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.analysis.result import Estimate
from equipoise.report.figures.panels import (
    LEFT,
    LOWEST,
    RIGHT,
    ArmLook,
    Panel,
    highest_of,
    lay_panels,
    write_signed,
)
from equipoise.report.figures.style import arm_styles, month_ticks, shorten, wrap
from equipoise.report.figures.sums import progression_limit
from equipoise.report.links import anchor_of, page_name
from equipoise.report.story.find import SubjectNotFoundError, find_subject
from equipoise.report.story.words import change_of, is_or_are, join_names, study_day, write_change
from equipoise.report.tables.summary import write_spread
from equipoise.report.wording import (
    count_of,
    join_words,
    small,
    write_estimate,
    write_interval,
    write_number,
    write_p,
    write_percent,
    write_probability,
    write_share,
)

finite = st.floats(-1e6, 1e6)
shares = st.floats(0, 1)
tenths = st.integers(1, 3000)
words = st.text(alphabet="abc xyz.", min_size=1, max_size=40)


def read_number(text: str) -> float:
    return float(text.replace("−", "-"))


@given(finite, st.integers(0, 4))
def test_a_printed_number_reads_back_within_half_its_last_digit(value: float, digits: int) -> None:
    text = write_number(value, digits=digits)
    assert abs(read_number(text) - value) <= 0.5 * 10**-digits + 1e-9
    assert "-" not in text  # the minus is a true one
    assert not (text.startswith("−") and read_number(text) == 0)


@given(shares)
def test_a_percentage_is_a_hundred_times_its_share(share: float) -> None:
    text = write_percent(share)
    assert text.endswith("%")
    assert read_number(text.removesuffix("%")) == pytest.approx(100 * share, abs=0.0501)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_keeps_its_count_whole(pair: tuple[int, int]) -> None:
    count, of = pair
    first, rest = write_share(count, of=of).split(" ", 1)
    assert int(first) == count
    assert read_number(rest.strip("()%")) == pytest.approx(100 * count / of, abs=0.0501)


def read_p(text: str) -> float:
    return {"<0.001": 0.0005, ">0.99": 0.995}.get(text) or float(text)


@given(shares, shares)
def test_a_printed_p_keeps_its_order_and_never_hides_the_side_of_five_per_cent(
    one: float, other: float
) -> None:
    low, high = sorted((one, other))
    assert read_p(write_p(low)) <= read_p(write_p(high))
    assert write_p(one) != "0.05"  # between 0.045 and 0.055 three digits tell
    assert abs(read_p(write_p(one)) - one) <= 0.0051


@given(finite, st.floats(0, 1e3), st.floats(0, 1e3))
def test_an_interval_is_printed_in_the_order_of_its_ends(
    value: float, below: float, above: float
) -> None:
    estimate = Estimate(value=value, lower=value - below, upper=value + above)
    low, high = write_interval(estimate, digits=2).split(" to ")
    assert read_number(low) <= read_number(high)
    assert (
        write_estimate(estimate, digits=2) == f"{write_number(value, digits=2)} ({low} to {high})"
    )


@given(shares, shares, shares)
def test_a_probability_is_printed_with_both_limits_in_per_cent(
    one: float, other: float, third: float
) -> None:
    low, value, high = sorted((one, other, third))
    text = write_probability(Estimate(value=value, lower=low, upper=high))
    head, tail = text.rstrip(")").split("% (")
    numbers = [read_number(part) for part in (tail.split(" to ")[0], head, tail.split(" to ")[1])]
    assert numbers == sorted(numbers)
    assert all(0 <= number <= 100 for number in numbers)


@given(tenths, tenths)
def test_a_printed_change_never_crosses_a_limit_of_recist(now: int, since: int) -> None:
    """A reader of the printed change comes to the same response as the integers do."""
    change = change_of(now, since=since)
    assert change is not None
    printed = read_number(write_change(change).removesuffix(" %").replace("±", ""))
    assert (printed >= 20) == (10 * now >= 12 * since)
    assert (printed <= -30) == (10 * now <= 7 * since)


@given(st.floats(-100, 400), st.integers(0, 1))
def test_a_signed_change_of_a_figure_is_cut_off_towards_zero(percent: float, digits: int) -> None:
    printed = read_number(write_signed(percent, digits=digits))
    assert abs(printed) <= abs(percent) + 1e-6
    assert abs(printed - percent) <= 10**-digits + 1e-6
    assert printed * percent >= 0


@given(st.integers(0, 4000))
def test_the_limit_of_progression_is_the_first_sum_that_is_one(nadir: int) -> None:
    def is_progression(total: int) -> bool:  # RECIST 1.1, 4.3.1, in tenths of a millimetre
        return 10 * total >= 12 * nadir and total - nadir >= 50

    limit = progression_limit(nadir)
    assert is_progression(limit)
    assert not is_progression(limit - 1)


@given(st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.integers(-500, 5000))
def test_a_study_day_counts_from_one_and_is_never_zero(start: date, gap: int) -> None:
    day = study_day(start + timedelta(days=gap), start=start)
    assert day is not None
    assert day != 0
    assert day == (gap + 1 if gap >= 0 else gap)


@given(st.floats(0.01, 5000))
def test_the_ticks_of_an_axis_are_even_cover_it_and_can_be_counted(longest: float) -> None:
    ticks = month_ticks(longest)
    steps = {round(after - before, 6) for before, after in itertools.pairwise(ticks)}
    assert ticks[0] == 0
    assert len(steps) == 1
    assert ticks[-2] < longest + 1e-6
    assert longest <= ticks[-1] * (1 + 1e-9)
    assert 2 <= len(ticks) <= 14


@pytest.mark.parametrize("longest", [0.0, -3.0, math.nan, math.inf])
def test_an_axis_without_length_is_one_unit_long(longest: float) -> None:
    assert month_ticks(longest) == [0.0, 1.0]


@given(words, st.integers(4, 30))
def test_shortened_words_fit_and_only_then_end_in_dots(text: str, width: int) -> None:
    line = shorten(text, width=width)
    whole = " ".join(text.split())
    assert len(line) <= width
    assert (line == whole) if len(whole) <= width else line.endswith("…")


@given(words, st.integers(6, 30), st.integers(1, 3))
def test_wrapped_words_stay_within_their_lines(text: str, width: int, lines: int) -> None:
    rows = wrap(text, width=width, lines=lines)
    assert 1 <= len(rows) <= lines
    assert all(len(row) <= width for row in rows)


@given(st.lists(st.sampled_from("ABCDEFG"), unique=True, min_size=1, max_size=4))
def test_an_arm_keeps_its_style_whatever_the_order(arms: list[str]) -> None:
    styles = arm_styles(arms, reference=arms[0])
    others = arm_styles(arms[1:], reference=arms[0])
    assert styles == others
    assert len({style.colour for style in styles.values()}) == len(arms)
    assert len({style.dash for style in styles.values()}) == len(arms)


def panel(highest: float = 100.0) -> Panel:
    return Panel(arm="A", title="A", left=LEFT, right=RIGHT, top=10.0, highest=highest)


@given(st.floats(-150, 300), st.floats(-150, 300))
def test_a_deeper_response_never_stands_higher(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert panel().y_of(low) >= panel().y_of(high)
    assert panel().top <= panel().y_of(one) <= panel().bottom


def test_the_ends_of_the_scale_are_those_of_the_panel() -> None:
    assert panel().y_of(100) == panel().top
    assert panel().y_of(LOWEST) == panel().bottom
    assert panel(40.0).y_of(400) == panel(40.0).top


# largest change | upper end of the scale
SCALES = [([], 40.0), ([-80.0], 40.0), ([41.0], 60.0), ([60.0], 60.0), ([100.1], 100.0)]


@pytest.mark.parametrize(("values", "highest"), SCALES)
def test_every_panel_has_the_scale_of_the_largest_change(
    values: list[float], highest: float
) -> None:
    names = {"A": "Systemic", "B": "SBRT", "C": "Third"}
    look = ArmLook(names=names, sizes={"A": 3})
    panels = lay_panels([], look=look, below=20.0, highest=highest_of(values))
    assert {each.highest for each in panels} == {highest}
    assert [each.title for each in panels] == [
        "Systemic (0 of 3)",
        "SBRT (0 of 0)",
        "Third (0 of 0)",
    ]
    assert panels[0].right < panels[1].left
    assert panels[2].top > panels[0].bottom


SPREADS = [
    ([3, 1, 2], "2 (1 to 3)"),
    ([1, 2], "1.5 (1 to 2)"),
    ([4.25, 1.5, 2.5], "2.5 (1.5 to 4.2)"),
    ([7], "7 (7 to 7)"),
    ([None, 5, None], "5 (5 to 5)"),
    ([-2, -4], "−3 (−4 to −2)"),
    ([None], "–"),
    ([], "–"),
]


@pytest.mark.parametrize(("values", "printed"), SPREADS)
def test_a_column_of_numbers_is_its_median_and_range(
    values: list[float | None], printed: str
) -> None:
    assert write_spread(pl.Series(values, dtype=pl.Float64)) == printed
    assert write_spread(pl.Series(values[::-1], dtype=pl.Float64)) == printed


@given(st.lists(words.filter(str.strip), max_size=5))
def test_words_and_names_are_joined_alike_and_none_is_lost(names: list[str]) -> None:
    assert join_words(names) == join_names(names)
    assert all(name in join_words(names) for name in names)
    assert is_or_are(names) == ("is" if len(names) == 1 else "are")


@given(st.integers(0, 50))
def test_only_one_is_singular(count: int) -> None:
    assert count_of(count, one="event") == f"{count} event" + ("" if count == 1 else "s")


@given(st.text("aBÄ 대x.", max_size=20))
def test_a_small_letter_changes_nothing_but_the_first(text: str) -> None:
    assert small(text)[1:] == text[1:]
    assert small(text).lower() == text.lower()


@given(st.text(max_size=60), st.text(max_size=60))
def test_two_subjects_never_share_a_page_or_an_anchor(one: str, other: str) -> None:
    assert (page_name(one) == page_name(other)) == (one == other)
    assert (anchor_of(one) == anchor_of(other)) == (one == other)
    assert all(letter.isascii() and letter not in " /\\\"'<>&" for letter in page_name(one))


SUBJECTS = ("01-001", "01-012", "02-001", "11-012")
FOUND = {
    "01-001": "01-001",
    "02-0": None,
    "1-001": "01-001",
    "2-001": "02-001",
    "012": None,
    "": None,
}


@pytest.mark.parametrize("asked", FOUND)
def test_a_subject_is_found_by_its_id_or_an_ending_that_is_its_own(asked: str) -> None:
    if FOUND[asked]:
        assert find_subject(SUBJECTS, asked=asked) == FOUND[asked]
        return
    with pytest.raises(SubjectNotFoundError) as refusal:
        find_subject(SUBJECTS, asked=asked)
    assert set(refusal.value.candidates) <= set(SUBJECTS)
    assert all(name in str(refusal.value) for name in refusal.value.candidates)
