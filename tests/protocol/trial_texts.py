"""The texts of the reference trial, whole or with something planted."""

from importlib.resources import files

from equipoise.protocol.parse import Parsed, parse_protocol

ROOT = files("equipoise.protocols") / "oligo_rcc"


def reference_texts() -> dict[str, str]:
    """The reference trial, file by file."""
    forms = {f"forms/{f.name}": f.read_text("utf-8") for f in (ROOT / "forms").iterdir()}
    return {"trial.toml": (ROOT / "trial.toml").read_text("utf-8"), **forms}


def with_planted(file: str, *, old: str, new: str) -> dict[str, str]:
    """The reference trial with the first `old` in `file` replaced."""
    texts = reference_texts()
    assert old in texts[file], f"{file} has no {old!r}"
    return {**texts, file: texts[file].replace(old, new, 1)}


def parse_planted(file: str, *, old: str, new: str) -> Parsed:
    """What parsing says of the planted text."""
    return parse_protocol(with_planted(file, old=old, new=new))
