"""TeX mathematics → readable Unicode with CSL's small markup: one table of commands, read in both directions.

MathML comes here by way of TeX (`refkit.sources.mathml`), so that a formula reads the same whichever way it came.
Source: the LaTeX companion's symbol tables, amsmath user's guide.
"""

from __future__ import annotations

import re
from functools import lru_cache

from refkit.formats.plain import word_set

COMMANDS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "vartheta": "ϑ",
    "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "varpi": "ϖ", "rho": "ρ",
    "varrho": "ϱ", "sigma": "σ",
    "varsigma": "ς", "tau": "τ", "upsilon": "υ", "phi": "ϕ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ",
    "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
    "pm": "±", "mp": "∓", "times": "×", "div": "÷", "cdot": "⋅", "ast": "∗", "star": "⋆", "circ": "∘",
    "bullet": "∙", "oplus": "⊕", "ominus": "⊖",
    "otimes": "⊗", "cap": "∩", "cup": "∪", "vee": "∨", "wedge": "∧", "setminus": "∖", "dagger": "†", "ddagger": "‡",
    "leq": "≤", "geq": "≥", "ll": "≪", "gg": "≫", "neq": "≠", "equiv": "≡", "sim": "∼", "simeq": "≃",
    "approx": "≈", "cong": "≅", "propto": "∝",
    "subset": "⊂", "supset": "⊃", "subseteq": "⊆", "supseteq": "⊇", "in": "∈", "ni": "∋", "notin": "∉",
    "perp": "⟂", "parallel": "∥", "mid": "∣",
    "lesssim": "≲", "gtrsim": "≳", "leqslant": "⩽", "geqslant": "⩾", "prec": "≺", "succ": "≻", "vdash": "⊢",
    "models": "⊨",
    "leftarrow": "←", "rightarrow": "→", "leftrightarrow": "↔", "Leftarrow": "⇐", "Rightarrow": "⇒",
    "Leftrightarrow": "⇔", "mapsto": "↦",
    "uparrow": "↑", "downarrow": "↓", "longrightarrow": "⟶", "rightleftharpoons": "⇌", "hookrightarrow": "↪",
    "infty": "∞", "partial": "∂", "nabla": "∇", "forall": "∀", "exists": "∃", "emptyset": "∅", "hbar": "ℏ",
    "ell": "ℓ", "Re": "ℜ", "Im": "ℑ",
    "aleph": "ℵ", "angle": "∠", "triangle": "△", "prime": "′", "surd": "√", "sum": "∑", "prod": "∏", "int": "∫",
    "oint": "∮", "bigoplus": "⨁",
    "langle": "⟨", "rangle": "⟩", "lceil": "⌈", "rceil": "⌉", "lfloor": "⌊", "rfloor": "⌋", "ldots": "…",
    "cdots": "⋯", "backslash": "\\",
    "square": "□", "diamond": "⋄", "degree": "°", "otimes2": "⊗", "ltimes": "⋉", "rtimes": "⋊",
    "boxtimes": "⊠", "bot": "⊥", "top": "⊤",
}  # fmt: skip
"""Command → character; a character's command is the first row that has it."""

_MORE = {
    "le": "≤", "ge": "≥", "ne": "≠", "to": "→", "gets": "←", "iff": "⇔", "dots": "…", "lbrace": "{", "rbrace": "}",
    "vert": "|", "Vert": "‖", "lt": "<",
    "gt": ">", "land": "∧", "lor": "∨", "colon": ":", "quad": " ", "qquad": " ", "lvert": "|", "rvert": "|",
    "slash": "/", "textdegree": "°", "micro": "µ",
    "{": "{", "}": "}", "%": "%", "&": "&", "#": "#", "$": "$", "_": "_", ",": "\u2009", ";": " ", ":": " ",
    "!": "", " ": " ", "|": "‖", "/": "",
    "left": "", "right": "", "big": "", "Big": "", "bigl": "", "bigr": "", "displaystyle": "", "textstyle": "",
    "limits": "", "nolimits": "",
    "nonumber": "", "cal": "", "bf": "", "rm": "", "it": "", "bm": "", "protect": "", "relax": "",
}  # fmt: skip
_UPRIGHT = word_set(
    """mathrm text textrm mathsf textnormal operatorname mathop rm mbox hbox ensuremath textup mathit textit
    mathbin mathrel"""
)
_BOLD = word_set("mathbf textbf boldsymbol bm pmb")
_ACCENTS = {
    "bar": "\u0304",
    "overline": "\u0305",
    "hat": "\u0302",
    "widehat": "\u0302",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "vec": "\u20d7",
    "dot": "\u0307",
    "ddot": "\u0308",
    "underline": "\u0332",
    "acute": "\u0301",
    "grave": "\u0300",
    "check": "\u030c",
    "breve": "\u0306",
}
_LETTERS = {
    "mathbb": {
        "R": "ℝ",
        "C": "ℂ",
        "N": "ℕ",
        "Z": "ℤ",
        "Q": "ℚ",
        "P": "ℙ",
        "H": "ℍ",
        "F": "𝔽",
        "K": "𝕂",
        "T": "𝕋",
        "S": "𝕊",
        "A": "𝔸",
        "E": "𝔼",
        "D": "𝔻",
        "L": "𝕃",
    }
}
_FUNCTIONS = word_set(
    """sin cos tan log ln exp lim max min sup inf det dim ker deg gcd arg sinh cosh tanh sec csc cot arcsin arccos
    arctan mod Pr"""
)
_TOKEN = re.compile(r"\\([A-Za-z]+)\*?|\\(.)|([{}_^$~&])|(\s+)|([^\\{}_^$~&\s])", re.DOTALL)


