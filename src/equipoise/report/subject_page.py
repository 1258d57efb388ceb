"""From the story of a subject to its page: who, time line, endpoints, lesions, events, entries."""

from collections.abc import Iterator

from equipoise.report.figures.subject_timeline import build_timeline, render_timeline
from equipoise.report.figures.sums import render_sums
from equipoise.report.links import page_name
from equipoise.report.page import Block, Figure, Heading, Section, SubjectPage, Text
from equipoise.report.stamp import Stamp, list_stamp, write_stamp
from equipoise.report.story.material import Material
from equipoise.report.story.sentences import cut_words, ending_words, person_sentences
from equipoise.report.story.tell import tell_story
from equipoise.report.story.values import Story
from equipoise.report.story.verdicts import others_of, primary_of
from equipoise.report.tables.subject import (
    build_assessments,
    build_entries,
    build_events,
    build_lesions,
    build_reasons,
    build_treatments,
    build_verdicts,
    build_windows,
)
from equipoise.report.tables.subject_further import (
    build_doses,
    build_iresponses,
    build_laboratory,
    build_own_left_out,
)
from equipoise.report.wording import capital

_TIMELINE = (
    "Treatment, scans with their responses, adverse events of grade 3 or higher, and outcome. "
    "BL: baseline. A response in brackets is a suspected progression that was refuted."
)
_SUMS = (
    "Sizes of the target lesions and their sum. Above the dashed line the sum is a progression; "
    "under the dot-dashed line it is a partial response."
)


def build_subject_pages(
    material: Material, *, endpoint: str, stamp: Stamp, notice: str = "", home: str = ""
) -> Iterator[SubjectPage]:
    """A page a randomised subject, one after the other; `endpoint` is told first on each."""
    for subject in material.subjects:
        story = tell_story(material, subject=subject, endpoint=endpoint)
        yield build_subject_page(story, stamp=stamp, notice=notice, home=home)


def build_subject_page(
    story: Story, *, stamp: Stamp, notice: str = "", home: str = ""
) -> SubjectPage:
    """The page of one story, under the stamp and the notice of its report."""
    return SubjectPage(
        name=page_name(story.person.subject),
        home=home,
        trial=story.trial,
        subject=story.person.subject,
        subtitle=cut_words(story).removesuffix("."),
        sections=(
            _who(story),
            _timeline(story),
            _endpoint(story),
            _lesions(story),
            _events(story),
            _entries(story),
        ),
        stamp_line=write_stamp(stamp),
        stamp_lines=list_stamp(stamp),
        notice=notice,
    )


def _who(story: Story) -> Section:
    blocks: tuple[Block, ...] = (
        Text(words=" ".join(person_sentences(story))),
        build_treatments(story),
        *build_doses(story.further),
    )
    return Section(id="who", title="The subject and the treatment", blocks=blocks)


def _timeline(story: Story) -> Section:
    timeline = build_timeline(story)
    blocks: list[Block] = [Figure(id="timeline", caption=_TIMELINE, svg=render_timeline(story))]
    sums = render_sums(story, timeline=timeline)
    if sums:
        blocks.append(Figure(id="sums", caption=_SUMS, svg=sums))
    return Section(id="time", title="Time line", blocks=tuple(blocks))


def _endpoint(story: Story) -> Section:
    """The primary endpoint in words, its assessments and why, and every other convention."""
    blocks: list[Block] = [Text(words=words) for words in _primary_sentences(story)]
    blocks += [build_assessments(story), build_reasons(story), *build_iresponses(story.further)]
    if story.missed:
        words = f"Planned, but without an adequate assessment: {', '.join(story.missed)}."
        blocks.append(Text(words=words, tone="note"))
    blocks += [Heading(words="What each convention says", id="conventions"), build_verdicts(story)]
    return Section(id="endpoints", title=story.endpoint_label, blocks=tuple(blocks))


def _primary_sentences(story: Story) -> Iterator[str]:
    for verdict in primary_of(story.verdicts, endpoint=story.endpoint):
        label = f" of “{verdict.convention_label}”" if verdict.convention_label else ""
        who = f"{verdict.lesion}: " if verdict.lesion else ""
        ended = capital(ending_words(verdict))
        yield f"{who}{ended}. It was decided by rule {verdict.rule}{label}: {verdict.words}."
    others = others_of(story.verdicts, endpoint=story.endpoint)
    differing = [each for each in others if each.compared != "the same"]
    if others and not differing:
        yield f"Every other convention ({len(others)}) says the same."
    for verdict in differing:
        words = f"{ending_words(verdict)} ({verdict.compared})"
        yield f"{verdict.convention_label}: {words}, by rule {verdict.rule}: {verdict.words}."


def _lesions(story: Story) -> Section:
    return Section(id="lesion-control", title="Lesions", blocks=(build_lesions(story),))


def _entries(story: Story) -> Section:
    blocks = (*build_own_left_out(story.further), build_entries(story.entries))
    return Section(id="entries", title="Entries", blocks=blocks)


def _events(story: Story) -> Section:
    blocks = (build_events(story), *build_laboratory(story.further), build_windows(story))
    return Section(id="toxicity", title="Adverse events", blocks=blocks)
