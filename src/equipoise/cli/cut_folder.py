"""A data cut as a folder on disk: whole or not there, and never over something else."""

import tempfile
from pathlib import Path

import equipoise
from equipoise.capture.cut_note import CUT, ENTRY_LINES, CutNote, write_lines, write_note
from equipoise.capture.folder_read import ALLOCATIONS, read_folder
from equipoise.capture.folder_write import write_allocations, write_entries
from equipoise.cli.trial_run import REHEARSAL, write_rehearsal
from equipoise.protocol.model import Protocol
from equipoise.report.stamp import digest_frames
from equipoise.store.read_cut import DataCut


class FolderTakenError(Exception):
    """The folder holds something that no data cut wrote."""


def require_free(folder: Path, protocol: Protocol) -> None:
    """FolderTakenError unless the folder is new, empty, or an earlier cut and nothing beside it."""
    tables = [ALLOCATIONS, ENTRY_LINES, *(form.form for form in protocol.form)]
    own = {CUT, REHEARSAL, *(f"{name}.csv" for name in tables)}
    there = sorted(file.name for file in folder.iterdir()) if folder.is_dir() else []
    other = [name for name in there if CUT not in there or name not in own]
    if other:
        raise FolderTakenError(f"{folder} holds something else ({other[0]}): name a new folder.")


def write_cut(cut: DataCut, protocol: Protocol, *, folder: Path) -> CutNote:
    """Writes the cut with its note; an earlier cut of that name is replaced at the end.

    The files are made beside it, readable for their owner alone, and take the name when whole.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as beside:
        making, before = Path(beside, "new"), Path(beside, "old")
        making.mkdir(mode=0o700)
        note = _write_files(cut, protocol, folder=making)
        if folder.exists():
            folder.rename(before)
        making.rename(folder)
    return note


def _write_files(cut: DataCut, protocol: Protocol, *, folder: Path) -> CutNote:
    write_entries(cut.entries, protocol, folder=folder, leave_out=cut.left_out)
    if cut.allocations is not None:
        write_allocations(cut.allocations, folder=folder)
    if cut.rehearsal:
        scenario, seed = cut.rehearsal.scenario, cut.rehearsal.seed
        write_rehearsal(folder, scenario=scenario, seed=seed, fingerprint=cut.protocol)
    trial = read_folder(folder, protocol).trial  # as everybody will read it
    note = CutNote(
        ledger_line=cut.line,
        ledger_head=cut.head,
        protocol_fingerprint=cut.protocol,
        code_version=equipoise.__version__,
        blinded=cut.blinded,
        left_out=cut.left_out,
        visits_left_out=cut.visits_left_out,
        data_digest=digest_frames(trial.frames, allocations=trial.allocations),
        lines_digest=write_lines(cut.lines, folder=folder),
    )
    write_note(note, folder=folder)
    return note
