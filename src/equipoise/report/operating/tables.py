"""The tables of a grid: power and level of every cell, estimates and course, stops at looks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from equipoise.design.operating_statistics import STATISTICS
from equipoise.design.scenario_grid import PARAMETERS
from equipoise.report.operating.slices import Cell, Grid, name_axis
from equipoise.report.shell import Column, Row, Shell, Table, fill
from equipoise.report.wording import MISSING, capital, write_number, write_percent

MOST_ROWS = 400
_ALPHA = (
    "α: both arms are alike, and the number is the type I error: the share of trials decided for "
    "either arm."
)


def build_power(grid: Grid) -> Table:
    """A row a cell: the power of every statistic; the type I error where there is no effect."""
    shell = Shell(
        id="power",
        title="Power of every cell, with exact 95% intervals",
        columns=(
            *_names(grid),
            *(Column(heading=name, align="right") for name in grid.statistics),
        ),
        footnotes=(
            _ALPHA,
            *(f"{name}: {words}." for name, words in grid.statistics.items()),
        ),
    )
    rows = (
        Row(cells=(*_name(grid, cell[0]), *(_power(row) for row in cell))) for cell in _cells(grid)
    )
    return fill(shell, rows=_first(rows), footnotes=_cut(grid))


def _power(row: Cell) -> str:
    kind = "level" if row["no_effect"] else "power"
    ends = f"{100 * row[f'{kind}_lower']:.1f} to {100 * row[f'{kind}_upper']:.1f}"
    mark = "α " if row["no_effect"] else ""
    return f"{mark}{write_percent(row[kind])} ({ends})"


def build_course(grid: Grid) -> Table:
    """A row a cell: what the reference arm does, events, months and mean estimates."""
    estimates = {row["statistic"]: row["estimate_of"] for row in grid.rows}
    told = {name: words for name, words in estimates.items() if words}
    arms = ("Reference", "Experimental") if not grid.is_whole else ()
    shell = Shell(
        id="course",
        title="What the trials are like, and what they estimate",
        columns=(
            *_names(grid),
            *(Column(heading=arm, align="right", group=_standing(grid)) for arm in arms),
            Column(heading="Events", align="right", group="Mean at the end"),
            Column(heading="Subjects", align="right", group="Mean at the end"),
            Column(heading="Months", align="right", group="Mean at the end"),
            *(
                Column(heading=f"{name}: {words}" if grid.is_whole else capital(words),
                       align="right", group="Mean estimate (SD)")
                for name, words in told.items()
            ),
        ),
        footnotes=tuple(_footnotes(grid, told)),
    )  # fmt: skip
    rows = (Row(cells=(*_name(grid, cell[0]), *_course(cell, told, arms))) for cell in _cells(grid))
    return fill(shell, rows=_first(rows), footnotes=_cut(grid))


def _standing(grid: Grid) -> str:
    is_os = grid.rows[0]["endpoint"] == "os"
    return f"{'Alive' if is_os else 'Without event'} at the milestone"


def _footnotes(grid: Grid, told: Mapping[str, str]) -> Iterator[str]:
    if any("ratio" in words.split() for words in told.values()):
        yield "The SD of a ratio is that of its logarithm, its mean the geometric one."
    if grid.is_whole:
        first = next(iter(grid.statistics))
        yield f"Events, subjects and months are those at the data cut of {first}."


def _course(cell: tuple[Cell, ...], told: Mapping[str, str], arms: Sequence[str]) -> Iterator[str]:
    first = cell[0]
    kind = "alive" if first["endpoint"] == "os" else "survival"
    for arm in arms:
        yield write_percent(first[f"{arm.lower()}_{kind}"])
    for name in ("mean_events", "mean_subjects", "mean_months"):
        yield write_number(first[name], digits=1)
    for row in cell:
        if row["statistic"] in told:
            digits = 3 if "survival" in row["estimate_of"] else 2
            spread = write_number(row["sd_estimate"], digits=digits)
            yield f"{write_number(row['mean_estimate'], digits=digits)} ({spread})"


def build_stops(grid: Grid) -> Table | None:
    """A row a cell and statistic that may stop: how often, at each look; None without looks."""
    looks = max(len(row["look_events"]) for row in grid.rows)
    if looks == 1:
        return None
    shell = Shell(
        id="stops",
        title="Where the trials end: for the experimental arm, for the other, for futility",
        columns=(
            *_names(grid),
            Column(heading="Test"),
            *(
                Column(heading=f"{way}", align="right", group=f"Look {look + 1}")
                for look in range(looks)
                for way in ("for", "against", "futile")
            ),
        ),
        footnotes=("Statistics that cannot stop a trial are tested at the last look.",),
    )
    rows = (
        Row(cells=(*_name(grid, row), row["statistic"], *_stops(row)))
        for cell in _cells(grid)
        for row in cell
        if STATISTICS[row["statistic"]].stops
    )
    return fill(shell, rows=_first(rows), footnotes=_cut(grid))


def _stops(row: Cell) -> Iterator[str]:
    ways = [row[f"stopped_{way}"] for way in ("favour", "against", "futile")]
    for look in zip(*ways, strict=True):
        yield from (write_percent(share) for share in look)


def build_parameters(grid: Grid) -> Table:
    """A row a parameter: what it means, and its values in the grid."""
    shell = Shell(
        id="parameters",
        title="The parameters of the trial",
        columns=(
            Column(heading="Parameter"),
            Column(heading="What it is"),
            Column(heading="Values"),
        ),
    )
    return fill(shell, rows=(_parameter(grid, name) for name in PARAMETERS if grid.values(name)))


def _parameter(grid: Grid, name: str) -> Row:
    values = [f"{value:.4g}" for value in grid.values(name)]
    shown = values if len(values) <= 8 else [*values[:7], "…", values[-1]]
    said = ", ".join(shown)
    if name not in grid.axes and len(values) > 1:
        said += " (by scenario)"
    return Row(cells=(name_axis(name), PARAMETERS[name].words, said))


def _names(grid: Grid) -> tuple[Column, ...]:
    axes = (Column(heading=capital(name_axis(axis)), align="right") for axis in grid.axes)
    return Column(heading="Scenario"), *axes


def _name(grid: Grid, row: Cell) -> tuple[str, ...]:
    values = (MISSING if row[axis] is None else f"{row[axis]:g}" for axis in grid.axes)
    return row["scenario"], *values


def _cells(grid: Grid) -> Iterator[tuple[Cell, ...]]:
    """The rows of each cell: one a statistic, in their order."""
    size = len(grid.statistics)
    return (grid.rows[place : place + size] for place in range(0, len(grid.rows), size))


def _first(rows: Iterable[Row]) -> Iterator[Row]:
    for place, row in enumerate(rows):
        if place == MOST_ROWS:
            return
        yield row


def _cut(grid: Grid) -> tuple[str, ...]:
    cells = len(grid.rows) // len(grid.statistics)
    if cells <= MOST_ROWS:
        return ()
    return (
        f"The first {MOST_ROWS} rows; the Parquet file beside this page has all {cells} cells.",
    )
