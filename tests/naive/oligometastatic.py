"""The ESTRO/EORTC decision tree read question by question (Guckenberger 2020), slow and obvious."""

from itertools import product

Answers = tuple[bool | None, bool | None, bool | None, bool | None, bool | None]


def state_of(poly: bool, oligo: bool, late: bool, on_therapy: bool, progressive: bool) -> int:
    """The state, 1 to 9, when every question is answered; answers not asked for do not count."""
    if poly:
        return (8 if progressive else 9) if on_therapy else 7
    if oligo:
        return (5 if progressive else 6) if on_therapy else 4
    if not late:
        return 1
    return 3 if on_therapy else 2


def state_as_known(answers: Answers) -> int | None:
    """The state, if every way to answer what is unknown (None) comes to the same one."""
    ways = product(*((each,) if each is not None else (True, False) for each in answers))
    states = {state_of(*way) for way in ways}
    return states.pop() if len(states) == 1 else None
