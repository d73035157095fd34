"""Faults of the program that break a promise: a record, a header, a token, a purpose, a door nobody registered."""

from typing import Final

from takuso.proof.faults.fault import CodeFault, Swap

_CUSTOMER: Final = "doors/web/customer.py"
_GATE: Final = "barrier/gate.py"
_SIGHT: Final = "barrier/sight.py"
_MENU: Final = "doors/web/menu.py"
_MIDDLEWARE: Final = "doors/web/middleware.py"
_OFFICE: Final = "doors/web/office.py"
_PURPOSE: Final = "doors/web/purpose.py"

_LOOK: Final = """\
    released = office(request).gate.look(
        visit(request, page.screen.code), asked=(code.text,), queries=wanted, render=draw
    )
"""
_ANSWER: Final = "    return Answer(released.body, screen=page.screen.code, outcome=outcome)\n"
FAULTS: Final = (
    CodeFault(
        name="undeclared-address",
        title="登録簿にない印刷用のアドレス /print/… を足す",
        caught_by="doors",
        swaps=(
            Swap(
                file="doors/web/urls.py",
                old='    path("screens/<str:code>", screen),\n',
                new='    path("screens/<str:code>", screen),\n    path("print/<str:code>", screen),\n',
            ),
        ),
    ),
    CodeFault(
        name="query-around-the-gate",
        title="メニューが関門を通らずに、閲覧ログインで表を数える（壁は 0 件しか見せない）",
        caught_by="imports",
        swaps=(
            Swap(
                file=_MENU,
                old="    def draw(sight: Sight) -> bytes:\n",
                new="    pools = office(request).gate._pools\n"
                '    reader = next(name for name in sorted(pools.logins) if name.startswith("reader_"))\n'
                "    with pools.pool(reader).connection() as connection:\n"
                '        count = connection.execute("SELECT count(*) FROM points.party").fetchone()[0]\n\n'
                "    def draw(sight: Sight) -> bytes:\n",
            ),
            Swap(
                file=_MENU,
                old="title=MN00.name,",
                new='title=f"{MN00.name}（お客さま {count} 件）",',
            ),
        ),
    ),
    CodeFault(
        name="outcome-skipped",
        title="何を表示したかを記録せずに返す",
        caught_by="completeness",
        swaps=(Swap(file=_GATE, old="        self._close(visit.proof, answer, sight, body)\n", new=""),),
    ),
    CodeFault(
        name="outcome-empty",
        title="表示した行を、何も表示しなかったと記録する",
        caught_by="completeness",
        swaps=(Swap(file=_SIGHT, old="        self._taken[query.name] = query\n", new=""),),
    ),
    CodeFault(
        name="outcome-of-other-bytes",
        title="表示の記録に、送ったものと違う要約値を書く",
        caught_by="completeness",
        swaps=(
            Swap(
                file=_GATE,
                old="digest=hashlib.sha256(body).digest(),",
                new="digest=hashlib.sha256(sight.receipt.encode()).digest(),",
            ),
        ),
    ),
    CodeFault(
        name="pages-cacheable",
        title="お客さまの画面を、ブラウザーが 5 分間とっておけるようにする",
        caught_by="walk",
        swaps=(
            Swap(file=_MIDDLEWARE, old='"Cache-Control": "no-store"', new='"Cache-Control": "private, max-age=300"'),
        ),
    ),
    CodeFault(
        name="pages-tagged",
        title="画面に ETag を付け、同じなら 304 を返す",
        caught_by="walk",
        swaps=(
            Swap(
                file="doors/web/settings.py",
                old='            "django.middleware.csrf.CsrfViewMiddleware",\n',
                new='            "django.middleware.csrf.CsrfViewMiddleware",\n'
                '            "django.middleware.http.ConditionalGetMiddleware",\n',
            ),
        ),
    ),
    CodeFault(
        name="came-from-referer",
        title="遷移元を、ブラウザーの送る Referer から取る",
        caught_by="walk",
        swaps=(
            Swap(
                file=_OFFICE,
                old='    given = request.POST.get("from") or request.GET.get("from") or ""\n',
                new='    referer = request.META.get("HTTP_REFERER", "")\n'
                '    given = request.POST.get("from") or request.GET.get("from") or ""\n'
                '    given = given or referer.rpartition("from=")[2][:32]\n',
            ),
        ),
    ),
    CodeFault(
        name="hidden-is-forbidden",
        title="取り扱えないお客さまに、同じ 1 枚ではなく 403 を返す",
        caught_by="walk",
        swaps=(
            Swap(
                file=_CUSTOMER,
                old=_ANSWER,
                new='    status = 403 if outcome == "neutral" else 200\n'
                "    return Answer(released.body, screen=page.screen.code, outcome=outcome, status=status)\n",
            ),
        ),
    ),
    CodeFault(
        name="demo-sign-in-open",
        title="デモのサインインを、ほかの機械からも受け付ける",
        caught_by="walk",
        swaps=(
            Swap(
                file="doors/web/demo_door.py",
                old='this origin alone: 204 and a cookie."""\n'
                "    if not office(request).demo or not from_this_machine(request):\n        raise Http404\n",
                new='this origin alone: 204 and a cookie."""\n',
            ),
        ),
    ),
    CodeFault(
        name="proxy-is-this-machine",
        title="代理サーバー越しの人を、この機械の人として扱う",
        caught_by="walk",
        swaps=(
            Swap(
                file=_OFFICE,
                old='    if "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META:\n'
                "        return False\n",
                new="",
            ),
        ),
    ),
    CodeFault(
        name="purpose-without-token",
        title="利用目的の申告を、ほかのサイトからも送れるようにする（CSRF の検査なし）",
        caught_by="doors",
        also=("walk",),
        swaps=(
            Swap(
                file=_PURPOSE,
                old="from django.views.decorators.http import require_http_methods\n",
                new="from django.views.decorators.csrf import csrf_exempt\n"
                "from django.views.decorators.http import require_http_methods\n",
            ),
            Swap(
                file=_PURPOSE,
                old='@require_http_methods(["GET", "POST"])\n',
                new='@csrf_exempt\n@require_http_methods(["GET", "POST"])\n',
            ),
        ),
    ),
    CodeFault(
        name="purpose-by-itself",
        title="送配電の人がお客さまを開くとき、画面が利用目的を代わりに申告する",
        caught_by="walk",
        swaps=(
            Swap(
                file=_CUSTOMER,
                old="from takuso.barrier.gate import Sight\n",
                new="from takuso.barrier.gate import PURPOSE_SCREEN, PurposeRefused, Sight\n",
            ),
            Swap(
                file=_CUSTOMER,
                old=_LOOK,
                new='    if viewer(request).organisation_kind == "network":\n'
                "        stating = visit(request, PURPOSE_SCREEN)\n"
                "        try:\n"
                '            stated = {"code": "TOI", "reference": "画面", "scope": code.text}\n'
                "            office(request).gate.state_purpose(stating, **stated)\n"
                "        except PurposeRefused:\n"
                "            pass\n" + _LOOK,
            ),
        ),
    ),
    CodeFault(
        name="sign-in-tells-who-exists",
        title="いない利用者コードでのサインインに、いる人と違う答えを返す",
        caught_by="walk",
        swaps=(
            Swap(
                file="doors/web/sign_in.py",
                old="    except SignInRefused as error:\n",
                new="    except SignInRefused as error:\n"
                '        if person == "proof-nobody":\n'
                '            return _form(request, (_about_code("利用者がいません。"),), person)\n',
            ),
        ),
    ),
    CodeFault(
        name="cookie-readable",
        title="サインインの Cookie を、画面のスクリプトから読めるようにする",
        caught_by="walk",
        swaps=(
            Swap(
                file="doors/web/sign_in.py",
                old='fresh.cookie, httponly=True, samesite="Strict"',
                new='fresh.cookie, httponly=False, samesite="Lax"',
            ),
        ),
    ),
)
