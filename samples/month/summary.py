"""What the month was, in figures that the system itself tells."""

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from samples.month.month import Month


def so_far(m: Month) -> str:
    """For the bar."""
    return f"受理 {m.told['tickets']} · 上门 {m.told['arrived']} · 报销 {m.told['paid']}"


async def show(m: Month, out: Console) -> None:
    """The month at a glance, and one ticket's whole story."""
    out.print(_figures(m))
    await _one_history(m, out)
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
            "满意度 surveys",
            "surveys",
            f"平均 {stars} 分，拒填 {n['declined']}，投诉 {n['complaints']}（查实 {n['substantiated']}）",
        ),
    ):
        table.add_row(name, str(n[what]), f"[dim]{more}[/]")
    return table


async def _one_history(m: Month, out: Console) -> None:
    """The longest story of the month, in plain words."""
    if not m.sample:
        return
    out.print("\n[bold]其中一个服务请求[/] [dim]one of the tickets[/]")
    table = Table(box=None, padding=(0, 2, 0, 2))
    for title in ("时间 when", "谁 who", "来源 from", "何事 what"):
        table.add_column(title)
    for line in await m.reception.read(f"/tickets/{m.sample}/history"):
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
