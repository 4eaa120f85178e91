"""LaTeX: what is prose in a source, where citations are, and which library it names.

Sources: the manuals of natbib 8.31b, biblatex 3.20 §3.9 ("Citation commands"), hyperref and url.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from refkit.doi.written import written
from refkit.finding.links import in_link
from refkit.manuscripts import Choose, Cited, Manuscript, Wanted, Written
from refkit.manuscripts.composing import compose
from refkit.manuscripts.latex_cites import hand_of, style_of
from refkit.manuscripts.layout import Key, Layout, Lines, Link
from refkit.manuscripts.listing import with_bibliography
from refkit.manuscripts.prose import find
from refkit.model import Span

_TOKEN = re.compile(r"\\[A-Za-z@]+\*?|\\(?s:.)|%|\$\$?|^<<[^\n]*>>=", re.MULTILINE)
_VERBATIM = frozenset(
    "verbatim verbatim* Verbatim Verbatim* BVerbatim LVerbatim lstlisting minted alltt comment filecontents "
    "filecontents* "
    "tikzpicture CCSXML Sinput Soutput Schunk luacode luacode* pycode algorithmic program sagesilent asy "
    "codeblock".split()
)
_MATH = frozenset(
    "equation equation* align align* alignat alignat* gather gather* multline multline* eqnarray eqnarray* "
    "displaymath math "
    "flalign flalign* subequations dmath dmath* IEEEeqnarray".split()
)
_INLINE_CODE = frozenset("verb verb* Verb lstinline mintinline".split())
_URLS = frozenset("url nolinkurl path doi DOI doilink burl urldoi doiurl".split())
# Commands whose first so many arguments are no prose.
_NO_PROSE = {
    **dict.fromkeys(
        (
            *("label", "ref", "eqref", "cref", "Cref", "autoref", "pageref", "nameref", "vref", "input"),
            *("include", "subfile"),
            *("includegraphics", "bibliography", "addbibresource", "bibliographystyle", "usepackage", "RequirePackage"),
            *("documentclass", "hypersetup", "graphicspath", "vspace", "hspace", "vspace*", "hspace*", "index"),
            *("gls", "Gls"),
            *("glspl", "acrshort", "ac", "acp", "acf", "includepdf", "lstinputlisting", "verbatiminput", "pagestyle"),
            *("thispagestyle", "Sexpr", "tikzset", "pgfplotsset", "lstset", "sisetup", "geometry", "bibitem"),
            *("cmidrule"),
            *("hyphenation", "includesvg", "graphicspath", "addtolength", "setlength", "import", "citestyle"),
            *("ccsdesc"),
            *("newcites", "hypertarget", "hyperlink", "phantomsection", "addglobalbib", "includeonly"),
            *("acmDOI", "acmISBN"),
        ),
        1,
    ),
    **dict.fromkeys(
        ("newcommand", "renewcommand", "providecommand", "newcommand*", "renewcommand*", "newenvironment",
         "inputminted", "DeclareMathOperator", "DeclareRobustCommand", "newtheorem", "definecolor", "setcounter"),
        2,
    ),
}  # fmt: skip
_CITE = re.compile(r"\\(?:[A-Za-z]*[cC]ite[A-Za-z]*\*?|fullcite\*?|bibentry)\Z")
_NO_CITE = frozenset(
    "citestyle newcites citetext citeauthorstyle DeclareCiteCommand setcitestyle citesetup citereset citename "
    "citefield citenum "
    "defcitealias bibpunct citenumfont citedash citepunct citeleft citeright citemid AtEveryCitekey AtEveryCite "
    "citealias".split()
)


@dataclass(slots=True)
class Source:
    """What the pass over a source finds beside its layout."""

    layout: Layout = field(default_factory=Layout)
    cited: list[Cited] = field(default_factory=list)
    commands: dict[str, int] = field(default_factory=dict)
    libraries: list[str] = field(default_factory=list)
    includes: list[str] = field(default_factory=list)
    defined: dict[str, Span] = field(default_factory=dict)
    lists: list[Span] = field(default_factory=list)
    all_cited: bool = False
    begin: int = -1
    end: int = -1


def read(text: str, name: str, wanted: Wanted) -> Manuscript:
    """Where citations may come in a LaTeX source; see `refkit.manuscripts.TextKind`."""
    source = _Scanner(text).run()
    layout = source.layout
    if source.begin >= 0:
        layout.hide(0, source.begin, "it stands in the preamble")
        if source.end >= 0:
            layout.hide(source.end, len(text), "it stands behind the document's end")
    layout.references += source.lists
    layout.links[:] = [link for link in layout.links if link.span.start >= source.begin]
    clusters, left = find(text, layout, everything=wanted.everything, joins=r"\\&|and|und|et|y|e|og|en", brackets="(")
    preamble = text[: source.begin] if source.begin >= 0 else (wanted.root.split("\\begin{document}")[0] or text)
    return Manuscript(
        "latex",
        text,
        clusters,
        tuple(source.cited),
        left,
        lists=tuple(layout.references),
        libraries=tuple(source.libraries),
        includes=tuple(source.includes),
        all_cited=source.all_cited,
        defined=frozenset(source.defined),
        syntax=style_of(preamble, source.commands, wanted.settings.cite_syntax),
        state=source,
    )


def write(manuscript: Manuscript, choose: Choose, wanted: Wanted) -> Written:
    """Put `\\citep`, `\\parencite` or `\\cite` in the place of what `choose` knows, as the preamble calls for."""
    written = compose(manuscript, choose, wanted, hand_of(manuscript.syntax))
    return with_bibliography(manuscript, written, choose, wanted, _bibliography(manuscript, wanted))


def _bibliography(manuscript: Manuscript, wanted: Wanted) -> str:
    """The command that prints the bibliography, "" where the source has it already."""
    if manuscript.libraries and re.search(r"\\(?:bibliography\{|printbibliography)", manuscript.text):
        return ""
    if manuscript.syntax.startswith("biblatex"):
        return "\\printbibliography"
    name = re.sub(r"\.bib$", "", wanted.library) or "references"
    style = "" if "\\bibliographystyle" in manuscript.text else "\\bibliographystyle{plain}\n"
    return f"{style}\\bibliography{{{name}}}"


class _Scanner:
    """One pass over a source."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found = Source()
        self.place = Lines(text).place

    def run(self) -> Source:
        """What is in the whole source."""
        text, layout = self.text, self.found.layout
        at = 0
        while (token := _TOKEN.search(text, at)) is not None:
            start, at, sign = token.start(), token.end(), token.group()
            if sign == "%":
                end = text.find("\n", start)
                at = end if end >= 0 else len(text)
                layout.hide(start, at, "it is a comment")
            elif sign[0] == "$":
                at = self._math(start, at, sign)
            elif sign[0] == "<":
                close = re.compile(r"^@\s*$", re.MULTILINE).search(text, at)
                at = close.end() if close else len(text)
                layout.hide(start, at, "it is code")
            elif sign in ("\\[", "\\("):
                at = self._math(start, at, "\\]" if sign == "\\[" else "\\)")
            elif len(sign) > 1 and sign[1].isalpha():
                at = self._command(sign[1:], start, at)
        return self.found

    # --- what is hidden ---

    def _math(self, start: int, at: int, close: str) -> int:
        """Hide math; a dollar sign without its pair in the same paragraph is one of money."""
        paragraph = re.compile(r"\n[ \t]*\r?\n").search(self.text, at)
        limit = paragraph.start() if paragraph else len(self.text)
        end = re.compile(rf"(?<!\\){re.escape(close)}").search(self.text, at, limit)
        if end is None:
            return at
        self.found.layout.hide(start, end.end(), "it is math")
        return end.end()

    def _command(self, name: str, start: int, at: int) -> int:
        if name in _INLINE_CODE:
            return self._inline_code(name, start, at)
        if name in ("begin", "end"):
            return self._environment(name, start, at)
        if name == "iffalse":
            close = re.compile(r"\\fi\b").search(self.text, at)
            end = close.end() if close else len(self.text)
            self.found.layout.hide(start, end, "it is a comment")
            return end
        if name in _URLS or name == "href":
            return self._link(name, start, at)
        if _CITE.match("\\" + name) and name.rstrip("*") not in _NO_CITE:
            return self._citation(name, start, at)
        if name == "endinput":
            self.found.layout.hide(start, len(self.text), "it stands behind the document's end")
            return len(self.text)
        if name in ("def", "gdef", "edef", "let"):
            body = self._group(self._skip(at, r"[^{\n]*"))
            end = body.end + 1 if body else at
            self.found.layout.hide(start, end)
            return end
        if name in _NO_PROSE:
            return self._without_prose(name, start, at)
        return at

    def _inline_code(self, name: str, start: int, at: int) -> int:
        text = self.text
        if name == "mintinline":
            options = self._option(at)
            language = self._group(options.end + 1 if options else at)
            at = language.end + 1 if language else at
        elif name == "lstinline":
            options = self._option(at)
            at = options.end + 1 if options else at
        group = self._group(at) if text[at : at + 1] == "{" else None
        if group is not None:
            end = group.end + 1
        else:
            mark = text[at : at + 1]
            close = text.find(mark, at + 1) if mark and not mark.isspace() else -1
            end = close + 1 if close >= 0 else at
        self.found.layout.hide(start, end, "it is code")
        return end

    def _environment(self, name: str, start: int, at: int) -> int:
        group = self._group(at)
        if group is None:
            return at
        text, env = self.text, group.of(self.text)
        after = group.end + 1
        if env == "document":
            if name == "begin" and self.found.begin < 0:
                self.found.begin = after
            elif name == "end":
                self.found.end = start
            return after
        if name == "end":
            return after
        close = text.find(f"\\end{{{env}}}", after)
        end = close + len(env) + 6 if close >= 0 else len(text)
        if env in _VERBATIM:
            why = "it is a comment" if env == "comment" else "it is code"
            self.found.layout.hide(start, end, why)
            return end
        if env in _MATH and close >= 0:
            self.found.layout.hide(start, end, "it is math")
            return end
        if env == "thebibliography":
            self.found.lists.append(Span(start, end))
            for item in re.compile(r"\\bibitem\s*(?:\[(?:[^\[\]{}]|\{[^{}]*\})*\])?\s*\{([^{}]*)\}").finditer(
                text, start, end
            ):
                self.found.defined[item[1].strip()] = Span(item.start(), item.end())
        return after

    def _without_prose(self, name: str, start: int, at: int) -> int:
        end = at
        arguments: list[Span] = []
        for _ in range(_NO_PROSE[name]):
            while (option := self._option(end)) is not None:
                end = option.end + 1
            group = self._group(end)
            if group is None:
                if re.match(r"\s*\\[A-Za-z@]+", self.text[end : end + 40]) and name.startswith(
                    ("new", "renew", "provide")
                ):
                    end = self._skip(end, r"\s*\\[A-Za-z@]+")
                    continue
                break
            arguments.append(group)
            end = group.end + 1
        self._names(name, [one.of(self.text) for one in arguments])
        self.found.layout.hide(start, end)
        return end

    def _names(self, name: str, arguments: list[str]) -> None:
        """Files that a command names: libraries, and sources that are pulled in."""
        if not arguments:
            return
        first = arguments[0].strip()
        if name in ("bibliography", "addbibresource", "addglobalbib"):
            for library in first.split(","):
                given = " ".join(library.split())
                if given and "://" not in given:
                    self.found.libraries.append(given if re.search(r"\.\w{2,6}$", given) else f"{given}.bib")
        elif name in ("input", "include", "subfile") and "\\" not in first and first:
            self.found.includes.append(first if re.search(r"\.\w{2,4}$", first) else f"{first}.tex")

    # --- links and citations ---

    def _link(self, name: str, start: int, at: int) -> int:
        option = self._option(at) if name == "href" else None
        at = option.end + 1 if option else at
        target = self._group(at)
        if target is None:
            mark = self.text[at : at + 1]
            close = self.text.find(mark, at + 1) if name in ("url", "path") and mark and mark in "|!+/=\"'" else -1
            if close < 0:
                return at
            target = Span(at + 1, close)
        end = target.end + 1
        text = self._group(self._skip(end, r"\s*")) if name == "href" else None
        address = target.of(self.text).strip()
        if name in ("doi", "DOI", "urldoi", "doilink") and not in_link(address):
            address = f"https://doi.org/{address}"
        if text is not None:
            end = text.end + 1
        if in_link(address):
            fixed = "it is a link around a picture" if text and "\\includegraphics" in text.of(self.text) else ""
            self.found.layout.links.append(Link(Span(start, end), address, text, fixed))
        else:
            self.found.layout.hide(start, target.end + 1)
            end = target.end + 1
        return end

    def _citation(self, name: str, start: int, at: int) -> int:
        """A citation command: its options stay, its keys are taken one by one."""
        end, keys = at, []
        many = (name.rstrip("*").endswith("s") and name.rstrip("*") != "cites") or name == "cites"
        while True:
            here = self._skip(end, r"\s*(?:\([^()]*\)\s*){0,2}")
            for _ in range(2):
                option = self._option(here)
                here = option.end + 1 if option else here
            group = self._group(here)
            if group is None:
                break
            keys.append(group)
            end = group.end + 1
            if not many:
                break
        if not keys:
            if self.text[here : here + 1] != "{":
                return at
            line_end = self.text.find("\n", here)
            end = line_end if line_end >= 0 else len(self.text)
            self.found.layout.hide(start, end, "its braces are not closed")
            return end
        self.found.layout.hide(start, end)
        self.found.commands[name] = self.found.commands.get(name, 0) + 1
        for group in keys:
            for span in _keys(self.text, group):
                self._key(name, span)
        return end

    def _key(self, name: str, span: Span) -> None:
        key = span.of(self.text)
        if key == "*":
            self.found.all_cited = True
        elif _DOI_KEY.match(key) and in_link(key):
            self.found.layout.keys.append(Key(span, key))
        elif "#" not in key and "\\" not in key:
            self.found.cited.append(Cited(key, span, self.place(span.start)))

    # --- arguments ---

    def _skip(self, at: int, pattern: str) -> int:
        match = re.compile(pattern).match(self.text, at)
        return match.end() if match else at

    def _group(self, at: int) -> Span | None:
        """The content of the braces that begin at `at`, blanks before them apart."""
        at = self._skip(at, r"[ \t]*(?:%[^\n]*\n[ \t]*|\r?\n[ \t]*(?=\{))?")
        if self.text[at : at + 1] != "{":
            return None
        depth = 0
        for match in _BRACES.finditer(self.text, at, min(len(self.text), at + 100_000)):
            if match.group() == "{":
                depth += 1
            elif match.group() == "}":
                depth -= 1
                if depth == 0:
                    return Span(at + 1, match.start())
        return None

    def _option(self, at: int) -> Span | None:
        at = self._skip(at, r"[ \t]*")
        if self.text[at : at + 1] != "[":
            return None
        depth = 0
        for match in _OPTION.finditer(self.text, at, min(len(self.text), at + 10_000)):
            if match.group() == "{":
                depth += 1
            elif match.group() == "}":
                depth -= 1
            elif match.group() == "]" and depth == 0:
                return Span(at + 1, match.start())
        return None


_BRACES = re.compile(r"\\(?s:.)|[{}]")
_OPTION = re.compile(r"\\(?s:.)|[{}\]]")
_DOI_KEY = re.compile(r"doi:|https?://|10\.\d{4,9}/", re.IGNORECASE)


def _keys(text: str, group: Span) -> Iterator[Span]:
    """The keys of a citation's argument; a DOI among them may hold a comma of its own."""
    at = group.start
    while at < group.end:
        blank = re.compile(r"[\s,]*(?:%[^\n]*\n[\s,]*)*").match(text, at, group.end)
        at = blank.end() if blank else at
        if at >= group.end:
            return
        plain = re.compile(r"[^,%]+").match(text, at, group.end)
        end = plain.end() if plain else group.end
        if _DOI_KEY.match(text, at, group.end):
            first = next(iter(written(text[at : group.end])), None)
            end = max(end, at + first.end) if first is not None and first.start < 40 else end
        key = text[at:end].rstrip()
        if key:
            yield Span(at, at + len(key))
        at = max(end, at + 1)
