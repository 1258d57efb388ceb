"""The time line of one subject: treatment, scans with responses, adverse events, outcome."""

from collections.abc import Iterator
from datetime import date

from equipoise.report.figures.lanes import Bar, Lane, Mark, Timeline, render_lanes
from equipoise.report.story.sentences import ending_words, response_words, treatment_words
from equipoise.report.story.values import AssessmentTold, EventTold, Story, Treatment
from equipoise.report.story.verdicts import primary_of

SEVERE = 3
MOST_EVENTS = 8
_LEGEND = {
    "given": ("bar", "given", "given"),
    "reduced": ("bar", "reduced", "dose reduced"),
    "held": ("bar", "held", "held"),
    "sbrt": ("tick", "sbrt", "fraction of SBRT"),
    "later": ("diamond", "plain", "operation or later therapy"),
    "event": ("bar", "event", "grade 3"),
    "severe": ("bar", "severe", "grade 4 or 5"),
    "new": ("down", "plain", "new lesion"),
    "doubt": ("down", "open", "new lesion that does not count"),
    "progression": ("dot", "counted", "progression that counts"),
    "refuted": ("dot", "open", "suspicion refuted, in scans (PD)"),
    "death": ("cross", "plain", "death"),
    "alive": ("tick", "plain", "last known alive"),
}


def render_timeline(story: Story, *, figure_id: str = "timeline") -> str:
    """The time line of a subject as SVG text; its description tells the same in order of time."""
    return render_lanes(build_timeline(story, figure_id=figure_id))


def build_timeline(story: Story, *, figure_id: str = "timeline") -> Timeline:
    """The lanes of a subject: agents, SBRT, operations, scans, new lesions, events, outcome."""
    start = story.person.randomised_date
    lanes = tuple(_lanes(story, start=start)) if start else ()
    first, last = _span(story, lanes=lanes, start=start)
    return Timeline(
        figure_id=figure_id,
        title=f"Time line of subject {story.person.subject}",
        description=describe_timeline(story),
        first=first,
        last=last,
        lanes=tuple(_within(lane, last=last) for lane in lanes),
        legend=tuple(_legend(lanes)),
        cut=(story.cutoff_date - start).days if story.cutoff_date and start else None,
    )


def describe_timeline(story: Story) -> str:
    """Everything the lanes show, in words and in order of time within each lane."""
    told = [treatment_words(each) for each in story.treatments]
    told += [
        f"{each.first_date} {each.label}: {response_words(each.response)}"
        for each in story.assessments
        if not each.baseline
    ]
    told += [f"{each.term} grade {each.grade}, {each.words}" for each in _severe(story)]
    told += [f"{words} on {day.isoformat()}" for day, words in _outcomes(story)]
    return ". ".join(told) + "." if told else "Nothing has happened yet."


def _lanes(story: Story, *, start: date) -> Iterator[Lane]:
    yield from _systemic_lanes(story, start=start)
    yield from _mark_lanes(story, start=start)
    yield _scan_lane(story, start=start)
    new = [mark for each in story.assessments for mark in _new_marks(each, start=start)]
    if new:
        yield Lane(label="New lesions", marks=tuple(new))
    yield from _event_lanes(story, start=start)
    yield Lane(label="Outcome", marks=tuple(_outcome_marks(story, start=start)))


def _days(found: date, start: date) -> int:
    return (found - start).days


def _systemic_lanes(story: Story, *, start: date) -> Iterator[Lane]:
    own = [each for each in story.treatments if each.kind == "systemic"]
    for agent in dict.fromkeys(each.lane for each in own):
        bars = [_treatment_bar(each, story, start=start) for each in own if each.lane == agent]
        yield Lane(label=agent, bars=tuple(bars))


def _treatment_bar(treatment: Treatment, story: Story, *, start: date) -> Bar:
    last = treatment.stop_date or _last_date(story) or treatment.start_date
    look = treatment.action if treatment.action in ("reduced", "held") else "given"
    return Bar(
        first=_days(treatment.start_date, start),
        last=_days(max(last, treatment.start_date), start) + 1,
        look=look,
        words=treatment_words(treatment),
        open_end=treatment.stop_date is None and story.person.death_date is None,
    )


def _mark_lanes(story: Story, *, start: date) -> Iterator[Lane]:
    """SBRT by fraction; operations and later therapy by their day."""
    fractions = [each for each in story.treatments if each.kind == "sbrt"]
    if fractions:
        words: dict[date, list[str]] = {}
        for each in fractions:
            for day in each.dates:
                words.setdefault(day, []).append(treatment_words(each))
        marks = [
            Mark(day=_days(day, start), shape="tick", look="sbrt", words="; ".join(words[day]))
            for day in sorted(words)
        ]
        yield Lane(label="SBRT", marks=tuple(marks))
    for kind, label in (("surgery", "Operation"), ("later", "Later therapy")):
        own = [each for each in story.treatments if each.kind == kind]
        if own:
            yield Lane(label=label, marks=tuple(_treatment_mark(e, start=start) for e in own))


def _treatment_mark(treatment: Treatment, *, start: date) -> Mark:
    words = treatment.words.split(": ", 1)[-1].split(" (")[0].split(",")[0]
    return Mark(
        day=_days(treatment.start_date, start),
        shape="diamond",
        look="plain",
        words=treatment_words(treatment),
        label=words.removeprefix("later "),
    )


