"""The balance of the allocations so far; who looks is recorded."""

from equipoise.capture.roles import Verb
from equipoise.randomise.balance import Balance, measure_balance
from equipoise.randomise.plan import plan_of
from equipoise.store.deed import Decision, Deed, Place
from equipoise.store.gate import perform
from equipoise.store.protocol_read import read_leading
from equipoise.store.read_allocations import read_history


def read_balance(reader: Deed) -> Balance:
    """Counts by arm overall, by level and by stratum; a line of the ledger says who read them."""
    perform(Verb.READ_BALANCE, deed=reader, place=Place(), asked={}, decide=lambda _now: Decision())
    return measure_balance(read_history(), plan=plan_of(read_leading(now=reader.at)))
