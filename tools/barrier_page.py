"""Write docs/reference/barrier.md anew: `make docs`."""

import sys
from pathlib import Path
from typing import Final

from takuso.main import program
from takuso.proof.page import page

PLACE: Final = Path(__file__).parents[1] / "docs" / "reference" / "barrier.md"


def main() -> int:
    """Write the page; always 0."""
    PLACE.write_text(page(program()), encoding="utf-8")
    print(PLACE.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
