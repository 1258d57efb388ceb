"""What the plan of the reference trial says, word for word, with its figures read aloud.

A statistician has read it; who changes a sentence reads it again here, with its numbers.
"""

import pytest

from equipoise.report.page import DesignPage, Figure, Text, blocks_of
from report.plans import page_of
from report.svg_reading import named_of

QUESTION = """
How many patients show an effect of systemic therapy plus SBRT over systemic therapy alone on
progression-free survival at 12 months, and what do they show if it is smaller?
"""

ANSWER = """
88 patients, 44 in each arm, if 50% in the reference arm and 80% in the experimental arm reach
12 months without the event, for a power of 80% at a two-sided level of 5%. The protocol plans
these 88. If the truth is another, their power is between 5% (Pessimistic, as NRG-LU002: hazard
ratio 0.90) and 40% (Optimistic, as SABR-COMET: hazard ratio 0.50).
"""

FORMULA = """
Here p₀ = 0.5 and p₁ = 0.8 are the probabilities at 12 months in the reference and the
experimental arm, r = 1 patients of the experimental arm for each of the reference arm, p̄ =
0.65 their mean, and the normal quantiles are 1.960 and 0.842. This gives n = 38.48, so 39
evaluable patients in each arm. As 10% are expected to leave, each is divided by 0.9 and rounded
up: 44 patients in each arm, 88 in all are to be randomised. The protocol plans these 88.
"""

WARNING = """
Under 4 alternatives of the protocol the planned patients have less power than is wanted:
between 5% (Pessimistic, as NRG-LU002: hazard ratio 0.90) and 40% (Optimistic, as SABR-COMET:
hazard ratio 0.50). Where hazards are proportional the log-rank test shows more than the
comparison at 12 months.
"""

LOOKS = """
Shown because they were asked for; the protocol plans none. Looks are counted in events, and
tested by the log-rank test. 3 looks, efficacy by the O'Brien-Fleming type spending function of
Lan and DeMets, futility by the spending function of Hwang, Shih and DeCani (gamma −2.00). 27
events at the last look, 24.4 without looks. 19.0 are expected without an effect and 20.8 with
it.
"""

SIZE = """
Sample size. The primary endpoint is progression-free survival at 12 months after randomisation.
We assume a probability of 50% with systemic therapy alone and of 80% with systemic therapy plus
SBRT, which corresponds to a hazard ratio of 0.32 if times are exponential. A two-sided test of
two proportions (normal approximation, pooled variance) at a significance level of 5% has a
power of 80% with 39 evaluable patients in each arm, 78 in all. Allowing for 10% of patients who
leave before they can be evaluated, 88 patients, 44 in each arm, will be randomised.
"""

SMALLER = """
Smaller effects. With 88 patients the power of the primary analysis is 40% if the hazard ratio
is 0.50 (60.6% against 77.8%), 20% if the hazard ratio is 0.65 (60.6% against 72.2%), 18% if the
hazard ratio is 0.65 (66.1% against 76.4%) and 5% if the hazard ratio is 0.90 (58.4% against
61.7%). The hazard ratio with its confidence interval and the difference of restricted mean
times are reported beside the primary analysis, whatever its p value.
"""

DURATION = """
Duration. 5 sites, opened 2 months apart, randomising 0.5 patients a month each are expected to
complete the accrual of 88 patients in 39 months. The primary analysis takes place 12 months
after the last randomisation, about month 51, when 51 events are expected if the assumption
holds.
"""

INTERIM = """
Interim analyses. 2 interim analyses and a final analysis by the log-rank test are planned, at
14 events (50%), 21 events (75%) and 27 events. The two-sided type I error of 5% is divided by
the O'Brien-Fleming type spending function of Lan and DeMets: the trial may be stopped for
efficacy at look 1 if the two-sided p value is at most 0.0031 (z 2.963, hazard ratio about 0.20)
and at look 2 if the two-sided p value is at most 0.0183 (z 2.359, hazard ratio about 0.35); the
final analysis is significant if the two-sided p value is at most 0.0440 (z 2.014, hazard ratio
about 0.46). The trial may be stopped for futility by the spending function of Hwang, Shih and
DeCani (gamma −2.00), if the hazard ratio is above about 0.76 at look 1 and 0.59 at look 2; this
rule is not binding: the level holds if it is not obeyed. If the number of events at a look
differs from the plan, the bounds are calculated anew for the events that came; earlier bounds
do not change.
"""

