"""The page of a grid as a value: question and answer, curves, heat maps, tables, assumptions."""

from collections.abc import Iterator, Sequence

from equipoise.protocol.model import Protocol
from equipoise.report.operating.figures import draw_curves, draw_heat_map, draw_scenarios
from equipoise.report.operating.slices import Cell, Grid, Slice, cut_slices, name_axis
from equipoise.report.operating.tables import (
    build_course,
    build_parameters,
    build_power,
    build_stops,
)
from equipoise.report.page import Block, Fold, Heading, KeyFigure, Report, Section, Text
from equipoise.report.stamp import Stamp
from equipoise.report.wording import count_of, join_words, write_percent

MOST_SLICES = 8
MOST_SHADES = 6_000  # cells of all heat maps that are drawn
_HOW = (
    "Each cell is simulated by the same seed: replicate for replicate, its patients have the same "
    "chance as those of every other cell, so that differences between cells are surer than the "
    "interval of each. Patients are drawn, followed to the cut of the data and compared; nothing "
    "is taken from a formula. Intervals are exact binomial ones (Clopper, Pearson 1934)."
)
_WHOLE = (
    "Each trial is rehearsed whole by the scenario: patients, lesions, scans, forms and sites, "
    "then derived and analysed as the protocol plans at its data cuts; a planned test rejects or "
    "does not, whichever arm is better. Cells have the same seed. Without an effect the "
    "experimental arm does as the reference, but for the harm of its treatment. Intervals are "
    "exact binomial ones (Clopper, Pearson 1934)."
)
_DEATHS = (
    "Overall survival is tested, and events are deaths. Patients die before progression and, more "
    "of them, after it; time to progression or death is that of the scenario, so that an effect on "
    "survival is what a later progression leaves of it. Patients who progress early also die "
    "earlier after it (frailty). Hazard ratio, delay and the reference's median are those of "
    "progression or death."
)
_LESIONS = (
    "A scenario of lesions (S1, S2 …) gives the times to progression or death of 40,000 rehearsed "
    "patients as seen on their scans, with treatment as delivered; the hazards by month of both "
    "arms are simulated here. Its whole course, form by form, is that of “equipoise rehearse”."
)


def build_operating_page(grid: Grid, *, protocol: Protocol, stamp: Stamp) -> Report:
    """The page of a grid."""
    identity = protocol.identity
    sections = [
        Section(id="power", title="Power", blocks=tuple(_power_blocks(grid, protocol))),
        Section(id="cells", title="Every cell", blocks=tuple(_cell_blocks(grid))),
        Section(id="assumptions", title="Assumptions", blocks=tuple(_assumptions(grid))),
    ]
    return Report(
        trial=identity.acronym or identity.id,
        title="What the plan is worth",
        subtitle="operating characteristics over a grid of scenarios",
        question=_question(grid),
        answer=_answer(grid, protocol.design.power),
        caveats=_caveats(grid),
        key_figures=_keys(grid),
        sections=tuple(sections),
        stamp=stamp,
        notice="Simulated: no patient is behind these numbers.",
        stamp_line=_stamp_line(stamp),
        stamp_lines=_stamp_lines(stamp),
    )


def _question(grid: Grid) -> str:
    scenarios = join_words([f"“{label}”" for label in grid.scenarios.values()])
    axes = join_words([name_axis(axis) for axis in grid.varying])
    by = f", by {axes}" if axes else ""
    effect = "an effect on overall survival" if _is_os(grid) else "its effect"
    return f"How often would the trial find {effect} if the truth is {scenarios}{by}?"


def _is_os(grid: Grid) -> bool:
    return bool(grid.rows[0]["endpoint"] == "os" and not grid.is_whole)


def _answer(grid: Grid, enough: float) -> str:
    """The range of the first statistic where there is an effect, and where it is enough."""
    statistic = next(iter(grid.statistics))
    rows = [row for row in grid.rows if row["statistic"] == statistic]
    told = []
    if effect := [row for row in rows if not row["no_effect"]]:
        low = min(effect, key=lambda row: row["power"])
        high = max(effect, key=lambda row: row["power"])
        reached = sum(row["power"] >= enough for row in effect)
        span = (
            f"is {write_percent(low['power'])}"
            if low is high
            else f"goes from {write_percent(low['power'])} ({_place(grid, low)}) to "
            f"{write_percent(high['power'])} ({_place(grid, high)})"
        )
        told.append(
            f"The power of the {grid.statistics[statistic]} {span}; {reached} of "
            f"{count_of(len(effect), one='cell')} with an effect reach {enough:.0%}."
        )
    if null := [row for row in rows if row["no_effect"]]:
        low, high = (pick(null, key=lambda row: row["level"]) for pick in (min, max))
        span = write_percent(high["level"])
        if low["level"] != high["level"]:
            span = f"{write_percent(low['level'])} to {span}"
        told.append(f"Where there is no effect its type I error is {span}.")
    return " ".join(told)


