"""Slow twin of the best overall response: one subject, one assessment after the other (D3.6)."""

from collections.abc import Sequence
from dataclasses import dataclass

Seen = tuple[int, str]
ORDER = ("CR", "PR", "SD", "NON-CR/NON-PD", "NED", "PD", "NE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The settings of the protocol."""

    stable: int = 42
    confirm: int = 28
    not_evaluable: int = 1
    accept_stable: bool = False


def cut_off(seen: Sequence[Seen], *, therapy: int | None) -> list[Seen]:
    """The assessments up to the first progression and, that day included, new therapy."""
    kept: list[Seen] = []
    first = min((day for day, code in seen if code == "PD"), default=None)
    for day, code in seen:
        if therapy is not None and day > therapy:
            continue
        before = first is None or day < first or (day == first and code == "PD")
        if before:
            kept.append((day, code))
    return kept


def is_confirmed(seen: Sequence[Seen], place: int, limits: Limits) -> bool:
    """Whether the response at this place is confirmed by a later assessment."""
    day, code = seen[place]
    if code not in ("CR", "PR"):
        return False
    wanted = ("CR",) if code == "CR" else ("CR", "PR")
    between: list[str] = []
    for later, other in seen[place + 1 :]:
        if other in wanted and later >= day + limits.confirm:
            return _may_lie_between([*between, other], code, limits)
        between.append(other)
    return False


def _may_lie_between(codes: Sequence[str], code: str, limits: Limits) -> bool:
    allowed = ("CR", "NE") if code == "CR" else ("CR", "PR", "SD", "NE")
    falls = any("CR" in codes[:number] and each == "PR" for number, each in enumerate(codes))
    stable = int(limits.accept_stable) if code == "PR" else 0
    return (
        all(each in allowed for each in codes)
        and codes.count("NE") <= limits.not_evaluable
        and codes.count("SD") <= stable
        and not falls
    )


def best(
    seen: Sequence[Seen], *, therapy: int | None, confirmed: bool, limits: Limits
) -> tuple[str, int | None, int | None]:
    """Best response, its day, and the day of the first response; days after randomisation."""
    kept = cut_off(seen, therapy=therapy)
    counted = []
    for place, (day, seen_code) in enumerate(kept):
        response = seen_code in ("CR", "PR")
        alone = confirmed and response and not is_confirmed(kept, place, limits)
        code = "SD" if alone else seen_code
        early = code in ("SD", "NON-CR/NON-PD") and day < limits.stable
        counted.append((ORDER.index("NE" if early else code), day))
    if not counted:
        return "NE", None, None
    rank, day = min(counted)
    responses = [at for number, at in counted if number < ORDER.index("SD")]
    return ORDER[rank], day, min(responses, default=None)
