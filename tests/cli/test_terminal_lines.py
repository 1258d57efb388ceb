"""What stands on the terminal: a story in lines one can read, a comparison in one small table."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace

import click
import numpy as np
import pytest
from click.testing import CliRunner

from analysis.hand_data import GOLDEN, build_sample
from equipoise.analysis.two_arms import TwoArms, compare_two_arms
from equipoise.cli.curves_print import comparison_values, print_comparison
from equipoise.cli.explain_print import WIDTH, story_lines
from report.small_stories import story_of

SCANS = """
| visit | day | L01 | L02:node | new |
| BL    | -10 | 20  | 18       |     |
| M3    | 84  | 12  | 9        |     |
| M6    | 168 | 25  | 9        | N01 |
"""


def compared(text: str, *, at: tuple[float, ...] = (), horizon: float | None = None) -> TwoArms:
    return compare_two_arms(build_sample(text), at=at, horizon=horizon)


def printed(result: TwoArms) -> list[str]:
    command = click.Command("told", callback=lambda: print_comparison(result))
    done = CliRunner().invoke(command)
    assert done.exit_code == 0, done.exception
    return done.stdout.splitlines()


def plain_numbers(value: object) -> Iterator[float]:
    """Every number of nested values."""
    match value:
        case dict():
            yield from (each for own in value.values() for each in plain_numbers(own))
        case list():
            yield from (each for own in value for each in plain_numbers(own))
        case float():
            yield value


def test_the_golden_trial_is_printed_in_a_table_and_four_lines() -> None:
    lines = printed(compared(GOLDEN, at=(12.0,), horizon=18.0))

    assert lines[0] == "B against A (reference); time in months"
    assert lines[2].split() == ["arm", "n", "events", "median", "(95", "%", "interval)"]
    assert [line.split()[:3] for line in lines[3:5]] == [["A", "16", "11"], ["B", "16", "8"]]
    names = [line.split("  ")[0] for line in lines[6:10]]
    assert names == ["Hazard ratio", "Log-rank chi-square", "Survival, 12", "Restricted mean, 18"]
    assert len({line.index("  p ") for line in lines[6:10]}) == 1  # one under the other


def test_a_difference_is_printed_as_the_other_arm_less_the_reference() -> None:
    result = compared(GOLDEN, at=(12.0,), horizon=18.0)
    line = next(each for each in printed(result) if each.startswith("Survival, 12"))

    values = comparison_values(result)["milestone"]
    first, second = (values["arms"][arm]["survival"] for arm in ("A", "B"))
    assert f"{second:.4g} less {first:.4g} = {values['difference']:.4g} (" in line
    assert values["difference"] == pytest.approx(second - first)
    assert values["lower"] < values["difference"] < values["upper"]


def test_every_time_that_was_asked_for_has_its_line() -> None:
    lines = printed(compared(GOLDEN, at=(6.0, 12.0, 18.0)))

    assert [line.split("  ")[0] for line in lines if line.startswith("Survival")] == [
        "Survival, 6",
        "Survival, 12",
        "Survival, 18",
    ]


NOTHING = {
    "nobody has the event": "A 3+\nA 5+\nB 4+\nB 6+",
    "all on one day": "A 5\nA 5\nB 5\nB 5",
    "one arm without an event": "A 3\nA 5\nB 14+\nB 16+",
    "one each": "A 3\nB 4",
    "one arm ends before the other begins": "A 1\nA 2\nB 5\nB 6",
}


@pytest.mark.parametrize("text", NOTHING.values(), ids=list(NOTHING))
def test_what_cannot_be_said_is_a_dash_and_null_and_never_nan(text: str) -> None:
    result = compared(text)
    values = comparison_values(result)

    json.dumps(values, allow_nan=False)  # raises where a number is none
    assert np.isfinite(list(plain_numbers(values))).all()
    said = "\n".join(printed(result))
    assert not any(word in said for word in ("nan", "None", "inf"))


def test_an_arm_without_event_is_not_reached_and_noted() -> None:
    lines = printed(compared("A 3\nA 5\nA 8+\nB 14+\nB 16+"))

    assert lines[4].endswith("not reached")
    assert any(line.startswith("Note: ") and line.endswith(".") for line in lines)


def test_a_tiny_p_is_not_printed_as_zero() -> None:
    early = "\n".join(f"A {1 + number / 100}" for number in range(40))
    late = "\n".join(f"B {20 + number / 100}" for number in range(40))
    [line] = [each for each in printed(compared(f"{early}\n{late}")) if each.startswith("Log-rank")]

    assert line.endswith("p <0.0001")


def test_the_same_rows_in_another_order_print_the_same() -> None:
    turned = "\n".join(reversed(GOLDEN.strip().splitlines()))

    assert printed(compared(turned)) == printed(compared(GOLDEN))


def test_a_story_fits_the_terminal_and_keeps_its_words_whole() -> None:
    lines = list(story_lines(story_of(SCANS)))

    assert all(len(line) <= WIDTH or len(line.split()) == 1 for line in lines)
    assert not any(line != line.rstrip() for line in lines)
    assert not any("\u00a0" in line for line in lines)


def test_an_entry_of_a_data_cut_is_printed_with_its_ledger_line() -> None:
    story = story_of(SCANS)
    cut = replace(story, entries=tuple(replace(each, ledger_line=4711) for each in story.entries))

    assert not any("ledger line" in line for line in story_lines(story))
    decided = [line for line in story_lines(cut) if "(ledger line 4711)" in line]
    assert decided
    assert all("/" in line.split(" (ledger line 4711)")[0] for line in decided)


def test_a_number_never_stands_on_another_line_than_its_unit() -> None:
    lines = list(story_lines(story_of(SCANS)))

    assert any(" mm" in line for line in lines)
    assert not any(line.lstrip().startswith(("mm", "%", "Gy ")) for line in lines)


def test_every_part_of_a_story_is_headed_and_an_empty_one_says_none() -> None:
    lines = list(story_lines(story_of(SCANS)))
    headed = [after for before, after in itertools.pairwise(lines) if before == ""]

    assert headed[:4] == ["Who", "Lesions at baseline", "Treatment", "Assessments"]
    assert lines[lines.index("Treatment") + 1] == "  none"


def test_an_endpoint_whose_clock_never_started_says_so() -> None:
    lines = list(story_lines(story_of(endpoint="lc")))

    place = lines.index("What decided: Local failure of index lesions")
    assert lines[place + 1] == "  no time: the subject never had the start of the clock"


def test_what_decided_names_the_entries_with_their_values() -> None:
    lines = list(story_lines(story_of(SCANS)))
    start = next(place for place, line in enumerate(lines) if line.strip() == "Decided by:")
    told = " ".join(lines[start + 1 :])

    assert "01-001/newles/M6.N01: " in told
    assert "01-001/les_fu/M6.L01: " in told
