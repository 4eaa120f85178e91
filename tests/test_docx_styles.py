"""Citations in CSL styles: refkit's own two, files, and what citeproc-py leaves undone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from refkit.errors import UsageError
from refkit.formats import csl_styles
from refkit.formats.csl_render import Cite, Rendering, plain, segments


def work(family: str, year: int, title: str = "A title", **more: Any) -> dict[str, Any]:
    """A CSL item."""
    names = [{"family": name, "given": "Ann B."} for name in family.split("+")]
    return {"type": "article-journal", "title": title, "author": names, "issued": {"date-parts": [[year]]}, **more}


def rendering(style: str, **works: dict[str, Any]) -> Rendering:
    """These works in a style."""
    return Rendering(csl_styles.load(style), works)


def shown(of: Rendering, *keys: str) -> str:
    """A citation of these works, as plain text."""
    return plain(of.citation([Cite(key) for key in keys]))


def test_works_of_one_author_and_year_are_told_apart() -> None:
    of = rendering("author-date", x=work("Doe", 2020, "Zebras"), y=work("Doe", 2020, "Ants"), z=work("Doe", 2021))
    assert [shown(of, key) for key in "xyz"] == ["(Doe, 2020b)", "(Doe, 2020a)", "(Doe, 2021)"]
    assert [plain(entry)[:20] for _, entry in of.bibliography()] == [
        "Doe, A. B. (2020a). ", "Doe, A. B. (2020b). ", "Doe, A. B. (2021). A",
    ]  # fmt: skip


def test_numbers_are_drawn_together() -> None:
    of = rendering("numeric", **{f"w{n}": work("Doe", 2000 + n) for n in range(6)})
    assert shown(of, "w0", "w1", "w2", "w4") == "[1]–[3], [5]"
    assert shown(of, "w4", "w0") == "[1], [5]"
    assert (
        plain(of.citation([Cite("w0", locator="3-5", label="page"), Cite("w1"), Cite("w2")]))
        == "[1, pp. 3–5], [2], [3]"
    )


def test_the_order_of_the_author_is_kept() -> None:
    of = rendering("author-date", z=work("Zoe", 2020), a=work("Abe", 2019))
    assert shown(of, "z", "a") == "(Zoe, 2020; Abe, 2019)"
    assert (
        plain(of.citation([Cite("z", prefix="see", suffix=", my words"), Cite("a")]))
        == "(see Zoe, 2020, my words; Abe, 2019)"
    )


def test_authors_may_be_left_out() -> None:
    of = rendering("author-date", x=work("Doe+Roe", 2020), y={"type": "book", "title": "Nobody's"})
    assert plain(of.citation([Cite("x", suppress_author=True)])) == "(2020)"
    assert "n.d." in shown(of, "y")


def test_names_as_zotero_keeps_them() -> None:
    people = [{"family": "van der Berg", "given": "John, Jr."}, {"literal": "World Health Organization"}]
    of = rendering("author-date", x={**work("A", 2020), "author": people})
    assert plain(of.bibliography()[0][1]).startswith("van der Berg, J., Jr., & World Health Organization (2020).")


def test_markup_becomes_segments() -> None:
    assert segments("a <i>b <i>c</i></i><sup>2</sup> <span class=\"nocase\">d</span> p < 0.5 & q") == (
        ("a ", frozenset()), ("b ", frozenset({"i"})), ("c", frozenset()), ("2", frozenset({"sup"})),
        (" d p < 0.5 & q", frozenset()),
    )  # fmt: skip


def test_zotero_knows_the_styles_by_their_likes() -> None:
    assert csl_styles.load("author-date").address == "http://www.zotero.org/styles/apa"
    assert csl_styles.by_address("http://www.zotero.org/styles/ieee", own=True).name == "numeric"


@pytest.mark.parametrize(
    ("name", "source", "words"),
    [
        ("nowhere.csl", None, "no such file"),
        ("broken.csl", "<style", "cannot be used"),
        ("other.csl", "<html/>", "no CSL style"),
        ("nature-of-nothing", None, "cannot be used"),
        (
            "dependent.csl",
            '<style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0"><info><title>x</title>'
            '<id>x</id><updated>2020-01-01T00:00:00Z</updated></info></style>',
            "no citations of its own",
        ),
    ],
)  # fmt: skip
def test_what_is_no_style(name: str, source: str | None, words: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if source is not None:
        path.write_text(source, encoding="utf-8")
    with pytest.raises(UsageError, match=words):
        csl_styles.load(str(path) if name.endswith(".csl") else name)
