"""Where the methods of a plan come from, as they are cited."""

import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files

from equipoise.report.plan.outlook import Outlook

SIZES = (
    "casagrande", "cohen", "farrington", "fleiss-levin", "fleiss-tytun", "klein", "lachin", "lu",
    "miettinen", "schemper", "schoenfeld",
)  # fmt: skip
OF_RULES = {
    "lan-demets-obrien-fleming": ("lan-demets", "obrien"),
    "lan-demets-pocock": ("lan-demets", "pocock"),
    "hwang-shih-decani": ("lan-demets", "hwang"),
    "kim-demets": ("lan-demets", "kim"),
    "shares": ("lan-demets",),
    "wang-tsiatis": ("wang",),
    "obrien-fleming": ("obrien",),
    "pocock": ("pocock",),
    "haybittle-peto": ("haybittle", "peto"),
    "bounds": (),
}


def read_citations() -> Mapping[str, str]:
    """Every source by its key, from the file beside the templates."""
    place = files("equipoise.report") / "templates" / "references.toml"
    return tomllib.loads(place.read_text(encoding="utf-8"))


def list_references(outlook: Outlook) -> tuple[str, ...]:
    """The sources of the methods that this page uses, in the order of the alphabet."""
    citations = read_citations()
    return tuple(citations[key] for key in sorted({*SIZES, *_of_looks(outlook)}))


def _of_looks(outlook: Outlook) -> Iterator[str]:
    if outlook.looks is None:
        return
    plan = outlook.looks.looks.design.plan
    yield from ("jennison", "lan-wittes")
    yield from OF_RULES[plan.efficacy.name]
    if plan.futility is not None:
        yield from ("pampallona", *OF_RULES[plan.futility.name])
