"""docs/fields.md and docs/keys.md say what the tables say; `--accept` writes the tables of docs/fields.md anew."""

from __future__ import annotations

import re
from pathlib import Path

from refkit.formats import FORMATS
from refkit.formats.bibtex_table import BIBLATEX_NAMES, BIBTEX_NAMES, Row
from refkit.formats.ris_table import WRITE, tags_of
from refkit.formats.types import CROSSREF, DATACITE, Types
from refkit.keys.patterns import _FIELDS, _MODIFIERS

DOCS = Path(__file__).resolve().parent.parent / "docs"


def _types(table: dict[str, Types], label: str) -> str:
    rows = [f"| {label} | BibTeX | biblatex | RIS | CSL | Zotero | hayagriva |", "|---|---|---|---|---|---|---|"]
    for name, row in table.items():
        cells = (name, row.bibtex, row.biblatex, row.ris, row.csl, row.zotero, row.hayagriva)
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _names(row: Row | None) -> str:
    if row is None:
        return ""
    names = [row.default, *sorted(set(row.by_type.values()) - {row.default})]
    return ", ".join(name for name in names if name)


def _tags(variable: str) -> str:
    found: dict[str, None] = {}
    for kinds, tags, _ in WRITE.get(variable, ()):
        for tag in tags:
            found[tag] = None
        assert all(tags_of(variable, kind, "standard") is not None for kind in kinds)
    return ", ".join(found)


def _fields() -> str:
    bibtex, biblatex = {row.csl: row for row in BIBTEX_NAMES}, {row.csl: row for row in BIBLATEX_NAMES}
    rows = ["| CSL variable | BibTeX | biblatex | RIS |", "|---|---|---|---|"]
    for variable in dict.fromkeys([*bibtex, *biblatex, *WRITE]):
        cells = (variable, _names(bibtex.get(variable)), _names(biblatex.get(variable)), _tags(variable))
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _formats() -> str:
    rows = ["| format | suffixes | what it is |", "|---|---|---|"]
    rows += [
        f"| `{form.name}` | {', '.join(f'`{suffix}`' for suffix in form.suffixes)} | {form.says} |" for form in FORMATS
    ]
    return "\n".join(rows)


def test_fields_page(accept: bool) -> None:
    page = DOCS / "fields.md"
    text = old = page.read_text(encoding="utf-8")
    tables = {
        "crossref": _types(dict(CROSSREF), "Crossref type"),
        "datacite": _types(dict(DATACITE), "DataCite type"),
        "fields": _fields(),
        "formats": _formats(),
    }
    for name, table in tables.items():
        text, count = re.subn(
            rf"(<!-- {name} -->\n).*?(\n?<!-- end -->)",
            lambda m, table=table: f"{m[1]}{table}\n<!-- end -->",
            text,
            flags=re.DOTALL,
        )
        assert count == 1, name
    if accept:
        page.write_text(text, encoding="utf-8")
    else:
        assert text == old, "run pytest tests/test_formats_docs.py --accept"


def test_all_crossref_types_have_a_row() -> None:
    assert len({name.partition("/")[0] for name in CROSSREF}) == 30


def test_keys_page_names_every_field_and_modifier() -> None:
    text = (DOCS / "keys.md").read_text(encoding="utf-8").lower()
    for name in (*_FIELDS, *_MODIFIERS):
        if name != "camel":
            assert f"`{name}`" in text, name
