"""Expense claims over HTTP: the whole path, four eyes, and what happens when two want the same at once."""

import asyncio
import io
from uuid import UUID

import pytest
from openpyxl import load_workbook

from tests.integration.dispatch.conftest import DispatchOffice, actions, code, open_now
from tests.integration.dispatch.expenses import Expenses, a_number, an_order, people
from tests.unit.dispatch.invoice_files import a_pdf, an_ofd, an_xml

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_whole_path_from_the_draft_to_the_payment(office: DispatchOffice) -> None:
    # given a trip for a work order, and a claim for it
    who = await people(office)
    order = await an_order(office)
    stop = {"city": "杭州", "from_day": "2026-10-05", "until_day": "2026-10-07", "work_order": order}
    trip = await who.trip(stops=[stop])
    claim = await who.claim(trip)
    path = f"/dispatch/claims/{claim}"
    line = await who.hotel(claim)
    assert (line["status"], line["total"]) == ("DRAFT", "380.00")

    # when it is submitted, every line is checked at once
    done = await who.engineer.do(f"{path}/submit")
    assert (done["status"], done["failed_lines"]) == ("CHECKED", [])
    shown = await who.engineer.read(path)
    assert {check["check"]: check["outcome"] for check in shown["lines"][0]["checks"]}["city"] == "passed"
    assert open_now(shown) == {"withdraw"}

    # then manager, finance and cashier each do their part, and it costs the work order
    assert (await who.manager.do(f"{path}/approve"))["status"] == "MANAGER_APPROVED"
    assert (await who.finance.do(f"{path}/approve-finance"))["status"] == "FINANCE_APPROVED"
    paid = await who.cashier.do(f"{path}/pay", {"paid_on": "2026-10-08", "reference": "YH-0031"})
    assert paid["status"] == "PAID"
    history = await who.engineer.read(f"{path}/history")
    assert [step["event"] for step in history] == [
        "ExpenseDrafted",
        "ExpenseLineRecorded",
        "ExpenseSubmitted",
        "ExpenseChecked",
        "ExpenseManagerApproved",
        "ExpenseApproved",
        "ExpensePaid",
    ]
    costs = [event.event for event in await office.dispatch.log.history(UUID(order))][1:]
    assert [(cost.kind, str(cost.amount), cost.cause.partition(":")[0]) for cost in costs] == [
        ("travel", "380.00", "claim")
    ]


async def test_a_repeated_key_is_one_event_and_a_repeated_wish_none(office: DispatchOffice) -> None:
    who = await people(office)
    claim = await who.submitted()
    first = await who.manager.post(f"/dispatch/claims/{claim}/approve", key="once-" + claim)
    again = await who.manager.post(f"/dispatch/claims/{claim}/approve", key="once-" + claim)
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    later = await who.manager.do(f"/dispatch/claims/{claim}/approve")
    assert later["version"] == first.json()["version"]


async def test_an_invoice_that_two_submit_at_the_same_moment_counts_once(office: DispatchOffice) -> None:
    """Company-wide, on the real database: whoever comes second sees in whose claim it is."""
    number = a_number()
    crews = [await people(office) for _ in range(4)]
    claims = []
    for who in crews:
        claim = await who.claim(await who.trip())
        await who.hotel(claim, number)
        claims.append(claim)

    answers = await asyncio.gather(
        *(who.engineer.do(f"/dispatch/claims/{claim}/submit") for who, claim in zip(crews, claims, strict=True))
    )

    clean = [answer for answer in answers if not answer["failed_lines"]]
    assert len(clean) == 1
    (winner,) = clean
    for who, claim in zip(crews, claims, strict=True):
        shown = await who.finance.read(f"/dispatch/claims/{claim}")
        unique = next(check for check in shown["lines"][0]["checks"] if check["check"] == "unique")
        if claim == winner["claim"]:
            assert unique["outcome"] == "passed"
        else:
            assert unique["reason"] == f"该发票已在 {winner['number']} 中使用。"
            assert code(await who.manager.refused(f"/dispatch/claims/{claim}/approve")) == "line-failed-checks"
            refusal = {"line": shown["lines"][0]["line"], "check": "unique", "reason": "x"}
            answer = await who.manager.refused(f"/dispatch/claims/{claim}/grant-exception", refusal)
            assert code(answer) == "check-not-excusable"


