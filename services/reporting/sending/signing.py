"""By what a receiver can tell that it was us: signatures as Standard Webhooks ask for (https://www.standardwebhooks.com)."""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime

from standardwebhooks.webhooks import Webhook

SECRET_BYTES = 32


def new_secret() -> str:
    """``whsec_…``, as receivers want it."""
    return as_secret(secrets.token_bytes(SECRET_BYTES))


def as_secret(key: bytes) -> str:
    """A key as receivers want it."""
    return f"whsec_{base64.b64encode(key).decode()}"


def signed(keys: Sequence[str], id: str, now: datetime, body: bytes) -> dict[str, str]:
    """The headers. While a secret is being replaced there are two, and a signature of each; ``id`` is the same at
    every try, by which the receiver knows what came twice."""
    signatures = " ".join(Webhook(key).sign(id, now, body.decode()) for key in keys)
    return {"webhook-id": id, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signatures}
