"""書式の誤り: what can be wrong with a typed field before any rule is asked, by a code that never changes its meaning.

A refusal (refusals/) speaks about an application that could be read; these speak about one that could not. The typed
text itself is never repeated, since messages reach logs; only the key that no form has is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class FormErrorCode(StrEnum):
    """書式の誤りのコード. A code is never given a second meaning and never taken away."""

    MISSING = "F01"
    UNKNOWN_FIELD = "F02"
    TOO_LONG = "F03"
    NOT_ALLOWED_SIGN = "F04"
    NOT_A_SUPPLY_POINT = "F05"
    NOT_A_DAY = "F06"
    NOT_A_CHOICE = "F07"
    NOT_A_FLAG = "F08"
    NOT_A_COUNT = "F09"
    NOT_A_PHONE = "F10"
    TOO_MANY = "F11"
    DAY_NOT_WANTED = "F12"
    NOT_TEXT = "F13"
    NOT_A_ROW = "F14"
    NOT_DECODED = "F15"


@dataclass(frozen=True, slots=True)
class FormErrorText:
    """Templates of the rule and of what to do; the named places are filled from FieldError.values."""

    rule: str
    cure: str


_C: Final = FormErrorCode
FORM_ERRORS: Final[Mapping[FormErrorCode, FormErrorText]] = MappingProxyType(
    {
        _C.MISSING: FormErrorText("必ず要ります。", "入力して、もう一度送ってください。"),
        _C.UNKNOWN_FIELD: FormErrorText(
            "「{key}」という項目は、この手続きの書式にありません。", "項目の名前を、書式の表で確かめてください。"
        ),
        _C.TOO_LONG: FormErrorText(
            "{limit} 文字までです（入力は {length} 文字）。", "{limit} 文字までに縮めてください。"
        ),
        _C.NOT_ALLOWED_SIGN: FormErrorText(
            "{position} 文字目に、使えない文字（制御文字・途中の改行・外字）があります。",
            "その文字を消すか、ほかの文字で入力してください。",
        ),
        _C.NOT_A_SUPPLY_POINT: FormErrorText(
            "数字 22 桁で、先頭 2 桁はエリアコード 01〜10 です。",
            "検針票、請求書または設備情報照会で番号を確かめてください。全角、ハイフン、空白はそのままで構いません。",
        ),
        _C.NOT_A_DAY: FormErrorText(
            "暦と元号の期間にある、ある 1 日です。",
            "令和8年4月1日、R8.4.1、2026-04-01、2026/4/1、20260401 のいずれかの形で入力してください。",
        ),
        _C.NOT_A_CHOICE: FormErrorText("{choices} のいずれかです。", "一つを選んでください。"),
        _C.NOT_A_FLAG: FormErrorText(
            "「はい」か「いいえ」です。空欄は「いいえ」です。", "○・はい・true か、空欄にしてください。"
        ),
        _C.NOT_A_COUNT: FormErrorText("1 から {most} までの整数です。", "数字だけを入力してください。"),
        _C.NOT_A_PHONE: FormErrorText(
            "0 で始まる 10〜11 桁か、+ で始まる 7〜15 桁の番号です。",
            "市外局番から入力してください。全角、ハイフン、かっこはそのままで構いません。",
        ),
        _C.TOO_MANY: FormErrorText("{most} 個までです（入力は {count} 個）。", "{most} 個までに減らしてください。"),
        _C.DAY_NOT_WANTED: FormErrorText(
            "取り消すときは、新しい希望日を入力しません。", "希望日を空欄にするか、「希望日を改める」を選んでください。"
        ),
        _C.NOT_TEXT: FormErrorText("文字列です。", '数や真偽の値も、文字列（"7"、"true"）で送ってください。'),
        _C.NOT_A_ROW: FormErrorText(
            "見出しと同じ {heads} 列の行です（この行は {cells} 列、または引用符が閉じていません）。",
            "列の数と引用符を確かめてください。ファイルが途中で切れていないかも確かめてください。",
        ),
        _C.NOT_DECODED: FormErrorText(
            "この行に、CP932 でも UTF-8 でも読めない文字があります。",
            "ファイルを CP932（Shift_JIS）か UTF-8 で保存し直してください。",
        ),
    }
)
"""Every code and its text, in the order of the codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """項目の誤り: code, key and label of the field, and the values for the places of the text."""

    code: FormErrorCode
    field: str
    label: str
    values: tuple[tuple[str, str | int], ...] = ()

    @property
    def rule(self) -> str:
        """What is wrong."""
        return FORM_ERRORS[self.code].rule.format_map(dict(self.values))

    @property
    def cure(self) -> str:
        """What to do."""
        return FORM_ERRORS[self.code].cure.format_map(dict(self.values))

    @property
    def text(self) -> str:
        """All of it on one line: `F06 希望日: …`."""
        return f"{self.code} {self.label}: {self.rule}{self.cure}"


class FieldProblem(ValueError):
    """Raised while one field is read; `at` makes the error of it."""

    def __init__(self, code: FormErrorCode, **values: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    def at(self, field: str, label: str) -> FieldError:
        """The error, at this field."""
        return FieldError(code=self.code, field=field, label=label, values=tuple(sorted(self.values.items())))
