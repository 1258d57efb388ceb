"""Rules about what is measured: criteria, site, unit of analysis and grade."""

import re
from collections.abc import Iterator

from equipoise.interop.registry_record_arms import Comparison, arm_has
from equipoise.interop.registry_record_kinds import EndpointKind
from equipoise.interop.registry_record_outcome import (
    Grading,
    OutcomeReading,
    RecordReading,
)
from equipoise.interop.registry_record_time import plain_words
from equipoise.interop.registry_record_treatments import LOCAL, list_treatments
from equipoise.vocab.finding import Finding, Severity

_JUDGED = (
    EndpointKind.PROGRESSION_FREE_SURVIVAL,
    EndpointKind.TIME_TO_PROGRESSION,
    EndpointKind.RESPONSE,
    EndpointKind.RESPONSE_DURATION,
)
_CRITERIA = re.compile(
    r"recist|\bi?rano\b|lugano|cheson|imwg|pcwg|criteri|mrecist|percist|iwcll|iwg\b|\beln\b"
    r"|independent|blinded|assessor|investigator|central(?:ly)?\b|adjudicat|\bbicr\b|reviewer"
    r"|masked"
)
_SITE = re.compile(
    r"\b(?P<by>radiation(?: therapy)?|radiotherapy|irradiat\w+|radiated|sbrt|sabr|treated"
    r"|treatment|operated|surgical"
    r"|operation|\w*ablat\w+|stented|resect\w+|resection|surgery)[\s-](?:\w+ ){0,1}?"
    r"(?:sites?|lesions?|fields?|areas?|regions?|volumes?|tumou?rs?|metastas[ie]s|segments?"
    r"|vessels?)\b"
    r"(?! infection)"
    r"|\bin-?field|(?:planning|clinical) target volume|\bptv\b"
    r"|(?:sites?|lesions?|metastas[ie]s) (?:\w+ )?(?P<after>treated|irradiated|ablated|operated)"
)
_SITE_DEFINED = re.compile(
    r"\bindex (?:lesion|site|metasta|tumou?r)|pre-?specified|pre-?defined|designated"
    r"|\b(?:identified|defined|chosen|listed|selected|marked|present|recorded|known)\b[^.;]{0,40}"
    r"\b(?:before|at|prior to)\b|\bat baseline\b|in both (?:arms|groups)|same sites?\b"
)
_PROSE_SITE_DEFINED = re.compile(
    r"(?:lesions?|sites?|metasta\w+|regions?)\b[^.;]{0,100}\b(?:before|prior to|at) "
    r"(?:randomi|baseline|enrol|allocat)"
    r"|(?:before|prior to|at) (?:randomi\w+|baseline|enrol\w+|allocat\w+)[^.;]{0,100}(?:lesions?"
    r"|sites?|metasta)"
)
_MANY_SITES = re.compile(
    r"(?<!distant )metasta(?:t|s)\w+(?![\s-]free)|\blesions\b|oligo-?(?:met|prog|rec)|multiple"
    r"|bilateral|multifocal"
)
_COUNTED_SITE = re.compile(
    r"\blesions? (?:response|healing|closure|clearance)|\b(?:ulcers?|wounds?) (?:healing|closure)"
    r"|\bgrafts? (?:patency|occlusion)|\bpatency\b|\b(?:teeth|tooth|implants?) (?:survival|loss"
    r"|failure)"
    r"|\b(?:healed|treated|closed) (?:lesions|ulcers|wounds)|\bcaries\b"
)
_SINGLE_SITE = re.compile(
    r"\b(?:target|index|study|worst|largest|single|solitary|1) "
    r"(?:ulcer|wound|lesion|eye|graft|tooth|site|tumou?r|metastasis|limb)\b|\bany (?:index "
    r"|treated )?"
    r"(?:lesion|site)"
)
_SCALE = re.compile(
    r"ctcae|common (?:terminology|toxicity)|\bnci\b|\brtog\b|\blent\b|clavien|\btoxicit(?:y|ies)\b"
)
_ALL_GRADES = re.compile(
    r"any[\s-]grade|(?:all|any|each|every|worst|maximum|highest|by|of any) (?:\w+ )?(?:grade"
    r"|toxicity grade)"
    r"|graded|grades\b|severity|classif|by type|serious|dose[\s-]limiting"
    r"|(?:number|incidence|rate|proportion|frequency|percentage|occurrence) of (?:[\w-]+ "
    r"){0,4}adverse"
)


