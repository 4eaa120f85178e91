"""CSL's small markup ⇄ LaTeX text, in both directions; the only place where LaTeX is escaped or undone.

Commands are chosen so that Zotero's importer, pandoc, BibTeX and biber all take them as they are (`docs/fields.md`): in
the BibTeX dialect subscripts are `$_{2}$`, in biblatex `\\textsubscript{2}`. Accents and symbols are pylatexenc's.
Source: btxdoc and tamethebeast (special characters, `change.case$`), biblatex manual §2.3.7.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from refkit.formats.texmath import COMMANDS, readable_math

OPEN, CLOSE = "\ue010", "\ue011"
"""Stand for braces that protect capitals, until all else is escaped."""

_ESCAPES = {
    "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "~": r"\~{}",
    "^": r"\^{}", "\\": r"{\textbackslash}",
    "<": r"{\textless}", ">": r"{\textgreater}", "\u00a0": "~", "{": r"\{", "}": r"\}", OPEN: "{", CLOSE: "}",
    "-": "-{}", "``": r"{\textasciigrave}{\textasciigrave}", "`": r"{\textasciigrave}", "'": "'{}",
    "\n": " ",
}  # fmt: skip
_SPECIAL = re.compile("[&%$#_~^\\\\<>\u00a0{}\ue010\ue011\n`]|-(?=-)|'(?=')")
_NEEDS = re.compile("[&%$#_~^\\\\<>\u00a0{}\ue010\ue011\n`]|--|''")
_TAG = re.compile(
    r"<(i|b|sub|sup)>|</(i|b|sub|sup)>|<span (?:class=\"nocase\"|style=\"font-variant: ?small-caps;?\")>|</span>"
)
_SCRIPT = re.compile(r"<(sub|sup)>((?:(?!</?su[bp]>).)*)</\1>")
_HELD = re.compile("\ue000(\\d+)\ue001")


# What stands for a lost character stops every TeX engine but XeTeX; the rest are this module's own marks.
_NOT_FOR_TEX = re.compile("[\ufffd\ue000-\ue01f\ud800-\udfff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def typesettable(text: str) -> str:
    """`text` with a question mark for each character that is none (U+FFFD, controls), as TeX refuses them, and with
    single blanks, as TeX and every reader take several for one."""
    if "  " in text:
        text = re.sub(" {2,}", " ", text)
    return text if text.isascii() and text.isprintable() else _NOT_FOR_TEX.sub("?", text)


def escaped(text: str, letters: bool = False) -> str:
    """Plain text (no markup) as LaTeX; `letters` asks for LaTeX's commands in the place of Unicode letters."""
    return _escaped(typesettable(text), letters)


def _escaped(text: str, letters: bool) -> str:
    if _NEEDS.search(text):
        text = _escape(text)
    return to_letters(text) if letters and not text.isascii() else text


def _escape(text: str) -> str:
    if ("{" in text or "}" in text) and not _balanced(text):
        # BibTeX counts `\{` as a brace, so half a pair would swallow the entry.
        text = text.replace("{", "\ue012").replace("}", "\ue013")
        text = _SPECIAL.sub(lambda m: _ESCAPES[m[0]], text)
        return text.replace("\ue012", r"\textbraceleft{}").replace("\ue013", r"\textbraceright{}")
    return _SPECIAL.sub(lambda m: _ESCAPES[m[0]], text)


def _balanced(text: str) -> bool:
    depth = 0
    for char in text:
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if depth < 0:
                return False
    return depth == 0


def to_latex(text: str, *, biblatex: bool = False, letters: bool = False, math: Mapping[str, str] | None = None) -> str:
    """A `typesettable` text with CSL's markup (and `OPEN`/`CLOSE` round protected words) as LaTeX.

    Parameters: `biblatex`, the dialect; `letters`, LaTeX letters for Unicode ones; `math`, readable form → TeX of
    formulas.
    """
    if "<" not in text and not math:
        return _escaped(text, letters)
    held: list[str] = []

    def hold(latex: str) -> str:
        held.append(latex)
        return f"\ue000{len(held) - 1}\ue001"

    for readable, tex in (math or {}).items():
        text = text.replace(readable, hold(f"{{${tex}$}}")) if readable else text
    scripts = len(_SCRIPT.findall(text))
    if not biblatex:
        text = _SCRIPT.sub(lambda m: hold(_script(m[1], m[2], scripts == 1, letters)), text)
    text = _TAG.sub(lambda m: hold(_command(m[0], biblatex)), text)
    text = _escaped(text, letters)
    while _HELD.search(text):
        text = _HELD.sub(lambda m: held[int(m[1])], text)
    return text


