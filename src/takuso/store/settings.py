"""設定: every environment variable that the program reads and every part of a home folder, in one place.

docs/reference/settings.md is made from these lists; a test keeps the program from reading any other variable.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """An environment variable: its name, what holds without it, what it is for (both Japanese), an example."""

    name: str
    default: str
    about: str
    example: str

    def read(self, environment: Mapping[str, str] | None = None) -> str | None:
        """Its value in the environment (that of this process without one); None if it is missing or empty."""
        return (os.environ if environment is None else environment).get(self.name) or None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A file or folder of a home. `secret`: never copied into a report. `rebuilt`: gone with `demo --rebuild`."""

    name: str
    about: str
    secret: bool = False
    rebuilt: bool = False


HOME: Final = Variable(
    name="TAKUSO_HOME",
    default=".takuso",
    about="ホームフォルダー。1 つの導入（デモ・試用・本番）のすべてが入る。相対なら、実行したフォルダーから",
    example="/srv/takuso",
)
DATABASE_URL: Final = Variable(
    name="DATABASE_URL",
    default="ホームの中に組み込みの PostgreSQL を動かす",
    about="外の PostgreSQL（15 以降）の場所とデータベース名。利用者名とパスワードは無視し、secrets のものを使う",
    example="postgresql://db.example.internal:5432/takuso",
)
PORT: Final = Variable(
    name="PORT",
    default="8000",
    about="takuso serve が待ち受けるポート（1 から 65535）",
    example="8100",
)
PG_BINDIR: Final = Variable(
    name="PG_BINDIR",
    default="一緒に入る PostgreSQL。なければ、この機械にある 15 以降で最も新しいもの",
    about="組み込みで動かす PostgreSQL のプログラム（initdb, pg_ctl, postgres）のフォルダー",
    example="/usr/lib/postgresql/15/bin",
)
PATCHED: Final = Variable(
    name="TAKUSO_PATCHED",
    default="なし",
    about="プログラムが自分で付ける印: 訓練で書き換えた写しに移ったあとのプロセスであること。人は指定しない",
    example="",
)
OIDC_ISSUER: Final = Variable(
    name="TAKUSO_OIDC_ISSUER",
    default="会社の ID 基盤では入れない",
    about="会社の ID 基盤（OpenID Connect）の発行者。https:// で始まるアドレスを、基盤が名乗るとおりに書く",
    example="https://id.example.co.jp/realms/company",
)
OIDC_CLIENT: Final = Variable(
    name="TAKUSO_OIDC_CLIENT",
    default="なし（発行者を書いたら要る）",
    about="会社の ID 基盤に登録したクライアントの ID。クライアントの秘密は secrets/oidc_client に置く",
    example="takuso",
)
OIDC_NAME: Final = Variable(
    name="TAKUSO_OIDC_NAME",
    default="会社のアカウントでサインイン",
    about="サインイン画面のボタンの名前（40 文字まで）",
    example="葵グループのアカウントでサインイン",
)
OIDC_ACR: Final = Variable(
    name="TAKUSO_OIDC_ACR",
    default="求めない",
    about="会社の ID 基盤に求める本人確認の強さ（acr）。空白で区切り、どれか 1 つでよい",
    example="urn:example:mfa",
)
OIDC_AMR: Final = Variable(
    name="TAKUSO_OIDC_AMR",
    default="求めない",
    about="会社の ID 基盤に求める本人確認の方法（amr）。空白で区切り、すべてが要る",
    example="mfa",
)
OIDC: Final = (OIDC_ISSUER, OIDC_CLIENT, OIDC_NAME, OIDC_ACR, OIDC_AMR)
TSA_URL: Final = Variable(
    name="TAKUSO_TSA_URL",
    default="時刻証明を受けない",
    about="時刻認証局（RFC 3161）のアドレス。1 時間ごとに、閲覧記録の最後の控えのハッシュだけを送る",
    example="https://tsa.example.jp/tsr",
)
COLD_BUCKET: Final = Variable(
    name="TAKUSO_COLD_BUCKET",
    default="冷たい日を移さない",
    about="締めた日の置き場（S3 かその互換）のバケット。takuso log cold が使う",
    example="takuso-log",
)
COLD_ENDPOINT: Final = Variable(
    name="TAKUSO_COLD_ENDPOINT",
    default="Amazon S3（地域の TAKUSO_COLD_REGION）",
    about="S3 互換の置き場のアドレス。https:// で始まる。http:// は、この機械の中か TAKUSO_COLD_HTTP のときだけ",
    example="https://s3.example.co.jp",
)
COLD_REGION: Final = Variable(
    name="TAKUSO_COLD_REGION",
    default="ap-northeast-1",
    about="置き場の地域（リージョン）。署名に入る",
    example="ap-northeast-3",
)
COLD_PREFIX: Final = Variable(
    name="TAKUSO_COLD_PREFIX",
    default="takuso/",
    about="置き場の中で、オブジェクトの名前の初めに付ける文字",
    example="log/aoi/",
)
COLD_DAYS: Final = Variable(
    name="TAKUSO_COLD_DAYS",
    default="400",
    about="何日より前の日を takuso log cold が移すか（1 以上の整数）",
    example="730",
)
COLD_CA: Final = Variable(
    name="TAKUSO_COLD_CA",
    default="この機械とともに入る認証局の一覧",
    about="置き場の TLS の証明書を確かめる認証局の証明書（PEM のファイル）。社内の認証局のとき",
    example="/etc/ssl/company-ca.pem",
)
COLD_HTTP: Final = Variable(
    name="TAKUSO_COLD_HTTP",
    default="断る",
    about="yes のとき、暗号化しない http:// の置き場を、この機械の外でも許す。閲覧記録が平文で流れる",
    example="yes",
)
COLD_SECONDS: Final = Variable(
    name="TAKUSO_COLD_SECONDS",
    default="60",
    about="置き場の 1 つの答えを待つ秒数（1 以上の整数）。ファイルを送り受けするときは、256 KiB ごとに 1 秒を足す",
    example="120",
)
COLD_FETCH: Final = Variable(
    name="TAKUSO_COLD_FETCH",
    default="取り寄せず、どの日が冷たいかと、取り寄せ方を言う",
    about="yes のとき、takuso survey run が、期間に入る冷たい日を自分で取り寄せる",
    example="yes",
)
COLD_KEY: Final = Variable(
    name="AWS_ACCESS_KEY_ID",
    default="secrets/cold_access_key を読む",
    about="置き場のアクセスキーの ID。3 つとも環境から読むか、2 つをファイルから読むかで、混ぜない",
    example="",
)
COLD_SECRET: Final = Variable(
    name="AWS_SECRET_ACCESS_KEY",
    default="secrets/cold_secret_key を読む",
    about="置き場の秘密のアクセスキー。環境より、ホームの secrets に置くほうがよい",
    example="",
)
COLD_TOKEN: Final = Variable(
    name="AWS_SESSION_TOKEN",
    default="なし",
    about="一時的なアクセスキーに付くトークン（AWS_ACCESS_KEY_ID とともに）",
    example="",
)
COLD: Final = (
    COLD_BUCKET,
    COLD_ENDPOINT,
    COLD_REGION,
    COLD_PREFIX,
    COLD_DAYS,
    COLD_CA,
    COLD_HTTP,
    COLD_SECONDS,
    COLD_FETCH,
    COLD_KEY,
    COLD_SECRET,
    COLD_TOKEN,
)
SPARK_MASTER: Final = Variable(
    name="TAKUSO_SPARK_MASTER",
    default="local[*]（この機械だけで計算する）",
    about="takuso survey run --engine spark が計算するところ。スタンドアロンのクラスターなら spark://ホスト:ポート",
    example="spark://10.0.0.1:7077",
)
SPARK_HOST: Final = Variable(
    name="TAKUSO_SPARK_HOST",
    default="127.0.0.1",
    about="ワーカーから見える、この機械のアドレス。マスターがほかの機械にあるときは要る",
    example="10.0.0.2",
)
SPARK_MEMORY: Final = Variable(
    name="TAKUSO_SPARK_MEMORY",
    default="2g",
    about="Spark の 1 つのプロセス（この機械のものと、各ワーカーのもの）に渡すメモリー",
    example="8g",
)
JAVA_HOME: Final = Variable(
    name="JAVA_HOME",
    default="PATH にある java",
    about="Spark を動かす Java（17 以降）のフォルダー",
    example="/usr/lib/jvm/java-17-openjdk-amd64",
)
SPARK: Final = (SPARK_MASTER, SPARK_HOST, SPARK_MEMORY, JAVA_HOME)
VARIABLES: Final = (HOME, PORT, DATABASE_URL, PG_BINDIR, PATCHED, TSA_URL, *OIDC, *COLD, *SPARK)

