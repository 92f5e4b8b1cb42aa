"""Service reports over HTTP (3.6): filled in, signed, refused, corrected, printed; each engineer has their own."""

import hashlib
import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.dispatch.domain import visit, work_order
from shared.eventlog import Context, Streams
from shared.events.base import Source
from shared.events.dispatch import VisitProgress
from shared.events.tickets import Purpose
from tests.integration.dispatch.conftest import Caller, DispatchOffice, code, open_now
from tests.pdf import pages
from tests.unit.dispatch import visit_examples as ex
from tests.unit.dispatch.pictures import photo, signature

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANSWERS = {
    "situation": "仓库东侧有鼠迹",
    "work": "布放粘鼠板 12 处",
    "points": "12",
    "out_of_reach": "done",
    "labelled": "done",
    "explained": "done",
    "survey": "done",
    "result": "solved",
}
PARTS = [{"name": "大号粘鼠板", "quantity": "12", "unit": "张", "lot": "NSD260948"}]


async def worked(office: DispatchOffice, purpose: Purpose = Purpose.PLACEMENT, engineer: str = "E04") -> str:
    """A work order whose one visit is done."""
    if office.clock.now() < ex.at("12:00"):
        office.clock.move_to(ex.at("12:00"))
    order, there = uuid4(), uuid4()
    facts = {"work_order": order, "ticket": None}

    async def work(streams: Streams) -> None:
        named = {"purpose": purpose, "customer_name": "光明物业", "city": "杭州"}
        for wanted in (ex.draft(**facts), ex.qualify(ticket=None, **named)):
            await streams.handle(work_order, order, wanted)
        for step in ex.DONE:
            told = {"by": engineer} if step.by == "E04" else {}
            told |= {"visit": there, "work_order": order, "purpose": purpose} if step is ex.DONE[0] else {}
            told |= {"engineer": engineer} if step is ex.DONE[1] else {}
            await streams.handle(visit, there, step.model_copy(update=told))
        for progress in (VisitProgress.ASSIGNED, VisitProgress.UNDER_WAY, VisitProgress.DONE):
            noted = ex.note(progress, visit=there, engineer=engineer, by=engineer)
            await streams.handle(work_order, order, noted)

    await office.dispatch.log.execute(work, Context("tester", Source.WEB, uuid4()))
    return str(order)


async def status_of(office: DispatchOffice, order: str) -> str:
    state, _ = await office.dispatch.log.load(work_order, UUID(order))
    return state.status.value


async def drafted(office: DispatchOffice, by: Caller | None = None, **order: Any) -> dict[str, Any]:
    who = by or office.engineer()
    return await who.do("/dispatch/reports", {"work_order": await worked(office, **order)})


async def attached(by: Caller, report: str, content: bytes, **said: str) -> httpx.Response:
    data = {"title": "布放点", "item": "photo_points"} | said
    return await by.upload(f"/dispatch/reports/{report}/attachments", "photo.jpg", content, data=data)


async def submitted(office: DispatchOffice, **answers: str) -> dict[str, Any]:
    """A report that waits for the customer's signature."""
    engineer = office.engineer()
    report = (await drafted(office))["report"]
    given = [{"item": item, "value": value} for item, value in (ANSWERS | answers).items()]
    await engineer.do(f"/dispatch/reports/{report}/fill", {"answers": given, "parts": PARTS})
    assert (await attached(engineer, report, photo())).status_code == 201
    return await engineer.do(f"/dispatch/reports/{report}/submit")


async def signed(
    office: DispatchOffice, report: str, version: int = 1, image: bytes = b"", name: str = "王小明"
) -> httpx.Response:
    data = {"version": str(version), "name": name}
    image = image or signature()
    return await office.engineer().upload(f"/dispatch/reports/{report}/sign", "sign.png", image, data=data)


