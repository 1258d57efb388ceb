"""Replay equals the tables after any deeds, and reads equal a folder of the same entries."""

import random
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from equipoise.capture.folder_read import read_folder
from equipoise.capture.folder_write import write_folder
from equipoise.capture.frames import entries
from equipoise.capture.lifecycle import WrongStateError
from equipoise.capture.trial import ALLOCATION_SCHEMA, TrialData
from equipoise.store.actions.delete_entry import delete_entry
from equipoise.store.actions.freeze import freeze_entries, unfreeze_entries
from equipoise.store.actions.sign import sign_entries
from equipoise.store.actions.verify import unverify_entries, verify_entries
from equipoise.store.embedded import Server
from equipoise.store.entry_place import EntryPlace
from equipoise.store.ledger import read_head
from equipoise.store.models import FormEntry
from equipoise.store.protocol_read import read_newest
from equipoise.store.read_entries import read_entries, read_frames, read_written
from equipoise.store.refusals import RefusedError
from equipoise.store.verify import verify_trial
from store.contest import eligible_subjects
from store.entries import PASSWORD, changed, completed, draft
from store.people import by, screen

DM = "site=01 sex={sex} birth_year={year}"


def any_deed(chance: random.Random, subject: str, minute: int) -> None:
    """One of the deeds that people do to a form, as it comes, refused or not."""
    row = FormEntry.objects.filter(subject=subject, form="dm").first()
    seen = row.version if row else 0
    target = [EntryPlace(subject=subject, form="dm")]
    text = DM.format(sex=chance.choice("MF"), year=chance.randint(1930, 2000))
    place = (subject, "dm")
    why = by("dana", minutes=minute, reason="as asked")
    match chance.randrange(8):
        case 0:
            draft(place, text, seen=seen)
        case 1:
            completed(place, text, seen=seen)
        case 2:
            changed(place, text, seen=seen)
        case 3:
            delete_entry(target[0], seen=seen, deed=by("cho", minutes=minute, reason="twice"))
        case 4:
            verify_entries(target, deed=by("mo", minutes=minute))
        case 5:
            sign_entries(target, password=PASSWORD, deed=by("ivy", minutes=minute))
        case 6:
            freeze_entries(target, deed=why)
        case _:
            unverify_entries(target, deed=by("mo", minutes=minute, reason="wrong chart"))
    if chance.random() < 0.2:
        unfreeze_entries(target, deed=why)


@pytest.mark.parametrize("seed", range(4))
def test_replay_equals_the_tables_after_any_deeds(sites: Server, seed: int) -> None:
    chance = random.Random(seed)
    subjects = [screen(), screen()]
    for minute in range(100, 160):
        with suppress(RefusedError, WrongStateError):
            any_deed(chance, chance.choice(subjects), minute)
    assert verify_trial().findings == ()
    head = read_head().number
    assert list(read_written(upto=head)) == list(read_written())
    for subject in subjects:  # a cut of one subject reads its own lines
        assert list(read_written(upto=head, subject=subject)) == list(read_written(subject=subject))


def test_a_cut_is_what_stood_at_its_line(sites: Server) -> None:
    subject = screen()
    completed((subject, "dm"), DM.format(sex="M", year=1961))
    cut = read_head().number
    draft((subject, "icf"), "consent_version=1.0")
    changed((subject, "dm"), "birth_year=1962", seen=1)
    protocol = read_newest()
    (entry,) = read_entries(protocol, upto=cut)
    assert (entry.form, dict(entry.values)) == (
        "dm", {"site": "01", "sex": "M", "birth_year": 1961},
    )  # fmt: skip
    assert [e.values.get("birth_year") for e in read_entries(protocol)] == [1962, None]


def test_entries_read_equal_those_of_a_folder(sites: Server, tmp_path: Path) -> None:
    eligible_subjects(3)
    protocol = read_newest()
    read = read_frames(protocol)
    nobody = pl.DataFrame(schema=ALLOCATION_SCHEMA)
    trial = TrialData(frames=read.frames, allocations=nobody)
    write_folder(trial, protocol, folder=tmp_path)
    folder = read_folder(tmp_path, protocol).trial
    for form in protocol.form:
        assert_frame_equal(read.frames[form.form], folder.frames[form.form])
    told = [(e.entry, dict(e.values)) for e in entries(folder.frames, protocol)]
    assert told == [(e.entry, dict(e.values)) for e in read_entries(protocol)]
    assert {e.protocol for e in read_entries(protocol)} != {""}
