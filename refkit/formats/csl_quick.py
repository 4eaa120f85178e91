"""citeproc-py's styles, made quick: the same classes, which look a thing up in the style only once.

citeproc-py searches the style's tree by XPath for every macro, term and option of every name that it renders, although
the tree never changes. Here each element keeps what it found.
"""

from __future__ import annotations

from typing import Any

from citeproc.frontend import CitationStylesStyle
from citeproc.model import CitationStylesElement
from citeproc.string import MixedString, String
from lxml import etree

_NAMESPACE = "http://purl.org/net/xbiblio/csl"


class _Remembering:
    """What an element of a style found by XPath, kept on the element."""

    def xpath_search(self, expression: str) -> Any:
        """The result of a search below or above this element."""
        found = self.__dict__.setdefault("found", {})
        if expression not in found:
            found[expression] = super().xpath_search(expression)  # type: ignore[misc]  # the mixed-in class has it
        return found[expression]


class _Cased:
    """An element that changes the case of its text, which then has to be citeproc-py's own kind of text throughout."""

    def case(self, text: Any, language: str | None = None) -> Any:
        """The text in the case that the style asks for."""
        if isinstance(text, MixedString):
            text = MixedString(String(one) if not hasattr(one, "words") else one for one in text)
        elif not hasattr(text, "words"):
            text = String(text)
        return super().case(text, language) if text else text  # type: ignore[misc]  # the mixed-in class has it


class _Terms:
    """A locale whose terms, dates and options are looked up once."""

    def __init__(self, locale: Any) -> None:
        self._locale = locale
        self._found: dict[tuple[Any, ...], Any] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._locale, name)

    def get_term(self, name: str, form: str | None = None, zero_padded: bool = False) -> Any:
        """As citeproc-py's."""
        return self._once("get_term", name, form, zero_padded)

    def get_date(self, form: str) -> Any:
        """As citeproc-py's."""
        return self._once("get_date", form)

    def get_option(self, name: str) -> Any:
        """As citeproc-py's."""
        return self._once("get_option", name)

    def _once(self, method: str, *given: Any) -> Any:
        key = (method, *given)
        if key not in self._found:
            try:
                self._found[key] = getattr(self._locale, method)(*given)
            except IndexError:
                self._found[key] = IndexError
        found = self._found[key]
        if found is IndexError:
            raise IndexError
        return found


class QuickStyle(CitationStylesStyle):  # type: ignore[misc]  # citeproc-py has no types
    """A style, from its source. Raises `SyntaxError` for what is no XML."""

    def __init__(self, source: bytes, locale: str | None = None) -> None:
        lookup = etree.ElementNamespaceClassLookup()
        classes = lookup.get_namespace(_NAMESPACE)
        classes[None] = CitationStylesElement
        for given in CitationStylesElement.__subclasses__():
            bases = (_Cased, _Remembering, given) if hasattr(given, "case") else (_Remembering, given)
            classes[given.__name__.replace("_", "-").lower()] = type(given.__name__, bases, {})
        self.parser = etree.XMLParser(remove_comments=True, no_network=True, resolve_entities=False, load_dtd=False)
        self.parser.set_element_class_lookup(lookup)
        self.root = etree.fromstring(source, self.parser)
        self.xml = self.root.getroottree()
        self._alive = list(self.root.iter())  # an element that nobody holds forgets what it found
        if self.root.tag == f"{{{_NAMESPACE}}}style" and self.root.find(f"{{{_NAMESPACE}}}citation") is not None:
            self.root.set_locale_list(locale or self.root.get("default-locale", "en-US"), validate=False)
            self.root.locales = [_Terms(one) for one in self.root.locales]
