"""A receiver of webhooks that verifies who sent them and drops what comes twice.

    SECRET=whsec_… .venv/bin/python samples/receive_webhook.py 9000

The secret is what ``POST /reporting/webhooks/{id}/secret`` says. Then create the webhook with the address
``http://127.0.0.1:9000/`` on a system that was started with ``OUTGOING_PRIVATE=127.0.0.0/8``.
"""

import asyncio
import json
import os
import sys

import uvicorn
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

KNOWN: set[str] = set()
"""What was received; a real receiver keeps it with the effect, in one transaction."""


async def receive(request: Request) -> Response:
    """204: taken, and never sent again; 401: not from us; anything else, and it comes again later."""
    body = await request.body()
    try:
        Webhook(os.environ["SECRET"]).verify(body, dict(request.headers))
    except WebhookVerificationError:
        return Response(status_code=401)
    event = json.loads(body)
    if event["id"] not in KNOWN:
        KNOWN.add(event["id"])
        print(event["time"], event["type"], event["id"], flush=True)
    return Response(status_code=204)


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 9000
    app = Starlette(routes=[Route("/", receive, methods=["POST"])])
    asyncio.run(uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port)).serve())


if __name__ == "__main__":
    main()
