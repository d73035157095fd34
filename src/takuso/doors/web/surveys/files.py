"""Files of surveys: a source that is sent by browser, and summary.json for whoever wants the figures elsewhere.

A source may be far larger than any form, so this is the one address that files are taken at, and only from a person
who may read the access log; at every other address what is sent as a file is read away and kept nowhere.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final, cast

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from takuso.barrier.gate import Sight
from takuso.barrier.matrix import ACTIONS
from takuso.doors.web.definitions import AL20
from takuso.doors.web.frame import Problem
from takuso.doors.web.keys import screen_url
from takuso.doors.web.language import _
from takuso.doors.web.office import office, viewer_or_none
from takuso.doors.web.page import Page
from takuso.doors.web.redirects import see_other
from takuso.doors.web.surveys.screen import desk, read
from takuso.doors.web.surveys.sources import runs_of, uploads_of
from takuso.survey.figures import SUMMARY
from takuso.survey.runs import State, new_id
from takuso.survey.unpack import BadArchive, Limits, unpack

SEND: Final = "/surveys/send"
FIELD: Final = "survey-archive"
MOST_BYTES: Final = 200 * 10**6
MOST_KEPT: Final = 20
LIMITS: Final = Limits()
_CHUNK: Final = 1 << 20


class SourceUpload(FileUploadHandler):
    """Takes one file at SEND from whoever may read the log, up to MOST_BYTES; anything else is not kept."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._file: IO[bytes] | None = None
        self._size = 0

    def new_file(self, *arguments: Any, **named: Any) -> None:
        """Refuse it before a byte is kept."""
        super().new_file(*arguments, **named)
        if self._file is not None or not self._welcome():
            raise SkipFile
        folder = uploads_of(office(cast("HttpRequest", self.request)))
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Without a name: it is gone when the request is.
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - handed on

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002 - Django's signature
        """Keep it, up to the limit."""
        self._size += len(raw_data)
        if self._file is None or self._size > MOST_BYTES:
            self._drop()
            cast("HttpRequest", self.request).META["takuso.too_large"] = True
            raise StopUpload(connection_reset=False)
        self._file.write(raw_data)

    def upload_interrupted(self) -> None:
        """Whoever sends went away."""
        self._drop()

    def _drop(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def file_complete(self, file_size: int) -> UploadedFile | None:
        """The file, read from its beginning."""
        if self._file is None:
            return None
        self._file.seek(0)
        return UploadedFile(file=cast("Any", self._file), name=self.file_name, size=file_size)

    def _welcome(self) -> bool:
        request = cast("HttpRequest", self.request)
        if request.path != SEND:
            return False
        person = viewer_or_none(request)
        return person is not None and person.duty in ACTIONS["log.read"]


@require_POST
def send(request: HttpRequest, page: Page) -> HttpResponse:
    """POST `archive`: 303 to the desk with the source chosen, or the desk with what is wrong."""
    here = office(request)
    archive = request.FILES.get("archive")
    if not isinstance(archive, UploadedFile):
        large = "takuso.too_large" in request.META
        return _again(request, page, _too_large() if large else _("ファイルを選んでください。"))
    if len(list(uploads_of(here).glob("[!.]*"))) >= MOST_KEPT:
        text = _("送られた記録がもう多くあります。管理者に頼んで、要らないものを消してください。")
        return _again(request, page, text)
    name, digest, person = new_id(), _digest(archive), ""

    def draw(sight: Sight) -> bytes:
        nonlocal person
        person = sight.viewer.person_code
        return b""

    released = read(request, page, f"survey send {name} sha256 {digest}", draw)
    told = {"name": archive.name or "", "sha256": digest, "person": person, "at": datetime.now(UTC).isoformat()}
    try:
        _keep(uploads_of(here) / name, archive, told)
    except BadArchive as error:
        return _again(request, page, str(error))
    return see_other(f"{screen_url(AL20.code, receipt=released.receipt)}&source=sent:{name}")


@require_GET
def summary(request: HttpRequest, page: Page) -> HttpResponse:
    """summary.json of `run`: counts and hashes, nobody's number."""
    here, name = office(request), request.GET.get("run", "")[:64]
    run = runs_of(here).find(name)
    if run is None or run.state is not State.DONE:
        problem = Problem(field="runs", text=_("調査: この番号の調査はありません。下の一覧から選んでください。"))
        return desk(request, page, asked="survey summary unknown", problems=(problem,), status=404)

    def draw(_sight: Sight) -> bytes:
        # A place that is named by a run that was found, and by nothing else.
        return (runs_of(here).answer(name) / SUMMARY).read_bytes()

    body = read(request, page, f"survey summary run {name}", draw).body
    answer = HttpResponse(body, content_type="application/json; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-summary.json"'
    return answer


def _keep(place: Path, archive: UploadedFile, told: Mapping[str, str]) -> None:
    """Unpack beside its place and move it there whole, or leave nothing. Raises BadArchive."""
    making = place.with_name(f".{place.name}")
    try:
        (making / "source").mkdir(mode=0o700, parents=True)
        unpack(cast("IO[bytes]", archive.file), making / "source", LIMITS)
        (making / "sent.json").write_text(json.dumps(told, ensure_ascii=False) + "\n", encoding="utf-8")
        making.rename(place)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _again(request: HttpRequest, page: Page, text: str) -> HttpResponse:
    problem = Problem(field=FIELD, text=_("送る記録: {what}").format(what=text))
    return desk(request, page, asked="survey send refused", problems=(problem,), status=400)


def _too_large() -> str:
    return _(
        "ファイルが大きすぎます（200 MB まで）。期間を分けるか、管理者に頼んで sources フォルダーに置いてください。"
    )


def _digest(archive: UploadedFile) -> str:
    found = hashlib.sha256()
    for chunk in archive.chunks(_CHUNK):
        found.update(chunk)
    return found.hexdigest()
