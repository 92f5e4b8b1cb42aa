"""How things are called on screens and in reports."""

from collections.abc import Mapping

from services.reporting.domain.figures import Split
from shared.decider import Words

FIGURE: Mapping[str, Words] = {
    "persons": Words("派出人数", "Persons"),
    "person_times": Words("派出人次", "Person-times"),
    "person_days": Words("派出人天", "Person-days"),
    "people": Words("人工费", "People"),
    "travel": Words("差旅费", "Travel"),
    "material": Words("材料费", "Material"),
    "freight": Words("运费", "Freight"),
    "total": Words("合计", "Total"),
    "memo": Words("合同内安装指导、调试（不计入合计）", "Guidance and commissioning by contract (not in the total)"),
}
SPLIT: Mapping[Split, Words] = {
    Split.PRODUCT: Words("产品", "Product"),
    Split.REGION: Words("区域", "Region"),
    Split.CUSTOMER: Words("客户", "Customer"),
    Split.PURPOSE: Words("服务类别", "Purpose"),
    Split.WARRANTY: Words("保内/保外", "Warranty"),
}
PURPOSE: Mapping[str, Words] = {
    "repair": Words("维修", "Repair"),
    "replacement": Words("更换", "Replacement"),
    "delivery": Words("配送", "Delivery"),
    "placement": Words("安放", "Placement"),
    "training": Words("培训", "Training"),
    "installation_guidance": Words("安装指导", "Installation guidance"),
    "commissioning": Words("调试", "Commissioning"),
    "routine_visit": Words("走访", "Routine visit"),
}
WARRANTY: Mapping[str, Words] = {
    "in_warranty": Words("保内", "In warranty"),
    "out_of_warranty": Words("保外", "Out of warranty"),
    "unknown": Words("未判定", "Not decided"),
}
UNKNOWN = Words("不明", "Not known")


def group_name(split: Split, key: str | None, name: str | None) -> Words:
    """How a group is called."""
    if key is None:
        return UNKNOWN
    if split is Split.PURPOSE:
        return PURPOSE[key]
    if split is Split.WARRANTY:
        return WARRANTY[key]
    return Words(name or key, name or key)
