"""調査ファイルの棚: the survey files that come with the program."""

from pathlib import Path
from typing import Final

from takuso.survey.definition import Survey
from takuso.survey.reading import read_survey

FOLDER: Final = Path(__file__).parent / "shipped"


def shipped() -> dict[str, Path]:
    """Name to file, in the order of the names."""
    return {file.stem: file for file in sorted(FOLDER.glob("*.yaml"))}


def titles() -> dict[str, Survey]:
    """Name to what the file asks."""
    return {name: read_survey(file) for name, file in shipped().items()}
