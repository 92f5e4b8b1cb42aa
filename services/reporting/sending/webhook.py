"""To an address of the recipient's own: what was issued and the fingerprints of its files, signed as Standard Webhooks
ask for; the files themselves are fetched with a token."""

import base64
import hashlib
import hmac
from datetime import datetime

import httpx
import orjson

from services.reporting.sending.letter import Letter, NotSent

PATIENCE_SECONDS = 10.0


def secret_of(company: bytes, recipient: str) -> str:
    """The recipient's secret, by which it can tell that it was us: ``whsec_…``."""
    return f"whsec_{base64.b64encode(_key(company, recipient)).decode()}"


def _key(company: bytes, recipient: str) -> bytes:
    return hmac.digest(company, f"report webhook:{recipient}".encode(), hashlib.sha256)


def signed(letter: Letter, company: bytes, now: datetime) -> tuple[bytes, dict[str, str]]:
    """Body and headers."""
    issue = letter.issue
    body = orjson.dumps(
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
    id, moment = f"{letter.name}.{letter.recipient}", str(int(now.timestamp()))
    content = b".".join([id.encode(), moment.encode(), body])
    signature = base64.b64encode(hmac.digest(_key(company, letter.recipient), content, hashlib.sha256)).decode()
    headers = {
        "Content-Type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{signature}",
    }
    return body, headers


async def push(letter: Letter, company: bytes, to: str | None, now: datetime) -> str:
    """The answer's status. Raises ``NotSent``; its reason tells no address."""
    if to is None:
        raise NotSent("未登记推送地址 · no webhook address is recorded")
    body, headers = signed(letter, company, now)
    try:
        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS, follow_redirects=False) as http:
            answer = await http.post(to, content=body, headers=headers)
    except httpx.HTTPError as error:
        what = type(error).__name__
        raise NotSent(f"推送地址无法访问（{what}） · the webhook can't be reached ({what})") from error
    if not answer.is_success:
        raise NotSent(f"推送被拒（{answer.status_code}） · the webhook refused ({answer.status_code})")
    return str(answer.status_code)
