"""Who reads the whole database, but has no key, knows no more of the next arm than the scheme says.

The arms that were given are there for who may read them; what is tested is that nothing else is.
"""

import base64
import json
import re
from collections.abc import Iterator

import numpy as np
import psycopg
import pytest

from equipoise.protocol.parse import shipped_protocol
from equipoise.randomise.allocate import allocate_in_order
from equipoise.randomise.plan import plan_of
from equipoise.randomise.scheme import Candidate
from equipoise.randomise.schemes import SCHEMES
from equipoise.randomise.sealed_seed import Seed, commitment_of, draw_seed, seal_seed, uniform_at
from equipoise.store.actions.fix_sequence import fix_sequence
from equipoise.store.actions.randomise import randomise
from equipoise.store.deed import OPERATOR
from equipoise.store.embedded import DATABASE, SUPERUSER, Server
from equipoise.store.models import Allocation
from store.contest import eligible_subjects
from store.entries import KEY, SEED, STRATA, give_passwords
from store.people import by, open_sites
from store.trial_database import close_connections, copy_template, keep_as_template

PLAN = plan_of(shipped_protocol())
STRATUM = tuple("any" for _ in PLAN.factors)
OPEN = "trial_open_without_sequence"
Dump = dict[str, list[str]]


@pytest.fixture(scope="module")
def unfixed(trial_server: Server) -> str:
    """The template of an open trial whose sequence is not fixed, with a subject to randomise."""
    copy_template(trial_server)
    open_sites()
    give_passwords()
    keep_as_template(trial_server, template=OPEN)
    return OPEN


def dump(server: Server) -> Dump:
    """Every row of every table as text, as the superuser reads it: bytes in hexadecimal digits."""
    close_connections()
    with psycopg.connect(server.url(SUPERUSER, database=DATABASE)) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = [str(name) for (name,) in found.fetchall()]
        return {
            name: sorted(
                str(row) for (row,) in connection.execute(f'SELECT t::text FROM "{name}" t')
            )
            for name in names
        }


def spellings(hidden: bytes) -> Iterator[str]:
    """How bytes may stand in a text."""
    yield hidden.hex()
    for spelt in (base64.b64encode(hidden), base64.urlsafe_b64encode(hidden)):
        yield spelt.decode().rstrip("=")
    yield str(int.from_bytes(hidden, "big"))
    yield str(int.from_bytes(hidden, "little"))


def fix(seed: Seed, *, by_chance: int) -> None:
    chance = np.random.default_rng(by_chance).bytes(28)
    fix_sequence(seed, sealed=seal_seed(seed, key=KEY, chance=chance), deed=by(OPERATOR))


def test_no_table_holds_the_seed_the_key_or_a_number_of_the_list(
    trial_server: Server, unfixed: str
) -> None:
    copy_template(trial_server, template=unfixed)
    fix(SEED, by_chance=1)
    for number, subject in enumerate(eligible_subjects(4)):
        randomise(subject, strata=STRATA, seed=SEED, deed=by("cho", minutes=30 + number))
    assert Allocation.objects.count() == 4
    rows = "\n".join(row for rows in dump(trial_server).values() for row in rows)
    for hidden in (SEED.secret, SEED.salt, KEY.encode()):
        assert [spelt for spelt in spellings(hidden) if spelt in rows] == []
    assert KEY not in rows
    assert commitment_of(SEED) in rows
    numbers = [uniform_at(SEED, sequence=number) for number in range(1, 200)]
    assert [n for n in numbers if f"{n:.9f}"[1:] in rows or repr(n) in rows] == []


def test_the_whole_database_is_the_same_whichever_list_is_to_come(
    trial_server: Server, unfixed: str
) -> None:
    """Two lists that part at the first subject: seal, commitment and digests differ."""
    lists = {arms_of(seed, 1): seed for seed in seeds(20)}
    assert lists.keys() == {"A", "B"}
    dumps = []
    for seed in lists.values():
        copy_template(trial_server, template=unfixed)
        fix(seed, by_chance=2)
        dumps.append(dump(trial_server))
    one, other = dumps
    assert {name for name in one if one[name] != other[name]} == {"ledger_line", "sealed_seed"}
    (mine,), (theirs,) = (  # the line that fixes the sequence
        set(said["ledger_line"]) - set(those["ledger_line"])
        for said, those in ((one, other), (other, one))
    )
    assert re.sub("[0-9a-f]{64}", "-", mine) == re.sub("[0-9a-f]{64}", "-", theirs)
    assert commitment_of(lists["A"]) in (mine + theirs)


