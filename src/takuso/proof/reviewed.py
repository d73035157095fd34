"""検査済みの一覧: what a person has read and accepted, by hash. A change makes the proof red until it is read again.

`DEFINERS`: the functions of the database that run as their owner, with what they can give back. `MATRIX`: the digest of
the table of the barrier (takuso.barrier.matrix.digest) that the person in charge of the barrier has approved.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Fingerprint of a function's body (see lints.fingerprint) and what it gives back."""

    digest: str
    gives: str


MATRIX: Final = "957b1b035267aea9d0094040c1c03a1f1d04dde391cfe00142cf3246633a2a08"

DEFINERS: Final[Mapping[str, Reviewed]] = MappingProxyType(
    {
        "log.extend": Reviewed("c5466e44eabea6a9", "日ごとの記録の置き場所を作る。何も返さない"),
        "log.last_day": Reviewed("5c0bbbec773e195d", "置き場所のある最後の日"),
        "wall.instant": Reviewed("aebf5978f6df25b3", "業務の時刻"),
        "wall.today": Reviewed("4744753eb657ed70", "業務日"),
        "wall.granted": Reviewed("9a0a4b8f987d0f5a", "閲覧票が名指す供給地点の鍵。票を持つ接続だけ"),
        "wall.granted_spans": Reviewed("3c96110caaede2d5", "閲覧票が名指す期間。票を持つ接続だけ"),
        "wall.viewer_org": Reviewed("753ae80c879ae7fd", "閲覧票の会社。票を持つ接続だけ"),
        "wall.log_granted": Reviewed("8195d3f5809e2f6b", "閲覧記録の閲覧票かどうか"),
        "wall.issue_link": Reviewed("ded099b021b61d24", "ワンタイムリンクの指紋を残す。何も返さない"),
        "wall.sign_in_by_link": Reviewed("d76a194e48961b6d", "リンクが使えたかどうか"),
        "wall.sign_in_demo": Reviewed("921c8ad52955202b", "デモのサインイン。何も返さない"),
        "wall.sign_out": Reviewed("07cc89e1d67a3d05", "サインアウト。何も返さない"),
        "wall.who": Reviewed("869addd498ac0a3f", "サインインした本人の名前と職務"),
        "wall.open": Reviewed("ba6bef07b914f93c", "閲覧票を開く。見せてよい供給地点の鍵だけを返す"),
        "wall.open_search": Reviewed("178e30c246849e39", "一覧・検索の閲覧票を開く。見せてよい供給地点の鍵だけを返す"),
        "wall.state_purpose": Reviewed("69773c2405a2b54f", "利用目的を残す。受付番号だけを返す"),
        "wall.close": Reviewed("a0190dc1d1781a00", "結果を残して閲覧票を閉じる。3 通りの語だけを返す"),
        "wall.may_write": Reviewed("7e2547dfc9920af1", "書き込みの閲覧票かどうか"),
        "wall.sweep": Reviewed("74f2b0ac09bf6a55", "期限切れを片付ける。件数だけを返す"),
        "wall.standing": Reviewed("b3c0eb42fd28a49b", "規則の版・時計。お客さまは現れない"),
        "search.find": Reviewed("28ee217a5c81f69e", "検索語に合う供給地点の鍵。opener だけが呼ぶ"),
        "search.key_of": Reviewed("4e877abe2d0593d0", "並び順の鍵。opener だけが呼ぶ"),
        "search.put_entries": Reviewed("e9d3e3e4cfdccb13", "検索の鍵を入れる。件数だけを返す"),
        "search.stamp_entries": Reviewed("71ef6ccf582702a6", "検索の刻印を改める。何も返さない"),
        "search.entry_stamps": Reviewed("5998de921cb7e4a1", "検索の刻印。effector だけが呼ぶ"),
        "points.restamp": Reviewed("40befa7ff204ee25", "刻印を改める。件数だけを返す"),
        "points.due": Reviewed("c4de2ffb2d9a0108", "効果の日が来た供給地点の鍵。batch だけが呼ぶ"),
        "points.take_effect": Reviewed("49146f8d3a34cf9c", "異動の効果。できたかどうかだけを返す"),
        "points.record_supply": Reviewed(
            "1ff57147bdbab57a", "供給者の記録・訂正。閲覧票のある書き込み。件数だけを返す"
        ),
        "points.stamp_differences": Reviewed("f6040dcedb0bf618", "刻印と履歴の違い。表ごとの件数だけを返す"),
        "wall.stamps_in_turn": Reviewed("a9559a7faba0e919", "刻印と履歴の違い。供給地点を順に、件数だけを返す"),
        "points.load": Reviewed("3f98eaa13e4158d3", "移行の読み込み。配備のログインだけ"),
        "points.index_entries": Reviewed("ee82aa58ecde8689", "検索の鍵の読み込み。配備のログインだけ"),
        "wall.deploy": Reviewed("ecbab15ec3a8da82", "規則と画面定義の読み込み。配備のログインだけ"),
        "wall.declare_home": Reviewed("da41390601af54dd", "ホームの種類と時計のずれ。配備のログインだけ"),
        "points.analyze": Reviewed("5cb2cf1022976aa8", "統計を取り直す。何も返さない"),
        "wall.unclassified": Reviewed("1cee02f8f0764da8", "分類のない列の名前"),
        "wall.classes": Reviewed("a53466f7e7248774", "列の分類"),
        "wall.in_force": Reviewed("b1be4c1f57d05c42", "いま効いている規則・画面定義"),
        "wall.log_points": Reviewed("e662fbaf7da8b55c", "お客さまコードの供給地点の鍵。閲覧記録の閲覧票の下だけ"),
        "wall.log_customer": Reviewed("1032f6c87c02ebb2", "供給地点のお客さまコード。閲覧記録の閲覧票の下だけ"),
        "wall.log_typed": Reviewed("d7ba79a6616af3cb", "打たれた番号による記録の受付番号。閲覧記録の閲覧票の下だけ"),
        "wall.log_numbers": Reviewed("80f81aa6669c8501", "打たれた番号。閲覧記録の閲覧票の下だけ"),
        "wall.log_asked": Reviewed("60a20bb4469a035c", "閲覧記録の読み取りが何を尋ねたか。閲覧記録の閲覧票の下だけ"),
        "wall.log_moments": Reviewed(
            "ce02b292773b6289", "説明の業務の時刻と、記録の時点 2 つ。閲覧記録の閲覧票の下だけ"
        ),
        "wall.log_appointments": Reviewed(
            "17ac7d21dd4e30d4", "利用者の発令の履歴。お客さまは現れない。閲覧記録の閲覧票の下だけ"
        ),
        "wall.log_screen": Reviewed("d5ebbcf985af76b0", "画面定義の履歴。お客さまは現れない。閲覧記録の閲覧票の下だけ"),
        "wall.log_rules": Reviewed("7df32f4b6dde86be", "規則の履歴。お客さまは現れない。閲覧記録の閲覧票の下だけ"),
        "wall.log_suppliers": Reviewed(
            "fffd9870594fcd83",
            "番号で名指した供給地点の、その日の・前の・先の供給者。日付は返さない。閲覧記録の閲覧票の下だけ",
        ),
        "wall.alarms_since": Reviewed("98cfd413f32d92e3", "警報の件数"),
        "wall.company": Reviewed("2cc92dbe5e05b81b", "会社コードの番号。会社は公開されている"),
    }
)