async def test_a_report_is_filled_in_and_signed_and_the_work_order_is_reported(office: DispatchOffice) -> None:
    # given a job that is done, and its report begun on the form of its purpose, also when it is asked for again
    engineer, order = office.engineer(), await worked(office)
    report = (await engineer.do("/dispatch/reports", {"work_order": order}))["report"]
    assert (await engineer.do("/dispatch/reports", {"work_order": order}))["report"] == report

    # when it is submitted too early
    problem = await engineer.refused(f"/dispatch/reports/{report}/submit")

    # then it is said what is missing, and what is open
    assert code(problem) == "report-incomplete"
    assert "现场虫鼠害情况" in problem["detail"]
    assert open_now(problem) == {"fill", "attach", "detach"}

    # when it is filled in, photographed, submitted and signed
    given = [{"item": item, "value": value} for item, value in ANSWERS.items()]
    await engineer.do(f"/dispatch/reports/{report}/fill", {"answers": given, "parts": PARTS})
    first, again = await attached(engineer, report, photo()), await attached(engineer, report, photo())
    done = await engineer.do(f"/dispatch/reports/{report}/submit")
    answer = await signed(office, report)

    # then the customer's signature stands under the very content that was shown
    assert (first.status_code, again.json()["version"]) == (201, first.json()["version"])
    assert answer.status_code == 200, answer.text
    shown = await engineer.read(f"/dispatch/reports/{report}")
    (version,) = shown["versions"]
    assert (shown["status"], shown["status_words"], shown["missing"]) == ("SIGNED", "客户已签字", [])
    assert (version["content_hash"], version["intact"]) == (done["content_hash"], True)
    assert (version["signed"]["name"], version["signed"]["at"]) == ("王小明", "2026-10-10T04:00:00+00:00")
    assert shown["job"]["visits"][0]["engineer"] == "E04"
    assert open_now(shown) == {"correct"}

    # and the work order knows
    assert await status_of(office, order) == "REPORTED"
    words = [line["words"] for line in await engineer.read(f"/dispatch/reports/{report}/history")]
    assert words[-1] == "客户签字确认第 1 版（3.6）。"


async def test_nothing_that_was_signed_changes(office: DispatchOffice) -> None:
    report = (await submitted(office))["report"]
    engineer = office.engineer()
    assert (await signed(office, report)).status_code == 200
    before = await engineer.read(f"/dispatch/reports/{report}/versions/1")

    # when somebody tries all that changes a draft, and another signature
    refused = [
        code(
            await engineer.refused(f"/dispatch/reports/{report}/fill", {"answers": [{"item": "points", "value": "9"}]})
        ),
        code((await attached(engineer, report, photo(7))).json()),
        code((await signed(office, report, image=signature(9))).json()),
    ]
    same = await signed(office, report)

    # then it is refused, and the same signature told again is no second one
    assert set(refused) == {"report-signed"}
    assert same.status_code == 200
    assert await engineer.read(f"/dispatch/reports/{report}/versions/1") == before


async def test_a_refused_signature_is_recorded_with_its_reason_and_may_come_later(office: DispatchOffice) -> None:
    done = await submitted(office)
    report, engineer = done["report"], office.engineer()
    await engineer.do(f"/dispatch/reports/{report}/refuse-signature", {"version": 1, "reason": "负责人不在现场"})
    assert await status_of(office, done["work_order"]) == "REPORTED"
    (version,) = (await engineer.read(f"/dispatch/reports/{report}"))["versions"]
    assert version["refused"]["reason"] == "负责人不在现场"

    # when the customer signs after all
    answer = await signed(office, report)

    # then the signature counts
    assert answer.json()["status"] == "SIGNED"
    state, _ = await office.dispatch.log.load(work_order, UUID(done["work_order"]))
    assert state.report
    assert (state.report.signature_refused, state.report.signed_at) == (None, office.clock.now())


async def test_a_correction_is_a_new_version_that_shows_both(office: DispatchOffice) -> None:
    # given a signed report
    done = await submitted(office)
    report, engineer = done["report"], office.engineer()
    await signed(office, report)
    one = (await engineer.send("GET", f"/dispatch/reports/{report}/report.pdf")).content

    # when it is corrected and signed anew
    await engineer.do(f"/dispatch/reports/{report}/correct", {"reason": "布放点数写错"})
    wrong = await engineer.refused(f"/dispatch/reports/{report}/submit")
    await engineer.do(f"/dispatch/reports/{report}/fill", {"answers": [{"item": "points", "value": "13"}]})
    second = await engineer.do(f"/dispatch/reports/{report}/submit")
    between = await engineer.read(f"/dispatch/reports/{report}")
    await signed(office, report, version=2, image=signature(5))

    # then both versions are there, and the new one says what it changes
    assert code(wrong) == "correction-empty"
    assert (between["standing_version"], between["report_version"], second["report_version"]) == (1, 2, 2)
    told = await engineer.read(f"/dispatch/reports/{report}/versions/2")
    assert (told["corrects"], told["reason"]) == (1, "布放点数写错")
    assert told["changes"] == [{"item": "points", "before": "12处", "after": "13处"}]
    state, _ = await office.dispatch.log.load(work_order, UUID(done["work_order"]))
    assert state.report
    assert state.report.version == 2

    # and so do the papers; the first stays what it was but for the mark across it
    (old,) = pages((await engineer.send("GET", f"/dispatch/reports/{report}/report.pdf?version=1")).content)
    (new,) = pages((await engineer.send("GET", f"/dispatch/reports/{report}/report.pdf")).content)
    assert "已更正" in old
    assert old.replace("已更正", "") == pages(one)[0]
    assert "本版更正第1版" in new
    assert "布放点数12处13处" in new


