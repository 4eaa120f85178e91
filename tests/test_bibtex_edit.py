"""BibTeX libraries edited in place: an input, what is done to it, and what must come out, side by side in samples.

`tests/samples/editing/bibtex/NAME.bib` is the library, `NAME.json` says what is done (`add`, `fill`, `change`,
`remove`, `aliases`; `encoding` of the file), `NAME.expected.bib` is the library after it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from refkit import merging
from refkit.edits import apply
from refkit.formats.bibtex import edit
from refkit.formats.bibtex_library import Opened
from refkit.formats.editing import Editing, Field
from refkit.merging.arrivals import fingerprint
from refkit.model import Edit, Entry, Origin, Work
from refkit.settings import Settings

SAMPLES = Path(__file__).parent / "samples" / "editing" / "bibtex"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.json"))


def work(csl: dict[str, Any], fields: dict[str, str] | None = None) -> Work:
    return Work(csl, {"bibtex": {"fields": fields}} if fields else {}, Origin("sample"))


def encodable(encoding: str) -> Callable[[str], bool]:
    def test(text: str) -> bool:
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            return False
        return True

    return test


def position(editing: Editing, key: str) -> int:
    return next(index for index, entry in enumerate(editing.library.entries) if entry.key == key)


def gaps(editing: Editing, at: int, csl: dict[str, Any]) -> list[Field]:
    """The fields of a work that an entry lacks."""
    return [field for field in editing.fields(work(csl), at) if editing.present(at, field) is None]


def done(editing: Editing, todo: dict[str, Any]) -> list[Edit]:
    change: dict[int, list[Field]] = {}
    for key, fields in todo.get("change", {}).items():
        change[position(editing, key)] = [Field(name, raw) for name, raw in fields.items()]
    for key, csl in todo.get("fill", {}).items():
        at = position(editing, key)
        change.setdefault(at, []).extend(gaps(editing, at, csl))
    return editing.edits(
        add=[Entry(row["key"], work(row["csl"], row.get("fields"))) for row in todo.get("add", ())],
        change=change,
        remove=[position(editing, key) for key in todo.get("remove", ())],
        aliases={position(editing, key): keys for key, keys in todo.get("aliases", {}).items()},
    )


def opened(text: str, todo: dict[str, Any]) -> Editing:
    encoding = todo.get("encoding")
    return edit(text, Settings(), "bibtex", encodable(encoding) if encoding else None)


def read(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as stream:
        return stream.read()


@pytest.mark.parametrize("name", NAMES)
def test_samples(name: str, accept: bool) -> None:
    text, todo = read(SAMPLES / f"{name}.bib"), json.loads(read(SAMPLES / f"{name}.json"))
    editing = opened(text, todo)
    edits = done(editing, todo)
    edited = apply(text, edits)
    expected = SAMPLES / f"{name}.expected.bib"
    if accept:
        expected.write_text(edited, encoding="utf-8", newline="")
    assert edited == read(expected)
    assert editing.check(edited, edits) == ""


@pytest.mark.parametrize("name", NAMES)
def test_a_second_run_finds_nothing_to_fill(name: str) -> None:
    todo = json.loads(read(SAMPLES / f"{name}.json"))
    editing = opened(read(SAMPLES / f"{name}.expected.bib"), todo)
    for key, csl in {**todo.get("fill", {}), **{row["key"]: row["csl"] for row in todo.get("add", ())}}.items():
        assert gaps(editing, position(editing, key), csl) == []


@pytest.mark.parametrize("name", NAMES)
def test_line_ends_are_the_librarys(name: str) -> None:
    text, todo = read(SAMPLES / f"{name}.bib"), json.loads(read(SAMPLES / f"{name}.json"))
    if not text:
        return
    crlf = text.replace("\n", "\r\n")
    editing = opened(crlf, todo)
    edits = done(editing, todo)
    assert apply(crlf, edits) == read(SAMPLES / f"{name}.expected.bib").replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("fields", "name", "found"),
    [
        ("journal = {Mind}", "journaltitle", "journal"),
        ("booktitle = {Mind}", "journal", "booktitle"),
        ("year = 1950", "date", "year"),
        ("date = {1950-10}", "year", "date"),
        ("date = {1950-10}", "month", "date"),
        ("date = {1950}", "month", None),
        ("month = {10~} # oct", "day", "month"),
        ("address = {Oxford}", "location", "address"),
        ("school = {Oxford}", "institution", "school"),
        ("eid = {e12}", "pages", "eid"),
        ("articleno = {12}", "pages", "articleno"),
        ("annote = {x}", "annotation", "annote"),
        ("editor = {Chen, Li}", "author", "editor"),
        ("author = {Chen, Li}", "editor", None),
        ("url = {http://dx.doi.org/10.1000/182}", "doi", "url"),
        ("url = {https://example.org/10.1000/182/more}", "doi", None),
        ("note = {\\url{https://doi.org/10.1000/182}}", "doi", "note"),
        ("note = {doi: 10.1000/182}", "doi", "note"),
        ("note = {10.5 pages}", "doi", None),
        ("howpublished = {\\url{https://example.org}}", "url", "howpublished"),
        ("howpublished = {Online}", "url", None),
        ("archiveprefix = {arXiv}", "eprinttype", "archiveprefix"),
        ("eprint = {12345}, eprinttype = {pubmed}", "pmid", "eprint"),
        ("eprint = {1706.03762}, eprinttype = {arxiv}", "pmid", None),
        ("Pages = {}", "pages", None),
        ("pages = {n/a}", "pages", None),
        ('volume = ""', "volume", None),
        ("volume = {--}", "volume", None),
        ("title = {None}", "title", "title"),
        ("TITLE = {x}", "title", "title"),
    ],
)
def test_what_an_entry_says_under_another_name(fields: str, name: str, found: str | None) -> None:
    editing = edit("@misc{key, " + fields + "}", Settings())
    there = editing.present(0, Field(name, "{x}"))
    assert (there.name if there else None) == found


THEIRS = r"""@string{pub = {Two Rivers Press}}
@string{acm = {Assoc. Comp. Mach.}}

