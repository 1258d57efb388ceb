"""The secret seed of a trial's randomisation: sealed under a key, committed to, and read by number.

The seed never stands beside the database in clear. What may be stored is the sealed text; what goes
into the ledger before the first subject is the commitment, which binds the trial to the seed and
tells nothing of it. Why: docs/decisions/0019.
"""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

SEED_CHANCE_BYTES = 64
SEAL_CHANCE_BYTES = 28
LEAST_KEY_LENGTH = 16
_COST, _BLOCK, _LANES = 2**15, 8, 1  # RFC 7914, section 2: memory 128 * 8 * 2**15 = 32 MiB
_COMMITMENT = b"equipoise commitment to the seed of a randomisation, format 1\n"
_UNIFORM = b"equipoise uniform number of an allocation, format 1\n"
_STEP = 2.0**-52


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """The secret of a trial's randomisation; neither `repr` nor a log line shows it."""

    secret: bytes = field(repr=False)
    salt: bytes = field(repr=False)


class ChanceRefusedError(Exception):
    """Bytes that cannot be chance; the message says where to take them from."""


class KeyRefusedError(Exception):
    """A key that seals or opens nothing; the message says what to do."""


class SealRefusedError(Exception):
    """A sealed text that is none, or was changed."""


def draw_seed(chance: bytes) -> Seed:
    """A new seed from 64 bytes of the operating system's chance (`os.urandom`).

    There is no default seed. Raises ChanceRefusedError for a wrong number of bytes, or bytes that
    repeat as no chance does.
    """
    _check_chance(chance, length=SEED_CHANCE_BYTES)
    return Seed(secret=chance[:32], salt=chance[32:])


def commitment_of(seed: Seed) -> str:
    """The digest that binds a trial to its seed and tells nothing of it; 64 hexadecimal digits."""
    return hashlib.sha256(_COMMITMENT + seed.salt + seed.secret).hexdigest()


def seal_seed(seed: Seed, *, key: str, chance: bytes) -> str:
    """The seed encrypted under a key, as text; `chance` is 28 bytes used for nothing else.

    AES-256-GCM under a key by scrypt (RFC 7914). To change the key, open the seal and seal again:
    the commitment stays.
    """
    _check_chance(chance, length=SEAL_CHANCE_BYTES)
    salt, nonce = chance[:16], chance[16:]
    said = {"format": "equipoise sealed seed 1", "commitment": commitment_of(seed)}
    said |= {"salt": _write(salt), "nonce": _write(nonce)}
    cipher = AESGCM(_stretch(key, salt))
    said["sealed"] = _write(cipher.encrypt(nonce, seed.secret + seed.salt, _bound(said)))
    return json.dumps(said, sort_keys=True)


def open_seed(sealed: str, *, key: str) -> Seed:
    """The seed of a sealed text.

    Raises KeyRefusedError when the key does not open it, SealRefusedError when it is no seal.
    """
    try:
        said = json.loads(sealed)
        salt, nonce, hidden = (_read(said[name]) for name in ("salt", "nonce", "sealed"))
        bound = _bound(said)
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise SealRefusedError(
            "this is no sealed seed: restore it from a backup, as it was stored"
        ) from error
    try:
        plain = AESGCM(_stretch(key, salt)).decrypt(nonce, hidden, bound)
    except (InvalidTag, ValueError) as error:
        raise KeyRefusedError(
            "the key does not open the sealed seed: give the key it was sealed with; if that is "
            "the key, the sealed text was changed: restore it from a backup"
        ) from error
    return Seed(secret=plain[:32], salt=plain[32:])


def uniform_at(seed: Seed, *, sequence: int) -> float:
    """The uniform number of the allocation with this number, from 1; strictly between 0 and 1.

    HMAC-SHA256 (RFC 2104) of the number under the seed: its leading 52 bits. Who knows every other
    number of the trial but not the seed predicts nothing of this one.
    """
    if sequence < 1:
        raise ValueError(f"allocations are counted from 1, not {sequence}")
    said = _UNIFORM + str(sequence).encode("ascii")
    digest = hmac.digest(seed.secret, said, "sha256")
    return ((int.from_bytes(digest[:8], "big") >> 12) + 0.5) * _STEP


def _check_chance(chance: bytes, *, length: int) -> None:
    if len(chance) != length or len(set(chance)) <= length // 4:
        raise ChanceRefusedError(
            f"{length} bytes of chance are needed: take os.urandom({length}), never a number "
            "that somebody chose"
        )


def _stretch(key: str, salt: bytes) -> bytes:
    if len(key) < LEAST_KEY_LENGTH:
        raise KeyRefusedError(
            f"the key has {len(key)} characters: give one of at least {LEAST_KEY_LENGTH}, for "
            "example six words drawn by dice, and keep it apart from the database"
        )
    stretch = Scrypt(salt=salt, length=32, n=_COST, r=_BLOCK, p=_LANES)
    return stretch.derive(key.encode("utf-8"))


def _bound(said: dict[str, str]) -> bytes:
    """What the seal vouches for beside the seed: everything that stands with it in clear."""
    clear = {name: said[name] for name in ("format", "commitment", "salt", "nonce")}
    return json.dumps(clear, sort_keys=True).encode("utf-8")


def _write(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _read(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
