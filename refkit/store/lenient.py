"""JSON as it is found: parsed fast where it is clean, and with repairs where only a few characters are wrong."""

from __future__ import annotations

import json

from refkit.model import JsonValue


def loads(data: bytes) -> JsonValue:
    """The value that `data` holds; what is not valid UTF-8 or half a surrogate pair becomes U+FFFD.

    Raises `ValueError` where it is no JSON.
    """
    import orjson

    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        try:
            return whole(json.loads(data.decode("utf-8-sig", "replace")))
        except RecursionError:
            raise ValueError("nested too deeply") from None


def dumps(value: JsonValue) -> bytes:
    """`value` as compact UTF-8 JSON."""
    import orjson

    try:
        return orjson.dumps(value)
    except TypeError:  # an integer of more than 64 bits
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def whole(value: JsonValue) -> JsonValue:
    """`value` without halves of surrogate pairs, which no file can be written with."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [whole(item) for item in value]
    if isinstance(value, dict):
        return {whole(key): whole(item) for key, item in value.items()}
    return value
