"""The words by which a document says whose a DOI is: tables, joined into one expression each."""

from __future__ import annotations

import re

# Headings of reference lists, as whole lines.
_HEADINGS = (
    "references?(?: and (?:further )?(?:notes|reading))?(?: cited| list)?",
    "bibliography",
    "literature(?: cited)?",
    "works cited",
    "cited (?:literature|references)",
    "notes and references",
    "selected references",
    "reference list",
    "literaturverzeichnis",
    "literatur",
    "quellen(?:verzeichnis)?",
    "r[ée]f[ée]rences(?: bibliographiques)?",
    "bibliographie",
    "bibliograf[ií]a",
    "referencias(?: bibliogr[áa]ficas)?",
    "refer[êe]ncias(?: bibliogr[áa]ficas)?",
    "riferimenti(?: bibliografici)?",
    "literatuur",
    "referenser",
    "litteratur",
    "kirjallisuus",
    "список литературы",
    "литература",
    "参考文献",
    "參考文獻",
    "引用文献",
    "文献",
    "참고문헌",
)
_MARKUP = r"(?:#{1,6}[ \t]*|\\(?:section|chapter|subsection)\*?\{|={1,5}[ \t]*|\*{1,2})?"
_NUMBER = r"(?:(?:\d{1,2}|[IVX]{1,5}|[A-H])[.)]?[ \t]{1,3})?"

REFERENCES = re.compile(
    rf"\n[ \t\f]*{_MARKUP}{_NUMBER}(?:{'|'.join(_HEADINGS)})[ \t]*[:.]?[}}=* \t]*(?:\{{\d+\}})?(?=[\r\n]|\Z)"
    r"|\n[ \t\f]*(?:\\begin\{thebibliography\}|\\printbibliography)",
    re.IGNORECASE,
)
"""The heading of a reference list, in plain text, Markdown, LaTeX or wikitext, with the line end before it: a literal
first character lets the search skip from line to line."""

# Words shortly before a DOI that say that it names another work than this one.
_OTHERS = (
    "correct(?:ion|ed)",
    "erratum",
    "corrigendum",
    "retract(?:ion|ed)",
    "related (?:article|work|paper|identifier)",
    "original (?:article|paper|publication|work|version)",
    r"supplement\w*",
    "companion",
    "(?:earlier|previous) version",
    "version 1",
    "update of",
    "(?<!annual )review of",
    "review:",
    "reply to",
    "comment(?:ary)? on",
    "(?:in )?response to",
    r"data(?:set)?s? (?:are |is |for |of )?(?:\w+ )?(?:available|deposited|archived)",
    "data availability",
    "data ?sets?",
    "repository",
    r"code (?:is |are )?(?:\w+ )?available",
    "source code",
    "archived? (?:at|on|in)",
    "preprint (?:of|version|is|server)",
    "see also",
    "reference implementation of",
    "re-?implementation of",
    "replication of",
    r"reproduc\w+ of",
    "published in final form",
    "software",
    "protocol",
    "figshare",
    "dryad",
    "zenodo",
    "osf",
)
AGAINST = re.compile(rf"\b(?:{'|'.join(_OTHERS)})\b[^\n]{{0,60}}(?:\n[^\n]{{0,200}}){{0,4}}$", re.IGNORECASE)
"""Another work is named in the lines before the DOI."""

