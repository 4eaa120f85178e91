"""All settings of refkit, built once at the door and passed down; nothing else reads the environment.

Strongest first: option, environment, `refkit.toml` or `[tool.refkit]` in `pyproject.toml` in this folder or above,
the user's `refkit/config.toml`, default. A setting's key is its long option with `_` for `-`.
"""

from __future__ import annotations

import dataclasses
import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from refkit.errors import UsageError


def _setting(default: Any, says: str, *, env: str = "", secret: bool = False, one_of: tuple[str, ...] = ()) -> Any:
    metadata = {"says": says, "env": env, "secret": secret, "one_of": one_of}
    return field(default=default, metadata=metadata, repr=not secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting with its default; `metadata["says"]` of each field is its documentation."""

    mailto: str = _setting(
        "", "your e-mail address, for the polite pools of Crossref and DataCite", env="REFKIT_MAILTO", secret=True
    )
    token: str = _setting("", "Crossref Plus token", env="REFKIT_CROSSREF_TOKEN", secret=True)
    cache: str = _setting("", "folder of the record store (default: the user's cache folder)", env="REFKIT_CACHE")
    offline: bool = _setting(False, "ask no service: records and cache only", env="REFKIT_OFFLINE")
    records: tuple[str, ...] = _setting((), "Crossref records on disk, asked before the network")
    crossref_url: str = _setting("https://api.crossref.org", "Crossref's REST API", env="REFKIT_CROSSREF_URL")
    datacite_url: str = _setting("https://api.datacite.org", "DataCite's REST API", env="REFKIT_DATACITE_URL")
    doi_url: str = _setting("https://doi.org", "the DOI proxy", env="REFKIT_DOI_URL")
    zotero_url: str = _setting("http://127.0.0.1:23119", "Zotero on this machine", env="REFKIT_ZOTERO_URL")
    zotero_api_url: str = _setting("https://api.zotero.org", "Zotero's web service", env="REFKIT_ZOTERO_API_URL")
    zotero_key: str = _setting("", "key of Zotero's web service (docs/zotero.md)", env="REFKIT_ZOTERO_KEY", secret=True)
    zotero_library: str = _setting(
        "", "Zotero library: users/ID, groups/ID or a group's name (default: My Library)", env="REFKIT_ZOTERO_LIBRARY"
    )
    via: str = _setting(
        "auto",
        "way into Zotero: auto, local, connector, web or file",
        one_of=("auto", "local", "connector", "web", "file"),
    )
    collection: str = _setting("", "Zotero collection that works are sent to, such as Thesis/Chapter 2")
    attach: bool = _setting(False, "send the PDFs along that the DOIs came from")
    update: bool = _setting(False, "fill empty fields of items that Zotero has already")
    refresh: float = _setting(30.0, "days after which a cached record is asked for anew (0: always)")
    suggestions: bool = _setting(True, "suggest works, from the words around it, for a DOI that is registered nowhere")
    format: str = _setting("", "output format where neither --format nor the suffix of -o says it (default: bibtex)")
    ris_dialect: str = _setting("standard", "standard, zotero or endnote", one_of=("standard", "zotero", "endnote"))
    csl_dialect: str = _setting(
        "standard", "CSL-JSON as the standard has it, or as zotero keeps it whole", one_of=("standard", "zotero")
    )
    add: tuple[str, ...] = _setting(
        (), "fields to write that are left out by default: keywords, orcid, urldate, and abstract in biblatex"
    )
    leave_out: tuple[str, ...] = _setting((), "fields never to write, by their names in the format")
    field_order: tuple[str, ...] = _setting((), "fields that come first in a BibTeX entry, in this order")
    field_case: str = _setting(
        "lower", "case of BibTeX field and type names: lower or upper", one_of=("lower", "upper")
    )
    indent: str = _setting("  ", "what a field of a BibTeX entry begins with")
    quotes: str = _setting("braces", "what BibTeX values stand in: braces or quotes", one_of=("braces", "quotes"))
    letters: str = _setting(
        "unicode",
        "letters of BibTeX values: unicode, or latex for commands such as {\\'e}",
        one_of=("unicode", "latex"),
    )
    journal: str = _setting("full", "journal titles: full or abbreviated (LTWA)", one_of=("full", "abbreviated"))
    date: str = _setting("issue", "which date a work bears: issue (print) or online", one_of=("issue", "online"))
    protect: tuple[str, ...] = _setting((), "words whose capitals BibTeX titles keep, beside those found by evidence")
    capitals: str = _setting(
        "words",
        "how BibTeX titles keep their capitals: braces round words, round the whole title, or none",
        one_of=("words", "title", "none"),
    )
    names: str = _setting(
        "family-first",
        "names in BibTeX: family-first (Baker, David) or given-first (David Baker)",
        one_of=("family-first", "given-first"),
    )
    months: str = _setting(
        "macros",
        "months in BibTeX: macros (jan), numbers (1), names (January) or short (Jan)",
        one_of=("macros", "numbers", "names", "short"),
    )
    page_dash: str = _setting("--", "what stands between the pages of a range in BibTeX", one_of=("--", "-", "–"))
    style: str = _setting(
        "",
        "CSL style: author-date, numeric, a .csl file, or with refkit[styles] a name of the CSL repository"
        " (default: the document's own, else author-date)",
    )
    narrative: bool = _setting(
        True, "cite as part of the sentence where that needs it (docs/cite.md); off: always in brackets"
    )
    cite_syntax: str = _setting(
        "",
        "how citations are written where a manuscript's kind has several ways: pandoc, myst or wikilink; natbib, "
        "biblatex or cite; org-cite or org-ref (default: as the manuscript does)",
        one_of=("", "pandoc", "myst", "wikilink", "natbib", "biblatex", "cite", "org-cite", "org-ref"),
    )
    key_pattern: str = _setting("[auth:lower][year][title:1:lower]", "how citation keys are made (docs/keys.md)")
    prefer: str = _setting(
        "", "whose value is taken where yours and a source's differ: theirs, or theirs:year,pages (default: yours)"
    )
    remember: bool = _setting(
        True, "keep .refkit beside a library: what refkit wrote there, and earlier versions for undo"
    )
    undo_steps: int = _setting(20, "how many of refkit's changes to each file undo can take back (0: none)")
    overwrite: bool = _setting(False, "let -o replace a file that is already there")


SECRETS = frozenset(f.name for f in dataclasses.fields(Settings) if f.metadata["secret"])


@dataclass(frozen=True, slots=True)
class Layer:
    """Settings from one place: `where` names it in error messages, `values` are as written there."""

    where: str
    values: Mapping[str, Any]


def build(layers: list[Layer]) -> Settings:
    """The settings that the layers give together, the first layer being the strongest.

    Parameters: `layers`, strongest first. Raises `UsageError` for a name that is no setting or a value that is of the
    wrong type, naming the place.
    """
    chosen: dict[str, Any] = {}
    fields = {f.name: f for f in dataclasses.fields(Settings)}
    for layer in layers:
        for name, value in layer.values.items():
            key = name.replace("-", "_")
            if key not in fields:
                near = difflib.get_close_matches(key, fields, n=1)
                hint = f"Did you mean {near[0]!r}?" if near else "docs/settings.md lists them all."
                raise UsageError(f"{layer.where}: there is no setting {name!r}.", hint)
            if value is not None and key not in chosen:
                where = f"{layer.where}: {name}"
                chosen[key] = _one_of(
                    _convert(value, fields[key].default, where), fields[key].metadata["one_of"], where
                )
    return Settings(**chosen)


def from_environment(environ: Mapping[str, str]) -> Layer:
    """The settings that the environment gives, by the names that each field's `env` says; empty ones are unset."""
    names = {f.metadata["env"]: f.name for f in dataclasses.fields(Settings) if f.metadata["env"]}
    return Layer("the environment", {names[env]: environ[env] for env in names if environ.get(env)})


def from_toml(text: str, where: str) -> Layer:
    """The settings of a TOML file: its whole for `refkit.toml` and `config.toml`, `[tool.refkit]` for `pyproject.toml`.

    Raises `UsageError` when the text is no TOML.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{where} is not valid TOML: {error}.") from error
    if Path(where).name == "pyproject.toml":
        table = table.get("tool", {}).get("refkit", {})
    return Layer(where, table)


def _one_of(value: Any, allowed: tuple[str, ...], where: str) -> Any:
    if allowed and value not in allowed:
        raise UsageError(f"{where} must be {', '.join(allowed[:-1])} or {allowed[-1]}, not {value!r}.")
    return value


_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


def _convert(value: Any, default: Any, where: str) -> Any:
    """`value` in the type of the setting's default; the environment knows only strings."""
    match default:
        case bool():
            if isinstance(value, bool):
                return value
            if isinstance(value, str) and value.lower() in _TRUE | _FALSE:
                return value.lower() in _TRUE
            raise UsageError(f"{where} must be true or false, not {value!r}.")
        case int() | float():
            try:
                return type(default)(value)
            except (TypeError, ValueError) as error:
                raise UsageError(f"{where} must be a number, not {value!r}.") from error
        case tuple():
            values = value.split(",") if isinstance(value, str) else value
            if not isinstance(values, (list, tuple)) or not all(isinstance(v, (str, Path)) for v in values):
                raise UsageError(f"{where} must be a list of words, not {value!r}.")
            return tuple(str(v) for v in values)
        case _:
            if not isinstance(value, (str, Path)):
                raise UsageError(f"{where} must be a text in quotes, not {value!r}.")
            return str(value)
