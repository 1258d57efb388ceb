"""How size and power move with what is assumed: small tables around the assumption."""

from collections.abc import Callable
from dataclasses import replace

from equipoise.design.error_rates import round_up
from equipoise.design.milestone_size import MilestonePlan, size_milestone
from equipoise.design.share_size import SharePlan, ShareTest, size_shares
from equipoise.design.survival_size import LogRankPlan, size_logrank
from equipoise.design.truths import assume, end_of_study, expect_trial, find_power
from equipoise.report.plan.outlook import Outlook
from equipoise.report.plan.words import percent
from equipoise.report.shell import Column, Row, Table
from equipoise.report.wording import MISSING, write_percent

_STEPS = (-0.10, -0.05, 0.0, 0.05, 0.10)
TESTS = {
    ShareTest.POOLED: "Chi-square test, pooled variance (that of the protocol)",
    ShareTest.UNPOOLED: "Chi-square test, variances of both arms",
    ShareTest.CORRECTED: "Chi-square test with correction for continuity",
    ShareTest.ARCSINE: "Arcsine scale",
    ShareTest.MIETTINEN_NURMINEN: "Score test of Miettinen and Nurminen",
    ShareTest.FISHER: "Fisher's exact test",
}


def build_methods(outlook: Outlook) -> Table:
    """What other tests and formulas ask for under the same assumption."""
    plan, rates = outlook.size.plan, outlook.size.rates
    rows = []
    for test, words in TESTS.items():
        found = size_shares(replace(plan, test=test), rates=rates)
        evaluable = f"{found.reference} + {found.experimental}"
        rows.append(Row(cells=(words, evaluable, str(found.enrolled), write_percent(found.power))))
    rows += _survival_rows(outlook)
    return Table(
        id="methods",
        title="What other tests and formulas ask for",
        columns=(
            Column(heading="Test"),
            Column(heading="Evaluable", align="right"),
            Column(heading="Randomised", align="right"),
            Column(heading="Power", align="right"),
        ),
        rows=tuple(rows),
        footnotes=(
            (
                "The last two have accrual and leaving in them, as planned, in place of a share "
                "that leaves; accrual is faster or slower so that it takes as long."
            ),
        ),
    )


def _survival_rows(outlook: Outlook) -> list[Row]:
    size, protocol = outlook.size, outlook.protocol
    truth = assume(protocol, plan=size.plan)
    course = expect_trial(truth, protocol=protocol, ratio=size.plan.ratio)
    end = end_of_study(course, protocol=protocol)
    milestone = size_milestone(
        MilestonePlan(survival=course, at=protocol.design.milestone_months, study_end=end),
        rates=size.rates,
    )
    logrank = size_logrank(LogRankPlan(survival=course, study_end=end), rates=size.rates)
    power = write_percent(size.rates.power)
    return [
        Row(cells=(name, MISSING, str(round_up(subjects)), power))
        for name, subjects in (
            (f"Kaplan-Meier at {outlook.at}, log-log scale", milestone.subjects),
            (f"Log-rank test, {round_up(logrank.events)} events", logrank.subjects),
        )
    ]


def _starred(words: str, *, is_assumed: bool) -> str:
    return f"* {words}" if is_assumed else words


def _around(share: float) -> tuple[float, ...]:
    return tuple(round(share + step, 6) for step in _STEPS if 0 < share + step < 1)


def build_size_grid(outlook: Outlook) -> Table:
    """Patients to randomise by both shares."""
    size = outlook.size

    def cell(plan: SharePlan) -> str:
        return str(size_shares(plan, rates=size.rates).enrolled)

    return _grid(
        outlook, cell, name="sizes",
        title=f"Patients to randomise, by what is assumed at {outlook.at}",
    )  # fmt: skip


def build_power_grid(outlook: Outlook) -> Table:
    """Power of the planned patients by both shares."""
    size, protocol = outlook.size, outlook.protocol

    def cell(plan: SharePlan) -> str:
        found = find_power(
            assume(protocol, plan=plan), protocol=protocol, rates=size.rates, ratio=plan.ratio
        )
        return write_percent(found.milestone_power, digits=0)

    return _grid(
        outlook, cell, name="powers-by-share",
        title=f"Power of the {size.planned} planned patients, by the truth at {outlook.at}",
    )  # fmt: skip


def _grid(outlook: Outlook, cell: Callable[[SharePlan], str], *, name: str, title: str) -> Table:
    """A row a reference share, a column an experimental one; a dash where they do not differ."""
    plan = outlook.size.plan
    columns = _around(plan.experimental)
    rows = tuple(
        Row(cells=(
            percent(reference),
            *(_starred(cell(replace(plan, reference=reference, experimental=other)),
                       is_assumed=(reference, other) == (plan.reference, plan.experimental))
              if other != reference else MISSING for other in columns),
        ))
        for reference in _around(plan.reference)
    )  # fmt: skip
    return Table(
        id=name,
        title=title,
        columns=(
            Column(heading="Reference"),
            *(
                Column(heading=percent(each), align="right", group="Experimental")
                for each in columns
            ),
        ),
        rows=rows,
    )


def build_error_grid(outlook: Outlook) -> Table:
    """Patients to randomise by the power that is wanted and the share that leaves."""
    plan, rates = outlook.size.plan, outlook.size.rates
    powers = sorted({0.8, 0.85, 0.9, rates.power})
    leaving = sorted({0.0, 0.05, 0.10, 0.15, 0.20, plan.dropout})

    def cell(share: float, power: float) -> str:
        wanted = replace(rates, power=power)
        return str(size_shares(replace(plan, dropout=share), rates=wanted).enrolled)

    rows = tuple(
        Row(cells=(
            percent(share),
            *(_starred(cell(share, power),
                       is_assumed=(share, power) == (plan.dropout, rates.power))
              for power in powers),
        ))
        for share in leaving
    )  # fmt: skip
    headings = (
        Column(heading=percent(power), align="right", group="Power wanted") for power in powers
    )
    return Table(
        id="sizes-by-leaving",
        title="Patients to randomise, by the share that leaves and the power wanted",
        columns=(Column(heading="Leave"), *headings),
        rows=rows,
    )
