"""docs/reference/purposes.md: 利用目的, who may state which, and the cases that can verify their reference."""

from typing import Final

from takuso.barrier.matrix import ACTIONS, DUTY_NAMES, PURPOSE_HOURS, PURPOSES, Duty
from tools.pages.markdown import code, listed, table
from tools.pages.markdown import page as whole

KINDS: Final = {
    "call": "問合せの受付",
    "application": "異動の申込",
    "work-order": "工事・計器の作業指示",
    "billing-run": "料金・請求の処理",
    "audit": "監査・点検の計画",
}
"""Kinds of case in the words of the desk."""
DEEDS: Final = {
    "points.record_supply": "供給者を記録・訂正する（`takuso points record-supply`）",
    "office.read": "会社・利用者・発令を見る",
    "office.write": "会社・利用者・発令を登録・変更する",
    "reception.read": "申込を見る",
    "reception.enter": "小売から紙で届いた申込を登録する",
    "reception.handle": "申込に指示を出す（工事の手配、訂正など）",
    "reception.apply": "自社の申込を出す",
    "reception.answer": "自社あての廃止取次に回答する",
    "rule.read": "規則とその変更案を見る",
    "rule.propose": "規則の変更を提案する",
    "rule.approve": "提案された規則の変更を承認する",
    "log.export": "閲覧記録の持出しを申請する・承認する・受け取る",
    "log.erase": "入力された文字の消去を求める・承認する（`takuso log erase`）",
    "log.read": "閲覧記録を読む・可否を説明する（`takuso log show`、`takuso barrier explain`）",
}
"""Actions in the words of the desk."""


def page() -> str:
    """The page."""
    asked = [duty for duty in Duty if duty.is_network]
    return whole(
        "利用目的",
        f"送配電の人（{listed(DUTY_NAMES[duty] for duty in asked)}）は、お客さまの画面・一覧・検索を開く前に、"
        "利用目的と根拠の番号を申告します。小売の人は申告しません: 見られるのは自社のお客さまだけです。",
        table(
            ("コード", "利用目的", "申告できる職務", "根拠の番号を確かめられる案件"),
            [
                (
                    code(one.code),
                    one.name,
                    listed(DUTY_NAMES[duty] for duty in Duty if duty in one.duties),
                    listed(f"{KINDS.get(kind, '')} `{kind}`".strip() for kind in sorted(one.case_kinds)),
                )
                for one in PURPOSES
            ],
        ),
        f"""- 申告は、そのサインインの、そのお客さまコード 1 つ（一覧と検索はまとめて 1 つ）に効きます。
- 効くのはサインインの終わりまで、長くて {PURPOSE_HOURS} 時間です（EXAMPLE: 本製品の設計案）。
- 番号がその種類の開いている案件にあれば「確認済み」、なければ「未確認」として記録します。
  お客さまの画面は未確認でも開き、記録に残ります。一覧と検索には、開いている案件の番号が要ります。
- どの職務がどの目的を申告できるかは EXAMPLE（本製品の設計案）です。導入する会社が自らの決定で置き換えます
  （`src/takuso/barrier/matrix.py` の `PURPOSES`）。
- 断られたときの文は[拒否とエラーの文](messages.md)にあります。""",
        "## 職務だけができること",
        "閲覧のほかに、次のことは職務で決まります。根拠はお客さまではなく発令です。",
        table(
            ("操作", "できる職務", "内容"),
            [
                (code(name), listed(DUTY_NAMES[duty] for duty in Duty if duty in duties), DEEDS.get(name, ""))
                for name, duties in ACTIONS.items()
            ],
        ),
    )
