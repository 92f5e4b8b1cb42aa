"""Wishes about a service report, as engineers, customers and the office have them."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from services.dispatch.domain import report_commands as wish
from services.dispatch.domain.identity import report_id, signer_id
from services.dispatch.domain.report_defaults import DEFAULT_FORMS
from shared.events.dispatch import ItemKind, ReportAttachment, ReportForm, ReportJob, ReportVisit
from shared.events.tickets import Purpose
from tests.unit.tickets.examples import T0

HERE = UUID("6a5d9c1e-8a4f-4c58-8f7e-3a4c1f0d9b21")
ORDER = uuid5(HERE, "work order")
REPORT = report_id(ORDER)
PHOTO = "a1" * 32
INK = "b2" * 32
OTHER_INK = "c3" * 32


def hours(later: float) -> datetime:
    return T0 + timedelta(hours=later)


def job(purpose: Purpose = Purpose.PLACEMENT, *, finished: bool = True, **facts: Any) -> ReportJob:
    visit = ReportVisit(
        visit=uuid5(HERE, "visit"), engineer="E04", arrived_at=hours(1), finished_at=hours(2) if finished else None
    )
    said = {"customer_name": "光明物业", "product_name": "大号粘鼠板", "lot": "NSD260948", "visits": (visit,)}
    return ReportJob(work_order=ORDER, number="PG-20261003-7F3KQ2", purpose=purpose, **said | facts)


def draft(purpose: Purpose = Purpose.PLACEMENT, at: float = 1, form: ReportForm | None = None) -> wish.DraftReport:
    work = job(purpose, finished=False)
    return wish.DraftReport(at=hours(at), by="e04", report=REPORT, job=work, form=form or DEFAULT_FORMS[purpose])


def answers(purpose: Purpose = Purpose.PLACEMENT, **said: str) -> tuple[wish.Answer, ...]:
    """What answers all that the form that comes with the system must be told; ``said`` in place of it."""
    good = {
        ItemKind.TEXT: "正常",
        ItemKind.CHECK: "done",
        ItemKind.DEMONSTRATED: "shown",
        ItemKind.COUNT: "12",
        ItemKind.MEASUREMENT: "220",
    }
    items = [item for item in DEFAULT_FORMS[purpose].items if item.kind is not ItemKind.PHOTO]
    found = {i.key: i.choices[0].key if i.kind is ItemKind.CHOICE else good[i.kind] for i in items if i.required}
    return tuple(wish.Answer(item=key, value=value) for key, value in (found | said).items())


def fill(at: float = 2, *given: wish.Answer, **more: Any) -> wish.FillReport:
    return wish.FillReport(at=hours(at), by="e04", answers=given or answers(), **more)


def part(name: str = "大号粘鼠板", quantity: str = "20", lot: str | None = "NSD260948") -> wish.Part:
    return wish.Part(name=name, quantity=Decimal(quantity), unit="张", lot=lot)


def attach(at: float = 2, item: str | None = "photo_points", **facts: Any) -> wish.AttachToReport:
    said = {"sha256": PHOTO, "media_type": "image/jpeg", "size": 81234, "title": "布放点", "item": item} | facts
    return wish.AttachToReport(at=hours(at), by="e04", attachment=ReportAttachment(**said))


def detach(at: float = 2, sha256: str = PHOTO) -> wish.DetachFromReport:
    return wish.DetachFromReport(at=hours(at), by="e04", sha256=sha256)


def submit(at: float = 3, work: ReportJob | None = None) -> wish.SubmitReport:
    return wish.SubmitReport(at=hours(at), by="e04", job=work or job())


def recall(at: float = 3.5) -> wish.RecallReport:
    return wish.RecallReport(at=hours(at), by="e04", reason="客户要求补充")


def sign(at: float = 4, version: int = 1, signature: str = INK) -> wish.SignReport:
    signer = signer_id(REPORT, version, signature)
    return wish.SignReport(at=hours(at), by="e04", version=version, signature=signature, signer=signer)


def refuse(at: float = 4, version: int = 1, reason: str = "负责人不在") -> wish.RefuseSignature:
    return wish.RefuseSignature(at=hours(at), by="e04", version=version, reason=reason)


def correct(at: float = 5, reason: str = "布放点数写错") -> wish.BeginCorrection:
    return wish.BeginCorrection(at=hours(at), by="e04", reason=reason)


def drop(at: float = 6) -> wish.DropCorrection:
    return wish.DropCorrection(at=hours(at), by="e04", reason="原内容无误")


def erase(at: float = 9, version: int = 1) -> wish.EraseSigner:
    return wish.EraseSigner(at=hours(at), by="service_manager", version=version, reason="客户要求删除")