async def test_of_two_managers_who_approve_at_once_one_does(office: DispatchOffice) -> None:
    who = await people(office)
    claim = await who.submitted()
    managers = [office.caller("service_manager", subject=f"manager.{n}") for n in range(4)]
    answers = await asyncio.gather(*(manager.post(f"/dispatch/claims/{claim}/approve") for manager in managers))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    history = await who.finance.read(f"/dispatch/claims/{claim}/history")
    assert [step["event"] for step in history].count("ExpenseManagerApproved") == 1


@pytest.mark.parametrize("trips", [1, 2])
async def test_two_claims_at_once_dont_use_a_days_cap_twice(office: DispatchOffice, trips: int) -> None:
    """Hangzhou, lodging: ¥400 a night for both together, whether it is one trip or two."""
    who = await people(office)
    of = [await who.trip() for _ in range(trips)]
    claims = [await who.claim(of[n % trips]) for n in range(2)]
    for claim in claims:
        await who.hotel(claim, amount="300.00")
    answers = await asyncio.gather(*(who.engineer.do(f"/dispatch/claims/{claim}/submit") for claim in claims))
    assert sorted(len(answer["failed_lines"]) for answer in answers) == [0, 1]
    late = next(answer["claim"] for answer in answers if answer["failed_lines"])
    cap = next(
        c for c in (await who.finance.read(f"/dispatch/claims/{late}"))["lines"][0]["checks"] if c["check"] == "cap"
    )
    assert cap["limit"] == "100.00"


async def test_nobody_decides_twice_or_on_their_own(office: DispatchOffice) -> None:
    who = await people(office)
    claim = await who.submitted()
    path = f"/dispatch/claims/{claim}"
    both = office.caller("service_manager", "finance", subject="boss")
    engineer_too = office.caller("service_manager", "engineer", engineer=who.code, subject="wang.manager")
    assert code(await engineer_too.refused(f"{path}/approve")) == "decider-is-claimant"
    await both.do(f"{path}/approve")
    refusal = await both.refused(f"{path}/approve-finance")
    assert code(refusal) == "approved-before-by-same"
    assert actions(refusal)["approve-finance"] == "您已审批过本单，下一步须由他人审批。"
    assert (await who.engineer.post(f"{path}/approve")).status_code == 403


async def test_from_the_threshold_on_the_general_manager_decides_first(office: DispatchOffice) -> None:
    who = await people(office)
    claim = await who.submitted(kind="long_distance", amount="5200.00")
    path = f"/dispatch/claims/{claim}"
    await who.manager.do(f"{path}/approve")
    assert code(await who.finance.refused(f"{path}/approve-finance")) == "general-manager-first"
    await office.seen()
    waiting = await who.general.list("/dispatch/claims", waits_for="general_manager", engineer=who.code)
    assert [row["claim"] for row in waiting] == [claim]
    await who.general.do(f"{path}/approve-general")
    assert (await who.finance.do(f"{path}/approve-finance"))["status"] == "FINANCE_APPROVED"


async def test_a_line_is_rejected_alone_and_its_invoice_is_free_again(office: DispatchOffice) -> None:
    who = await people(office)
    trip = await who.trip()
    claim, number = await who.claim(trip), a_number()
    await who.hotel(claim)
    far = (await who.hotel(claim, number, city="宁波", spent_on="2026-10-06", amount="200.00"))["line"]
    path = f"/dispatch/claims/{claim}"
    done = await who.engineer.do(f"{path}/submit")
    assert done["failed_lines"] == [far]
    rejecting = {"line": far, "reasons": "宁波不在行程内"}
    answer = await who.manager.do(f"{path}/reject-line", rejecting)
    assert (answer["total"], answer["approvable"], answer["failed_lines"]) == ("580.00", "380.00", [])
    await who.manager.do(f"{path}/approve")

    # the same invoice in the claim for the right trip
    stops = [{"city": "宁波", "from_day": "2026-10-06", "until_day": "2026-10-06"}]
    other = await who.claim(await who.trip(stops=stops))
    await who.hotel(other, number, city="宁波", spent_on="2026-10-06", amount="200.00")
    assert (await who.engineer.do(f"/dispatch/claims/{other}/submit"))["failed_lines"] == []


