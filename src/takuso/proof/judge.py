"""What is wrong with an answer: a marker that is not the walker's to see, a status, a header, a telling difference."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from takuso.barrier.decide import Held, decide
from takuso.barrier.kinds import SOUGHT
from takuso.barrier.matrix import DataClass, View
from takuso.barrier.screen import Screen, ScreenKind
from takuso.proof.applications import Application, shows
from takuso.proof.attempts import GUESS, RETURN
from takuso.proof.canary import ABSENT, Canaries, Mark
from takuso.proof.desk import Seen
from takuso.proof.people import Walker
from takuso.proof.scan import Scanner
from takuso.proof.ways import door_of

Wrong = tuple[str, str]
NEUTRAL: Final = "該当するお客さまはない、または取り扱えません"
_NEVER_SENT: Final = ("ETag", "Last-Modified", "Accept-Ranges", "Content-Encoding", "Content-Range", "Age")
_LISTED: Final = re.compile(r">(\d{14})<")
_STATIC: Final = "/static/<path:file>"
_VARIES: Final = (
    (re.compile(r'csrfmiddlewaretoken" value="[A-Za-z0-9]+"'), "CSRF"),
    (re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{32}(?![A-Za-z0-9_-])"), "RECEIPT"),
    (re.compile(r"\d{2}:\d{2}:\d{2}"), "TIME"),
)


def fixed(seen: Seen, code: str = "") -> str:
    """The answer without what may vary by right: receipts, CSRF token, time, and the code that was typed."""
    text = f"{seen.answer.status}\n" + "\n".join(
        f"{name}: {value}" for name, value in seen.answer.headers if name != "Set-Cookie"
    )
    text += "\n\n" + seen.answer.text
    for pattern, name in _VARIES:
        text = pattern.sub(name, text)
    return text.replace(code, "CODE") if code else text


def allowed(canaries: Canaries, seen: Seen, screen: Screen | None, mark: Mark) -> bool:
    """Whether this marker may stand in the answer: on a customer's screen only if it is of the customer asked for."""
    walker = seen.walker
    if walker is None or screen is None:
        return False
    named = mark.kind == seen.kind or canaries.customers[mark.kind].code in seen.step.told
    if screen.kind is ScreenKind.CUSTOMER and not named:
        return False
    if screen.kind not in (ScreenKind.CUSTOMER, ScreenKind.LIST):
        return False
    return canaries.may_see(walker, screen.view, screen.classes, mark)


def _of_case(
    canaries: Canaries, seen: Seen, screen: Screen, text: str, mark: Mark, applications: Sequence[Application]
) -> bool:
    """On a screen of applications: the number of a point that an application which is shown names; and for the network
    company's staff, with one case, the classes of its point.
    """
    walker, customer = seen.walker, canaries.customers[mark.kind]
    if walker is None or not screen.opens_for(walker.duty):
        return False
    shown_here = [one for one in applications if one.kind == mark.kind and shows(walker, one, canaries)]
    if text in customer.numbers:
        return bool(shown_here)
    asked = any(one.number in seen.step.told for one in shown_here)
    return walker.duty.is_network and asked and canaries.may_see(walker, screen.view, screen.classes, mark)


def shown(seen: Seen, scanner: Scanner) -> set[tuple[str, Mark]]:
    """The markers in what was sent, but for those that the walker typed."""
    return {(text, mark) for text, mark in scanner.leaked(seen.answer.all_bytes) if text not in seen.told}


def leaks(
    seen: Seen,
    found: Iterable[tuple[str, Mark]],
    canaries: Canaries,
    screens: Mapping[str, Screen],
    applications: Sequence[Application] = (),
) -> Iterator[Wrong]:
    """Markers that the walker must not see, wherever in the answer they stand."""
    screen = screens.get(door_of(seen.step.address))
    for text, mark in found:
        if screen is not None and screen.kind is ScreenKind.CASES:
            may = _of_case(canaries, seen, screen, text, mark, applications)
        else:
            may = allowed(canaries, seen, screen, mark)
        if not may:
            yield seen.where, f"{mark.kind} の区分 {mark.letter} が見えました"


def headers(seen: Seen) -> Iterator[Wrong]:
    """What lets an answer be kept or asked for in pieces."""
    if door_of(seen.step.address) == _STATIC:
        return
    if seen.answer.header("Cache-Control") != "no-store":
        yield seen.where, "Cache-Control: no-store がありません"
    for name in _NEVER_SENT:
        if seen.answer.header(name):
            yield seen.where, f"{name} を送りました"
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"):
        if not seen.answer.header(name):
            yield seen.where, f"{name} がありません"


def cookies(seen: Seen) -> Iterator[Wrong]:
    """A cookie is for this site alone, and for no script."""
    for name, value in seen.answer.headers:
        if name.lower() != "set-cookie":
            continue
        parts = [part.strip().lower() for part in value.split(";")]
        cookie, _, content = parts[0].partition("=")
        if content.strip('"') and not {"httponly", "samesite=strict"} <= set(parts):
            yield seen.where, f"クッキー {cookie} に HttpOnly か SameSite=Strict がありません"


