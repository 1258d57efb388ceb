"""How sizes, changes, days and codes of a story are written."""

from datetime import date
from typing import Any

from equipoise.protocol.form_model import Form
from equipoise.protocol.model import Protocol

MINUS = "\u2212"
BASELINE = "BL"


def write_mm(tenths: int | None) -> str:
    """Tenths of a millimetre as a size: `36.0 mm`; a dash where there is none."""
    return "–" if tenths is None else f"{_decimal(tenths)} mm"


def change_of(now: int | None, *, since: int | None) -> int | None:
    """The change since a sum, in tenths of a per cent, cut off towards 0; None where unknown.

    Never rounded up: 19.96 % is no fifth and shall not look like one.
    """
    if now is None or not since:
        return None
    size = abs(now - since) * 1000 // since
    return size if now >= since else -size


def write_change(change: int | None) -> str:
    """A signed change in per cent: `+24.1 %`, `−30 %`."""
    if change is None:
        return "–"
    sign = "+" if change > 0 else MINUS if change < 0 else "±"
    return f"{sign}{write_share(change)}"


def write_share(change: int) -> str:
    """The size of a change without its sign: `24.1 %`, `20 %`."""
    return f"{_decimal(abs(change)).removesuffix('.0')} %"


def study_day(found: date | None, *, start: date | None) -> int | None:
    """Day 1 is the day of randomisation (D2.2); before it days are negative, without a day 0."""
    if found is None or start is None:
        return None
    gap = (found - start).days
    return gap + 1 if gap >= 0 else gap


def write_day(found: date | None, *, start: date | None) -> str:
    """A date with its study day: `2024-12-11 (day 254)`."""
    if found is None:
        return "no date"
    day = study_day(found, start=start)
    return found.isoformat() if day is None else f"{found.isoformat()} (day {write_int(day)})"


def write_int(number: int) -> str:
    """A whole number with a true minus."""
    return str(number).replace("-", MINUS)


def visit_label(protocol: Protocol, *, visit: str) -> str:
    """The name of a visit in a sentence: `month 9`, `baseline`, `visit M9U` when unscheduled."""
    if visit == BASELINE:
        return "baseline"
    named = {each.code: each.label for each in protocol.schedule.visit}
    label = named.get(visit)
    return f"visit {visit}" if label is None else label[:1].lower() + label[1:]


def code_words(protocol: Protocol, *, form: str, item: str, code: Any) -> str:
    """The words of a code of an item; the code itself where the protocol has none."""
    if code is None:
        return ""
    forms = {each.form: each for each in protocol.form}
    return item_words(protocol, form=forms.get(form), item=item, value=code)


def item_words(protocol: Protocol, *, form: Form | None, item: str, value: Any) -> str:
    """The value of an item as a reader expects it: words for codes, yes and no, units behind."""
    items = {each.name: each for each in form.item} if form else {}
    if isinstance(value, bool):
        return "yes" if value else "no"
    found = items.get(item)
    if found is None:
        return str(value)
    codes = {**protocol.code_list.get(found.code_list, {}), **found.codes}
    number = f"{value:g}" if isinstance(value, float) else str(value)
    return codes.get(number, f"{number} {found.unit}" if found.unit else number)


def join_names(names: list[str]) -> str:
    """Names as a list in a sentence: `L01, L02 and L03`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def is_or_are(names: list[str]) -> str:
    """The verb that fits the number of names."""
    return "is" if len(names) == 1 else "are"


def _decimal(tenths: int) -> str:
    return f"{tenths // 10}.{tenths % 10}"
