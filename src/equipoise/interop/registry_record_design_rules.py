"""Rules about the whole record: size, ratio, eligibility, arms, target and words."""

import re
from collections.abc import Iterator

from equipoise.interop.registry_record import Intervention
from equipoise.interop.registry_record_arms import Comparison, list_distinct_stems, list_stems
from equipoise.interop.registry_record_outcome import RecordReading
from equipoise.interop.registry_record_time import plain_words
from equipoise.interop.registry_record_treatments import (
    has_treatment,
    list_listed_treatments,
    list_treatments,
)
from equipoise.vocab.finding import Finding, Severity

_PEOPLE = (
    r"(?:patients|participants|subjects|adults|women|men|children|infants|individuals|people"
    r"|persons"
    r"|volunteers|survivors|cases|pairs|mothers|neonates|adolescents|boys|girls|residents"
    r"|newborns|babies|toddlers|schoolchildren|students|pupils|veterans|smokers|recipients|donors"
    r"|workers|families|couples|eyes|knees|hips|limbs)"
)
_UNITS = (
    r"(?:years?|months?|weeks?|days?|hours?|minutes|gy|fractions|mg|ml|mm|cm|kg|sites|centres"
    r"|centers"
    r"|hospitals|countries|cycles|doses|percent|units|mmol)"
)
_SIZE = re.compile(
    rf"(?<![.\d:-])(?P<a>\d[\d,]{{0,8}}\d)(?:\s+(?!{_UNITS}\b)[a-z][\w-]*){{0,4}}?\s+{_PEOPLE}\b"
    r"|\bn\s*=\s*(?P<b>\d[\d,]{0,8})|sample size[^.;\d]{0,60}(?P<c>\d[\d,]{0,8})"
    rf"|\b(?:enrol\w*|accrual|recruit\w*|includes?|randomi[sz]es?|total of|total sample|planned)\b"
    rf"[^.;\d]{{0,30}}(?P<d>\d[\d,]{{0,8}}\d)\b(?!\s*-?{_UNITS}|\s*%|:)"
    rf"|{_PEOPLE} (?:\w+ ){{0,4}}\(?(?P<e>\d{{2,8}})\)?(?= (?:in total|overall|will|are))"
    r"|(?P<f>\d{2,8}) (?:\w+ ){0,2}(?:per|in each|in either) (?:arm|group)"
    rf"|(?<![.\d:-])(?P<g>\d[\d,]{{0,8}}\d)(?:\s+(?!{_UNITS}\b)[a-z][\w-]*){{1,3}}\s*[,;]?"
    r" (?:(?:will be|were|are|being) )?(?:randomi|allocat|enrol|recruit)"
)
_RATIO = re.compile(
    r"\b\d+\s*:\s*\d+(?:\s*:\s*\d+)*\b|\b\d+[\s-]to[\s-]\d+\b[^.;]{0,25}\b(?:ratio|randomi|allocat)"
    r"|(?:ratio|randomi\w+|allocat\w+)[^.;]{0,40}\b\d+[\s-]to[\s-]\d+\b|\b1-to-1\b|\b2-to-1\b"
    r"|\bequal(?:ly)?\b[^.;]{0,40}(?:randomi|allocat|assign|ratio|arms|groups|number)"
    r"|(?:randomi\w+|allocat\w+|assign\w+)[^.;]{0,40}\b(?:equal(?:ly)?|evenly)\b"
    r"|\b\d{2,8} (?:\w+ ){0,2}(?:per|in each|in either) (?:arm|group)\b"
)
_ELIGIBILITY = re.compile(
    r"\beligib|\binclusion\b(?! of)|exclusion criteri|\bexclu(?:des?|ded|sion)\b|\baged?\b|years? "
    r"of age"
    r"|\d+ years? (?:or|and) (?:older|over|above|younger)|years? old|\becog\b|\bkarnofsky\b"
    r"|\bmust (?:have|be)\b"
    r"|\b(?:adults?|adolescents|newborns?|neonates|infants|babies|toddlers|children)\b[ ,(]+(?:born"
    r"|with|who|aged|receiving|undergoing|requiring|needing|on|in intensive|admitted)\b"
    rf"|\badults?[ ,(]+\d|\bborn (?:at|before|after)\b|\bhealthy (?:\w+ )?{_PEOPLE}"
    r"|\b(?:on|have|had|having) (?:\w+ ){1,4}for at least \d"
    r"|can be (?:enrolled|included)|will be (?:included"
    r"|eligible)|\bqualif(?:y|ies)\b"
    r"|may (?:enter|enrol|be enrolled|join|take part)|(?:are|is) included if|≥ ?18|who can "
    r"(?:take part|join)"
)
_ONE_ARM = re.compile(r"single[\s-](?:arm|group)|non-?randomi[sz]ed|observational")
_UNNAMED = frozenset({"standard care", "placebo"})
_CONTROL_WORDS = re.compile(
    r"standard|usual|care|supportive|best medical|optimal|control|medical (?:management|therapy"
    r"|treatment)"
    r"|placebo|sham|comparator|conventional|routine|management"
)
_TARGET_SAID = re.compile(
    r"primary (?:tumou?r|site|lesion|kidney|prostate|disease)|all (?:known |visible |index )?"
    r"(?:metasta\w+|lesions|sites)|metastas[ie]s[\s-]directed|each metasta\w+|every metasta\w+"
    r"|(?:to|of) (?:the )?(?:oligo-?)?metasta(?:ses|tic (?:lesions|sites))"
)
_NEAR_TERMS = {
    re.compile(r"\b(?:inductive|inducted|inducing) oligo\w+"): "induced oligometastatic disease",
    re.compile(r"\brepeated oligo\w+"): "repeat oligometastatic disease",
    re.compile(r"\bdenovo oligo\w+"): "de-novo oligometastatic disease",
}
_SPELLINGS = (
    "stereotactic radiotherapy chemotherapy immunotherapy randomised randomized radiation "
    "metastatic oligometastatic progression carcinoma treatment systemic neoplasms prostate "
    "adjuvant neoadjuvant survival intervention controlled conventional hypofractionated "
    "thrombectomy placebo"
).split(" ")


