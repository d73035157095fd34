"""`takuso log import`: files of another system into a source that a survey reads."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from takuso.doors.cli.answers import Code, Json, could_not_run, emit, say, wrong_use
from takuso.doors.cli.progress import progress

if TYPE_CHECKING:
    from takuso.survey.importing.run import Imported

_NAMES = {"log": "閲覧記録", "people": "利用者", "supply": "供給者の履歴"}


def import_command(
    mapping: Annotated[Path, typer.Argument(help="対応ファイル（YAML）", metavar="MAPPING", show_default=False)],
    out: Annotated[Path, typer.Option(help="書き出すフォルダー（まだないもの）", metavar="DIR")],
    rejects: Annotated[
        Path | None, typer.Option(help="取り込まなかった行を書くファイル [既定: DIR.rejects.csv]", metavar="FILE")
    ] = None,
    json: Json = False,
) -> int:
    """他社・旧システムの閲覧記録を、調査できるフォルダーにする。取り込まない行があれば 1 で終わる。"""
    # DuckDB and Arrow are loaded only here.
    from takuso.survey.importing.mapping_file import WrongMappingFile, read_mapping
    from takuso.survey.importing.opening import CannotRead
    from takuso.survey.importing.rejects import AlreadyThere
    from takuso.survey.importing.run import DoesNotAddUp, NothingImported, import_source

    began = time.monotonic()
    refused = rejects or Path(f"{out.absolute()}.rejects.csv")
    try:
        with _ended_by_signal(), progress() as show:
            done = import_source(read_mapping(mapping), out, refused, show)
    except (WrongMappingFile, AlreadyThere) as error:
        raise wrong_use(str(error)) from None
    except (CannotRead, NothingImported, DoesNotAddUp) as error:
        raise could_not_run(str(error)) from None
    except OSError as error:
        raise could_not_run(
            f"{out} に書けませんでした（{error.strerror or error}）。途中までのフォルダーは残していません。\n"
            "対処: 書き込みの権限とディスクの空きを確かめて、もう一度実行してください。"
        ) from None
    document = _document(done, out, round(time.monotonic() - began, 1))
    if json:
        emit(document)
    else:
        _tell(document)
    return Code.FINDINGS if done.rejects else Code.GOOD


@contextmanager
def _ended_by_signal() -> Iterator[None]:
    """SIGTERM ends the command as Ctrl-C does, so that nothing half done stays."""

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _document(done: "Imported", out: Path, seconds: float) -> dict[str, Any]:
    return {
        "out": str(out),
        "seconds": seconds,
        "tables": {
            table: [
                {
                    "file": count.file,
                    "lines": count.lines,
                    "header": count.header,
                    "blank": count.blank,
                    "records": count.records,
                    "record_lines": count.record_lines,
                    "rejects": count.rejects,
                    "reject_lines": count.reject_lines,
                    "sha256": count.sha256,
                }
                for count in counts
            ]
            for table, counts in done.files.items()
        },
        "days": {str(day): rows for day, rows in done.days.items()},
        "merged_ids": done.people.changed,
        "cut_periods": done.supply.changed,
        "gaps": {"people": done.people.gaps, "supply": done.supply.gaps},
        "lines_after_gaps": {
            "people": [place.line for place in done.people.after_gaps],
            "supply": [place.line for place in done.supply.after_gaps],
        },
        "notes": done.notes,
        "rejects": done.rejects,
        "rejects_file": None if done.rejects_file is None else str(done.rejects_file),
    }


def _tell(document: dict[str, Any]) -> None:
    for table, files in document["tables"].items():
        for f in files:
            more = f["record_lines"] - f["records"]
            breaks = f"（記録の中の改行 {more:,}）" if more else ""
            typer.echo(
                f"{_NAMES[table]} {f['file']}: {f['lines']:,} 行 = 見出し {f['header']:,} + 空行 {f['blank']:,} + "
                f"取り込んだ行 {f['record_lines']:,}{breaks} + 取り込まなかった行 {f['reject_lines']:,}"
            )
    for day, rows in document["days"].items():
        typer.echo(f"{day}: {rows:,} 件")
    for words, count in _remarks(document):
        if count:
            say(f"注意: {words} {count:,} 件")
    if document["rejects"]:
        say(
            f"取り込まなかった記録が {document['rejects']:,} 件あります。行・列・理由は {document['rejects_file']}"
            "（持ち主だけが読めるファイル）にあります。"
        )
    say(f"{document['seconds']} 秒で {document['out']} に書きました。takuso survey run FILE --source で調査できます。")


def _remarks(document: dict[str, Any]) -> Iterator[tuple[str, int]]:
    yield from document["notes"].items()
    lines = document["lines_after_gaps"]
    for table, words in (("people", "所属の途切れた人"), ("supply", "供給者のいない期間のある契約")):
        examples = "、".join(f"{line:,}" for line in lines[table][:3])
        yield f"{words}（{examples} 行目の前など）", document["gaps"][table]
    yield "共用の ID を 1 人にまとめた行", document["merged_ids"]
    yield "次の供給の開始日で終わらせた供給期間", document["cut_periods"]
