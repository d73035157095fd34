"""Attempts: what a curious or hostile person would try at a door, beside what its pages offer."""

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote

from takuso.barrier.kinds import SOUGHT
from takuso.doors.register import DoorKind
from takuso.kernel.finding import Kind
from takuso.proof.canary import Canaries
from takuso.proof.desk import Step
from takuso.proof.program import Program

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "SEARCH")
SUFFIXES: Final = ("/", ".json", ".csv", ".pdf", ".xlsx", ".txt", "%00", ";v=1", "/export", "%2F..%2FKF10")
_MORE: Final = (
    "sort=phone&order=desc&filter=name&q=&limit=9999&offset=0&page=1&expand=all&fields=*&format=json&download=1"
    "&organisation=3&retailer=3&org=3&duty=network.contact&view=past&classes=ABCDEFGHIJS&point=1&person=proof-contact"
    "&debug=1&as=proof-contact&today=2020-01-01&proof=x&ticket=x&purpose=TOI"
)
_HEADERS: Final = (
    ("HTTP_ACCEPT", "application/json"),
    ("HTTP_ACCEPT_ENCODING", "gzip, br"),
    ("HTTP_RANGE", "bytes=0-10"),
    ("HTTP_IF_NONE_MATCH", "*"),
    ("HTTP_IF_MODIFIED_SINCE", "Fri, 01 Jan 2100 00:00:00 GMT"),
    ("HTTP_X_HTTP_METHOD_OVERRIDE", "POST"),
    ("HTTP_X_ORIGINAL_URL", "/screens/CI20"),
    ("HTTP_X_REWRITE_URL", "/screens/CI20"),
    ("HTTP_X_REQUESTED_WITH", "XMLHttpRequest"),
    ("HTTP_X_TAKUSO_PERSON", "proof-contact"),
    ("HTTP_REFERER", "http://127.0.0.1:8000/screens/KF10"),
)
COMMON: Final[Mapping[Kind, tuple[str, ...]]] = {
    "kana": ("シルシ%",),
    "name": ("柊", "株式会社"),
    "address": ("大阪府 1-1", "530-0001"),
    "phone": ("0000", "%%%%"),
    "meter": ("0000", "____"),
    "pole": ("大阪", "%%"),
}
"""Terms that many have, or nobody."""
GUESS: Final = "/login *guess"
RETURN: Final = "/login/company/callback *made-up"
_WITH: Final = (
    "?code=x&code=y&state=&person=proof-contact&sub=proof-contact&email=proof-contact%40example.jp&next=//evil.example"
)
_INVENTED: Final = "A" * 32
# Doing these ends the walker's own sign-in, so they are tried without one.
_ENDS: Final = frozenset({"/logout", "/demo/login", "/demo/switch", "/login", "/login/once/<str:token>"})


def attempts(
    code: str, customer: str, kinds: Mapping[str, str], foreign: str, mine: str, *, thorough: bool
) -> Iterator[Step]:
    """At a customer's screen. `foreign` is the receipt of somebody else's ticket, `mine` of one of the walker's own."""
    plain = f"/screens/{code}?customer={customer}"
    yield Step(where=f"{code} *edited", method="GET", address=f"{plain}&{_MORE}")
    yield Step(where=f"{code} *headers", method="GET", address=plain, headers=_HEADERS)
    referer = (("HTTP_REFERER", f"http://127.0.0.1:8000/screens/KF10?customer={customer}&from={mine}"),)
    yield Step(where=f"{code} *referer", method="GET", address=plain, headers=referer)
    yield Step(where=f"{code} *foreign-ticket", method="GET", address=f"{plain}&from={foreign}")
    yield Step(where=f"{code} *entry", method="GET", address=f"/go?screen={code}&customer={customer}")
    own = kinds.get("own", customer)
    for both in (f"{own},{customer}", f"{own} {customer}", f"{own}&customer={customer}", f"{customer}&customer={own}"):
        yield Step(where=f"{code} *bulk", method="GET", address=f"/screens/{code}?customer={both.replace(' ', '%20')}")
    yield Step(where=f"{code} *bulk", method="GET", address=f"/screens/{code}?customer[]={own}&customer[]={customer}")
    if not thorough:
        return
    yield Step(where=f"{code} *invented-ticket", method="GET", address=f"{plain}&from={_INVENTED}")
    yield Step(where=f"{code} *wildcard", method="GET", address=f"/screens/{code}?customer={customer[:13]}%25")
    for method in METHODS:
        yield Step(where=f"{code} *method", method=method, address=plain, form=method == "POST")
    for suffix in SUFFIXES:
        yield Step(where=f"{code} *suffix", method="GET", address=f"/screens/{code}{suffix}?customer={customer}")
    yield Step(where=f"{code} *suffix", method="GET", address=f"/screens/{code.lower()}?customer={customer}")
    yield Step(where=f"{code} *suffix", method="GET", address=f"//screens/{code}?customer={customer}")


def list_attempts(canaries: Canaries, foreign: str) -> Iterator[tuple[str, Step]]:
    """Searches: by code, number and name of every kind, by what no search may find by, and pages of other people."""
    for kind, customer in canaries.customers.items():
        yield kind, _search("KS10 *number", "number", customer.code)
        for number, kana in zip(customer.numbers, customer.kana, strict=True):
            yield kind, _search("KS10 *number", "number", number)
            yield kind, _search("KS10 *kana", "kana", kana)
            yield kind, _search("KS10 *kana", "kana", kana[:5])
    yield from _kinds_of_search(canaries)
    for text in _masked(canaries):
        yield "", _search("KS10 *masked", "number", text)
    for term in ("シ", "シルシ", "%", "_", "*", "' OR 1=1 --", "シルシ%"):
        yield "", _search("KS10 *kana *pattern", "kana", term)
    yield "", _search("KS10 *unknown-kind", "notice", "シルシ")
    for code in ("KS10", "KF00"):
        for after in (foreign, _INVENTED):
            fields = (("after", after), ("how", "kana"), ("term", "シルシ"))
            yield (
                "",
                Step(
                    where=f"{code} *foreign-page", method="POST", address=f"/screens/{code}", fields=fields, form=True
                ),
            )
        sorted_by = f"/screens/{code}?{_MORE}"
        yield "", Step(where=f"{code} *edited", method="GET", address=sorted_by)
        yield (
            "",
            Step(
                where=f"{code} *edited",
                method="POST",
                address=sorted_by,
                form=True,
                fields=(("how", "kana"), ("term", "シルシ")),
            ),
        )


