"""To an address of the recipient's own: what was issued and the fingerprints of its files, signed as Standard Webhooks
ask for; the files themselves are fetched with a token."""

import hashlib
import hmac
from datetime import datetime

import orjson

from services.reporting.sending.letter import Letter, NotSent
from services.reporting.sending.outgoing import NotAllowed, Outgoing, Unreachable
from services.reporting.sending.signing import as_secret, signed


def secret_of(company: bytes, recipient: str) -> str:
    """The recipient's secret, by which it can tell that it was us: ``whsec_…``."""
    return as_secret(hmac.digest(company, f"report webhook:{recipient}".encode(), hashlib.sha256))


def content_of(letter: Letter) -> bytes:
    """The body."""
    issue = letter.issue
    return orjson.dumps(
        {
            "type": "reporting.MonthlyReportReminder" if letter.reminder else "reporting.MonthlyReportIssued",
            "timestamp": issue.at,
            "data": {
                "number": issue.number,
                "kind": issue.kind,
                "period": issue.period,
                "fingerprint": issue.fingerprint,
                "acknowledge_by": issue.acknowledge_by,
                "recipient": letter.recipient,
                "reminder": letter.reminder,
                "files": [each.file.model_dump(mode="json", exclude={"audience"}) for each in letter.attachments],
            },
        }
    )


async def push(letter: Letter, company: bytes, to: str | None, now: datetime, outgoing: Outgoing) -> str:
    """The answer's status. Raises ``NotSent``; its reason tells no address."""
    if to is None:
        raise NotSent("未登记推送地址 · no webhook address is recorded")
    body = content_of(letter)
    headers = signed([secret_of(company, letter.recipient)], f"{letter.name}.{letter.recipient}", now, body)
    try:
        answer = await outgoing.post(to, body, {"Content-Type": "application/json", **headers})
    except NotAllowed as error:
        raise NotSent(f"{error.words.zh} · {error.words.en}") from error
    except Unreachable as error:
        raise NotSent(f"推送地址无法访问（{error.what}） · the webhook can't be reached ({error.what})") from error
    if not answer.taken:
        raise NotSent(f"推送被拒（{answer.status}） · the webhook refused ({answer.status})")
    return str(answer.status)
