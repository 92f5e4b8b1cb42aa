"""The printed report (3.6): what stands on it, and that a usual job fits on one sheet."""

import io
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import reportlab
from PIL import Image

from services.dispatch.domain import report
from services.dispatch.domain.report import Report
from services.dispatch.domain.report_commands import Answer
from services.dispatch.domain.report_defaults import DEFAULT_FORMS
from services.dispatch.paper.report import Correction, ReportPaper, Signature, printed, reduced
from services.dispatch.signers import LIMIT, SIDE, check_signature
from shared.documents import NotADocument
from shared.events.dispatch import ItemKind, ReportChange, TrainingOutcome
from shared.events.tickets import Purpose
from shared.typesetting import Type
from tests.pdf import pages
from tests.unit.dispatch.pictures import photo, plain, signature
from tests.unit.dispatch.reports import answers, attach, draft, fill, hours, job, part, sign, submit
from tests.unit.tickets.story import given

TYPE = Type()
COMPANY = {"company": "杭州净居害虫防治用品有限公司", "telephone": "400-800-1234"}


def signed(purpose: Purpose = Purpose.PLACEMENT, *said: Answer, **facts: Any) -> Report:
    """A report of a usual job that was signed."""
    items = DEFAULT_FORMS[purpose].items
    shots = [attach(item=i.key, sha256=sha256(i.key.encode()).hexdigest()) for i in items if i.kind is ItemKind.PHOTO]
    parts = (part(), part("防鼠条", "2", "FS2609-1")) if DEFAULT_FORMS[purpose].parts else None
    filled = fill(2, *answers(purpose), *said, parts=parts)
    state: Report = given(report, draft(purpose), filled, *shots, submit(work=job(purpose, **facts)), sign()).now()
    return state


def paper(state: Report, **more: Any) -> ReportPaper:
    assert state.content
    pictures = {each.sha256: photo() for each in state.content.attachments}
    facts = {"signature": Signature(hours(4), signature(), "王小明"), "pictures": pictures} | more
    return ReportPaper(**COMPANY, form=state.content.form, content=state.content, content_hash=state.hashes[1], **facts)


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_usual_job_is_told_on_one_sheet(purpose: Purpose) -> None:
    state = signed(purpose, site_name="光明物业 2 号仓库", city="杭州")
    (sheet,) = pages(printed(paper(state), TYPE))
    assert state.drafted
    for text in ("售后服务报告单", COMPANY["company"], state.drafted.number, "光明物业2号仓库", "E04", "王小明"):
        assert text in sheet
    for item in state.drafted.form.items:
        if item.kind is not ItemKind.PHOTO:
            assert item.zh in sheet
    assert f"SHA-256{state.hashes[1]}" in sheet
    assert "2026-10-03" in sheet
    assert "第1页共1页" in sheet


@pytest.mark.parametrize("purpose", list(Purpose))
def test_the_blank_form_is_one_sheet_with_nothing_filled_in(purpose: Purpose) -> None:
    (sheet,) = pages(printed(ReportPaper(**COMPANY, form=DEFAULT_FORMS[purpose]), TYPE))
    assert "编号：____" in sheet
    assert "客户签字" in sheet
    assert "■" not in sheet
    assert "拒签原因" in sheet
    for item in DEFAULT_FORMS[purpose].items:
        assert item.zh in sheet
    assert "SHA-256" not in sheet


def test_what_was_chosen_is_ticked_and_the_rest_is_not() -> None:
    note = Answer(item="labelled", value="not_done", note="客户不同意张贴")
    far = Answer(item="spacing", value="18.5", note="受货架限制")
    (sheet,) = pages(printed(paper(signed(Purpose.PLACEMENT, note, far)), TYPE))
    assert "■已解决□部分解决□未解决" in sheet
    assert "□完成■未完成□不适用（客户不同意张贴）" in sheet.replace("\n", "")
    assert "18.5米（不大于15），超出要求（受货架限制）" in sheet


def test_the_same_report_is_the_same_file() -> None:
    state = signed()
    assert printed(paper(state), TYPE) == printed(paper(state), TYPE)


def test_a_refusal_and_a_draft_say_so() -> None:
    state = signed()
    refused = paper(state, signature=None, refused=(hours(4), "负责人不在"))
    (sheet,) = pages(printed(refused, TYPE))
    assert "客户签字客户拒绝签字" in sheet
    assert "拒签原因负责人不在" in sheet
    waiting = replace(refused, refused=None, state="待签字")
    assert "待签字" in pages(printed(waiting, TYPE))[0]


