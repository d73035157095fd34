"""docs/reference/forms.md: what is typed for each procedure, by key and label, from the forms themselves."""

from typing import Final

from takuso.flow.reception.fields import Field, FieldKind, Need
from takuso.flow.reception.form_errors import FORM_ERRORS
from takuso.flow.reception.forms import FORMS, Form
from tools.pages.markdown import code, listed, table
from tools.pages.markdown import page as whole

KINDS: Final = {
    FieldKind.SUPPLY_POINT: "供給地点特定番号",
    FieldKind.DAY: "日",
    FieldKind.TEXT: "文字",
    FieldKind.KANA: "カナ",
    FieldKind.PHONE: "電話番号",
    FieldKind.CHOICE: "選択",
    FieldKind.FLAG: "はい・いいえ",
    FieldKind.COUNT: "整数",
    FieldKind.MENU: "契約種別",
    FieldKind.RETAILER: "事業者コード",
    FieldKind.BALANCING_GROUP: "BGコード",
    FieldKind.APPLICATION: "受付番号",
    FieldKind.CUSTOMER_NO: "お客さま番号",
    FieldKind.METER: "計器番号",
    FieldKind.PAPERS: "書類の並び",
    FieldKind.SECRET: "パスワード",
}
NEEDS: Final = {Need.OPTIONAL: "", Need.RULE: "要る（検査が拒否）", Need.FORM: "要る（F01）"}
_BY_LENGTH: Final = (
    FieldKind.TEXT,
    FieldKind.KANA,
    FieldKind.MENU,
    FieldKind.RETAILER,
    FieldKind.BALANCING_GROUP,
    FieldKind.APPLICATION,
    FieldKind.CUSTOMER_NO,
    FieldKind.METER,
    FieldKind.PAPERS,
    FieldKind.SECRET,
)


def page() -> str:
    """The page."""
    return whole(
        "異動受付の書式",
        """画面・API・一括ファイルが使う、手続きごとの項目です。「キー」は JSON の項目名で、変わりません。「項目」は
画面の名前で、ファイルの見出しです。全角・半角、番号のハイフンと空白、半角カナ、ひらがな、和暦・西暦は、どれも
そのまま読みます。名義と使用場所の漢字は、字の形を変えません。""",
        """- 形の誤りは F のコードで、表にない項目も、長すぎる文字も誤りです。入力した文字は、文にくり返しません。
- 「検査が拒否」の項目は、空欄でも読まれ、検査が[拒否コード](refusals.md)で拒みます。カナかどうか（T20）、契約種別・BG
  コード・小売・番号があるか、有効日数の決まり（U01）も、検査が見ます。
- 使用量照会パスワードは、要約値だけが残ります。書き戻しには含みません。""",
        *(part for form in FORMS.values() for part in _form(form)),
        "## 書式の誤り",
        table(
            ("コード", "規則", "対処"),
            [(error.value, _open(text.rule), _open(text.cure)) for error, text in FORM_ERRORS.items()],
        ),
    )


def _form(form: Form) -> tuple[str, str]:
    headings = ("項目", "キー", "種類", "要否", "長さ", "値", "説明")
    return f"## {form.name} `{form.procedure}`", table(headings, [_row(one) for one in form.fields])


def _row(field: Field) -> tuple[str, ...]:
    values = listed(one.label if one.value == one.label else f"`{one.value}` {one.label}" for one in field.choices)
    length = f"{field.limit} 文字" if field.kind in _BY_LENGTH else ""
    return field.label, code(field.name), KINDS[field.kind], NEEDS[field.need], length, values, field.help


def _open(template: str) -> str:
    for place in ("key", "limit", "length", "position", "choices", "most", "count"):
        template = template.replace(f"{{{place}}}", "`…`")
    return template
