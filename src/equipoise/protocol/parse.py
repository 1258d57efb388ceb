"""Protocol text to protocol value, or every problem with its file and key path."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from equipoise.protocol.check import check_protocol
from equipoise.protocol.compose import compose_conventions
from equipoise.protocol.model import Protocol
from equipoise.protocol.problems import tell_refusal
from equipoise.protocol.prune import is_consequence, prune, refusals, with_summaries
from equipoise.vocab.finding import Finding

_ROUNDS = 4  # taking out what is refused may show what was behind it
TRIAL = "trial.toml"
FORMS = "forms"
SHIPPED = "equipoise.protocols"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """The protocol, or None and the problems; problems are all of them, not the first."""

    protocol: Protocol | None
    problems: tuple[Finding, ...]


class ProtocolRefusedError(Exception):
    """A protocol text that cannot be used; the message lists every problem."""

    def __init__(self, problems: tuple[Finding, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def parse_protocol(texts: Mapping[str, str]) -> Parsed:
    """The protocol that `texts` (`trial.toml`, `forms/<form>.toml`) say, or all their problems."""
    return _parse(tuple(texts.items()))


@lru_cache(maxsize=16)  # a frozen value of the texts alone, and a second's work
def _parse(named: tuple[tuple[str, str], ...]) -> Parsed:
    texts = dict(named)
    problems: list[Finding] = []
    trial = _parse_toml(TRIAL, texts.get(TRIAL), problems)
    names = sorted(name for name in texts if name.startswith(f"{FORMS}/"))
    forms = {name: _parse_toml(name, texts[name], problems) for name in names}
    if trial is None:
        return Parsed(protocol=None, problems=tuple(problems))
    said = {
        **compose_conventions(trial),
        "form": [form for form in forms.values() if form is not None],
    }
    places = [name for name, form in forms.items() if form is not None]
    unread = {_stem(name) for name, form in forms.items() if form is None}
    return _validate(said, places, problems, lost=with_summaries(said, lost=unread))


def read_protocol(folder: Path | Traversable) -> Parsed:
    """The protocol of a folder on disk, or all its problems."""
    texts, problems = decode_texts(read_files(folder))
    return Parsed(protocol=None, problems=problems) if problems else parse_protocol(texts)


def read_files(folder: Path | Traversable) -> dict[str, bytes]:
    """The files of a protocol as they lie in a folder, by name."""
    trial = folder / TRIAL
    forms = folder / FORMS
    found = [(TRIAL, trial)] if trial.is_file() else []
    if forms.is_dir():
        texts_of_forms = (f for f in forms.iterdir() if f.name.endswith(".toml") and f.is_file())
        found += [(f"{FORMS}/{file.name}", file) for file in sorted(texts_of_forms, key=_name)]
    return {name: file.read_bytes() for name, file in found}


def decode_texts(files: Mapping[str, bytes]) -> tuple[dict[str, str], tuple[Finding, ...]]:
    """The texts of the files, lines ended as TOML ends them; a problem for each not in UTF-8."""
    texts: dict[str, str] = {}
    problems: list[Finding] = []
    for name, content in files.items():
        try:
            text = content.decode("utf-8")
            texts[name] = text.replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError as error:
            problems.append(_not_utf8(name, error))
    return texts, tuple(problems)


def shipped_protocol(name: str = "oligo_rcc") -> Protocol:
    """A trial that ships with the program; ProtocolRefusedError when its text has problems."""
    parsed = read_protocol(files(SHIPPED) / name)
    if parsed.protocol is None:
        raise ProtocolRefusedError(parsed.problems)
    return parsed.protocol


def _stem(name: str) -> str:
    """The form that a file is named after, where its text cannot say it."""
    return name.removeprefix(f"{FORMS}/").removesuffix(".toml")


def _name(file: Path | Traversable) -> str:
    return file.name


def _not_utf8(name: str, error: UnicodeDecodeError) -> Finding:
    return Finding(
        where=name,
        code="other-encoding",
        message=f"the text is not UTF-8 (byte {error.start})",
        mend="Save the file as UTF-8.",
    )


def _parse_toml(name: str, text: str | None, problems: list[Finding]) -> dict[str, Any] | None:
    if text is None:
        problems.append(
            Finding(where=name, code="file-missing", message="no such file", mend="Add this file.")
        )
        return None
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:  # brackets without end
        problems.append(
            Finding(
                where=name,
                code="not-toml",
                message=f"the text is no TOML: {error}",
                mend="Mend the line and column named.",
            )
        )
        return None


def _validate(
    said: dict[str, Any], places: list[str], problems: list[Finding], *, lost: set[str]
) -> Parsed:
    protocol = None
    for _ in range(_ROUNDS):
        try:
            protocol = Protocol.model_validate(said)
            break
        except ValidationError as error:
            refused = refusals(error, lost=lost)
            problems.extend(_tell(each, places) for each in refused)
            without = prune(said, places=places, refused=refused)
            if without is None:
                break
            lost |= without
    if protocol is not None:
        crossed = check_protocol(protocol, places=places)
        problems.extend(found for found in crossed if not is_consequence(found, lost=lost))
    unique = tuple(dict.fromkeys(problems))
    return Parsed(protocol=None if unique else protocol, problems=unique)


def _tell(error: ErrorDetails, places: list[str]) -> Finding:
    path = tuple(error["loc"])
    return tell_refusal(error, place=_where(path, places), keys=_keys_beside(path))


def _where(path: tuple[object, ...], places: list[str]) -> str:
    """The file and key path of a place in the protocol, as a person would look for it."""
    file = TRIAL
    if path[:1] == ("form",) and len(path) > 1 and isinstance(path[1], int):
        file, path = places[path[1]], path[2:]
    words = ""
    for step in path:
        words += f"[{step}]" if isinstance(step, int) else f".{step}"
    return f"{file}: {words.removeprefix('.')}" if words else file


def _keys_beside(path: tuple[int | str, ...]) -> list[str]:
    """The keys that may stand where the last one of the path stands."""
    model: Any = Protocol
    for step in path[:-1]:
        if isinstance(step, str) and isinstance(model, type) and issubclass(model, BaseModel):
            field = model.model_fields.get(step)
            model = _inner(field.annotation) if field else None
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return []
    return list(model.model_fields)


def _inner(annotation: Any) -> Any:
    arguments = [a for a in getattr(annotation, "__args__", ()) if isinstance(a, type)]
    models = [a for a in arguments if issubclass(a, BaseModel)]
    return models[0] if models else annotation
