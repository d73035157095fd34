"""docs/reference/refusals.md: every 拒否コード with field, rule and cure, from the catalogue."""

import re
from typing import Final

from takuso.flow.reception.refusals.codes import EDITION, RefusalCode
from takuso.flow.reception.refusals.decisions import WITHHELD
from takuso.flow.reception.refusals.texts import TEXTS
from tools.pages.markdown import listed, table
from tools.pages.markdown import page as whole

FAMILIES: Final = {
    "T": "受付の検査",
    "N": "廃止取次の不承諾",
    "Q": "異動並びチェック",
    "P": "開始と廃止の照合",
    "U": "使用量の照会と同意",
    "V": "取戻し営業の防止",
    "X": "状態と操作",
}
_PLACE: Final = re.compile(r"{[a-z_]*}")


def page() -> str:
    """The page."""
    return whole(
        "異動受付の拒否コード",
        f"""第 {EDITION} 版。コードの意味は変わらず、使わなくなったコードも表に残ります。どれも本製品のコードで、
スイッチング支援システムのコードではありません。`…` は、その申込の日・番号・名が入るところです。""",
        f"""- 拒否は、項目・規則・衝突する申込（受付番号、手続き、効力日）・対処を持ちます。異動並びの拒否は、
  自分の申込と衝突した相手の両方を挙げます。
- 当事者でない小売には、衝突した相手を「{WITHHELD}」とだけ知らせます。番号も日も、取戻し営業に使えるからです。
- ほかの小売の申込・供給地点・パスワードは、ないものと同じコードで拒みます。
- いまの供給者、予定された異動、契約名義など、ほかの人のことを語る拒否は、ほかに直すところのない申込にだけ返します。
- 廃止取次の「惜しい違い」の説明は、いまの小売と送配電にだけ見せます。""",
        *(part for letter, title in FAMILIES.items() for part in _family(letter, title)),
        """形の誤り（F のコード）は、申込になる前に返るもので、[書式のページ](forms.md)にあります。""",
    )


def _family(letter: str, title: str) -> tuple[str, str]:
    rows = [code for code in RefusalCode if code.value.startswith(letter)]
    return (
        f"## {letter}: {title}",
        table(("コード", "項目", "規則", "対処", "出典", "版"), [_row(code) for code in rows]),
    )


def _row(code: RefusalCode) -> tuple[str, ...]:
    text = TEXTS[code]
    parts = (_PLACE.sub("`…`", part) for part in (text.field, text.rule, text.cure))
    edition = f"{text.since}〜" if text.retired is None else f"{text.since}〜{text.retired}（使わない）"
    return code.value, *parts, listed(text.sources) or "本製品の設計案", edition
