"""docs/reference/keys.md, from the declarations of the screens."""

from typing import Final

from takuso.doors.web.keys import PLACES
from takuso.doors.web.manual import EVERYWHERE, key_rows

_HEAD: Final = """\
# キー操作の一覧

<!-- make docs が画面の宣言（src/takuso/doors/web/screens.py）から作る。ここを直しても次の make docs で消える。 -->

キーの位置はどの画面でも同じです。F1、F3、F5、F11、F12 などブラウザーのキーはそのまま使えます。同じ一覧は画面の
`/help/keys` にもあり、印刷できます。一つの画面で同じキーを二度宣言すると、プログラムは起動しません。

## どの画面でも使えるキー

"""


def page() -> str:
    """The page as Markdown."""
    everywhere = [("キー", "動作"), ("---", "---"), *EVERYWHERE]
    places = ["Esc" if place == "Escape" else place for place in PLACES]
    screens: list[tuple[str, ...]] = [("画面", *places), ("---",) * (len(places) + 1)]
    screens += [(f"{row.code} {row.name}", *(label or "－" for label in row.labels)) for row in key_rows()]
    tables = ("\n".join(f"| {' | '.join(cells)} |" for cells in table) for table in (everywhere, screens))
    return _HEAD + "\n\n## 画面ごとのファンクションキー\n\n".join(tables) + "\n"
