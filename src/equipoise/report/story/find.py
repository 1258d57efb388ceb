"""Which subject is meant: the whole id, or the end of one alone."""

from collections.abc import Sequence


class SubjectNotFoundError(LookupError):
    """No subject, or more than one, is meant; `candidates` names those that could be."""

    def __init__(self, message: str, *, candidates: tuple[str, ...]) -> None:
        super().__init__(message)
        self.candidates = candidates


def find_subject(subjects: Sequence[str], *, asked: str) -> str:
    """The subject of that id, or the only one whose id ends so (`012` for `01-012`).

    Raises SubjectNotFoundError where there is none, or more than one.
    """
    if asked in subjects:
        return asked
    ending = tuple(sorted(name for name in subjects if asked and name.endswith(asked)))
    if len(ending) == 1:
        return ending[0]
    if ending:
        message = f"'{asked}' could be {_listed(ending)}. Give the whole id."
        raise SubjectNotFoundError(message, candidates=ending)
    near = tuple(sorted(name for name in subjects if asked and asked in name))
    known = near or tuple(sorted(subjects))
    message = f"There is no randomised subject '{asked}'. There are {_listed(known)}."
    raise SubjectNotFoundError(message, candidates=known)


def _listed(names: tuple[str, ...], *, most: int = 10) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return (", ".join(names[:most]) or "none yet") + more
