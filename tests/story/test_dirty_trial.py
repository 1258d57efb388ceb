"""A rehearsed trial goes to files and back: clean it stays, spoilt it is found out, row by row."""

import time
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from equipoise.capture.edit_checks import check_frames
from equipoise.capture.folder_read import TrialRead, read_folder
from equipoise.capture.folder_write import write_folder
from equipoise.capture.trial import TrialData
from equipoise.protocol.parse import shipped_protocol
from equipoise.simulate.dirt import plant_errors
from equipoise.simulate.dirt_kinds import KINDS
from equipoise.simulate.rehearsal import Rehearsal, rehearse
from equipoise.vocab.finding import Finding, Severity

PROTOCOL = shipped_protocol()
SCENARIOS = [scenario.name for scenario in PROTOCOL.scenario]
KEY = ["replicate", "subject", "entry"]


def sent_and_read(
    frames: Mapping[str, pl.DataFrame], drawn: Rehearsal, folder: Path
) -> tuple[TrialRead, list[Finding]]:
    """The trial as it comes back from its files, and what reading and the checks found."""
    write_folder(TrialData(frames=frames, allocations=drawn.allocations), PROTOCOL, folder=folder)
    read = read_folder(folder, PROTOCOL)
    return read, [*read.findings, *check_frames(read.trial.frames, PROTOCOL)]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_clean_trial_gives_no_hard_finding_and_comes_back_as_it_went(
    scenario: str, tmp_path: Path
) -> None:
    drawn = rehearse(PROTOCOL, scenario=scenario, seed=7)

    read, found = sent_and_read(drawn.frames, drawn, tmp_path)

    assert [str(each) for each in found if each.severity is Severity.HARD] == []
    assert read.trial.allocations.equals(drawn.allocations)
    for name, frame in drawn.frames.items():
        assert read.trial.frames[name].equals(frame), name


def test_every_planted_error_is_found_by_its_check_at_its_entry_and_nothing_else_is(
    tmp_path: Path,
) -> None:
    drawn = rehearse(PROTOCOL, scenario="S2", seed=3)
    dirt = plant_errors(drawn.frames, protocol=PROTOCOL, seed=4, rate=0.05)

    _, found = sent_and_read(dirt.frames, drawn, tmp_path)

    planted = set(dirt.planted.select("code", "entry").iter_rows())
    hard = [(each.code, each.entry) for each in found if each.severity is Severity.HARD]
    assert set(dirt.planted["kind"]) == set(KINDS)
    assert len(planted) >= 3 * len(KINDS)
    assert set(hard) == planted
    assert len(hard) == len(planted)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_error_is_found_wherever_it_fits(kind: str, tmp_path: Path) -> None:
    drawn = rehearse(PROTOCOL, scenario="S2", seed=11)
    dirt = plant_errors(
        drawn.frames, protocol=PROTOCOL, seed=2, rate=1.0, kinds={kind: KINDS[kind]}
    )

    _, found = sent_and_read(dirt.frames, drawn, tmp_path)

    hard = [each for each in found if each.severity is Severity.HARD]
    assert sorted(each.entry for each in hard) == sorted(dirt.planted["entry"])
    assert {each.code for each in hard} == {KINDS[kind].code}
    assert all(KINDS[kind].item in each.where for each in hard)
    assert all(each.subject and each.message and each.mend for each in hard)


def test_a_refused_row_is_named_by_its_row_in_the_file_and_all_others_are_kept(
    tmp_path: Path,
) -> None:
    drawn = rehearse(PROTOCOL, scenario="S2", seed=5)
    kinds = {"unknown code": KINDS["unknown code"]}
    dirt = plant_errors(drawn.frames, protocol=PROTOCOL, seed=6, rate=0.2, kinds=kinds)

    read, found = sent_and_read(dirt.frames, drawn, tmp_path)

    lines = (tmp_path / "les_fu.csv").read_text(encoding="utf-8").splitlines()
    refused = [each for each in found if each.code == "not-in-code-list"]
    assert len(refused) == dirt.planted.height
    for each in refused:
        file, _, number = each.where.removesuffix(": status").partition(" row ")
        assert file == "les_fu.csv"
        assert each.found in lines[int(number) - 1].split(",")
        assert lines[int(number) - 1].startswith(f"{each.subject},")
    sound = dirt.frames["les_fu"].join(dirt.planted, on=KEY, how="anti", maintain_order="left")
    assert read.trial.frames["les_fu"].equals(sound)


def test_a_hundred_trials_are_checked_in_far_less_than_a_hundred_times_one() -> None:
    one = rehearse(PROTOCOL, scenario="S2", seed=1).frames
    many = rehearse(PROTOCOL, scenario="S2", seed=1, replicates=100).frames
    check_frames(one, PROTOCOL)

    begin = time.perf_counter()
    check_frames(one, PROTOCOL)
    between = time.perf_counter()
    hard = [f for f in check_frames(many, PROTOCOL) if f.severity is Severity.HARD]
    end = time.perf_counter()

    assert hard == []
    assert between - begin < 1.0
    assert end - between < 100 * (between - begin)
