"""The log's hash chain: where it is, what was found, and the signed heads, for whoever keeps them elsewhere."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.penalties.api import permissions as may
from services.penalties.views import chain
from services.penalties.views.chain import RecordedHead
from shared.api import Call, Routes
from shared.chain import FORMAT
from shared.chain.heads import known_public_key
from shared.chain.tables import LastCheck
from shared.language import say
from shared.paging import Page, PageOf
from shared.service import Runtime

LAST_HEADS = 7
"""Of the days, with the chain itself."""


class Head(BaseModel):
    """A signed head."""

    number: int
    event: str = Field(description="记录它的事件 · the event that carries it")
    position: int
    head: str = Field(description="该位置的链值 · the chain's value there")
    text: str = Field(description="所签文字 · what is signed, ASCII")
    key: str = Field(description="公钥,Ed25519 · the public key, hexadecimal")
    signature: str


class Checked(BaseModel):
    """The last comparison of the whole log with its chain."""

    at: datetime
    position: int
    breaks: list[str] = Field(description="不一致之处;空为一致 · where they disagree; none when all is well")


class ChainNow(BaseModel):
    """Where the chain is."""

    format: str
    position: int = Field(description="已链接至此位置 · linked up to here")
    head: str = Field(description="此位置的链值 · the chain's value there")
    recorded: int = Field(description="日志的最后位置 · the log's last position")
    checked: Checked | None
    key: str | None = Field(
        description="最近一次签名的公钥;尚无签名时为此处将用的公钥(如有) · "
        "of the newest signed head; before the first, of the key at hand here, if any"
    )
    heads: list[Head] = Field(description="最近的签名 · the newest signed heads")


def routes(runtime: Runtime) -> Routes:
    """``/chain``."""
    routes = Routes("防篡改", "Tamper evidence", prefix="/chain")
    log = runtime.log

    @routes.get("", permission=may.CHAIN_READ, response_model=ChainNow, summary="日志链 · The log's chain")
    async def now(call: Call) -> Response:
        """日志每一行都链入前一行的哈希;每日签名一次,可自行留存以备核对 ·
        Each row is hashed with the one before it; a head is signed each day, which anybody may keep and compare later.
        """
        found = await chain.state(log, LAST_HEADS)
        heads = [_head(each) for each in found.heads]
        return call.answer(
            {
                "format": FORMAT,
                "position": found.end.position,
                "head": found.end.hash.hex(),
                "recorded": found.recorded,
                "checked": _checked(found.check, call) if found.check else None,
                "key": heads[0]["key"] if heads else known_public_key(runtime.settings),
                "heads": heads,
            }
        )

    @routes.get("/heads", permission=may.CHAIN_READ, response_model=PageOf[Head], summary="签名 · Signed heads")
    async def heads(call: Call, page: Annotated[Page, Query()]) -> Response:
        """全部签名,新的在前 · All signed heads, newest first."""
        after = page.after(int)
        rows = await chain.heads_before(log, after[0] if after else None, page.limit + 1)
        return call.page(page, rows, lambda row: (row.number,), _head)

    return routes


def _head(recorded: RecordedHead) -> dict[str, Any]:
    signed = recorded.signed
    return {
        "number": recorded.number,
        "event": recorded.event,
        "position": signed.position,
        "head": signed.head,
        "text": signed.text,
        "key": signed.key,
        "signature": signed.signature,
    }


def _checked(check: LastCheck, call: Call) -> dict[str, Any]:
    return {
        "at": check.at,
        "position": check.position,
        "breaks": [say(words, call.language) for words in check.breaks],
    }
