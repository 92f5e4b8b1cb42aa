"""What the month was, in figures that the system itself tells."""

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from samples.month.month import Month
from samples.month.office import Caller


def so_far(m: Month) -> str:
    """For the bar."""
    return f"受理 {m.told['tickets']} · 上门 {m.told['arrived']} · 报销 {m.told['paid']}"


async def show(m: Month, out: Console) -> None:
    """The month at a glance, and one ticket's whole story."""
    out.print(_figures(m))
    await _one_history(m, out)
    await _two_penalties(m, out)
    await _refusal(m, out)


def _figures(m: Month) -> Table:
    n = m.told
    stars = f"{n['stars'] / n['surveys']:.1f}" if n["surveys"] else "–"
    table = Table(box=None, padding=(0, 3, 0, 2), show_header=False)
    for name, what, more in (
        ("受理 tickets", "tickets", f"24 小时内答复 {n['answered']}，逾期 {n['answered_late']}"),
        (
            "上门 visits",
            "arrived",
            f"逾期到场 {n['late']}，改期 {n['rescheduled']}，拒绝 {n['refused']}，离场未报 {n['left']}",
        ),
        ("走访 routine visits", "routine", f"离线补报 {n['offline']}"),
        ("派工单过账 posted", "posted", f"报告单 {n['reports']}，其中客户拒签 {n['unsigned']}"),
        ("报销 expense claims", "claims", f"已付 {n['paid']}，退回 {n['returned']}，驳回明细 {n['rejected_lines']}"),
        ("配件 spare parts", "parts", f"发货 {n['shipped']}，投产 {n['produced']} 件，未放行 {n['withheld']}"),
        (
            "疑似违规 suspicions",
            "suspicions",
            f"不罚 {n['waived']}，处罚 {n['imposed']}，申诉 {n['appeals']}（撤销 {n['revoked']}），"
            f"工资清单 {n['listed']} 笔 ¥{m.payroll}",
        ),
        (
            "满意度 surveys",
            "surveys",
            f"平均 {stars} 分，拒填 {n['declined']}，投诉 {n['complaints']}（查实 {n['substantiated']}）",
        ),
    ):
        table.add_row(name, str(n[what]), f"[dim]{more}[/]")
    return table


async def _one_history(m: Month, out: Console) -> None:
    """The longest story of the month, in plain words."""
    if m.sample:
        out.print("\n[bold]其中一个服务请求[/] [dim]one of the tickets[/]")
        await _history(m.reception, f"/tickets/{m.sample}/history", out)


async def _two_penalties(m: Month, out: Console) -> None:
    """A late visit that was fined, and one whose fine was revoked."""
    titles = {m.fined: "一次罚款 [dim]a fine[/]", m.revoked: "一次申诉成功 [dim]an appeal that succeeded[/]"}
    for penalty, title in titles.items():
        if penalty:
            out.print(f"\n[bold]迟到：[/]{title}")
            await _history(m.hr, f"/penalties/{penalty}/history", out)


async def _history(reader: Caller, path: str, out: Console) -> None:
    table = Table(box=None, padding=(0, 2, 0, 2))
    for title in ("时间 when", "谁 who", "来源 from", "何事 what"):
        table.add_column(title, overflow="fold")  # nothing is cut off
    for line in await reader.read(path):
        table.add_row(line["when"], line["who"], line["from"], line["words"])
    out.print(table)


async def _refusal(m: Month, out: Console) -> None:
    """What isn't open is refused, with the reason and with what is open."""
    ticket = (await m.reception.do("/tickets", {"channel": "phone", "summary": "月底的来电"}))["ticket"]
    response = await m.reception.send(f"/tickets/{ticket}/close")
    problem = response.json()
    open_now = "、".join(action["title"] for action in problem["available_actions"] if action["open"])
    words = f"{problem['detail']}\n[dim]现在可以 · open now：[/]{open_now}"
    out.print(Panel(words, title="关闭被拒绝 · refused", width=106))
