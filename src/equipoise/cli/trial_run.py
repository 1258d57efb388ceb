"""From a trial folder to datasets, results and report: the one way that every command takes."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import click

import equipoise
from equipoise.analysis.plan import run
from equipoise.analysis.result import Results
from equipoise.capture.codes import Code
from equipoise.capture.cut_note import CutRead, read_note
from equipoise.capture.edit_checks import check_frames
from equipoise.capture.folder_read import ALLOCATIONS, SUFFIXES, read_folder
from equipoise.capture.frames import Frames
from equipoise.capture.trial import TrialData
from equipoise.cli.output import MISUSE, leave
from equipoise.derive.consistency import check_consistency
from equipoise.derive.cut import apply_cut, cut_dates
from equipoise.derive.datasets import derive_datasets
from equipoise.derive.schemas import Datasets
from equipoise.protocol.fingerprint import fingerprint
from equipoise.protocol.model import Protocol
from equipoise.report.build import build_from, write_notice
from equipoise.report.facts import gather_facts, primary_analysis
from equipoise.report.render_html import IS_PAGE, render_html, render_subjects
from equipoise.report.stamp import Stamp, build_stamp, digest_frames
from equipoise.report.story.material import gather_material
from equipoise.report.subject_page import build_subject_pages
from equipoise.vocab.finding import Finding

REHEARSAL = "rehearsal.json"  # beside the forms of a rehearsed trial: its scenario and seed

cut_option = click.option(
    "--cut", default="", metavar="DC1|DC2", help="A data cut of the protocol; else every entry."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRun:
    """A trial as of a cut: entries as they stood, derived datasets, results, and their stamp.

    `questions` are what the entries, as of the cut, do not explain of what they derive to.
    """

    trial: TrialData
    frames: Frames
    datasets: Datasets
    questions: tuple[Finding, ...]
    results: Results
    stamp: Stamp


def load_trial(folder: Path, protocol: Protocol) -> tuple[TrialData, tuple[Finding, ...]]:
    """The trial of a folder with the findings of reading it and of the edit checks."""
    if not folder.is_dir():
        click.echo(f"There is no folder '{folder}'. Name one with a CSV file per form.", err=True)
        leave(MISUSE)
    read = read_folder(folder, protocol)
    _refuse_strange_folder(folder, protocol, read.trial)
    about = read_cut_note(read.trial, protocol, folder=folder)
    expected = _left_out(about)
    told = [found for found in read.findings if (found.where, found.code) not in expected]
    return read.trial, (*about.findings, *told, *check_frames(read.trial.frames, protocol))


def _left_out(cut: CutRead) -> set[tuple[str, str]]:
    """The missing files that nobody misses: those which a blinded reader does not get."""
    if cut.note is None or not cut.note.blinded:
        return set()
    return {(f"{name}.csv", Code.FILE_MISSING) for name in (*cut.note.left_out, ALLOCATIONS)}


def _refuse_strange_folder(folder: Path, protocol: Protocol, trial: TrialData) -> None:
    """Leaves where the folder holds no form of the protocol, or more than the one trial."""
    names = [form.form for form in protocol.form]
    if not any((folder / f"{name}{suffix}").is_file() for name in names for suffix in SUFFIXES):
        click.echo(
            f"'{folder}' holds no form of the protocol: no {names[0]}.csv or such.", err=True
        )
        leave(MISUSE)
    tables = (*trial.frames.values(), trial.allocations)
    numbers = {number for table in tables for number in table["replicate"].unique().to_list()}
    if numbers - {0}:
        click.echo(
            f"'{folder}' holds the trials {', '.join(map(str, sorted(numbers)[:5]))} in the column "
            "'replicate'. Keep the rows of one, and remove the column.",
            err=True,
        )
        leave(MISUSE)


def cut_trial(trial: TrialData, protocol: Protocol, *, cut: str) -> tuple[Frames, Datasets]:
    """The entries as they stood at a cut of the protocol (empty: all), and what they derive to."""
    known = [rule.id for rule in protocol.cut]
    if cut and cut not in known:
        raise click.BadParameter(f"no data cut '{cut}'; the protocol has {', '.join(known)}.")
    if not cut:
        return trial.frames, derive_datasets(trial.frames, protocol)
    cutoffs = cut_dates(trial.frames, protocol, cut=cut)
    frames = apply_cut(trial.frames, protocol, cutoffs=cutoffs)
    return frames, derive_datasets(frames, protocol, cutoffs=cutoffs)


def run_trial(
    trial: TrialData, protocol: Protocol, *, cut: str, folder: Path, seed: int = 1
) -> TrialRun:
    """A trial derived and analysed as of a cut; `folder` says whether it was rehearsed."""
    frames, derived = cut_trial(trial, protocol, cut=cut)
    results = run(derived, protocol, allocations=trial.allocations, seed=seed)
    stamp = stamp_trial(trial, protocol, stood=(frames, derived), folder=folder)
    stamp = replace(stamp, cut=cut, seed=seed)
    asked = check_consistency(derived, frames=frames, protocol=protocol)
    return TrialRun(
        trial=trial, frames=frames, datasets=derived, questions=asked, results=results, stamp=stamp
    )


def stamp_trial(
    trial: TrialData, protocol: Protocol, *, stood: tuple[Frames, Datasets], folder: Path
) -> Stamp:
    """The stamp of what `stood` at a cut: of the site's ledger, while the folder is as it was cut.

    The entries of any other folder are named by their digest.
    """
    frames, derived = stood
    scenario, drawn = _rehearsal_of(folder)
    stamp = build_stamp(
        protocol,
        data_digest=digest_frames(frames, allocations=trial.allocations),
        code_version=equipoise.__version__,
        cutoff_date=derived.subjects["cutoff_date"].max(),  # type: ignore[arg-type]
    )
    stamp = replace(stamp, scenario=scenario, scenario_seed=drawn)
    note = read_cut_note(trial, protocol, folder=folder).note
    if note is None:
        return stamp
    return replace(
        stamp, ledger_line=note.ledger_line, ledger_head=note.ledger_head, blinded=note.blinded
    )


def read_cut_note(trial: TrialData, protocol: Protocol, *, folder: Path) -> CutRead:
    """What the folder's note of a data cut is worth, held against the trial that was read."""
    return read_note(
        folder,
        data_digest=digest_frames(trial.frames, allocations=trial.allocations),
        protocol_fingerprint=fingerprint(protocol),
    )


