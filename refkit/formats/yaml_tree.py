"""YAML values with their spans in the text; only plain data, and no aliases, so that no file can grow in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from refkit.model import Span


def pieces(text: str, under: Sequence[str] = ()) -> list[tuple[str, Any, Span]]:
    """The items of a YAML list or map as (key or "", value, span).

    Parameters: `under`, the keys that the list may stand under. Raises `ValueError` with a sentence where the text is
    no YAML.
    """
    import yaml

    class Loader(yaml.SafeLoader):
        """Keeps dates and numbers as they are written."""

    Loader.yaml_implicit_resolvers = {}
    body, offset = _metadata(text)
    try:
        loader = Loader(body)
        try:
            if loader.check_event(yaml.AliasEvent):
                raise ValueError("it has aliases")
            node = loader.get_single_node()
            return _items(loader, node, under, offset) if node is not None else []
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())[:200]) from error
    except (RecursionError, TypeError, UnicodeError) as error:
        raise ValueError(str(error)) from error


def _metadata(text: str) -> tuple[str, int]:
    """The first YAML block of a document, where the text is a document; else the text itself."""
    offset = len(text) - len(text.lstrip("\ufeff"))
    body = text[offset:]
    if body.startswith("---"):
        for end in ("\n---", "\n..."):
            at = body.find(end, 3)
            if at >= 0:
                return body[: at + 1], offset
    return body, offset


def _items(loader: Any, node: Any, under: Sequence[str], offset: int) -> list[tuple[str, Any, Span]]:
    import yaml

    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value in under:
                return _items(loader, value, (), offset)
        if under:
            return []
        return [
            (
                str(key.value),
                loader.construct_object(value, deep=True),
                Span(key.start_mark.index + offset, value.end_mark.index + offset),
            )
            for key, value in node.value
        ]
    if isinstance(node, yaml.SequenceNode):
        return [
            (
                "",
                loader.construct_object(value, deep=True),
                Span(value.start_mark.index + offset, value.end_mark.index + offset),
            )
            for value in node.value
        ]
    return []