def check_size(reading: RecordReading) -> Iterator[Finding]:
    """A record that says nowhere how many subjects are planned."""
    if read_planned_subjects(_free_words(reading)) is None:
        yield _absent(
            "sample-size-absent",
            message="The record does not say how many participants are planned.",
            mend="Take the planned number from the full registry page or the protocol.",
        )


def read_planned_subjects(text: str) -> int | None:
    """How many participants a text plans; None when it does not say."""
    match = _SIZE.search(plain_words(text))
    if match is None:
        return None
    number = next(group for group in match.groups() if group)
    return int(number.replace(",", "")) * (2 if match.group("f") else 1)


def read_equal_ratio(text: str) -> bool | None:
    """Whether a text allocates the arms equally; None when it names no ratio."""
    match = _RATIO.search(plain_words(text))
    if match is None:
        return None
    shares = re.search(r"(\d+)\s*(?::|-to-|\sto\s)\s*(\d+)", match.group())
    return shares is None or shares.group(1) == shares.group(2)


def check_ratio(reading: RecordReading) -> Iterator[Finding]:
    """A comparison of arms without an allocation ratio."""
    text = _free_words(reading)
    if read_equal_ratio(text) is None and not _ONE_ARM.search(plain_words(text)):
        yield _absent(
            "allocation-ratio-absent",
            message="The record does not say in which ratio the arms are allocated.",
            mend="State the ratio (1:1 unless there is a reason), the method and the strata.",
        )


def check_eligibility(reading: RecordReading) -> Iterator[Finding]:
    """A record that says nowhere who may take part."""
    if not _ELIGIBILITY.search(plain_words(_free_words(reading))):
        yield _absent(
            "eligibility-absent",
            message="The record does not say who may take part.",
            mend="Take the inclusion and exclusion criteria from the full registry page.",
        )


def check_outcomes_present(reading: RecordReading) -> Iterator[Finding]:
    """A record without primary, or without secondary, outcomes."""
    for role, outcomes in (
        ("primary", reading.record.primary),
        ("secondary", reading.record.secondary),
    ):
        if not outcomes:
            yield _absent(
                "outcomes-absent",
                message=f"The record lists no {role} outcome.",
                mend=f"State the {role} outcome, or that there is none, with its time frame.",
            )


def check_comparator_listed(reading: RecordReading) -> Iterator[Finding]:
    """Treatments of the comparator that the list of interventions leaves out."""
    comparison = reading.comparison
    if comparison is None:
        return
    interventions = reading.record.interventions
    comparison = _with_listed_arm_tested(comparison, interventions)
    missing = _list_unlisted(comparison, interventions)
    if missing:
        yield Finding(
            where="interventions",
            code="comparator-intervention-not-listed",
            message=(
                f"The arm '{comparison.reference.label}' has {', '.join(missing)}, which the list "
                "of interventions does not name."
            ),
            found=" | ".join(one.name for one in reading.record.interventions),
            mend=(
                "List what the comparator receives, by name; record the regimen of every subject "
                "and consider it as a stratum and a subgroup."
            ),
        )


