"""The figures of a slice of a grid: power curves, and a heat map where two parameters vary."""

from equipoise.report.figures.heat_map import HeatLook, render_heat_map
from equipoise.report.figures.power_curves import (
    MOST_CURVES,
    PowerCurve,
    PowerLook,
    PowerPanel,
    PowerPoint,
    render_power_curves,
)
from equipoise.report.operating.slices import (
    Cell,
    Grid,
    Slice,
    name_axis,
    name_line,
    rows_of,
    spread_out,
)
from equipoise.report.page import Figure
from equipoise.report.wording import capital


def draw_curves(part: Slice, *, grid: Grid, enough: float, place: int) -> Figure:
    """Power along the first parameter, a panel a statistic; six lines at most."""
    points: dict[str, dict[str, list[PowerPoint]]] = {}
    for row in part.rows:
        line = points.setdefault(name_line(row, grid=grid), {})
        line.setdefault(row["statistic"], []).append(_point(grid, row))
    names = list(points)
    shown = spread_out(names, most=MOST_CURVES)
    panels = [
        PowerPanel(
            title=name_panel(grid, statistic=statistic),
            curves=tuple(_curve(name, points[name][statistic]) for name in shown),
        )
        for statistic in grid.statistics
    ]
    first = part.rows[0]
    look = PowerLook(
        figure_id=f"power-{place}",
        title=f"Power by {name_axis(grid.along)}",
        x_name=capital(name_axis(grid.along)),
        marks=(enough, first["alpha"] / (1 if grid.is_whole else first["sides"])),
    )
    left_out = f" {len(shown)} of {len(names)} lines are drawn." if shown != names else ""
    caption = (
        f"{_head(part)}Power by {name_axis(grid.along)}: {what_power_is(grid)}, with exact 95% "
        "intervals. Dotted: the power wanted, and the "
        f"{'' if grid.is_whole else 'one-sided '}type I error.{left_out}"
    )
    svg = render_power_curves(panels, look=look)
    return Figure(id=look.figure_id, caption=caption, svg=svg)


def name_panel(grid: Grid, *, statistic: str) -> str:
    """A statistic as the title of a panel: analyses of a plan by their names."""
    return statistic if grid.is_whole else capital(grid.statistics[statistic])


def what_power_is(grid: Grid) -> str:
    """What is counted as success: whole trials do not tell for which arm the test rejects."""
    if grid.is_whole:
        return "the share of trials in which the planned test rejects"
    return "the share of trials decided for the experimental arm"


def _point(grid: Grid, row: Cell) -> PowerPoint:
    return PowerPoint(
        at=row[grid.along], power=row["power"], lower=row["power_lower"], upper=row["power_upper"]
    )


def _curve(name: str, points: list[PowerPoint]) -> PowerCurve:
    return PowerCurve(label=name, points=tuple(sorted(points, key=lambda point: point.at)))


def _head(part: Slice) -> str:
    return f"{part.words}. " if part.words else ""


def draw_heat_map(part: Slice, *, grid: Grid, statistic: str, enough: float, place: int) -> Figure:
    """Power of one statistic by both parameters."""
    shares = {
        (f"{row[grid.along]:g}", f"{row[grid.lines]:g}"): row["power"]
        for row in rows_of(part.rows, statistic=statistic)
    }
    look = HeatLook(
        figure_id=f"heat-{statistic}-{place}",
        title=name_panel(grid, statistic=statistic),
        x_name=capital(name_axis(grid.along)),
        y_name=capital(name_axis(grid.lines)),
        enough=enough,
    )
    svg = render_heat_map(
        shares,
        columns=[f"{value:g}" for value in grid.values(grid.along)],
        rows=[f"{value:g}" for value in grid.values(grid.lines)],
        look=look,
    )
    caption = f"{_head(part)}Power of: {grid.statistics[statistic]}. Framed: {enough:.0%} or more."
    return Figure(id=look.figure_id, caption=caption, svg=svg)


def draw_scenarios(grid: Grid, *, enough: float) -> Figure:
    """Power by scenario and statistic, where no parameter varies."""
    shares = {(row["statistic"], row["scenario"]): row["power"] for row in grid.rows}
    look = HeatLook(
        figure_id="heat-scenarios", title="Power", x_name="Statistic", y_name="Scenario",
        enough=enough,
    )  # fmt: skip
    svg = render_heat_map(
        shares, columns=list(grid.statistics), rows=list(reversed(list(grid.scenarios))), look=look
    )
    caption = (
        f"Power by scenario and statistic: {what_power_is(grid)}. Framed: {enough:.0%} or more."
    )
    return Figure(id=look.figure_id, caption=caption, svg=svg)
