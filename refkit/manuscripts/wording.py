"""The words around DOIs: what introduces a citation, what names a page, what needs a noun, what is data or code."""

from __future__ import annotations

import re

BLANK = r"(?:[ \t\u00a0\u202f~]|\\ |\r?\n[ \t>]*(?!\s))"
"""A blank within a sentence: also TeX's, and one line end with a quotation's mark."""

# --- what introduces a citation (in brackets) ----------------------------------------------------

PREFIXES = (
    r"see", r"see also", r"see,? for example,?", r"see,? e\.\s?g\.,?", r"but see", r"cf\.?", r"compare", r"contra",
    r"sensu", r"e\.\s?g\.,?", r"i\.\s?e\.,?", r"viz\.?", r"also", r"and", r"in", r"by", r"from", r"after", r"following",
    r"via",
    r"as in", r"for (?:an? )?(?:review|overview|example|discussion|summary|details)s?,?(?: see)?", r"adapted from",
    r"modified (?:from|after)", r"based on", r"data from", r"figure from", r"taken from", r"according to",
    r"(?:quoted|cited|reviewed|discussed|summari[sz]ed|described|reported|shown|given) (?:in|by|at)",
    r"as (?:quoted|cited|reviewed|discussed|described|reported|shown|proposed|suggested) (?:in|by|at)",
    r"and references (?:there)?in",
    # German, French, Spanish, Italian, Portuguese
    r"siehe(?: auch)?", r"s\.", r"vgl\.?(?: auch)?", r"z\.\s?B\.", r"nach", r"voir(?: aussi)?", r"cf\.? aussi",
    r"par exemple", r"p\. ex\.", r"d’après|d'après", r"véase(?: también)?", r"ver(?: también)?", r"por ejemplo",
    r"vedi(?: anche)?", r"veja(?: também)?", r"zie(?: ook)?",
)  # fmt: skip
"""Words that may stand before a citation in its brackets, as expressions."""

DROPPED = r"(?:source|ref(?:erence)?s?|link|paper|article|quelle|fuente|fonte)\.?:?|doi:?"
"""Words before a DOI in brackets that only announce it, and go with it."""

SUFFIXES = (
    r"and references therein", r"and others", r"among others", r"for (?:an? )?(?:review|overview|example"
    r"|discussion|details)s?",
    r"and therein", r"in press", r"emphasis (?:added|mine|in original)", r"my translation", r"for details",
    r"u\. ?a\.", r"et passim", r"passim",
)  # fmt: skip
"""Words that may stand after a citation in its brackets, as expressions."""

_NUMBER = r"(?:[A-Za-z]?\d+[A-Za-z]?(?:\.\d+)*|[ivxlcIVXLC]+\b)"
_RANGE = rf"{_NUMBER}(?:{BLANK}?(?:--?|[\u2010-\u2015]|,|and|&|und|et){BLANK}?{_NUMBER})*"
_TERMS = (
    r"pp?\.|pgs?\.|pages?|S\.|Seiten?|ch(?:ap)?s?\.|chapters?|Kap\.|secs?\.|sections?|\u00a7\u00a7?|figs?\."
    r"|figures?|Abb\."
    r"|tables?|tab\.|vols?\.|volumes?|paras?\.|paragraphs?|\u00b6\u00b6?|eqs?\.|equations?|lines?|ll?\.|notes?"
    r"|nn?\.|parts?"
    r"|pt\.|verses?|v\.|columns?|col\.|folios?|fols?\.|articles?|art\.|theorems?|lemmas?|propositions?|prop\."
    r"|corollar(?:y|ies)"
    r"|appendix|app\.|box|panels?|algorithms?|alg\.|supplement"
)
LOCATOR = re.compile(
    rf",?{BLANK}?((?:at |on |in )?(?:{_TERMS}){BLANK}{{0,2}}{_RANGE}(?:{BLANK}?ff?\.)?)(?![\w%])", re.IGNORECASE
)
"""A locator behind a DOI: `, pp. 3–5`, ` chap. 2` (terms of CSL 1.0.2 as people write them)."""

PREFIX = re.compile(rf"(?:(?P<kept>(?:{'|'.join(PREFIXES)})[:,]?)|{DROPPED}){BLANK}+\Z", re.IGNORECASE)
PREFIX_WHOLE = re.compile(
    rf"{BLANK}*(?:(?P<kept>(?:{'|'.join(PREFIXES)})[:,]?)(?:{BLANK}+(?:{DROPPED}))?|{DROPPED}){BLANK}*", re.IGNORECASE
)
SUFFIX_WHOLE = re.compile(rf",?{BLANK}*(?P<kept>{'|'.join(SUFFIXES)})?{BLANK}*", re.IGNORECASE)

# --- where a sentence needs a noun ---------------------------------------------------------------

NEEDS_NOUN = re.compile(
    r"(?:^|[\s(\[\u201c\"'])(?:by|in|from|with|see|per|following|according to|like|unlike|than|of|to|against|"
    r"contra|both|cf\.|after|nach|von|bei|laut|siehe|selon|par|dans|chez|según|por|secondo|segundo)(?:\s|~|\u00a0)+\Z",
    re.IGNORECASE,
)
"""A word after which a sentence names somebody."""