def test_a_training_says_whether_it_is_done() -> None:
    (sheet,) = pages(printed(paper(signed(Purpose.TRAINING), training=TrainingOutcome.REPEAT), TYPE))
    assert "培训结论：须重新培训" in sheet


def test_a_correction_shows_both() -> None:
    change = ReportChange(item="points", before="12处", after="13处")
    correction = Correction(1, "2026-10-03 13:30 客户签字", "布放点数写错", [change])
    (sheet,) = pages(printed(paper(signed(), correction=correction), TYPE))
    assert "本版更正第1版（2026-10-0313:30客户签字）。更正原因：布放点数写错" in sheet
    assert "布放点数12处13处" in sheet


def test_a_long_report_goes_on_and_loses_nothing() -> None:
    long = Answer(item="work", value="\n".join(f"第{n}步：清理并重新布放。" for n in range(120)))
    found = pages(printed(paper(signed(Purpose.PLACEMENT, long)), TYPE))
    assert len(found) > 1
    assert f"第1页共{len(found)}页" in found[0]
    whole = "".join(found)
    assert all(f"第{n}步：清理并重新布放。" in whole for n in range(120))


def test_the_longest_of_everything_is_printed_whole() -> None:
    note = Answer(item="labelled", value="not_done", note="注" * 999 + "完")
    opinion = Answer(item="opinion", value="意" * 3999 + "尽")
    state = signed(Purpose.PLACEMENT, note, opinion, site_name="址" * 199 + "末", lot="L" * 200)
    change = ReportChange(item="work", before="前" * 4999 + "甲", after="后" * 4999 + "乙")
    correction = Correction(1, "2026-10-03 13:30 客户签字", "因" * 3999 + "故", [change])
    for settled in (
        {"signature": Signature(hours(4), signature(), "名" * 99 + "字")},
        {"signature": None, "refused": (hours(4), "拒" * 3999 + "字")},
    ):
        found = pages(printed(paper(state, correction=correction, **settled), TYPE))
        whole = "".join(found)
        for end in "完尽末甲乙故字":
            assert end in whole
        assert state.drafted
        assert all(state.drafted.number in sheet for sheet in found), "each sheet says of which report it is"


def test_what_was_left_out_is_struck_once_it_is_submitted() -> None:
    state = signed(Purpose.PLACEMENT)
    (sheet,) = pages(printed(paper(state), TYPE))
    assert "最大布放间距／" in sheet
    assert "客户意见／" in sheet
    assert state.content
    draft_sheet = replace(paper(state), content=state.content.model_copy(update={"version": 0}))
    assert "最大布放间距________米" in pages(printed(draft_sheet, TYPE))[0]


def test_what_looks_like_markup_is_printed_as_it_is() -> None:
    said = Answer(item="work", value='<b>清理</b> & <img src="http://127.0.0.1/x"/> 𠮷')
    (sheet,) = pages(printed(paper(signed(Purpose.PLACEMENT, said)), TYPE))
    assert '<b>清理</b>&<imgsrc="http://127.0.0.1/x"/>〓' in sheet


def test_a_photo_that_cannot_be_read_is_named_all_the_same() -> None:
    state = signed()
    assert state.content
    broken = {each.sha256: b"\xff\xd8\xffnonsense" for each in state.content.attachments}
    (sheet,) = pages(printed(paper(state, pictures=broken), TYPE))
    assert state.content.attachments[0].sha256[:8] in sheet
    assert reduced(plain(9000, 9000)) is None, "too many pixels to be opened"
    small = Image.open(io.BytesIO(reduced(photo()) or b""))
    assert max(small.size) == 900


def test_the_companys_own_font_goes_into_the_file() -> None:
    vera = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
    made = printed(ReportPaper("Clean Living", "", DEFAULT_FORMS[Purpose.REPAIR]), Type(vera))
    assert b"FontFile2" in made
    assert b"FontFile2" not in printed(ReportPaper("Clean Living", "", DEFAULT_FORMS[Purpose.REPAIR]), TYPE)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        photo(),
        b"\x89PNG\r\n\x1a\nnonsense",
        signature()[:200],
        signature(blank=True),
        plain(SIDE + 1, 10),
        signature() + bytes(LIMIT),
    ],
    ids=["empty", "photo", "broken", "cut off", "blank", "too wide", "too large"],
)
def test_what_is_no_signature_is_refused(content: bytes) -> None:
    with pytest.raises(NotADocument):
        check_signature(content)
    check_signature(signature())
