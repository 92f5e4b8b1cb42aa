"""By what the system proposes engineers for a visit; a person decides."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from shared.events.dispatch.values import DispatchEvent


class ProposalTerms(BaseModel):
    """What counts how much when engineers are compared; as shipped where the company has adopted nothing else."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    distance_points: int = Field(40, ge=0, le=100)
    """就在当地的得满分；``far_km`` 及更远不得分 · For whoever is on the spot; none at ``far_km`` and beyond."""
    load_points: int = Field(30, ge=0, le=100)
    """当天及前后没有上门的得满分；达到 ``day_visits`` 或 ``week_visits`` 不得分 ·
    For whoever has nothing to do on that day and around it; none at ``day_visits`` or ``week_visits``."""
    margin_points: int = Field(20, ge=0, le=100)
    """与前后两次上门之间，除路程外还余 ``margin_minutes`` 的得满分 ·
    For a good ``margin_minutes`` before and behind the way from the visit before and to the next one."""
    region_points: int = Field(10, ge=0, le=100)
    """属于该区域的得分 · For whoever is of the region."""
    far_km: int = Field(120, ge=1, le=5_000)
    day_visits: int = Field(5, ge=1, le=50)
    week_visits: int = Field(20, ge=1, le=200)
    margin_minutes: int = Field(45, ge=1, le=480)
    speed_kmh: int = Field(40, ge=1, le=200)
    detour_percent: int = Field(130, ge=100, le=500)
    """公路里程占直线距离的百分比 · The way by road, of the distance as the crow flies."""


class ProposalPolicyAdopted(DispatchEvent):
    """派工建议规则版本 · By what engineers are proposed, for visits from ``valid_from`` on (Asia/Shanghai)."""

    version: int
    valid_from: date
    terms: ProposalTerms
    reason: str
    adopted_by: str
