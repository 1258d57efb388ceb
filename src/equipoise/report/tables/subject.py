"""The tables on the page of one subject, each row with links to the entries it rests on."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from equipoise.report.links import anchor_of, link_entries
from equipoise.report.shell import Column, Link, Row, Shell, Table, fill
from equipoise.report.story.sentences import main_window, response_words
from equipoise.report.story.values import AssessmentTold, EntryTold, LesionTold, Story, Verdict
from equipoise.report.story.words import write_change, write_int, write_mm
from equipoise.report.wording import MISSING, capital

_DAY = "Day 1 is the day of randomisation; there is no day 0."
_CUT_OFF = "Changes are cut off, not rounded: 19.96 % is no fifth."


def build_verdicts(story: Story) -> Table:
    """Every endpoint by every convention, the primary one first: when it ended, by which rule."""
    columns = ("Convention", "How it ended", "On", "Day", "Rule", "In words", "Against the primary")
    shell = Shell(
        id="verdicts",
        title="Every endpoint by every convention",
        columns=(*_columns(columns, right=("Day",)), Column(heading="Entries")),
        footnotes=("Day: the last day of the time, counted from its start as day 1.",),
        empty="No time was derived.",
    )
    rows: list[Row] = []
    for endpoint in dict.fromkeys(verdict.endpoint for verdict in story.verdicts):
        own = [verdict for verdict in story.verdicts if verdict.endpoint == endpoint]
        start = own[0].start_date.isoformat() if own[0].start_date else "no date"
        words = f"{own[0].endpoint_label} (from {own[0].origin}, {start})"
        rows.append(Row(cells=(words,), heading=True))
        rows += [_verdict_row(verdict) for verdict in own]
    return fill(shell, rows=rows)


def _verdict_row(verdict: Verdict) -> Row:
    label = verdict.convention_label or verdict.endpoint_label
    name = f"{verdict.lesion}: {label}" if verdict.lesion else label
    cells = (
        verdict.lesion if verdict.lesion and not verdict.convention else name,
        verdict.ended,
        verdict.end_date.isoformat() if verdict.end_date else MISSING,
        MISSING if verdict.days is None else str(verdict.days),
        verdict.rule,
        capital(verdict.words),
        verdict.compared or "primary",
    )
    return _row(cells, entries=verdict.entries, id_=verdict.row, level=1)


def build_assessments(story: Story) -> Table:
    """A row a visit: the size of each lesion, sum, changes, responses."""
    lesions = [told.lesion.lesion for told in story.lesions]
    columns = ("Visit", "Date", "Day", *lesions, "Sum", "From baseline", "From nadir", "Response")
    shell = Shell(
        id="sizes",
        title="Lesion sizes and responses by visit",
        columns=_columns(columns, right=("Day", "Sum", "From baseline", "From nadir")),
        footnotes=(
            (
                "Sizes in millimetres (short axis of lymph nodes). From nadir: change from the "
                f"smallest sum before. {_CUT_OFF} {_DAY}"
            ),
        ),
        empty="No assessment was entered.",
    )
    return fill(shell, rows=[_size_row(each) for each in story.assessments])


def _size_row(told: AssessmentTold) -> Row:
    sizes = [reading.words.removesuffix(" mm") for reading in told.readings]
    cells = (
        capital(told.label),
        told.first_date.isoformat() if told.first_date else MISSING,
        MISSING if told.day is None else write_int(told.day),
        *sizes,
        write_mm(told.sum_tenths_mm).removesuffix(" mm"),
        write_change(told.from_baseline),
        write_change(told.from_nadir),
        _response(told),
    )
    readings = [(reading.entry,) if reading.entry else () for reading in told.readings]
    linked = [link_entries(entry) for entry in readings]
    links: list[tuple[Link, ...]] = [(), (), (), *linked, (), (), (), ()]
    named = tuple(
        tuple(replace(link, words=cell) for link in own)
        for own, cell in zip(links, cells, strict=True)
    )
    return Row(cells=cells, links=named)


def _response(told: AssessmentTold) -> str:
    """The response code; of a progression that was refuted, that too."""
    if told.baseline:
        return MISSING
    return f"{told.response} (refuted)" if told.counts is False else told.response or MISSING


def build_reasons(story: Story) -> Table:
    """A row a visit after baseline: the response and why, and what became of a hold."""
    columns = ("Visit", "Response", "Why", "Entries")
    shell = Shell(
        id="reasons",
        title="Why each response",
        columns=_columns(columns, right=()),
        empty="There is no assessment after baseline.",
    )
    rows = []
    for told in story.assessments:
        if not told.baseline:
            cells = (capital(told.label), response_words(told.response), _why(told))
            rows.append(_row(cells, entries=told.entries))
    return fill(shell, rows=rows)


def _why(told: AssessmentTold) -> str:
    words = [f"{capital('; '.join(told.why))}."] if told.why else []
    if told.earlier and told.counts is not None:
        words.append(f"Progression counts already since {told.earlier}.")
    elif told.hold is not None:
        words.append(f"{told.hold.words}.")
    elif told.counts and told.progression_date:
        words.append(f"Progression counts from {told.progression_date.isoformat()}.")
    return " ".join(words) or MISSING


def build_lesions(story: Story) -> Table:
    """Each lesion by itself: its sizes against its own smallest, and local failure if any."""
    columns = ("Visit", "Date", "Day", "Seen", "From its smallest", "Note", "Entries")
    shell = Shell(
        id="lesions",
        title="Local control, lesion by lesion",
        columns=_columns(columns, right=("Day", "From its smallest")),
        footnotes=(
            (
                "From its smallest: change from the smallest size before; of a mass, from that of "
                f"the lesions in it together. {_CUT_OFF}"
            ),
        ),
        empty="No lesion is in the baseline list.",
    )
    rows: list[Row] = []
    for told in story.lesions:
        rows.append(Row(cells=(_lesion_words(told),), heading=True))
        rows += [
            _row(
                (
                    capital(step.label),
                    step.scan_date.isoformat() if step.scan_date else MISSING,
                    MISSING if step.day is None else write_int(step.day),
                    step.words,
                    write_change(step.from_nadir),
                    capital(step.note),
                ),
                entries=(step.entry,) if step.entry else (),
                level=1,
            )
            for step in told.steps
        ]
    return fill(shell, rows=rows)


def _lesion_words(told: LesionTold) -> str:
    lesion = told.lesion
    index = ", index lesion" if lesion.index else ""
    if told.failure_date is not None:
        end = f"local failure on {told.failure_date.isoformat()}: {told.failure}"
    else:
        end = "no local failure" if lesion.index else "not followed for local control"
    return f"{lesion.lesion}: {lesion.site}, {lesion.role}{index}; {end}"


def build_treatments(story: Story) -> Table:
    """Every stretch of treatment in the order of its start."""
    columns = ("Start", "Stop", "Day", "Treatment", "Entries")
    shell = Shell(
        id="treatments",
        title="Treatment",
        columns=_columns(columns, right=("Day",)),
        footnotes=(f"Day of the start. {_DAY}",),
        empty="No treatment was entered.",
    )
    rows = [
        _row(
            (
                each.start_date.isoformat(),
                each.stop_date.isoformat() if each.stop_date else MISSING,
                MISSING if each.day is None else write_int(each.day),
                capital(each.words),
            ),
            entries=each.entries,
        )
        for each in story.treatments
    ]
    return fill(shell, rows=rows)


def build_events(story: Story) -> Table:
    """Every adverse event as it was entered."""
    columns = ("Term", "Grade", "Day", "As entered", "Entries")
    shell = Shell(
        id="events",
        title="Adverse events",
        columns=_columns(columns, right=("Grade", "Day")),
        footnotes=(f"Day of the onset, its earliest where only a part is known. {_DAY}",),
        empty="No adverse event was entered.",
    )
    rows = [
        _row(
            (
                event.term or MISSING,
                MISSING if event.grade is None else str(event.grade),
                MISSING if event.day is None else write_int(event.day),
                capital(event.words),
            ),
            entries=event.entries,
        )
        for event in story.adverse_events
    ]
    return fill(shell, rows=rows)


def build_windows(story: Story) -> Table:
    """Every window of every endpoint of adverse events: whether anything counts in it, and why."""
    shell = Shell(
        id="windows",
        title="Endpoints of adverse events, window by window",
        columns=_columns(("Window", "Role", "What counts", "Entries"), right=()),
        empty="The protocol has no such endpoint.",
    )
    rows: list[Row] = []
    for told in story.occurrences:
        clock = told.origin_date.isoformat() if told.origin_date else "never starts"
        words = f"{told.endpoint_label} (day 1: {told.origin}, {clock})"
        rows.append(Row(cells=(words,), heading=True, id=anchor_of(told.endpoint)))
        main = main_window(told)
        for window in told.windows:
            inside = [event for event in told.events if window.label in event.windows]
            entries = [entry for event in inside for entry in event.entries]
            label = f"{capital(window.label)}{' *' if window is main else ''}"
            cells = (label, window.role, capital(window.words))
            rows.append(_row(cells, entries=entries, level=1))
    return fill(shell, rows=rows, footnotes=("* the window told first",) if rows else ())


def build_entries(entries: Sequence[EntryTold]) -> Table:
    """Every entry that the page rests on, as it was entered; each can be linked to."""
    shell = Shell(
        id="entered",
        title="The entries",
        columns=_columns(("Entry", "As entered"), right=()),
        footnotes=("An entry is a row of the form's file in the trial folder.",),
        empty="Nothing was entered.",
    )
    rows: list[Row] = []
    titles = {entry.form: entry.title for entry in entries}
    for form, title in titles.items():
        rows.append(Row(cells=(f"{title} ({form})",), heading=True))
        for entry in entries:
            if entry.form == form:
                said = "; ".join(f"{label}: {value}" for _, label, value in entry.values)
                cells = (entry.entry, said or MISSING)
                rows.append(Row(cells=cells, level=1, id=anchor_of(entry.entry)))
    return fill(shell, rows=rows)


def _columns(headings: Sequence[str], *, right: Sequence[str]) -> tuple[Column, ...]:
    return tuple(
        Column(heading=name, align="right" if name in right else "left") for name in headings
    )


def _row(cells: tuple[str, ...], *, entries: Iterable[str], id_: str = "", level: int = 0) -> Row:
    """A row that ends with links to its entries."""
    names = tuple(dict.fromkeys(entries))
    links = (*[() for _ in cells], link_entries(names))
    words = " ".join(names) or MISSING
    return Row(cells=(*cells, words), links=links, level=level, id=anchor_of(id_) if id_ else "")
