"""docs/reference/tables.md: every table and column of a deployed database, with its class and its comment."""

from collections.abc import Mapping
from itertools import groupby
from types import MappingProxyType
from typing import Final, NamedTuple

import psycopg

from takuso.barrier.matrix import CLASS_NAMES, DataClass
from tools.pages.markdown import code, table
from tools.pages.markdown import page as whole

SCHEMAS: Final = MappingProxyType(
    {
        "points": "供給地点と、その設備・契約・履歴",
        "log": "閲覧記録",
        "wall": "会社・人・発令・規則・画面・サインインと、供給地点の鍵と刻印",
        "search": "検索の鍵",
    }
)
"""Schemas of the product, in the order of the page."""
USUAL: Final[Mapping[str, str]] = MappingProxyType(
    {
        "id": "行の番号",
        "point": "供給地点の番号（`wall.point`）",
        "valid": "効力のある期間（初日を含み、終わりを含まない）",
        "recorded_from": "記録した時刻",
        "recorded_to": "訂正で退いた時刻。いまの記録は infinity",
        "superseded_by": "訂正で代わりになった行",
        "holder_id": "刻印: 供給者",
        "held_from": "刻印: 供給のはじめの日",
        "held_to": "刻印: 供給の終わりの日（含まない）",
        "day": "日本時間の日。置き場所（パーティション）の鍵",
        "receipt": "受付番号",
    }
)
"""What columns of these names are, in every table that has no comment of its own for them."""
_OTHERS: Final = {
    "key": "鍵",
    "stamp": "刻印",
    "record": "閲覧記録そのもの",
    "open": "お客さまが現れない",
}
_COLUMNS: Final = """
SELECT n.nspname AS schema, c.relname AS table, a.attname AS column,
       pg_catalog.format_type(a.atttypid, a.atttypmod) AS kind, NOT a.attnotnull AS empty,
       coalesce(r.class, '') AS class, c.relkind = 'p' AS divided,
       c.relrowsecurity AND c.relforcerowsecurity AS guarded,
       coalesce(pg_catalog.obj_description(c.oid, 'pg_class'), '') AS about_table,
       coalesce(pg_catalog.col_description(c.oid, a.attnum), '') AS about
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN wall.register r ON (r.schema_name, r.table_name, r.column_name) = (n.nspname, c.relname, a.attname)
 WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'web'
   AND n.nspname <> 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
 ORDER BY n.nspname, c.relname, a.attnum
"""


class Column(NamedTuple):
    """One column as the database has it."""

    schema: str
    table: str
    column: str
    kind: str
    empty: bool
    class_: str
    divided: bool
    guarded: bool
    about_table: str
    about: str


def columns(connection: "psycopg.Connection[object]") -> list[Column]:
    """All columns of the product's tables, read by a superuser."""
    return [Column(*row) for row in connection.cursor().execute(_COLUMNS).fetchall()]  # type: ignore[misc]


def page(found: list[Column]) -> str:
    """The page of these columns."""
    schemas = [*SCHEMAS, *sorted({one.schema for one in found} - set(SCHEMAS))]
    return whole(
        "表と列",
        "配備したデータベースにある表と列の全部です。区分は登録簿 `wall.register` のもので、区分のない列があると"
        "サーバーは起動しません。区分の意味は[データの種類](classes.md)、誰が読めるかは[壁はどこにあるか](barrier.md)にあります。",
        "区分の記号: "
        + "、".join([*(f"{letter} {name}" for letter, name in CLASS_NAMES.items())])
        + "。ほかに "
        + "、".join(f"`{name}`（{about}）" for name, about in _OTHERS.items())
        + "。",
        "表の持ち主は、ログインできないロール（`owner`、検索の鍵は `searcher`）です。「行の保護（強制）」の表は、"
        "持ち主にも行のポリシー（row security）が効きます。検索の鍵にポリシーがない理由は"
        "[壁はどこにあるか](barrier.md)にあります。",
        *(_schema(schema, [one for one in found if one.schema == schema]) for schema in schemas),
    )


def _schema(schema: str, found: list[Column]) -> str:
    parts = [f"## {schema}（{SCHEMAS[schema]}）" if schema in SCHEMAS else f"## {schema}"]
    parts += [_table(list(of)) for _, of in groupby(found, key=lambda one: one.table)]
    return "\n\n".join(parts)


def _table(found: list[Column]) -> str:
    first = found[0]
    letters = [one.class_ for one in found if one.class_ in set(DataClass)]
    notes = [f"区分 {letters[0]}（{CLASS_NAMES[DataClass(letters[0])]}）" if letters else ""]
    notes += ["日ごとに分かれる" if first.divided else "", "行の保護（強制）" if first.guarded else ""]
    lines = [f"### {first.schema}.{first.table}", ""]
    lines += ["。".join(text for text in (first.about_table, *notes) if text) + "。", ""]
    rows = [
        (code(one.column), one.kind, "○" if one.empty else "", one.class_, one.about or USUAL.get(one.column, ""))
        for one in found
    ]
    return "\n".join(lines) + "\n" + table(("列", "型", "空でもよい", "区分", "内容"), rows)
