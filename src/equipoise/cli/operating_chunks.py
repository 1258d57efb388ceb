"""What of a grid is already done: one small file a chunk of replicates, named by its question."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from equipoise.cli.operating_crew import Task
from equipoise.design.operating_cells import Count, Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunks:
    """A folder of tallies; `origin` is what they depend on beside their task: protocol, program."""

    folder: Path
    origin: str

    def read(self, task: Task) -> Tally | None:
        """The tally of a task, None where it is not done; a file that was cut short is no tally."""
        try:
            said = json.loads(self._file(task).read_text(encoding="utf-8"))
            return _tally(said)
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def write(self, task: Task, *, tally: Tally) -> None:
        """Keeps a tally: the whole file or none, whenever the program is killed."""
        file = self._file(task)
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(f".{os.getpid()}")
        unfinished.write_text(json.dumps(asdict(tally)), encoding="utf-8")
        unfinished.replace(file)

    def _file(self, task: Task) -> Path:
        run = replace(task.run, workers=0)
        question = repr((self.origin, task.question, run)).encode()
        name = hashlib.sha256(question).hexdigest()
        return self.folder / name[:2] / f"{name}.json"


def _tally(said: dict[str, Any]) -> Tally:
    counts = tuple(
        Count(**{each.name: _plain(count[each.name]) for each in fields(Count)})
        for count in said["counts"]
    )
    return Tally(trials=said["trials"], counts=counts)


def _plain(value: int | list[int]) -> Any:
    return tuple(value) if isinstance(value, list) else value
