"""Kinds of missing: a value that is not there says why."""

from enum import Enum


class Missing(Enum):
    """Why a value is not there; the value of a member is how it is written in a file."""

    NOT_YET = "@not_yet"
    NOT_DONE = "@not_done"
    NOT_APPLICABLE = "@not_applicable"
    UNKNOWN = "@unknown"


WRITTEN: dict[str, Missing] = {kind.value: kind for kind in Missing}
