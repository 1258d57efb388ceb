"""The texts of the pages, their catalogue in another language, and its compiled form.

`.venv/bin/python tests/web/translations.py ko` brings the catalogue in step with the sources: what
is new stands in it with an empty translation, what is gone leaves it, and the compiled form is
written anew. Neither this nor the site needs the programs of GNU gettext.
"""

import ast
import os
import re
import struct
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

import django
from django.utils.translation.template import templatize

from equipoise import web
from equipoise.capture.codes import Code
from equipoise.capture.deviations import Category, Weight
from equipoise.capture.lifecycle import FormState, WrongStateError
from equipoise.capture.queries import QueryState, WrongQueryStateError
from equipoise.capture.roles import Role, Verb
from equipoise.capture.signature import Meaning
from equipoise.protocol.randomisation_model import SETTINGS
from equipoise.report.story.sentences import RESPONSES, response_words
from equipoise.store import refusals

ROOT = Path(web.__file__).parent
HEADER = (
    "Project-Id-Version: Equipoise",
    "Language: {language}",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=UTF-8",
    "Content-Transfer-Encoding: 8bit",
    "Plural-Forms: {plurals};",
)
PLURALS = {"ko": "nplurals=1; plural=0"}
NAMES: tuple[type[Enum], ...] = (Role, Verb, FormState, QueryState, Weight, Meaning, Category)

Message = tuple[str, str]  # a text, and how it is said of many (empty: it is never counted)
Catalogue = dict[Message, str]

_CALLS = {"_": 1, "gettext": 1, "gettext_lazy": 1, "ngettext": 2}
_QUOTED = r"""(?:u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))"""
_DRAWN = re.compile(rf"\b(ngettext|gettext|_)\(\s*{_QUOTED}(?:\s*,\s*{_QUOTED})?")
_FIELD = re.compile(r"^(msgid|msgid_plural|msgstr|msgstr\[0\]) (\".*\")$")


def texts_of_python(text: str) -> Iterator[Message]:
    """The texts that a module has translated, in their order."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            count = _CALLS.get(node.func.id, 0)
            said = [a.value for a in node.args[:count] if isinstance(a, ast.Constant)]
            if count and len(said) == count:
                yield str(said[0]), str(said[1]) if count == 2 else ""


def texts_of_template(text: str) -> Iterator[Message]:
    """The texts that a template has translated, as Django itself looks them up."""
    for called, one, many in _DRAWN.findall(templatize(text)):
        is_counted = called == "ngettext"
        yield ast.literal_eval(one), ast.literal_eval(many) if is_counted else ""


def names_of_the_program() -> Iterator[Message]:
    """Said by `in_words`, `response`, `code_words`: roles, deeds, states, findings."""
    from equipoise.store.access_log import Access  # noqa: PLC0415 - once Django is set up
    from equipoise.web.shell.refusals import kind_of  # noqa: PLC0415

    refused = [each for each in vars(refusals).values() if isinstance(each, type)]
    refused = [each for each in refused if refusals.RefusedError in each.__bases__]
    yield from ((kind_of(each), "") for each in (*refused, WrongStateError, WrongQueryStateError))
    kinds: tuple[type[Enum], ...] = (*NAMES, Access)
    for kind in kinds:
        yield from ((str(each.value).replace("_", " "), "") for each in kind)
    schemes = [name for scheme, own in SETTINGS.items() for name in (scheme, *own)]
    yield from ((name.replace("_", " "), "") for name in schemes)
    yield from ((response_words(code), "") for code in RESPONSES)
    yield from (("target", ""), ("non-target", ""))
    codes = list(Code)
    of_values = codes[codes.index(Code.UNKNOWN_ITEM) : codes.index(Code.DUPLICATE_KEY)]
    yield from ((code.replace("-", " "), "") for code in of_values)


def texts_of_the_pages(root: Path = ROOT) -> dict[Message, str]:
    """Every text, with the first place where it stands."""
    found: dict[Message, str] = {}
    for file in sorted([*root.rglob("*.py"), *root.rglob("*.html")]):
        read = texts_of_python if file.suffix == ".py" else texts_of_template
        for message in read(file.read_text(encoding="utf-8")):
            found.setdefault(message, file.relative_to(root).as_posix())
    for message in names_of_the_program():
        found.setdefault(message, "names of the program")
    return found


def read_catalogue(text: str) -> Catalogue:
    """The messages of a catalogue with their translations; the header is left out."""
    said: Catalogue = {}
    for block in re.split(r"\n\s*\n", text):
        fields: dict[str, str] = {}
        field = ""
        for line in (line for line in block.splitlines() if not line.startswith("#")):
            started = _FIELD.match(line)
            field = started.group(1) if started else field
            fields[field] = fields.get(field, "") + ast.literal_eval(
                started.group(2) if started else line
            )
        if fields.get("msgid"):
            message = fields["msgid"], fields.get("msgid_plural", "")
            said[message] = fields.get("msgstr", fields.get("msgstr[0]", ""))
    return said


def write_catalogue(said: Catalogue, *, places: dict[Message, str], language: str) -> str:
    """The catalogue as its translators read it: by place, then as it comes there."""
    head = [_quoted(f"{line}\n") for line in _header(language)]
    blocks = ["\n".join(['msgid ""', 'msgstr ""', *head])]
    for message, place in sorted(places.items(), key=lambda pair: (pair[1], pair[0])):
        one, many = (_quoted(text) for text in message)
        told = _quoted(said.get(message, ""))
        counted = f"msgid_plural {many}\nmsgstr[0] {told}" if message[1] else f"msgstr {told}"
        blocks.append(f"#: {place}\nmsgid {one}\n{counted}")
    return "\n\n".join(blocks) + "\n"


def compile_catalogue(said: Catalogue, *, language: str) -> bytes:
    """The compiled form, as the GNU gettext manual describes it (The Format of GNU MO Files)."""
    pairs = {b"": "".join(f"{line}\n" for line in _header(language)).encode()}
    for (one, many), told in said.items():
        pairs["\0".join(filter(None, (one, many))).encode()] = told.encode()
    keys = sorted(pairs)
    texts = [*keys, *(pairs[key] for key in keys)]
    starts, at = [], 28 + 16 * len(keys)
    for text in texts:
        starts += [len(text), at]
        at += len(text) + 1
    head = (0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, 0)
    body = b"".join(text + b"\0" for text in texts)
    return struct.pack("<7I", *head) + struct.pack(f"<{len(starts)}I", *starts) + body


def _header(language: str) -> list[str]:
    return [line.format(language=language, plurals=PLURALS[language]) for line in HEADER]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def catalogue_of(language: str) -> Path:
    """The file of a catalogue; its compiled form lies beside it."""
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def bring_in_step(language: str) -> list[str]:
    """Writes catalogue and compiled form anew; the texts that wait for a translation."""
    file, places = catalogue_of(language), texts_of_the_pages()
    known = read_catalogue(file.read_text(encoding="utf-8")) if file.exists() else {}
    said = {message: known.get(message, "") for message in places}
    file.parent.mkdir(parents=True, exist_ok=True)
    text = write_catalogue(said, places=places, language=language)
    file.write_text(text, encoding="utf-8")
    told = {message: words for message, words in said.items() if words}
    file.with_suffix(".mo").write_bytes(compile_catalogue(told, language=language))
    return [message[0] for message, words in said.items() if not words]


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "equipoise.web.settings"
    django.setup()
    waiting = bring_in_step(sys.argv[1])
    print("\n".join([f"{len(waiting)} texts wait for a translation", *waiting]))  # noqa: T201
