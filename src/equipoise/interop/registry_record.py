"""A registry record read from its flattened text: seven blocks, outcomes separated by bars.

The blocks are title, summary, condition, interventions, primary outcomes, secondary outcomes and
description. Several conditions, interventions or outcomes stand in one block, separated by `|`.
"""

import re
from dataclasses import dataclass

from equipoise.interop.registry_record_segments import Outcome, is_timed, read_outcome

BLOCKS = (
    "title",
    "summary",
    "condition",
    "interventions",
    "primary outcomes",
    "secondary outcomes",
    "description",
)
_LABEL = re.compile(
    r"^(?:(?:brief|official|study|scientific|public) )?"
    r"(?:title|summary|conditions?|interventions?|(?:primary|secondary) outcomes?(?: measures?)?"
    r"|(?:detailed )?description)\s*:\s*",
    re.IGNORECASE,
)
_KIND_LABEL = re.compile(
    r"^(drug|biological|device|procedure|radiation|behavioral|behavioural|genetic|other"
    r"|dietary supplement|combination product|diagnostic test)\s*:\s*",
    re.IGNORECASE,
)
_MAX_CHARACTERS = 100_000


class RegistryRecordUnreadableError(Exception):
    """The file is no registry record; the message says what the reader expects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervention:
    """One listed intervention: its kind as the registry writes it (may be empty) and its name."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryRecord:
    """A registry record, word for word, with its lists and outcomes taken apart."""

    title: str
    summary: str
    conditions: tuple[str, ...]
    interventions: tuple[Intervention, ...]
    primary: tuple[Outcome, ...]
    secondary: tuple[Outcome, ...]
    description: str

    @property
    def prose(self) -> str:
        """Title, summary and description as one text."""
        return "\n".join((self.title, self.summary, self.description))

    @property
    def words(self) -> str:
        """Every word of the record as one text."""
        listed = [f"{one.kind}: {one.name}" for one in self.interventions]
        outcomes = [outcome.text for outcome in (*self.primary, *self.secondary)]
        return "\n".join((self.prose, *self.conditions, *listed, *outcomes))


def read_registry_record(data: bytes) -> RegistryRecord:
    """The record in the bytes of a file (UTF-8, UTF-16 or Western European).

    Raises RegistryRecordUnreadableError for an empty or binary file, or one with too few blocks.
    """
    blocks = _split_blocks(decode_record_text(data))
    return RegistryRecord(
        title=blocks[0],
        summary=blocks[1],
        conditions=_split_list(blocks[2]),
        interventions=tuple(_read_intervention(text) for text in _split_list(blocks[3])),
        primary=tuple(read_outcome(text) for text in _split_list(blocks[4])),
        secondary=tuple(read_outcome(text) for text in _split_list(blocks[5])),
        description=blocks[6],
    )


def decode_record_text(data: bytes) -> str:
    """The text in `data`, whichever of UTF-8, UTF-16 and Windows-1252 it is written in."""
    if not data.strip(b" \t\r\n\xef\xbb\xbf\xff\xfe\x00"):
        raise RegistryRecordUnreadableError(
            "The file is empty. Give a registry record as seven lines: " + ", ".join(BLOCKS) + "."
        )
    text = _decode(data)
    if any(ord(character) < 32 and character not in "\t\n\r\f\v" for character in text):
        raise RegistryRecordUnreadableError(
            "The file holds control characters and is no text. Save the record as plain text, "
            "UTF-8, seven lines: " + ", ".join(BLOCKS) + "."
        )
    if len(text) > _MAX_CHARACTERS:
        raise RegistryRecordUnreadableError(
            f"The file has more than {_MAX_CHARACTERS} characters; a registry record is one trial. "
            "Give the record of one trial."
        )
    return text


def _decode(data: bytes) -> str:
    for encoding in _likely_encodings(data):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _likely_encodings(data: bytes) -> tuple[str, ...]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    head = data[:400]
    if head[1::2].count(0) > len(head) // 4:
        return ("utf-16-le",)
    if head[0::2].count(0) > len(head) // 4:
        return ("utf-16-be",)
    return ("utf-8-sig", "cp1252")


def _split_blocks(text: str) -> list[str]:
    """Seven blocks: seven lines, or seven paragraphs; further lines belong to the description."""
    lines = [line.strip() for line in text.strip("\r\n").splitlines()]
    filled = [line for line in lines if line]
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", "\n".join(lines))]
    if len(filled) > len(BLOCKS) and len(paragraphs) >= len(BLOCKS):
        blocks = _tail_joined(paragraphs)
    elif len(filled) >= len(BLOCKS):
        blocks = _tail_joined(filled)
    elif len(lines) >= len(BLOCKS) and len(filled) < len(lines) == len(BLOCKS):
        blocks = lines
    elif len(filled) == len(BLOCKS) - 1 and not is_timed(filled[-1]):
        blocks = _without_outcome_block(filled)
    else:
        raise RegistryRecordUnreadableError(
            f"The record has {len(filled)} filled lines; seven are expected, in this order: "
            f"{', '.join(BLOCKS)}. Leave a line empty where the record says nothing."
        )
    return [_LABEL.sub("", block) for block in blocks]


def _tail_joined(blocks: list[str]) -> list[str]:
    last = len(BLOCKS) - 1
    return [*blocks[:last], "\n".join(blocks[last:])]


def _without_outcome_block(filled: list[str]) -> list[str]:
    """Six lines that end in prose: the block of secondary outcomes is the one that is missing."""
    return [*filled[:5], "", filled[5]]


def _split_list(block: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in block.split("|") if part.strip())


def _read_intervention(text: str) -> Intervention:
    match = _KIND_LABEL.match(text)
    if match is None:
        return Intervention(kind="", name=text)
    return Intervention(kind=match.group(1).upper(), name=text[match.end() :].strip())
