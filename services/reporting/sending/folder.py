"""Into a folder on the machine: for one machine without a mail server."""

import asyncio
import shutil
import tempfile
from pathlib import Path

from services.reporting.sending.letter import Letter, NotSent

OUTBOX = "outbox"
"""In the data folder; in it a folder for each report, and in that one for each recipient."""


async def lay_down(letter: Letter, data_dir: Path) -> str:
    """The folder's name. Laid down as a whole, once. Raises ``NotSent``."""
    try:
        return await asyncio.to_thread(_lay_down, letter, data_dir / OUTBOX)
    except OSError as error:
        what = type(error).__name__
        raise NotSent(f"无法写入发件文件夹（{what}） · the outbox can't be written ({what})") from error


def _lay_down(letter: Letter, outbox: Path) -> str:
    folder = outbox / letter.name / letter.recipient
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix="."))
        try:
            (draft / "message.txt").write_text(f"{letter.subject}\n\n{letter.text}", encoding="utf-8")
            for each in letter.attachments:
                (draft / each.file.name).write_bytes(each.content)
            draft.chmod(0o750)
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return f"{OUTBOX}/{letter.name}/{letter.recipient}"