def check_criteria(reading: RecordReading) -> Iterator[Finding]:
    """Outcomes judged from images or signs, in a record that names neither criteria nor judge."""
    if _CRITERIA.search(plain_words(reading.record.words)):
        return
    for outcome in reading.outcomes:
        if outcome.kind in _JUDGED:
            yield Finding(
                where=outcome.where,
                code="assessor-or-criteria-absent",
                message=f"Nobody and no criteria are named that judge {outcome.kind.value}.",
                found=outcome.outcome.text,
                mend=(
                    "Name criteria (for solid tumours RECIST 1.1), the assessor (blinded central "
                    "review if available, else investigator) and the rules for dates and censoring."
                ),
                severity=Severity.SOFT,
            )


def check_treated_site(reading: RecordReading) -> Iterator[Finding]:
    """Comparisons of a site that is named by a treatment which the comparator does not have."""
    comparison = reading.comparison
    if comparison is None or _PROSE_SITE_DEFINED.search(plain_words(reading.record.prose)):
        return
    for outcome in reading.outcomes:
        plain = plain_words(f"{outcome.outcome.measure}; {outcome.outcome.description}")
        match = _SITE.search(plain)
        if match is None or not outcome.is_compared or _SITE_DEFINED.search(plain):
            continue
        if _is_only_experimental(match, comparison):
            yield Finding(
                where=outcome.where,
                code="irradiated-site-undefined-in-comparator",
                message=(
                    f"'{match.group().strip()}' has no counterpart in the arm "
                    f"'{comparison.reference.label}'."
                ),
                found=match.group().strip(),
                mend=(
                    "Define index lesions in every subject before randomisation: those that "
                    "would be "
                    "treated if the subject were allocated to the arm under test."
                ),
            )


def check_unit(reading: RecordReading) -> Iterator[Finding]:
    """Outcomes about sites, of which a subject may have several, without a unit of analysis."""
    if re.search(
        r"unit of analysis|(?:lesion|patient|participant)-level", plain_words(reading.record.prose)
    ):
        return
    for outcome in reading.outcomes:
        if not outcome.unit and _may_have_many_sites(outcome, reading):
            yield Finding(
                where=outcome.where,
                code="unit-of-analysis-open",
                message="Whether each site counts, of which a subject may have several, is open.",
                found=outcome.outcome.measure,
                mend=(
                    "Primary: per site, with subjects as clusters and death competing; supportive: "
                    "per subject, any failed site."
                ),
            )


def check_grade(reading: RecordReading) -> Iterator[Finding]:
    """Adverse events for which one grade is named without a word on the higher ones, or none."""
    for outcome in reading.outcomes:
        if outcome.kind is not EndpointKind.ADVERSE_EVENT:
            continue
        if outcome.grading is Grading.EXACT:
            yield _grade_finding(outcome, "One grade is named; whether higher ones count is open.")
        elif outcome.grading is Grading.NONE and _wants_grade(outcome):
            yield _grade_finding(outcome, "No grade is named from which events count.")


def _is_only_experimental(match: re.Match[str], comparison: Comparison) -> bool:
    """Whether the treatment that names a site is one which only the arm under test has."""
    reference, experimental = comparison.reference, comparison.experimental
    words = match.group("by") or match.group("after") or ""
    named = list_treatments(words.replace("irradiated", "irradiation")) & LOCAL
    if re.search(r"in-?field|target volume|\bptv\b|radiated", match.group()):
        named = frozenset({"radiotherapy"})
    if not named and reference.treatments & LOCAL:
        return False
    wanted = named or LOCAL & experimental.treatments
    return bool(reference.treatments) and any(
        arm_has(experimental, wanted=one) and not arm_has(reference, wanted=one) for one in wanted
    )


def _may_have_many_sites(outcome: OutcomeReading, reading: RecordReading) -> bool:
    measure = plain_words(outcome.outcome.measure)
    if _SINGLE_SITE.search(plain_words(outcome.outcome.text)):
        return False
    if outcome.kind is EndpointKind.LOCAL_CONTROL:
        record = reading.record
        around = "\n".join((outcome.outcome.text, record.title, *record.conditions, record.summary))
        return bool(_MANY_SITES.search(plain_words(around)))
    return bool(_COUNTED_SITE.search(measure))


def _wants_grade(outcome: OutcomeReading) -> bool:
    plain = plain_words(f"{outcome.outcome.measure}; {outcome.outcome.description}")
    return bool(_SCALE.search(plain)) and not (outcome.unit or _ALL_GRADES.search(plain))


def _grade_finding(outcome: OutcomeReading, message: str) -> Finding:
    return Finding(
        where=outcome.where,
        code="grade-open",
        message=message,
        found=f"{outcome.outcome.measure}; {outcome.outcome.description}".rstrip("; "),
        mend="Count the named grade and all higher ones (3 means 3 to 5); tabulate each.",
    )
