"""What a librarian knows about titles, names and containers, as tables: which words mean what, in several languages.

All words are folded (lower case, without accents: see `fold`), unless a table says that it is read on raw text.
"""

from __future__ import annotations

import re

# --- titles that say nothing ---------------------------------------------------------------------

GENERIC_TITLES = frozenset(
    "".join(line.split())
    for line in """
    editorial, editorials, guest editorial, editorial comment, editorial note, editorial board, editorial
    introduction, editors note, editors notes, editors comment, editors comments, comments from the editor, remarks
    from the editor, from the editor, from the editors, letter from the editor, note from the editor, editors
    choice, editors introduction, leitartikel, editoriale, editorial preface, a word from the editor, introduction,
    introductions, general introduction, introductory remarks, introduction to the special issue, introduction to
    this special issue, special issue, special issue introduction, einleitung, einfuhrung, introduccion,
    introduzione, introducao, inleiding, preface, vorwort, avant propos, prefacio, prefazione, foreword, geleitwort,
    prologue, prologo, prolog, epilogue, afterword, nachwort, postface, conclusion, conclusions, concluding remarks,
    schluss, conclusiones, summary, zusammenfassung, resume, resumen, riassunto, abstract, abstracts, poster
    abstracts, conference abstracts, meeting abstracts, oral presentations, poster presentations, posters, plenary
    lectures, book review, book reviews, books, book received, books received, new books, book notes, booknotes,
    book notices, reviews, review, review article, buchbesprechung, buchbesprechungen, rezension, rezensionen,
    besprechungen, compte rendu, comptes rendus, resena, resenas, recensioni, recensione, recensies, media review,
    software review, letter, letters, letter to the editor, letters to the editor, letters to editor, to the editor,
    correspondence, leserbrief, lettre, lettre a la redaction, carta al editor, carta al director, cartas al editor,
    brief an die redaktion, reply, replies, authors reply, author reply, the authors reply, reply to the editor, in
    reply, response, authors response, the authors respond, rejoinder, comment, comments, commentary, commentaries,
    invited commentary, discussion, diskussion, discussions, question and answer, questions and answers, viewpoint,
    viewpoints, perspective, perspectives, opinion, opinions, forum, debate, point counterpoint, interview, essay,
    note, notes, notice, notices, erratum, errata, corrigendum, corrigenda, correction, corrections, berichtigung,
    berichtigungen, fe de erratas, retraction, retraction notice, retraction note, expression of concern, publishers
    note, publisher note, addendum, news, news and views, news notes, news in brief, in brief, newsletter,
    nachrichten, mitteilungen, noticias, notizie, current awareness, research highlights, highlights, in this issue,
    this issue, whats new, announcements, announcement, calendar, calendar of events, events, upcoming events,
    meetings, conference report, conference reports, meeting report, obituary, obituaries, in memoriam, nachruf,
    nekrolog, necrologie, necrologia, people, awards, appointments, personalia, contents, table of contents, inhalt,
    inhaltsverzeichnis, sommaire, indice, index, author index, subject index, name index, index of authors,
    register, sachregister, namenregister, personenregister, glossary, bibliography, references, literatur,
    literaturverzeichnis, abbreviations, list of abbreviations, list of contributors, contributors, notes on
    contributors, list of figures, list of tables, appendix, appendices, anhang, supplement, front matter, back
    matter, frontmatter, backmatter, masthead, impressum, title page, copyright page, cover, front cover, back
    cover, cover picture, cover image, inside cover, issue information, information for authors, instructions for
    authors, instructions to authors, acknowledgements, acknowledgments, acknowledgement of reviewers,
    acknowledgment of reviewers, list of reviewers, reviewers, thanks to reviewers, danksagung, dedication, call for
    papers, advertisement, advertisements, membership, minutes, presidents message, presidential address, message
    from the president, message from the chair, message from the chairs, message from the program chairs, welcome,
    welcome message, organizing committee, program committee, committees, conference committee, keynote, keynotes,
    keynote speakers, keynote address, invited talks, workshop, tutorial, tutorials, panel, panel discussion,
    proceedings, session, sponsors, photo essay, poem, poems, untitled, no title, without title, ohne titel, sans
    titre, sin titulo, title unknown, title not available, article, articles, journal article, readings, case
    report, case reports, case study, clinical trial, protocol, study protocol, report, annual report, patents,
    literature review, a systematic review, systematic review, commentary on, reply to, data, dataset, methods,
    results
    """.replace("\n", " ").split(",")
)
"""Slugs of titles that many works bear: equal ones are no evidence that two records are one work."""