def _command(tag: str, biblatex: bool) -> str:
    if tag.startswith("</"):
        return "}"
    if tag.startswith("<span"):
        return r"\textsc{" if "small-caps" in tag else "{"
    return {"<i>": r"\textit{", "<b>": r"\textbf{", "<sub>": r"\textsubscript{", "<sup>": r"\textsuperscript{"}[tag]


def _script(name: str, inner: str, alone: bool, letters: bool) -> str:
    mark = "_" if name == "sub" else "^"
    bare = re.sub(r"<[^<>]*>", "", inner).replace(OPEN, "").replace(CLOSE, "")
    content = to_letters(bare) if letters else bare
    if "$" in content and "{" not in content and not re.search(r"[ '-]", bare) and not _NEEDS.search(bare):
        content = (
            content.replace("$\\", "\\").replace("$", " ").strip()
        )  # these letters are commands of mathematics, where we are already
    elif _NEEDS.search(bare) or "\\" in content or "$" in content:
        return f"\\text{'subscript' if name == 'sub' else 'superscript'}{{{escaped(bare, letters)}}}"
    if alone and re.search(r"[^\W\d_]", bare) and "<i>" not in inner and "\\" not in content:
        # Zotero's importer reads \textrm right only where no other formula is in the value.
        return f"${mark}{{\\textrm{{{content}}}}}$"
    return f"${mark}{{{content}}}$"


# --- letters -------------------------------------------------------------------------------------

_OWN_LETTERS = {
    "–": "--", "—": "---", "“": "``", "”": "''", "‘": r"{\textquoteleft}", "’": r"{\textquoteright}", "\u00a0": "~",
    "…": r"{\dots}", "−": "$-$", "\u2009": r"\,", "‐": "-", "‑": "-", "°": r"{\textdegree}", "•": r"{\textbullet}",
}  # fmt: skip
_COMMAND_OF = {char: name for name, char in reversed(COMMANDS.items())}
_NAMED = {
    "–": r"{\textendash}", "—": r"{\textemdash}", "“": r"{\textquotedblleft}", "”": r"{\textquotedblright}",
}  # fmt: skip
_TOUCHY = frozenset("-–—`'‘’“”?!{}")
_NON_ASCII = re.compile(r"[^\x00-\x7f\ue000-\ue0ff]")


def to_letters(text: str) -> str:
    """`text`, already escaped, with LaTeX's commands for all letters and signs that have one."""
    return _NON_ASCII.sub(_letter_here, text)


def _letter_here(match: re.Match[str]) -> str:
    char = match[0]
    if char in _NAMED:  # beside another dash or quote, `--` or \`\` would read as a longer one
        text, at = match.string, match.start()
        if text[at - 1 : at] in _TOUCHY or text[at + 1 : at + 2] in _TOUCHY:
            return _NAMED[char]
    return _letter(char)


@lru_cache(maxsize=4096)
def _letter(char: str) -> str:
    if char in _OWN_LETTERS:
        return _OWN_LETTERS[char]
    if char in _COMMAND_OF:
        return f"$\\{_COMMAND_OF[char]}$"
    from pylatexenc.latexencode import UnicodeToLatexEncoder

    encoder = UnicodeToLatexEncoder(
        unknown_char_policy="keep", unknown_char_warning=False, replacement_latex_protection="none"
    )
    latex = str(encoder.unicode_to_latex(char))
    if latex == char or "\\cyr" in latex.lower():
        return char  # Cyrillic commands exist in Cyrillic font encodings only, where the letters themselves do as well
    if latex.startswith(r"\ensuremath{"):
        return "$" + latex.removeprefix(r"\ensuremath{").removesuffix("}") + "$"
    if latex.removeprefix("\\") in COMMANDS:
        return f"${latex}$"  # a command of mathematics alone
    # `{\H o}` and `{\'e}` are one letter to BibTeX and to every importer; `\H{o}` is not.
    latex = re.sub(r"^(\\[A-Za-z])\{(\\?\w)\}$", r"\1 \2", latex)
    latex = re.sub(r"^(\\[^A-Za-z])\{(\\?\w)\}$", r"\1\2", latex)
    return "{" + latex + "}"


