"""`takuso log sniff`: what another system's files look like, as a mapping file to be edited."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from takuso.doors.cli.answers import Code, Json, could_not_run, emit, say, wrong_use

if TYPE_CHECKING:
    from takuso.survey.importing.proposal import Group, Proposal

_BY_HAND = {"network", "affiliate"}


def sniff_command(
    files: Annotated[list[Path], typer.Argument(help="閲覧記録・利用者・供給者の履歴のファイル", metavar="FILES")],
    out: Annotated[
        Path | None, typer.Option(help="案を書くファイル（まだないもの） [既定: 標準出力]", metavar="FILE")
    ] = None,
    json: Json = False,
) -> int:
    """ファイルの文字コード・区切り・列の意味を推し量り、対応ファイルの案を出す。足りない列があれば 1 で終わる。"""
    # Arrow is loaded only here.
    from takuso.survey.importing.opening import CannotRead
    from takuso.survey.importing.proposal import propose

    if out is not None and out.exists():
        raise wrong_use(f"{out} はもうあります。\n対処: まだないファイルを --out に指定してください。")
    try:
        proposal = propose(files, (out or Path("mapping.yaml")).absolute().parent)
        if out is not None:
            _write(out, proposal.text)
    except CannotRead as error:
        raise could_not_run(str(error)) from None
    except OSError as error:
        raise could_not_run(
            f"{out} に書けません（{error.strerror or error}）。\n対処: 書ける場所を --out に指定してください。"
        ) from None
    if json:
        emit(_document(proposal))
    elif out is None:
        typer.echo(proposal.text, nl=False)
    say(f"手で書くところ（？）: {'、'.join(proposal.open)}")
    if out is not None:
        say(f"{out} に案を書きました（持ち主だけが読めるファイル）。直したら takuso log import {out} --out DIR。")
    return Code.FINDINGS if set(proposal.open) - _BY_HAND else Code.GOOD


def _write(out: Path, text: str) -> None:
    stream = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(stream, "w", encoding="utf-8") as file:
        file.write(text)


def _document(proposal: "Proposal") -> dict[str, Any]:
    return {
        "mapping": proposal.text,
        "tables": {name: _group(group) for name, group in proposal.groups.items()},
        "others": [str(path) for path in proposal.others],
        "open": list(proposal.open),
    }


def _group(group: "Group") -> dict[str, Any]:
    looked = group.files[0]
    return {
        "files": [str(file.path) for file in group.files],
        "confidence": round(group.guess.confidence, 2),
        "format": looked.format,
        "charset": looked.charset,
        "charset_confidence": round(looked.charset_confidence, 3),
        "delimiter": looked.delimiter if looked.format == "csv" else None,
        "header": looked.header,
        "columns": {
            name: {
                "columns": [looked.names[place] for place in guess.places],
                "confidence": guess.confidence,
                "examples": list(guess.examples),
                **dict(guess.settings),
            }
            for name, guess in group.guess.columns.items()
        },
    }