GENERIC_OPENINGS = (
    "introduction to the minitrack", "introduction to minitrack", "introduction to the special",
    "introduction to this special",
    "message from the", "welcome to the", "proceedings of the", "book review", "notes on contributors",
    "guest editorial",
    "editorial board", "abstracts of the", "abstracts from the", "program of the", "minutes of the",
    "report of the editor",
    "news from", "acknowledgement of reviewers", "acknowledgment of reviewers", "volume index", "index to volume",
    "author index", "subject index", "table of contents", "calendar of", "minitrack",
)  # fmt: skip
"""Openings of titles that recur every year or issue."""

GENERIC_ENDINGS = (
    "editorscomments",
    "editorscomment",
    "editorsnote",
    "editorsintroduction",
    "editorialboard",
    "authorindex",
    "subjectindex",
)
"""Endings (slugs) of such titles."""

MISSING = frozenset(
    """unknown anonymous anon none null na notavailable notitle notitleavailable untitled noauthor noauthorlisted
    noauthorslisted noauthors nopagination nopage nopages pagesunspecified unspecified tba inpress submitted etal others
    authorunknown titleunknown noauthornamelisted""".split()
)
"""What exports write where they know nothing (slugs)."""

# --- notices: records about a work that are not the work -------------------------------------------

_NOTICES: tuple[tuple[str, str, str], ...] = (
    # (kind, what it is called, pattern on the title in lower case with its punctuation)
    ("correction", "a correction notice",
     r"^(?:(?:author|publisher|publisher's|editorial|figure)\s+)?(?:correction|corrections|corrected|erratum|errata"
     r"|corrigend(?:um|a)"
     r"|berichtigung|korrektur|rectificatif|rectification|correctif|fe de erratas?|correcci[oó]n|errata corrige"
     r"|corre[cç][aã]o"
     r"|addendum|addenda)(?:\s*(?:notice|note|article))?(?:\s*[:.\-–—\[(]|\s+(?:to|for|zu|zum|zur|a|à|au|aux|al"
     r"|alla)\b|\s*$)"),
    ("correction", "a correction notice",
     r"(?:[:.\-–—]|\s[\[(])\s*(?:erratum|errata|corrigendum|corrigenda|correction|fe de erratas)\W*$|\((?:vol"
     r"|v)\.? ?\d+,? (?:pg|p|page)\.? ?\w+"),
    ("retraction", "a retraction notice",
     r"^(?:retraction|notice of retraction|retraction (?:note|notice)|statement of retraction|withdrawal"
     r"|notice of withdrawal)"
     r"(?:\s*[:.\-–—\[(]|\s+(?:note|notice|of|to|for|and)\b|\s*$)|[:.\-–—\[(]\s*retraction\W*$"),
    ("concern", "an expression of concern",
    r"^(?:editorial )?expression of (?:editorial )?concern|^editor'?s? note of concern"),
    ("reply", "a reply",
     r"^(?:the )?(?:authors?['’]?s?['’]?\s+)?(?:reply|replies|response|responses|rejoinder|erwiderung|antwort"
     r"|r[ée]ponse|respuesta|risposta"
     r"|replik)(?:\s*[:.\-–—]|\s+(?:to|from|by|of the authors?|auf|an|à|a|au|aux|al|alla|zu|zum|zur)\b|\s*$)|^(?:re"
     r"|aw)\s*[:.]|^in (?:reply|response)\b"
     r"|(?:[:.\-–—\[(;])\s*(?:(?:the )?authors?['’]?s?['’]? |in )?(?:reply|rejoinder|response)(?: (?:to|from"
     r"|by) [\w .,&]+)?\W*$|\bauthors?['’]?s?['’]? (?:reply|response)\W*$"),
    ("comment", "a comment",
     r"^(?:an? |some |further |invited |editorial )?(?:comments?|commentary|commentaries|discussion|kommentar"
     r"|anmerkung(?:en)?|commentaire|comentarios?)"
     r"(?:\s*[:.\-–—]|\s+(?:on|to|of|about|zu|zum|zur|sur|a|al|sobre)\b|\s*$)|(?:[:.\-–—])\s*(?:(?:an?|some"
     r"|invited) )?(?:comments?|commentary|discussion)\W*$"),
    ("editorial", "an editorial",
     r"^(?:guest )?(?:editorial|leitartikel|éditorial|editoriale)(?:\s*[:.\-–—\[(]|\s*$|\s+(?:to|on|for"
     r"|introduction|comment|note|preface)\b)"
     r"|[:.\-–—]\s*(?:(?:a|an|guest) )?editorial\W*$"),
    ("review", "a review of the work",
     r"^(?:(?:book|media|film|software|website)\s+reviews?\s*(?:of\b|[:.\-–—\[]|essay)|review (?:essay )?of\b)"
     r"|^(?:rezension|buchbesprechung|besprechung|compte rendu|rese[nñ]a|recensione|recensie)\b"
     r"|[:.\-–—\[(]\s*(?:book )?review\W*$(?<!a review)"),
    ("data", "data or a supplement of the work",
     r"^(?:data|dataset|data ?set|code|source code|software|replication (?:data|files|package|materials?)"
     r"|supplementary (?:data|materials?|information|file)"
     r"|supporting (?:information|data)|supplemental (?:materials?|data)|additional file \w+"
     r"|online appendix)(?: \d+)?\s*(?:from|for|to|of|:|-)"),
    ("protocol", "a protocol",
     r"\b(?:study|trial|research|review) protocol\b|^(?:a )?protocol (?:for|of)\b"
     r"|[:.\-–—]\s*(?:an? )?protocol(?: for .*)?\W*$|\(protocol\)"),
    ("cover", "a cover or graphical abstract",
     r"^(?:front|back|inside|inner|outer)?\s*(?:front |back )?cover(?: (?:picture|image|feature))?\s*[:(]"
     r"|^(?:graphical abstract|frontispiece|titelbild)\b"),
    ("digest", "a summary of the work",
     r"^(?:plain language|lay|executive|policy)?\s*(?:summary|synopsis|digest) (?:of|for)\b|^highlights? of\b"
     r"|[:.\-–—]\s*(?:executive summary|a summary|summary)\W*$"),
)  # fmt: skip