def searched(seen: Seen, canaries: Canaries) -> Iterator[Wrong]:
    """Nobody searches by a class that the duty does not see, nor by a kind of the network company's from outside it.

    To stand on the list of notices is H; what each kind of search goes by is in barrier.kinds.
    """
    code = door_of(seen.step.address)
    if seen.walker is None or seen.answer.status != 200 or code not in ("KS10", "KF00"):
        return
    kind = next((kind for kind in SOUGHT if f"*{kind}" in seen.step.where.split()), None)
    letter = DataClass.MANDATE if code == "KF00" else SOUGHT[kind].data_class if kind else None
    if letter is None:
        return
    listed = _LISTED.findall(seen.answer.text)
    if listed and not _sees(seen.walker, letter, canaries):
        yield seen.where, f"職務に見えない区分 {letter} で探せました"
    if listed and kind and SOUGHT[kind].network_only and not seen.walker.duty.is_network:
        yield seen.where, "送配電だけの探し方で探せました"
    if code == "KS10" and not _sees(seen.walker, DataClass.PARTY, canaries):
        numbers = [number for text in listed for number in _only_number(canaries, text)]
        if numbers != sorted(numbers):
            yield seen.where, "名義の見えない職務に、番号の順でない一覧を見せました"


def _sees(walker: Walker, letter: DataClass, canaries: Canaries) -> bool:
    return any(
        decide(walker.asker, history, View.CURRENT, letter, canaries.today, canaries.rules).show
        for history in _histories(canaries)
    )


def _only_number(canaries: Canaries, code: str) -> tuple[str, ...]:
    """The supply point number of a customer that has one."""
    numbers = next((c.numbers for c in canaries.customers.values() if c.code == code), ())
    return numbers if len(numbers) == 1 else ()


def _histories(canaries: Canaries) -> Iterator[tuple[Held, ...]]:
    return (history for customer in canaries.customers.values() for history in customer.histories)


def purposes(seen: Iterable[Seen], screens: Mapping[str, Screen]) -> Iterator[Wrong]:
    """A network person is asked for a purpose for every customer, and for lists, before anything is opened."""
    asked: set[tuple[str, str]] = set()
    for one in seen:
        screen = screens.get(door_of(one.step.address))
        if one.walker is None or not one.walker.duty.is_network or screen is None or one.walker.purpose is None:
            continue
        if "*" in one.step.where or screen.kind not in (ScreenKind.CUSTOMER, ScreenKind.LIST):
            continue
        kind = one.kind if screen.kind is ScreenKind.CUSTOMER else ""
        if one.answer.status == 303 and one.answer.header("Location").startswith("/purpose"):
            asked.add((one.person, kind))
        elif one.receipt is not None and (one.person, kind) not in asked:
            yield one.where, "利用目的を申告しないうちに開きました"


def guessed(seen: Iterable[Seen]) -> Iterator[Wrong]:
    """Whoever guesses a password learns neither whether there is such a person nor anything else."""
    first = ""
    for one in (one for one in seen if one.step.where == GUESS):
        page = fixed(one, dict(one.step.fields)["person"])
        first = first or page
        if page != first or one.answer.status != 400:
            yield one.where, f"当て推量への答えが、人によって違います（{_difference(first, page)}）"


def came_back(seen: Iterable[Seen]) -> Iterator[Wrong]:
    """Whoever makes up a way back from the company's provider is not signed in, and is led nowhere."""
    for one in (one for one in seen if one.step.where == RETURN):
        if one.answer.status < 400 or one.answer.header("Location"):
            yield one.where, f"会社の ID 基盤からの、作りものの戻りを受け付けました（状態 {one.answer.status}）"
        yield from (
            (one.where, "会社の ID 基盤からの、作りものの戻りで、サインインできました")
            for name, value in one.answer.headers
            if name.lower() == "set-cookie" and re.match(r'takuso_session="?[^";]', value)
        )


def expects(canaries: Canaries, walker: Walker, screen: Screen, kind: str) -> bool:
    """True if the rule shows this walker anything of the kind on that screen."""
    return any(canaries.may_see(walker, screen.view, screen.classes, mark) for mark in canaries.of_kind(kind))


def answers(seen: Iterable[Seen], canaries: Canaries, screens: Mapping[str, Screen]) -> Iterator[Wrong]:
    """Customer screens of retailers: shown where the rule shows something, else the one neutral page, byte for byte."""
    codes = {customer.code: kind for kind, customer in canaries.customers.items()}
    of_kind = {kind: code for code, kind in codes.items()}
    neutral: dict[tuple[str, str], str] = {}
    for one in sorted(seen, key=lambda s: s.kind != ABSENT):
        walker, screen = one.walker, screens.get(door_of(one.step.address))
        if walker is None or walker.duty.is_network or screen is None or screen.kind is not ScreenKind.CUSTOMER:
            continue
        hidden = one.kind == ABSENT or not expects(canaries, walker, screen, one.kind)
        if one.answer.status != 200:
            yield one.where, f"状態 {one.answer.status} で答えました（見えないお客さまも、ないお客さまも 200）"
        elif hidden != (NEUTRAL in one.answer.text):
            yield one.where, "見せてよいお客さまを見せません" if not hidden else "中立の画面ではありません"
        elif hidden:
            typed = one.step.address.partition("customer=")[2][:14] or of_kind.get(one.kind, "")
            page = fixed(one, typed)
            first = neutral.setdefault((one.person, one.step.where), page)
            if page != first:
                yield one.where, f"ないお客さまの答えと違います（{_difference(first, page)}）"


def _difference(one: str, other: str) -> str:
    for no, (mine, theirs) in enumerate(zip(one.splitlines(), other.splitlines(), strict=False), start=1):
        if mine != theirs:
            return f"{no} 行目"
    return "長さ"
