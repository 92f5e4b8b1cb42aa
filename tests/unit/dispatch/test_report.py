"""The service report, rule by rule (3.6, 0.4), and whole lives of it by chance."""

import json
from collections.abc import Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.dispatch.domain import report
from services.dispatch.domain.report_commands import Answer, ReportCommand
from services.dispatch.domain.report_content import fingerprint
from services.dispatch.domain.report_defaults import DEFAULT_FORMS
from shared.decider import Refused
from shared.events import dispatch as fact
from shared.events.base import Event
from shared.events.dispatch import ItemKind, ReportChange, ReportStatus, TrainingOutcome
from shared.events.tickets import Purpose
from tests.unit.dispatch.reports import (
    INK,
    OTHER_INK,
    PHOTO,
    answers,
    attach,
    correct,
    detach,
    draft,
    drop,
    erase,
    fill,
    hours,
    job,
    part,
    recall,
    refuse,
    sign,
    submit,
)
from tests.unit.tickets.story import given

COMPLETE = (draft(), fill(parts=(part(),)), attach())
SIGNED = (*COMPLETE, submit(), sign())


def open_now(state: report.Report) -> set[str]:
    return {action for action, reason in report.available(state).items() if reason is None}


# --- filling in -------------------------------------------------------------------------------------------------------


def test_a_job_has_one_report_on_the_form_of_its_purpose() -> None:
    story = given(report).when(draft()).then(fact.ServiceReportDrafted)
    assert story.history[0].number.startswith("FW-2026")
    assert story.now().drafted.form.edition == 0
    story.when(draft(at=2)).then()
    given(report).when(fill()).refused("report_missing")


def test_answers_replace_earlier_ones_and_the_rest_stays() -> None:
    one, two = Answer(item="points", value="12"), Answer(item="points", value=" 14.0 ")
    story = given(report, draft(), fill(2, one)).when(fill(2, one)).then()
    story.when(fill(2, two, Answer(item="situation", value="有鼠迹"))).then(fact.ServiceReportFilled)
    assert story.now().answers["points"].value == "14.0"
    story.when(fill(2, Answer(item="situation", value="鼠迹多"), emptied=("points",))).now()
    assert list(story.now().answers) == ["situation"]
    story.when(fill(2, two, emptied=("points",))).refused("report_item_both")


@pytest.mark.parametrize(
    ("item", "value", "refusal"),
    [
        ("no_such_item", "x", "report_item_unknown"),
        ("situation", "  ", "report_answer_invalid"),
        ("result", "perhaps", "report_answer_invalid"),
        ("labelled", "shown", "report_answer_invalid"),
        ("photo_points", "done", "report_answer_invalid"),
        ("points", "some", "report_number_invalid"),
        ("points", "1.5", "report_number_invalid"),
        ("points", "-1", "report_number_invalid"),
        ("spacing", "NaN", "report_number_invalid"),
        ("spacing", "1e99", "report_number_invalid"),
    ],
)
def test_what_is_no_answer_is_refused(item: str, value: str, refusal: str) -> None:
    given(report, draft()).when(fill(2, Answer(item=item, value=value))).refused(refusal)


def test_a_form_without_material_takes_none() -> None:
    training = draft(Purpose.TRAINING)
    given(report, training).when(fill(2, *answers(Purpose.TRAINING), parts=(part(),))).refused("report_without_parts")


def test_a_photo_is_known_by_its_fingerprint() -> None:
    story = given(report, draft()).when(attach()).then(fact.ReportAttachmentAdded)
    story.when(attach(at=3)).then().when(attach(item=None)).refused("attachment_elsewhere")
    story.when(attach(sha256="d4" * 32, media_type="application/pdf")).refused("attachment_no_photo")
    story.when(attach(sha256="d4" * 32, item="points")).refused("attachment_item_no_photo")
    story.when(attach(sha256="d4" * 32, item=None, media_type="application/pdf", title="送货单")).then(
        fact.ReportAttachmentAdded
    )
    story.when(detach()).then(fact.ReportAttachmentRemoved).when(detach()).then()
    assert [each.title for each in story.now().attachments] == ["送货单"]


