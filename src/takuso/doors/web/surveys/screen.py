"""AL20 ログ調査: choose a survey and a source, see how far the run is and what it found; for compliance alone.

What is looked at here is files that hold nothing of the wall's data; still every look, start and file that was sent
is a record, and whoever may not read the access log is refused by the wall.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from takuso.barrier.gate import Released, Sight
from takuso.doors.web.frame import Answer, Frame, Problem, render
from takuso.doors.web.keys import screen_url
from takuso.doors.web.language import _
from takuso.doors.web.office import Office, office, visit
from takuso.doors.web.page import Page
from takuso.doors.web.redirects import see_other
from takuso.doors.web.surveys.comparison import comparable, comparison
from takuso.doors.web.surveys.result import Result, result, source_hash
from takuso.doors.web.surveys.sources import advance_runs, runs_of, sources
from takuso.survey.runs import Asked, Run, State, new_id
from takuso.survey.shelf import shipped, titles

FORM: Final = "survey-form"
REFRESH_SECONDS: Final = 3
MOST_WAITING: Final = 5
MOST_OTHERS: Final = 20
STATES: Final = {
    State.QUEUED: "順番待ち",
    State.RUNNING: "実行中",
    State.DONE: "終わり",
    State.FAILED: "できませんでした",
    State.INTERRUPTED: "途中で止まりました",
}
_LONGEST: Final = 128


def survey_screen(request: HttpRequest, page: Page) -> HttpResponse:
    """GET: the desk, with `run` one run, with `against` how it differs from that one.

    POST `survey`, `source`: ask for a run, 303 to it.
    """
    if request.method == "POST":
        return _start(request, page)
    run = request.GET.get("run", "")[:_LONGEST]
    if not run:
        return desk(request, page, asked="surveys")
    against = request.GET.get("against", "")[:_LONGEST]
    return _difference_page(request, page, against, run) if against else _run_page(request, page, run)


def desk(
    request: HttpRequest, page: Page, *, asked: str, problems: tuple[Problem, ...] = (), status: int = 200
) -> HttpResponse:
    """What can be chosen, and the runs so far."""
    here = office(request)

    def draw(sight: Sight) -> bytes:
        advance_runs(here)
        frame = _frame(page, sight, problems)
        runs = [_line(run, sight.receipt) for run in runs_of(here).all()]
        extra = {"form": FORM, "surveys": titles(), "sources": sources(here).values(), "runs": runs}
        return render(request, "surveys/desk.html", frame, extra | _chosen(request))

    released = read(request, page, asked, draw)
    outcome = "malformed" if problems else "shown"
    return Answer(released.body, screen=page.screen.code, outcome=outcome, status=status)


def read(request: HttpRequest, page: Page, asked: str, draw: Callable[[Sight], bytes]) -> Released:
    """Through the gate as a reading of this screen. Raises as Gate.read_log."""
    here = visit(request, page.screen.code)
    return office(request).gate.read_log(here, asked=asked, queries=(), parameters={}, render=draw)


def _start(request: HttpRequest, page: Page) -> HttpResponse:
    here = office(request)
    survey, key = (request.POST.get(name, "")[:_LONGEST] for name in ("survey", "source"))
    file, source = shipped().get(survey), sources(here).get(key)
    if file is None or source is None:
        # What was typed is not repeated in the record: it names neither a survey nor a source.
        return desk(request, page, asked="survey start refused", problems=_unknown(file, source), status=400)
    if sum(not run.ended for run in runs_of(here).all()) >= MOST_WAITING:
        text = _("調査ファイル: 順番を待つ調査が多すぎます。終わるのを待って、もう一度始めてください。")
        problem = Problem(field="survey-file", text=text)
        return desk(request, page, asked="survey start refused", problems=(problem,), status=400)
    one, run = titles()[survey], new_id()

    def draw(sight: Sight) -> bytes:
        told = Asked(
            id=run,
            survey=survey,
            title=one.title,
            source=source.key,
            label=source.label,
            person=sight.viewer.person_code,
            receipt=sight.receipt,
            at=datetime.now(UTC).isoformat(),
        )
        runs_of(here).ask(told, file)
        return b""

    asked = f"survey start {survey} sha256 {one.sha256} source {source.key} run {run}"
    released = read(request, page, asked, draw)
    advance_runs(here)
    return see_other(run_url(run, released.receipt))


def run_url(run: str, receipt: str, page: int = 1) -> str:
    """Address of a run's page."""
    more = f"&page={page}" if page > 1 else ""
    return f"{screen_url('AL20', receipt=receipt)}&run={run}{more}"