KIND: Final = Part(name="home.json", about="ホームの種類（demo, sandbox, production）。なければ production")
LOCK: Final = Part(name="home.lock", about="動いているサーバーのプロセス番号。1 つのホームで動くサーバーは 1 つ")
SECRETS: Final = Part(
    name="secrets",
    about="データベースのログインごとのパスワードと、外の置き場や ID 基盤の鍵。フォルダーは 0700、ファイルは 0600",
    secret=True,
    rebuilt=True,
)
POSTGRES: Final = Part(
    name="postgres", about="組み込みの PostgreSQL のデータ、ソケット、ログ", secret=True, rebuilt=True
)
USERS: Final = Part(name="database.users", about="組み込みの PostgreSQL をいま使っているプロセスの数え（排他用）")
STAYS: Final = Part(name="database.stays", about="takuso store start で動かしたままにする印")
HEARTBEAT: Final = Part(name="jobs.heartbeat", about="定時の処理が最後に動いた時刻。takuso doctor が見る")
CHECKPOINT: Final = Part(
    name="log.checkpoint",
    about="閲覧記録の最後の控え（署名付き）。古い控えから戻したデータベースを見つけるために、データベースの外に置く",
    rebuilt=True,
)
ERASED: Final = Part(
    name="log.erased",
    about="消去した文字の一覧（受付番号だけ）。控えから戻って来た文字を見つけるために、データベースの外に置く",
    rebuilt=True,
)
DEMO: Final = Part(name="demo", about="デモの計画と答え、業務の日付のずれ（デモのホームだけ）", rebuilt=True)
DRILL: Final = Part(name="drill", about="訓練の控え: いま植えられている欠陥（デモのホームだけ）", rebuilt=True)
COPY: Final = Part(
    name="patched", about="訓練で書き換えたプログラムの写し（デモのホームだけ。ふだんはない）", rebuilt=True
)
SURVEYS: Final = Part(
    name="surveys",
    about="画面から始めたログ調査と結果、送られた記録（uploads）。ほかのシステムのお客さま番号を含む",
    secret=True,
    rebuilt=True,
)
SOURCES: Final = Part(
    name="sources",
    about="ログ調査の記録のフォルダー: 管理者が置くものと、takuso log close が書く own-log。画面 AL20 で選べる",
    secret=True,
)
PARTS: Final = (
    KIND,
    LOCK,
    SECRETS,
    POSTGRES,
    USERS,
    STAYS,
    HEARTBEAT,
    CHECKPOINT,
    ERASED,
    DEMO,
    DRILL,
    COPY,
    SURVEYS,
    SOURCES,
)
