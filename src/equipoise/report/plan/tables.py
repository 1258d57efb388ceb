"""The tables of a plan: assumptions, powers, looks, course."""

from collections.abc import Iterator

import numpy as np

from equipoise.report.plan.outlook import MOST, LooksTold, Outlook, TruthTold
from equipoise.report.plan.words import percent, say_sides, say_source
from equipoise.report.shell import Column, Row, Shell, Table, fill
from equipoise.report.wording import MISSING, write_number, write_percent

ASSUMPTIONS = Shell(
    id="assumptions",
    title="What is assumed, and where it comes from",
    columns=(Column(heading="Assumption"), Column(heading="Value"), Column(heading="Source")),
)
POWERS = Shell(
    id="powers",
    title="Power of the {planned} planned patients if the truth is another",
    columns=(
        Column(heading="If the truth is"),
        Column(heading="Reference", align="right", group="At {at}"),
        Column(heading="Experimental", align="right", group="At {at}"),
        Column(heading="Hazard ratio", align="right"),
        Column(heading="At {at}", align="right", group="Power"),
        Column(heading="Log-rank", align="right", group="Power"),
        Column(heading="At {at}", align="right", group="Patients for {power}"),
        Column(heading="Log-rank", align="right", group="Patients for {power}"),
    ),
    footnotes=(
        (
            "Power: of the comparison of Kaplan-Meier probabilities on the complementary log-log "
            "scale and of the log-rank test, both at the primary analysis, with accrual and "
            "leaving as planned. Without an effect it is the type I error. The formulas are for "
            "large samples: simulated trials of few patients differ by some points."
        ),
        (
            "Patients: as many as would give the power that is wanted, at the same sites: more "
            "patients take longer."
        ),
    ),
)
LOOKS = Shell(
    id="looks",
    title="Bounds of each look",
    columns=(
        Column(heading="Look, bound"),
        Column(heading="Events", align="right"),
        Column(heading="Month", align="right"),
        Column(heading="z", align="right", group="Bound"),
        Column(heading="p", align="right", group="Bound"),
        Column(heading="Hazard ratio", align="right", group="Bound"),
        Column(heading="as assumed", align="right", group="Conditional power"),
        Column(heading="by trend", align="right", group="Conditional power"),
    ),
    footnotes=(
        (
            "p: of a test with the sides of the trial. Conditional power: the chance of success at "
            "a later look, for a trial that stands on the bound, if the effect is as assumed, or "
            "as the data so far show it."
        ),
    ),
)
CHANCES = Shell(
    id="chances",
    title="Chance to have stopped by each look",
    columns=(
        Column(heading="Look"),
        Column(heading="Error spent", align="right"),
        Column(heading="Efficacy", align="right", group="Without an effect"),
        Column(heading="Futility", align="right", group="Without an effect"),
        Column(heading="Efficacy", align="right", group="With the effect"),
        Column(heading="Futility", align="right", group="With the effect"),
    ),
    footnotes=("Efficacy without an effect counts both directions of a two-sided test.",),
)
COURSE = Shell(
    id="course-table",
    title="Patients and events expected by month",
    columns=(
        Column(heading="Month"),
        Column(heading="Randomised", align="right"),
        Column(heading="Still followed", align="right", group="{assumed}"),
        Column(heading="Left", align="right", group="{assumed}"),
        Column(heading="Events", align="right", group="{assumed}"),
    ),
)


def worded(shell: Shell, **words: str) -> Shell:
    """The shell with words in the places of its title and headings."""
    columns = tuple(
        Column(
            heading=column.heading.format(**words),
            align=column.align,
            group=column.group.format(**words),
        )
        for column in shell.columns
    )
    return Shell(
        id=shell.id,
        title=shell.title.format(**words),
        columns=columns,
        footnotes=shell.footnotes,
        empty=shell.empty,
    )


def build_assumptions(outlook: Outlook) -> Table:
    """Every assumption with its value and its source."""
    return fill(ASSUMPTIONS, rows=_assumption_rows(outlook))