def write_report(done: TrialRun, protocol: Protocol, *, output: Path) -> str:
    """Writes the report of a trial and, beside it, a page a subject; returns its answer.

    The pages of an earlier report of that name are replaced.
    """
    pages = f"{output.stem}-subjects"
    facts = gather_facts(
        done.datasets,
        protocol=protocol,
        results=done.results,
        allocations=done.trial.allocations,
        stamp=done.stamp,
    )
    report = build_from(replace(facts, pages=pages))
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(render_html(report), encoding="utf-8")
        _write_pages(done, protocol, folder=output.parent / pages, home=output.name)
    except OSError as refusal:
        click.echo(f"{output}: the report cannot be written ({refusal.strerror})", err=True)
        leave(MISUSE)
    return report.answer


def _write_pages(done: TrialRun, protocol: Protocol, *, folder: Path, home: str) -> None:
    """Writes the page of every subject, and takes away those of subjects who are not there."""
    material = gather_material(
        done.datasets,
        protocol,
        frames=done.frames,
        allocations=done.trial.allocations,
        cut=done.stamp.cut,
    )
    pages = build_subject_pages(
        material,
        endpoint=primary_analysis(protocol).endpoint,
        stamp=done.stamp,
        notice=write_notice(done.stamp, protocol=protocol),
        home=f"../{quote(home)}#home",
    )
    folder.mkdir(parents=True, exist_ok=True)
    written = set()
    for name, html in render_subjects(pages):
        (folder / name).write_text(html, encoding="utf-8")
        written.add(name)
    for old in folder.glob("*.html"):
        if old.name not in written and IS_PAGE in old.read_text(encoding="utf-8", errors="replace"):
            old.unlink()


def write_rehearsal(folder: Path, *, scenario: str, seed: int, fingerprint: str) -> None:
    """Notes beside the forms that the trial is rehearsed: nobody shall take it for a real one."""
    said = {"scenario": scenario, "seed": seed, "protocol_fingerprint": fingerprint}
    (folder / REHEARSAL).write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")


def _rehearsal_of(folder: Path) -> tuple[str, int | None]:
    """Scenario and seed of a rehearsed trial; none for one that runs."""
    note = folder / REHEARSAL
    if not note.is_file():
        return "", None
    try:
        said = json.loads(note.read_text(encoding="utf-8"))
        return str(said["scenario"]), int(said["seed"])
    except (ValueError, KeyError, TypeError):
        return "unknown", None
