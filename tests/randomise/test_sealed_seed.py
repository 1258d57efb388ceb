"""The secret seed: sealed, committed to, the same for ever, and of no use without its key."""

import hashlib
import inspect
import json
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from equipoise.randomise.sealed_seed import (
    SEAL_CHANCE_BYTES,
    SEED_CHANCE_BYTES,
    ChanceRefusedError,
    KeyRefusedError,
    SealRefusedError,
    Seed,
    commitment_of,
    draw_seed,
    open_seed,
    seal_seed,
    uniform_at,
)

KEY = "correct horse battery staple"
CHANCE = bytes(range(SEED_CHANCE_BYTES))
SEED = draw_seed(CHANCE)


def made_chance(length: int, *, by: int) -> bytes:
    return np.random.default_rng(by).bytes(length)


SEALED = seal_seed(SEED, key=KEY, chance=made_chance(SEAL_CHANCE_BYTES, by=1))


def test_the_seed_comes_back_with_its_key() -> None:
    assert open_seed(SEALED, key=KEY) == SEED


def test_the_sealed_text_holds_neither_seed_nor_salt_nor_key() -> None:
    for hidden in (SEED.secret, SEED.salt):
        assert hidden.hex() not in SEALED
        assert hidden not in SEALED.encode()
    assert KEY not in SEALED
    assert json.loads(SEALED)["commitment"] == commitment_of(SEED)


def test_another_key_opens_nothing_and_says_what_to_do() -> None:
    with pytest.raises(KeyRefusedError, match="give the key it was sealed with"):
        open_seed(SEALED, key="correct horse battery stable")


@pytest.mark.parametrize("name", ["salt", "nonce", "sealed", "commitment", "format"])
def test_a_sealed_text_changed_anywhere_does_not_open(name: str) -> None:
    said = json.loads(SEALED)
    said[name] = ("B" if said[name][0] != "B" else "C") + said[name][1:]
    with pytest.raises(KeyRefusedError, match="restore it from a backup"):
        open_seed(json.dumps(said), key=KEY)


@pytest.mark.parametrize("text", ["", "{}", "[]", "3", '{"salt": 1}', SEALED[:-9], "null"])
def test_what_is_no_sealed_text_is_refused(text: str) -> None:
    with pytest.raises(SealRefusedError, match="no sealed seed"):
        open_seed(text, key=KEY)


def test_a_short_key_is_refused_at_sealing_and_at_opening() -> None:
    chance = made_chance(SEAL_CHANCE_BYTES, by=2)
    with pytest.raises(KeyRefusedError, match="has 5 characters"):
        seal_seed(SEED, key="short", chance=chance)
    with pytest.raises(KeyRefusedError, match="at least 16"):
        open_seed(SEALED, key="")


def test_a_new_key_changes_the_seal_and_neither_seed_nor_commitment() -> None:
    again = seal_seed(SEED, key="another key, as long", chance=made_chance(28, by=3))
    assert again != SEALED
    assert json.loads(again)["commitment"] == json.loads(SEALED)["commitment"]
    assert open_seed(again, key="another key, as long") == SEED


@pytest.mark.parametrize("chance", [b"", b"1234567879", bytes(64), b"ab" * 32, CHANCE + b"x"])
def test_bytes_that_are_no_chance_make_no_seed(chance: bytes) -> None:
    with pytest.raises(ChanceRefusedError, match=r"os\.urandom"):
        draw_seed(chance)


def test_no_seed_shows_itself_when_printed() -> None:
    assert repr(SEED) == "Seed()"
    assert str(SEED.secret) not in f"{SEED} {SEED!r}"


@pytest.mark.parametrize("make", [draw_seed, seal_seed, uniform_at, commitment_of, Seed])
def test_there_is_no_default_seed(make: Callable[..., object]) -> None:
    """Stata's ralloc took 1234567879 when none was given: one list for everybody."""
    for parameter in inspect.signature(make).parameters.values():
        assert parameter.default is inspect.Parameter.empty


def test_the_commitment_is_a_salted_digest() -> None:
    said = b"equipoise commitment to the seed of a randomisation, format 1\n"
    assert commitment_of(SEED) == hashlib.sha256(said + SEED.salt + SEED.secret).hexdigest()
    other_salt = Seed(secret=SEED.secret, salt=bytes(32))
    other_secret = Seed(secret=bytes(32), salt=SEED.salt)
    assert len({commitment_of(each) for each in (SEED, other_salt, other_secret)}) == 3


def test_uniform_numbers_never_change_from_one_version_to_another() -> None:
    """Frozen: randomizr, secuTrial and others gave another list for the same seed."""
    known = {1: 0.7422968042412336, 2: 0.9854665360977767, 10**6: 0.7742570140523953}
    assert {number: uniform_at(SEED, sequence=number) for number in known} == known
    assert commitment_of(SEED) == "75a043674c0645bcf611d6bada5c7b7bdd44d7482beb767436e60632b3646dff"


@pytest.mark.parametrize("number", [1, 9, 88, 100_000])
def test_uniform_numbers_are_hmac_as_the_standard_writes_it(number: int) -> None:
    """RFC 2104, section 2: H(K xor opad, H(K xor ipad, text)), with a key of 32 bytes padded."""
    key = SEED.secret + bytes(32)
    text = f"equipoise uniform number of an allocation, format 1\n{number}".encode()
    inner = hashlib.sha256(bytes(each ^ 0x36 for each in key) + text).digest()
    outer = hashlib.sha256(bytes(each ^ 0x5C for each in key) + inner).digest()
    leading = int(outer.hex()[:13], 16)
    assert uniform_at(SEED, sequence=number) == float((leading + Fraction(1, 2)) / 2**52)


def test_uniform_numbers_look_like_chance() -> None:
    drawn = np.array([uniform_at(SEED, sequence=number) for number in range(1, 20_001)])
    assert 0 < drawn.min() < drawn.max() < 1
    counts = np.histogram(drawn, bins=20, range=(0, 1))[0]
    assert ((counts - 1000) ** 2 / 1000).sum() < 43.8  # chi-square, 19 degrees: p = 0.001
    neighbours = np.array(list(pairwise(drawn)))
    assert abs(np.corrcoef(neighbours.T)[0, 1]) < 4 / np.sqrt(20_000)


def test_a_seed_of_another_trial_gives_other_numbers() -> None:
    other = draw_seed(made_chance(SEED_CHANCE_BYTES, by=4))
    same = [uniform_at(SEED, sequence=k) == uniform_at(other, sequence=k) for k in range(1, 100)]
    assert not any(same)


def test_allocations_are_counted_from_one() -> None:
    with pytest.raises(ValueError, match="counted from 1"):
        uniform_at(SEED, sequence=0)
