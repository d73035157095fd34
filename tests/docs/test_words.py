"""Screens that exist, words that are in the glossary, plain signs."""

import ast
import re
from pathlib import Path

import pytest

import takuso
from takuso.main import SCREENS
from tests.docs.markdown import DOCS, PAGES, name, read

PACKAGE = Path(takuso.__file__).parent
# Screens of an old system, in the example of a mapping.
OF_OTHERS = {"RY10"}
CODES = {screen.code for screen in SCREENS} | OF_OTHERS
_CODE = re.compile(r"(?<![A-Za-z0-9_-])[A-Z]{2}[0-9]{2}(?![A-Za-z0-9_-])")
_WIDE = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff61-\uff9f\ufeff\r\t\u00a0\u200b]")
# A domain noun under another name in the glossary.
CALLED = {
    "DataClass": "class of data",
    "Explained": "explanation",
    "CheckpointRow": "checkpoint",
    "CompletenessRow": "completeness",
    "KeyRow": "change of the key",
    "LeafRow": "leaf",
    "LogRecord": "log record",
    "Pending": "pending change",
    "Standing": "standing of the wall",
}
# Names of the machinery, not of the trade: nobody meets them on a screen or in a conversation about the work.
MACHINERY = {
    "Acting",
    "Allowed",
    "AppointmentLine",
    "Arrival",  # from the provider: a sign-in or an account
    "Asked",  # of the provider
    "Asker",
    "Cell",
    "CompanyLine",
    "Derivation",  # of a password
    "ExternalSignIn",
    "FormErrorText",
    "Found",
    "Granted",
    "Held",
    "Limits",  # of an answer from outside
    "Loader",
    "Moment",
    "Moved",  # a case, by a row of its state table
    "Passkeys",  # the passkeys of all; one is in the glossary
    "ParameterName",
    "PersonLine",
    "Place",  # of a passkey: host and origin
    "PlaceRow",  # of a record in the tree
    "PointExplained",
    "Proof",  # of a sign-in; the proof of the wall is in the glossary
    "ProcedureEntry",
    "PurposeStated",
    "ProposalLine",
    "ProviderSettings",
    "Proved",
    "Query",
    "Question",  # a cell of the space
    "Questions",
    "Recipe",  # of a password
    "Record",
    "RelationLine",
    "RefusalText",
    "Released",
    "RuleLine",
    "RuleThen",
    "ScreenLine",
    "ScreenThen",
    "Sight",
    "SignedIn",
    "Sought",
    "Step",
    "Supplier",
    "Visit",
    "Wh",
    "Yen",
}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_screen_that_is_named_exists(page: Path) -> None:
    assert set(_CODE.findall(read(page))) - CODES == set()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_plain_signs_alone(page: Path) -> None:
    raw = page.read_bytes().decode("utf-8")
    assert [line for line in raw.split("\n") if _WIDE.search(line)] == []
    assert raw.endswith("\n")
    assert not raw.endswith("\n\n")


def test_the_signs_that_are_not_plain_are_found() -> None:
    for sign in "\uff11\uff21\uff5a\uff76\t":
        assert _WIDE.search(sign)


def _nouns() -> dict[str, str]:
    """Public classes of the rooms of the trade, but for what is raised: name to the file."""
    found = {}
    for room in ("flow", "kernel", "barrier"):
        for file in sorted((PACKAGE / room).rglob("*.py")):
            if "migrations" not in file.parts:
                for node in ast.parse(file.read_text(encoding="utf-8")).body:
                    if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and not _raised(file, node):
                        found[node.name] = str(file.relative_to(PACKAGE))
    return found


def _raised(file: Path, node: ast.ClassDef) -> bool:
    module = __import__(
        f"takuso.{str(file.relative_to(PACKAGE)).removesuffix('.py').replace('/', '.')}", fromlist=[node.name]
    )
    return issubclass(getattr(module, node.name), BaseException)


def _terms() -> set[str]:
    rows = re.findall(r"^\| ([^|]+) \|", read(DOCS / "reference" / "glossary.md"), re.MULTILINE)
    return {term.strip() for row in rows for term in row.split(" / ")}


def _as_words(noun: str) -> str:
    return CALLED.get(noun) or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", noun).lower()


def test_every_noun_of_the_trade_is_in_the_glossary() -> None:
    terms = _terms()
    missing = {f"{noun} ({file})" for noun, file in _nouns().items() if noun not in MACHINERY
               and _as_words(noun) not in terms}  # fmt: skip
    assert missing == set(), "docs/reference/glossary.md に書くか、理由があれば MACHINERY に足す"


def test_what_is_listed_beside_the_glossary_is_still_there() -> None:
    assert (MACHINERY | set(CALLED)) - set(_nouns()) == set()
    assert set(CALLED.values()) <= _terms()


def test_an_entry_of_the_glossary_has_a_japanese_word() -> None:
    rows = re.findall(r"^\| (.+) \|$", read(DOCS / "reference" / "glossary.md"), re.MULTILINE)[2:]
    assert [row for row in rows if len(row.split(" | ")) < 2 or not re.search(r"[ぁ-鿿]", row.split(" | ")[1])] == []
    first = [row.split(" | ")[0] for row in rows]
    assert len(first) == len(set(first))