async def test_the_paper_carries_content_and_signature(office: DispatchOffice) -> None:
    done = await submitted(office)
    report, engineer = done["report"], office.engineer()
    waiting = pages((await engineer.send("GET", f"/dispatch/reports/{report}/report.pdf")).content)[0]
    await signed(office, report)
    answer = await engineer.send("GET", f"/dispatch/reports/{report}/report.pdf")
    (sheet,) = pages(answer.content)
    assert "待签字" in waiting
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="{done["number"]}-v1.pdf"'
    for text in ("售后服务报告单", done["number"], "光明物业", "■已解决", "NSD260948", "王小明", done["content_hash"]):
        assert text in sheet
    draft = (await drafted(office))["report"]
    assert "草稿" in pages((await engineer.send("GET", f"/dispatch/reports/{draft}/report.pdf")).content)[0]
    assert (await engineer.send("GET", f"/dispatch/reports/{report}/report.pdf?version=7")).status_code == 404


async def test_photos_come_back_as_they_were_and_nothing_else_does(office: DispatchOffice) -> None:
    report, engineer = (await submitted(office))["report"], office.engineer()
    other = (await drafted(office))["report"]
    digest = hashlib.sha256(photo()).hexdigest()
    found = await engineer.send("GET", f"/dispatch/reports/{report}/attachments/{digest}")
    assert (found.content, found.headers["x-content-type-options"]) == (photo(), "nosniff")
    assert (await engineer.send("GET", f"/dispatch/reports/{other}/attachments/{digest}")).status_code == 404

    # and what is no photo isn't taken
    for content, status in ((b"MZ\x90\0", 422), (b"", 422), (b"%PDF-1.7 x", 409)):
        assert (await attached(engineer, other, content)).status_code == status
    assert (await signed(office, report, image=signature(blank=True))).status_code == 422
    assert (await signed(office, report, image=photo())).status_code == 422
    assert (await signed(office, report, name=" ")).status_code == 422


async def test_an_engineer_reaches_only_reports_of_their_own_work(office: DispatchOffice) -> None:
    done = await submitted(office)
    report, other = done["report"], office.engineer("E05")
    for path in ("", "/history", "/versions/1", "/report.pdf"):
        assert (await other.send("GET", f"/dispatch/reports/{report}{path}")).status_code == 403
    for action in ("fill", "recall", "submit"):
        body = {"reason": "?"} if action == "recall" else {}
        assert (await other.post(f"/dispatch/reports/{report}/{action}", body)).status_code == 403
    assert (await attached(other, report, photo())).status_code == 403
    assert (await other.post("/dispatch/reports", {"work_order": done["work_order"]})).status_code == 403
    assert (await office.dispatcher.read(f"/dispatch/reports/{report}"))["status"] == "SUBMITTED"
    assert (await office.caller("finance").send("GET", f"/dispatch/reports/{report}")).status_code == 403
    await office.seen()
    assert report not in [row["report"] for row in await other.list("/dispatch/reports")]
    assert report in [row["report"] for row in await office.engineer().list("/dispatch/reports", status="SUBMITTED")]
    assert report in [row["report"] for row in await office.dispatcher.list("/dispatch/reports", lot="NSD260948")]


