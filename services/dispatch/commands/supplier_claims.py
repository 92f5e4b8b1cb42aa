"""Claims on suppliers (3.7): the policy gives each step its time."""

from typing import Any
from uuid import UUID

from services.dispatch.commands.parts import Wish, article, terms_at
from services.dispatch.domain import supplier_claim
from services.dispatch.domain.supplier_claim import (
    NotifySupplier,
    OpenSupplierClaim,
    RecordSupplierAnswer,
    SupplierClaimCommand,
    known,
)
from shared.eventlog import Streams
from shared.events.dispatch import PartSupply


async def open_(streams: Streams, wish: Wish, version: int | None) -> dict[str, Any]:
    """By hand, for a fault that the inspection didn't find."""
    command: OpenSupplierClaim = wish(part_code="-", part_name="-", notice_days=1)
    named = await article(streams, command.part)
    supplier_claim.check_bought(named.supply is PartSupply.BOUGHT)
    terms = await terms_at(streams, command.at)
    said = {"part_code": named.code, "part_name": named.name, "notice_days": terms.supplier_notice_days}
    return await _decide(streams, command.claim, command.model_copy(update=said), version)


async def act(streams: Streams, id: UUID, wish: Wish, version: int | None) -> dict[str, Any]:
    """Decide the command on the claim that the caller has seen as ``version`` (None: as it is)."""
    await streams.load(supplier_claim, id)
    return await _decide(streams, id, wish(), version)


async def notify(streams: Streams, id: UUID, wish: Wish, version: int | None) -> dict[str, Any]:
    await streams.load(supplier_claim, id)
    command: NotifySupplier = wish(answer_days=1)
    days = (await terms_at(streams, command.at)).supplier_answer_days
    return await _decide(streams, id, command.model_copy(update={"answer_days": days}), version)


async def record_answer(streams: Streams, id: UUID, wish: Wish, version: int | None) -> dict[str, Any]:
    await streams.load(supplier_claim, id)
    command: RecordSupplierAnswer = wish(settlement_days=1)
    days = (await terms_at(streams, command.at)).supplier_settlement_days
    return await _decide(streams, id, command.model_copy(update={"settlement_days": days}), version)


async def _decide(streams: Streams, id: UUID, command: SupplierClaimCommand, version: int | None) -> dict[str, Any]:
    await streams.expect(supplier_claim, id, version)
    await streams.handle(supplier_claim, id, command)
    state = await streams.load(supplier_claim, id)
    number = known(state).number
    return {"claim": str(id), "number": number, "status": state.status, "version": streams.version(id)}
