"""The catalogue of published events: JSON Schemas, an AsyncAPI document and a page for people, made from the classes.

What was published once is promised: ``write_catalogue`` refuses a change under which yesterday's events, or
yesterday's readers, would break.
"""

from pathlib import Path

from shared.catalogue.asyncapi import asyncapi_document
from shared.catalogue.compatibility import IncompatibleChange, breaks
from shared.catalogue.page import page
from shared.catalogue.samples import write_samples
from shared.catalogue.schemas import as_json, published_events, schema_of, schema_path

__all__ = ["IncompatibleChange", "breaks", "check_compatible", "write_catalogue", "write_samples"]


def write_catalogue(folder: Path) -> list[Path]:
    """Write the catalogue into ``folder`` (``docs/events``); the files it wrote.

    Raises ``IncompatibleChange``, and has written nothing, when a published version would change for its readers.
    """
    check_compatible(folder)
    files = {schema_path(folder, cls): as_json(schema_of(cls)) for cls in published_events()}
    files[folder / "asyncapi.json"] = as_json(asyncapi_document())
    files[folder / "README.md"] = page()
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(files)


def check_compatible(folder: Path) -> None:
    """Compare the schemas in ``folder`` with the classes. Raises ``IncompatibleChange`` with all that would break."""
    broken = breaks(folder, published_events())
    if broken:
        raise IncompatibleChange(broken)
