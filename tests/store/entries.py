"""The entries of one eligible subject, as its site would type them."""

import os
from collections.abc import Mapping

from equipoise.capture.lifecycle import Confirmation
from equipoise.randomise.sealed_seed import Seed, draw_seed, seal_seed
from equipoise.store.actions.change_form import change_form
from equipoise.store.actions.complete_form import complete_form
from equipoise.store.actions.fix_sequence import fix_sequence
from equipoise.store.actions.save_form import save_form
from equipoise.store.actions.sign_eligibility import sign_eligibility
from equipoise.store.deed import OPERATOR, Done
from equipoise.store.entry_place import EntryPlace
from equipoise.store.entry_saving import Saving
from equipoise.store.models import Account
from store.people import by

PASSWORD = "correct horse battery"
KEY = "six words drawn by dice make a key"
STRATA = {"omd_induced": "N", "n_mets": "1-3", "imdc": "fav"}
ELIGIBLE: Mapping[tuple[str, ...], str] = {
    ("dm",): "site=01 sex=M birth_year=1961",
    ("icf",): "consent_date=2026-03-01 consent_version=1.0",
    ("diag",): "primary_date=2024-01-10 histology=clear_cell nephrectomy=done "
    "nephrectomy_date=2024-02-01 first_metastasis_date=2026-02-10",
    ("ie",): "sbrt_amenable=Y staging_date=2026-02-20 cns_metastases=N ild=N autoimmune=N "
    "pregnant=@not_applicable second_malignancy=N overlap_rt=N",
    ("omd",): "poly_history=N oligo_history=N late_metastasis=Y on_systemic_therapy=N "
    "max_lesions_ever=1 omd_date=2026-02-10",
    ("les_bl", "L01"): "role=target kind=non_nodal site=lung side=left scan_date=2026-02-20 "
    "method=ct slice_mm=3 ld_mm=22 appearance=solid prior_rt=N intend_sbrt=Y",
    ("imdc",): "kps=90 lab_date=2026-02-25 hb_g_dl=14 hb_lln_g_dl=13 calcium_mg_dl=9 "
    "calcium_uln_mg_dl=10 anc_10e9_l=4 anc_uln_10e9_l=7 platelets_10e9_l=250 "
    "platelets_uln_10e9_l=400",
}


def typed(text: str) -> dict[str, str]:
    """`weight_kg=71.2 sex=M` as the values of a form."""
    return dict(pair.split("=", 1) for pair in text.split())


def saving(
    place: tuple[str, ...],
    text: str,
    *,
    seen: int = 0,
    confirmations: tuple[Confirmation, ...] = (),
) -> Saving:
    """A saving of the entry (subject, form, key ...)."""
    subject, form, *key = place
    where = EntryPlace(subject=subject, form=form, key=tuple(key))
    return Saving(place=where, values=typed(text), seen=seen, confirmations=confirmations)


def draft(
    place: tuple[str, ...], text: str, *, seen: int = 0, actor: str = "cho", minutes: float = 5
) -> Done:
    """A draft saved."""
    return save_form(saving(place, text, seen=seen), deed=by(actor, minutes=minutes))


def completed(
    place: tuple[str, ...], text: str, *, seen: int = 0, actor: str = "cho", minutes: float = 5
) -> Done:
    """A form completed."""
    return complete_form(saving(place, text, seen=seen), deed=by(actor, minutes=minutes))


def changed(
    place: tuple[str, ...], text: str, *, seen: int, actor: str = "cho", reason: str = "misread"
) -> Done:
    """A complete form changed."""
    return change_form(saving(place, text, seen=seen), deed=by(actor, minutes=60, reason=reason))


def enter_eligible(subject: str, *, actor: str = "cho") -> None:
    """Everything that makes the subject eligible, complete."""
    for place, text in ELIGIBLE.items():
        completed((subject, *place), text, actor=actor)


def give_passwords() -> None:
    """One password for everybody, hashed once; what the action does is tested elsewhere."""
    account = Account.objects.get(username="ivy")
    account.set_password(PASSWORD)
    Account.objects.update(password=account.password)


SEED = draw_seed(bytes(range(64)))


def fix_seed(seed: Seed = SEED) -> None:
    """The sequence of the trial fixed."""
    fix_sequence(seed, sealed=seal_seed(seed, key=KEY, chance=os.urandom(28)), deed=by(OPERATOR))


def sign_as_eligible(subject: str, *, actor: str = "ivy") -> Done:
    """Eligibility signed by the investigator."""
    deed = by(actor, minutes=20)
    return sign_eligibility(subject, strata=STRATA, password=PASSWORD, deed=deed)
