"""The stories of rehearsed patients as text, from the entries that stand in `stories/trial`.

A change that moves a story on purpose is written down by `python tests/golden/story_texts.py`; read
every line that it changes. Told are two conventions of the primary endpoint and a few others, so
that a new endpoint of the protocol changes no story.
"""

from dataclasses import replace
from functools import cache
from pathlib import Path

from equipoise.capture.folder_read import read_folder
from equipoise.cli.explain_print import story_lines
from equipoise.derive.datasets import derive_datasets
from equipoise.protocol.parse import shipped_protocol
from equipoise.report.story.material import Material, gather_material
from equipoise.report.story.tell import tell_story
from equipoise.report.story.values import Story

HERE = Path(__file__).parent
STORIES = HERE / "stories"
CONVENTIONS = ("ema", "fda", "")
OTHERS = ("pfs", "lc", "os")


@cache
def material_of(folder: str) -> Material:
    """The material of a folder of `tests/golden`, every entry counted."""
    protocol = shipped_protocol()
    trial = read_folder(HERE / folder, protocol).trial
    derived = derive_datasets(trial.frames, protocol)
    return gather_material(derived, protocol, frames=trial.frames, allocations=trial.allocations)


def told(subject: str, *, folder: str = "stories/trial", endpoint: str = "pfs") -> Story:
    """The story of a subject, cut down to the conventions and endpoints that are pinned."""
    story = tell_story(material_of(folder), subject=subject, endpoint=endpoint)
    kept = [
        verdict
        for verdict in story.verdicts
        if verdict.convention in CONVENTIONS and verdict.endpoint in (*OTHERS, endpoint)
    ]
    occurrences = [each for each in story.occurrences if each.endpoint in ("acute_g3", endpoint)]
    return replace(story, verdicts=tuple(kept), occurrences=tuple(occurrences))


def text_of(story: Story) -> str:
    """The story as the terminal shows it."""
    return "\n".join(story_lines(story)) + "\n"


def write() -> None:
    """Writes every pinned story anew."""
    for file in sorted(STORIES.glob("*.txt")):
        file.write_text(text_of(told(file.stem)), encoding="utf-8")


if __name__ == "__main__":
    write()
