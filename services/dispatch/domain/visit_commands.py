"""What people and timers want of a visit."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.dispatch.domain.visit_policy import Minutes, VisitTerms
from shared.decider import Command
from shared.events.base import Moment
from shared.events.dispatch import CheckOutWay, Claimant, Consent, Delay, DeliveryWay
from shared.events.tickets import Purpose
from shared.text import Name, Text


class PlanVisit(Command):
    """Somebody has to go; when and who follows."""

    visit: UUID
    work_order: UUID
    ticket: UUID | None
    purpose: Purpose
    customer: UUID | None
    customer_name: str | None
    site: UUID | None
    site_name: str | None
    city: str | None
    region: str | None
    skills: tuple[str, ...]
    wanted_from: Moment | None = None
    wanted_until: Moment | None = None
    """None: as the work order says."""
    minutes: Minutes | None = None
    """On site; None: as usual."""
    terms: VisitTerms


class AssignVisit(Command):
    """A written instruction to an engineer, for the time that the customer has accepted."""

    engineer: Name
    """The engineer's code (``E04``)."""
    instruction: Text
    agreed_arrival: Moment | None = None
    """None: as agreed before."""
    minutes: Minutes | None = None
    """None: as planned."""
    override_reason: Text | None = None
    """Why it may overlap another visit of theirs, or their leave."""
    overlaps: tuple[UUID, ...]
    on_leave: bool = False
    """Their leave reaches into that time."""
    terms: VisitTerms


class ConfirmDelivery(Command):
    """The instruction has reached the engineer."""

    way: DeliveryWay
    reference: Name | None = None
    terms: VisitTerms


class Told(Command):
    """What an engineer tells, now or, from offline, later."""

    offline: bool = False
    """The device kept it while it was offline; earlier steps may still be on their way."""
    received_at: Moment
    """When the server was told."""
    terms: VisitTerms


class AcceptVisit(Told):
    pass


class RefuseDispatch(Told):
    reason: Text
    safety: bool = False
    """It would be dangerous; exempt from 4.7 (D15)."""
    own_engineer: str | None = None
    """The caller's number, if they are an engineer."""


class LapseAnswer(Command):
    """The timer says that the time to answer is over."""


class RescheduleVisit(Command):
    """The customer has accepted another time; ``at`` is when they did (D4)."""

    new_arrival: Moment
    reason: Text
    consent: Consent
    minutes: Minutes | None = None
    override_reason: Text | None = None
    overlaps: tuple[UUID, ...]
    on_leave: bool = False
    terms: VisitTerms


class ReportDelay(Told):
    cause: Annotated[Delay, Field(description="原因 · cause")]
    note: Text | None = None
    expected_arrival: Moment | None = None


class LapseArrival(Command):
    """The timer says that the agreed time, and the time of grace, has passed."""


class Depart(Told):
    pass


class Position(BaseModel):
    """Where a device is. Only the distance from the site and the accuracy are kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    accuracy_m: int = Field(ge=0, le=10_000_000)


class CheckIn(Told):
    """Graded by how far the device is from the site, and how sure that is."""

    position: Position | None = None
    distance_m: int | None
    """From the site; None: either isn't known."""
    radius_m: int | None
    """The site's own, where it is larger or smaller than usual."""


class RecordArrival(Command):
    """By the office: with the customer's confirmation, or a reason."""

    confirmation: Consent | None = None
    reason: Text | None = None
    received_at: Moment


class ClaimArrival(Command):
    claimant: Claimant
    arrived_at: Moment | None
    """None: not at all."""
    basis: Text


class AdjudicateArrival(Command):
    arrived_at: Moment | None
    """None: not at all."""
    reasons: Text
    decider_engineer: Name | None = None
    """The decider's own number, where the decider is an engineer as well: nobody judges themselves (⚖)."""


class StartWork(Told):
    pass


class PauseWork(Told):
    reason: Text


class ResumeWork(Told):
    pass


class FinishWork(Told):
    result: Text


class CheckOut(Told):
    way: CheckOutWay
    call_id: Name | None = None
    """Of the call to headquarters."""


class LapseReport(Command):
    """The timer says that headquarters should have been told by now."""


class NoteLateCall(Command):
    """The exchange says that the engineer called, at ``at``."""

    call: Name


class AbortVisit(Told):
    reason: Text


VisitCommand = (
    PlanVisit
    | AssignVisit
    | ConfirmDelivery
    | AcceptVisit
    | RefuseDispatch
    | LapseAnswer
    | RescheduleVisit
    | ReportDelay
    | LapseArrival
    | Depart
    | CheckIn
    | RecordArrival
    | ClaimArrival
    | AdjudicateArrival
    | StartWork
    | PauseWork
    | ResumeWork
    | FinishWork
    | CheckOut
    | LapseReport
    | NoteLateCall
    | AbortVisit
)
