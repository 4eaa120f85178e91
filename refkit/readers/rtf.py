"""RTF: the visible text, hyperlinks and field codes (RTF Specification 1.9.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from refkit.errors import ReadError
from refkit.model import Document, Link, Note, Severity
from refkit.readers import Limits, OpenSibling, fields
from refkit.readers.markup import View

_TOKEN = re.compile(
    r"\\([A-Za-z]{1,32})(-?\d{1,10})? ?|\\'([0-9A-Fa-f]{2})|\\(.)|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.DOTALL
)
_SPECIAL = {
    "par": "\n", "line": "\n", "page": "\n", "sect": "\n", "row": "\n", "cell": "\t", "tab": "\t", "emdash": "\u2014",
    "endash": "\u2013", "lquote": "\u2018", "rquote": "\u2019", "ldblquote": "\u201c", "rdblquote": "\u201d",
    "bullet": "\u2022",
    "emspace": " ", "enspace": " ", "qmspace": " ",
}  # fmt: skip
_SYMBOLS = {"~": "\u00a0", "-": "\u00ad", "_": "-", "\n": "\n", "\r": "\n", "\\": "\\", "{": "{", "}": "}"}
# Destinations whose text is no part of the document's text.
_HIDDEN = frozenset(
    [
        "fonttbl",
        "colortbl",
        "stylesheet",
        "info",
        "pict",
        "object",
        "themedata",
        "colorschememapping",
        "datastore",
        "latentstyles",
        "listtable",
        "listoverridetable",
        "rsidtbl",
        "generator",
        "xmlnstbl",
        "mmathPr",
        "wgrffmtfilter",
        "revtbl",
        "filetbl",
        "operator",
        "author",
        "company",
        "userprops",
        "docvar",
        "blipuid",
        "bkmkstart",
        "bkmkend",
        "panose",
        "falt",
        "formfield",
        "datafield",
    ]
)
_HYPERLINK = re.compile(r'HYPERLINK\s+(?:\\l\s+)?"?([^"\s]+)')


def read(stream: BinaryIO, name: str, limits: Limits, open_sibling: OpenSibling | None) -> Iterator[Document]:
    """Read an RTF as one Document; see `refkit.readers.read`."""
    data = stream.read(limits.whole + 1)
    if len(data) > limits.whole:
        raise ReadError(f"{name} is larger than {limits.whole >> 20} MB.", "Split it, or raise the limit.")
    if not data.lstrip().startswith(b"{\\rtf"):
        raise ReadError(f"{name} is no RTF: it does not begin with {{\\rtf.")
    state = _Rtf(_codepage(data[:4096]))
    state.run(data.decode("latin-1"))
    notes: tuple[Note, ...] = ()
    if state.depth > 0:
        notes = (Note("truncated", "The RTF ends in the middle of a group; it may be truncated.", Severity.WARNING),)
    view = state.view
    yield Document(name, "rtf", view.text, encoding=state.codepage, breaks=(), links=tuple(view.links), notes=notes)


def _codepage(head: bytes) -> str:
    match = re.search(rb"\\ansicpg(\d{3,5})", head)
    page = f"cp{match.group(1).decode()}" if match else "cp1252"
    try:
        b"".decode(page)
    except LookupError:
        return "cp1252"
    return page


class _Rtf:
    """The state of a group-structured text: what is hidden, how many characters stand for a `\\u`, open fields."""

    def __init__(self, codepage: str) -> None:
        self.codepage = codepage
        self.view = View()
        self.depth = 0
        self._stack: list[tuple[bool, int, bool]] = []
        self._hidden, self._skip, self._code = False, 1, False
        self._codes: list[str] = []
        self._pending = 0
        self._bytes = bytearray()
        self._star = False

    def run(self, text: str) -> None:
        """Go through the tokens of the whole file."""
        for match in _TOKEN.finditer(text):
            word, number, byte, symbol, brace, plain = match.groups()
            if byte is not None:
                if self._pending:
                    self._pending -= 1
                else:
                    self._bytes.append(int(byte, 16))
                continue
            self._flush()
            if brace == "{":
                self._stack.append((self._hidden, self._skip, self._code))
                self.depth += 1
            elif brace == "}":
                self._close()
            elif word is not None:
                self._word(word, number)
            elif symbol is not None:
                self._symbol(symbol)
            elif plain is not None:
                self._plain(plain)
        self._flush()

    def _flush(self) -> None:
        if self._bytes:
            self._put(bytes(self._bytes).decode(self.codepage, "replace"))
            self._bytes.clear()

    def _plain(self, text: str) -> None:
        cut = min(self._pending, len(text))
        self._pending -= cut
        self._put(text[cut:])

    def _put(self, text: str) -> None:
        if self._code:
            self._codes.append(text)
        elif not self._hidden:
            self.view.add(text)

    def _symbol(self, symbol: str) -> None:
        if symbol == "*":
            self._star = True
        elif self._pending:
            self._pending -= 1
        elif symbol in _SYMBOLS:
            self._put(_SYMBOLS[symbol])

    def _word(self, word: str, number: str | None) -> None:
        star, self._star = self._star, False
        if word == "fldinst":
            self._code = True
            self._codes = []
        elif word in _HIDDEN or (star and word not in ("fldinst", "shppict", "footnote", "annotation")):
            self._hidden = True
        elif word == "uc":
            self._skip = max(0, int(number or 1))
        elif word == "u" and number is not None:
            self._put(chr(int(number) % 0x10000))
            self._pending = self._skip
        elif word == "v":
            self._hidden = self._hidden or number != "0"
        elif word in _SPECIAL:
            self._put(_SPECIAL[word])

    def _close(self) -> None:
        if not self._stack:
            return
        was_code = self._code
        self._hidden, self._skip, self._code = self._stack.pop()
        self.depth -= 1
        if was_code and not self._code:
            code = "".join(self._codes)
            if match := _HYPERLINK.search(code):
                self.view.link(match.group(1))
            elif "ADDIN" in code:
                self.view.links.extend(Link(doi, None, fields.program(code)) for doi in fields.dois(code))
