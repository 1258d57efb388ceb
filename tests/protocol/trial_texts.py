"""The texts of the reference trial, whole or with something planted."""

from functools import cache
from importlib.resources import files

from equipoise.protocol.parse import Parsed, parse_protocol

ROOT = files("equipoise.protocols") / "oligo_rcc"


@cache
def _read_texts() -> dict[str, str]:
    forms = {f"forms/{f.name}": f.read_text("utf-8") for f in (ROOT / "forms").iterdir()}
    return {"trial.toml": (ROOT / "trial.toml").read_text("utf-8"), **forms}


def reference_texts() -> dict[str, str]:
    """The reference trial, file by file."""
    return dict(_read_texts())


def with_planted(file: str, *, old: str, new: str) -> dict[str, str]:
    """The reference trial with the first `old` in `file` replaced."""
    texts = reference_texts()
    assert old in texts[file], f"{file} has no {old!r}"
    return {**texts, file: texts[file].replace(old, new, 1)}


def parse_planted(file: str, *, old: str, new: str) -> Parsed:
    """What parsing says of the planted text."""
    return parse_protocol(with_planted(file, old=old, new=new))


def parse_together(file: str, *plants: tuple[str, str]) -> Parsed:
    """What parsing says of the text with several replacements in one file."""
    texts = reference_texts()
    for old, new in plants:
        assert old in texts[file], f"{file} has no {old!r}"
        texts[file] = texts[file].replace(old, new, 1)
    return parse_protocol(texts)


def check_told(file: str, *, old: str, new: str, code: str, place: str) -> None:
    """A planted fault is told at its place, with a message and a mend, and nothing is parsed."""
    parsed = parse_planted(file, old=old, new=new)

    told = [problem for problem in parsed.problems if problem.code == code]
    assert parsed.protocol is None
    assert f"{file}: {place}" in [problem.where for problem in told], [
        str(problem) for problem in parsed.problems
    ]
    assert all(problem.message and problem.mend for problem in told)