NO_LOOKS = """
Interim analyses. The primary endpoint is analysed once; no interim analysis of efficacy or
futility is planned, and the significance level is not divided.
"""

POWER_SUBJECTS_ALOUD = """
Assumption of the design: 50% with 44, 68% with 66, 80% with 88, 88% with 110, 93% with 132, 98%
with 176, 99% with 220, 100% with 264, 100% with 352, 100% with 440, 100% with 528. Pessimistic,
as NRG-LU002: 4% with 44, 4% with 66, 5% with 88, 5% with 110, 6% with 132, 6% with 176, 7% with
220, 8% with 264, 9% with 352, 10% with 440, 11% with 528. Base: 12% with 44, 16% with 66, 20%
with 88, 24% with 110, 28% with 132, 36% with 176, 43% with 220, 50% with 264, 62% with 352, 72%
with 440, 79% with 528. Optimistic, as SABR-COMET: 23% with 44, 31% with 66, 40% with 88, 48%
with 110, 55% with 132, 67% with 176, 77% with 220, 84% with 264, 93% with 352, 97% with 440,
99% with 528. Selected oligometastatic patients: 11% with 44, 15% with 66, 18% with 88, 22% with
110, 25% with 132, 32% with 176, 38% with 220, 44% with 264, 56% with 352, 65% with 440, 73%
with 528.
"""

POWER_RATIO_ALOUD = """
Power of 88 patients by the true hazard ratio: at 0.15 95% by the test at 12 months and 100% by
the log-rank test, at 0.30 83% by the test at 12 months and 98% by the log-rank test, at 0.45
58% by the test at 12 months and 84% by the log-rank test, at 0.60 32% by the test at 12 months
and 50% by the log-rank test, at 0.75 14% by the test at 12 months and 21% by the log-rank test,
at 0.90 5% by the test at 12 months and 6% by the log-rank test.
"""

BOUNDS_ALOUD = """
Bounds of the test statistic: at 13.5 events efficacy from z 2.96, futility below 0.50; at 20.2
events efficacy from z 2.36, futility below 1.18; at 27.0 events efficacy from z 2.01, futility
below 2.01.
"""

COURSE_ALOUD = """
88 patients are expected by month 39, the analysis at month 51: 51 events by then under
Assumption of the design; 42 events by then under Selected oligometastatic patients; 55 events
by then under No effect.
"""


def words_of(page: DesignPage, section: str, *, tone: str = "plain") -> list[str]:
    """The paragraphs of a section in one tone."""
    (found,) = (each for each in page.sections if each.id == section)
    return [b.words for b in found.blocks if isinstance(b, Text) and b.tone == tone]


def joined(text: str) -> str:
    """The text on one line."""
    return " ".join(text.split())


def test_the_question_and_the_answer_stand() -> None:
    page = page_of()

    assert page.question == joined(QUESTION)
    assert page.answer == joined(ANSWER)


def test_the_sections_say_what_was_read() -> None:
    page = page_of(looks=True)

    assert words_of(page, "size")[1] == joined(FORMULA)
    assert words_of(page, "power", tone="warning") == [joined(WARNING)]
    assert words_of(page, "looks") == [joined(LOOKS)]


def test_the_paragraphs_for_the_protocol_stand() -> None:
    told = words_of(page_of(looks=True), "wording", tone="quoted")
    alone = words_of(page_of(), "wording", tone="quoted")

    assert told == [joined(words) for words in (SIZE, SMALLER, DURATION, INTERIM)]
    assert alone == [joined(words) for words in (SIZE, SMALLER, DURATION, NO_LOOKS)]


@pytest.mark.parametrize(
    ("figure", "aloud"),
    [
        ("power-subjects", POWER_SUBJECTS_ALOUD),
        ("power-ratio", POWER_RATIO_ALOUD),
        ("bounds", BOUNDS_ALOUD),
        ("course", COURSE_ALOUD),
    ],
)
def test_figures_read_aloud_tell_their_numbers(figure: str, aloud: str) -> None:
    (found,) = (
        block
        for block in blocks_of(page_of(looks=True))
        if isinstance(block, Figure) and block.id == figure
    )

    assert named_of(found.svg)[1] == joined(aloud)
