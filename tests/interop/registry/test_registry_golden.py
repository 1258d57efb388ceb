"""The draft of the reference trial, byte for byte: what a reader of the draft gets to see."""

from pathlib import Path

import pytest

from equipoise.interop.registry_record import read_registry_record
from equipoise.interop.registry_record_draft import write_draft
from equipoise.interop.registry_record_rules import check_registry_record
from interop.registry.registry_samples import REFERENCE

FOLDER = Path(__file__).parents[2] / "golden" / "registry_draft"
RECORD = read_registry_record(REFERENCE.read_bytes())
DRAFT = write_draft(RECORD, findings=check_registry_record(RECORD))


def test_draft_has_the_stored_files() -> None:
    stored = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.toml")}
    assert stored == set(DRAFT)


@pytest.mark.parametrize("name", sorted(DRAFT))
def test_file_of_the_draft_is_the_stored_one(name: str) -> None:
    assert DRAFT[name] == (FOLDER / name).read_text(encoding="utf-8")


def test_every_file_ends_with_one_line_end() -> None:
    assert all(text.endswith("\n") and not text.endswith("\n\n") for text in DRAFT.values())


def test_no_line_has_trailing_space() -> None:
    lines = [line for text in DRAFT.values() for line in text.splitlines()]
    assert [line for line in lines if line != line.rstrip()] == []
