"""The forecast as the page shows it: rows, figure, and words where too little is known."""

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from equipoise.design.planned_openings import think_of_rates
from equipoise.protocol.model import Protocol
from equipoise.web.monitoring.fan import render_fan
from equipoise.web.monitoring.forecast import Reached, forecast, plan_events
from equipoise.web.monitoring.seen import Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlookRow:
    """What is counted, so far and planned, and when it will have come."""

    words: str | Promise
    so_far: int
    planned: int
    reached: Reached | None

    @property
    def is_reached(self) -> bool:
        """Whether as many have come."""
        return self.so_far >= self.planned


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The rows of the forecast and its figure, empty where there is none to draw.

    `opening` are the days on which sites that are counted in it will open.
    """

    rows: tuple[OutlookRow, ...]
    figure: SafeString
    opening: tuple[date, ...] = ()

    @property
    def knows_too_little(self) -> bool:
        """Whether nothing can be forecast yet."""
        return all(row.reached is None for row in self.rows)


def build_outlook(seen: Seen, *, protocol: Protocol, seed: int) -> Outlook:
    """The outlook of the whole trial; the seed (the line of the ledger) names its chance."""
    planned, events = protocol.randomisation.planned_subjects, plan_events(protocol)
    thought = think_of_rates(protocol.operations.accrual)
    found = forecast(seen, subjects=planned, events=events, seed=seed, thought=thought)
    rows = [OutlookRow(words=_("Subjects randomised"), so_far=len(seen.days), planned=planned,
                       reached=found.subjects)]  # fmt: skip
    if seen.follow_up:
        rows.append(OutlookRow(words=_("Progression or death"), so_far=seen.events,
                               planned=events, reached=found.events))  # fmt: skip
    figure = SafeString("")
    if found.fan is not None:
        figure = render_fan(seen, fan=found.fan, planned=planned)
    opening = seen.opening if len(seen.days) < planned else ()
    return Outlook(rows=tuple(rows), figure=figure, opening=opening)