# What publishers print beside a work's own DOI.
_BANNERS = (
    "digital object identifier",
    "article doi",
    "article id",
    "©",
    r"\(c\) ?(?:19|20)\d\d",
    "copyright",
    r"published(?: online)?(?: by|:| on|\b)",
    "received",
    "accepted",
    "available online",
    "journal homepage",
    "open access",
    "e?-?issn",
    "article (?:no|number)",
    "contents lists",
    "doi of",
    "original (?:research|paper)",
    "research article",
    "biorxiv",
    "medrxiv",
    "this version posted",
    "preprint doi",
    r"volume \d",
    "accepted manuscript",
    "published version",
    "version of record",
)
_NAMED = (
    "published as",
    "(?:has|have) been published (?:in|as)",
    "originally published",
    "previously published",
    "in final form",
    r"supplement\w*(?: \w+)? (?:for|to)\b",
    r"^\W*(?:book )?review(?:ed work)?(?: of)?\b:? ",
    r"(?:book|a) review of",
    r"chapter \d+",
    "appeared in",
    "is based on",
    r"this article (?:corrects|refers to|comments)",
    "(?:in )?reply to",
    "comment(?:ary)? on",
    r"(?:correction|erratum|corrigendum|addendum|retraction)(?: to| of|:|\b)",
    "data (?:and code )?(?:are|is) available",
    r"^\W?\d{0,2} ?see\b",
)
NAMED = re.compile(rf"(?:{'|'.join(_NAMED)})", re.IGNORECASE | re.MULTILINE)
"""The lines around the DOI speak of another work, wherever on the page they stand."""

SUPPLEMENT = re.compile(
    r"supplement\w* (?:materials?|information|files?|data|text|online)|supporting information", re.IGNORECASE
)
"""A document that is a supplement says so at its head; the DOI that it names is the article's."""

CITATION = re.compile(
    r"\b[A-Z][\w'’-]+,? (?:[A-Z]\.? ?-?){1,3}(?:[,.:;(&]| and\b)|\b(?:[A-Z]\. ?){1,3}[A-Z][\w'’-]+,|\bet al\b|[“”]"
    r"|^\[?\d{1,3}[.\]] ",
    re.MULTILINE,
)
"""Authors with initials, or a number, as in an entry of a reference list."""

BANNER = re.compile(rf"(?:{'|'.join(_BANNERS)})[^\n]{{0,200}}(?:\n[^\n]{{0,120}})?$", re.IGNORECASE)
"""A publisher's banner stands in the line of the DOI or the one before."""

# Where a work says how to cite it.
_CITING = (
    r"(?:please )?cite (?:this|as\b)",
    "how to cite",
    "to cite this",
    "citation ?:",
    "(?:suggested|recommended|preferred) citation",
    "citation for",
    "zitierhinweis",
    "zitiervorschlag",
    "pour citer",
    "c[óo]mo citar",
)
CITE_THIS = re.compile(rf"(?:{'|'.join(_CITING)})[^\x00]{{0,450}}$", re.IGNORECASE)
"""The DOI follows a word on how to cite the work."""
THEN_CITE = re.compile(rf"[.\s]*(?:{'|'.join(_CITING[:3])})", re.IGNORECASE)
"""Such a word follows the DOI."""

CITED_THERE = re.compile(
    r"\b\d{1,4}\s*\(\d{1,3}(?:-\d+)?\)|\b\d{1,4}\s*[,:]\s*[eL]?\d+|\bpp?\.?\s*\d|\bvol", re.IGNORECASE
)
"""Volume and pages, as at the end of a citation."""

HEAD = re.compile(r"\b(?:19|20)\d\d\b|\bvol|\bissn\b|\bjournal\b|\bproceedings\b|\btransactions\b", re.IGNORECASE)
"""A journal's name or year, as at the head of a first page."""

# What a document says of itself, by the name of the statement, and how many points that counts.
METADATA = (
    (
        re.compile(
            r"citation_doi|article-id|book-id|doi of|prism[.:_]?doi|publication_doi|xmp .*doi"
            r"|pdf (?:doi|wps|prism)|^doi$",
            re.IGNORECASE,
        ),
        5.0,
    ),
    (re.compile(r"dc(?:terms)?[.:_]identifier|xmp identifier|json-ld|identifier", re.IGNORECASE), 4.5),
    (re.compile(r"pdf subject", re.IGNORECASE), 4.0),
    (re.compile(r"xmp url|pdf (?:title|keywords)|xmp title|link |og:url|dc[.:_]", re.IGNORECASE), 3.5),
)

CROSSMARK = re.compile(r"crossmark\.crossref\.org|crossmark-cdn", re.IGNORECASE)
"""The button of Crossref's update service, which leads to the work's own record."""