def _kinds_of_search(canaries: Canaries) -> Iterator[tuple[str, Step]]:
    """Every kind of search by every customer's own terms, by markers of other classes, by what everybody has."""
    for kind, customer in canaries.customers.items():
        for how, terms in customer.sought.items():
            for term in terms:
                yield kind, _search(f"KS10 *{how}", how, term)
    for how in SOUGHT:
        for text in _masked(canaries):
            yield "", _search(f"KS10 *{how} *masked", how, text)
        for text in COMMON[how]:
            yield "", _search(f"KS10 *{how} *common", how, text)


def _search(where: str, how: str, term: str) -> Step:
    fields = (("how", how), ("term", term))
    return Step(where=where, method="POST", address="/screens/KS10", fields=fields, form=True)


def _masked(canaries: Canaries) -> list[str]:
    """One marker of each class of a foreign customer: name in Chinese characters, phone, meter …"""
    found: dict[str, str] = {}
    for text, whose in canaries.marks.items():
        mark = whose[0]
        if mark.kind == "foreign" and not text.startswith(("06", "シルシ")):
            found.setdefault(mark.letter.value + str(text.isdigit()), text)
    return list(found.values())


def door_attempts(program: Program, *, declared: bool = False) -> Iterator[Step]:
    """Every address of the register with every method; addresses that are none. `declared`: as the register says."""
    for door in program.doors:
        if door.kind is not DoorKind.ADDRESS:
            continue
        address = door.name.replace("<str:token>", "invented").replace("<path:file>", "takuso.css")
        for method in METHODS:
            if declared and method not in door.methods:
                continue
            if door.name not in _ENDS or method not in door.methods:
                yield Step(where=f"{_name(door.name)} *method", method=method, address=address, form=method == "POST")
        for suffix in () if declared or door.name == "/" or "<" in door.name else SUFFIXES[:6]:
            yield Step(where=f"{_name(door.name)} *suffix", method="GET", address=address + suffix)
    if not declared:
        yield from _nowhere()


def _nowhere() -> Iterator[Step]:
    """What the register does not have, and callers from elsewhere."""
    for address in (
        "/admin/",
        "/api/",
        "/api/docs",
        "/api/v2/applications",
        "/screens/",
        "/screens/ZZ99",
        "/graphql",
        "/.git/config",
        "/static/../main.py",
    ):
        yield Step(where="nowhere *suffix", method="GET", address=address)
    for address in ("/metrics", "/readyz"):
        yield Step(where=f"{address} *far", method="GET", address=address, headers=(("REMOTE_ADDR", "192.0.2.1"),))
    yield Step(where="nowhere *host", method="GET", address="/screens/MN00", headers=(("HTTP_HOST", "evil.example"),))


def guesses() -> Iterator[Step]:
    """Passwords of people who are here and of people who are not: the answers must not tell them apart."""
    for person in ("proof-contact", "proof-clerk", "proof-nobody", "administrator"):
        fields = (("person", person), ("password", "おもいつきの合言葉"), ("second", "000000"))
        yield Step(where=GUESS, method="POST", address="/login", fields=fields, form=True)


def sign_in_attempts() -> Iterator[Step]:
    """The ways to a sign-in, from where they must not work."""
    yield from guesses()
    far = (("REMOTE_ADDR", "192.0.2.1"),)
    person = (("person", "proof-contact"),)
    for door in ("/demo/login", "/demo/switch"):
        for headers in (far, (("HTTP_X_FORWARDED_FOR", "192.0.2.1"),)):
            yield Step(
                where=f"{door} *foreign-host", method="POST", address=door, fields=person, headers=headers, form=True
            )
    origin = (("HTTP_ORIGIN", "https://evil.example"),)
    yield Step(
        where="/demo/login *foreign-host",
        method="POST",
        address="/demo/login",
        fields=person,
        headers=origin,
        form=True,
    )
    yield from _made_up_returns()
    for door in sorted(_ENDS):
        address = door.replace("<str:token>", quote("無効"))
        yield Step(where=f"{door} *unsigned", method="POST", address=address, form=True)
        yield Step(where=f"{door} *unsigned", method="GET", address=address)


def _made_up_returns() -> Iterator[Step]:
    """Ways back from the company's provider that nobody went, with and without a cookie of the way."""
    back = "/login/company/callback"
    for query in (
        "",
        "?code=x&state=x",
        "?error=access_denied",
        "?code=x&state=x&iss=http%3A%2F%2F127.0.0.1%3A9",
        _WITH,
    ):
        for cookie in ("", "takuso_company=A", f"takuso_company={'A' * 400}"):
            yield Step(where=RETURN, method="GET", address=back + query, headers=(("HTTP_COOKIE", cookie),))
    token = (("id_token", "eyJhbGciOiJub25lIn0.e30."), ("code", "x"), ("state", "x"))
    yield Step(where=RETURN, method="POST", address=back, fields=token, form=True)


def _name(door: str) -> str:
    return door.removeprefix("/screens/")
