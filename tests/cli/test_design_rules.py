"""How looks and rules are written: shares, their number, a rule with its numbers."""

import click
import pytest
from click.testing import CliRunner

from equipoise.cli.design_rules import read_rule, read_shares
from equipoise.design.sequential_plan import CLASSICAL
from equipoise.design.spending import SPENDING, BoundRule


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("1/2,1", (0.5, 1.0)),
        ("0.25, 0.5, 1", (0.25, 0.5, 1.0)),
        ("3", (1 / 3, 2 / 3, 1.0)),
        ("1", (1.0,)),
        ("0.5", (0.5,)),
        ("50", tuple((i + 1) / 50 for i in range(50))),
        ("51", (51.0,)),
        ("-1", (-1.0,)),
    ],
)
def test_shares_are_fractions_decimals_or_how_many(text: str, shares: tuple[float, ...]) -> None:
    assert read_shares(text) == pytest.approx(shares, abs=1e-15)


@pytest.mark.parametrize("text", ["", "a", "1/0", "1/2,,1", "0.5;1"])
def test_what_are_no_shares_is_said(text: str) -> None:
    with pytest.raises(click.BadParameter, match="neither shares"):
        read_shares(text)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("pocock", BoundRule(name="pocock")),
        ("hwang-shih-decani:-4", BoundRule(name="hwang-shih-decani", parameter=-4.0)),
        ("wang-tsiatis:1/4", BoundRule(name="wang-tsiatis", parameter=0.25)),
        ("shares:0.1,0.5,1", BoundRule(name="shares", values=(0.1, 0.5, 1.0))),
        ("bounds:3,2", BoundRule(name="bounds", values=(3.0, 2.0))),
        ("bounds", BoundRule(name="bounds")),
        ("no-such", BoundRule(name="no-such")),
    ],
)
def test_a_rule_has_its_numbers_after_a_colon(text: str, rule: BoundRule) -> None:
    assert read_rule(text) == rule


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pocock:1,2", "one number at most"),
        ("kim-demets:two", "not a list of numbers"),
        ("shares:1/0", "not a list of numbers"),
    ],
)
def test_a_rule_that_cannot_be_read_is_said(text: str, words: str) -> None:
    with pytest.raises(click.BadParameter, match=words):
        read_rule(text)


def test_every_rule_there_is_can_be_written() -> None:
    assert {read_rule(name).name for name in (*SPENDING, *CLASSICAL)} == {*SPENDING, *CLASSICAL}


def test_the_help_of_both_commands_names_every_rule() -> None:
    from equipoise.cli.design import design  # noqa: PLC0415 - brings the kernels along

    for command in ("bounds", "report"):
        words = "".join(CliRunner().invoke(design, [command, "--help"]).output.split())
        assert all(name.replace(" ", "") in words for name in (*SPENDING, *CLASSICAL))
