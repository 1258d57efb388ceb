"""How the cross-checks tell a problem: one small function, so that all of them read alike."""

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from pydantic_core import ErrorDetails

from equipoise.vocab.finding import Finding

_MENDS = {
    "missing": "Add this key.",
    "extra_forbidden": "Remove this key, or mend its spelling.",
    "enum": "Write one of the values named.",
    "literal_error": "Write one of the values named.",
    "string_pattern_mismatch": "Write it in the form named.",
    "setting_of_another_scheme": "Remove this key, or name the scheme that it belongs to.",
    "too_short": "Add at least as many entries as named.",
}


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


def tell_refusal(
    error: ErrorDetails, *, place: str, keys: Sequence[str], kind: str = "protocol"
) -> Finding:
    """What a model refuses, as a finding at `place`; `keys` are those that it knows there."""
    refused = error["type"]
    mend = _MENDS.get(refused, "Write a value of the kind named.")
    if refused == "extra_forbidden":
        near = difflib.get_close_matches(str(error["loc"][-1]), keys, n=1)
        mend = f"Did you mean '{near[0]}'?" if near else mend
    return problem(
        place,
        code=f"{kind}-{refused.replace('_', '-')}",
        message=_expected(error),
        found="" if refused == "missing" else _short(error["input"]),
        mend=mend,
    )


def _expected(error: ErrorDetails) -> str:
    words = {"missing": "a key is missing", "extra_forbidden": "this key is not known here"}
    return words.get(error["type"], error["msg"].replace("Input should", "expected to"))


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
