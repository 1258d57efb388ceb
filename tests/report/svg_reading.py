"""What a reader, or a program that reads aloud, finds in an SVG."""

import re
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
