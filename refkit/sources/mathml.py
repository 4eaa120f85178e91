"""MathML → TeX, as far as titles and abstracts go (presentation elements of MathML 3, W3C Recommendation, chapter
3)."""

from __future__ import annotations

import html
import re
from xml.etree import ElementTree

from refkit.formats.texmath import COMMANDS

_BY_CHARACTER = {char: f"\\{name}" for name, char in reversed(COMMANDS.items()) if len(char) == 1}
_BY_CHARACTER |= {
    "−": "-",
    "\u2062": "",
    "\u2061": "",
    "\u2063": "",
    "\u2064": "",
    "\u2009": "\\,",
    "\u2003": "\\quad ",
    "’": "'",
    "′": "'",
    "*": "*",
}
_ACCENTS = {
    "¯": "bar",
    "\u0304": "bar",
    "‾": "overline",
    "^": "hat",
    "ˆ": "hat",
    "\u0302": "hat",
    "~": "tilde",
    "˜": "tilde",
    "→": "vec",
    "\u20d7": "vec",
    "˙": "dot",
    ".": "dot",
    "¨": "ddot",
    "_": "underline",
}
_FONTS = {
    "bold": "mathbf",
    "double-struck": "mathbb",
    "script": "mathcal",
    "fraktur": "mathfrak",
    "bold-italic": "boldsymbol",
    "sans-serif": "mathsf",
}
_SPECIAL = {
    "%": "\\%",
    "#": "\\#",
    "&": "\\&",
    "$": "\\$",
    "_": "\\_",
    "{": "\\{",
    "}": "\\}",
    "~": "\\sim ",
    "\\": "\\backslash ",
}


def to_tex(mathml: str) -> str:
    """The TeX of one `<math>` element, without `$`; of what is not well-formed, its text.

    Parameters: `mathml`, the element as written, with or without a namespace prefix.
    """
    # Prefixes without a declaration are the rule in Crossref records, and namespaces say nothing here.
    bare = re.sub(r"<(/?)[A-Za-z][\w.-]*:", r"<\1", mathml)
    bare = re.sub(r"\s[\w.-]+:[\w.-]+\s*=\s*(\"[^\"]*\"|'[^']*')", "", bare)
    bare = re.sub(r"\sxmlns\s*=\s*(\"[^\"]*\"|'[^']*')", "", bare)
    bare = re.sub(r"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)(\w+);", lambda m: html.unescape(m[0]), bare)
    bare = re.sub(r"&(?!\w+;|#)", "&amp;", bare)
    try:
        tex = _element(ElementTree.fromstring(bare))
    except (ElementTree.ParseError, RecursionError):  # not well-formed, or a thousand deep
        return _text(html.unescape(re.sub(r"<[^<>]*>", " ", mathml)))
    return re.sub(r" {2,}", " ", tex).strip()


def _text(text: str) -> str:
    out = []
    for char in " ".join(text.split()):
        tex = _SPECIAL.get(char) or _BY_CHARACTER.get(char, char)
        out.append(f"{tex} " if tex.startswith("\\") and tex[-1].isalpha() else tex)
    return "".join(out)


def _group(tex: str) -> str:
    return "{" + tex.strip() + "}"


def _element(node: ElementTree.Element) -> str:
    name = node.tag.lower() if isinstance(node.tag, str) else ""
    children = list(node)
    if name in ("annotation", "annotation-xml", "mphantom", "none", "mprescripts", "maligngroup", "malignmark"):
        return ""
    if name in ("mi", "mn", "mo", "mtext", "ms"):
        return _token(node, name)
    if name == "mspace":
        return "\\ "
    parts = [_element(child) for child in children]
    if name in _SCRIPTS and len(parts) >= 2:
        return _scripts(name, parts)
    if name == "mfrac" and len(parts) == 2:
        return f"\\frac{_group(parts[0])}{_group(parts[1])}"
    if name == "msqrt":
        return f"\\sqrt{_group(''.join(parts))}"
    if name == "mroot" and len(parts) == 2:
        return f"\\sqrt[{parts[1].strip()}]{_group(parts[0])}"
    if name == "mfenced":
        separator = (node.get("separators") or ",").strip()[:1]
        return node.get("open", "(") + separator.join(part.strip() for part in parts) + node.get("close", ")")
    if name == "mtr":
        return " & ".join(part.strip() for part in parts)
    if name == "mtable":
        return "\\begin{matrix}" + " \\\\ ".join(part.strip() for part in parts) + "\\end{matrix}"
    if name == "mmultiscripts":
        return _multiscripts(children, parts)
    return _text(node.text or "") + "".join(
        part + _text(child.tail or "") for part, child in zip(parts, children, strict=True)
    )


_SCRIPTS = {"msub": "_", "msup": "^", "msubsup": "_^", "munder": "_", "mover": "^", "munderover": "_^"}


def _scripts(name: str, parts: list[str]) -> str:
    base = parts[0].strip() or "{}"
    mark = parts[1].strip()
    if name in ("mover", "munder") and (accent := _ACCENTS.get(mark) or _ACCENTS.get(_unicode(mark))):
        return f"\\{'underline' if name == 'munder' else accent}{_group(base)}"
    if len(base) > 1 and not re.fullmatch(r"\\[A-Za-z]+|\{.*\}|\w+", base):
        base = _group(base)
    out = base
    for sign, part in zip(_SCRIPTS[name], parts[1:], strict=False):
        if part.strip():
            out += sign + _group(part)
    return out


def _unicode(mark: str) -> str:
    return COMMANDS.get(mark.lstrip("\\"), mark)


def _multiscripts(children: list[ElementTree.Element], parts: list[str]) -> str:
    names = [child.tag.lower() if isinstance(child.tag, str) else "" for child in children]
    cut = names.index("mprescripts") if "mprescripts" in names else len(names)

    def marks(run: list[str]) -> str:
        subs, supers = "".join(run[::2]), "".join(run[1::2])
        return ("_" + _group(subs) if subs.strip() else "") + ("^" + _group(supers) if supers.strip() else "")

    before = marks(parts[cut + 1 :])
    return ("{}" + before if before else "") + (parts[0].strip() if parts else "") + marks(parts[1:cut])


def _token(node: ElementTree.Element, name: str) -> str:
    text = "".join(node.itertext()).strip(" \t\r\n")
    if not text:
        return ""
    variant = node.get("mathvariant", "")
    if name == "mtext":
        return f"\\mathrm{_group(_text(text))}" if text.strip("\u00a0\u2009\u2003 ") else "\\ "
    tex = _text(text)
    if variant in _FONTS:
        return f"\\{_FONTS[variant]}{_group(tex)}"
    if name == "mi" and (variant == "normal" or len(text) > 1) and tex.strip().isalpha():
        return f"\\mathrm{_group(tex)}"
    if name == "mo" and text in "=<>+−±×→≤≥≈≃∼≡∈" and text:
        return f" {tex.strip()} "
    return tex