async def test_returned_revised_submitted_again_and_withdrawn(office: DispatchOffice) -> None:
    who = await people(office)
    claim, number = await who.claim(await who.trip()), a_number()
    path = f"/dispatch/claims/{claim}"
    line = (await who.hotel(claim, number))["line"]
    await who.engineer.do(f"{path}/submit")
    await who.manager.do(f"{path}/return", {"reasons": "请补出租车票"})
    refusal = await who.engineer.refused(f"{path}/submit")
    assert code(refusal) == "claim-returned"
    assert "请修改后重新提交" in refusal["detail"]
    await who.engineer.do(f"{path}/revise")
    await who.engineer.do(f"{path}/remove-line", {"line": line})
    await who.hotel(claim)
    assert (await who.engineer.do(f"{path}/submit"))["status"] == "CHECKED"

    # what is no longer claimed is free; so is everything after the claim was withdrawn
    other = await who.claim(await who.trip())
    await who.hotel(other, number, spent_on="2026-10-06")
    assert (await who.engineer.do(f"/dispatch/claims/{other}/submit"))["failed_lines"] == []
    await who.engineer.do(f"{path}/withdraw", {"reason": "另行报销"})
    assert await who.status(claim) == "WITHDRAWN"


async def test_a_fraud_is_found_and_the_next_one_counts_as_repeated(office: DispatchOffice) -> None:
    who = await people(office)
    gravities = []
    for spent_on in ("2026-10-05", "2026-10-06"):
        claim = await who.submitted(spent_on=spent_on)
        path = f"/dispatch/claims/{claim}"
        await who.manager.do(f"{path}/investigate", {"reason": "票面有涂改"})
        assert code(await who.manager.refused(f"{path}/approve")) == "claim-under-investigation"
        found = {"deed": "bought", "reasons": "酒店查无此单"}
        assert code(await who.manager.refused(f"{path}/find-fraud", found)) == "decider-investigates"
        await who.finance.do(f"{path}/find-fraud", found)
        shown = await who.finance.read(path)
        gravities.append(shown["last"]["gravity"])
    assert gravities == ["demerit", "major_demerit"]


async def test_evidence_is_uploaded_by_those_who_investigate_and_seen_by_the_subject(office: DispatchOffice) -> None:
    who, other = await people(office), await people(office)
    path = f"/dispatch/claims/{await who.submitted()}"
    sent = await who.manager.upload("/dispatch/claims/evidence", "letter.pdf", a_pdf("酒店来信"))
    assert sent.status_code == 201, sent.text
    assert (await who.engineer.upload("/dispatch/claims/evidence", "x.pdf", a_pdf("x"))).status_code == 403
    sha256 = sent.json()["sha256"]
    assert (await who.finance.send("GET", f"{path}/evidence/{sha256}")).status_code == 404  # not of this claim yet

    # evidence that was never uploaded is none
    doubt = {"reason": "票面有涂改", "evidence": [sha256, "ab" * 32]}
    missing = await who.manager.post(f"{path}/investigate", doubt)
    assert (missing.status_code, missing.json()["errors"][0]["pointer"]) == (422, "#/evidence/1")
    await who.manager.do(f"{path}/investigate", doubt | {"evidence": [sha256]})

    found = {"deed": "forged", "reasons": "酒店查无此单", "evidence": ["cd" * 32]}
    assert (await who.finance.post(f"{path}/find-fraud", found)).status_code == 422
    await who.finance.do(f"{path}/find-fraud", found | {"evidence": []})
    assert (await who.engineer.send("GET", f"{path}/evidence/{sha256}")).content[:4] == b"%PDF"
    assert (await other.engineer.send("GET", f"{path}/evidence/{sha256}")).status_code == 403


