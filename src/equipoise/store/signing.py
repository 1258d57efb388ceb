"""Electronic signatures: the password again, a meaning, and the digests of what was signed."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from equipoise.capture.entry import FormEntry as Entry
from equipoise.capture.signature import Meaning, digests_of, signed_digest
from equipoise.store.deed import Put
from equipoise.store.models import Account, Signature
from equipoise.store.refusals import WrongPasswordError
from equipoise.store.tables import Plain, plain


def require_password(username: str, *, password: str) -> None:
    """WrongPasswordError unless it is the signer's password (21 CFR 11.200)."""
    account = Account.objects.filter(username=username).first()
    if account is None or not account.check_password(password):
        raise WrongPasswordError("that is not your password: type it again to sign")


def next_number() -> int:
    """The number of the next signature of the trial."""
    return Signature.objects.count() + 1


def signature_put(
    entries: Iterable[Entry],
    *,
    subject: str,
    signer: str,
    now: datetime,
    about: Mapping[str, Plain] | None = None,
) -> Put:
    """The row of a new signature on these entries, as they are written.

    A signature on eligibility says what it is `about`; one on the casebook is about its entries.
    """
    meaning = Meaning.CASEBOOK if about is None else Meaning.ELIGIBILITY
    covers = digests_of(entries)
    values: dict[str, Plain] = {
        "subject": subject,
        "meaning": meaning.value,
        "signer": signer,
        "printed_name": Account.objects.get(username=signer).name,
        "at": plain(now),
        "covers": {str(entry): digest for entry, digest in covers.items()},
        "about": dict(about or {}),
        "digest": signed_digest(covers, meaning=meaning),
        "is_valid": True,
    }
    return Put(table="signature", key=(str(next_number()),), values=values)
