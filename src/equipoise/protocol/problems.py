"""How the cross-checks tell a problem: one small function, so that all of them read alike."""

from collections import Counter
from collections.abc import Iterable, Iterator

from equipoise.vocab.finding import Finding


def problem(place: str, *, code: str, message: str, found: str = "", mend: str = "") -> Finding:
    """A finding about the protocol text at `place` (file: key path)."""
    return Finding(where=place, code=code, message=message, found=found, mend=mend)


def check_known(
    place: str, *, kind: str, name: str, known: Iterable[str], mend: str = ""
) -> Iterator[Finding]:
    """A problem when `name` is not one of `known`."""
    names = list(known)
    if name not in names:
        yield problem(
            place,
            code=f"unknown-{kind.replace(' ', '-')}",
            message=f"there is no {kind} '{name}'",
            found=name,
            mend=mend or f"Write one of: {', '.join(names)}.",
        )


def check_unique(place: str, *, kind: str, names: Iterable[str]) -> Iterator[Finding]:
    """A problem for each name that stands twice."""
    for name, times in Counter(names).items():
        if times > 1:
            yield problem(
                place,
                code="name-twice",
                message=f"the {kind} '{name}' stands {times} times",
                found=name,
                mend="Give each a name of its own.",
            )


def check_text_rule(place: str, *, rule: str, complaints: Iterable[str]) -> Iterator[Finding]:
    """A problem for each complaint about a rule."""
    for complaint in complaints:
        yield problem(
            place,
            code="rule-refused",
            message=f"the rule {complaint}",
            found=rule if len(rule) <= 120 else f"{rule[:117]}...",
            mend="See docs/reference/rules.md for what a rule may say.",
        )