async def test_of_finance_approving_at_once_one_does_and_the_cost_is_booked_once(office: DispatchOffice) -> None:
    who, order = await people(office), await an_order(office)
    stop = {"city": "杭州", "from_day": "2026-10-05", "until_day": "2026-10-07", "work_order": order}
    claim = await who.submitted(await who.trip(stops=[stop]))
    path = f"/dispatch/claims/{claim}"
    await who.manager.do(f"{path}/approve")
    several = [office.caller("finance", subject=f"finance.{n}") for n in range(4)]
    answers = await asyncio.gather(*(each.post(f"{path}/approve-finance") for each in several))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    costs = [e.event for e in await office.dispatch.log.history(UUID(order)) if type(e.event).__name__ == "CostAdded"]
    assert [str(cost.amount) for cost in costs] == ["380.00"]


async def test_a_digital_invoice_needs_no_typing(office: DispatchOffice) -> None:
    who = await people(office)
    claim = await who.claim(await who.trip())
    for number, content in ((a_number(), "xml"), (a_number(), "ofd")):
        file = an_xml(number) if content == "xml" else an_ofd(number)
        kept = (await who.engineer.upload("/dispatch/claims/receipts", f"x.{content}", file)).json()
        assert kept["invoice"]["number"] == number
        line = {"kind": "postage", "spent_on": "2026-10-05", "city": "杭州", "amount": "300.00"}
        await who.engineer.do(f"/dispatch/claims/{claim}/lines", line | {"receipts": [kept["sha256"]]})
    done = await who.engineer.do(f"/dispatch/claims/{claim}/submit")
    shown = await who.engineer.read(f"/dispatch/claims/{claim}")
    outcomes = {check["check"]: check["outcome"] for check in shown["lines"][0]["checks"]}
    assert (outcomes["match"], outcomes["amount"], outcomes["unique"]) == ("passed", "passed", "passed")
    sha256 = shown["lines"][1]["receipts"][0]
    file = await who.finance.send("GET", f"/dispatch/claims/{claim}/receipts/{sha256}")
    assert file.headers["content-type"] == "application/ofd"
    assert "attachment" in file.headers["content-disposition"]
    assert done["status"] == "CHECKED"
    code_text = {"text": f"01,32,,{a_number()},300.00,20261009,,A1B2"}
    assert (await who.engineer.post("/dispatch/claims/qr", code_text)).json()["total"] == "300.00"


async def test_what_is_no_receipt_is_refused(office: DispatchOffice) -> None:
    who = await people(office)
    program = await who.engineer.upload("/dispatch/claims/receipts", "x.pdf", b"MZ\x90\x00")
    assert program.status_code == 422
    claim = await who.claim(await who.trip())
    line = {"kind": "other", "spent_on": "2026-10-05", "city": "杭州", "amount": "1.00", "receipts": ["ab" * 32]}
    missing = await who.engineer.post(f"/dispatch/claims/{claim}/lines", line)
    assert missing.status_code == 422
    assert missing.json()["errors"][0]["pointer"] == "#/receipts/0"
    assert a_pdf("x")[:4] == b"%PDF"


async def test_engineers_reach_only_what_is_theirs(office: DispatchOffice) -> None:
    mine, other = await people(office), await people(office)
    trip = await mine.trip()
    claim = await mine.claim(trip)
    for path in (f"/dispatch/claims/{claim}", f"/dispatch/claims/{claim}/history", f"/dispatch/trips/{trip}"):
        assert (await other.engineer.send("GET", path)).status_code == 403
    assert (await other.engineer.post("/dispatch/claims", {"trip": trip})).status_code == 403
    assert (await other.engineer.post(f"/dispatch/claims/{claim}/submit")).status_code == 403
    assert (await other.engineer.post(f"/dispatch/trips/{trip}/end", {"ends": "2026-10-07"})).status_code == 403
    await office.seen()
    assert await other.engineer.list("/dispatch/claims") == []
    assert [row["claim"] for row in await mine.engineer.list("/dispatch/claims")] == [claim]
    assert [row["trip"] for row in await mine.engineer.list("/dispatch/trips")] == [trip]


