"""Service reports (3.6): whatever the form asks for is answered, and the customer signs, or doesn't."""

import io
from typing import Any

from PIL import Image, ImageDraw

from samples.month.month import Month
from samples.month.office import Caller

_TEXTS = {"situation": "现场有活动痕迹", "work": "清理并重新布放", "contents": "布放位置与安全用药", "use": "正常使用",
          "opinions": "服务满意，希望定期回访"}  # fmt: skip


async def written(m: Month, engineer: Caller, order: str) -> bool:
    """The report of a work order, begun, filled in, submitted; True when it is signed, False when that is refused."""
    report = (await engineer.do("/dispatch/reports", {"work_order": order}, source="app"))["report"]
    path = f"/dispatch/reports/{report}"
    form = (await engineer.read(path))["form"]
    answers = [{"item": item["key"], "value": _answer(m, item)} for item in form["items"] if _asked(item)]
    given: dict[str, Any] = {"answers": answers}
    if form["parts"]:
        given["parts"] = [{"name": "粘鼠板", "quantity": str(m.chance.randrange(4, 30)), "unit": "张"}]
    await engineer.do(f"{path}/fill", given, source="app")
    for item in form["items"]:
        if item["kind"] == "photo" and item["required"]:
            said = {"title": item["zh"], "item": item["key"]}
            picture = {"file": ("photo.jpg", _photo(m), "image/jpeg")}
            await engineer.do(f"{path}/attachments", source="app", files=picture, data=said)
    await engineer.do(f"{path}/submit", source="app")
    if m.likely(3):
        await engineer.do(f"{path}/refuse-signature", {"version": 1, "reason": "负责人不在现场"}, source="app")
        return False
    signature = {"file": ("sign.png", _signature(m), "image/png")}
    data = {"version": "1", "name": m.chance.choice(m.company.customers).person}
    await engineer.do(f"{path}/sign", source="app", files=signature, data=data)
    return True


def _asked(item: dict[str, Any]) -> bool:
    return bool(item["required"]) and item["kind"] != "photo"


def _answer(m: Month, item: dict[str, Any]) -> str:
    match item["kind"]:
        case "check":
            return "done"
        case "demonstrated":
            return "shown"
        case "choice":
            return str(item["choices"][0]["key"])
        case "count":
            return str(m.chance.randrange(4, 24))
        case "measurement":
            low, high = float(item["at_least"] or 1), float(item["at_most"] or (item["at_least"] or 1)) or 60
            return f"{m.between(low, max(low, high)):.1f}"
        case _:
            return _TEXTS.get(item["key"], "无")


def _signature(m: Month) -> bytes:
    image = Image.new("RGBA", (300, 100), (0, 0, 0, 0))
    points = [(20 + 26 * n, m.chance.randrange(15, 85)) for n in range(10)]
    ImageDraw.Draw(image).line(points, fill="navy", width=4)
    return _saved(image, "PNG")


def _photo(m: Month) -> bytes:
    """Grey-green, each a little different."""
    colour = (m.chance.randrange(150, 200), m.chance.randrange(160, 210), m.chance.randrange(130, 180))
    return _saved(Image.new("RGB", (320, 240), colour), "JPEG")


def _saved(image: Image.Image, kind: str) -> bytes:
    made = io.BytesIO()
    image.save(made, kind)
    return made.getvalue()
