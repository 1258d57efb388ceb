"""The report as a value: sections of blocks, before anything is rendered."""

from dataclasses import dataclass, field

from equipoise.report.shell import Table
from equipoise.report.stamp import Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A paragraph; `tone` is `plain`, `note`, `warning`, `formula`, `quoted` or `reference`."""

    words: str
    tone: str = "plain"
    kind: str = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure as SVG text, with its caption."""

    id: str
    caption: str
    svg: str
    kind: str = "figure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading within a section."""

    words: str
    id: str
    kind: str = "heading"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Blocks that a reader may unfold; in print they stand open, unless they are an appendix."""

    summary: str
    blocks: "tuple[Text | Figure | Heading | Table, ...]"
    appendix: bool = False
    kind: str = "fold"


Block = Text | Figure | Heading | Table | Fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A numbered section of the report."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigure:
    """One number of the abstract: what it is, the number, and what it means beside it."""

    name: str
    value: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole report: masthead, question and answer, sections, stamp."""

    trial: str
    title: str
    subtitle: str
    question: str
    answer: str
    caveats: tuple[str, ...]
    key_figures: tuple[KeyFigure, ...]
    sections: tuple[Section, ...]
    stamp: Stamp
    notice: str = ""
    stamp_line: str = ""
    stamp_lines: tuple[tuple[str, str], ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectPage:
    """The page of one subject; `name` is its file, `home` leads back to the report."""

    name: str
    home: str
    trial: str
    subject: str
    subtitle: str
    sections: tuple[Section, ...]
    stamp_line: str
    stamp_lines: tuple[tuple[str, str], ...]
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignPage:
    """The page of a plan, before there are any data."""

    trial: str
    title: str
    subtitle: str
    question: str
    answer: str
    caveats: tuple[str, ...]
    key_figures: tuple[KeyFigure, ...]
    sections: tuple[Section, ...]
    stamp_line: str
    stamp_lines: tuple[tuple[str, str], ...]
    notice: str = ""


Page = Report | SubjectPage | DesignPage


def plain_blocks(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks with those of folds among them."""
    found: list[Block] = []
    for block in blocks:
        found.append(block)
        if isinstance(block, Fold):
            found += block.blocks
    return tuple(found)


def blocks_of(report: Page) -> tuple[Block, ...]:
    """Every block of a report or page in the order of print, those within folds included."""
    return tuple(block for section in report.sections for block in plain_blocks(section.blocks))


def number_blocks(report: Page) -> dict[str, str]:
    """The number of each table and figure by its id: `2`, or `S2` for one within a fold."""
    folded = {
        inner.id
        for block in blocks_of(report)
        if isinstance(block, Fold)
        for inner in block.blocks
        if isinstance(inner, Table | Figure)
    }
    counts: dict[tuple[str, bool], int] = {}
    numbers: dict[str, str] = {}
    for block in blocks_of(report):
        if isinstance(block, Table | Figure):
            place = (block.kind, block.id in folded)
            counts[place] = counts.get(place, 0) + 1
            numbers[f"{block.kind}:{block.id}"] = f"{'S' if place[1] else ''}{counts[place]}"
    return numbers