def _run_page(request: HttpRequest, page: Page, name: str) -> HttpResponse:
    here = office(request)
    run = runs_of(here).find(name)
    if run is None:
        return _unknown_run(request, page, "survey run unknown")
    hashed = source_hash(here, run) if run.state is State.DONE else "not yet"
    asked = f"survey look {run.asked.survey} source {run.asked.source} sha256 {hashed} run {name}"

    def draw(sight: Sight) -> bytes:
        advance_runs(here)
        done = result(here, run, request.GET.get("page", "")) if run.state is State.DONE else None
        others = _others(here, run, sight.receipt) if done else []
        extra = {"run": _line(run, sight.receipt), "done": done, "seconds": REFRESH_SECONDS, "others": others}
        return render(request, "surveys/run.html", _frame(page, sight), extra | _turns(done, name, sight.receipt))

    answer = Answer(read(request, page, asked, draw).body, screen=page.screen.code, outcome="shown")
    if not run.ended:
        answer.headers["Refresh"] = str(REFRESH_SECONDS)
    return answer


def _difference_page(request: HttpRequest, page: Page, against: str, name: str) -> HttpResponse:
    here = office(request)
    before, after = (runs_of(here).find(one) for one in (against, name))
    if before is None or after is None or before.asked.id not in {one.asked.id for one in comparable(here, after)}:
        return _unknown_run(request, page, "survey difference unknown")
    hashes = " ".join(source_hash(here, one) for one in (before, after))
    asked = f"survey difference {after.asked.survey} sha256 {hashes} runs {against} {name}"

    def draw(sight: Sight) -> bytes:
        found = comparison(here, before, after, request.GET.get("page", ""))
        extra = {"before": _line(before, sight.receipt), "after": _line(after, sight.receipt), "found": found}
        extra["desk"] = screen_url("AL20", receipt=sight.receipt)
        for which, number in (("earlier", found.page - 1), ("later", found.page + 1)):
            beyond = number < 1 or number > found.pages
            extra[which] = "" if beyond else difference_url(name, against, sight.receipt, number)
        return render(request, "surveys/difference.html", _frame(page, sight), extra)

    return Answer(read(request, page, asked, draw).body, screen=page.screen.code, outcome="shown")


def difference_url(run: str, against: str, receipt: str, page: int = 1) -> str:
    """Address of how a run differs from another."""
    more = f"&page={page}" if page > 1 else ""
    return f"{run_url(run, receipt)}&against={against}{more}"


def _others(here: Office, run: Run, receipt: str) -> list[Mapping[str, Any]]:
    """Runs that this one can be compared with."""
    return [
        {"one": other, "href": difference_url(run.asked.id, other.asked.id, receipt)}
        for other in comparable(here, run)[:MOST_OTHERS]
    ]


def _unknown_run(request: HttpRequest, page: Page, asked: str) -> HttpResponse:
    problem = Problem(field="runs", text=_("調査: この番号の調査はありません。下の一覧から選んでください。"))
    return desk(request, page, asked=asked, problems=(problem,), status=404)


def _turns(done: Result | None, run: str, receipt: str) -> dict[str, str]:
    """Addresses of the pages around this one."""
    page, pages = (done.page, done.pages) if done else (1, 1)
    return {
        "before": run_url(run, receipt, page - 1) if page > 1 else "",
        "after": run_url(run, receipt, page + 1) if page < pages else "",
        "summary_href": f"/surveys/summary?run={run}&from={receipt}" if done else "",
        "desk": screen_url("AL20", receipt=receipt),
    }


def _chosen(request: HttpRequest) -> dict[str, Any]:
    """What stands in the form: what was chosen, or the source that was just sent."""
    given = request.POST if request.method == "POST" else request.GET
    return {"chosen": given.get("survey", "")[:_LONGEST], "of": given.get("source", "")[:_LONGEST]}


def _line(run: Run, receipt: str) -> Mapping[str, Any]:
    return {"one": run, "state": _(STATES[run.state]), "href": run_url(run.asked.id, receipt)}


def _frame(page: Page, sight: Sight, problems: tuple[Problem, ...] = ()) -> Frame:
    return Frame(
        title=page.screen.name,
        viewer=sight.viewer,
        screen=page.screen.code,
        receipt=sight.receipt,
        today=sight.today,
        at=sight.at,
        keys=page.keys,
        back=screen_url("MN00", receipt=sight.receipt),
        problems=problems,
    )


def _unknown(file: object, source: object) -> tuple[Problem, ...]:
    found = []
    if file is None:
        found.append(Problem(field="survey-file", text=_("調査ファイル: 一覧から 1 つ選んでください。")))
    if source is None:
        found.append(Problem(field="survey-source", text=_("調査する記録: 一覧から 1 つ選んでください。")))
    return tuple(found)
