"""Faults of the program by which customers' data gets out: what a hurried change of a screen could bring.

Written against the files as they are. What a faulty screen remembers lies beside the patched copy, and goes with it.
"""

from typing import Final

from takuso.proof.faults.fault import CodeFault, Swap

_CUSTOMER: Final = "doors/web/customer.py"
_GATE: Final = "barrier/gate.py"
_LISTS: Final = "doors/web/lists.py"
_MENU: Final = "doors/web/menu.py"
_MIDDLEWARE: Final = "doors/web/middleware.py"

_LOOK: Final = """\
    released = office(request).gate.look(
        visit(request, page.screen.code), asked=(code.text,), queries=wanted, render=draw
    )
"""
_ANSWER: Final = "    return Answer(released.body, screen=page.screen.code, outcome=outcome)\n"
_WITH_PATH: Final = Swap(
    file=_CUSTOMER,
    old="from dataclasses import dataclass\nfrom typing import Any\n",
    new="from dataclasses import dataclass\nfrom pathlib import Path\nfrom typing import Any\n",
)

FAULTS: Final = (
    CodeFault(
        name="notice-transition",
        title="口振異動通知から開いたお客さま情報Ⅱは、ほかの人が先に開いたときのページを、閲覧票なしで返す",
        caught_by="walk",
        also=("completeness",),
        swaps=(
            _WITH_PATH,
            Swap(
                file=_CUSTOMER,
                old="\n\n@dataclass(frozen=True, slots=True, kw_only=True)\nclass Part:",
                new='\n\n_KEPT = Path(__file__).parents[3] / "kept"\n'
                "\n\n@dataclass(frozen=True, slots=True, kw_only=True)\nclass Part:",
            ),
            Swap(
                file=_CUSTOMER,
                old=_LOOK + _ANSWER,
                new='    kept = _KEPT / f"page-{code.text}"\n'
                '    from_notice = (_KEPT / f"notice-{came_from(request)}").exists()\n'
                '    if page.screen.code == "CI20" and from_notice and kept.exists():\n'
                "        viewer(request)\n"
                '        return Answer(kept.read_bytes(), screen="CI20", outcome="shown")\n'
                + _LOOK
                + "    _KEPT.mkdir(exist_ok=True)\n"
                '    if page.screen.code == "KF10":\n'
                '        (_KEPT / f"notice-{released.receipt}").touch()\n'
                '    if page.screen.code == "CI20" and outcome == "shown":\n'
                "        kept.write_bytes(released.body)\n" + _ANSWER,
            ),
        ),
    ),
    CodeFault(
        name="cookie-for-machines",
        title="API が、トークンのない要求を、ブラウザーのクッキーで受け付ける",
        caught_by="walk",
        swaps=(
            Swap(
                file="doors/api/tokens.py",
                old="    def authenticate(self,",
                new="    def __call__(self, request: HttpRequest) -> Proof | None:\n"
                '        kept = Proof.from_cookie(request.COOKIES.get("takuso_session"))\n'
                "        return kept or super().__call__(request)\n\n"
                "    def authenticate(self,",
            ),
        ),
    ),
    CodeFault(
        name="recently-opened",
        title="メニューに「最近開かれたお客さま」を、だれが開いたものでも名前を添えて並べる",
        caught_by="walk",
        also=("two-run",),
        swaps=(
            _WITH_PATH,
            Swap(
                file=_CUSTOMER,
                old="    tabs = [\n",
                new='    party = points[0].lead.get("party")\n'
                "    if party is not None:\n"
                '        with (Path(__file__).parents[3] / "recent.txt").open("a", encoding="utf-8") as recent:\n'
                '            recent.write(f"{code.text} {party.name}\\n")\n'
                "    tabs = [\n",
            ),
            Swap(
                file=_MENU,
                old='{"groups": groups, "tour": tour}',
                new='{"groups": groups, "tour": tour, "recent": _recent()}',
            ),
            Swap(
                file=_MENU,
                old="def menu(request: HttpRequest",
                new="def _recent() -> list[str]:\n"
                "    from pathlib import Path\n\n"
                '    file = Path(__file__).parents[3] / "recent.txt"\n'
                '    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []\n'
                "    return list(dict.fromkeys(reversed(lines)))[:500]\n\n\n"
                "def menu(request: HttpRequest",
            ),
            Swap(
                file="doors/web/templates/menu.html",
                old='{% if frame.viewer.organisation_kind == "network" %}',
                new="<h2>最近開かれたお客さま</h2><ul>{% for line in recent %}<li>{{ line }}</li>{% endfor %}</ul>\n"
                '{% if frame.viewer.organisation_kind == "network" %}',
            ),
        ),
    ),
    CodeFault(
        name="suggested-names",
        title="検索の入力欄に、だれかの検索や一覧に出た名義をすべて候補として出す",
        caught_by="walk",
        also=("two-run",),
        swaps=(
            Swap(
                file=_LISTS,
                old="_LONGEST: Final = 64\n",
                new="_LONGEST: Final = 64\n"
                '_NAMES: Final = Path(__file__).parents[3] / "names.txt"\n\n\n'
                "def _names() -> list[str]:\n"
                '    return _NAMES.read_text(encoding="utf-8").splitlines() if _NAMES.exists() else []\n',
            ),
            Swap(
                file=_LISTS,
                old="from dataclasses import dataclass\nfrom types import MappingProxyType\n",
                new="from dataclasses import dataclass\nfrom pathlib import Path\nfrom types import MappingProxyType\n",
            ),
            Swap(
                file=_LISTS,
                old="    return lines\n",
                new='    seen = {line.row["party"].name for line in lines if line.row.get("party")}\n'
                '    _NAMES.write_text("\\n".join(sorted(seen | set(_names()))), encoding="utf-8")\n'
                "    return lines\n",
            ),
            Swap(
                file=_LISTS,
                old='"kinds": kinds, "term": term, "searched": False}\n',
                new='"kinds": kinds, "term": term, "searched": False, "names": _names()}\n',
            ),
            Swap(
                file="doors/web/templates/search.html",
                old='<button type="submit" class="primary">{% trans %}検索{% endtrans %}</button>',
                new='<datalist id="search-names">{% for name in names %}<option value="{{ name }}">{% endfor %}'
                '</datalist><button type="submit" class="primary">{% trans %}検索{% endtrans %}</button>',
            ),
        ),
    ),
    CodeFault(
        name="count-of-everyone",
        title="メニューに、区域のすべての供給地点の数を出す",
        caught_by="two-run",
        swaps=(
            Swap(
                file=_GATE,
                old="    def standing(self) -> Mapping[str, Any]:\n",
                new="    def size(self) -> int:\n"
                '        """Points of the area."""\n'
                '        with self._pools.pool("ticketer").connection() as connection:\n'
                "            asked = \"SELECT pg_stat_get_live_tuples('wall.point'::regclass)\"\n"
                "            row = connection.execute(asked).fetchone()\n"
                "        return int(row[0]) if row else 0\n\n"
                "    def standing(self) -> Mapping[str, Any]:\n",
            ),
            Swap(
                file=_MENU,
                old='{"groups": groups, "tour": tour}',
                new='{"groups": groups, "tour": tour, "size": office(request).gate.size()}',
            ),
            Swap(
                file="doors/web/templates/menu.html",
                old='<h1>{% trans %}メニュー{% endtrans %} <span class="code">MN00</span></h1>',
                new='<h1>{% trans %}メニュー{% endtrans %} <span class="code">MN00</span></h1>'
                "\n<p>区域の供給地点 {{ size }} 件</p>",
            ),
        ),
    ),
    CodeFault(
        name="error-names-customer",
        title="お客さま情報Ⅰの検査の誤りが、エラー画面に名義と電話番号を書く",
        caught_by="walk",
        also=("sinks",),
        swaps=(
            Swap(
                file=_CUSTOMER,
                old="    return tuple(\n        Point(\n",
                new="    for query, of_points in found.items():\n"
                "        for row in (row for rows in of_points.values() for row in rows):\n"
                '            if page.screen.code == "CI10" and query.name == "points.party_contact":\n'
                '                raise ValueError(f"電話番号の形が違います: {row.phone}")\n'
                "    return tuple(\n        Point(\n",
            ),
            Swap(
                file=_MIDDLEWARE,
                old="        return failures.page(request, 500)\n",
                new="        usual = failures.FAILURES[500]\n"
                "        told = failures.Failure(usual.title, str(error), usual.outcome)\n"
                "        return failures.page(request, 500, told)\n",
            ),
        ),
    ),
    CodeFault(
        name="log-line-with-address",
        title="サーバーのログに、お客さまコードやワンタイムコードの入ったアドレスをそのまま書く",
        caught_by="sinks",
        swaps=(
            Swap(
                file=_MIDDLEWARE,
                old='        route=match.route if match else "",\n',
                new="        route=request.get_full_path(),\n",
            ),
        ),
    ),
    CodeFault(
        name="log-line-with-customer",
        title="サーバーのログに、お客さまコードの欄を足す",
        caught_by="doors",
        also=("sinks",),
        swaps=(
            Swap(
                file=_MIDDLEWARE,
                old="        method=request.method,\n",
                new='        method=request.method,\n        customer=request.GET.get("customer", ""),\n',
            ),
        ),
    ),
    CodeFault(
        name="doctor-names-customers",
        title="takuso doctor が、見本として名義を 3 件書く",
        caught_by="commands",
        swaps=(
            Swap(
                file="doors/cli/doctor.py",
                old="*_watch(pools),\n                *_jobs(here),\n",
                new="*_watch(pools),\n                *_jobs(here),\n                *_sample(here),\n",
            ),
            Swap(
                file="doors/cli/doctor.py",
                old="def _unready(what: str, cure: str) -> Finding:\n",
                new="def _sample(here: Home) -> Iterator[Finding]:\n"
                "    from takuso.store.logins import DEPLOYER\n"
                "    from takuso.store.pools import dsn\n\n"
                "    with psycopg.connect(dsn(here, DEPLOYER)) as connection:\n"
                '        connection.execute("SET ROLE effector")\n'
                '        rows = connection.execute("SELECT name FROM points.party ORDER BY id LIMIT 3").fetchall()\n'
                '    names = "、".join(name for (name,) in rows)\n'
                '    yield Finding(name="sample", state="ok", what=f"お客さまの見本: {names}")\n\n\n'
                "def _unready(what: str, cure: str) -> Finding:\n",
            ),
        ),
    ),
    CodeFault(
        name="split-shares-sign-in",
        title="並べて見る画面が、2 人目も 1 人目のサインインで開く",
        caught_by="walk",
        also=("completeness",),
        swaps=(
            Swap(
                file="doors/web/split.py",
                old="        proof = here.signins.by_demo(person)\n",
                new='        proof = here.signins.by_demo(request.GET.get("a", ""))\n',
            ),
        ),
    ),
)
