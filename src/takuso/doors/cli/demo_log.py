"""`takuso demo log`: a week of an invented legacy system, as files that a survey reads."""

import time
from pathlib import Path
from shutil import disk_usage
from typing import Annotated, Final

import typer

from takuso.doors.cli.answers import Json, Refused, could_not_run, emit, say, wrong_use
from takuso.doors.cli.progress import progress

# Bytes on the disk, a little more than measured.
_PER_ROW: Final = 30
_PER_POINT: Final = 30


def log(
    out: Annotated[Path, typer.Option(help="書き出すフォルダー（まだないもの）", metavar="DIR")],
    rows: Annotated[int, typer.Option(help="期間（2022-12-06 から 7 日間）の記録の数", min=1)] = 9_660_899,
    points: Annotated[int, typer.Option(help="供給地点の数", min=1, max=100_000_000)] = 13_000_000,
    seed: Annotated[int, typer.Option(help="乱数の種（同じ種は同じファイルになる）", min=0)] = 1,
    missing_predecessors: Annotated[float, typer.Option(help="遷移元の画面が記録されていない割合（0 から 1）")] = 0.02,
    truth: Annotated[
        Path | None, typer.Option(help="正解を書くファイル [既定: DIR.truth.json]", metavar="FILE")
    ] = None,
    json: Json = False,
) -> None:
    """架空の旧システムの 1 週間を書き出す: アクセスログ、担当者、供給の履歴。正解はフォルダーの外に置く。

    件数を減らすと、漏洩（全量で 329 人・1,327 契約）も紛らわしい閲覧も同じ割合で減る。
    """
    # numpy and pyarrow are loaded only where they are used.
    from takuso.demo.legacy import AlreadyThere, TruthInside, write_week
    from takuso.demo.legacy_script import TooSmall
    from takuso.demo.legacy_week import NotAShare, Week

    began = time.monotonic()
    answer = truth or Path(f"{out.absolute()}.truth.json")
    try:
        week = Week(rows=rows, points=points, seed=seed, missing=missing_predecessors)
        _room(out, rows * _PER_ROW + points * _PER_POINT)
        with progress() as show:
            written = write_week(week, out, answer, show)
    except (AlreadyThere, TruthInside, TooSmall, NotAShare) as error:
        raise wrong_use(str(error)) from None
    except OSError as error:
        raise _not_written(out, error) from None
    seconds = round(time.monotonic() - began, 1)
    if json:
        names = ("rows", "points", "days", "viewers", "contracts")
        figures = {name: getattr(written, name) for name in names}
        emit({**figures, "seconds": seconds, "out": str(written.out), "truth": str(written.truth)})
        return
    say(
        f"{written.rows:,} 件・{written.points:,} 地点の 1 週間を {seconds} 秒で {written.out} に書きました。\n"
        f"漏洩は {written.viewers:,} 人・{written.contracts:,} 契約です（正解は {written.truth}）。"
    )


def _room(out: Path, needed: int) -> None:
    place = next(folder for folder in (out.absolute(), *out.absolute().parents) if folder.exists())
    free = disk_usage(place).free
    if free < needed:
        raise could_not_run(
            f"{place} の空きが足りません（およそ {needed // 10**6:,} MB 必要、空き {free // 10**6:,} MB）。\n"
            "対処: 空きを作るか、別の場所を --out に指定してください。件数は --rows と --points で減らせます。"
        )


def _not_written(out: Path, error: OSError) -> Refused:
    return could_not_run(
        f"{out} に書けませんでした（{error.strerror or error}）。途中までのファイルは残していません。\n"
        "対処: 書き込みの権限とディスクの空きを確かめて、もう一度実行してください。"
    )
