"""The words of iRECIST: responses, categories, what confirmed, and what an assessment came to."""

import numpy as np
import polars as pl

from equipoise.derive.irecist_states import Category, Ints, IResponse, Step, Track, Way

RESPONSES = ("NE", "NED", "NON-iCR/NON-iUPD", "iSD", "iPR", "iCR", "iUPD", "iCPD")
CATEGORIES = {
    Category.TARGET: "target lesions",
    Category.NON_TARGET: "non-target lesions",
    Category.NEW: "new lesions",
}
WAYS = {
    Way.TARGET_LARGER: "target sum at least 5 mm larger",
    Way.NON_TARGET_LARGER: "non-target lesions larger again",
    Way.MORE_NEW: "further new lesions",
    Way.NEW_TARGET_LARGER: "sum of new target lesions at least 5 mm larger",
    Way.NEW_OTHER_LARGER: "another new lesion larger",
    Way.TARGET: "progression of target lesions",
    Way.NON_TARGET: "progression of non-target lesions",
    Way.NEW: "progression by new lesions",
}
_OF = {
    Category.TARGET: Way.TARGET_LARGER | Way.TARGET,
    Category.NON_TARGET: Way.NON_TARGET_LARGER | Way.NON_TARGET,
    Category.NEW: Way.MORE_NEW | Way.NEW_TARGET_LARGER | Way.NEW_OTHER_LARGER | Way.NEW,
}
_SAID = {
    Step.FIRST: "unconfirmed progression: {causes}",
    Step.REMAINS: "still unconfirmed ({causes}): no further growth, no shrinkage",
    Step.TOO_SOON: "still unconfirmed ({causes}): less than 28 days later decides nothing",
    Step.CONFIRMED: "progression confirmed: first {causes}, now {ways}",
    Step.AFTER: "progression was confirmed before (first {causes})",
    Step.UNREAD: "cannot be evaluated; the unconfirmed progression ({causes}) stays open",
    Step.RESET: "unconfirmed progression ({causes}) not confirmed, smaller since: the bar is reset",
}
_PLAIN = {IResponse.NE: "cannot be evaluated", IResponse.NED: "no evidence of disease"}


def category_bits(ways: Ints) -> Ints:
    """The categories that confirm, from the ways in which they do."""
    bits = [int(each) * ((ways & int(way)) != 0) for each, way in _OF.items()]
    return np.asarray(sum(bits, start=np.zeros_like(ways)), dtype=np.int64)


def name_responses(response: Ints) -> pl.Series:
    """The responses in the letters of the guideline."""
    return pl.Series(RESPONSES).gather(response)


def name_categories(bits: Ints) -> pl.Series:
    """Categories as words: `target lesions, new lesions`; empty where there is none."""
    return pl.Series([_list(number, CATEGORIES) for number in range(8)]).gather(bits)


def say_track(track: Track) -> pl.Series:
    """What each assessment came to, in words; made once for each thing that can be said."""
    code = ((track.ways * 8 + track.causes) * 8 + track.step) * 8 + track.response
    codes, place = np.unique(code, return_inverse=True)
    return pl.Series([_say(int(each)) for each in codes], dtype=pl.String).gather(place)


def _say(code: int) -> str:
    rest, response = divmod(code, 8)
    rest, step = divmod(rest, 8)
    ways, causes = divmod(rest, 8)
    if step == Step.PLAIN:
        return _PLAIN.get(IResponse(response), "no progression")
    return _SAID[Step(step)].format(causes=_list(causes, CATEGORIES), ways=_list(ways, WAYS))


def _list(bits: int, names: dict[Category, str] | dict[Way, str]) -> str:
    return ", ".join(name for bit, name in names.items() if bits & int(bit))