def test_there_is_an_end_to_attachments() -> None:
    many = [attach(sha256=f"{n:064x}", item=None) for n in range(report.MAX_ATTACHMENTS)]
    given(report, draft(), *many).when(attach()).refused("attachments_too_many")


# --- submitting -------------------------------------------------------------------------------------------------------


def test_only_what_is_complete_is_submitted() -> None:
    story = given(report, draft()).when(submit()).refused("report_incomplete")
    reason = report.available(story.now())["submit"]
    assert reason
    assert "现场虫鼠害情况、处理过程、布放点数" in reason.zh
    assert "布放点照片" in reason.zh
    story.when(fill(), submit()).refused("report_incomplete")
    story.when(attach(), submit(work=job(finished=False))).refused("report_before_work")
    story.when(submit()).then(fact.ServiceReportSubmitted).when(submit(at=3.2)).then()


def test_what_is_not_as_it_should_be_needs_a_note() -> None:
    left = answers(labelled="not_done", spacing="18.5")
    story = given(report, draft(), fill(2, *left), attach()).when(submit()).refused("report_unexplained")
    reason = report.available(story.now())["submit"]
    assert reason
    assert reason.zh == "未达要求的项目须说明原因：最大布放间距、布放点已贴警示标识。"
    notes = [Answer(item=a.item, value=a.value, note="客户不同意") for a in left if a.item in ("labelled", "spacing")]
    story.when(fill(2, *notes), submit()).then(fact.ServiceReportSubmitted)


def test_what_is_submitted_says_all_in_the_order_of_the_form_and_is_known_by_its_hash() -> None:
    story = given(report, draft(), fill(2, *reversed(answers()), parts=(part(),)), attach()).when(submit())
    (event,) = story.then(fact.ServiceReportSubmitted).new
    assert isinstance(event, fact.ServiceReportSubmitted)
    content = event.content
    asked = [item.key for item in content.form.items]
    assert [a.item for a in content.answers] == sorted([a.item for a in content.answers], key=asked.index)
    assert (content.version, content.number, content.parts[0].quantity) == (1, story.history[0].number, Decimal("20"))

    # the hash can be checked by anybody who has the event's JSON
    stored = json.loads(event.model_dump_json(exclude_defaults=True))["content"]
    plain = json.dumps(stored, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert sha256(plain.encode()).hexdigest() == event.content_hash == fingerprint(content)
    other = content.model_copy(update={"number": content.number + "X"})
    assert fingerprint(other) != event.content_hash


def test_a_report_that_waits_is_not_changed_unless_it_is_taken_back() -> None:
    story = given(report, *COMPLETE, submit())
    story.when(fill(3, Answer(item="points", value="99"))).refused("report_submitted")
    story.when(attach(sha256="d4" * 32)).refused("report_submitted").when(detach()).refused("report_submitted")
    story.when(correct()).refused("report_submitted").when(drop()).refused("report_submitted")
    story.when(recall()).then(fact.ServiceReportRecalled)
    story.when(fill(3.6, Answer(item="points", value="99")), submit(3.7)).then(fact.ServiceReportSubmitted)
    story.saying(version=2).when(sign(version=1)).refused("report_superseded")
    story.when(sign(version=2)).then(fact.ServiceReportSigned)


# --- the signature ----------------------------------------------------------------------------------------------------


def test_the_customer_signs_what_they_saw_once() -> None:
    story = given(report, *COMPLETE, submit()).when(sign(at=2.9)).refused("before_report")
    story.when(sign()).then(fact.ServiceReportSigned)
    signed, submitted = story.new[0], story.history[-2]
    assert isinstance(signed, fact.ServiceReportSigned)
    assert isinstance(submitted, fact.ServiceReportSubmitted)
    assert (signed.content_hash, signed.engineers) == (submitted.content_hash, ("E04",))
    assert (signed.at, signed.training) == (hours(4), None)
    story.when(sign(at=4.5)).then()
    story.when(sign(signature=OTHER_INK)).refused("report_signed")
    story.when(refuse()).refused("report_signed")


def test_nothing_signed_ever_changes() -> None:
    story = given(report, *SIGNED)
    for wanted in (fill(5), attach(sha256="d4" * 32), detach(), submit(), recall()):
        story.when(wanted).refused("report_signed")
    assert open_now(story.now()) == {"correct", "erase_signer"}


def test_a_refusal_says_why_and_may_be_made_good() -> None:
    story = given(report, *COMPLETE, submit()).when(refuse(at=2.5)).refused("before_report")
    story.when(refuse()).then(fact.SignatureRefused).saying(reason="负责人不在", version=1)
    story.when(refuse(at=5)).then().when(refuse(at=5, reason="不满意")).refused("report_signature_refused")
    assert open_now(story.now()) == {"sign", "correct"}
    story.when(sign(at=30)).then(fact.ServiceReportSigned)
    assert story.now().status is ReportStatus.SIGNED


# --- training (0.4, D29) ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "refused", "outcome"),
    [
        ({}, False, TrainingOutcome.PASSED),
        ({"protect": "not_shown"}, False, TrainingOutcome.REPEAT),
        ({"attendees": "0"}, False, TrainingOutcome.REPEAT),
        ({}, True, TrainingOutcome.REPEAT),
    ],
)
def test_a_training_is_done_when_attendance_and_demonstration_are_signed(
    said: dict[str, str], refused: bool, outcome: TrainingOutcome
) -> None:
    kind = Purpose.TRAINING
    told = [a.model_copy(update={"note": "改日再练" if a.value == "not_shown" else ""}) for a in answers(kind, **said)]
    story = given(report, draft(kind), fill(2, *told), attach(item="photo_attendance"), submit(work=job(kind)))
    story.when(refuse() if refused else sign()).saying(training=outcome)


