"""A backup file comes back as it was written, or is refused in words that say what to do."""

import io
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.store import backup_file
from equipoise.store.backup_file import (
    BackupRefusedError,
    Header,
    PassPhraseRefusedError,
    read_backup_content,
    read_backup_header,
    write_backup_file,
)

PHRASE = "correct horse battery"
HEADER = Header(
    made_at="2026-03-02T09:00:00.000000Z", program="0.1.0", lines=7, head="a" * 64,
    application_role="equipoise_app",
)  # fmt: skip


def written(*content: bytes, phrase: str = "") -> bytes:
    file = io.BytesIO()
    write_backup_file(file, header=HEADER, content=content, pass_phrase=phrase)
    return file.getvalue()


def read(text: bytes, *, phrase: str = "") -> bytes:
    return b"".join(read_backup_content(io.BytesIO(text), pass_phrase=phrase))


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup_file, "_PIECE", 10)


@pytest.mark.parametrize("phrase", ["", PHRASE])
@pytest.mark.parametrize(
    "content", [(), (b"",), (b"0123456789",), (b"01234567890",), (b"ab",) * 40]
)
def test_content_comes_back_as_it_was(content: tuple[bytes, ...], phrase: str) -> None:
    assert read(written(*content, phrase=phrase), phrase=phrase) == b"".join(content)


@given(st.lists(st.binary(max_size=60), max_size=6))
def test_any_content_comes_back_as_it_was(content: list[bytes]) -> None:
    assert read(written(*content)) == b"".join(content)


def test_the_header_is_read_without_the_phrase() -> None:
    header = read_backup_header(io.BytesIO(written(b"x", phrase=PHRASE)))
    assert replace(header, salt="") == HEADER
    assert header.salt


def test_an_encrypted_file_shows_nothing_and_differs_each_time() -> None:
    one, two = (written(b"Kim Minjun" * 5, phrase=PHRASE) for _ in range(2))
    assert b"Kim" not in one
    assert one != two


@pytest.mark.parametrize("phrase", ["", PHRASE])
def test_every_changed_byte_is_found(phrase: str) -> None:
    text = written(b"the ledger of a trial", phrase=phrase)
    end_of_header = text.index(b"\n") + 1
    step = 7 if phrase else 1  # stretching a phrase takes a tenth of a second
    for place in [*range(end_of_header, len(text), step), 30, end_of_header - 1]:
        changed = text[:place] + bytes([text[place] ^ 1]) + text[place + 1 :]
        with pytest.raises(BackupRefusedError):
            read(changed, phrase=phrase)


def test_every_cut_is_found() -> None:
    text = written(b"the ledger of a trial")
    for end in range(len(text)):
        with pytest.raises(BackupRefusedError):
            read(text[:end])


def test_pieces_left_out_or_exchanged_are_found() -> None:
    text = written(b"0123456789" * 3)
    start, size = text.index(b"\n") + 1, 5 + 32 + 10
    pieces = [text[start + i * size : start + (i + 1) * size] for i in range(3)]
    for order in ((0, 2), (1, 0, 2), (2,), (0, 0, 1, 2)):
        with pytest.raises(BackupRefusedError, match=r"changed or damaged"):
            read(text[:start] + b"".join(pieces[i] for i in order))


def test_something_behind_the_end_is_found() -> None:
    with pytest.raises(BackupRefusedError, match="behind the end"):
        read(written(b"x") + b"y")


def test_a_wrong_phrase_is_told_and_a_missing_one_too() -> None:
    text = written(b"x", phrase=PHRASE)
    with pytest.raises(PassPhraseRefusedError, match="does not open this backup"):
        read(text, phrase=PHRASE + "!")
    with pytest.raises(PassPhraseRefusedError, match="give its pass phrase"):
        read(text)


def test_a_short_phrase_is_refused() -> None:
    with pytest.raises(PassPhraseRefusedError, match="at least 12"):
        written(b"x", phrase="short")


@pytest.mark.parametrize("text", [b"", b"{}\n", b"[1]\n", b"PGDMP\x01\x0e", b"\xff\xfe\n",
                                  b'{"format": "equipoise backup 2"}\n',
                                  b'{"format": "equipoise backup 1"}\n'])  # fmt: skip
def test_another_file_is_no_backup(text: bytes) -> None:
    with pytest.raises(BackupRefusedError, match=re.escape("no backup of Equipoise")):
        read(text)
