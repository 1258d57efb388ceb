"""Words for templates of work: how a form stands at a visit, how far a subject has come."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from equipoise.capture.schedule import Owed
from equipoise.web.shell.tags import state_badge
from equipoise.web.work.grid import Square
from equipoise.web.work.status import Status

register = template.Library()

_MARKS = {  # a sign beside the colour, as in the badges of states
    Owed.AHEAD: "·",
    Owed.DUE: "◇",
    Owed.STARTED: "◐",
    Owed.OVERDUE: "!",
    Owed.DONE: "●",
    Owed.OFFERED: "+",
    Owed.NOT_EXPECTED: "–",
}


def owed_words(owed: Owed) -> str:
    """How a form stands at a visit, in words."""
    return {
        Owed.AHEAD: _("not due yet"),
        Owed.DUE: _("due"),
        Owed.STARTED: _("draft"),
        Owed.OVERDUE: _("overdue"),
        Owed.DONE: _("done"),
        Owed.OFFERED: _("if there is something to enter"),
        Owed.NOT_EXPECTED: _("no longer expected"),
    }[owed]


@register.simple_tag
def owed_badge(owed: str) -> SafeString:
    """How a form stands, as a badge: sign, word and colour."""
    kind = Owed(owed)
    return format_html(
        '<span class="badge badge-{}"><span aria-hidden="true">{}</span> {}</span>',
        *(kind.value, _MARKS[kind], owed_words(kind)),
    )


@register.simple_tag
def square(each: Square, when: str) -> SafeString:
    """A square of the grid: the state where there is an entry, else what is owed.

    Form, visit, window and what is owed stand in the text of the square, shown on hover and focus.
    """
    told = format_html(
        '<span class="told"> {}: {}. {}</span>', each.title, owed_words(each.owed), when
    )
    sign = _sign(each)
    if not each.address:
        return format_html('<span class="square">{}{}</span>', sign, told)
    return format_html('<a class="square" href="{}">{}{}</a>', each.address, sign, told)


def _sign(each: Square) -> SafeString:
    late = each.owed is Owed.OVERDUE
    if not each.count or late:
        name, mark = each.owed.value, _MARKS[each.owed]
        if each.owed is Owed.OFFERED and not each.address:
            mark = ""  # it is not this reader's to enter
        return format_html('<span class="owed-{}" aria-hidden="true">{}</span>', name, mark)
    badge = state_badge(each.state.value, short=True)
    if each.count == 1:
        return badge
    return format_html('{} <span class="times">×{}</span>', badge, each.count)


@register.simple_tag
def status_badge(status: str) -> SafeString:
    """How far a subject has come, as a badge."""
    kind = Status(status)
    told = {
        Status.SCREENING: ("draft", "◌", _("in screening")),
        Status.ELIGIBLE: ("complete", "◆", _("eligible, to be randomised")),
        Status.RANDOMISED: ("ok", "●", _("randomised")),
        Status.OFF_STUDY: ("not_started", "○", _("off study")),
        Status.DIED: ("frozen", "✝", _("died")),
    }[kind]
    return format_html(
        '<span class="badge badge-{}"><span aria-hidden="true">{}</span> {}</span>', *told
    )


@register.filter
def status_words(status: str) -> str:
    """How far a subject has come, as a choice says it."""
    return {
        Status.SCREENING: _("in screening"),
        Status.ELIGIBLE: _("eligible, to be randomised"),
        Status.RANDOMISED: _("randomised"),
        Status.OFF_STUDY: _("off study"),
        Status.DIED: _("died"),
    }[Status(status)]