# --- corrections ------------------------------------------------------------------------------------------------------


def test_a_correction_is_a_new_version_that_shows_both() -> None:
    story = given(report, *SIGNED).when(correct()).then(fact.ServiceReportCorrectionBegun).saying(corrects=1)
    story.when(submit(5.5)).refused("correction_empty")
    story.when(fill(5.5, Answer(item="points", value="13"), parts=(part(quantity="13"),)))
    story.when(submit(6)).then(fact.ServiceReportCorrected)
    corrected = story.new[0]
    assert isinstance(corrected, fact.ServiceReportCorrected)
    assert (corrected.version, corrected.corrects, corrected.reason) == (2, 1, "布放点数写错")
    assert corrected.changes == (
        ReportChange(item="points", before="12处", after="13处"),
        ReportChange(item="parts", before="大号粘鼠板（NSD260948） 20张", after="大号粘鼠板（NSD260948） 13张"),
    )
    assert corrected.corrected_hash == story.now().hashes[1] != corrected.content_hash
    story.when(sign(7, version=2, signature=OTHER_INK)).then(fact.ServiceReportSigned)
    assert sorted(story.now().signatures) == [1, 2]


def test_until_the_new_version_is_signed_the_old_one_stands() -> None:
    story = given(report, *SIGNED, correct(), fill(5.5, Answer(item="points", value="13")), submit(6))
    assert story.now().standing.version == 1
    story.when(recall(6.5)).then(fact.ServiceReportRecalled)
    assert story.now().status is ReportStatus.CORRECTING
    story.when(drop(7)).then(fact.ServiceReportCorrectionDropped)
    state = story.now()
    assert (state.status, state.answers["points"].value, state.content.version) == (ReportStatus.SIGNED, "12", 1)
    story.when(correct(8), fill(8, Answer(item="points", value="14")), submit(9)).saying(version=3, corrects=1)


def test_who_signed_can_be_erased_and_the_report_stands() -> None:
    given(report, *COMPLETE, submit()).when(erase()).refused("report_unsigned")
    story = given(report, *SIGNED).when(erase(version=2)).refused("report_unsigned")
    story.when(erase()).then(fact.ReportSignerErased).when(erase()).then()
    assert story.now().signatures[1].signature == INK


# --- the forms that come with the system ------------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", list(Purpose))
def test_every_purpose_has_a_form_that_can_be_completed(purpose: Purpose) -> None:
    photos = [i.key for i in DEFAULT_FORMS[purpose].items if i.kind is ItemKind.PHOTO]
    shots = [attach(item=key, sha256=sha256(key.encode()).hexdigest()) for key in photos]
    work = job(purpose)
    story = given(report, draft(purpose), fill(2, *answers(purpose)), *shots, submit(work=work), sign())
    assert story.now().status is ReportStatus.SIGNED