def test_block_sizes_stand_in_the_text_of_the_protocol_and_nowhere_else(
    trial_server: Server, unfixed: str
) -> None:
    """No role at a site is given that text whole (tests of pages and of the ledger's export)."""
    copy_template(trial_server, template=unfixed)
    told = {
        name: sum("block_sizes" in row for row in rows) for name, rows in dump(trial_server).items()
    }
    assert {name: count for name, count in told.items() if count} == {
        "ledger_line": 1, "protocol_version": 1,
    }  # fmt: skip


def seeds(many: int, *, by_chance: int = 3) -> list[Seed]:
    chance = np.random.default_rng(by_chance)
    return [draw_seed(chance.bytes(64)) for _ in range(many)]


def arms_of(seed: Seed, many: int) -> str:
    """The arms of the first subjects of a trial, all of one stratum."""
    subjects = [Candidate(subject=str(number), stratum=STRATUM) for number in range(many)]
    uniforms = [uniform_at(seed, sequence=number + 1) for number in range(many)]
    scheme = SCHEMES[PLAN.scheme]
    return "".join(allocate_in_order(subjects, plan=PLAN, scheme=scheme, uniforms=uniforms))


def worst_bit(trials: list[Seed], arms: list[str]) -> float:
    """How far the bit of the commitment that tells most of the arm is from telling nothing."""
    said = np.array([list(bytes.fromhex(commitment_of(seed))) for seed in trials], np.uint8)
    bits = np.unpackbits(said, axis=1) * 2.0 - 1.0
    values = np.array([1.0 if arm == "A" else -1.0 for arm in arms])
    centred = values - values.mean()
    return float(abs(bits.T @ centred).max() / np.sqrt((centred**2).sum()))


def test_who_knows_the_arms_so_far_and_all_that_is_stored_knows_what_the_scheme_says() -> None:
    """After A, B, A in a block of 4 or 6 the fourth arm is B in 84 of 100 trials, and no more.

    By hand: a block of 4 begins so in 1 of 6 and then ends with B; one of 6 in 3 of 20, and then B
    comes in 2 of 3. (1/6 + 3/20 x 2/3) / (1/6 + 3/20) = 16/19.
    """
    assert (PLAN.scheme, PLAN.block_sizes) == ("permuted_blocks", (4, 6))
    trials = [seed for seed in seeds(6000) if arms_of(seed, 3) == "ABA"]
    arms = [arms_of(seed, 4)[3] for seed in trials]
    assert len(trials) > 800
    share, error = 16 / 19, np.sqrt(16 / 19 * 3 / 19 / len(trials))
    assert abs(arms.count("B") / len(trials) - share) < 3.5 * error
    assert worst_bit(trials, arms) < 4.5  # of 256 standard normal numbers: once in 580 times


def test_no_bit_of_the_commitment_tells_the_first_arm() -> None:
    trials = seeds(3000, by_chance=4)
    arms = [arms_of(seed, 1) for seed in trials]
    assert abs(arms.count("A") - 1500) < 3.5 * np.sqrt(3000) / 2
    assert worst_bit(trials, arms) < 4.5


def test_a_bit_that_did_tell_would_be_found() -> None:
    trials = seeds(3000, by_chance=5)
    told = [("A" if int(commitment_of(seed)[0], 16) < 8 else "B") for seed in trials]
    given = [arm if number % 5 == 0 else "AB"[number % 2] for number, arm in enumerate(told)]
    assert worst_bit(trials, given) > 8


def test_a_seed_is_sealed_anew_each_time_to_as_many_bytes_as_another() -> None:
    chance = np.random.default_rng(6)
    one, other = seeds(2, by_chance=7)
    seals = [json.loads(seal_seed(seed, key=KEY, chance=chance.bytes(28))) for seed in (one, one)]
    seals.append(json.loads(seal_seed(other, key=KEY, chance=chance.bytes(28))))
    assert len({said["sealed"] for said in seals}) == len({said["nonce"] for said in seals}) == 3
    assert seals[0]["commitment"] == seals[1]["commitment"] != seals[2]["commitment"]
    assert len({len(said["sealed"]) for said in seals}) == 1