def _scan_lane(story: Story, *, start: date) -> Lane:
    marks = [
        Mark(
            day=_days(each.first_date, start),
            shape="code",
            look=_scan_look(each),
            words=f"{each.label}, {each.first_date}: {response_words(each.response)}",
            label=_scan_code(each),
        )
        for each in story.assessments
        if each.first_date is not None
    ]
    return Lane(label="Scans and responses", marks=tuple(marks))


def _scan_look(told: AssessmentTold) -> str:
    if told.counts:
        return "counted"
    return "open" if told.counts is False or not told.adequate else "plain"


def _scan_code(told: AssessmentTold) -> str:
    if told.baseline:
        return "BL"
    code = {"NON-CR/NON-PD": "NN"}.get(told.response, told.response) or "–"
    return f"({code})" if told.counts is False else code


def _new_marks(told: AssessmentTold, *, start: date) -> Iterator[Mark]:
    if told.first_date is None:
        return
    for new in told.new_lesions:
        if new.counts or ", first seen at" not in new.words:
            yield Mark(
                day=_days(told.first_date, start),
                shape="down",
                look="plain" if new.counts else "open",
                words=f"{told.first_date}: {new.words}",
                label=f"{new.lesion} {new.site}",
            )


def _severe(story: Story) -> list[EventTold]:
    severe = [event for event in story.adverse_events if (event.grade or 0) >= SEVERE]
    return [event for event in severe if event.onset_date is not None]


def _event_lanes(story: Story, *, start: date) -> Iterator[Lane]:
    """A lane a term, its severe events as bars; the first ones where there are many."""
    terms: dict[str, list[EventTold]] = {}
    for event in _severe(story):
        terms.setdefault(event.term, []).append(event)
    for term in list(terms)[:MOST_EVENTS]:
        yield Lane(label=term, bars=tuple(_event_bar(e, story, start=start) for e in terms[term]))
    if len(terms) > MOST_EVENTS:
        yield Lane(label=f"and {len(terms) - MOST_EVENTS} more terms (table of events)")


def _event_bar(event: EventTold, story: Story, *, start: date) -> Bar:
    assert event.onset_date is not None
    last = event.end_date or _last_date(story) or event.onset_date
    return Bar(
        first=_days(event.onset_date, start),
        last=_days(max(last, event.onset_date), start) + 1,
        look="severe" if (event.grade or 0) > SEVERE else "event",
        words=f"{event.term}, grade {event.grade}, {event.words}",
        open_end=event.end_date is None and story.person.death_date is None,
    )


def _outcomes(story: Story) -> list[tuple[date, str]]:
    """Progression that counts, death, else the last contact, each with its words."""
    found = []
    for verdict in primary_of(story.verdicts, endpoint=story.endpoint)[:1]:
        if verdict.end_date is not None and not verdict.lesion:
            found.append((verdict.end_date, f"{story.endpoint_label}: {ending_words(verdict)}"))
    if story.person.death_date is not None:
        found.append((story.person.death_date, "Death"))
    elif story.person.last_alive_date is not None:
        found.append((story.person.last_alive_date, "Last known alive"))
    return found


def _outcome_marks(story: Story, *, start: date) -> Iterator[Mark]:
    for each in story.assessments:
        if each.counts is not None and each.progression_date and not each.earlier:
            look = "counted" if each.counts else "open"
            said = "progression counts" if each.counts else "suspicion refuted"
            yield Mark(
                day=_days(each.progression_date, start),
                shape="dot",
                look=look,
                words=f"{each.progression_date}: {said} ({each.label})",
                label="progression" if each.counts else "refuted",
            )
    if story.person.death_date is not None:
        day = story.person.death_date
        words = f"{day.isoformat()}: death"
        yield Mark(day=_days(day, start), shape="cross", look="plain", words=words, label="death")
    elif story.person.last_alive_date is not None:
        day = story.person.last_alive_date
        words = f"{day.isoformat()}: last known alive"
        yield Mark(day=_days(day, start), shape="tick", look="plain", words=words, label="alive")


def _last_date(story: Story) -> date | None:
    return story.person.death_date or story.person.last_alive_date


def _span(story: Story, *, lanes: tuple[Lane, ...], start: date | None) -> tuple[int, int]:
    """The days shown: from the first scan to a little after the last thing that is shown."""
    days = [mark.day for lane in lanes for mark in lane.marks]
    days += [bar.first for lane in lanes for bar in lane.bars]
    end = _last_date(story)
    days += [(end - start).days] if end and start else []
    last = max([30, *days])
    return min([0, *days]) - max(4, last // 60), last + max(6, last // 30)


def _within(lane: Lane, *, last: int) -> Lane:
    """The lane with its marks in order of their days."""
    marks = sorted(lane.marks, key=lambda mark: (min(mark.day, last), mark.label))
    return Lane(label=lane.label, bars=lane.bars, marks=tuple(marks))


def _legend(lanes: tuple[Lane, ...]) -> Iterator[tuple[str, str, str]]:
    """The words of every look and shape that is drawn, each once."""
    drawn = {("bar", bar.look) for lane in lanes for bar in lane.bars}
    drawn |= {(mark.shape, mark.look) for lane in lanes for mark in lane.marks}
    for shape, look, words in _LEGEND.values():
        if (shape, look) in drawn:
            yield shape, look, words
