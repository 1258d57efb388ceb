"""Many people at once: each in a thread with a connection of its own, all started together."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import transaction

from equipoise.randomise.draw import prove_allocations
from equipoise.randomise.sealed_seed import commitment_of
from equipoise.store.actions.enter_forms import enter_forms
from equipoise.store.actions.randomise import randomise
from equipoise.store.deed import Done
from equipoise.store.models import Allocation, LedgerLine
from equipoise.store.protocol_read import read_protocol_at
from equipoise.store.read_allocations import read_history
from equipoise.store.verify import verify_trial
from store.entries import ELIGIBLE, SEED, STRATA, saving, sign_as_eligible
from store.people import START, by, screen
from store.trial_database import close_connections

Outcome = Done | Exception


def at_once(deeds: Sequence[Callable[[], Done]]) -> list[Outcome]:
    """What each of the deeds came to, all of them started in the same moment."""
    barrier = Barrier(len(deeds))

    def run(deed: Callable[[], Done]) -> Outcome:
        barrier.wait()
        try:
            return deed()
        except Exception as refused:  # noqa: BLE001 - the refusal is the outcome
            return refused
        finally:
            close_connections()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def eligible_subjects(count: int) -> list[str]:
    """Subjects entered and signed, ready to be randomised."""
    with transaction.atomic():
        subjects = [screen() for _ in range(count)]
    savings = [
        saving((subject, *place), text) for subject in subjects for place, text in ELIGIBLE.items()
    ]
    protocol = read_protocol_at("01", now=START)
    enter_forms(savings, protocol=protocol, deed=by("cho", minutes=5), comment="as in the source")
    with transaction.atomic():
        for subject in subjects:
            sign_as_eligible(subject)
    return subjects


def draw_for(subject: str, *, request_id: str = "") -> Callable[[], Done]:
    """The randomisation of a subject, to be started with others."""
    deed = by("cho", minutes=30, request_id=request_id)
    return lambda: randomise(subject, strata=STRATA, seed=SEED, deed=deed)


def require_one_list(subjects: Sequence[str]) -> None:
    """Each subject has one arm, the numbers have no gap, the seed gives every arm, all is whole."""
    rows = list(Allocation.objects.order_by("number").values_list("number", "subject_id"))
    assert [number for number, _ in rows] == list(range(1, len(subjects) + 1))
    assert sorted(subject for _, subject in rows) == sorted(subjects)
    assert LedgerLine.objects.filter(verb="randomise").count() == len(subjects)
    assert prove_allocations(read_history(), seed=SEED, commitment=commitment_of(SEED)) == ()
    assert verify_trial().findings == ()
