"""Names of structures of a plan by AAPM TG-263: valid ones, and what was meant by others.

Source: Mayo 2018, Int J Radiat Oncol Biol Phys 100:1057 (AAPM TG-263); the names that dose limits
and plans of this kind of trial use.
"""

import re
from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches

from equipoise.vocab.finding import Finding

LONGEST = 16  # TG-263: names of at most 16 characters, unique whatever their case
_SIDED = (
    "BrachialPlex Lung Kidney Kidney_Hilum Glnd_Adrenal OpticNrv Cochlea Femur_Head Chestwall"
).split()
_WHOLE = (
    "SpinalCord SpinalCanal CaudaEquina SacralPlex Esophagus Heart Pericardium GreatVes A_Aorta "
    "A_Pulmonary V_Venacava_I V_Venacava_S Trachea Bronchus Bronchus_Main Lungs Lungs-GTV "
    "Lungs-ITV Rib Chestwall Skin Stomach Duodenum Jejunum_Ileum Bowel Bowel_Small Bowel_Large "
    "Bag_Bowel Colon Rectum Bladder Bladder_Wall Kidneys Kidney_Cortex Liver Liver-GTV "
    "BileDuct_Common Pancreas Spleen Brain Brainstem OpticChiasm Nrv_Root VB External"
).split()
STRUCTURES = frozenset([*_WHOLE, *(f"{name}_{side}" for name in _SIDED for side in "LR")])
MEANT = {
    "bowelbag": "Bag_Bowel",
    "ribs": "Rib",
    "brachialplexus": "BrachialPlex_L or BrachialPlex_R",
    "proxbronchtree": "Bronchus_Main",
    "body": "External",
    "glnd_adrenal": "Glnd_Adrenal_L or Glnd_Adrenal_R",
    "chiasm": "OpticChiasm",
}
_MARGIN = re.compile(r"(?P<organ>.+)_PRV[0-9]{2}")
_TARGET = re.compile(r"(GTV|CTV|ITV|PTV)[A-Za-z]?(_[0-9]{2})?(_[0-9]{3,5})?")


def is_structure(name: str) -> bool:
    """Whether a name is valid: an organ, an organ with a margin in mm (`_PRV03`), or a target."""
    if len(name) > LONGEST:
        return False
    margin = _MARGIN.fullmatch(name)
    organ = margin["organ"] if margin else name
    return organ in STRUCTURES or _TARGET.fullmatch(name) is not None


def suggest_structure(name: str) -> str:
    """The valid name that was probably meant; empty where none is near."""
    margin = re.fullmatch(r"(.+?)(_PRV\d*)", name, flags=re.IGNORECASE)
    organ = margin[1] if margin else name
    known = {each.lower(): each for each in sorted(STRUCTURES)}
    asked = organ.lower()
    near = get_close_matches(asked, list(known), n=1, cutoff=0.75)
    return MEANT.get(asked, "") or known.get(asked, "") or (known[near[0]] if near else "")


def check_structures(names: Iterable[str], *, where: str) -> tuple[Finding, ...]:
    """A finding for each name that TG-263 does not have, and for names that differ only in case."""
    given = tuple(names)
    found = [_unknown(name, where) for name in given if not is_structure(name)]
    times = Counter(name.lower() for name in given)
    twice = sorted({name for name in given if times[name.lower()] > 1})
    if twice:
        found.append(
            Finding(
                where=where,
                code="structure-twice",
                message="names of structures differ in nothing but their case.",
                found=", ".join(twice),
                mend="Keep one, or name them apart.",
            )
        )
    return tuple(found)


def _unknown(name: str, where: str) -> Finding:
    meant = suggest_structure(name)
    long = f"It has {len(name)} characters; at most {LONGEST} are allowed. "
    mend = f"Write {meant}." if meant else "Write a name of AAPM TG-263."
    return Finding(
        where=where,
        code="unknown-structure",
        message="the name of the structure is not valid.",
        found=name,
        mend=(long if len(name) > LONGEST else "") + mend,
    )
