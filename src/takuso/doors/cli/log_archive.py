"""`takuso log archive`: the fast form of a source."""

from pathlib import Path
from typing import Annotated

import typer

from takuso.doors.cli.answers import Code, Json, could_not_run, emit, say, talk, wrong_use


def archive_command(
    source: Annotated[
        Path, typer.Option(help="調査する記録のフォルダー（meta.json のあるところ）", metavar="DIR", show_default=False)
    ],
    json: Json = False,
) -> int:
    """調査する記録の速い形を DIR/.takuso/ に作る。すでにあれば、変わったところだけを作り直す。"""
    # DuckDB and Arrow are loaded only here.
    from takuso.survey.archive.building import Busy, CouldNotArchive, archive
    from takuso.survey.source import NoSuchSource, SourceFault

    try:
        if talk().is_terminal:
            with talk().status("速い形を作ります") as status:
                built = archive(source, status.update)
        else:
            built = archive(source, say)
    except NoSuchSource as error:
        raise wrong_use(str(error)) from None
    except (SourceFault, Busy, CouldNotArchive) as error:
        raise could_not_run(str(error)) from None
    document = built.document(source)
    if json:
        emit(document)
    else:
        made = f"作った日 {len(document['built']):,}、そのままの日 {document['kept']:,}"
        whole = f"{document['days']:,} 日、{document['records']:,} 件、{document['bytes'] / 1e6:,.0f} MB"
        say(f"速い形があります: {whole}（{made}）。{document['seconds']:.1f} 秒")
    return Code.GOOD
