"""The access log: kept beside the ledger, which tells of deeds; only ever added to as well."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from equipoise.store.models import AccessLine, Account


class Access(StrEnum):
    """What happened at the door; the database knows the same closed list."""

    LOG_IN = "log_in"
    FAILED_LOG_IN = "failed_log_in"
    FAILED_SECOND_FACTOR = "failed_second_factor"
    FAILED_SIGNATURE = "failed_signature"
    LOCK_OUT = "lock_out"
    LOG_OUT = "log_out"
    SESSION_END = "session_end"
    RESET_LINK = "reset_link"
    SECOND_FACTOR_ON = "second_factor_on"
    SECOND_FACTOR_OFF = "second_factor_off"
    RECOVERY_CODES = "recovery_codes"


def record_access(event: Access, *, username: str, address: str, at: datetime) -> None:
    """Adds a line; a user name that no account has is not kept."""
    known = Account.objects.filter(username=username).exists()
    AccessLine.objects.create(
        at=at, event=event.value, username=username if known else "", address=address
    )


def read_access(*, username: str = "", limit: int = 200) -> Iterable[AccessLine]:
    """The newest lines, of one account where it is named."""
    lines = AccessLine.objects.order_by("-pk")
    return (lines.filter(username=username) if username else lines)[:limit]
