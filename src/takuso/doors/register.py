"""出入口の登録簿: every way into and out of the system, what it is for and which classes may pass it.

The proof (takuso.proof) reads the doors of the running program and compares them with this list both ways. A door
that is not here, or that grants more than is written here, turns the build red. Add a line only with its reason.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from takuso.barrier.matrix import DataClass


class DoorKind(StrEnum):
    """What kind of door: an address of the office, a command, a job, an error page, a line of a log, a login."""

    ADDRESS = "address"
    COMMAND = "command"
    JOB = "job"
    FAILURE = "failure"
    SINK = "sink"
    LOGIN = "login"


KIND_NAMES: Final = {
    DoorKind.ADDRESS: "画面・アドレス",
    DoorKind.COMMAND: "コマンド",
    DoorKind.JOB: "定時の処理",
    DoorKind.FAILURE: "エラー画面",
    DoorKind.SINK: "ログの行",
    DoorKind.LOGIN: "データベースのログイン",
}


class Passes(StrEnum):
    """How customers' data can pass the door."""

    NOTHING = "nothing"
    GATE = "gate"
    TICKET = "ticket"
    INVENTED = "invented"
    DEPLOYMENT = "deployment"


PASSES_NAMES: Final = {
    Passes.NOTHING: "通らない",
    Passes.GATE: "関門（閲覧票）を通る",
    Passes.TICKET: "閲覧票が名指す行だけ",
    Passes.INVENTED: "架空のデータだけ（デモ）",
    Passes.DEPLOYMENT: "配備・移行のときだけ",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One door. `name`: address, command, job, status, `logger event` or login; unique within its kind.

    `classes` is the most that can pass, whoever stands before it. `methods` are those of an address that do
    something; `fields` are the names a line of a log may carry.
    """

    kind: DoorKind
    name: str
    purpose: str
    passes: Passes = Passes.NOTHING
    classes: frozenset[DataClass] = frozenset()
    methods: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()


def _address(name: str, methods: str, purpose: str, passes: Passes = Passes.NOTHING, classes: str = "") -> Door:
    return Door(
        kind=DoorKind.ADDRESS,
        name=name,
        purpose=purpose,
        passes=passes,
        classes=frozenset(map(DataClass, classes)),
        methods=frozenset(methods.split()),
    )


def _command(name: str, purpose: str, passes: Passes = Passes.NOTHING) -> Door:
    return Door(kind=DoorKind.COMMAND, name=name, purpose=purpose, passes=passes)


def _sink(name: str, purpose: str, fields: str = "") -> Door:
    return Door(kind=DoorKind.SINK, name=name, purpose=purpose, fields=frozenset(fields.split()))


def _login(name: str, purpose: str, passes: Passes, classes: str = "") -> Door:
    return Door(
        kind=DoorKind.LOGIN, name=name, purpose=purpose, passes=passes, classes=frozenset(map(DataClass, classes))
    )


_READ: Final = "GET HEAD"
_BOTH: Final = "GET POST"

ADDRESSES: Final = (
    _address("/", "GET", "メニューへ送る"),
    _address("/screens/MN00", "GET", "メニュー", Passes.GATE),
    _address("/screens/KF00", _BOTH, "口振異動通知の一覧（50 件ずつ）", Passes.GATE, "ACH"),
    _address("/screens/KF10", "GET", "お客さま 1 件の口座振替と異動通知", Passes.GATE, "ABCH"),
    _address("/screens/CI10", "GET", "お客さま 1 件の名義・供給者・契約", Passes.GATE, "ABCDEGS"),
    _address("/screens/CI20", "GET", "お客さま 1 件の使用量・設備・履歴", Passes.GATE, "ABCDEFI"),
    _address("/screens/PC10", "GET", "自社が過去に供給した期間の契約と使用量", Passes.GATE, "DEF"),
    _address("/screens/KS10", _BOTH, "名義・住所・電話・計器・番号による検索（50 件ずつ）", Passes.GATE, "ABC"),
    _address("/screens/AL10", _BOTH, "閲覧記録。お客さまは番号だけ。情報管理・監査の職務だけ", Passes.GATE),
    _address("/screens/AL11", "GET", "閲覧記録 1 件とその判定の説明。情報管理・監査の職務だけ", Passes.GATE),
    _address("/screens/AL12", _BOTH, "閲覧記録の持出し。2 人目の承認と、本人だけの 1 回の受取り", Passes.GATE),
    _address("/screens/AL40", "GET", "権限の棚卸し。お客さまは現れない。情報管理・監査の職務だけ", Passes.GATE),
    _address("/screens/AL50", "GET", "サインインの記録。お客さまは現れない。情報管理・監査の職務だけ", Passes.GATE),
    _address(
        "/screens/AD10",
        _BOTH,
        "利用者と発令の登録・訂正・終了。システム管理の職務だけ。お客さまは現れない",
        Passes.GATE,
    ),
    _address("/screens/AD20", _BOTH, "会社と関係の登録・終了。システム管理の職務だけ。お客さまは現れない", Passes.GATE),
    _address(
        "/screens/AD30",
        _BOTH,
        "規則の変更の申請と承認。システム管理と情報管理・監査の職務だけ。お客さまは現れない",
        Passes.GATE,
    ),
    _address("/screens/RT10", "GET", "小売が、自社の申込の一覧を見る（50 件ずつ）", Passes.GATE, "G"),
    _address("/screens/RT20", _BOTH, "小売が、自社の申込 1 件を見て、取次に回答する", Passes.GATE, "G"),
    _address("/screens/RT30", "GET", "小売が、自社に取り次がれた廃止の一覧を見る（50 件ずつ）", Passes.GATE, "G"),
    _address("/screens/RT40", _BOTH, "小売が申し込む。すでにある申込は現れない", Passes.GATE, "G"),
    _address(
        "/screens/UK10",
        _BOTH,
        "申込の一覧（50 件ずつ）と、次の案件を取ること。異動申込の受付の職務だけ",
        Passes.GATE,
        "G",
    ),
    _address(
        "/screens/UK20",
        _BOTH,
        "申込 1 件とその供給地点、指示。異動申込の受付の職務だけ",
        Passes.GATE,
        "ABCDEG",
    ),
    _address(
        "/screens/UK30",
        _BOTH,
        "送配電が、紙や電話で受けた申込を小売の名義で入力する。異動申込の受付の職務だけ。すでにある申込は現れない",
        Passes.GATE,
        "G",
    ),
    _address("/screens/AD40", "GET", "画面定義の履歴。システム管理の職務だけ。お客さまは現れない", Passes.GATE),
    _address("/screens/MY10", "GET", "本人の画面の設定", Passes.GATE),
    _address("/preferences", "POST", "本人の画面の設定を残す"),
    _address("/language", "POST", "表示言語を選ぶ。サインインの前でも"),
    _address("/help/keys", "GET", "キー操作の一覧"),
    _address("/help/commands", "GET", "コマンドの一覧"),
    _address("/screens/TR10", "GET", "はじめての案内。デモのホームだけ", Passes.GATE),
    _address("/screens/AL20", _BOTH, "ログ調査。壁の中のデータは通らない。情報管理・監査の職務だけ", Passes.GATE),
    _address("/surveys/send", "POST", "調査する記録を受け取る。情報管理・監査の職務だけ"),
    _address("/surveys/summary", "GET", "調査の数だけを渡す。お客さまの番号は含まない。情報管理・監査の職務だけ"),
    _address("/go", _BOTH, "画面コードと番号を画面のアドレスに替える"),
    _address("/purpose", _BOTH, "利用目的の申告。お客さまコードだけを扱う"),
    _address("/login", _BOTH, "パスワードと認証コード、またはワンタイムコードによるサインイン"),
    _address("/login/once/<str:token>", _BOTH, "ワンタイムリンクによるサインイン"),
    _address("/login/company", "POST", "会社の ID 基盤へ送る。設定のあるときだけ"),
    _address("/login/company/callback", "GET", "会社の ID 基盤からの戻り。1 往復に 1 回だけ"),
    _address("/logout", "POST", "サインアウト"),
    _address("/account", "GET", "本人のサインインの一覧"),
    _address("/account/sessions/end", "POST", "本人のサインインを 1 つ終える"),
    _address("/account/sessions/end-others", "POST", "本人のほかのサインインをすべて終える"),
    _address("/account/credentials", "GET", "本人がサインインに使うものの登録"),
    _address("/account/password", "POST", "本人のパスワードの設定・変更"),
    _address("/account/totp/begin", "POST", "本人の認証アプリの登録を始める"),
    _address("/account/totp", _BOTH, "本人の認証アプリの登録。秘密は本人にだけ一度見せる"),
    _address("/account/recovery-codes", "POST", "本人の回復コードの作り直し。コードは一度だけ見せる"),
    _address("/account/passkeys", _BOTH, "本人のパスキーの一覧と登録"),
    _address("/account/passkeys/remove", "POST", "本人のパスキーの削除"),
    _address("/account/company", "GET", "本人が追加した、会社の ID 基盤のアカウント"),
    _address("/account/company/begin", "POST", "本人が追加するアカウントを確かめるため、会社の ID 基盤へ送る"),
    _address("/account/company/link", "POST", "本人のアカウントの追加"),
    _address("/account/company/unlink", "POST", "本人のアカウントの取り消し"),
    _address("/demo/login", "POST", "デモのホームだけのサインイン（この機械から）"),
    _address("/demo/switch", "POST", "デモのホームだけの利用者の切り替え（この機械から）"),
    _address(
        "/demo/split",
        "GET",
        "デモのホームだけの、1 つのアドレスを 2 人で並べた画面（この機械から）",
        Passes.GATE,
        "ABCDEFGHIS",
    ),
    _address("/api/openapi.json", "GET", "API の説明。だれにでも同じ"),
    _address("/api/v1/token", "POST", "API の資格情報をトークンに替える"),
    _address("/api/v1/applications", "GET", "小売のシステムが、自社の申込の一覧を得る（50 件ずつ）", Passes.GATE, "G"),
    *(
        _address(
            f"/api/v1/applications/{name}",
            "POST",
            "小売のシステムが申し込む。すでにある申込は現れない",
            Passes.GATE,
            "G",
        )
        for name in (
            "termination-relay",
            "switch-start",
            "switch-end",
            "reenergisation",
            "move-out",
            "consumer-change",
            "amendment",
        )
    ),
    _address("/api/v1/applications/<number>", "GET", "小売のシステムが、自社の申込 1 件を得る", Passes.GATE, "G"),
    _address("/api/v1/relays", "GET", "小売のシステムが、自社に取り次がれた廃止の一覧を得る", Passes.GATE, "G"),
    _address("/api/v1/relays/<number>/answer", "POST", "小売のシステムが、取次に回答する", Passes.GATE, "G"),
    _address(
        "/api/v1/customers/<customer>/notices", "GET", "小売のシステムが、画面 KF10 の内容を得る", Passes.GATE, "ABCH"
    ),
    _address(
        "/api/v1/customers/<customer>/contract",
        "GET",
        "小売のシステムが、画面 CI10 の内容を得る",
        Passes.GATE,
        "ABCDEGS",
    ),
    _address(
        "/api/v1/customers/<customer>/usage", "GET", "小売のシステムが、画面 CI20 の内容を得る", Passes.GATE, "ABCDEFI"
    ),
    _address(
        "/api/v1/customers/<customer>/past", "GET", "小売のシステムが、画面 PC10 の内容を得る", Passes.GATE, "DEF"
    ),
    _address("/api/v1/notices", "GET", "小売のシステムが、画面 KF00 の一覧を得る（50 件ずつ）", Passes.GATE, "ACH"),
    _address("/api/v1/search", "POST", "小売のシステムが、画面 KS10 と同じに探す（50 件ずつ）", Passes.GATE, "ABC"),
    _address("/livez", _READ, "プロセスが生きているか"),
    _address("/readyz", _READ, "サービスできるか。理由はこの機械にだけ言う"),
    _address("/metrics", _READ, "要求の数。お客さまは現れない。この機械にだけ言う"),
    _address("/static/<path:file>", _READ, "画面の体裁とキー操作。どのホームでも同じファイル"),
)

COMMANDS: Final = (
    _command("demo", "架空の区域を作る", Passes.INVENTED),
    _command("demo log", "架空の閲覧記録を作る", Passes.INVENTED),
    _command("demo advance", "デモ・試験のホームの業務日を進め、間の夜の処理を行う", Passes.NOTHING),
    _command("demo customers", "架空のお客さまの番号を答える。デモのホームだけ", Passes.INVENTED),
    _command("serve", "サーバーを起動する"),
    _command("login link", "ワンタイムリンクを発行する"),
    _command("login client", "小売のシステムのための API の資格情報を発行する"),
    _command("login first-administrator", "だれもいないホームに最初の管理者を作る", Passes.DEPLOYMENT),
    _command("login first-compliance", "情報管理・監査の最初の人を作る。一度だけ", Passes.DEPLOYMENT),
    _command("points record-supply", "供給者の記録・訂正。閲覧票のある書き込み", Passes.GATE),
    _command("log show", "閲覧記録を読む。情報管理・監査の職務だけ", Passes.GATE),
    _command("log sniff", "ほかのシステムのファイルの形を推し量る。例として元の値を出す。壁の中のデータには触れない"),
    _command("log import", "ほかのシステムのファイルを調査できる形にする。壁の中のデータには触れない"),
    _command("log archive", "ファイルになった閲覧記録の速い形を作る。壁の中のデータには触れない"),
    _command("log evidence", "閲覧記録の証拠の束。お客さまは番号だけ。情報管理・監査の職務だけ", Passes.GATE),
    _command("log prove", "記録 1 件の証明。情報管理・監査の職務だけ", Passes.GATE),
    _command("log verify", "証拠を確かめる。ファイルだけを読み、壁の中のデータには触れない"),
    _command("log checkpoint", "最後の控えを証人のために書く。お客さまは現れない"),
    _command("log gap", "古い控えから戻したことの申告。お客さまは現れない"),
    _command("log key show", "控えに署名する鍵と、その交代。お客さまは現れない"),
    _command("log key change", "控えに署名する鍵の交代。お客さまは現れない"),
    _command("log erase", "入力された文字の消去。2 人で。情報管理・監査の職務だけ", Passes.GATE),
    _command("log retention", "保存の規則と、期限の過ぎた日の削除。配備のログインだけ", Passes.DEPLOYMENT),
    _command("log retention rule", "保存の規則を加える。お客さまは現れない", Passes.DEPLOYMENT),
    _command("log retention hold", "消さない日を決める。お客さまは現れない", Passes.DEPLOYMENT),
    _command("log retention release", "保全を解く。お客さまは現れない", Passes.DEPLOYMENT),
    _command("log close", "終わった日の閲覧記録を書庫に書き出す。配備のログインだけ", Passes.DEPLOYMENT),
    _command(
        "log cold", "締めた日を、設定した S3 互換の置き場へ移し、取り寄せる。配備のログインだけ", Passes.DEPLOYMENT
    ),
    _command("survey run", "ファイルになった閲覧記録を調べる。壁の中のデータには触れない"),
    _command("survey stand", "ファイルになった閲覧記録から日ごとの抜き書きを作る。壁の中のデータには触れない"),
    _command("survey standing", "常設の調査と、その抜き書きの状態。調査する記録のフォルダーだけを読み書きする"),
    _command("survey diff", "調査の 2 つの結果の違いを理由とともに示す。結果のファイルだけを読む"),
    _command("barrier matrix", "情報遮断の表を印字する"),
    _command(
        "barrier explain", "閲覧可否の説明。区分の記号・関係・会社コードだけ。情報管理・監査の職務だけ", Passes.GATE
    ),
    _command("barrier verify", "壁を、壁だけの仮のデータベースで証明する", Passes.INVENTED),
    _command("drill list", "訓練の欠陥を挙げる。デモのホームだけ"),
    _command("drill plant", "欠陥を 1 つ植える。デモのホームだけ", Passes.DEPLOYMENT),
    _command("drill try", "欠陥を順に植え、証明が見つけることを確かめる。デモのホームだけ", Passes.INVENTED),
    _command("drill heal", "植えた欠陥を取り除き、壁を配備し直す。デモのホームだけ", Passes.DEPLOYMENT),
    _command("barrier compare", "2 つの証明書の違いを挙げる"),
    _command("doctor", "状態を確かめる。件数だけを言う"),
    _command("store init", "ログインとデータベースを用意する", Passes.DEPLOYMENT),
    _command("store migrate", "壁を配備する", Passes.DEPLOYMENT),
    _command("store start", "組み込みのデータベースを動かす"),
    _command("store stop", "組み込みのデータベースを止める"),
    _command("jobs once", "定時の処理を 1 回行う。件数だけを言う"),
    _command("jobs work", "定時の処理を行い続ける。件数だけを書く"),
)

JOBS: Final = tuple(
    Door(kind=DoorKind.JOB, name=name, purpose=purpose)
    for name, purpose in (
        ("tickets.sweep", "期限の切れた閲覧票を片付ける"),
        ("log.extend", "閲覧記録の置き場所を先の日まで用意する"),
        ("log.sequence", "閲覧記録に番号を付け、木の状態に署名する。ハッシュだけを見る"),
        ("log.timestamp", "最後の控えのハッシュを、外の時刻認証局に送る。設定のあるときだけ"),
        ("reception.turn", "申込を規則のとおりに進める。判断を待つ供給地点だけを見る"),
        ("points.take_effect", "異動の効果: 日付が変わった供給地点の刻印を改める"),
        ("log.tally", "終わった日の閲覧記録を、情報管理・監査の画面のために数えておく"),
    )
)

FAILURES: Final = tuple(
    Door(kind=DoorKind.FAILURE, name=str(status), purpose=purpose)
    for status, purpose in (
        (400, "受け付けられない要求"),
        (403, "ほかの画面から送られた操作"),
        (404, "ない画面"),
        (405, "その画面にない操作"),
        (408, "途中で止まった送信"),
        (500, "思わぬ誤り。値も場所も言わない"),
        (503, "記録できない、または読めない"),
    )
)

SINKS: Final = (
    _sink("takuso.doors.web request", "要求 1 件", "method route screen status outcome milliseconds"),
    _sink("takuso.doors.web unforeseen error", "思わぬ誤りの種類と場所", "error route at"),
    _sink("takuso.doors.jobs job done", "処理が済んだ", "job changed"),
    _sink("takuso.doors.jobs job failed", "処理ができなかった", "job error"),
    _sink("takuso.flow.reception turn failed", "進められなかった申込がある", "error"),
    _sink("takuso.doors.jobs jobs started", "処理を始めた", "every_seconds"),
    _sink("takuso.doors.jobs jobs stopped", "処理をやめた"),
)

LOGINS: Final = (
    _login("migrator", "配備のときだけ使う", Passes.DEPLOYMENT, "ABCDEFGHIJS"),
    _login("web", "画面のセッションとジョブ", Passes.NOTHING),
    _login("authn", "サインイン", Passes.NOTHING),
    _login("ticketer", "閲覧票の発行", Passes.NOTHING),
    _login("reader_network", "送配電の閲覧", Passes.TICKET, "ABCDEFGHIJS"),
    _login("reader_retailer", "小売の閲覧", Passes.TICKET, "ABCDEFGHIJ"),
    _login("writer", "業務の登録・変更", Passes.NOTHING),
    _login("batch", "一括処理（件数だけ）", Passes.NOTHING),
    _login("reception", "異動受付の判断（判断を待つ申込の供給地点だけ）", Passes.TICKET, "ABCDEG"),
    _login("bank", "口座振替（まだ何もできない）", Passes.NOTHING),
    _login("surveyor", "閲覧記録の閲覧", Passes.TICKET),
    _login("sequencer", "閲覧記録の置き場所と番号（ハッシュだけ）", Passes.NOTHING),
)

DOORS: Final = (*ADDRESSES, *COMMANDS, *JOBS, *FAILURES, *SINKS, *LOGINS)
