"""What a person typed of a deviation, read; a refusal says what to mend."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _

from equipoise.capture.deviations import Category, Weight
from equipoise.protocol.model import Protocol
from equipoise.store.actions.record_deviation import Departure
from equipoise.store.refusals import RefusedError
from equipoise.store.site_day import site_and_day

_LONGEST = 4000
_FORM, _ITEM = "dev", "category"  # where a protocol names its own kinds


def kinds_of(protocol: Protocol) -> Mapping[str, str]:
    """The kinds of deviation with their words: those of the protocol, else of the program."""
    for form in protocol.form:
        for item in form.item if form.form == _FORM else ():
            if item.name == _ITEM and item.codes:
                return item.codes
    return {each.value: each.value for each in Category}


def read_departure(request: HttpRequest, *, subject: str, kinds: Mapping[str, str]) -> Departure:
    """The deviation that was typed; RefusedError where something is missing or cannot be."""
    kind = request.POST.get("category", "")
    if kind not in kinds:
        raise RefusedError(_("Choose what kind of deviation it is."))
    text = _text(request, "text")
    if not text:
        raise RefusedError(_("Write what happened: an empty text helps nobody."))
    return Departure(
        subject=subject,
        category=kind,
        severity=read_weight(request).value,
        text=text,
        occurred_date=_day(request, subject=subject),
        action=_text(request, "action"),
    )


def read_weight(request: HttpRequest) -> Weight:
    """How much it weighs; RefusedError where that is none of the three."""
    try:
        return Weight(request.POST.get("severity", ""))
    except ValueError:
        raise RefusedError(_("Choose how much the deviation weighs.")) from None


def read_action(request: HttpRequest) -> str:
    """What was done about it."""
    return _text(request, "action")


def _day(request: HttpRequest, *, subject: str) -> date:
    try:
        day = date.fromisoformat(request.POST.get("occurred_date", "").strip())
    except ValueError:
        raise RefusedError(_("Give the day of the deviation as 2026-03-31.")) from None
    _site, today = site_and_day(subject, now=datetime.now(UTC))
    if day > today:
        raise RefusedError(_("The day of the deviation is still to come: mend it."))
    return day


def _text(request: HttpRequest, name: str) -> str:
    text = request.POST.get(name, "").strip()
    if len(text) > _LONGEST:
        told = _("The text has more than %(most)d signs: shorten it.")
        raise RefusedError(told % {"most": _LONGEST})
    return text