NOTICES = tuple((kind, name, re.compile(pattern)) for kind, name, pattern in _NOTICES)
"""Kinds of notices, read on raw titles in lower case; two titles that differ in them are two works."""

NOTICE_STEMS = frozenset(
    """corre errat corri beric korre recti adden fe retra withd notic conce edito reply repli respo rejoi antwo erwid
    repon
    respu rispo re aw comme komme anmer discu leita revie rezen bespr buchb compt resen recen data datas code softw
    suppl
    suppo addit appen cover graph front titel summa synop diges highl""".split()
)
"""The first letters of words that announce a notice: a title without any of them near its ends is none."""

RETRACTED = re.compile(
    r"^\W*(?:retracted(?: article| paper| chapter)?|withdrawn(?: article)?|removed|widerrufen)\s*[:.\-–—\])]\s*"
    r"|\s*[\[(]retracted(?: article)?[^\])]*[\])]?\W*$",
    re.IGNORECASE,
)
"""How publishers mark the work itself as retracted; it stays the same work (raw text)."""

# --- what exports add to titles --------------------------------------------------------------------

LABEL = re.compile(
    r"^(?:review|original|research|regular|short|brief|full|feature|clinical|invited)?[ -]*"
    r"(?:article|artikel|paper|communication|report|note|review|study|contribution|letter|perspective"
    r"|research)\s*(?::|\s[-–—]\s|[–—])\s*",
    re.IGNORECASE,
)
"""A journal's section that some records write before the title: `Research Note - …`, `Review article: …` (raw text)."""