# --- LaTeX → CSL ---------------------------------------------------------------------------------

_MARKUP = {
    "textit": ("<i>", "</i>"), "emph": ("<i>", "</i>"), "textsl": ("<i>", "</i>"), "mkbibemph": ("<i>", "</i>"),
    "mkbibitalic": ("<i>", "</i>"),
    "textbf": ("<b>", "</b>"), "mkbibbold": ("<b>", "</b>"), "textsubscript": ("<sub>", "</sub>"),
    "textsuperscript": ("<sup>", "</sup>"),
    "textsc": ('<span style="font-variant:small-caps;">', "</span>"),
    "mkbibquote": ("“", "”"), "enquote": ("“", "”"),
    "textrm": ("", ""), "textnormal": ("", ""), "textup": ("", ""), "text": ("", ""), "mbox": ("", ""),
    "url": ("", ""), "path": ("", ""), "texttt": ("", ""),
    "nolinkurl": ("", ""), "textsf": ("", ""), "NoCaseChange": ("", ""), "uppercase": ("", ""),
    "lowercase": ("", ""), "ensuremath": ("", ""),
}  # fmt: skip
_SWITCHES = {"it": "i", "itshape": "i", "em": "i", "sl": "i", "bf": "b", "bfseries": "b"}
_CHARACTERS = {
    "textasciigrave": "`",
    "textless": "<", "textgreater": ">", "textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^",
    "textbraceleft": "{", "textbraceright": "}",
    "lbrace": "{", "rbrace": "}", "textunderscore": "_", "textdollar": "$", "textbar": "|", "ldots": "…",
    "dots": "…", "textellipsis": "…", "LaTeX": "LaTeX",
    "TeX": "TeX", "BibTeX": "BibTeX", "LaTeXe": "LaTeX2e", "textendash": "–", "textemdash": "—",
    "textquoteleft": "‘", "textquoteright": "’",
    "textquotedblleft": "“", "textquotedblright": "”", "textquotesingle": "'", "textquotedbl": '"',
    "textdegree": "°", "texttrademark": "™", "par": " ",
    "newline": " ", "linebreak": " ", "protect": "", "relax": "", "noopsort": "", "hspace": "", "allowbreak": "",
    "break": "", "slash": "/", "bibstring": "",
    "rm": "", "sf": "", "tt": "", "sc": "", "normalfont": "", "upshape": "", "mdseries": "", "small": "",
    "selectfont": "", "textbullet": "•", "cdot": "⋅",
    "autocap": "", "/": "", "-": "", "@": "", "!": "", ",": "\u2009", ";": " ", ":": " ", " ": " ", "\n": " ",
    "\\": " ", "&": "&", "%": "%", "$": "$",
    "#": "#", "_": "_", "{": "{", "}": "}", ">": " ",
}  # fmt: skip
_LIGATURES = {"---": "—", "--": "–", "``": "“", "''": "”", "~": "\u00a0", "?`": "¿", "!`": "¡", "`": "‘"}
_TOKEN = re.compile(
    r"\\([A-Za-z]+)\*?[ \t\n]*|\\(.)|(\{)|(\})|\$((?:\\.|[^$\\])*)\$|(---?|``|''|~|\?`|!`|`)|([^\\{}$\-`'~?!]+|.)",
    re.DOTALL,
)
_LATEX = re.compile(r"[\\{}$~\n`]|--|``|''|\?`|!`|  ")


def from_latex(latex: str, math: dict[str, str] | None = None) -> str:
    """The value of a field (without its outer delimiters) as Unicode with CSL's markup; protective braces go.

    `math`, where given, receives each formula that running text cannot carry whole: readable form → TeX.
    """
    if not _LATEX.search(latex):
        return latex.strip()
    try:
        text = _Reading(latex, math).run()
    except RecursionError:  # arguments in arguments, a thousand deep: kept as it stands
        text = latex.replace("{", "").replace("}", "")
    text = re.sub(r"[ \t\r\n]+", " ", text).strip(" ")
    if not text.isascii():
        import unicodedata

        text = unicodedata.normalize("NFC", text)
    return text


