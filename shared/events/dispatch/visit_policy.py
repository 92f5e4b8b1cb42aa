"""The terms of visits: grace times and thresholds, in versions."""

from decimal import Decimal

from pydantic import Field

from shared.events.base import Moment
from shared.events.dispatch.values import DispatchEvent


class VisitPolicyAdopted(DispatchEvent):
    """上门制度版本 · From ``valid_from`` these terms hold for what happens; earlier facts keep theirs."""

    version: int = Field(ge=1)
    valid_from: Moment
    grace_minutes: int = Field(ge=0)
    """约定到场时间后的宽限分钟数（3.4b、4.5） · After the agreed arrival, before it counts as late (3.4b, 4.5)."""
    answer_minutes: int = Field(ge=1)
    """指令送达后的答复分钟数（4.7、D15） · In which a delivered instruction is answered (4.7, D15)."""
    report_minutes: int = Field(ge=1)
    """完工后向总部报告的分钟数（4.4、D14） · After the job, in which headquarters is told (4.4, D14)."""
    call_demanded: bool
    """只有来电才算向总部报告（D14） · Only a call counts as a report to headquarters (D14)."""
    radius_m: int = Field(ge=1)
    """距服务地点多少米以内算到场 · Metres around a site within which an arrival counts as there."""
    accuracy_m: int = Field(ge=1)
    """米，精度差于此值的位置不能说明问题 · Metres: a position that is less sure than this shows nothing."""
    offline_minutes: int = Field(ge=1)
    """发生后超过此分钟数才收到的，视为离线登记 · What is told later than this after it happened came from offline."""
    patience_minutes: int = Field(ge=0)
    """离线登记的其余部分最多在途多久，之后才查离场报告 ·
    How long the rest of what was told offline may be on its way, before a missing check-out is looked for."""
    visit_minutes: int = Field(ge=1)
    """未另说明时一次上门的分钟数 · How long a visit takes where nobody says otherwise."""
    people_rate: Decimal = Field(ge=0)
    """服务人员现场每小时成本，元 · What an engineer's hour on site costs, CNY."""
    adopted_by: str