BRACKET_NOTE = re.compile(
    r"^\W*(?:(?:article|text|original|paper|abstract|in|full text) (?:in )?)*(?:english|german|french|spanish"
    r"|italian|chinese|japanese|russian|korean|portuguese"
    r"|polish|dutch|czech|slovak|danish|swedish|norwegian|finnish|hungarian|turkish|arabic|persian|hebrew|greek"
    r"|romanian|bulgarian"
    r"|serbian|croatian|serbocroatian|slovenian|ukrainian|lithuanian|latvian|estonian|thai|vietnamese|catalan"
    r"|afrikaans|indonesian"
    r"|deutsch|francais|espanol|italiano)\W*(?:[;,/&]|and|\w+ transl\w*)?\W*\w*\W*$"
    r"|^\W*\d* ?ref(?:s|erences)?\W*$|^\W*(?:see comments?|comments?|letter|letters|abstract|meeting abstract"
    r"|conference abstract|abstract no\W*\w*|review"
    r"|editorial|news|note|corrected|transl\w*|translation|author'?s transl\w*|proceeding|proceedings"
    r"|in process citation|republished|article"
    r"|electronic|online|internet|cd-?rom|web|computer file|see comment|biography|historical article|case report"
    r"|comparative study)\W*$"
    r"|(?:erratum|correction|corrected|retract|comment|reply|update|summary for patients|republished"
    r"|original report|abstract)\b.{0,40}\b(?:in|appears|of|by)\b"
    r"|^\W*(?:erratum|published erratum|comment in|comment on|see comment|summary for patients)",
    re.IGNORECASE,
)
"""Remarks in trailing brackets that databases add and that are no part of the title (raw text)."""

ERRATUM_TAIL = re.compile(
    r"[\s.]*[\[(]\s*(?:published )?(?:erratum|correction|retraction|comment|summary for patients"
    r"|republished)\s+(?:appears|in|is|of|for)\b.*$",
    re.IGNORECASE | re.DOTALL,
)

PART_WORDS = frozenset(
    """part parts pt teil partie parte deel del czesc vol volume band tome tomo no number nr issue paper book buch
    livre libro
    series section abschnitt chapter kapitel chapitre capitulo session lecture lesson experiment study phase stage
    type class
    grade level step volumes edition ed report figure table appendix supplement module unit article note
    communication""".split()
)
"""After these words a single letter or Roman numeral is a number."""

PARTS_OF_WHOLE = frozenset(
    """part parts pt teil partie parte deel czesc vol volume band tome tomo paper chapter kapitel chapitre section
    book""".split()
)
"""Of these, the ones that number the parts of one whole."""

NUMBER_WORDS = {
    word: number
    for number, words in enumerate(
        ("", "one first", "two second", "three third", "four fourth", "five fifth", "six sixth", "seven seventh",
        "eight eighth",
         "nine ninth", "ten tenth", "eleven eleventh", "twelve twelfth")
    )
    for word in words.split()
}  # fmt: skip

STOP = frozenset(
    """a an and as at by for from in into is its of on or the to under via with within without und der die das den dem
    des ein eine einer
    fur im in mit von zu zum zur uber auf et de des du la le les un une dans en pour sur au aux el los las y del por
    con para una
    di da il lo gli nel della delle dei e o os do das dos em na no um uma het een van voor op te""".split()
) - {"without", "no"}
"""Words that carry no meaning of their own in a title; `no` and `without` do."""

# --- containers ----------------------------------------------------------------------------------

CONTAINER_STOP = frozenset(
    """the of and for in on a an de la le les des du d l und der die das fur et y e del della di dei i et al. to at by
    with
    von zur zum im den dem el los las en van het voor da do dos das och og""".split()
)

CONTAINER_NOISE = frozenset(
    """proceedings proc conference conf annual international intl int symposium symp acm ieee th st nd rd vol
    volume""".split()
)
"""Words that conferences' names share whatever the conference."""

PROCEEDINGS_WORDS = frozenset("proceedings proc annual acm ieee th st nd rd vol volume".split())
"""Words before or after a conference's name that are no part of it."""

