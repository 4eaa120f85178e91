"""Keeps the user's address and tokens out of what the libraries beneath refkit log."""

from __future__ import annotations

import logging
from urllib.parse import quote


class _Redact(logging.Filter):
    """Takes secrets out of what the libraries beneath log (urllib3 logs whole URLs, httpcore whole headers)."""

    def __init__(self, secrets: list[str]) -> None:
        super().__init__()
        self.secrets = {s for secret in secrets if secret for s in (secret, quote(secret, safe=""), quote(secret))}

    def filter(self, record: logging.LogRecord) -> bool:
        if self.secrets:
            message = record.getMessage()
            for secret in self.secrets:
                message = message.replace(secret, "[redacted]")
            record.msg, record.args = message, ()
        return True


_LOGGERS = ("urllib3.connectionpool", "urllib3.util.retry", "httpx2", "httpcore2.connection", "httpcore2.http11",
            "httpcore2.http2", "httpcore2.proxy", "refkit.net")  # fmt: skip


def keep_out_of_logs(secrets: list[str]) -> None:
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        known = next((f for f in logger.filters if isinstance(f, _Redact)), None)
        if known is None:
            logger.addFilter(_Redact(secrets))
        else:
            known.secrets |= _Redact(secrets).secrets
