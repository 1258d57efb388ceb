"""The file of a backup: what it is of, in clear, then its content in sealed pieces.

Under a pass phrase each piece is AES-256-GCM (key by scrypt, RFC 7914), else it carries a SHA-256.
A piece knows its number, whether it is the last, and the words before it: none can be changed,
left out, exchanged or cut off unnoticed.
"""

import base64
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

FORMAT = "equipoise backup 1"
LEAST_PHRASE = 12
_PIECE = 1 << 20
_MOST = _PIECE + 64
_HEADER_BYTES = 64 * 1024


class BackupRefusedError(Exception):
    """A backup that cannot be written or used; the message says what to do."""


class PassPhraseRefusedError(BackupRefusedError):
    """A pass phrase that does not open the backup, or none where one is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a backup is of: the end of the ledger that it holds, when and by what it was made.

    `salt` is empty where nothing is encrypted.
    """

    made_at: str
    program: str
    lines: int
    head: str
    application_role: str
    salt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The database that is copied: its owner's address, and the role of its application."""

    owner_url: str
    application_role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seal:
    """How pieces are sealed: under a key, or only counted and hashed."""

    words: bytes
    key: bytes | None

    def close(self, piece: bytes, *, number: int, is_last: bool) -> bytes:
        nonce = _nonce(number, is_last=is_last)
        if self.key is None:
            return hashlib.sha256(self.words + nonce + piece).digest() + piece
        return AESGCM(self.key).encrypt(nonce, piece, self.words)

    def open(self, sealed: bytes, *, number: int, is_last: bool) -> bytes:
        nonce = _nonce(number, is_last=is_last)
        if self.key is None:
            digest, piece = sealed[:32], sealed[32:]
            if hashlib.sha256(self.words + nonce + piece).digest() != digest:
                raise InvalidTag
            return piece
        return AESGCM(self.key).decrypt(nonce, sealed, self.words)


def write_backup_file(
    file: IO[bytes], *, header: Header, content: Iterable[bytes], pass_phrase: str = ""
) -> Header:
    """Writes header and content; answers the header as written."""
    if pass_phrase:
        _check_phrase(pass_phrase)
        header = Header(**{**asdict(header), "salt": base64.b64encode(os.urandom(16)).decode()})
    words = json.dumps({"format": FORMAT, **asdict(header)}, sort_keys=True).encode() + b"\n"
    seal = _seal(words, header=header, pass_phrase=pass_phrase)
    file.write(words)
    for number, (piece, is_last) in enumerate(_pieces(content)):
        sealed = seal.close(piece, number=number, is_last=is_last)
        file.write(len(sealed).to_bytes(4, "big") + bytes([is_last]) + sealed)
    return header


def read_backup_header(file: IO[bytes]) -> Header:
    """What the backup is of; BackupRefusedError when the file is none."""
    file.seek(0)
    return _read_header(file)[0]


def read_backup_content(file: IO[bytes], *, pass_phrase: str = "") -> Iterator[bytes]:
    """The content, piece by piece.

    Raises PassPhraseRefusedError before the first piece, BackupRefusedError where the file was
    changed or cut: use nothing before the last piece is there.
    """
    file.seek(0)
    header, words = _read_header(file)
    if header.salt and not pass_phrase:
        raise PassPhraseRefusedError("This backup is encrypted: give its pass phrase.")
    seal = _seal(words, header=header, pass_phrase=pass_phrase if header.salt else "")
    number, is_last = 0, False
    while not is_last:
        sealed, is_last = _read_piece(file)
        try:
            yield seal.open(sealed, number=number, is_last=is_last)
        except InvalidTag:
            raise _told(number, encrypted=bool(header.salt)) from None
        number += 1
    if file.read(1):
        raise BackupRefusedError("Something stands behind the end of this backup: take another.")


def _told(number: int, *, encrypted: bool) -> BackupRefusedError:
    if encrypted and number == 0:
        return PassPhraseRefusedError(
            "The pass phrase does not open this backup. If it is the right one, the file was "
            "changed: take another copy."
        )
    return BackupRefusedError(
        f"This backup was changed or damaged (piece {number + 1}): take another copy."
    )


def _read_header(file: IO[bytes]) -> tuple[Header, bytes]:
    words = file.readline(_HEADER_BYTES)
    try:
        said = json.loads(words)
        if said.pop("format") != FORMAT:
            raise ValueError("another format")
        return Header(**said), words
    except (ValueError, TypeError, AttributeError, KeyError):
        raise BackupRefusedError("This is no backup of Equipoise, or of another version.") from None


def _read_piece(file: IO[bytes]) -> tuple[bytes, bool]:
    start = file.read(5)
    length = int.from_bytes(start[:4], "big")
    sealed = file.read(length) if len(start) == 5 and length <= _MOST else b""
    if len(start) < 5 or start[4] > 1 or len(sealed) != length:
        raise BackupRefusedError("This backup was cut off or damaged: take another copy.")
    return sealed, bool(start[4])


def _pieces(content: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The content in pieces of one size, each with whether it is the last."""
    held = bytearray()
    for part in content:
        held += part
        while len(held) > _PIECE:
            yield bytes(held[:_PIECE]), False
            del held[:_PIECE]
    yield bytes(held), True


def _seal(words: bytes, *, header: Header, pass_phrase: str) -> _Seal:
    if not pass_phrase:
        return _Seal(words=words, key=None)
    try:
        salt = base64.b64decode(header.salt, validate=True)
    except ValueError:
        raise BackupRefusedError("The header of this backup was changed: take another.") from None
    stretch = Scrypt(salt=salt, length=32, n=2**15, r=8, p=1)
    return _Seal(words=words, key=stretch.derive(pass_phrase.encode("utf-8")))


def _nonce(number: int, *, is_last: bool) -> bytes:
    """Twelve bytes that no other piece under the key has; the key belongs to one file alone."""
    return number.to_bytes(11, "big") + bytes([is_last])


def _check_phrase(pass_phrase: str) -> None:
    if len(pass_phrase) < LEAST_PHRASE:
        raise PassPhraseRefusedError(
            f"The pass phrase has {len(pass_phrase)} characters: give at least {LEAST_PHRASE}, "
            "for example five words drawn by dice, and keep it apart from the backup."
        )
