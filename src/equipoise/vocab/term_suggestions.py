"""Suggestions of CTCAE v5.0 terms for words that are none: known synonyms, then similar terms."""

import csv
import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from equipoise.vocab.ctcae import read_ctcae

SIMILAR = "similar words"
_CUTOFF = 0.55
_CLOSE = 0.8  # a slip of the keys
_LONGEST = 100  # letters of a term; more is no term
# British spelling as CTCAE writes it.
_SPELLINGS = (("oedema", "edema"), ("oeso", "eso"), ("haem", "hem"), ("aemia", "emia"))
_ENDINGS = (("noea", "nea"), ("rrhoea", "rrhea"), ("tumour", "tumor"), ("anaes", "anes"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A term of CTCAE v5.0 that may be meant, and on what ground."""

    term: str
    source: str


@lru_cache(maxsize=4096)
def suggest_terms(text: str, *, most: int = 3) -> tuple[Suggestion, ...]:
    """The terms that `text` may mean, the best first; none where nothing is near.

    A term in another spelling or a known synonym stands alone; else terms ranked by common words
    and letters, ties by the alphabet.
    """
    said = _plain(text)
    if not said or len(said) > _LONGEST:
        return ()
    known = _synonyms().get(said)
    if known is not None:
        return (known,)
    matcher = difflib.SequenceMatcher(None, "", said, autojunk=False)
    ranked = sorted(
        (-_likeness(matcher, said=said, plain=plain), term) for plain, term in _terms().items()
    )
    near = [(-score, term) for score, term in ranked if -score >= _CUTOFF]
    return tuple(Suggestion(term=term, source=SIMILAR) for _, term in near[:most])


def _plain(text: str) -> str:
    """Lower case, spelt as CTCAE does, words and single spaces only."""
    words = " ".join(re.findall(r"[a-z0-9]+", text.lower()))
    for british, american in (*_SPELLINGS, *_ENDINGS):
        words = words.replace(british, american)
    return words


def _likeness(matcher: difflib.SequenceMatcher[str], *, said: str, plain: str) -> float:
    """Half the share of common words, half that of common letters in order; from 0 to 1."""
    ours, theirs = set(said.split()), set(plain.split())
    common = 2 * len(ours & theirs) / (len(ours) + len(theirs))
    matcher.set_seq1(plain)
    if not common and (matcher.real_quick_ratio() < _CLOSE or matcher.quick_ratio() < _CLOSE):
        return 0.0
    letters = matcher.ratio()
    return max((common + letters) / 2, letters if letters >= _CLOSE else 0.0)


@cache
def _terms() -> Mapping[str, str]:
    return {_plain(term): term for term in read_ctcae()}


@cache
def _synonyms() -> Mapping[str, Suggestion]:
    text = (files("equipoise.vocab") / "ctcae_synonyms.csv").read_text(encoding="utf-8")
    listed = {
        _plain(row["said"]): Suggestion(term=row["term"], source=row["source"])
        for row in csv.DictReader(text.splitlines())
    }
    spelt = {
        plain: Suggestion(term=term, source="the same in another spelling")
        for plain, term in _terms().items()
    }
    return {**listed, **spelt}
