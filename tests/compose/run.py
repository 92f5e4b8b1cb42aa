"""`make test-compose`: brings up the composed system, uses it from outside, breaks it, and takes it away again.

Exit code 0 when every step went well. KEEP=1 leaves the system up when a step has failed.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

import httpx
from callers import REGISTER, Office, Stream, Traffic
from rich.console import Console
from rich.table import Table
from system import Failed, System, bring_engine, until

console = Console(highlight=False)


@dataclass
class Trial:
    """One run: the system, the office that uses it, and how many tickets must be open."""

    system: System
    expected: int = 0
    steps: list[tuple[str, str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.office = Office(self.system.url)

    def step(self, title: str, work: Callable[[], str]) -> None:
        """Does it, and says so. Raises Failed."""
        console.print(f"{len(self.steps) + 1:>2}. {title} …")
        started = monotonic()
        try:
            found = work()
        except Exception as error:
            self.steps.append((title, f"[red]{error}[/]", monotonic() - started))
            raise
        self.steps.append((title, found, monotonic() - started))
        console.print(f"    [green]✓[/] {monotonic() - started:6.1f} s  {found}")

    # -- the steps ---------------------------------------------------------------------------------------------

    def build(self) -> str:
        self.system.compose("build", "front", "tickets-api", seconds=900)
        return "two images"

    def start(self) -> str:
        self.system.make_secrets()
        self.system.compose("up", "-d", seconds=300)
        self.system.wait_ready(180)
        until("the front is ready", lambda: self.office.status("/health/ready") == 200, 30)
        return f"{len(self.system.containers())} containers, {self.system.url}"

    def log_in(self) -> str:
        if self.office.status("/reporting/board") != 401:
            raise Failed("the board is open to everybody")
        self.office.log_in(self.system.operations("token", *(f"--role={role}" for role in Office.ROLES)).strip())
        return ", ".join(Office.ROLES)

    def closed_doors(self) -> str:
        """Only the front has a published port; metrics and unknown paths end there."""
        ports = {self.system.short(c): c["NetworkSettings"]["Ports"] or {} for c in self.system.containers()}
        published = [name for name, each in ports.items() if any(each.values())]
        if len(published) != 1 or "front" not in published[0]:
            raise Failed(f"published ports: {published}")
        statuses = {path: self.office.status(path) for path in ("/metrics", "/tickets/metrics", "/nothing")}
        if set(statuses.values()) != {404}:
            raise Failed(f"{statuses}")
        images = {c["Config"]["Image"].split(":")[0]: c["Config"]["User"] for c in self.system.containers()}
        if "" in (images["shouhou"], images["shouhou-front"]):
            raise Failed(f"runs as root: {images}")
        return "one port, no root, no metrics outside"

    def take_over_the_register(self) -> str:
        counts = self.office.import_register(REGISTER)
        until("every imported ticket is listed", lambda: len(self.office.versions()) == counts["imported"], 60)
        self.expected = self.office.open_by_the_list()
        self.board_is_right()
        return f"{counts['imported']} tickets of {counts['entries']} entries, {self.expected} open"

    def take_it_over_again(self) -> str:
        """By the command line, in a container."""
        before = self.office.versions()
        self.system.compose(
            *("run", "--rm", "-T", "-v", f"{REGISTER}:/data/register.xlsx:ro"),
            *("operations", "import", "register", "/data/register.xlsx"),
        )
        if self.office.versions() != before:
            raise Failed("the second import changed tickets")
        return f"{len(before)} tickets, none of which changed"

    def watch_live(self) -> str:
        with Stream(self.office) as stream:
            until("the live board says something", lambda: stream.text, 15)
            started = monotonic()
            ticket = self.open_tickets(1)[0]
            until("the live board shows the new ticket", lambda: ticket in stream.text, 15)
            took = monotonic() - started
        self.board_is_right()
        return f"a new ticket was on the live board after {took * 1000:.0f} ms"

    def hear_of_a_request(self) -> str:
        """From tickets over NATS to dispatch's worker, and through its view to its API."""
        ticket = self.open_tickets(1)[0]
        self.office.triage(ticket)
        until("dispatch has drafted a work order", lambda: self.office.work_orders(ticket) == ["DRAFT"], 30)
        return "a triaged ticket is a draft work order in dispatch"

    def chain_penalties(self) -> str:
        """From penalties' worker, which alone holds the key, to its API."""
        until("all of penalties' log is in its chain", self.office.chain_is_whole, 30)
        key = self.system.compose("exec", "-T", "penalties-worker", "shouhou", "chain", "key").strip()
        if len(bytes.fromhex(key)) != 32:
            raise Failed(f"no public key: {key}")
        return f"the log of penalties is chained, the key is {key[:12]}…"

    def lose_the_worker(self) -> str:
        before = self.office.board_open()
        self.system.compose("stop", "reporting-worker")
        self.open_tickets(25)
        if self.office.board_open() != before:
            raise Failed("the board went on without its worker, so this proves nothing")
        self.system.compose("start", "reporting-worker")
        return self.board_is_right()

    def wipe_nats(self) -> str:
        self.system.wipe("nats", "nats")
        self.open_tickets(25)
        self.system.compose("up", "-d", "nats")
        found = self.board_is_right()
        self.open_tickets(5)
        self.system.wait_ready(60)
        return f"{found} {self.board_is_right()}"

    def scale_and_kill(self) -> str:
        self.system.compose(
            *("up", "-d", "--no-recreate", "--scale", "tickets-api=2", "--scale", "reporting-worker=2"), seconds=300
        )
        self.system.wait_ready(120)
        with Traffic(self.office) as traffic:
            until("both APIs answer", lambda: len(self.system.front_uses("tickets")) == 2, 30)
            until("traffic", lambda: len(traffic.opened) > 100, 60)
            killed = [self.system.kill("tickets-api"), self.system.kill("reporting-worker")]
            enough = len(traffic.opened) + 300
            until("traffic goes on", lambda: len(traffic.opened) > enough, 60)
        self.expected += len(traffic.opened)
        if traffic.failed:
            raise Failed(f"{len(traffic.failed)} requests failed, the first: {traffic.failed[0]}")
        found = self.board_is_right()
        slowest = max(traffic.seconds)
        return (
            f"killed {' and '.join(killed)}: {len(traffic.opened)} tickets, none lost, slowest {slowest:.1f} s. {found}"
        )

    def scale_back(self) -> str:
        self.system.compose("up", "-d", "--no-recreate", seconds=300)
        self.system.wait_ready(120)
        return f"{len(self.system.containers())} containers ready. {self.board_is_right()}"

    def verify(self) -> str:
        console.print(self.system.operations("verify", seconds=180).rstrip())
        return "log = stream = views"

    def rebuild(self) -> str:
        self.system.operations("rebuild", "reporting", seconds=180)
        self.open_tickets(5)  # the worker can still write what operations have made
        return self.board_is_right()

    # -- what they have in common ----------------------------------------------------------------------------------

    def open_tickets(self, number: int) -> list[str]:
        made = [self.office.open_ticket() for _ in range(number)]
        self.expected += number
        return made

    def board_is_right(self) -> str:
        started = monotonic()
        shown = self.office.board_open
        until(f"the board shows {self.expected} open tickets", lambda: shown() == self.expected, 90)
        return f"The board shows {self.expected} open tickets ({monotonic() - started:.1f} s)."

    def run(self) -> None:
        self.step("Build the images", self.build)
        self.step("Start everything", self.start)
        self.step("Log in", self.log_in)
        self.step("Try the doors", self.closed_doors)
        self.step("Import a register", self.take_over_the_register)
        self.step("Import it again, from a container", self.take_it_over_again)
        self.step("Watch the board live", self.watch_live)
        self.step("Triage a ticket, look at dispatch", self.hear_of_a_request)
        self.step("Look at the chain of penalties", self.chain_penalties)
        self.step("Stop reporting's worker, open tickets, start it", self.lose_the_worker)
        self.step("Wipe NATS, open tickets, start it", self.wipe_nats)
        self.step("Scale an API and a worker to 2, kill one of each", self.scale_and_kill)
        self.step("Scale back to one of each", self.scale_back)
        self.step("Verify", self.verify)
        self.step("Rebuild a view", self.rebuild)
        self.step("Verify again", self.verify)


def main() -> int:
    started = monotonic()
    console.print(bring_engine())
    trial = Trial(System())
    good = False
    try:
        trial.run()
        good = True
    except (Failed, httpx.HTTPError) as error:
        console.print(f"[red]✗[/] {type(error).__name__}: ", end="")
        console.print(str(error), markup=False)
        console.print(trial.system.logs(), markup=False)
    finally:
        if good or not os.environ.get("KEEP"):
            trial.step("Take everything down", trial.system.take_down)
    console.print(table(trial.steps, monotonic() - started))
    console.print("[green]✓ all is well[/]" if good else "[red]✗ not all is well[/]")
    return 0 if good else 1


def table(steps: list[tuple[str, str, float]], seconds: float) -> Table:
    shown = Table("", "step", "s", "seen", show_footer=True)
    for number, (title, found, took) in enumerate(steps, 1):
        shown.add_row(str(number), title, f"{took:.1f}", found)
    shown.columns[1].footer = "altogether"
    shown.columns[2].footer = f"{seconds:.1f}"
    return shown


if __name__ == "__main__":
    sys.exit(main())
