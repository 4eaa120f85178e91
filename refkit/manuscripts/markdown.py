"""Markdown: pandoc, Quarto, R Markdown, MyST (roles and pandoc's citations), Obsidian."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from refkit.manuscripts import Choose, Cited, Item, Manuscript, Wanted, Written
from refkit.manuscripts.composing import Part, compose
from refkit.manuscripts.layout import Layout, Lines
from refkit.manuscripts.listing import with_bibliography
from refkit.manuscripts.markdown_blocks import Scanner
from refkit.manuscripts.markdown_inline import Inline, Reader
from refkit.manuscripts.prose import find
from refkit.model import Span


def read(text: str, name: str, wanted: Wanted) -> Manuscript:
    """Where citations may come in a Markdown text; see `refkit.manuscripts.TextKind`."""
    myst = _is_myst(text, name, wanted)
    lower = name.lower()
    blocks = Scanner(
        text, myst=myst, obsidian=not lower.endswith((".qmd", ".rmd")), raw_html=lower.endswith(".ipynb")
    ).run()
    layout = Layout(list(blocks.hidden), references=list(blocks.references), columns=blocks.columns)
    inline = Reader(text, blocks, layout, Lines(text).place).read()
    front = front_matter(blocks.front)
    no_cite = list(_no_cite(text, blocks.front))
    clusters, left = find(text, layout, everything=wanted.everything)
    return Manuscript(
        "markdown",
        text,
        clusters,
        (*no_cite, *inline.cited),
        left,
        all_cited=any(cited.key == "*" for cited in no_cite),
        lists=tuple(layout.references),
        libraries=(*_bibliographies(front), *_of_project(wanted.beside)),
        defined=frozenset(_inline_references(front)),
        syntax=_syntax(inline, wanted, myst),
        state=blocks,
    )


def write(manuscript: Manuscript, choose: Choose, wanted: Wanted) -> Written:
    """Put pandoc citations, roles or wikilinks in the place of what `choose` knows."""
    written = compose(manuscript, choose, wanted, HANDS[manuscript.syntax])
    command = "```{bibliography}\n```" if manuscript.syntax == "role" else "::: {#refs}\n:::"
    return with_bibliography(manuscript, written, choose, wanted, command)


# --- what a text says of itself ------------------------------------------------------------------

_ROLE_CITATION = re.compile(r"\{cite[a-z:]*\}`")
_DIRECTIVE_FENCE = re.compile(r"^ {0,3}(?:`{3,}|~{3,}|:{3,})[ \t]*\{[a-z][\w:-]*\}[ \t]*(?:\S|$)", re.MULTILINE)
_MYST_ONLY = re.compile(
    r"^ {0,3}(?:`{3,}|:{3,})[ \t]*\{(?:note|warning|tip|important|attention|admonition|figure|toctree|code-cell|margin|"
    r"seealso|bibliography|table-of-contents|math|eval-rst|list-table|dropdown|prf:\w+|exercise|card|grid|tab-set)\}"
    r"|^\([\w:.-]+\)=[ \t]*$|format_name: myst",
    re.MULTILINE,
)


def _is_myst(text: str, name: str, wanted: Wanted) -> bool:
    """Whether a text is MyST: by its name, by what only MyST has, by the project that it belongs to."""
    lower = name.lower()
    if lower.endswith((".qmd", ".rmd", ".rmarkdown")) or wanted.settings.cite_syntax in ("pandoc", "wikilink"):
        return False
    if lower.endswith(".myst") or wanted.settings.cite_syntax == "myst":
        return True
    if _ROLE_CITATION.search(text) or _MYST_ONLY.search(text):
        return True
    return any(project in wanted.beside for project in ("myst.yml", "conf.py", "_toc.yml"))


def _syntax(inline: Inline, wanted: Wanted, myst: bool) -> str:
    """How this manuscript writes citations: as the setting says, as it does already, as its project can read them."""
    asked = wanted.settings.cite_syntax
    if asked in ("pandoc", "wikilink"):
        return asked
    if asked == "myst":
        return "role"
    ways = {"role": 0, "pandoc": inline.ways.get("pandoc", 0), "wikilink": inline.ways.get("wikilink", 0)}
    ways["role"] = sum(count for way, count in inline.ways.items() if way.startswith("role:"))
    best = max(ways, key=lambda way: ways[way])
    if ways[best]:
        return best
    if myst and "myst.yml" not in wanted.beside and ("conf.py" in wanted.beside or "_toc.yml" in wanted.beside):
        return "role"
    return "pandoc"


def front_matter(text: str) -> Mapping[str, Any]:
    """The front matter as values, empty where it is none that YAML knows."""
    if not text.strip() or len(text) > 1 << 20 or (re.search(r"(?m)(?:^|[\s\[,])[*&]\w", text) and "<<" in text):
        return {}
    import yaml

    try:
        values = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def _bibliographies(values: Mapping[str, Any]) -> list[str]:
    found = values.get("bibliography", [])
    names = [found] if isinstance(found, str) else list(found.values()) if isinstance(found, dict) else found
    flat = [one for name in names or () for one in (name if isinstance(name, list) else [name])]
    return [name.strip() for name in flat if isinstance(name, str) and "://" not in name]


def _no_cite(text: str, front: str) -> Iterator[Cited]:
    """The keys of `nocite` in the front matter."""
    block = re.search(r"^nocite:(.*(?:\n[ \t-].*)*)", front, re.MULTILINE)
    if block is None:
        return
    base = text.index(front) + block.start(1)
    for key in re.finditer(r"@\{?([*]|[\w](?:[\w:.#$%&+?<>~/-]*\w)?)", block[1]):
        yield Cited(key[1], Span(base + key.start(1), base + key.end(1)), "front matter")


def _inline_references(values: Mapping[str, Any]) -> list[str]:
    found = values.get("references")
    return [str(one["id"]) for one in found if isinstance(one, dict) and "id" in one] if isinstance(found, list) else []


def _of_project(beside: Mapping[str, str]) -> list[str]:
    """The libraries that the project's files name (Quarto, bookdown, mystmd, Jupyter Book, Sphinx)."""
    found: list[str] = []
    for name in ("_quarto.yml", "_quarto.yaml", "_bookdown.yml", "_output.yml", "_metadata.yml"):
        found += _bibliographies(front_matter(beside.get(name, "")))
    project = front_matter(beside.get("myst.yml", "")).get("project")
    found += _bibliographies(project) if isinstance(project, dict) else []
    sphinx = front_matter(beside.get("_config.yml", "")).get("bibtex_bibfiles", [])
    found += [name for name in sphinx if isinstance(name, str)] if isinstance(sphinx, list) else []
    return found + sphinx_libraries(beside.get("conf.py", ""))


