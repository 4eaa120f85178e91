"""Text of foreign records → clean Unicode with CSL's small markup: JATS, HTML, MathML, entities and damage go in here.

CSL's markup is `<i> <b> <sub> <sup>`, `<span class="nocase">` and small capitals (CSL 1.0.2, "Rich text in fields").
Every other `<` in the result is a less-than sign. Each step first looks, cheaply, whether a string needs it.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

from refkit.formats.plain import MARKUP, readable, without_markup, word_set

SMALL_CAPS = '<span style="font-variant:small-caps;">'

# What a tag becomes, by local name (JATS 1.3, HTML, Crossref deposit schema 5.5 `title` content model).
_PAIRS = {
    "i": ("<i>", "</i>"),
    "em": ("<i>", "</i>"),
    "emph": ("<i>", "</i>"),
    "italic": ("<i>", "</i>"),
    "b": ("<b>", "</b>"),
    "strong": ("<b>", "</b>"),
    "bold": ("<b>", "</b>"),
    "sub": ("<sub>", "</sub>"),
    "inf": ("<sub>", "</sub>"),
    "sup": ("<sup>", "</sup>"),
    "scp": (SMALL_CAPS, "</span>"),
    "sc": (SMALL_CAPS, "</span>"),
}
# Tags that only group or decorate: their text stays, they go.
_BARE = word_set(
    """tt u ovl ov overline underline font span small big roman monospace styled-content named-content sans-serif
    strike ext-link uri a email xref inline-formula inline-graphic formula tex tex-math label abbrev
    alternatives ack underline-start blink center nobr wbr cite code kbd samp var q s del ins mark
    title-group no_title"""
)
# Tags that end a run of words.
_BREAKS = word_set(
    """p title sec br break list list-item def-list def-item def term disp-formula disp-quote abstract
    trans-abstract div li ul ol h1 h2 h3 h4 h5 h6 table tr td th thead tbody dl dt dd hr pre blockquote body
    html head subtitle section statement fig caption graphic media object-id supplementary-material"""
)
_TAG = re.compile(r"<(/?)(?:[A-Za-z][\w.-]*:)?([A-Za-z][\w.-]*)((?:\s[^<>]*)?)(/?)>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_LESS_THAN = re.compile(r"<(?=[A-Za-z/])(?!/?(?:i|b|sub|sup)>|span (?:style|class)=|/span>)")
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>|<!--.*?-->|<\?.*?\?>", re.DOTALL)
_MATHML = re.compile(r"<((?:[A-Za-z][\w.-]*:)?)math\b[^<>]*>.*?</\1math\s*>", re.DOTALL | re.IGNORECASE)
_TEX = re.compile(
    r"<((?:[A-Za-z][\w.-]*:)?tex(?:-math)?)\b[^<>]*>(.*?)</\1\s*>|(?<![\\$])\$\$?([^$<>]{1,400}?)\$?\$(?!\d)",
    re.DOTALL | re.IGNORECASE,
)
_HIDDEN = re.compile("[\u200b\u2060\ufeff\u00ad\x00-\x08\x0e-\x1f\x7f\ufffe\uffff]")
# A lone U+FFFD between words was a dash, unless a small word follows ("Rhinosinusite � la"), or letters are lost too.
_LOST_LETTER = re.compile("\ufffd [^\\W\\dA-Z]|\ufffd(?! )|(?<! )\ufffd")
_LIGATURE = re.compile("[\ufb00-\ufb06]")  # fi and fl as one glyph: the typesetter's
# Characters of private use are glyphs of somebody's font. Two are known: the Symbol font of word processors (F000 and
# its own codes) and Elsevier's bonds. Of the others nobody knows what they were, nor of half a surrogate pair.
_PRIVATE = re.compile("[\ue000-\uf8ff\ud800-\udfff\U000f0000-\U0010ffff]")
_GLYPHS = dict(zip(
    "\uf061\uf062\uf063\uf064\uf065\uf066\uf067\uf068\uf069\uf06b\uf06c\uf06d\uf06e\uf070\uf071\uf072\uf073\uf074\uf077"
    "\uf078\uf079\uf07a\uf044\uf046\uf047\uf04c\uf050\uf053\uf057\uf059\uf02d\uf0a3\uf0a5\uf0ae\uf0b0\uf0b1\uf0b3\uf0b4\uf0b7"
    "\uf0bb\uf0b9\uf0d6\ue5f8\ue5fb\ue5fc",
    "αβχδεφγηικλμνπθρστωξψζΔΦΓΛΠΣΩΨ−≤∞→°±≥×•≈≠√–=≡", strict=True,
))  # fmt: skip
# `quoted' as TeX writes it, and a dash as a typewriter does.
_TEX_QUOTES = re.compile(
    r"(?<!\w)``(?=\S)([^`]{1,300}?)(?:''|\")(?!\w)|(?<!\w)`(?=\w)([^`'\n]{1,100}(?:\w'\w[^`'\n]*)*)'(?!\w)"
)
_TEX_DASH = re.compile(r"(?<=\s)(--|---)(?=\s)")
# U+200B and friends never mean anything in bibliographic text, a no-break space does (French punctuation).
_BLANKS = re.compile(r"[ \t\r\n\f\v\u2028\u2029\x85]+")
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_EDGES = " \u00a0\u2009\u202f\u3000"
_DAMAGE = re.compile(
    "[\x80-\x9f]|[\u00c2\u00c3\u00e2\u00d0\u00d1\u00c5\u00c4][\u0080-\u00bf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178]"
)
_SUSPECT = re.compile(r"[<&`\x00-\x1f\x7f-\xff\u0100-\U0010ffff$\\]|  |--|^ | $")
_HOLD = "\ue000%d\ue001"
_HELD = re.compile("\ue000(\\d+)\ue001")
_WHOLE = re.compile(r"^<(i|b)>((?:(?!</?\1>).)*)</\1>[.\s]*$")
_DEEP = 20
"""How deep markup is kept; no title means more than that."""
_GLUED = re.compile(r"(?<=[a-zß-ÿ,;:)])<i>(?=[A-Z][a-z]+)|(?<=[a-zß-ÿ])</i>(?=[A-Z][a-z])")


def rich(text: str, math: dict[str, str] | None = None) -> str:
    """A title: one line of Unicode with CSL's small markup.

    `math`, where given, receives each formula that Unicode cannot carry whole: readable form → TeX (without `$`).
    Source: Crossref deposit schema 5.5 (`title`), JATS 1.3, MathML Core, CSL 1.0.2.
    """
    if not _SUSPECT.search(text):
        return text
    return _one_line(_marked(text, math, " "))


def plain(text: str) -> str:
    """A name, a journal, a publisher: one line of Unicode without any markup.

    Source: Crossref deposit schema 5.5 (these elements hold no markup; what stands there is damage).
    """
    if not _SUSPECT.search(text):
        return text
    marked = without_markup(_marked(text, None, " "))
    return _one_line(marked if marked.isascii() else _SPACES.sub(" ", marked))


def paragraphs(text: str) -> str:
    """An abstract: paragraphs of readable Unicode without markup, a blank line between them.

    Source: JATS 1.3 `abstract`; headings inside it stay as paragraphs of their own, but a lone leading "Abstract" goes.
    """
    if not _SUSPECT.search(text):
        return text
    marked = _marked(text, None, "\n\n")
    pieces = [_one_line(readable(piece)) for piece in re.split(r"\n[ \t]*\n", marked)]
    pieces = [piece for piece in pieces if piece]
    if len(pieces) > 1 and pieces[0].lower().rstrip(".:") in (
        "abstract",
        "summary",
        "résumé",
        "zusammenfassung",
        "resumen",
        "resumo",
    ):
        del pieces[0]
    return "\n\n".join(pieces)


def _marked(text: str, math: dict[str, str] | None, gap: str) -> str:
    held: list[str] = []

    def hold(readable_form: str) -> str:
        held.append(readable_form)
        return _HOLD % (len(held) - 1)

    if '\\"' in text:
        text = text.replace('\\"', '"')  # a JSON string that was escaped twice
    if not text.isascii():
        text = _PRIVATE.sub(lambda m: _GLYPHS.get(m[0], "\ufffd"), text)
    for _ in range(4):  # escaped, doubly escaped, …
        if "<" in text:
            text = _CDATA.sub("", text)
            if ("math" in text or "MATH" in text) and "</" in text:
                text = _MATHML.sub(lambda m: hold(_from_mathml(m[0], math)), text)
        if "$" in text or "</tex" in text or ":tex" in text:
            text = _TEX.sub(lambda m: _from_tex(m, math, hold), text)
        if "&" not in text:
            break
        opened = _ENTITY.sub(lambda m: html.unescape(m[0]), text)
        if opened == text:
            break
        text = opened
    if "<" in text:
        text = _TAG.sub(lambda m: _tag(m, gap), text)
        text = _balanced(_LESS_THAN.sub("< ", text))
    if "`" in text:
        text = _TEX_QUOTES.sub(lambda m: f"“{m[1]}”" if m[1] else f"‘{m[2]}’", text)
    if "--" in text:
        text = _TEX_DASH.sub(lambda m: "–" if len(m[1]) == 2 else "—", text)
    text = _HELD.sub(lambda m: held[int(m[1])] if int(m[1]) < len(held) else "", text)
    return repaired(text)


def _tag(match: re.Match[str], gap: str) -> str:
    closing, name, attributes, empty = match[1], match[2].lower(), match[3], match[4]
    if name == "span" and ("small-caps" in attributes or "nocase" in attributes):
        return SMALL_CAPS if "small-caps" in attributes else '<span class="nocase">'
    if name == "span" and closing:
        return "</span>"
    if name in _PAIRS:
        return "" if empty or attributes.rstrip().endswith("/") else _PAIRS[name][1 if closing else 0]
    if name in _BREAKS:
        return gap
    if name in _BARE or ":" in match[0].split(None, 1)[0]:
        return ""
    return f"‹{match[0][1:-1]}›"  # words in angle brackets, which no format could tell from markup


def _balanced(text: str) -> str:
    """Close what is open, drop what closes nothing and what is empty, and keep an index free of markup, so that no
    format has to cope with any of these."""
    out: list[str] = []
    stack: list[tuple[str, int, int]] = []  # a tag's name, where it stands in `out`, and what was said before it
    index = said = at = 0  # `index`: how deep the outermost sub- or superscript is; `said`: pieces that are not blank

    def close() -> str:
        nonlocal index
        name, begun, before = stack.pop()
        if out[begun] and said == before:
            out[begun] = ""
        elif out[begun]:
            out.append(f"</{name}>")
        index = 0 if len(stack) < index else index
        return name

    for match in MARKUP.finditer(text):
        out.append(text[at : match.start()])
        said += bool(out[-1].strip())
        at = match.end()
        tag = match[0]
        name = re.split(r"[ >]", tag.lstrip("</"), maxsplit=1)[0]
        if tag[1] != "/":
            stack.append((name, len(out), said))
            out.append("" if index or len(stack) > _DEEP else tag)
            if not index and name in ("sub", "sup"):
                index = len(stack)
        elif any(name == open_ for open_, _, _ in stack[-_DEEP:]):
            while close() != name:
                pass
    out.append(text[at:])
    said += bool(out[-1].strip())
    while stack:
        close()
    return "".join(out)


def repaired(text: str) -> str:
    """`text` with UTF-8 that was read as Latin-1 mended, invisible characters gone, and in NFC."""
    if text.isascii():
        return _HIDDEN.sub("", text)
    if _DAMAGE.search(text):
        import ftfy

        text = ftfy.fix_encoding(text)
        text = re.sub("[\x80-\x84\x86-\x9f]", "", text)  # what could not be mended is no character at all
    if _LIGATURE.search(text):
        text = _LIGATURE.sub(lambda m: unicodedata.normalize("NFKC", m[0]), text)
    if " \ufffd " in text and not _LOST_LETTER.search(text):
        text = text.replace(" \ufffd ", " – ")
    return unicodedata.normalize("NFC", _HIDDEN.sub("", text))


def _one_line(text: str) -> str:
    text = _BLANKS.sub(" ", text).strip(_EDGES)
    if "<" in text:
        # A blank just inside a tag belongs outside it: `<i> E. coli</i>` and `<i>E. coli </i>` are leftovers.
        text = re.sub(r"(<(?:i|b|sub|sup)>) +", r" \1", text)
        text = re.sub(r" +(</(?:i|b|sub|sup)>)", r"\1 ", text)
        # "The Chinese<i>Hukou</i>System": the blanks were lost when the markup was made.
        text = _GLUED.sub(lambda m: " <i>" if m[0] == "<i>" else "</i> ", text)
        if (whole := _WHOLE.match(text)) is not None:
            text = whole[2]  # emphasis round a whole title is the typesetter's
        text = _BLANKS.sub(" ", text).strip(_EDGES)
    return text


# --- formulas ------------------------------------------------------------------------------------


def _from_tex(match: re.Match[str], math: dict[str, str] | None, hold: object) -> str:
    from refkit.formats.texmath import looks_like_math, readable_math

    tex = match[2] if match[2] is not None else match[3]
    tex = html.unescape(tex).strip().strip("$").strip()
    if not tex or (match[2] is None and not looks_like_math(tex)):
        return match[0]  # "between $5 and $10"
    text, whole = readable_math(tex)
    if math is not None and not whole:
        math[text] = tex
    assert callable(hold)
    return str(hold(text))


@lru_cache(maxsize=512)
def _tex_of(mathml: str) -> str:
    from refkit.sources.mathml import to_tex

    return to_tex(mathml)


def _from_mathml(mathml: str, math: dict[str, str] | None) -> str:
    from refkit.formats.texmath import readable_math

    tex = _tex_of(mathml)
    text, whole = readable_math(tex)
    if math is not None and not whole:
        math[text] = tex
    return text
