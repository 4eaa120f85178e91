"""Works that a document carries in the fields of reference managers, read as CSL items, also without a DOI.

Zotero and Mendeley keep CSL-JSON. The tables here say what EndNote's records, Word's own sources and LibreOffice's
bibliography marks call CSL's variables. Sources: EndNote's XML as it writes it; ECMA-376 part 4, shared bibliography;
OpenDocument 1.3 part 3, §19.773 to §19.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from refkit.errors import ReadError
from refkit.formats.csljson import DATES
from refkit.formats.zotero_uri import identity
from refkit.manuscripts.zotero_fields import read_citation
from refkit.model import Carried, Origin, Work
from refkit.readers.markup import xml

_ENDNOTE_TYPES = {
    "Journal Article": "article-journal",
    "Electronic Article": "article-journal",
    "Magazine Article": "article-magazine",
    "Newspaper Article": "article-newspaper",
    "Book": "book",
    "Edited Book": "book",
    "Electronic Book": "book",
    "Book Section": "chapter",
    "Conference Paper": "paper-conference",
    "Conference Proceedings": "paper-conference",
    "Thesis": "thesis",
    "Report": "report",
    "Government Document": "report",
    "Web Page": "webpage",
    "Blog": "post-weblog",
    "Dataset": "dataset",
    "Computer Program": "software",
    "Patent": "patent",
    "Standard": "standard",
    "Manuscript": "manuscript",
    "Unpublished Work": "manuscript",
}
_ENDNOTE = {
    "title": "title",
    "secondary-title": "container-title",
    "full-title": "container-title",
    "abbr-1": "container-title-short",
    "volume": "volume",
    "number": "issue",
    "pages": "page",
    "edition": "edition",
    "publisher": "publisher",
    "pub-location": "publisher-place",
    "electronic-resource-num": "DOI",
    "abstract": "abstract",
    "language": "language",
}
_WORD_TYPES = {
    "JournalArticle": "article-journal",
    "ArticleInAPeriodical": "article-magazine",
    "Book": "book",
    "BookSection": "chapter",
    "ConferenceProceedings": "paper-conference",
    "Report": "report",
    "InternetSite": "webpage",
    "DocumentFromInternetSite": "webpage",
    "ElectronicSource": "webpage",
    "Patent": "patent",
    "Case": "legal_case",
    "Film": "motion_picture",
    "Interview": "interview",
}
_WORD = {
    "Title": "title",
    "JournalName": "container-title",
    "PeriodicalTitle": "container-title",
    "BookTitle": "container-title",
    "ConferenceName": "event-title",
    "InternetSiteTitle": "container-title",
    "Volume": "volume",
    "Issue": "issue",
    "Pages": "page",
    "Edition": "edition",
    "Publisher": "publisher",
    "Institution": "publisher",
    "City": "publisher-place",
    "URL": "URL",
    "DOI": "DOI",
    "ShortTitle": "title-short",
}
_WORD_ROLES = {"Author": "author", "Editor": "editor", "Translator": "translator", "BookAuthor": "container-author"}
_MARK_TYPES = {
    "article": "article-journal",
    "book": "book",
    "booklet": "pamphlet",
    "conference": "paper-conference",
    "inproceedings": "paper-conference",
    "proceedings": "book",
    "inbook": "chapter",
    "incollection": "chapter",
    "mastersthesis": "thesis",
    "phdthesis": "thesis",
    "techreport": "report",
    "manual": "book",
    "unpublished": "manuscript",
    "www": "webpage",
}
_MARK = {
    "title": "title",
    "journal": "container-title",
    "booktitle": "container-title",
    "volume": "volume",
    "number": "issue",
    "pages": "page",
    "edition": "edition",
    "publisher": "publisher",
    "institution": "publisher",
    "organizations": "publisher",
    "school": "publisher",
    "address": "publisher-place",
    "series": "collection-title",
    "chapter": "chapter-number",
    "url": "URL",
}


def from_code(code: str, place: str, program: str) -> Iterator[Carried]:
    """The works in a citation's code: CSL-JSON (Zotero, Mendeley) or EndNote's XML."""
    if "CSL_CITATION" in code or '"citationItems"' in code:
        found = read_citation(code if "CSL_CITATION" in code else f"CSL_CITATION {code[code.find('{') :]}")
        for one in found.works if found else ():
            if one.data.get("title") or one.data.get("author"):
                key = str(one.data.get("citation-key") or "")
                yield Carried(_plain(one.work), key if re.fullmatch(r"\S+", key) else "", place, program)
    elif "<EndNote>" in code:
        yield from _endnote(code[code.index("<EndNote>") :], place, program)


def _plain(work: Work) -> Work:
    """A work without what Zotero keeps beside CSL: its key, and dates said twice."""
    csl = {name: value for name, value in work.csl.items() if name != "citation-key"}
    for name, value in csl.items():
        if name in DATES and isinstance(value, dict) and value.get("date-parts"):
            csl[name] = {part: said for part, said in value.items() if part != "raw"}
    return replace(work, csl=csl)


def _endnote(text: str, place: str, program: str) -> Iterator[Carried]:
    try:
        root = xml(text[: text.rfind(">") + 1].encode(), "an EndNote field")
    except ReadError:
        return
    for record in root.iter("record"):
        csl: dict[str, Any] = {"type": "document"}
        for element in record.iter():
            tag, words = element.tag, " ".join("".join(element.itertext()).split())
            if tag == "ref-type":
                csl["type"] = _ENDNOTE_TYPES.get(element.get("name", ""), "document")
            elif tag in _ENDNOTE and words:
                csl.setdefault(_ENDNOTE[tag], words)
            elif tag == "year" and (years := re.search(r"\d{4}", words)):
                csl.setdefault("issued", {"date-parts": [[int(years[0])]]})
            elif tag == "isbn" and words:
                csl.setdefault("ISSN" if csl["type"].startswith("article") else "ISBN", words.split()[0])
        for group, role in (("authors", "author"), ("secondary-authors", "editor")):
            found = record.findall(f"contributors/{group}/author")
            names = [" ".join("".join(one.itertext()).split()) for one in found]
            if people := [_person(name) for name in names if name.strip(" ,")]:
                csl[role] = people
        if csl.get("title") or csl.get("author"):
            yield Carried(_work(csl, "EndNote"), "", place, program)


def from_sources(data: bytes, name: str) -> Iterator[Carried]:
    """The works in Word's own list of sources (`b:Sources`)."""
    for source in (one for one in xml(data, name).iter() if _local(one) == "Source"):
        fields = {_local(child): child for child in source}
        words = {tag: " ".join("".join(child.itertext()).split()) for tag, child in fields.items()}
        csl: dict[str, Any] = {"type": _WORD_TYPES.get(words.get("SourceType", ""), "document")}
        csl.update({_WORD[tag]: text for tag, text in words.items() if tag in _WORD and text})
        if number := words.get("StandardNumber"):
            csl.setdefault("DOI" if "10." in number else "ISBN", number)
        if dates := _date(words):
            csl["issued"] = dates
        for group in (one for one in fields.get("Author", ()) if _local(one) in _WORD_ROLES):
            if people := list(_people(group)):
                csl[_WORD_ROLES[_local(group)]] = people
        if csl.get("title") or csl.get("author"):
            key = words.get("Tag", "")
            key = key if re.fullmatch(r"\w+", key) else ""
            yield Carried(_work(csl, "Word"), key, "Word's list of sources", "Word")