def sphinx_libraries(conf: str) -> list[str]:
    """The libraries that a Sphinx configuration names (`bibtex_bibfiles = ["refs.bib"]`)."""
    match = re.search(r"^bibtex_bibfiles\s*=\s*[\[(]([^\])]*)[\])]", conf, re.MULTILINE)
    return re.findall(r"[\"']([^\"']+)[\"']", match[1]) if match else []


# --- how citations are written -------------------------------------------------------------------

_PLAIN_KEY = re.compile(r"[^\W_](?:\w|[:.#$%&+?<>~/-](?=\w))*|_\w*")


def pandoc_key(key: str, after: str) -> str:
    """`@key`, in braces where its characters or those behind it would make pandoc read another key."""
    plain = _PLAIN_KEY.fullmatch(key) is not None and "--" not in key
    goes_on = re.match(r"\w|[:.#$%&+?<>~/-]\w", after) is not None
    return f"@{key}" if plain and not goes_on else f"@{{{key}}}"


def written_key(key: str, item: Item, after: str) -> str:
    """A key in a DOI's place: pandoc's with its sign, that of a role or a wikilink as it is."""
    return pandoc_key(key, after) if item.handle.key.form == "@" else key


@dataclass(frozen=True, slots=True)
class _Pandoc:
    """`[see @smith2020, p. 3; @jones2021]` and `@smith2020` (pandoc's manual, "Citation syntax")."""

    takes_brackets: bool = True
    takes_words: bool = True
    narrates: bool = True
    joint: str = " "

    def parenthetical(self, parts: Sequence[Part], before: str, after: str) -> str:
        if len(parts) == 1 and not parts[0].prefix and not parts[0].suffix and _would_link(before, after):
            return pandoc_key(parts[0].key, after)
        return f"[{'; '.join(self._part(part) for part in parts)}]"

    def _part(self, part: Part) -> str:
        key = pandoc_key(part.key, ";")
        return f"{part.prefix + ' ' if part.prefix else ''}{key}{', ' + part.suffix if part.suffix else ''}"

    def narrative(self, part: Part, before: str, after: str) -> str:
        if before[-1:].isalnum() or (not part.suffix and re.match(r"[ \t]?\[", after)):
            return self.parenthetical([part], before, after)
        if part.suffix:
            return f"{pandoc_key(part.key, ' ')} [{part.suffix}]"
        return pandoc_key(part.key, after)

    def key(self, key: str, item: Item, before: str, after: str) -> str:
        return written_key(key, item, after)


def _would_link(before: str, after: str) -> bool:
    """Whether a bracket here would be read as a link's: before `(`, or before a colon at a line's beginning."""
    return after[:1] in ("(", "{") or (after[:1] == ":" and not before.rpartition("\n")[2].strip(" >\t"))


@dataclass(frozen=True, slots=True)
class _Role:
    """``{cite:p}`{see}smith2020{p. 3},jones2021` `` and ``{cite:t}`smith2020` `` (sphinxcontrib-bibtex 2.7, mystmd)."""

    takes_brackets: bool = True
    takes_words: bool = True
    narrates: bool = True
    joint: str = " "

    def parenthetical(self, parts: Sequence[Part], before: str, after: str) -> str:
        return f"{{cite:p}}`{','.join(role_part(part) for part in parts)}`"

    def narrative(self, part: Part, before: str, after: str) -> str:
        return f"{{cite:t}}`{role_part(part)}`"

    def key(self, key: str, item: Item, before: str, after: str) -> str:
        return written_key(key, item, after)


def role_part(part: Part) -> str:
    """A key with the words around it, as sphinxcontrib-bibtex 2.7 and mystmd take them."""
    return f"{'{' + part.prefix + '}' if part.prefix else ''}{part.key}{'{' + part.suffix + '}' if part.suffix else ''}"


@dataclass(frozen=True, slots=True)
class _Wikilink:
    """`[[@smith2020]]`, as Obsidian's plug-ins for literature notes write citations."""

    takes_brackets: bool = False
    takes_words: bool = False
    narrates: bool = False
    joint: str = " "

    def parenthetical(self, parts: Sequence[Part], before: str, after: str) -> str:
        return "; ".join(
            f"{part.prefix + ' ' if part.prefix else ''}[[@{part.key}]]{', ' + part.suffix if part.suffix else ''}"
            for part in parts
        )

    def narrative(self, part: Part, before: str, after: str) -> str:
        return self.parenthetical([part], before, after)

    def key(self, key: str, item: Item, before: str, after: str) -> str:
        return written_key(key, item, after)


HANDS: Mapping[str, Any] = {"pandoc": _Pandoc(), "role": _Role(), "wikilink": _Wikilink()}
