"""``python -m shared.catalogue``: write ``docs/events``, and what is missing of the samples of ``tests/contract``."""

import sys
from pathlib import Path

from shared.catalogue import IncompatibleChange, write_catalogue, write_samples

if __name__ == "__main__":
    try:
        write_catalogue(Path("docs/events"))
    except IncompatibleChange as incompatible:
        sys.exit(str(incompatible))
    for written in write_samples(Path("tests/contract/samples")):
        sys.stdout.write(f"{written}\n")
