"""Treatments in the words of a registry, and which of them contain which others."""

import re

from equipoise.interop.registry_record_time import plain_words

TREATMENTS: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "radiotherapy": r"radiothera|\bradiation|irradiat|\bsbrt\b|\bsabr\b|stereota\w+ (?:body"
        r"|abl)"
        r"|brachythera|\bproton\b|\bimrt\b|\brt\b|chemo-?radi|radio-?chemo|\bwbrt\b|radiosurg"
        r"|\bsrs\b"
        r"|fractionat|\bgy\b|\bpci\b(?= .*(?:cranial|brain))",
        "surgery": r"\bsurg|\bresect|(?<!thromb)(?<!embol)ectomy\b|\boperati|\bpost-?(?:operat"
        r"|surg)"
        r"|\bbypass"
        r"|arthroplasty|\btransplant|\bexcision|\bcabg\b|\bamputat",
        "ablation": r"\bablat(?!ive)|cryo|radiofrequency|\bhifu\b",
        "thrombectomy": r"thrombectomy|embolectomy|endovascular|clot retriev",
        "stent": r"\bstent|percutaneous coronary|angioplasty|\bpci\b(?! .*(?:cranial|brain))",
        "device": r"pacemaker|defibrillator|\bdevice|\bimplant|\bcpap\b|resynchroni|monitor\b",
        "chemotherapy": r"chemothera|\bchemo|platin\b|taxel\b|folfox|folfiri|capox|xelox"
        r"|capecitabine"
        r"|gemcitabine|temozolomide|\btmz\b|fluorouracil|\b5-?fu\b|irinotecan|etoposide|pemetrexed"
        r"|cyclophosphamide|rubicin\b|methotrexate|vinorelbine|chop\b|fludarabine|chlorambucil"
        r"|vincristine|\bpcv\b",
        "immunotherapy": r"immuno-?thera|checkpoint|limumab|lizumab|lumab\b|\bcar-?t\b|vaccin"
        r"|\bimmuni[sz]ation",
        "endocrine": r"hormon|endocrine|androgen|\badt\b|tamoxifen|trozole\b|exemestane|fulvestrant"
        r"|lutamide\b|abiraterone|relin\b|relix\b",
        "targeted": r"\btargeted|nib\b|parib\b|ciclib\b|(?<!lu)(?<!iz)mab\b|limus\b",
        "systemic treatment": r"systemic (?:anti-?cancer |standard )?(?:treatment|therap|agent)",
        "thrombolysis": r"thrombolysis|alteplase|tenecteplase|\bt-?pa\b|teplase\b",
        "drug": r"\bdrug|medication|medical (?:treatment|therap|management)|pharmaco|gliflozin\b"
        r"|statin\b|sartan\b|\w{3}pril\b|olol\b|tide\b|gliptin\b|metformin|insulin|xaban\b|gatran\b"
        r"|warfarin|aspirin|clopidogrel|grelor\b|antiplatelet|anticoagul|heparin|spironolactone"
        r"|renone\b|antibiotic|cillin\b|mycin\b|steroid|sone\b|solone\b|colchicine|ivabradine"
        r"|\biron\b"
        r"|carboxymaltose|dipine\b|vitamin",
        "exercise": r"exercise|rehabilit|physiothera|physical thera|training|walking program",
        "behaviour": r"behaviou?r|counsel|education|psychothera|cognitive|lifestyle|\bdiet|coaching"
        r"|self-management|telemonitor|\bapp\b|mindful",
        "dialysis": r"dialysis|h(?:a?)emofiltration",
        "transfusion": r"transfusion",
        "standard care": r"standard (?:of )?care|usual care|routine care|(?:best )?supportive care"
        r"|best medical|optimal medical|guideline-directed|conventional care|standard management"
        r"|standard medical|standard treatment|standard therapy|conservative",
        "observation": r"observation|surveillance|watchful|\bwait|no (?:further |adjuvant "
        r"|additional )?"
        r"(?:treatment|therapy|intervention)|deferred|delayed",
        "placebo": r"placebo|\bsham\b",
    }.items()
}
WITHIN: dict[str, str] = {
    "chemotherapy": "systemic treatment",
    "immunotherapy": "systemic treatment",
    "endocrine": "systemic treatment",
    "targeted": "systemic treatment",
    "systemic treatment": "drug",
    "thrombolysis": "drug",
}
PASSIVE = frozenset({"observation", "placebo", "standard care"})
LOCAL = frozenset({"radiotherapy", "surgery", "ablation", "stent", "thrombectomy"})
_LISTED_AS: dict[str, str] = {
    "DRUG": "drug",
    "BIOLOGICAL": "drug",
    "RADIATION": "radiotherapy",
    "DEVICE": "device",
    "BEHAVIORAL": "behaviour",
    "BEHAVIOURAL": "behaviour",
}


def list_treatments(text: str) -> frozenset[str]:
    """The treatments that `text` names."""
    plain = plain_words(text)
    return frozenset(name for name, pattern in TREATMENTS.items() if pattern.search(plain))


def list_listed_treatments(*, kind: str, name: str) -> frozenset[str]:
    """The treatments that a listed intervention stands for, by its name, else by its kind."""
    listed = _LISTED_AS.get(kind)
    return list_treatments(name) or (frozenset({listed}) if listed else frozenset())


def is_same_line(first: str, *, second: str) -> bool:
    """Whether one of two treatments contains the other (chemotherapy is a systemic treatment)."""
    return second in _line(first) or first in _line(second)


def has_treatment(treatments: frozenset[str], *, wanted: str) -> bool:
    """Whether `wanted`, or what contains it or lies within it, is among the treatments."""
    return any(is_same_line(one, second=wanted) for one in treatments)


def _line(name: str) -> tuple[str, ...]:
    line = [name]
    while line[-1] in WITHIN:
        line.append(WITHIN[line[-1]])
    return tuple(line)