VERBS = re.compile(
    r"(?:\s|~|\u00a0)+(?:(?:have|has|had|also|first|recently|later|further|then|thus|previously|clearly)\s+)*"
    r"(?:show|find|found|report|demonstrat|suggest|propos|describ|argu|conclud|observ|present|introduc|develop|provid|"
    r"estimat|review|studi|study|examin|investigat|analy[sz]|discuss|note[sd]?\b|us(?:e[sd]?|ing)\b|mak|made"
    r"|gave|gives?\b|"
    r"offer|claim|stat(?:e[sd]?|ing)\b|assum|compar|appl(?:y|ies|ied)|measur|prov(?:e[sd]?|en)\b|reveal|identif"
    r"|indicat|confirm|"
    r"explor|test(?:s|ed)?\b|model|call(?:s|ed)?\b|defin|is\b|are\b|was\b|were\b|has\b|have\b|had\b|did\b|does\b"
    r"|do\b|can\b|could\b|"
    r"will\b|would\b|may\b|might\b|must\b|should\b)"
)
"""A verb behind a DOI whose subject it is."""

SENTENCE_START = re.compile(r"(?:\A|[.!?:\u201c\"]|\n[ \t]*\r?\n|[#>*+|-])[ \t]*(?:\r?\n[ \t>]*)?\Z")
"""The end of a text after which a sentence begins."""

# --- data and code -------------------------------------------------------------------------------

_DATA_HOSTS = (
    r"(?:[\w-]+\.)*github(?:usercontent)?\.(?:com|io)|(?:[\w-]+\.)*gitlab\.[\w.-]+|bitbucket\.org|codeberg\.org"
    r"|sourceforge\.net|git\.[\w.-]+"
    r"|(?:[\w-]+\.)*zenodo\.org|(?:[\w-]+\.)*figshare\.com|(?:[\w-]+\.)*datadryad\.org|(?:[\w-]+\.)*osf\.io"
    r"|dataverse\.[\w.-]+|[\w.-]*dataverse[\w.-]*"
    r"|(?:www\.)?kaggle\.com|(?:[\w-]+\.)*huggingface\.co|(?:[\w-]+\.)*pangaea\.de|data\.[\w.-]+"
    r"|datasets?\.[\w.-]+|archive\.softwareheritage\.org"
    r"|(?:[\w-]+\.)*ncbi\.nlm\.nih\.gov/(?:geo|sra|bioproject|nuccore)|codeocean\.com"
    r"|colab\.research\.google\.com|(?:[\w-]+\.)*mybinder\.org"
    r"|api\.[\w.-]+|raw\.[\w.-]+|img\.shields\.io|pypi\.org|cran\.[\w.-]+"
)
_DATA_SUFFIX = (
    r"\.(?:csv|tsv|xlsx?|ods|json|jsonl|geojson|xml|zip|gz|bz2|xz|tar|tgz|7z|rar|h5|hdf5?|nc|parquet|feather|rds"
    r"|rdata|mat|npy|npz|sav|dta"
    r"|fasta|fa|fastq|vcf|bam|bed|gff|py|r|rmd|ipynb|jl|m|c|cpp|h|java|js|sh|do|sas|sql|yml|yaml|toml|bib|ris"
    r"|svg|png|jpe?g|gif|tiff?|mp4|wav)"
)
_RESOLVER_HOST = re.compile(r"(?:https?:)?//(?:[\w-]+\.)*doi\.org/|(?:dx\.)?doi\.org/", re.IGNORECASE)
_DATA = re.compile(rf"(?:https?:|ftp:)?//(?:{_DATA_HOSTS})(?:[:/?#]|$)", re.IGNORECASE)
_DATA_FILE = re.compile(
    rf"(?:https?:|ftp:)?//[^?#]*{_DATA_SUFFIX}(?:[?#]|$)|[?&](?:format|download|file)=", re.IGNORECASE
)


def is_data(address: str) -> bool:
    """Whether an address leads to data or code: its host keeps them, or its path ends as such a file's does.

    A resolver's address (doi.org) never does: what it names is a work, data sets included.
    """
    if "/" not in address or _RESOLVER_HOST.match(address):
        return False
    return _DATA.match(address) is not None or _DATA_FILE.match(address) is not None


# --- written reference lists ---------------------------------------------------------------------

REFERENCE_HEADING = re.compile(
    r"(?:\d+(?:\.\d+)*\.?\s+)?(?:references?|reference list|list of references|bibliography|works cited"
    r"|literature(?: cited)?|cited literature|"
    r"citations|references and notes|notes and references|further reading|literatur(?:verzeichnis)?"
    r"|quellen(?:verzeichnis)?|"
    r"bibliograph?ie|bibliografie|références|references bibliographiques|références bibliographiques"
    r"|bibliografía|referencias|"
    r"bibliografia|riferimenti|referências|literatuur|referenser|referenties|kirjallisuus|literatura|参考文献)\s*:?",
    re.IGNORECASE,
)
"""The heading of a reference list, whole."""
