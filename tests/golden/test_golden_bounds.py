"""What `equipoise design bounds` prints, as a reader sees it; every number is held.

The z of three looks are those of the high-precision truth (3.7103, 2.5114, 1.9930); the events are
Schoenfeld's.
"""

import pytest
from click.testing import CliRunner

from equipoise.cli.main import main

ONE_LOOK = """\
Hazard ratio 0.322, 2-sided alpha 0.05, 1 experimental to 1 reference.
Efficacy: lan-demets-obrien-fleming. Futility: none.
25 events at the last look give power 80.7%; without looks 24.4 give 80% (times 1.0037).
Expected events: 25.0 without effect, 22.9 with it.

Stop for efficacy from z on (or below -z for harm):
look   share  events   month        z          p      HR   power then, as assumed  by trend
   1   0.500    12.5    22.6   2.9626    0.00305   0.187                    98.5%     99.9%
   2   1.000    25.0    32.2   1.9686      0.049   0.455                        -         -

Chance to have stopped by each look:
                              without effect                       with it
look     alpha  efficacy      harm  futility  efficacy      harm  futility
   1   0.00305     0.15%     0.15%     0.00%    16.88%     0.00%     0.00%
   2   0.05000     2.50%     2.50%     0.00%    80.74%     0.00%     0.00%
"""

FUTILITY = """\
Hazard ratio 0.7, 1-sided alpha 0.025, 1 experimental to 1 reference.
Efficacy: lan-demets-obrien-fleming. Futility: hwang-shih-decani (-2), not binding.
353 events at the last look give power 90.1%; without looks 330.4 give 90% (times 1.0665).
Expected events: 206.6 without effect, 272.4 with it.

Stop for efficacy from z on:
look   share  events   month        z          p      HR   power then, as assumed  by trend
   1   0.333   117.7   never   3.7103   0.000104   0.505                    99.9%    100.0%
   2   0.667   235.3   never   2.5114    0.00601   0.721                    97.9%     97.0%
   3   1.000   353.0   never   1.9930     0.0231   0.809                        -         -

Stop for futility below z:
look   share  events   month        z          p      HR   power then, as assumed  by trend
   1   0.333   117.7   never  -0.2418      0.596   1.046                    55.0%      0.2%
   2   0.667   235.3   never   0.9367      0.174   0.885                    42.4%      7.1%
   3   1.000   353.0   never   1.9930     0.0231   0.809                        -         -

Chance to have stopped by each look:
                    without effect             with it
look     alpha  efficacy  futility  efficacy  futility
   1   0.00010     0.01%    40.45%     3.79%     1.48%
   2   0.00605     0.60%    83.36%    58.88%     4.35%
   3   0.02500     2.33%    97.67%    90.05%     9.95%

At the events that came:
look   share  events     alpha        z      HR  futility z      HR
   1   0.283   100.0   0.00003   4.0519   0.445     -0.4760   1.100
   2   0.708   250.0   0.02500   1.9600   0.780      1.9600   0.780
"""

UNEQUAL = """\
Hazard ratio 0.5, 2-sided alpha 0.05, 2 experimental to 1 reference.
Efficacy: haybittle-peto (3). Futility: none.
60 events at the last look give power 71.1%; without looks 73.5 give 80% (times 1.0114).
Expected events: 59.8 without effect, 53.9 with it.

Stop for efficacy from z on (or below -z for harm):
look   share  events   month        z          p      HR   power then, as assumed  by trend
   1   0.250    15.0    24.3   3.0000     0.0027   0.193                    95.3%    100.0%
   2   0.500    30.0    34.7   3.0000     0.0027   0.313                    97.7%     99.9%
   3   0.750    45.0    44.2   3.0000     0.0027   0.387                    99.4%     99.8%
   4   1.000    60.0    59.0   1.9828     0.0474   0.581                        -         -

Chance to have stopped by each look:
                              without effect                       with it
look     alpha  efficacy      harm  futility  efficacy      harm  futility
   1   0.00270     0.13%     0.13%     0.00%     4.14%     0.00%     0.00%
   2   0.00492     0.25%     0.25%     0.00%    12.74%     0.00%     0.00%
   3   0.00674     0.34%     0.34%     0.00%    24.05%     0.00%     0.00%
   4   0.05000     2.50%     2.50%     0.00%    71.08%     0.00%     0.00%
"""


MANY = (
    "--looks 3 --futility hwang-shih-decani:-2 --sides 1 --alpha 0.025 --power 0.9 "
    "--hazard-ratio 0.7 --came 100 --came 250 --final"
)


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        ("", ONE_LOOK),
        (MANY, FUTILITY),
        ("--efficacy haybittle-peto:3 --looks 4 --hazard-ratio 0.5 --ratio 2 --events 60", UNEQUAL),
    ],
)
def test_every_number_of_the_bounds_stands(words: str, printed: str) -> None:
    done = CliRunner().invoke(main, ["design", "bounds", *words.split()])

    assert done.stdout == printed


def test_what_can_never_come_is_told_beside_the_table() -> None:
    words = ["design", "bounds", "--hazard-ratio", "0.7", "--sides", "1", "--alpha", "0.025"]
    done = CliRunner().invoke(main, words)

    assert done.exit_code == 1
    lines = done.stderr.splitlines()
    assert [line.split(":")[1] for line in lines] == [" events, look 1", " events, look 2"]
    assert all("of 88 subjects only 81.6 are expected ever to have one" in line for line in lines)
