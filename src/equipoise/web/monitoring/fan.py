"""The figure of accrual: subjects so far, and the fan of those to come, all arms together."""

from datetime import date, timedelta

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from equipoise.report.figures.lines import Axis, Band, Guide, Line, LinesLook, render_lines
from equipoise.report.figures.plots import linear_ticks
from equipoise.web.monitoring.forecast import Fan
from equipoise.web.monitoring.seen import Seen

_SHADES = ("#c9d9e6", "#e6eef4")  # of 80 and of 95 percent
_MARGIN = 24.0  # on the right, where no line has a name: the caption says what they are


def render_fan(seen: Seen, *, fan: Fan, planned: int) -> SafeString:
    """The figure as SVG, drawn by the program, which escapes the words in it."""
    first = seen.days[0]
    now = (seen.today - first).days
    came = [(float((day - first).days), float(place + 1)) for place, day in enumerate(seen.days)]
    ahead = [float(now + day) for day in fan.days]
    bands = [
        Band(
            lower=tuple(zip(ahead, fan.lower[level], strict=True)),
            upper=tuple(zip(ahead, fan.upper[level], strict=True)),
            colour=_SHADES[level],
        )
        for level in (1, 0)
    ]
    lines = (
        Line(label="", points=(*came, (float(now), came[-1][1]))),
        Line(label="", look=1, points=tuple(zip(ahead, fan.middle, strict=True))),
    )
    top = 1.06 * planned
    look = LinesLook(
        figure_id="accrual-forecast",
        title=_("Subjects randomised so far, and the forecast"),
        description=_("The numbers are those of the table above it."),
        x=Axis(name=_("Month"), ends=(0.0, ahead[-1]), ticks=_month_ticks(first, ahead[-1])),
        y=Axis(name=_("Subjects"), ends=(0.0, top), ticks=tuple(linear_ticks((0.0, top)))),
        guides=(
            Guide(value=float(planned), words=_("planned")),
            Guide(value=float(now), words=_("today"), upright=True),
        ),
        names=_MARGIN,
        height=200,
    )
    return SafeString(render_lines(lines, look=look, bands=bands))


def _month_ticks(first: date, days: float) -> tuple[tuple[float, str], ...]:
    """The first day of about six months, as year and month."""
    ends = (first, first + timedelta(days=round(days)))
    months = [
        date(first.year + place // 12, place % 12 + 1, 1)
        for place in range(first.month, first.month + round(days / 30.4) + 1)
    ]
    months = [month for month in months if month <= ends[1]]
    step = max(1, len(months) // 6)
    return tuple((float((month - first).days), f"{month:%Y-%m}") for month in months[::step])