def _date(words: Mapping[str, str]) -> dict[str, Any]:
    year = re.search(r"\d{4}", words.get("Year", ""))
    if year is None:
        return {}
    parts = [int(year[0])]
    for tag in ("Month", "Day"):
        if not words.get(tag, "").isdecimal():
            break
        parts.append(int(words[tag]))
    return {"date-parts": [parts]}


def _people(group: Any) -> Iterator[dict[str, str]]:
    for one in group.iter():
        if _local(one) == "Corporate" and (one.text or "").strip():
            yield {"literal": " ".join(one.text.split())}
        elif _local(one) == "Person":
            names = {_local(part): " ".join((part.text or "").split()) for part in one}
            given = " ".join(filter(None, (names.get("First"), names.get("Middle"))))
            if names.get("Last") or given:
                person = {"family": names.get("Last", ""), "given": given}
                yield {part: text for part, text in person.items() if text}


def from_mark(attributes: Mapping[str, str], place: str) -> Carried | None:
    """The work of a bibliography mark of LibreOffice, by its attributes without their prefix."""
    csl: dict[str, Any] = {"type": _MARK_TYPES.get(attributes.get("bibliography-type", ""), "document")}
    csl.update({_MARK[name]: value.strip() for name, value in attributes.items() if name in _MARK and value.strip()})
    for name in ("author", "editor"):
        if people := [_person(one) for one in re.split(r"\s*;\s*|\s+and\s+", attributes.get(name, "")) if one.strip()]:
            csl[name] = people
    if year := re.search(r"\d{4}", attributes.get("year", "")):
        csl["issued"] = {"date-parts": [[int(year[0])]]}
    for name in ("url", "identifier", "note", "custom1"):
        if doi := re.search(r"10\.\d{4,9}/\S+", attributes.get(name, "")):
            csl.setdefault("DOI", doi[0])
    if not (csl.get("title") or csl.get("author")):
        return None
    key = attributes.get("identifier", "")
    return Carried(_work(csl, "LibreOffice"), key if re.fullmatch(r"[\w:.-]+", key) else "", place, "LibreOffice")


def _person(name: str) -> dict[str, str]:
    """A name as EndNote and LibreOffice write it: `Family, Given`, or a group with a comma behind it or without one."""
    family, comma, given = name.partition(",")
    if comma and given.strip():
        return {"family": family.strip(), "given": given.strip()}
    words = family.split()
    if comma or len(words) != 2:
        return {"literal": family.strip()}
    return {"family": words[1], "given": words[0]}


def _work(csl: dict[str, Any], program: str) -> Work:
    return Work(csl, {}, Origin(f"a field of {program}"))


def _local(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def once(works: Iterable[Carried]) -> tuple[Carried, ...]:
    """Each work once, at its first place."""
    seen: dict[str, Carried] = {}
    for one in works:
        seen.setdefault(identity(one.work) or str(one.work.csl), one)
    return tuple(seen.values())
