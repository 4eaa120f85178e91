"""Which encoding a text is in, told so that every byte of it comes back: `encode(*decode(data)) == data` for any bytes.

The evidence, strongest first: a byte order mark; the NULs of UTF-16 and UTF-32; valid UTF-8; what the text says of
itself (JabRef's and BibDesk's first line, `%!TEX encoding`, `inputenc`, mode lines of Emacs and Vim); broken UTF-8; how
bytes go together and which letters that would give (`charsets`). An encoding that would not give the same bytes back is
never taken. Bytes that mean nothing become lone surrogates (PEP 383), and those become the same bytes again.
"""

from __future__ import annotations

import codecs
import contextlib
import functools
import re
from dataclasses import dataclass
from typing import NamedTuple

from refkit.charsets import guess, telling

_HEAD, _FOOT = 4096, 2048
"""Bytes at the beginning and the end in which a text says how it is written."""


_BEST_FIT = frozenset({"cp950", "cp932", "cp949", "gbk", "euc_jp", "iso2022_jp"})
"""Encodings for which Python writes some letters as others that look alike (`¢` as `￠`)."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a text is written: Python's name of the encoding, the byte order mark, and an odd rest that is no letter.

    `why` says what it was told by: "byte order mark", "NULs", "valid", "declared", "broken", "guessed".
    """

    name: str = "utf-8"
    bom: bytes = b""
    tail: bytes = b""
    why: str = "valid"

    @property
    def is_unicode(self) -> bool:
        """Whether it has all letters there are."""
        return self.name.startswith("utf") or self.name == "gb18030"

    def encode(self, text: str) -> bytes:
        """The bytes of a text. Raises `UnicodeEncodeError` for letters that the encoding does not have."""
        data = text.encode(self.name, self._errors)
        if self.name in _BEST_FIT and data.decode(self.name, self._errors) != text:
            at = next(i for i, letter in enumerate(text) if self._lacks(letter))
            raise UnicodeEncodeError(self.name, text, at, at + 1, "another letter would be written")
        return self.bom + data + self.tail

    def lacking(self, text: str) -> str:
        """The letters of `text` that the encoding does not have, each once, in their order."""
        try:
            self.encode(text)
        except UnicodeEncodeError:
            return "".join(letter for letter in dict.fromkeys(text) if self._lacks(letter))
        return ""

    def _lacks(self, letter: str) -> bool:
        try:
            return letter.encode(self.name, self._errors).decode(self.name, self._errors) != letter
        except UnicodeEncodeError:
            return True

    @property
    def _errors(self) -> str:
        return "surrogatepass" if self.name.startswith(("utf-16", "utf-32")) else "surrogateescape"


class _Mark(NamedTuple):
    bytes: bytes
    name: str


