"""A finding: wrong data told as a value, with its place and its mend."""

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """How much a finding stops: `HARD` refuses the value, `SOFT` asks about it."""

    HARD = "hard"
    SOFT = "soft"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong, where, what was found there, and how to mend it.

    `where` is a place a person can go to: a file with a key path, or a file with a row and an item.
    `code` is a stable kebab-case name; `subject`, `entry` and `item` are filled where one is
    concerned.
    """

    where: str
    code: str
    message: str
    severity: Severity = Severity.HARD
    found: str = ""
    mend: str = ""
    subject: str = ""
    entry: str = ""
    item: str = ""

    def __str__(self) -> str:
        """One line for a terminal."""
        found = f" (found: {self.found})" if self.found else ""
        stop = "." if self.mend and not self.message.endswith((".", "?", "!")) else ""
        mend = f"{stop} {self.mend}" if self.mend else ""
        return f"{self.where}: [{self.code}] {self.message}{found}{mend}"
