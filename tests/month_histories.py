"""What happens in some months at work orders and tickets, as the logs of dispatch and tickets tell it."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from shared.calendar import SHANGHAI
from shared.eventlog import Recorded
from shared.events import dispatch, tickets
from shared.events.base import Event, Metadata, Source
from shared.events.tickets import CoverageReason, CoverageVerdict, Purpose
from tests.ticket_histories import an_id


def on(day: str, hour: int = 10) -> datetime:
    """That day in Shanghai."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), SHANGHAI).replace(hour=hour).astimezone(UTC)


class Logs:
    """The logs of dispatch and tickets as they grow."""

    def __init__(self) -> None:
        self.log: dict[str, list[Recorded[Any]]] = {"dispatch": [], "tickets": []}
        self._versions: dict[UUID, int] = defaultdict(int)

    @property
    def all(self) -> list[Recorded[Any]]:
        return [*self.log["dispatch"], *self.log["tickets"]]

    @property
    def heads(self) -> dict[str, int]:
        """Where the logs end."""
        return {source: len(log) for source, log in self.log.items()}

    def tell(
        self, stream: UUID, event: Event, *, recorded: datetime | None = None, source: Source = Source.WEB
    ) -> Recorded[Any]:
        """``event`` is recorded: when it happens, or later."""
        self._versions[stream] += 1
        log = self.log[event.SERVICE]
        meta = Metadata(
            actor="li.na",
            source=source,
            correlation_id=an_id("request"),
            occurred_at=event.at,
            recorded_at=recorded or event.at,
        )
        told = Recorded(event.SERVICE, stream, self._versions[stream], len(log) + 1, event, meta)
        log.append(told)
        return told

    # --- what is known ------------------------------------------------------------------------------------------------

    def customer(self, name: str, region: str | None = None, day: str = "2025-01-01") -> UUID:
        customer = an_id(name)
        recorded = tickets.CustomerRecorded(
            at=on(day), customer=customer, name=name, code=None, region=region, key_customer=False
        )
        self.tell(customer, recorded)
        return customer

    def ticket(self, name: str, day: str, product: str | None = None, lot: str | None = None) -> UUID:
        opened = tickets.TicketOpened(
            at=on(day),
            ticket=an_id(name),
            number=f"SQ-{name}",
            contact=an_id(f"contact {name}"),
            channel=tickets.Channel.PHONE,
            customer=None,
            customer_name="光明物业",
            site=None,
            person=None,
            product=an_id(product) if product else None,
            product_name=product,
            lot=lot,
            unit=None,
            summary="粘不住",
            received_at=on(day),
            answer_due=on(day) + timedelta(days=1),
            from_register=None,
        )
        self.tell(opened.ticket, opened)
        return opened.ticket

    def covered(self, ticket: UUID, day: str, verdict: CoverageVerdict, *reasons: CoverageReason) -> None:
        decided = tickets.CoverageDecided(
            at=on(day),
            ticket=ticket,
            verdict=verdict,
            reasons=reasons,
            proposed=None,
            until=None,
            contract="HT-1" if CoverageReason.CONTRACT in reasons else None,
            note=None,
        )
        self.tell(ticket, decided)

    def order(self, name: str, day: str, **facts: Any) -> UUID:
        """A work order, qualified; by default a repair at 光明物业 in 华北."""
        said: dict[str, Any] = {
            "purpose": Purpose.REPAIR,
            "ticket": None,
            "customer": an_id("光明物业"),
            "customer_name": "光明物业",
            "region": "华北",
            "product": an_id("粘鼠板"),
            "product_name": "粘鼠板",
            "lot": None,
            "coverage": CoverageVerdict.IN_WARRANTY,
            "contract": None,
        } | facts
        empty = dict.fromkeys(
            (
                *("ticket_number", "site", "site_name", "city", "person", "unit", "goodwill"),
                *("wanted_from", "wanted_until", "note"),
            )
        )
        order = an_id(name)
        qualified = dispatch.WorkOrderQualified(
            at=on(day), work_order=order, number=f"PG-{name}", skills=(), **{**empty, **said}
        )
        self.tell(order, qualified)
        return order

    # --- what happens -------------------------------------------------------------------------------------------------

    def arrives(
        self, visit: str, order: UUID, engineer: str, day: str, hour: int = 10, late: int = 0, **more: Any
    ) -> Recorded[Any]:
        at = on(day, hour)
        arrived = dispatch.VisitArrived(
            at=at,
            visit=an_id(visit),
            work_order=order,
            ticket=None,
            engineer=engineer,
            customer=None,
            agreed_arrival=at - timedelta(minutes=late),
            late_after=at,
            late_minutes=late,
            grade=dispatch.ArrivalGrade.GEOFENCE_OK,
            distance_m=3,
            accuracy_m=5,
            reason=None,
            confirmation=None,
            received_at=at,
            offline=False,
        )
        return self.tell(arrived.visit, arrived, **more)

    def adjudicates(
        self, visit: str, order: UUID, engineer: str, day: str, arrived: datetime | None, **more: Any
    ) -> Recorded[Any]:
        judged = dispatch.ArrivalAdjudicated(
            at=on(day),
            visit=an_id(visit),
            work_order=order,
            ticket=None,
            engineer=engineer,
            agreed_arrival=on(day),
            arrived_at=arrived,
            late_minutes=0 if arrived else None,
            device=None,
            server=None,
            customer=None,
            reasons="门卫登记",
            adjudicated_by="he.ping",
        )
        return self.tell(judged.visit, judged, **more)

    def costs(self, order: UUID, kind: str, amount: str, day: str, *, late: bool = False, **more: Any) -> Recorded[Any]:
        said: dict[str, Any] = {
            "at": on(day),
            "work_order": order,
            "kind": dispatch.CostKind(kind),
            "amount": Decimal(amount),
            "cause": f"cost:{len(self.log['dispatch'])}",
            "note": None,
        }
        event = dispatch.LateCostNoted(**said) if late else dispatch.CostAdded(**said, purpose=None)
        return self.tell(order, event, **more)

    def answered(self, ticket: UUID, day: str, late: int = 0) -> None:
        asked = on(day) - timedelta(hours=2)
        self.tell(
            ticket,
            tickets.FirstAnswerGiven(
                at=on(day),
                ticket=ticket,
                status=tickets.TicketStatus.ANSWERED,
                proof=tickets.CallProof(call_id="1", direction="outbound", seconds=60),
                asked_at=asked,
                due=asked + timedelta(days=1),
                late_minutes=late,
            ),
        )

    def scored(self, ticket: UUID, day: str, score: int) -> None:
        survey = an_id(f"survey {ticket}")
        self.tell(
            survey,
            tickets.SurveyAnswered(
                at=on(day),
                survey=survey,
                ticket=ticket,
                channel=tickets.Channel.PHONE,
                score=score,
                verdict=None,
                text=None,
                engineers=("E01",),
                proof=None,
                reminder_met=True,
            ),
        )

    def complains(self, ticket: UUID, day: str) -> None:
        complaint = an_id(f"complaint {ticket}")
        self.tell(
            complaint,
            tickets.ComplaintLodged(
                at=on(day),
                complaint=complaint,
                number="TS-1",
                channel=tickets.Channel.PHONE,
                ticket=ticket,
                contact=None,
                survey=None,
                customer=None,
                customer_name="光明物业",
                person=None,
                category=tickets.ComplaintCategory.LATENESS,
                engineer="E01",
                work_order=None,
                visit=None,
                happened_at=on(day),
                summary="迟到",
                lodged_by="li.na",
            ),
        )

    def refused(self, lot: str, day: str) -> None:
        request = an_id(f"request {lot}")
        self.tell(
            request,
            dispatch.QualityRefused(
                at=on(day),
                request=request,
                part=an_id("锁扣"),
                part_code="SK",
                part_name="锁扣",
                quantity=Decimal(3),
                lots=(lot,),
                location="济南库",
                supplier="宏达五金",
                certificate="ZJ-1",
                findings="断裂",
                refused_by="qian",
            ),
        )
