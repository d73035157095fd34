"""キー操作の一覧 and コマンドの一覧: pages made from the declarations, to read, to print and to use without script."""

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from takuso.doors.web.frame import FIND_KEYS, Answer, Frame, render
from takuso.doors.web.keys import PLACES, Key, KeyBar
from takuso.doors.web.office import office, viewer
from takuso.doors.web.palette import commands as commands_of
from takuso.doors.web.screens import PAGES

KEYS: Final = KeyBar((*FIND_KEYS.keys, Key(key="F8", prints=True)))
EVERYWHERE: Final = (
    ("Ctrl+K", "コマンド: 画面名・操作・番号を入力して開く(漢字、かな、ローマ字、英語)"),
    ("Tab / Shift+Tab", "次の項目、前の項目へ移る"),
    ("Enter", "入力を送る。個人設定で「次の項目へ進む」に変えられる"),
    ("Shift+Enter", "前の項目へ戻る(個人設定で「次の項目へ進む」のとき)"),
    ("Esc", "コマンドを閉じる。閉じているときは前の画面へ戻る"),
)
"""Keys that do the same on every page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """A screen with what each place of the bar does on it; nothing where it is idle."""

    code: str
    name: str
    labels: tuple[str, ...]


def key_rows() -> tuple[KeyRow, ...]:
    """The key map, from the declarations of the screens."""
    rows = []
    for code, page in PAGES.items():
        declared = {key.key: key.label or PLACES[key.key] for key in page.keys.keys}
        labels = tuple(declared.get(place, "") for place in PLACES)
        rows.append(KeyRow(code=code, name=page.screen.name, labels=labels))
    return tuple(rows)


@require_GET
def keys(request: HttpRequest) -> HttpResponse:
    """GET /help/keys."""
    frame = Frame(title="キー操作の一覧", viewer=viewer(request), keys=KEYS)
    places = ["Esc" if place == "Escape" else place for place in PLACES]
    extra = {"places": places, "rows": key_rows(), "everywhere": EVERYWHERE}
    return Answer(render(request, "keys.html", frame, extra))


@require_GET
def commands(request: HttpRequest) -> HttpResponse:
    """GET /help/commands: what the palette has, as links."""
    person = viewer(request)
    frame = Frame(title="コマンドの一覧", viewer=person, keys=KEYS)
    listed = commands_of(person.duty, demo=office(request).demo)
    return Answer(render(request, "commands.html", frame, {"commands": listed}))