class _Reading:
    """One pass over a value, group by group."""

    def __init__(self, latex: str, math: dict[str, str] | None) -> None:
        self.tokens: list[re.Match[str]] = list(_TOKEN.finditer(latex))
        self.at = 0
        self.math = math

    def run(self, in_group: bool = False) -> str:
        out: list[str] = []
        closers = ""
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if token[4] is not None:
                if in_group:
                    break
                continue
            name = token[1]
            if name in _SWITCHES:
                tag = _SWITCHES[name]
                out.append(f"<{tag}>")
                closers = f"</{tag}>" + closers
                continue
            out.append(self.token(token))
        return "".join(out) + closers

    def token(self, token: re.Match[str]) -> str:
        if token[3] is not None:
            return self.run(in_group=True)
        if token[1] is not None:
            return self.command(token[1])
        if token[2] is not None:
            return self.command(token[2]) if token[2] not in _CHARACTERS else _CHARACTERS[token[2]]
        if token[5] is not None:
            return self.formula(token[5])
        if token[6] is not None:
            return _LIGATURES[token[6]]
        return token[7]

    def argument(self) -> str:
        while self.at < len(self.tokens) and self.tokens[self.at][7] and not self.tokens[self.at][7].strip():
            self.at += 1
        if self.at >= len(self.tokens):
            return ""
        token = self.tokens[self.at]
        self.at += 1
        if token[3] is not None:
            return self.run(in_group=True)
        if token[7] is not None and len(token[7]) > 1:
            return self.split(token[7])
        return self.token(token)

    def split(self, text: str) -> str:
        """The first letter of a run of letters, which is all that a command without braces takes."""
        lead = text.lstrip()
        rest = lead[1:]
        match = _TOKEN.match(rest) if rest else None
        if match:
            self.tokens.insert(self.at, match)
        return lead[0] if lead else ""

    def command(self, name: str) -> str:
        if name in _MARKUP:
            before, after = _MARKUP[name]
            inner = self.argument()
            return f"{before}{inner}{after}" if inner else ""
        if name in _CHARACTERS:
            return _CHARACTERS[name]
        if name == "href":
            self.argument()
            return self.argument()
        if name in _ACCENTS:
            return self.accented(name)
        if name in ("frac", "sqrt"):
            return f"√{self.argument()}" if name == "sqrt" else f"{self.argument()}/{self.argument()}"
        return _symbol(name)

    def accented(self, name: str) -> str:
        inner = self.argument()
        if not inner:
            return _ALONE.get(name, "")
        base = {"ı": "i", "ȷ": "j"}.get(inner[0], inner[0])
        return base + _ACCENTS[name] + inner[1:]

    def formula(self, tex: str) -> str:
        script = re.fullmatch(
            r"\s*([_^])\s*(?:\{((?:[^{}\\]|\\[A-Za-z]+|\\[^A-Za-z])*)\}|\{\s*\\(?:textrm|mathrm|text|rm)\s*\{?([^{}]*)\}?\s*\}|(\w))\s*",
            tex,
        )
        if script:
            inner = next(part for part in script.groups()[1:] if part is not None)
            tag = "sub" if script[1] == "_" else "sup"
            return f"<{tag}>{from_latex(inner)}</{tag}>"
        text, whole = readable_math(tex)
        if self.math is not None and not whole:
            self.math[text] = tex
        return text


_ACCENTS: Mapping[str, str] = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b",
    "c": "\u0327", "k": "\u0328", "d": "\u0323", "b": "\u0331", "r": "\u030a", "t": "\u0361", "G": "\u030f",
    "U": "\u030e", "f": "\u0311",
}  # fmt: skip
_ALONE = {"'": "´", "`": "`", "^": "^", '"': "¨", "~": "~", "=": "¯", ".": "˙"}


@lru_cache(maxsize=4096)
def _symbol(name: str) -> str:
    if name in COMMANDS:
        return COMMANDS[name]
    from pylatexenc.latex2text import LatexNodes2Text

    convert: Any = LatexNodes2Text(keep_comments=True)
    text = str(convert.latex_to_text(f"\\{name}{{}}"))
    return text.strip() or ""
