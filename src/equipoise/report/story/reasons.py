"""Why an assessment has its response, in the words of RECIST 1.1 (D3.2-3.5).

The responses are derived elsewhere; here their reasons are read off the sizes. Where the sizes do
not tell it, the sentence says only what was derived.
"""

from dataclasses import dataclass

from equipoise.report.story.values import LesionReading, NewLesion
from equipoise.report.story.words import change_of, is_or_are, join_names, write_mm, write_share

PROGRESSION = "progression from 20 % and 5 mm"
_NORMAL = " (lymph nodes under 10 mm are normal)"
_GROWTH_TENTHS = 50  # RECIST 1.1, 4.3.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the reasons of one assessment are read off; sums in tenths of a millimetre.

    `partial_since` names the visit since which a partial response stands, `cleared` that an
    overall complete response came before, `earlier_new` the visit of an earlier new lesion.
    """

    readings: tuple[LesionReading, ...]
    new_lesions: tuple[NewLesion, ...]
    sum_tenths: int | None
    nadir_tenths: int | None
    baseline_tenths: int | None
    nadir_label: str
    target: str
    non_target: str
    response: str
    partial_since: str
    cleared: bool
    earlier_new: str
    has_baseline: bool


def list_reasons(seen: Seen) -> tuple[str, ...]:
    """The sentences that give the reasons of target, non-target and overall response."""
    told = [_target_reason(seen), _non_target_reason(seen)]
    told += [new.words for new in seen.new_lesions]
    if seen.earlier_new and not any(new.counts for new in seen.new_lesions):
        told.append(f"the new lesion of {seen.earlier_new} stays a progression")
    told.append(_overall_reason(seen))
    return tuple(words for words in told if words)


def _names(readings: list[LesionReading]) -> list[str]:
    return [reading.lesion for reading in readings]


def _of(seen: Seen, role: str) -> list[LesionReading]:
    return [reading for reading in seen.readings if reading.role == role]


def _target_reason(seen: Seen) -> str:
    match seen.target:
        case "CR":
            return _gone_reason(seen)
        case "PD":
            return _growth_reason(seen)
        case "NE":
            return _unknown_reason(seen)
        case "PR":
            return _partial_reason(seen)
        case "SD":
            return _stable_reason(seen)
        case _:
            return ""


def _gone_reason(seen: Seen) -> str:
    return f"every target lesion is gone{_NORMAL if seen.sum_tenths else ''}"


def _growth_reason(seen: Seen) -> str:
    targets = _of(seen, "target")
    known = [each.tenths_mm for each in targets if each.tenths_mm is not None]
    now, nadir = sum(known), seen.nadir_tenths
    nadir_words = f"the nadir {write_mm(nadir)} of {seen.nadir_label}"
    if nadir and 10 * now >= 12 * nadir and now - nadir >= _GROWTH_TENTHS:
        over = f"{write_share(change_of(now, since=nadir) or 0)} and {write_mm(now - nadir)}"
        if seen.sum_tenths is None:
            what = f"the targets that could be measured add up to {write_mm(now)}, already"
            return f"{what} {over} over {nadir_words} ({PROGRESSION})"
        return f"the sum {write_mm(now)} is {over} over {nadir_words} ({PROGRESSION})"
    back = _names([each for each in targets if each.tenths_mm])
    if back and (nadir == 0 or seen.cleared):
        before = "a complete response" if seen.cleared else f"a sum of 0 mm at {seen.nadir_label}"
        return f"{join_names(back)} {is_or_are(back)} back after {before}"
    return "the target lesions have progressed"


def _unknown_reason(seen: Seen) -> str:
    unknown = _names([each for each in _of(seen, "target") if each.tenths_mm is None])
    if unknown:
        what = "target" if len(unknown) == 1 else "targets"
        verb = "was" if len(unknown) == 1 else "were"
        return f"{what} {join_names(unknown)} {verb} not evaluated, so there is no sum"
    return "the sum at baseline is not known, so nothing can be compared with it"


def _partial_reason(seen: Seen) -> str:
    now, first = seen.sum_tenths, seen.baseline_tenths
    assert now is not None
    assert first is not None
    under = _against(now, since=first)
    against = f"the sum {write_mm(now)} is {under} the baseline sum {write_mm(first)}"
    if 10 * now <= 7 * first:
        return f"{against} (partial response from 30 %)"
    kept = f"the partial response of {seen.partial_since} stays until progression"
    return f"{kept}: {against}{_over_nadir(seen)}"


def _stable_reason(seen: Seen) -> str:
    now, first = seen.sum_tenths, seen.baseline_tenths
    assert now is not None
    assert first is not None
    against = f"the sum {write_mm(now)} is {_against(now, since=first)} the baseline sum"
    neither = "neither partial response (30 %) nor progression (20 % and 5 mm)"
    return f"{against} {write_mm(first)}{_over_nadir(seen)}: {neither}"


def _against(now: int, *, since: int) -> str:
    if now == since:
        return "the same as"
    share = write_share(change_of(now, since=since) or 0)
    return f"{share} {'over' if now > since else 'under'}"


def _over_nadir(seen: Seen) -> str:
    """How far the sum lies over the nadir; that it is the smallest so far where it is."""
    now, nadir = seen.sum_tenths, seen.nadir_tenths
    if now is None or nadir is None or seen.nadir_label in ("", "baseline"):
        return ""
    if now <= nadir:
        return ", the smallest so far" if now < nadir else ", the same as the nadir"
    share = f"{write_share(change_of(now, since=nadir) or 0)} and " if nadir else ""
    return f" and {share}{write_mm(now - nadir)} over the nadir {write_mm(nadir)}"


def _non_target_reason(seen: Seen) -> str:
    lesions = _of(seen, "non_target")
    progressed = _names([each for each in lesions if each.status == "progression"])
    unread = _names([each for each in lesions if each.status in ("ne", "")])
    normal = any(each.tenths_mm for each in lesions)
    told = {
        "PD": "the non-target lesions have progressed",
        "CR": f"every non-target lesion is gone{_NORMAL if normal else ''}",
        "NON-CR/NON-PD": "non-target lesions are there, without unequivocal progression",
    }
    match seen.non_target:
        case "PD" if progressed:
            return f"non-target {join_names(progressed)}: unequivocal progression"
        case "PD" if seen.cleared:
            shown = _names([each for each in lesions if each.status in ("present", "measured")])
            verb = is_or_are(shown)
            return f"non-target {join_names(shown)} {verb} back after a complete response"
        case "NE" if unread:
            return f"non-target {join_names(unread)} could not be judged"
        case other:
            return told.get(other, "")


def _overall_reason(seen: Seen) -> str:
    if not seen.has_baseline:
        return "no baseline assessment, so only a new lesion tells something"
    if seen.response == "PR" and seen.target == "CR":
        return "the targets are gone but not every non-target lesion: partial response"
    if seen.response == "NED":
        return "no lesion at baseline and none now"
    return ""