def _place(grid: Grid, row: Cell) -> str:
    values = [f"{name_axis(axis)} {row[axis]:g}" for axis in grid.varying]
    return ", ".join([row["scenario"], *values])


def _caveats(grid: Grid) -> tuple[str, ...]:
    return (*_effect_by_grid(grid), *_silent_trials(grid))


def _effect_by_grid(grid: Grid) -> Iterator[str]:
    if "hazard_ratio" in grid.varying:
        yield (
            "the hazard ratios of the grid stand in place of each scenario's own effect: a "
            "scenario tells the reference arm here, not how well the treatment works"
        )


def _silent_trials(grid: Grid) -> Iterator[str]:
    unknown = [row for row in grid.rows if row["known"] < row["trials"]]
    if not unknown:
        return
    worst = min(unknown, key=lambda row: row["known"] / row["trials"])
    share = write_percent(1 - worst["known"] / worst["trials"])
    yield (
        f"a test that cannot be told counts as not significant: {share} of the trials of "
        f"{worst['statistic']} in the worst cell ({_place(grid, worst)})"
    )


def _keys(grid: Grid) -> tuple[KeyFigure, ...]:
    first = grid.rows[0]
    half = max(row["power_upper"] - row["power_lower"] for row in grid.rows) / 2
    cells = len(grid.rows) // len(grid.statistics)
    return (
        KeyFigure(
            name="Cells", value=f"{cells:,}", detail=count_of(len(grid.scenarios), one="scenario")
        ),
        KeyFigure(
            name="Trials of each", value=f"{first['trials']:,}",
            detail=f"95% intervals up to ±{half:.1%}",
        ),
        KeyFigure(
            name="Level",
            value=f"{first['alpha']:g}",
            detail="two-sided" if first["sides"] == 2 else "one-sided",
        ),
        KeyFigure(name="Seed", value=f"{first['seed']}", detail="same seed, same numbers"),
    )  # fmt: skip


def _power_blocks(grid: Grid, protocol: Protocol) -> Iterator[Block]:
    enough = protocol.design.power
    if not grid.along:
        yield draw_scenarios(grid, enough=enough)
        return
    slices = cut_slices(grid)
    room = MOST_SHADES
    for place, part in enumerate(slices[:MOST_SLICES], start=1):
        if part.words and len(slices) > 1:
            yield Heading(words=part.words, id=f"slice-{place}")
        yield draw_curves(part, grid=grid, enough=enough, place=place)
        if grid.lines:
            cells = len(part.rows) // len(grid.statistics)
            drawn = list(grid.statistics)[: room // cells]
            room -= cells * len(drawn)
            yield from _draw_maps(grid, part, names=drawn, enough=enough, place=place)
    if len(slices) > MOST_SLICES:
        more = len(slices) - MOST_SLICES
        yield Text(words=f"{more} more slices of the grid stand in the Parquet file.", tone="note")


def _draw_maps(
    grid: Grid, part: Slice, *, names: Sequence[str], enough: float, place: int
) -> Iterator[Block]:
    """The heat map of the first statistic, and those of the others folded."""
    if not names:
        yield Text(words="Too many cells for a heat map; the Parquet file has them.", tone="note")
        return
    maps = [
        draw_heat_map(part, grid=grid, statistic=name, enough=enough, place=place) for name in names
    ]
    yield maps[0]
    if len(maps) > 1:
        yield Fold(summary="Heat maps of the other statistics", blocks=tuple(maps[1:]))


def _cell_blocks(grid: Grid) -> Iterator[Block]:
    yield build_power(grid)
    if stops := build_stops(grid):
        yield stops
    yield Fold(summary="Course and estimates of every cell", blocks=(build_course(grid),))


def _assumptions(grid: Grid) -> Iterator[Block]:
    yield Text(words=_WHOLE if grid.is_whole else _HOW)
    if _is_os(grid):
        yield Text(words=_DEATHS)
    yield build_parameters(grid)
    if not grid.is_whole and any(row["hazard_ratio"] is None for row in grid.rows):
        yield Text(words=_LESIONS, tone="note")


def _stamp_line(stamp: Stamp) -> str:
    return (
        f"protocol {stamp.protocol_version} {stamp.protocol_fingerprint[:12]} · Equipoise "
        f"{stamp.code_version} · seed {stamp.seed}"
    )


def _stamp_lines(stamp: Stamp) -> tuple[tuple[str, str], ...]:
    return (
        ("Protocol", f"version {stamp.protocol_version}, fingerprint {stamp.protocol_fingerprint}"),
        ("Program", f"Equipoise {stamp.code_version}"),
        ("Seed", str(stamp.seed)),
        ("Numbers", f"digest {stamp.data_digest}"),
    )
