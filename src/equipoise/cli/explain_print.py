"""A story as lines for a terminal."""

import re
import textwrap
from collections.abc import Iterator

import click

from equipoise.report.story.sentences import (
    assessment_lines,
    baseline_line,
    clock_words,
    cut_words,
    ending_words,
    event_words,
    lesion_lines,
    main_window,
    origin_words,
    person_sentences,
    treatment_words,
    window_line,
)
from equipoise.report.story.values import OccurrenceTold, Story, Verdict
from equipoise.report.story.verdicts import others_of, primary_of
from equipoise.report.wording import capital

WIDTH = 96


def print_story(story: Story, *, folder_has_arms: bool) -> None:
    """Prints the story, a heading and its lines a part."""
    for line in story_lines(story, folder_has_arms=folder_has_arms):
        click.echo(line)


def story_lines(story: Story, *, folder_has_arms: bool = True) -> Iterator[str]:
    """The story as lines of at most `WIDTH` characters, long words apart."""
    person = story.person
    yield f"{story.trial}, subject {person.subject}: {story.endpoint_label}"
    yield cut_words(story)
    yield from _part("Who", person_sentences(story, folder_has_arms=folder_has_arms))
    yield from _part("Lesions at baseline", [baseline_line(told) for told in story.lesions])
    yield from _part("Treatment", [treatment_words(each) for each in story.treatments])
    yield from _part("Assessments", list(_assessments(story)))
    yield from _endpoint(story)
    yield from _part("Every other endpoint", list(_others(story)))


def _part(heading: str, lines: list[str]) -> Iterator[str]:
    yield ""
    yield heading
    for line in lines or ["none"]:
        yield from _wrap(line)


def _wrap(line: str) -> list[str]:
    """A line set in by two, its own leading spaces kept, wrapped lines set in by two more."""
    own = len(line) - len(line.lstrip())
    indent = " " * (2 + own)
    together = re.sub(r" (?=%|mm\b|Gy\b)", "\u00a0", line.strip())
    return _broken(together, indent=indent)


def _broken(line: str, *, indent: str) -> list[str]:
    lines = textwrap.wrap(
        line,
        width=WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [each.replace("\u00a0", " ") for each in lines] or [""]


def _assessments(story: Story) -> Iterator[str]:
    start = story.person.randomised_date
    for assessment in story.assessments:
        head, *details = assessment_lines(assessment, start=start)
        yield head
        yield from (f"  {detail}" for detail in details)
    if story.missed:
        yield f"Planned, but no adequate assessment: {', '.join(story.missed)}"


def _endpoint(story: Story) -> Iterator[str]:
    occurrence = next((o for o in story.occurrences if o.endpoint == story.endpoint), None)
    if occurrence is not None:
        yield from _part(f"What happened: {story.endpoint_label}", list(_occurrence(occurrence)))
        return
    decided = primary_of(story.verdicts, endpoint=story.endpoint)
    if any(verdict.lesion for verdict in decided):
        yield from _part("Lesion by lesion", list(_lesions(story, decided)))
    yield from _part(f"What decided: {story.endpoint_label}", list(_decided(story, decided)))
    others = others_of(story.verdicts, endpoint=story.endpoint)
    if others:
        yield from _part("What every other convention says", list(_conventions(others)))


def _occurrence(told: OccurrenceTold) -> Iterator[str]:
    yield clock_words(told)
    yield from (event_words(event) for event in told.events)
    yield from (window_line(window) for window in told.windows)


def _lesions(story: Story, decided: tuple[Verdict, ...]) -> Iterator[str]:
    wanted = {verdict.lesion for verdict in decided}
    for told in story.lesions:
        if told.lesion.lesion in wanted:
            head, *details = lesion_lines(told)
            yield head
            yield from (f"  {detail}" for detail in details)


def _decided(story: Story, decided: tuple[Verdict, ...]) -> Iterator[str]:
    if not decided:
        yield "no time: the subject never had the start of the clock"
    for verdict in decided:
        yield f"{_lesion(verdict)}{capital(ending_words(verdict))}; {origin_words(verdict)}"
        label = f" of '{verdict.convention_label}'" if verdict.convention_label else ""
        yield f"  Rule {verdict.rule}{label}: {verdict.words}"
        yield "  Decided by:"
        yield from _entries(story, verdict)


def _entries(story: Story, verdict: Verdict) -> Iterator[str]:
    known = {entry.entry: entry for entry in story.entries}
    for name in verdict.entries:
        entry = known.get(name)
        values = "; ".join(f"{item} = {value}" for item, _, value in entry.values) if entry else ""
        line = entry.ledger_line if entry else None
        yield f"    {name}{f' (ledger line {line})' if line else ''}: {values}"


def _conventions(others: tuple[Verdict, ...]) -> Iterator[str]:
    for verdict in others:
        label = f"{verdict.convention_label} [{verdict.convention}]"
        yield f"{_lesion(verdict)}{label}: {ending_words(verdict)} ({verdict.compared})"
        yield f"  {verdict.rule}: {verdict.words}"


def _others(story: Story) -> Iterator[str]:
    names = dict.fromkeys(verdict.endpoint for verdict in story.verdicts)
    for name in names:
        if name != story.endpoint:
            for verdict in primary_of(story.verdicts, endpoint=name):
                what = f"{verdict.endpoint_label}{f', {verdict.lesion}' if verdict.lesion else ''}"
                yield f"{what}: {ending_words(verdict)}; {verdict.rule}, {verdict.words}"
    for told in story.occurrences:
        if told.endpoint != story.endpoint:
            main = main_window(told)
            said = f"{main.label}: {main.words}" if main else "no window"
            yield f"{told.endpoint_label}, {said}"


def _lesion(verdict: Verdict) -> str:
    return f"{verdict.lesion}: " if verdict.lesion else ""