async def test_who_signed_is_nowhere_in_the_log_and_can_be_erased(office: DispatchOffice) -> None:
    done = await submitted(office)
    report, manager = done["report"], office.manager
    ink = signature(33)
    await signed(office, report, image=ink, name="欧阳不见")
    assert "欧阳不见" not in json.dumps(await office.events(), ensure_ascii=False)
    kept = office.data_dir / "documents" / hashlib.sha256(ink).hexdigest()[:2] / hashlib.sha256(ink).hexdigest()
    assert kept.exists()

    # when the service manager erases who it was
    body = {"report_version": 1, "reason": "客户要求删除"}
    assert (await office.engineer().post(f"/dispatch/reports/{report}/erase-signer", body)).status_code == 403
    await manager.do(f"/dispatch/reports/{report}/erase-signer", body)

    # then name and image are gone, and the report is still signed
    (version,) = (await manager.read(f"/dispatch/reports/{report}"))["versions"]
    assert (version["signed"]["name"], version["signed"]["erased"], version["intact"]) == (None, True, True)
    assert not kept.exists()
    assert (await manager.send("GET", f"/dispatch/reports/{report}/signatures/1")).status_code == 404
    (sheet,) = pages((await manager.send("GET", f"/dispatch/reports/{report}/report.pdf")).content)
    assert "（签字人信息已删除）" in sheet


async def test_a_training_that_was_not_demonstrated_is_to_be_repeated(office: DispatchOffice) -> None:
    engineer = office.engineer()
    report = (await drafted(office, purpose=Purpose.TRAINING))["report"]
    form = await engineer.read("/dispatch/reports/forms/training")
    good = {"text": "安全", "check": "done", "demonstrated": "shown", "count": "6", "measurement": "1.5"}
    given = [{"item": i["key"], "value": good[i["kind"]]} for i in form["items"] if i["kind"] in good and i["required"]]
    given.append({"item": "protect", "value": "not_shown", "note": "手套不合手"})
    await engineer.do(f"/dispatch/reports/{report}/fill", {"answers": given})
    await attached(engineer, report, photo(3), item="photo_attendance")
    await engineer.do(f"/dispatch/reports/{report}/submit")
    await signed(office, report)
    (version,) = (await engineer.read(f"/dispatch/reports/{report}"))["versions"]
    assert (version["training"], version["training_words"]) == ("repeat", "须重新培训")
    await office.seen()
    assert report in [row["report"] for row in await office.dispatcher.list("/dispatch/reports", training="repeat")]


async def test_a_new_form_binds_only_reports_that_are_begun_later(office: DispatchOffice) -> None:
    # given a report on the form that comes with the system, and another form from tomorrow on
    before = (await drafted(office, purpose=Purpose.DELIVERY))["report"]
    tomorrow = office.clock.now().replace(day=12).isoformat()
    item = {"key": "seal", "kind": "check", "zh": "铅封完好", "en": "Seal intact"}
    body = {"valid_from": tomorrow, "items": [item], "parts": False, "reason": "按仓库要求"}
    engineer = office.engineer()
    assert (await engineer.post("/dispatch/reports/forms/delivery/adopt", body)).status_code == 403
    assert (await office.manager.do("/dispatch/reports/forms/delivery/adopt", body))["edition"] == 1
    assert (await engineer.read("/dispatch/reports/forms/delivery"))["edition"] == 0

    # when that day has come
    office.later(days=2)
    after = (await drafted(office, purpose=Purpose.DELIVERY))["report"]

    # then what is begun asks for it, what was begun doesn't
    forms = [(await engineer.read(f"/dispatch/reports/{each}"))["form"]["edition"] for each in (before, after)]
    assert forms == [0, 1]
    listed = {form["purpose"]: form["edition"] for form in await engineer.read("/dispatch/reports/forms")}
    assert (listed["delivery"], listed["repair"]) == (1, 0)
    blank = await engineer.send("GET", "/dispatch/reports/forms/delivery/blank.pdf")
    assert "铅封完好" in pages(blank.content)[0]


async def test_there_is_nothing_to_report_of_work_that_is_not_qualified(office: DispatchOffice) -> None:
    assert (await office.engineer().post("/dispatch/reports", {"work_order": str(uuid4())})).status_code == 404
    order = uuid4()

    async def work(streams: Streams) -> None:
        await streams.handle(work_order, order, ex.draft(work_order=order, ticket=None))

    await office.dispatch.log.execute(work, Context("tester", Source.WEB, uuid4()))
    problem = await office.dispatcher.refused("/dispatch/reports", {"work_order": str(order)})
    assert code(problem) == "work-order-not-reportable"