CONFERENCE_WORDS = frozenset("proceedings proc conference conf symposium workshop congress meeting".split())

COUNTRIES = frozenset("u s a us usa united states america uk england london great britain new york ny engl".split())
"""Words that follow a journal's name to say where it appears."""

OFFICIAL_WORDS = frozenset(
    "official journal organ publication international society association zeitschrift revue the open".split()
)
"""A journal's subtitle with one of these describes it; one without may name another journal (Circulation: Heart
Failure).
"""

LANGUAGES = {
    "en": "of the and in for with to on as an by from at is are between among using during after",
    "de": "der die das und fur im zur zum des dem den eine einer von mit auf als bei nach uber durch",
    "fr": "le la les des et du dans une un pour sur avec chez par aux entre au de d l",
    "es": "el la los las y en del una un para con por sobre entre de al como",
    "it": "il lo gli della delle dei nel nella una un per con di e tra dal alla degli",
    "pt": "o os as da do das dos em na no uma um para com por e entre ao de",
    "nl": "het een van voor op met bij naar en de der tussen",
}
"""Small words by which a title's language is known."""

CONTAINER_ALIASES = {
    "pnas": "proceedingsnationalacademysciencesunitedstatesamerica",
    "procnatlacadscius": "proceedingsnationalacademysciencesunitedstatesamerica",
    "procnatlacadsciusa": "proceedingsnationalacademysciencesunitedstatesamerica",
    "proceedingsnationalacademysciences": "proceedingsnationalacademysciencesunitedstatesamerica",
    "proceedingsnationalacademysciencesusa": "proceedingsnationalacademysciencesunitedstatesamerica",
    "proceedingsnationalacademysciencesus": "proceedingsnationalacademysciencesunitedstatesamerica",
    "bmj": "britishmedicaljournal",
    "bmjclinicalresearched": "britishmedicaljournal",
    "britishmedicaljournalclinicalresearched": "britishmedicaljournal",
    "brmedj": "britishmedicaljournal",
    "jama": "journalamericanmedicalassociation",
    "nejm": "newenglandjournalmedicine",
    "lancetlondonengland": "lancet",
    "sciencenewyorkny": "science",
    "corr": "arxiv",
    "arxivpreprint": "arxiv",
    "plosone": "plosone",
    "publiclibraryscienceone": "plosone",
    "cochranedatabasesystematicreviewsonline": "cochranedatabasesystematicreviews",
    "cmaj": "canadianmedicalassociationjournal",
}
"""Names that no rule derives from one another (slugs without stop words)."""

WRONG_IDENTIFIERS = frozenset(("25246403", "1011.1669", "9788578110796"))
"""A PMID, an arXiv number and an ISBN that one reference manager wrote into thousands of entries of other works."""

PREPRINT_SERVERS = frozenset(
    """arxiv biorxiv medrxiv chemrxiv psyarxiv socarxiv edarxiv eartharxiv engrxiv techrxiv ssrn corr researchsquare
    preprintsorg preprints osfpreprints peerjpreprints authorea essoar vixra ecoevorxiv metaarxiv paleorxiv agrirxiv
    qeios
    scielopreprints jmirpreprints cogprints ssrnelectronicjournal arxivorg arxivpreprint""".split()
)
"""Names of servers (slugs, or their first words) that hold preprints and nothing else."""

PREPRINT_DOIS = (
    "10.48550/", "10.1101/", "10.64898/", "10.26434/", "10.31234/", "10.31235/", "10.31219/", "10.31223/",
    "10.31222/", "10.31224/",
    "10.20944/preprints", "10.21203/rs", "10.2139/ssrn", "10.36227/techrxiv", "10.22541/", "10.7287/peerj.preprints",
    "10.1590/scielopreprints",
    "10.2196/preprints", "10.12688/verixiv", "10.32942/", "10.35542/", "10.31730/", "10.31232/", "10.33774/",
)  # fmt: skip
"""Prefixes of DOIs that only preprint servers register (10.1101 also serves Cold Spring Harbor's journals: see
`is_preprint`).
"""
