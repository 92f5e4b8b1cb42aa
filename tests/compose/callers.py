"""Who uses the composed system from outside: an office with its register, a live board on a wall, and many calls."""

from __future__ import annotations

import threading
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

import httpx
from system import HERE, Failed

REGISTER = HERE / "samples" / "register-2026-10.xlsx"
ENDED = {"CLOSED", "ARCHIVED", "MERGED", "CANCELLED"}


class Office:
    """Somebody with the roles of a small office, at the published port."""

    ROLES = ("reception", "dispatcher", "service_manager")

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=30, headers={"Accept-Language": "en"})

    def log_in(self, token: str) -> None:
        self.http.headers["Authorization"] = f"Bearer {token}"

    def status(self, path: str) -> int:
        """0 when nobody answers."""
        try:
            return self.http.get(path).status_code
        except httpx.TransportError:
            return 0

    def import_register(self, file: Path) -> dict[str, int]:
        """How many rows became what."""
        upload = {"file": (file.name, file.read_bytes())}
        answer = self.http.post("/tickets/register-imports", files=upload, timeout=120)
        counts: dict[str, int] = said(answer)["counts"]
        return counts

    def open_ticket(self) -> str:
        """Takes down a call; the ticket's id."""
        call = {
            "channel": "phone",
            "customer_name": "光明物业",
            "person": {"name": "王主任", "phone": f"138{uuid4().int % 10**8:08}"},
            "product_name": "大号粘鼠板",
            "summary": "粘不住,老鼠跑了",
        }
        answer = self.http.post("/tickets", json=call, headers={"Idempotency-Key": uuid4().hex})
        return str(said(answer)["ticket"])

    def triage(self, ticket: str) -> None:
        body = {"product_unknown": "产品资料未录入"}
        said(self.http.post(f"/tickets/{ticket}/triage", json=body, headers={"Idempotency-Key": uuid4().hex}))

    def work_orders(self, ticket: str) -> list[str]:
        """The states of the ticket's work orders, as dispatch lists them."""
        page = said(self.http.get("/dispatch/work-orders", params={"ticket": ticket}))
        return [order["status"] for order in page["items"]]

    def chain_is_whole(self) -> bool:
        """Whether all that penalties has recorded is linked, and was compared."""
        chain = said(self.http.get("/penalties/chain"))
        checked = chain["checked"]
        return bool(chain["position"] == chain["recorded"] and checked and not checked["breaks"])

    def tickets(self) -> list[dict[str, Any]]:
        """All that the tickets service lists."""
        found: list[dict[str, Any]] = []
        path: str | None = "/tickets?limit=200"
        while path:
            page = said(self.http.get(path))
            found += page["items"]
            path = page["next"]
        return found

    def versions(self) -> dict[str, int]:
        """How many events each ticket has had."""
        return {ticket["ticket"]: ticket["version"] for ticket in self.tickets()}

    def open_by_the_list(self) -> int:
        return sum(ticket["status"] not in ENDED for ticket in self.tickets())

    def board_open(self) -> int:
        """How many open tickets reporting's board shows."""
        return int(said(self.http.get("/reporting/board"))["open"])


class Stream:
    """The live board, as it comes in."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.text = ""
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Stream:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()

    def _read(self) -> None:
        with self._office.http.stream("GET", "/reporting/board/stream", timeout=60) as answer:
            for line in answer.iter_lines():
                self.text += line
                if self._done.is_set():
                    return


class Traffic:
    """Calls that never stop: four people open tickets, one after another, and never try twice."""

    PEOPLE = 4

    def __init__(self, office: Office) -> None:
        self._office = office
        self.opened: list[str] = []
        self.failed: list[str] = []
        self.seconds: list[float] = []
        self._done = threading.Event()
        self._people = [threading.Thread(target=self._call, daemon=True) for _ in range(self.PEOPLE)]

    def __enter__(self) -> Traffic:
        for person in self._people:
            person.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for person in self._people:
            person.join(60)

    def _call(self) -> None:
        while not self._done.is_set():
            started = monotonic()
            try:
                self.opened.append(self._office.open_ticket())
            except (Failed, httpx.HTTPError) as error:
                self.failed.append(f"{type(error).__name__}: {error}")
            self.seconds.append(monotonic() - started)


def said(answer: httpx.Response) -> dict[str, Any]:
    """What a good answer says. Raises Failed for any other."""
    if not answer.is_success:
        raise Failed(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:500]}")
    document: dict[str, Any] = answer.json()
    return document