def check_local_target(reading: RecordReading) -> Iterator[Finding]:
    """Locoregional treatment in metastatic disease without a word on which site is treated."""
    plain = plain_words(reading.record.words)
    named = re.search(r"loco-?regional (?:radio\w+|radiation|treatment|therapy|surgery)", plain)
    if named and re.search(r"metasta(?:tic|ses)", plain) and not _TARGET_SAID.search(plain):
        yield Finding(
            where="record",
            code="role-of-primary-tumour-open",
            message="Whether the primary tumour, the metastases or both are treated is not said.",
            found=named.group(),
            mend="Record per subject whether the primary is treated; its bed counts as a site.",
            severity=Severity.SOFT,
        )


def check_terms(reading: RecordReading) -> Iterator[Finding]:
    """Words near to, but outside, the terminology of their field."""
    plain = plain_words(reading.record.words)
    for pattern, term in _NEAR_TERMS.items():
        match = pattern.search(plain)
        if match:
            yield Finding(
                where="record",
                code="term-not-standard",
                message=f"'{match.group()}' is not a term of the ESTRO/EORTC classification.",
                found=match.group(),
                mend=f"Map it to '{term}' (ESTRO/EORTC); keep the word in the registry text.",
                severity=Severity.SOFT,
            )


def check_spelling(reading: RecordReading) -> Iterator[Finding]:
    """Misspelt trial words in the title, the conditions, the interventions and the measures."""
    record = reading.record
    labels = [record.title, *record.conditions, *(one.name for one in record.interventions)]
    labels += [outcome.outcome.measure for outcome in reading.outcomes]
    for word in dict.fromkeys(re.findall(r"[A-Za-z]{8,}", " ".join(labels))):
        meant = find_meant_word(word)
        if meant:
            yield Finding(
                where="labels",
                code="spelling",
                message=f"'{word}' is probably '{meant}'.",
                found=word,
                mend=f"Write '{meant}' in labels; keep the registry text as it is.",
                severity=Severity.SOFT,
            )


def find_meant_word(word: str) -> str:
    """The trial word from which `word` differs by one dropped, added or doubled letter, or ""."""
    lower = word.casefold()
    if lower in _SPELLINGS or len(lower) < 8:
        return ""
    for known in _SPELLINGS:
        shorter, longer = sorted((lower, known), key=len)
        same_ends = lower[:3] == known[:3] and lower[-1] == known[-1]
        if same_ends and len(longer) == len(shorter) + 1 and _drops_to(longer, shorter):
            return known
    return ""


def _drops_to(longer: str, shorter: str) -> bool:
    return any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))


def _list_unlisted(comparison: Comparison, interventions: tuple[Intervention, ...]) -> list[str]:
    """What the comparator receives and no listed intervention stands for."""
    reference = comparison.reference
    wanted = reference.treatments - {"observation"}
    if reference.treatments and not wanted:
        return []
    left = [one for one in interventions if not _is_experimental_only(one.name, comparison)]
    if not left and len(interventions) > 1:
        left = list(interventions)
    if not left:
        return sorted(wanted) or [reference.label]
    if wanted & _UNNAMED:
        names = plain_words(" ".join(one.name for one in left))
        named = _CONTROL_WORDS.search(names) or len(interventions) > 1
        wanted = wanted - _UNNAMED - {"drug"}
        return sorted(one for one in wanted if not _stands_for(left, one)) + (
            [] if named else sorted(reference.treatments & _UNNAMED)
        )
    return sorted(one for one in wanted if not _stands_for(left, one))


def _with_listed_arm_tested(
    comparison: Comparison, interventions: tuple[Intervention, ...]
) -> Comparison:
    """The comparison, turned when the one listed intervention is the supposed comparator."""
    turned = Comparison(reference=comparison.experimental, experimental=comparison.reference)
    named = list_treatments(turned.reference.label)
    if named and len(interventions) == 1 and _is_experimental_only(interventions[0].name, turned):
        return turned
    return comparison


def _stands_for(interventions: list[Intervention], treatment: str) -> bool:
    listed = [list_listed_treatments(kind=one.kind, name=one.name) for one in interventions]
    return any(not one or has_treatment(one, wanted=treatment) for one in listed)


def _is_experimental_only(name: str, comparison: Comparison) -> bool:
    """Whether a listed name shares words with the arm under test and none with the comparator."""
    reference, experimental = comparison.reference.label, comparison.experimental.label
    stems = list_stems(name)
    own = list_distinct_stems(experimental, other=reference)
    shared = list_stems(experimental) & list_stems(reference)
    return bool(stems & own) and not stems & (list_stems(reference) - shared)


def _free_words(reading: RecordReading) -> str:
    return "\n".join((reading.record.prose, *reading.record.conditions))


def _absent(code: str, *, message: str, mend: str) -> Finding:
    return Finding(where="record", code=code, message=message, mend=mend)
