"""Every message that a page of the office may write: of templates, of code, of registers and of coded values."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from takuso.barrier.matrix import CLASS_NAMES, DUTY_NAMES, PURPOSES
from takuso.doors.web.engine import TEMPLATES
from takuso.doors.web.keys import PLACES
from takuso.doors.web.language import CATALOGUES
from takuso.doors.web.screens import PAGES
from takuso.doors.web.vocabulary import CODED
from takuso.flow.reception.form_errors import FORM_ERRORS
from takuso.flow.reception.forms import FORMS
from takuso.flow.reception.procedures import CATALOGUE
from takuso.flow.reception.vocabulary import ACTOR_NAMES, EVENT_NAMES, RECIPIENT_NAMES, STATE_NAMES
from takuso.kernel.finding import ADVICE, FIELDS
from takuso.main import SCREENS

SOURCE = Path(__file__).parents[2] / "src" / "takuso"
WEB = SOURCE / "doors" / "web"
# What these say reaches pages word by word.
SPEAKERS = tuple(
    SOURCE / "barrier" / name
    for name in (
        "closed.py",
        "gate.py",
        "closed.py",
        "sight.py",
        "signin.py",
        "words.py",
        "explanation.py",
        "exports.py",
        "credentials/accounts.py",
        "credentials/external.py",
        "credentials/passkeys.py",
        "credentials/passwords.py",
    )
)
# Of these, what is refused by: the rest is what a term is made of.
REFUSERS = (SOURCE / "kernel" / "finding.py",)
JAPANESE = re.compile(r"[ぁ-ゖァ-ヺ一-鿿々、。「」]")
# Written only into Japanese pages, or never shown: where in code, and why.
NOT_MESSAGES = frozenset({"月火水木金土日", "あいうえお"})
# What is typed, and never written on a page.
NOT_SHOWN = frozenset({"readings.py"})


def needed() -> dict[str, str]:
    """Message to where it comes from; each must have its English."""
    found = dict.fromkeys(CODED, "vocabulary")
    found |= dict.fromkeys(_registers(), "register")
    for file in (*(f for f in WEB.rglob("*.py") if f.name not in NOT_SHOWN), *SPEAKERS):
        found |= dict.fromkeys(literals(file), file.name)
    for file in REFUSERS:
        found |= dict.fromkeys((*refusals(file), *FIELDS.values(), *ADVICE.values()), file.name)
    found |= dict(from_templates())
    return {text: where for text, where in found.items() if JAPANESE.search(text) and text not in NOT_MESSAGES}


def from_templates() -> Iterator[tuple[str, str]]:
    """As Babel finds them."""
    rows = extract_from_dir(
        TEMPLATES, [("**.html", "jinja2")], {"**.html": {"silent": "false", "newstyle_gettext": "true"}}
    )
    for file, line, message, *_ in rows:
        assert isinstance(message, str), (file, line, message)
        yield message, file


def literals(file: Path) -> Iterator[str]:
    """Every Japanese text in the code that is no docstring: whatever is shown is one of these."""
    tree = ast.parse(file.read_text("utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            continue
        if JAPANESE.search(node.value) and id(node) not in docstrings | inside:
            yield node.value


def refusals(file: Path) -> Iterator[str]:
    """The Japanese texts that an exception is raised with."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Raise) and node.exc is not None:
            yield from (
                part.value
                for part in ast.walk(node.exc)
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )


def glued(file: Path) -> Iterator[str]:
    """Japanese inside f-strings, which no catalogue can translate."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.JoinedStr):
            texts = [part.value for part in node.values if isinstance(part, ast.Constant)]
            yield from (text for text in texts if isinstance(text, str) and JAPANESE.search(text))


def english() -> dict[str, str]:
    """The catalogue as it is written, with empty and fuzzy entries."""
    with (CATALOGUES / "en.po").open("rb") as stream:
        return {str(m.id): "" if m.fuzzy else str(m.string) for m in read_po(stream) if m.id}


def _registers() -> Iterator[str]:
    yield from CLASS_NAMES.values()
    yield from DUTY_NAMES.values()
    yield from (purpose.name for purpose in PURPOSES)
    yield from (screen.name for screen in SCREENS)
    yield from PLACES.values()
    yield from _reception()
    for page in PAGES.values():
        yield from (key.label for key in page.keys.keys if key.label)
        yield from (panel.title for panel in page.panels)


def _reception() -> Iterator[str]:
    """What the forms of the reception and their procedures are called. Refusals are data, in Japanese alone."""
    yield from (*STATE_NAMES.values(), *RECIPIENT_NAMES.values(), *EVENT_NAMES.values(), *ACTOR_NAMES.values())
    yield from (text for entry in CATALOGUE.values() for text in (entry.name, entry.purpose))
    yield from (text for error in FORM_ERRORS.values() for text in (error.rule, error.cure))
    for field in (field for form in FORMS.values() for field in form.fields):
        yield from (field.label, field.help, *(choice.label for choice in field.choices))