_MARKS = (
    _Mark(codecs.BOM_UTF8, "utf-8"),
    _Mark(codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like UTF-16
    _Mark(codecs.BOM_UTF32_BE, "utf-32-be"),
    _Mark(codecs.BOM_UTF16_LE, "utf-16-le"),
    _Mark(codecs.BOM_UTF16_BE, "utf-16-be"),
    _Mark(b"\x84\x31\x95\x33", "gb18030"),
)


def decode(data: bytes) -> tuple[str, Encoding]:
    """The text of `data` without its byte order mark, newlines as they are, and how it is written."""
    for mark in _MARKS:
        if data.startswith(mark.bytes) and (found := _try(data, mark.name, "byte order mark", mark.bytes)):
            return found
    if b"\0" in data[:_HEAD] and (wide := by_nulls(data[:_HEAD])) and (found := _try(data, wide, "NULs")):
        return found
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _of_bytes(data, declared(data))
    # Letters of other encodings that happen to be valid UTF-8 are next to impossible; ASCII is valid in all of them.
    if text.isascii() and (found := _ascii(data, text, declared(data))):
        return found
    return text, Encoding()


def _ascii(data: bytes, text: str, said: str) -> tuple[str, Encoding] | None:
    """ASCII in an encoding other than UTF-8: what is added is to be written in the one that the text says."""
    if b"\x1b$" in data and (found := _try(data, "iso2022_jp", "valid")) and not found[0].isascii():
        return found
    return (text, Encoding(said, why="declared")) if said and said not in ("utf-8", "iso2022_jp") else None


def _of_bytes(data: bytes, said: str) -> tuple[str, Encoding]:
    """What is no valid UTF-8."""
    if said and said != "utf-8" and (found := _try(data, _meant(said, data), "declared")) and _is_plausible(found[0]):
        return found
    sample = telling(data)
    if said != "utf-8" and not _is_mostly_utf8(sample):
        for name in guess(sample):
            # Programs that write GBK are many, those that read the rest of GB 18030 few.
            if found := _try(data, _meant("gbk" if name == "gb18030" else name, data), "guessed"):
                return found
    return data.decode("utf-8", "surrogateescape"), Encoding(why="broken")


def _meant(name: str, data: bytes) -> str:
    """The wider encoding that is meant where one says less than the bytes have."""
    match name:
        case "iso8859-1" if _C1.search(data):
            return "cp1252"  # as browsers do: nobody writes C1 control codes
        case "gbk" if not _is_whole(data, "gbk") and _FOUR_BYTES.search(data):
            return "gb18030"
    return name


def _is_whole(data: bytes, name: str) -> bool:
    try:
        data.decode(name)
    except UnicodeDecodeError:
        return False
    return True


_C1 = re.compile(rb"[\x80\x82-\x8c\x8e\x91-\x9c\x9e\x9f]")
_FOUR_BYTES = re.compile(rb"[\x81-\xfe][0-9][\x81-\xfe][0-9]")


def _try(data: bytes, name: str, why: str, bom: bytes = b"") -> tuple[str, Encoding] | None:
    """The text in this encoding, if it gives the same bytes back."""
    unit = 4 if name.startswith("utf-32") else 2 if name.startswith("utf-16") else 1
    end = len(data) - (len(data) - len(bom)) % unit
    encoding, body = Encoding(name, bom, data[end:], why), data[len(bom) : end]
    try:
        text = body.decode(name, encoding._errors)
        comes_back = (name not in _BEST_FIT and _is_table(name)) or text.encode(name, encoding._errors) == body
    except UnicodeError:
        return None
    return (text, encoding) if comes_back else None


@functools.cache
def _is_table(name: str) -> bool:
    """Whether an encoding gives each byte a letter of its own, so that any bytes come back."""
    every = bytes(range(256))
    text = every.decode(name, "replace" if name.startswith("utf") else "surrogateescape")
    return len(set(text)) == 256 and text.encode(name, "surrogateescape") == every


_STRAY = re.compile("[\udc80-\udcff]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")


def _is_plausible(text: str) -> bool:
    """Whether at most a few bytes of a text mean nothing."""
    if text.isascii() or not _STRAY.search(text):
        return True
    return len(_STRAY.findall(text)) * 20 <= len(_BEYOND_ASCII.findall(text))


def _is_mostly_utf8(sample: bytes) -> bool:
    """Whether the letters that UTF-8 makes of some bytes are more than the bytes that it makes none of."""
    text = sample.decode("utf-8", "surrogateescape")
    stray = len(_STRAY.findall(text))
    return len(_BEYOND_ASCII.findall(text)) > 2 * stray


def by_nulls(head: bytes) -> str:
    """The encoding of a text without byte order mark whose NULs stand where UTF-16 or UTF-32 has them, else ""."""
    if len(head) < 4:
        return ""
    head = head[: len(head) // 4 * 4]
    share = [head[place::4].count(0) / (len(head) // 4) for place in range(4)]
    few, many = 0.02, 0.4
    if share[0] < few and min(share[1:]) > 0.9:
        return "utf-32-le"
    if share[3] < few and min(share[:3]) > 0.9:
        return "utf-32-be"
    even, odd = (share[0] + share[2]) / 2, (share[1] + share[3]) / 2
    return "utf-16-le" if even < few and odd > many else "utf-16-be" if odd < few and even > many else ""


# --- what a text says of itself --------------------------------------------------------------------------

_SAID = re.compile(
    rb"""(?ix)
      %?\ *%\ *Encoding:\ *([\w.:-]+)                                   # JabRef
    | %%\ *Saved\ with\ string\ encoding\ (.+)                          # BibDesk
    | %\ *!\ *TeX\ +(?:file)?encoding\ *=\ *(.+)                        # TeXShop, TeXworks
    | .{0,20}?-\*-(?:.*?;)?\ *coding:\ *([\w.-]+).*-\*-                # Emacs, first line
    | .{0,3}\ *coding:\ *([\w.-]+)                                     # Emacs, Local Variables
    | .{0,20}?\bvim?:(?:.*[\ :])?(?:fileencoding|fenc)=([\w.-]+)       # Vim
    | \\(?:usepackage\ *\[([\w.-]+)\]\ *\{inputenx?c?\}|inputencoding\ *\{([\w.-]+)\})   # LaTeX
    | \\enableregime\ *\[([\w.-]+)\]                                  # ConTeXt
    """
)
"""How a line says it; one alternative for each program that writes such lines."""
_HINTS = (b"coding", b"fenc", b"inputenc", b"regime")
_LINE = 300
"""Bytes of a line that are looked at."""


def declared(data: bytes) -> str:
    """The encoding that a text says it is in, "" where it says none that is known."""
    for piece in (data[:_HEAD], data[max(_HEAD, len(data) - _FOOT) :]):
        plain = piece.lower()
        if not any(hint in plain for hint in _HINTS):
            continue
        for line in piece.splitlines():
            found = _SAID.match(line[:_LINE].replace(b"\t", b" ").strip())
            if found and (name := known(next(g for g in found.groups() if g).decode("ascii", "replace"))):
                return name
    return ""


def known(name: str) -> str:
    """Python's name of an encoding that goes by many, "" for one that is unknown, or no encoding of texts."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    plain = re.sub(r"-(?:unix|dos|mac|emacs|auto)$", "", plain) if plain not in _NAMES else plain
    if plain in _NAMES:
        return _NAMES[plain]
    for spelt in (plain.replace("-", "_"), plain.replace("-", "")):  # Emacs says latin-2, Python latin2
        with contextlib.suppress(LookupError, ValueError):
            found = codecs.lookup(spelt).name
            return _NAMES.get(found.replace("_", "-"), found if _IS_TEXT.fullmatch(found) else "")
    return ""


_IS_TEXT = re.compile(
    r"utf-8|cp125\d|cp(?:437|850|852|855|857|858|866|874|932|949|950)|iso8859-\d+|koi8-[rut]|mac-\w+|tis-620"
    r"|gbk|gb18030|euc_jp|iso2022_jp"
)

_NAMES = {
    "ascii": "",  # says nothing about letters
    "us-ascii": "",
    "unicode": "utf-8",
    "unicode-utf-8": "utf-8",
    "utf-8-unicode": "utf-8",
    "utf-8-sig": "utf-8",
    "utf8x": "utf-8",
    "utf8mb4": "utf-8",
    "mule-utf-8": "utf-8",
    "utf": "utf-8",
    "utf-16": "utf-8",  # it would have shown in the bytes
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
    "iso-latin-1": "iso8859-1",
    "isolatin": "iso8859-1",
    "isolatin9": "iso8859-15",
    "western-iso-latin-1": "iso8859-1",
    "western-windows-latin-1": "cp1252",
    "western-mac-os-roman": "mac-roman",
    "western-ascii": "",
    "windows-latin-1": "cp1252",
    "windowslatin1": "cp1252",
    "iso-latin-9": "iso8859-15",
    "latin-9": "iso8859-15",
    "latin9": "iso8859-15",
    "latin-0": "iso8859-15",
    "latin-10": "iso8859-16",
    "latin10": "iso8859-16",
    "ansinew": "cp1252",
    "ansi": "cp1252",
    "win": "cp1252",
    "applemac": "mac-roman",
    "macosroman": "mac-roman",
    "macintosh": "mac-roman",
    "macce": "mac-latin2",
    "koi8": "koi8-r",
    "cp1252": "cp1252",
    "gb2312": "gbk",
    "chinese-gbk": "gbk",
    "chinese-gb18030": "gb18030",
    "chinese-iso-8bit": "gbk",
    "cn-gb-2312": "gbk",
    "euc-cn": "gbk",
    "cp936": "gbk",
    "big5": "cp950",
    "big5hkscs": "cp950",
    "chinese-big5": "cp950",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "japanese-shift-jis": "cp932",
    "windows-31j": "cp932",
    "japanese-cp932": "cp932",
    "japanese-iso-8bit": "euc_jp",
    "japanese-iso-7bit": "iso2022_jp",
    "euc-kr": "cp949",
    "korean-iso-8bit": "cp949",
    "uhc": "cp949",
}
"""Names that Python does not know, or for which more is meant than it takes them for (`gb2312`: whatever GBK has)."""
