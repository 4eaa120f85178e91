"""The promises of citing as laws, over generated manuscripts of every text kind."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refkit.manuscripts import Wanted
from refkit.settings import Settings
from tests.manuscript_samples import cited, library

DOIS = sorted(doi for doi in library() if not doi.startswith("10.5555/"))
PLAIN = [doi for doi in DOIS if not set(doi) & set("<>;()")]

# Where a DOI becomes a citation, and where it stays, as blocks of their own; `@` stands for the DOI, as none has one.
PROSE = {
    "markdown": (
        "They found @ here.", "Labelled doi:@, so.", "At https://doi.org/@.", "An autolink <https://doi.org/@>.",
        "A [text of its own](https://doi.org/@) stays.", "Words (see @, pp. 3--5) in brackets.",
        "*Emphasised @* and **bold**.",
        "# A heading @ in the middle", "- a list\n- with @\n  and more", "> a quotation\n> with @ in it",
        "| a | b |\n|---|---|\n| @ | c |",
        "A footnote.[^n]\n\n[^n]: See doi:@.", "![A caption @](picture.png)", "1. one\n\n   two @ three",
        "Term\n:   definition @ here",
    ),
    "latex": (
        "They found @ here.", "Labelled doi:@, so.", "At \\url{https://doi.org/@}.",
        "A \\href{https://doi.org/@}{text of its own}.",
        "Words (see @, pp.~3--5) in brackets.", "\\section{A heading @ in it}",
        "\\begin{itemize}\\item a @\\end{itemize}",
        "\\begin{tabular}{ll} a & @ \\\\ \\end{tabular}", "A footnote.\\footnote{See \\url{https://doi.org/@}.}",
        "\\begin{figure}\\caption{A caption @ here.}\\end{figure}", "\\emph{Emphasised @} text.",
    ),
    "typst": (
        "They found @ here.", "Labelled doi:@, so.", "At https://doi.org/@ here.",
        '#link("https://doi.org/@")[a text of its own]',
        "Words (see @, p. 3) in brackets.", "= A heading @ in it", "- a list @ item",
        "#figure([x], caption: [A caption @ here.])",
        "A footnote.#footnote[See doi:@.]", "#if true [ in a block @ here ]", "_Emphasised @ text_",
    ),
    "org": (
        "They found @ here.", "Labelled doi:@, so.", "At https://doi.org/@ here.",
        "A [[https://doi.org/@][text of its own]].",
        "Words (see @, p. 3) in brackets.", "* A heading @ in it", "- a list @ item", "| a | @ |",
        "#+caption: A caption @ here",
        "#+begin_quote\nA quotation @ here.\n#+end_quote", "/Emphasised @ text/",
    ),
    "restructuredtext": (
        "They found @ here.", "Labelled doi:@, so.", "At https://doi.org/@ here.",
        "A `text of its own <https://doi.org/@>`__ is.",
        "Words (see @, p. 3) in brackets.", "- a list @ item", ".. note::\n\n   A note @ here.",
        ".. figure:: a.png\n\n   A caption @ here.",
    ),
    "asciidoc": (
        "They found @ here.", "Labelled doi:@, so.", "At https://doi.org/@ here.",
        "A https://doi.org/@[text of its own] is.",
        "Words (see @, p. 3) in brackets.", "* a list @ item", "|===\n| a | @\n|===",
        ".A caption @ here\nimage::a.png[]",
    ),
}  # fmt: skip
HIDDEN = {
    "markdown": (
        "Inline `@` code.", "```\n@\n```", "~~~ {.r}\nx <- '@'\n~~~", "Text.\n\n    @", "<!-- @ -->", "Math $@$ here.",
        "$$\n@\n$$",
        "- a\n\n      @", "<pre>@</pre>", "``x ` @``", "> ```\n> @\n> ```", "![x](@.png)",
    ),
    "latex": (
        "\\verb|@| code.", "\\begin{verbatim}\n@\n\\end{verbatim}", "% @", "Math $@$ here.", "\\[ @ \\]", "\\label{@}",
        "\\begin{lstlisting}\n@\n\\end{lstlisting}", "\\begin{equation}@\\end{equation}", "\\includegraphics{@}",
        "\\iffalse @ \\fi",
    ),
    "typst": ("Inline `@` code.", "```py\n@\n```", "// @", "/* @ */", '#let x = "@"', "Math $ x = \"@\" $ here.",
        '#image("@.png")'),
    "org": (
        "Inline =@= code.", "Inline ~@~ code.", "#+begin_src r\n@\n#+end_src", "# @", ": @",
        "#+begin_example\n@\n#+end_example",
        ":DRAWER:\n@\n:END:", "\\(@\\) math", "#+begin_comment\n@\n#+end_comment",
    ),
    "restructuredtext": ("Inline ``@`` code.", "Then::\n\n   @", ".. code-block:: r\n\n   @", ".. @ is a comment",
        ">>> '@'", ":math:`@`"),
    "asciidoc": ("Inline `@` code.", "----\n@\n----", "....\n@\n....", "// @", "////\n@\n////", "stem:[@]",
        "[source,r]\n----\n@\n----"),
}  # fmt: skip
SUFFIX = {
    "markdown": ".md",
    "latex": ".tex",
    "typst": ".typ",
    "org": ".org",
    "restructuredtext": ".rst",
    "asciidoc": ".adoc",
}


@st.composite
def manuscripts(draw: st.DrawFn, kind: str) -> tuple[str, list[str], list[str]]:
    """A manuscript, the DOIs that are to be cited in it, and the blocks that are to stay as they are."""
    plan = draw(st.lists(st.tuples(st.booleans(), st.integers(0, 99), st.integers(0, 999)), min_size=1, max_size=8))
    blocks, prose, hidden = [], [], []
    for is_prose, place, number in plan:
        templates = (PROSE if is_prose else HIDDEN)[kind]
        template = templates[place % len(templates)].replace("[^n]", f"[^{len(blocks)}]")
        doi = PLAIN[number % len(PLAIN)]
        blocks.append(template.replace("@", doi))
        (prose if is_prose else hidden).append(doi if is_prose else blocks[-1])
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    return "\n\n".join(blocks).replace("\n", newline) + newline, prose, [b.replace("\n", newline) for b in hidden]


def keep_promises(name: str, text: str, prose: Sequence[str], hidden: Sequence[str], *, narrative: bool = True) -> str:
    """Cite in a manuscript, and see that all that was promised holds; returns the new text."""
    wanted = Wanted(Settings(narrative=narrative))
    read, written, new = cited(name, text, wanted)
    for doi in prose:
        assert library()[doi].key in new, f"{doi} is not cited"  # type: ignore[index]  # it is one of the library's
    for block in hidden:
        assert block in new, f"{block!r} is no longer there"
    kept = [item.readings[0].doi for item in read.items]
    assert len(kept) == len(prose), "each place is found once"
    at = 0
    for edit in written.edits:
        assert edit.span.start >= at, "edits are in order"
        at = edit.span.end
    _, again, twice = cited(name, new, wanted)
    assert twice == new
    assert not again.edits
    return new


@pytest.mark.parametrize("kind", SUFFIX)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_prose_is_cited_and_the_rest_stays(kind: str, data: st.DataObject) -> None:
    text, prose, hidden = data.draw(manuscripts(kind))
    keep_promises(f"a{SUFFIX[kind]}", text, prose, hidden)


@settings(max_examples=25, deadline=None)
@given(made=manuscripts("markdown"), indent=st.sampled_from([None, 1, 4]), split=st.booleans(), plain=st.booleans())
def test_notebooks_keep_their_json(
    made: tuple[str, list[str], list[str]], indent: int | None, split: bool, plain: bool
) -> None:
    text, prose, _ = made
    cell = {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(keepends=True) if split else text}
    code = {"cell_type": "code", "metadata": {}, "source": "x = '10.1038/171737a0' # é"}
    notebook = {"cells": [code, cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    new = keep_promises("a.ipynb", json.dumps(notebook, indent=indent, ensure_ascii=plain), prose, [])
    after = json.loads(new)
    assert after["cells"][0] == code
    source = after["cells"][1].pop("source")
    assert "".join(source) == cited("a.md", text)[2]
    assert json.dumps(after, indent=indent, ensure_ascii=plain) == json.dumps(
        {**notebook, "cells": [code, {k: v for k, v in cell.items() if k != "source"}]},
        indent=indent,
        ensure_ascii=plain,
    )