@misc{talk, author = {Chen, Li}, title = {What We Said}, howpublished = {Personal communication}, year = 2011}

@article{helix,
  author  = "Moreau, Zo{\"e}",
  title   = {The {$\alpha$}-helix, again},
  journal = {J. Odd Results},
  month   = "10~" # jan,
  year    = 1999
}

@inproceedings{child, author = {Okafor, Ada}, title = {Small Things}, pages = {1--9}, crossref = {par}}

@proceedings{par, title = {{Proceedings of Y}}, booktitle = {{Proceedings of Y}}, location = {Bern}, year = {2003},
  publisher = acm, organization = pub, x-mark = {mail me @ home}}
"""
OURS = """@string{acm = {Assoc. Comp. Mach.}}

@book{one,
  author    = {Berg, Ann},
  title     = {One},
  publisher = acm,
  year      = {2001},
}
"""


def merged(ours: str, theirs: str) -> str:
    found = edit(theirs, Settings()).library.entries
    plan = merging.plan(
        edit(ours, Settings()),
        [merging.Arrival(one.work, one.key, where="b") for one in found],
        merging.Base(),
        Settings(),
    )
    return apply(ours, plan.edits)


def values(text: str) -> dict[str, tuple[str, dict[str, str]]]:
    opened = Opened(text, "bibtex")
    return {block.key: (block.type.lower(), opened.source.values(block)) for block in opened.entries}


def test_an_entry_of_another_library_keeps_its_wording() -> None:
    after = merged(OURS, THEIRS)
    now = values(after)
    assert {key: now[key] for key in values(THEIRS)} == values(THEIRS)
    assert 'month     = "10~" # jan,' in after
    assert "publisher = acm," in after
    assert "pub," not in after
    assert merged(after, THEIRS) == after


def test_what_an_entry_inherits_is_written_where_its_parent_does_not_come_along() -> None:
    child = edit(THEIRS, Settings()).library.entries[2].work
    without = {**child.extra["bibtex"], "fields": {}}
    names = [field.name for field in edit(OURS, Settings()).fields(replace(child, extra={"bibtex": without}))]
    assert "booktitle" in names
    assert "crossref" not in names


def test_letters_that_the_encoding_lacks_become_latex_in_what_is_kept_otherwise() -> None:
    work = edit("@misc{a, title = {Łódź \\& $x$}, howpublished = {Ω}}", Settings()).library.entries[0].work
    ours = edit(OURS, Settings(), "bibtex", encodable("latin-1"))
    assert {field.name: field.text for field in ours.fields(work)} == {
        "title": "{{\\L}ód{\\'z} \\& $x$}", "howpublished": "{$\\Omega$}"
    }  # fmt: skip


def test_how_an_entry_is_written_is_nothing_that_its_work_says() -> None:
    one, other = (
        edit(text, Settings()).library.entries[0].work for text in ("@misc{a, note={x}}", '@misc{b, note="x"}')
    )
    assert one == other
    assert fingerprint(one) == fingerprint(other)


def order_of(text: str) -> list[str]:
    return [entry.key for entry in edit(text, Settings()).library.entries]


def test_a_parent_comes_behind_its_children() -> None:
    ours = "\n\n".join(f"@misc{{{key}, title = {{T {key}}}}}" for key in "bdfhz") + "\n\n@comment{jabref-meta: x}\n"
    theirs = """@misc{grand, title = {All of It}, x-is = {y}}
    @proceedings{a-par, title = {Proceedings}, crossref = {grand}}
    @inproceedings{two, title = {Two Talks}, crossref = {A-par}} @misc{c, title = {Sea}} @misc{y, title = {Why}}"""
    after = merged(ours, theirs)
    assert order_of(after) == ["b", "c", "d", "f", "h", "two", "y", "z", "a-par", "grand"]
    assert after.endswith("\n\n@comment{jabref-meta: x}\n")


def test_a_parent_comes_behind_children_that_were_there() -> None:
    ours = "\n\n".join(f"@inproceedings{{{key}, title = {{T {key}}}, crossref = {{a}}}}" for key in "bdfhz")
    assert order_of(merged(ours, "@proceedings{a, title = {Proceedings}} @misc{c, title = {Sea}}")) == [*"bcdfhza"]


def test_entries_that_name_each_other_in_a_circle_are_all_added() -> None:
    circle = "@misc{p, title = {One of Us}, crossref = {q}} @misc{q, title = {The Other}, crossref = {p}}"
    assert sorted(order_of(merged(OURS, circle))) == ["one", "p", "q"]


def test_a_child_comes_before_the_parent_that_was_there() -> None:
    ours = "@proceedings{par, title = {Proceedings}}\n\n@misc{z, title = {Z}}\n"
    theirs = "@inproceedings{kid, title = {A Talk}, crossref = {par}} @proceedings{par, title = {Proceedings}}"
    assert order_of(merged(ours, theirs)) == ["kid", "par", "z"]


@pytest.mark.parametrize(
    ("fields", "doi"),
    [
        ("bdsk-url-1 = {https://example.org/x}, Bdsk-Url-2 = {https://doi.org/10.1000/18\\_2}", "10.1000/18_2"),
        ("doi-url = {http://dx.doi.org/10.1000/ABC}", "10.1000/abc"),
        ("url = {https://example.org}, ee = {https://doi.org/10.1000/182}", "10.1000/182"),
        ("doi = {10.1000/1}, ee = {https://doi.org/10.1000/182}", "10.1000/1"),
        ("bdsk-url-1 = {https://example.org/10.1000/182}", None),
        ("bdsk-file-1 = {https://doi.org/10.1000/182}", None),
        ("crossref = {par}", None),
        ("crossref = {par}, ee = {https://doi.org/10.1000/182}", "10.1000/182"),
    ],
)
def test_a_doi_in_other_programs_links_is_seen_at_a_glance(fields: str, doi: str | None) -> None:
    parent = "@proceedings{par, title = {All}, bdsk-url-1 = {https://doi.org/10.1000/all}}"
    editing = edit("@inproceedings{key, title = {One}, " + fields + "}\n" + parent, Settings())
    assert editing.glance(0).get("DOI") == doi