def _assumption_rows(outlook: Outlook) -> Iterator[Row]:
    protocol, size = outlook.protocol, outlook.size
    design, plan, rates = protocol.design, size.plan, size.rates
    accrual, leaving = protocol.operations.accrual, protocol.operations.leaving
    reference, experimental = outlook.arms
    source = design.provenance
    yield Row(cells=("Effect and errors",), heading=True)
    for arm, share in ((reference, plan.reference), (experimental, plan.experimental)):
        own = say_source(outlook, arm.role, written=source)
        yield _row(f"{arm.label}, at {outlook.at}", percent(share), own)
    ratio = f"{outlook.truths[0].truth.hazard_ratio:.2f}"
    yield _row("Hazard ratio of exponential times with these", ratio, "follows")
    sided = f"{percent(rates.alpha)}, {say_sides(rates.sides)}"
    yield _row("Type I error", sided, say_source(outlook, "alpha", "sides", written=source))
    yield _row("Power wanted", percent(rates.power), say_source(outlook, "power", written=source))
    left = say_source(outlook, "dropout", written=source)
    yield _row("Leave before they can be analysed", percent(plan.dropout), left)
    yield Row(cells=("Course of the trial",), heading=True)
    planned = protocol.randomisation.provenance.get("planned_subjects", "")
    planned = say_source(outlook, "subjects", written=planned)
    yield _row("Patients planned", str(size.planned), planned)
    parts = f"{plan.ratio:g} to 1" if plan.ratio != 1 else "1 to 1"
    allocation = protocol.randomisation.provenance.get("ratio", "")
    allocation = say_source(outlook, "ratio", written=allocation)
    yield _row("Allocation, experimental to reference", parts, allocation)
    given = accrual.provenance
    sites = f"{accrual.sites}, one every {accrual.activation_months:g} months"
    yield _row("Sites", sites, given.get("sites", ""))
    rate = f"{accrual.rate_per_month:g} a month"
    yield _row("Patients of a site, once open", rate, given.get("rate_per_month", ""))
    lost = percent(leaving.lost_per_year + leaving.withdrawn_per_year)
    sources = {leaving.provenance.get(name, "") for name in ("lost_per_year", "withdrawn_per_year")}
    yield _row("Lost or withdrawn in a year", lost, "; ".join(sorted(sources - {""})))
    cut = protocol.cut[0]
    after = f"{cut.plus_months:g} months after the last randomisation"
    yield _row("Primary analysis", after, cut.provenance)


def _row(name: str, value: str, source: str) -> Row:
    return Row(cells=(name, value, source.replace("_", " ") or MISSING))


def build_powers(outlook: Outlook) -> Table:
    """The warning: what the planned patients show under every truth, and how many would do."""
    size = outlook.size
    shell = worded(
        POWERS, planned=str(size.planned), at=outlook.at,
        power=write_percent(size.rates.power, digits=0),
    )  # fmt: skip
    return fill(shell, rows=(_power_row(each, most=MOST * size.planned) for each in outlook.truths))


def _power_row(told: TruthTold, *, most: int) -> Row:
    row = told.row
    needed = ((f"> {most}" if count is None else str(count)) if told.has_effect else MISSING
              for count in (told.needed_milestone, told.needed_logrank))  # fmt: skip
    return Row(
        cells=(
            row.label,
            write_percent(row.reference),
            write_percent(row.experimental),
            write_number(row.hazard_ratio, digits=2),
            write_percent(row.milestone_power),
            write_percent(row.logrank_power),
            *needed,
        )
    )


def build_looks(told: LooksTold) -> Table:
    """The bounds of efficacy and futility at each look, on every scale."""
    return fill(LOOKS, rows=_look_rows(told))


def _look_rows(told: LooksTold) -> Iterator[Row]:
    looks = told.looks
    sides = looks.design.plan.rates.sides
    for place, events in enumerate(looks.events_at):
        for name, bounds in (("efficacy", looks.upper), ("futility", looks.lower)):
            if bounds is None:
                continue
            first, there = name == "efficacy", bool(np.isfinite(bounds.z[place]))
            month = told.months[place]
            yield Row(cells=(
                f"{place + 1}, {name}",
                write_number(float(events), digits=1) if first else "",
                ("never" if np.isnan(month) else write_number(month, digits=1)) if first else "",
                _finite(bounds.z[place], digits=3),
                f"{min(1.0, sides * float(bounds.p[place])):.4f}" if there else MISSING,
                _finite(bounds.hazard_ratio[place] if there else np.nan, digits=3),
                _share(bounds.design_power[place]),
                _share(bounds.trend_power[place]),
            ))  # fmt: skip


def _finite(value: float, *, digits: int) -> str:
    return write_number(float(value), digits=digits) if np.isfinite(value) else MISSING


def _share(value: float) -> str:
    return write_percent(float(value)) if np.isfinite(value) else MISSING


def build_chances(told: LooksTold) -> Table:
    """The error spent and the chances to have stopped by each look, cumulated."""
    design = told.looks.design
    columns = [np.cumsum(part) for chances in (design.null, design.alternative)
               for part in (chances.above + chances.below, chances.futility)]  # fmt: skip
    rows = (
        Row(cells=(
            str(place + 1), f"{design.alpha_spent[place]:.5f}",
            *(write_percent(float(column[place])) for column in columns),
        ))
        for place in range(design.plan.looks)
    )  # fmt: skip
    return fill(CHANCES, rows=rows)


def build_course(outlook: Outlook) -> Table:
    """Every half year, the end of accrual and the analysis: who has come, left, had the event."""
    size, told = outlook.size, outlook.truths[0]
    ends = {round(size.accrual_months): "last patient", len(told.course.at) - 1: "analysis"}
    places = sorted({*range(6, len(told.course.at), 6), *ends})
    shell = worded(COURSE, assumed=told.truth.label)
    return fill(shell, rows=(_course_row(told, place, ends.get(place, "")) for place in places))


def _course_row(told: TruthTold, place: int, words: str) -> Row:
    course = told.course
    counts = (
        course.all_subjects[place],
        course.at_risk[place].sum(),
        course.dropouts[place].sum(),
        course.all_events[place],
    )
    month = write_number(float(course.at[place]), digits=0)
    name = f"{month} ({words})" if words else month
    return Row(cells=(name, *(write_number(float(count), digits=1) for count in counts)))
