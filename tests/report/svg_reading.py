"""What a reader, or a program that reads aloud, finds in an SVG."""

import re
from dataclasses import dataclass
from itertools import combinations
from xml.etree import ElementTree as Tree

SVG = "{http://www.w3.org/2000/svg}"


def read_svg(svg: str) -> Tree.Element:
    """The parsed drawing; an error when it is not well formed."""
    return Tree.fromstring(svg)


def texts_of(svg: str) -> list[str]:
    """Every text drawn, in order, parts of one text joined."""
    drawn = read_svg(svg).iter(f"{SVG}text")
    return ["".join(node.itertext()).strip() for node in drawn]


def ids_of(svg: str) -> list[str]:
    """Every id of the drawing."""
    return [node.attrib["id"] for node in read_svg(svg).iter() if "id" in node.attrib]


def named_of(svg: str) -> tuple[str, str]:
    """The title and the description."""
    root = read_svg(svg)
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    return title.text or "", description.text or ""


def references_of(svg: str) -> set[str]:
    """The ids that the drawing refers to."""
    return set(re.findall(r'(?:url\(#|href="#)([^)"]+)', svg))


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Level words of a drawing with the box that they take, a little smaller than it is."""

    words: str
    left: float
    right: float
    top: float
    bottom: float


def _style(node: Tree.Element, name: str, otherwise: str) -> str:
    found = re.search(rf"{name}: ([^;]+)", node.attrib.get("style", ""))
    return found.group(1) if found else node.attrib.get(name, otherwise)


def boxes_of(svg: str) -> list[Words]:
    """The boxes of all words that stand level; letters are about half as wide as high."""
    found = []
    for node in read_svg(svg).iter(f"{SVG}text"):
        words, turned = "".join(node.itertext()).strip(), node.attrib.get("transform", "")
        if "rotate(-90" in turned or "x" not in node.attrib or not words:
            continue
        size = float(_style(node, "font-size", "9").removesuffix("px"))
        x, y, width = float(node.attrib["x"]), float(node.attrib["y"]), 0.46 * size * len(words)
        shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[_style(node, "text-anchor", "start")]
        left, top = x - shift * width, y - 0.62 * size
        found.append(Words(words=words, left=left, right=left + width, top=top, bottom=y))
    return found


def overlaps_of(svg: str) -> list[tuple[str, str]]:
    """Pairs of words that stand on each other."""
    return [
        (one.words, other.words)
        for one, other in combinations(boxes_of(svg), 2)
        if one.left < other.right
        and other.left < one.right
        and one.top < other.bottom
        and other.top < one.bottom
    ]


def outside_of(svg: str) -> list[str]:
    """Words that reach beyond the edge of the drawing."""
    width, height = (float(part) for part in read_svg(svg).attrib["viewBox"].split()[2:])
    return [
        box.words
        for box in boxes_of(svg)
        if box.left < -1 or box.right > width + 1 or box.top < -1 or box.bottom > height + 1
    ]
