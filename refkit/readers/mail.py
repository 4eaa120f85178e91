"""Mail (RFC 5322, MIME): subject and the readable parts, plain text rather than its HTML twin."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage, Message
from typing import BinaryIO

from refkit.errors import ReadError
from refkit.model import Document, Meta
from refkit.readers import Limits, OpenSibling, html
from refkit.readers.markup import View


def read(stream: BinaryIO, name: str, limits: Limits, open_sibling: OpenSibling | None) -> Iterator[Document]:
    """Read a message as one Document; see `refkit.readers.read`."""
    data = stream.read(limits.whole + 1)
    if len(data) > limits.whole:
        raise ReadError(f"{name} is larger than {limits.whole >> 20} MB.", "Split it, or raise the limit.")
    message = email.message_from_bytes(data, policy=email.policy.default)
    view = View()
    subject = str(message.get("subject", ""))
    view.add(subject)
    for number, part in enumerate(_readable(message), 1):
        view.line()
        view.at(f"part {number}")
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes):
            continue
        if part.get_content_type() == "text/html":
            html.write(payload, name, view, [])
        else:
            view.add(_decode(payload, part.get_content_charset()))
    meta = (Meta("mail title", subject),) if subject else ()
    yield Document(name, "mail", view.text, breaks=tuple(view.breaks), links=tuple(view.links), meta=meta)


def _readable(message: Message) -> Iterator[Message]:
    """The text parts; of alternatives only the plain one, where there is one."""
    if isinstance(message, EmailMessage) and message.get_content_type() == "multipart/alternative":
        parts = list(message.iter_parts())
        plain = [part for part in parts if part.get_content_type() == "text/plain"]
        for part in plain[:1] or parts:
            yield from _readable(part)
    elif message.is_multipart():
        inner = message.get_payload()
        for one in inner if isinstance(inner, list) else []:
            if isinstance(one, Message):
                yield from _readable(one)
    elif message.get_content_maintype() == "text":
        yield message


def _decode(payload: bytes, charset: str | None) -> str:
    from refkit.readers.text import decode

    if charset:
        try:
            return payload.decode(charset)
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(payload)[0]
