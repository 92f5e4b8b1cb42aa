"""The path of a new user: import the register, watch the board, take a ticket from call to archive, verify."""

import json
import signal
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.e2e.conftest import System, command, done, free_port, wait_for

REGISTER = Path(__file__).parents[2] / "samples" / "register-2026-10.xlsx"
CALL = {
    "channel": "phone",
    "customer_name": "光明物业",
    "person": {"name": "王主任", "phone": "138-0000-0067"},
    "product_name": "大号粘鼠板",
    "lot": "NSD260948",
    "summary": "粘不住,老鼠跑了",
}
TALKED = {"kind": "call", "call_id": "1696321200.17", "direction": "outbound", "seconds": 95}


def board(staff: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = staff.get("/reporting/board").raise_for_status().json()
    return found


def head(staff: httpx.Client, path: str, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = staff.get(path, params=query).raise_for_status().json()["items"]
    return found


def test_a_ticket_lives_from_call_to_archive(system: System, staff: httpx.Client) -> None:
    # given a call that reception takes down
    ticket = done(staff, "/tickets", CALL)["ticket"]

    # when it goes its way
    done(staff, f"/tickets/{ticket}/triage", {"product_unknown": "产品资料未录入"})
    done(staff, f"/tickets/{ticket}/answer", {"proof": TALKED})
    order = done(staff, f"/tickets/{ticket}/dispatch", {"purpose": "repair"})["work_order"]
    done(staff, f"/tickets/{ticket}/cancel-work-order", {"work_order": order, "reason": "客户已自行更换"})
    done(staff, f"/tickets/{ticket}/resolve", {"resolution": "已更换"})
    link = done(staff, f"/tickets/{ticket}/survey", {"channel": "im"})["link"]
    page = httpx.get(link)
    assert "满意度调查" in page.text
    assert "已收到您的评价" in httpx.post(link, data={"score": "5", "text": "很好"}).text
    done(staff, f"/tickets/{ticket}/close")
    archived = done(staff, f"/tickets/{ticket}/archive")

    # then it is archived, and its history says every step in plain words
    assert archived["status"] == "ARCHIVED"
    history = staff.get(f"/tickets/{ticket}/history").raise_for_status().json()
    assert [line["event"] for line in history] == [
        "ContactRegistered",
        "TicketOpened",
        "CoverageDecided",
        "TicketTriaged",
        "FirstAnswerGiven",
        "TicketDispatched",
        "TicketWorkOrderCancelled",
        "TicketResolved",
        "SurveySent",
        "SurveyAnswered",
        "TicketClosed",
        "CaseFileArchived",
        "TicketArchived",
    ]
    assert all(line["words"] and line["actor"] and line["source"] for line in history)


def test_a_step_that_is_not_open_is_refused_with_those_that_are(staff: httpx.Client) -> None:
    # given a ticket that nobody has triaged
    ticket = done(staff, "/tickets", CALL)["ticket"]

    # when somebody wants to close it
    refused = command(staff, f"/tickets/{ticket}/close")

    # then the answer says why, and what is open now, and nothing has changed
    problem = refused.json()
    assert (refused.status_code, refused.headers["content-type"]) == (409, "application/problem+json")
    assert problem["type"] == "urn:shouhou:problem:ticket-open"
    assert {action["name"] for action in problem["available_actions"] if action["open"]} >= {"triage", "answer"}
    assert staff.get(f"/tickets/{ticket}").json()["version"] == 1


def test_the_same_key_is_one_ticket(staff: httpx.Client) -> None:
    # given a command that was granted
    first = command(staff, "/tickets", CALL, key="the-same")

    # when it is sent again, and again with another body
    again = command(staff, "/tickets", CALL, key="the-same")
    other = command(staff, "/tickets", CALL | {"summary": "另一件事"}, key="the-same")

    # then it has the same answer, and another command under the same key is refused
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert other.status_code == 422


def test_a_register_becomes_tickets_and_importing_it_again_changes_nothing(system: System, staff: httpx.Client) -> None:
    # given what the board shows
    before = board(staff)["open"]

    # when reception's sheet is imported, twice
    first = system.run("import", "register", str(REGISTER))
    end = json.loads(system.run("events", "tickets").stdout.splitlines()[-1])["position"]
    again = system.run("import", "register", str(REGISTER), PORT="1")  # it finds the system that runs on the folder

    # then every good row is a ticket, bad rows are told with their numbers, and the second time nothing is recorded
    assert first.returncode == 0, first.stderr
    assert "175" in first.stdout
    assert again.returncode == 0, again.stderr
    assert json.loads(system.run("events", "tickets").stdout.splitlines()[-1])["position"] == end
    october = {"received_from": "2026-10-01T00:00:00+08:00", "received_until": "2026-11-01T00:00:00+08:00"}
    wait_for(lambda: len(head(staff, "/tickets", limit="200", **october)) == 159)

    # and the clocks judge the past: those never answered are overdue
    never = [t for t in head(staff, "/tickets", limit="200", **october) if t["answered_at"] is None]
    assert never
    wait_for(lambda: all(t["overdue"] for t in head(staff, "/tickets", limit="200", **october) if not t["answered_at"]))
    wait_for(lambda: board(staff)["open"] > before)


def test_what_cannot_be_read_of_a_file_is_told_and_the_rest_goes_in(system: System, tmp_path: Path) -> None:
    # given a file that is no register
    nonsense = tmp_path / "notes.csv"
    nonsense.write_text("a,b\n1,2\n")

    # when it is imported
    refused = system.run("import", "register", str(nonsense))

    # then one sentence says what is missing
    assert refused.returncode == 1
    assert "系统拒绝了该文件" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_engineers_are_imported_from_a_file(system: System, tmp_path: Path) -> None:
    # given a file with a bad row
    file = tmp_path / "engineers.csv"
    file.write_text("工号,姓名,技能,在用\nE81,王强,灭鼠,是\nE82,李娜,灭蟑,也许\n")

    # when it is imported, twice
    first, again = system.run("import", "engineers", str(file)), system.run("import", "engineers", str(file))

    # then the good row is in, and the bad one is told by its number
    assert first.returncode == 0, first.stderr
    assert "也许" in first.stdout
    assert "已登记 recorded" in first.stdout
    assert sum("E81" in line for line in system.run("events", "dispatch").stdout.splitlines()) == 2
    assert again.returncode == 0, again.stderr


def test_everything_proves_to_be_as_the_logs_say(system: System) -> None:
    # when the running system is verified
    verified = system.run("verify")

    # then there is no difference
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_views_are_rebuilt_while_they_serve(system: System, staff: httpx.Client) -> None:
    # given a list
    before = [ticket | {"minutes_left": 0} for ticket in head(staff, "/tickets", limit="5")]

    # when its view is rebuilt
    rebuilt = system.run("rebuild", "tickets", "desk")

    # then it shows the same
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert [ticket | {"minutes_left": 0} for ticket in head(staff, "/tickets", limit="5")] == before


def test_nothing_is_lost_when_everything_is_killed(system: System, staff: httpx.Client) -> None:
    # given a ticket, and all processes killed at once
    ticket = done(staff, "/tickets", CALL)["ticket"]
    family = [system.process.pid, *(child.pid for child in psutil.Process(system.process.pid).children(recursive=True))]
    for pid in family:
        psutil.Process(pid).kill()
    system.process.wait()

    # when it is started again
    system.start()

    # then it has recovered by itself, with everything
    assert staff.get(f"/tickets/{ticket}").json()["status"] == "OPEN"
    wait_for(lambda: any(t["ticket"] == ticket for t in head(staff, "/tickets", limit="5")))


def test_a_database_that_ends_by_itself_ends_the_rest(system: System) -> None:
    # given the running system
    children = psutil.Process(system.process.pid).children(recursive=True)
    broker = next(child for child in children if "nats-server" in child.name())

    # when one of its servers is killed
    broker.kill()

    # then it ends with an error, and can be started again
    assert system.process.wait(60) == 1
    system.start()


def test_a_second_start_is_one_clear_sentence(system: System) -> None:
    # when somebody starts it again, on the same port, and on the same data
    same_port = system.run("up")
    same_data = system.run("up", PORT=str(free_port()))

    # then it says so, and ends
    assert (same_port.returncode, same_data.returncode) == (1, 1)
    assert str(system.port) in same_port.stderr
    assert str(system.data_dir) in same_data.stderr
    assert "Traceback" not in same_port.stderr + same_data.stderr


def test_a_signal_ends_everything(system: System) -> None:
    # given all its processes
    children = psutil.Process(system.process.pid).children(recursive=True)
    assert children

    # when it is told to stop
    code = system.stop(signal.SIGTERM)

    # then nothing is left
    assert code == 0
    assert not [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
