"""How pages are written: Jinja2 templates, compiled once a process, with every value escaped and none guessed.

A name that a template misspells is an error and not an empty place. Values that Django marked as safe HTML stay so:
both sides know them by `__html__`.
"""

from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from takuso.doors.web import filters

TEMPLATES: Final = Path(__file__).parent / "templates"


def _engine() -> Environment:
    engine = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    engine.filters.update({function.__name__: function for function in filters.ALL})
    return engine


ENGINE: Final = _engine()


def template(name: str) -> Template:
    """The compiled template of that name below `templates`."""
    return ENGINE.get_template(name)
