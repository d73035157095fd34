"""docs/reference/settings.md: environment variables, the home folder, options of the server."""

from typing import Final

import typer.main

from takuso.doors.cli.program import program
from takuso.store.settings import PARTS, VARIABLES
from tools.pages.commands import options
from tools.pages.markdown import code, table
from tools.pages.markdown import page as whole

_KINDS: Final = (
    ("`demo`", "架空の区域。人の切り替え、業務の日付をずらすこと、訓練ができる"),
    ("`sandbox`", "試用。業務の日付をずらせる"),
    ("`production`", "本番。`home.json` のないホームはこれになる"),
)


def page() -> str:
    """The page."""
    serve = typer.main.get_command(program()).commands["serve"]  # type: ignore[attr-defined]
    return whole(
        "設定",
        "設定ファイルはありません。設定は環境変数とコマンドのオプションです。パスワードは環境変数に置かず、ホームの"
        " `secrets` にだけ置きます。",
        "## 環境変数",
        table(
            ("名前", "ないとき", "内容", "例"),
            [(code(one.name), one.default, one.about, code(one.example)) for one in VARIABLES],
        ),
        "空の値は、ないのと同じです。ここにない変数をプログラムは読みません（`tests/docs/test_settings.py`）。",
        "## ホームフォルダーの中",
        table(
            ("名前", "内容", "秘密", "`demo --rebuild` で消える"),
            [
                (code(part.name), part.about, "秘密" if part.secret else "", "○" if part.rebuilt else "")
                for part in PARTS
            ],
        ),
        "ホームは 0700 で作り、ほかの利用者が読めるパスワードでは動きません。種類は最初に決まり、変えられません。",
        table(("種類", "内容"), _KINDS),
        "## `takuso serve` のオプション",
        table(("オプション", "既定", "内容"), options(serve)),
        "1 つの機械で送配電と小売の入口を分けるときは `--doors network` と `--doors retailer` を別のプロセスにします"
        "（[自社の PostgreSQL に入れる](../how-to/install.md)）。",
    )
