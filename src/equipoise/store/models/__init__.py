"""The tables of a trial, one noun a file; only actions write them, and only through the gate."""

from equipoise.store.models.access_line import AccessLine
from equipoise.store.models.account import Account, Grant
from equipoise.store.models.allocation import Allocation
from equipoise.store.models.deviation import Deviation
from equipoise.store.models.form_entry import FormEntry
from equipoise.store.models.ledger_line import LedgerLine
from equipoise.store.models.protocol_version import Approval, ProtocolVersion
from equipoise.store.models.query import Query
from equipoise.store.models.sealed_seed import SealedSeed
from equipoise.store.models.signature import Signature
from equipoise.store.models.site import Site
from equipoise.store.models.subject import Subject
from equipoise.store.models.vault import Vault
from equipoise.store.models.verification import Verification

__all__ = [
    "AccessLine",
    "Account",
    "Allocation",
    "Approval",
    "Deviation",
    "FormEntry",
    "Grant",
    "LedgerLine",
    "ProtocolVersion",
    "Query",
    "SealedSeed",
    "Signature",
    "Site",
    "Subject",
    "Vault",
    "Verification",
]