async def test_accounting_takes_over_what_finance_approved(office: DispatchOffice) -> None:
    who = await people(office)
    claim = await who.submitted(
        amount="450.00", invoice={"number": a_number(), "total": "450.00", "seller": "=1+1 旅馆"}
    )
    shown = await who.finance.read(f"/dispatch/claims/{claim}")
    line = shown["lines"][0]["line"]
    await who.manager.do(
        f"/dispatch/claims/{claim}/reject-line", {"line": line, "allowed": "400.00", "reasons": "超标部分自理"}
    )
    await who.manager.do(f"/dispatch/claims/{claim}/approve")
    assert await _exported(who, shown["number"]) is None
    await who.finance.do(f"/dispatch/claims/{claim}/approve-finance")
    await office.seen()
    found = await _exported(who, shown["number"])
    assert found is not None
    assert (found["申报金额"], found["核准金额"], found["费用类别"]) == (450, 400, "住宿")
    assert found["销售方"] == "=1+1 旅馆"

    # what is doubted later on is still there, and says so
    await who.manager.do(f"/dispatch/claims/{claim}/investigate", {"reason": "票面有涂改"})
    await office.seen()
    doubted = await _exported(who, shown["number"])
    assert doubted is not None
    assert (doubted["状态"], doubted["核准金额"]) == ("调查中", 400)
    nothing = await who.finance.send("GET", "/dispatch/claims/export.xlsx", params={"month": "October"})
    assert nothing.status_code == 422


async def _exported(who: Expenses, number: str) -> dict[str, object] | None:
    """The line of a claim in October's workbook."""
    answer = await who.finance.send("GET", "/dispatch/claims/export.xlsx", params={"month": "2026-10"})
    assert answer.status_code == 200, answer.text
    head, *rows = load_workbook(io.BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True)
    return next((dict(zip(map(str, head), row, strict=True)) for row in rows if row[0] == number), None)


async def test_the_policy_is_read_by_all_and_adopted_for_days_to_come(office: DispatchOffice) -> None:
    who = await people(office)
    shown = await who.engineer.read("/dispatch/expense-policy")
    rules = shown["rules"] | {"days_around": 3}
    past = {"valid_from": "2026-10-01", "rules": rules, "reason": "放宽"}
    assert code(await who.finance.refused("/dispatch/expense-policy/adopt", past)) == "policy-backdated"
    adopted = await who.finance.do("/dispatch/expense-policy/adopt", past | {"valid_from": "2027-01-01"})
    assert adopted["policy_version"] == 1
    assert (await who.engineer.read("/dispatch/expense-policy"))["policy_version"] == 0
    assert (await who.engineer.read("/dispatch/expense-policy", on="2027-01-02"))["rules"]["days_around"] == 3
    assert [v["policy_version"] for v in await who.engineer.read("/dispatch/expense-policy/versions")] == [0, 1]


async def test_nothing_personal_is_in_the_events(office: DispatchOffice) -> None:
    who: Expenses = await people(office)
    claim = await who.claim(await who.trip())
    kept = (await who.engineer.upload("/dispatch/claims/receipts", "x.xml", an_xml(a_number()))).json()
    line = {"kind": "postage", "spent_on": "2026-10-05", "city": "杭州", "amount": "300.00"}
    await who.engineer.do(f"/dispatch/claims/{claim}/lines", line | {"receipts": [kept["sha256"]]})
    assert not [event for event in await office.events() if "某某" in event["state"]]


async def test_a_recording_is_no_receipt(office: DispatchOffice) -> None:
    # given a claim, and a recording that was kept as evidence of something else
    who = await people(office)
    claim = await who.claim(await who.trip())
    recording = b"ID3" + bytes(100)
    kept = (await who.manager.upload("/dispatch/claims/evidence", "call.mp3", recording)).json()["sha256"]

    # when it is sent as a receipt, or named as one
    sent = await who.engineer.upload("/dispatch/claims/receipts", "call.mp3", recording)
    line = {"kind": "postage", "spent_on": "2026-10-05", "city": "杭州", "amount": "12.00", "receipts": [kept]}
    named = await who.engineer.post(f"/dispatch/claims/{claim}/lines", line)

    # then both are refused with the reason, and nothing has changed
    for answer in (sent, named):
        assert answer.status_code == 422
        assert "不能是录音录像" in answer.text
    assert (await who.engineer.read(f"/dispatch/claims/{claim}"))["lines"] == []
