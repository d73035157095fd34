"""How pages are written: Jinja2 templates, compiled once a process, with every value escaped and none guessed.

A name that a template misspells is an error and not an empty place. Values that Django marked as safe HTML stay so:
both sides know them by `__html__`.
"""

import re
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, nodes
from jinja2.ext import InternationalizationExtension

from takuso.doors.web import filters
from takuso.doors.web.language import LANGUAGES, Language, catalogue, language

TEMPLATES: Final = Path(__file__).parent / "templates"
_PLACES: Final = re.compile(r"%\(([a-z_]+)\)s")


class Translated(InternationalizationExtension):
    """`{% trans %}` put into the reader's language while a template is compiled: a page then pays nothing for it."""

    def _make_node(
        self,
        singular: str,
        plural: str | None,
        context: str | None,
        variables: dict[str, nodes.Expr],
        *_: object,
    ) -> nodes.Output:
        """The text in pieces, with an escaped value between each two; plurals and contexts are not in use."""
        if plural is not None or context is not None:
            raise NotImplementedError("{% trans %} takes neither plural nor context")
        one: Language = self.environment.globals["language"]  # type: ignore[assignment]
        text = catalogue(one).get(singular, singular)
        pieces: list[nodes.Expr] = []
        for number, piece in enumerate(_PLACES.split(text)):
            # Every second piece is the name of a value.
            pieces.append(variables[piece] if number % 2 else nodes.TemplateData(piece.replace("%%", "%")))
        return nodes.Output(pieces)


def _engine(one: Language) -> Environment:
    engine = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    engine.globals["language"] = one
    engine.add_extension(Translated)
    engine.filters.update({function.__name__: function for function in filters.ALL})
    messages = catalogue(one)
    engine.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: messages.get(message, message),
        lambda one, many, count: messages.get(one if count == 1 else many, one if count == 1 else many),
        newstyle=True,
    )
    return engine


# One of each language, so that a page pays nothing for the choice.
ENGINES: Final = {one: _engine(one) for one in LANGUAGES}


def template(name: str) -> Template:
    """The compiled template of that name below `templates`, in the language of this request."""
    return ENGINES[language()].get_template(name)