# --- whole lives ------------------------------------------------------------------------------------------------------


class ReportLife(RuleBasedStateMachine):
    """Whatever people do in whatever order: what was signed stays, versions count up, each signature has its hash."""

    def __init__(self) -> None:
        super().__init__()
        self.state = report.NEW
        self.history: list[Event] = []
        self.now = 1.0
        self.signed: dict[int, str] = {}

    def ask(self, command: ReportCommand) -> Sequence[Event]:
        """What ``command`` caused, if it was granted; telling it again causes nothing more."""
        self.now += 0.01
        try:
            events = report.decide(command, self.state)
        except Refused:
            return []
        for event in events:
            self.state = report.evolve(self.state, event)
            self.history.append(event)
        if events and not isinstance(command, type(recall()) | type(correct()) | type(drop())):
            assert report.decide(command, self.state) == [], "a retry is not a second fact"
        return events

    @initialize()
    def begun(self) -> None:
        assert self.ask(draft())

    @rule(points=st.integers(0, 3), parts=st.sampled_from([None, (), (part(),), (part(quantity="2"),)]))
    def filled(self, points: int, parts: Any) -> None:
        self.ask(fill(self.now, *answers(points=str(points)), parts=parts))

    @rule(item=st.sampled_from(["points", "situation", "nonsense"]))
    def emptied(self, item: str) -> None:
        self.ask(fill(self.now, Answer(item="work", value="清理"), emptied=(item,)))

    @rule(shot=st.sampled_from([PHOTO, "d4" * 32]))
    def photographed(self, shot: str) -> None:
        self.ask(attach(self.now, sha256=shot))

    @rule(shot=st.sampled_from([PHOTO, "d4" * 32]))
    def detached(self, shot: str) -> None:
        self.ask(detach(self.now, shot))

    @rule()
    def submitted(self) -> None:
        version = max(self.state.hashes, default=0)
        for event in self.ask(submit(self.now)):
            assert isinstance(event, fact.ServiceReportSubmitted | fact.ServiceReportCorrected)
            assert event.version == version + 1
            assert event.content_hash == fingerprint(event.content)

    @rule()
    def recalled(self) -> None:
        self.ask(recall(self.now))

    @rule(back=st.integers(0, 2), ink=st.sampled_from([INK, OTHER_INK]))
    def signed_by_the_customer(self, back: int, ink: str) -> None:
        for event in self.ask(sign(self.now, max(1, self.state.version - back), ink)):
            assert isinstance(event, fact.ServiceReportSigned)
            assert event.version == self.state.version
            self.signed[event.version] = event.content_hash

    @rule()
    def refused(self) -> None:
        self.ask(refuse(self.now, max(1, self.state.version)))

    @rule()
    def corrected(self) -> None:
        self.ask(correct(self.now))

    @rule()
    def dropped(self) -> None:
        self.ask(drop(self.now))

    @rule()
    def erased(self) -> None:
        self.ask(erase(self.now, max(1, self.state.version)))

    @invariant()
    def what_was_signed_stays(self) -> None:
        for version, content_hash in self.signed.items():
            assert self.state.hashes[version] == content_hash
            assert self.state.signatures[version].content_hash == content_hash

    @invariant()
    def what_stands_was_signed_or_refused(self) -> None:
        standing = self.state.standing
        if standing is not None:
            assert standing.version in {*self.state.signatures, *self.state.refusals}
            assert fingerprint(standing) == self.state.hashes[standing.version]

    @invariant()
    def telling_the_history_again_gives_the_same_state(self) -> None:
        state = report.NEW
        for event in self.history:
            state = report.evolve(state, event)
        assert state == self.state

    @invariant()
    def what_is_offered_is_what_is_granted(self) -> None:
        """An action is offered exactly where the lifecycle lists it."""
        offered = open_now(self.state)
        wanted = {"recall": recall(self.now), "correct": correct(self.now), "drop_correction": drop(self.now)}
        for action, command in wanted.items():
            try:
                report.decide(command, self.state)
            except Refused:
                assert action not in offered
            else:
                assert action in offered


TestReportLife = ReportLife.TestCase
TestReportLife.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
