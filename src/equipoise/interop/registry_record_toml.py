"""Draft protocol text: lines of TOML, with what is still open written as a comment to be filled."""

import re
from collections.abc import Mapping, Sequence

OPEN = "# OPEN "  # a line to be uncommented, with a value of the sponsor's

TomlValue = str | int | float | bool | Sequence[str] | Sequence[float] | Mapping[str, str | int]
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def write_value(value: TomlValue) -> str:
    """A value as TOML on one line."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{"".join(_escape(character) for character in value)}"'
        case int() | float():
            return repr(value)
        case Mapping():
            pairs = (f"{_key(key)} = {write_value(inner)}" for key, inner in value.items())
            return "{ " + ", ".join(pairs) + " }"
        case _:
            return "[" + ", ".join(write_value(inner) for inner in value) + "]"


def write_table(header: str, *, values: Mapping[str, TomlValue], open_lines: str = "") -> str:
    """A table under its header; `open_lines` are lines that the sponsor has to fill in."""
    lines = [header, *(f"{key} = {write_value(value)}" for key, value in values.items())]
    lines += [f"{OPEN}{line}" for line in open_lines.splitlines()]
    return "\n".join(lines) + "\n"


def write_sources(name: str, *, sources: Sequence[Mapping[str, str]]) -> str:
    """A key with a list of inline tables."""
    inner = ", ".join(write_value(source) for source in sources)
    return f"{name} = [{inner}]\n"


def fill_open(text: str) -> str:
    """The draft with every open line uncommented: the examples taken as answers."""
    return re.sub(rf"^{re.escape(OPEN)}", "", text, flags=re.MULTILINE)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else write_value(key)


def _escape(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if ord(character) < 32 or ord(character) == 127:
        return f"\\u{ord(character):04x}"
    return character