def looks_like_math(tex: str) -> bool:
    """Whether what stands between two dollar signs is a formula, and not prose between two prices."""
    return bool(re.search(r"[\\^_]", tex)) or (len(tex) <= 12 and not re.search(r"\s\S+\s|^\s|\s$|^\d", tex))


@lru_cache(maxsize=2048)
def readable_math(tex: str) -> tuple[str, bool]:
    """A formula as Unicode with CSL's markup, and whether nothing of it was lost (else its TeX is worth keeping).

    Parameters: `tex`, without the dollar signs.
    """
    reader = _Reader(tex)
    try:
        text = reader.run(None)
    except RecursionError:  # arguments in arguments, a thousand deep: kept as it stands
        return tex, True
    return re.sub(r" {2,}", " ", text).strip(), reader.whole


class _Reader:
    """One pass over a formula; `whole` turns false at the first thing that has no like in running text."""

    def __init__(self, tex: str) -> None:
        self.tokens = list(_TOKEN.finditer(tex))
        self.at = 0
        self.whole = True
        self.depth = 0

    def run(self, stop: str | None) -> str:
        out: list[str] = []
        while self.at < len(self.tokens):
            if stop is not None and self.tokens[self.at][3] == stop:
                self.at += 1
                break
            out.append(self.one())
        return "".join(out)

    def argument(self) -> str:
        while self.at < len(self.tokens) and self.tokens[self.at][4]:
            self.at += 1
        if self.at >= len(self.tokens):
            return ""
        return self.one()

    def one(self) -> str:
        token = self.tokens[self.at]
        self.at += 1
        if token[1] or token[2]:
            return self.command(token[1] or token[2])
        mark = token[3]
        if mark == "{":
            return self.run("}")
        if mark in ("_", "^"):
            return self.script("sub" if mark == "_" else "sup")
        if mark == "~":
            return "\u00a0"
        if mark in ("}", "$", "&"):
            return " " if mark == "&" else ""
        if token[4]:
            return " "
        char = token[5]
        if char.isalpha() and char.isascii():
            return f"<i>{char}</i>"
        return "−" if char == "-" else "′" if char == "'" else char

    def script(self, name: str) -> str:
        self.depth += 1
        inner = self.argument().strip()
        self.depth -= 1
        if self.depth:
            self.whole = False
            return f"{'_' if name == 'sub' else '^'}{inner}"
        if not inner:
            return ""
        return inner if inner in ("′", "″") else f"<{name}>{inner}</{name}>"

    def command(self, name: str) -> str:
        if name in COMMANDS:
            if name in ("sum", "prod", "int", "oint"):
                self.whole = False
            return COMMANDS[name]
        if name in _MORE:
            return _MORE[name]
        if name in _FUNCTIONS:
            return name
        if name in _UPRIGHT:
            return self.argument().replace("<i>", "").replace("</i>", "")
        if name in _BOLD:
            return f"<b>{self.argument()}</b>"
        if name in _LETTERS or name in ("mathcal", "mathfrak", "mathscr"):
            self.whole = False
            inner = self.argument().replace("<i>", "").replace("</i>", "")
            return "".join(_LETTERS.get(name, {}).get(char, char) for char in inner)
        self.whole = False
        if name in _ACCENTS:
            inner = self.argument()
            return re.sub(r"(?<![<\w/])(\w)(?![^<>]*>)|(?<=<i>)(\w)", lambda m: m[0] + _ACCENTS[name], inner)
        if name in ("frac", "dfrac", "tfrac"):
            return f"{_bracketed(self.argument())}/{_bracketed(self.argument())}"
        if name == "sqrt":
            return f"√{_bracketed(self.argument())}"
        if name in ("begin", "end"):
            self.argument()
            return ""
        return name


def _bracketed(part: str) -> str:
    bare = re.sub(r"<[^<>]*>", "", part).strip()
    return part.strip() if len(bare) <= 1 or bare.isalnum() else f"({part.strip()})"
