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


MATRIX: Final = "f73532d16a4563b81b067ae9893c3bb7a5857a895e8d5eb91543dc4fb515395e"

DEFINERS: Final[Mapping[str, Reviewed]] = MappingProxyType(
    {
        "log.extend": Reviewed("47cc3cfa7f960f8d", "日ごとの記録の置き場所を作る。何も返さない"),
        "log.last_day": Reviewed("5c0bbbec773e195d", "置き場所のある最後の日"),
        "log.take": Reviewed("ef67877e7f7e519d", "番号を付けた記録のハッシュ。記録の中身は返さない"),
        "log.seal": Reviewed("d14b09756e1af11b", "署名した控えを残す。何も返さない"),
        "log.sealed": Reviewed("824fbf74a2249773", "最後の控えと、番号を待つ最も古い時刻。お客さまは現れない"),
        "log.unstamped": Reviewed("dcec8219c0ce4be8", "時刻証明のない控え。お客さまは現れない"),
        "log.stamp": Reviewed("84d9c6dd42198da0", "時刻証明を残す。何も返さない"),
        "log.keys": Reviewed("cc8a69aacee31b73", "控えに署名する鍵の交代。お客さまは現れない"),
        "log.erased": Reviewed("8f37317e66284417", "消去が 2 人によって記録されているかどうか"),
        "log.deleted": Reviewed("edaff79a1bad8cd6", "日の削除が記録されているかどうか"),
        "log.destroy_typed": Reviewed("768af2117c097f51", "消した件数。消去の記録のある行だけを消す"),
        "log.drop_day": Reviewed("79a99803868b08ca", "何も返さない。削除の記録のある日だけを消す"),
        "wall.erase_step": Reviewed("b2465781beecc498", "消去の求めと承認の受付番号。入力された文字は返さない"),
        "log.erasures": Reviewed("18cd5bf1b7229269", "消去した閲覧票の日と受付番号"),
        "log.came_back": Reviewed("b739539cae2a9c36", "消去したのに残っている閲覧票の日と受付番号。文字は返さない"),
        "log.erase_again": Reviewed("e5a6eb1f29672537", "消したかどうか。配備のログインだけ"),
        "log.steady": Reviewed("f0ee582b9b118185", "時計が続いているかどうか"),
        "wall.set_retention": Reviewed("4442a3a1addca37d", "規則の番号。配備のログインだけ"),
        "wall.hold_days": Reviewed("6cb4ab194fc949ac", "保全の番号。配備のログインだけ"),
        "wall.release_hold": Reviewed("359a1717f2764da8", "解除の番号。配備のログインだけ"),
        "wall.retention": Reviewed("4e0b61c744116d81", "規則・保全・削除した日・期限の過ぎた日。配備のログインだけ"),
        "wall.delete_day": Reviewed("8db03f8586b272fe", "削除の番号と件数。配備のログインだけ"),
        "log.evidence": Reviewed("64c7053a15f59057", "葉の記録。閲覧記録の閲覧票の下だけ"),
        "wall.tally_next": Reviewed("3c396376d44ea239", "集計した日。件数は閲覧記録の閲覧票を持つ接続だけが読む"),
        "wall.days_behind": Reviewed("e5ea018d6363ba18", "数えていない日・締めていない日の数と初めの日"),
        "wall.closing_days": Reviewed("827f7439e4bea755", "終わった日と件数。配備のログインだけ"),
        "wall.closing_tickets": Reviewed("9e92ce92d9dc640b", "一日の閲覧票。配備のログインだけ"),
        "wall.closing_subjects": Reviewed("62577efcf9af68fa", "一日の閲覧票の対象。配備のログインだけ"),
        "wall.closing_outcomes": Reviewed("6ca67d53257567b9", "一日の閲覧票の結果。配備のログインだけ"),
        "wall.closing_views": Reviewed("fe6c733f5df7474b", "一日に表示した供給地点。配備のログインだけ"),
        "wall.closing_people": Reviewed("439309dc6450f14c", "発令の履歴。配備のログインだけ"),
        "wall.closing_meta": Reviewed("08bb91df6df7a20f", "会社と画面の名前。配備のログインだけ"),
        "wall.close_day": Reviewed("ef0aac0ab3a38c64", "締めの番号。配備のログインだけ"),
        "points.closing_supply": Reviewed("bb0a6354e3c2aa49", "供給者の履歴の全体。配備のログインだけ"),
        "wall.instant": Reviewed("aebf5978f6df25b3", "業務の時刻"),
        "wall.today": Reviewed("4744753eb657ed70", "業務日"),
        "wall.granted": Reviewed("9a0a4b8f987d0f5a", "閲覧票が名指す供給地点の鍵。票を持つ接続だけ"),
        "wall.granted_spans": Reviewed("3c96110caaede2d5", "閲覧票が名指す期間。票を持つ接続だけ"),
        "wall.viewer_org": Reviewed("753ae80c879ae7fd", "閲覧票の会社。票を持つ接続だけ"),
        "wall.log_granted": Reviewed("8195d3f5809e2f6b", "閲覧記録の閲覧票かどうか"),
        "wall.issue_link": Reviewed("74f16d4278c6d376", "ワンタイムリンクの指紋を残す。何も返さない"),
        "wall.sign_in_by_link": Reviewed("61caaff2d9e96f2c", "リンクが使えたかどうか"),
        "wall.sign_in_demo": Reviewed("4beea3ee82a848dc", "デモのサインイン。何も返さない"),
        "wall.sign_out": Reviewed("07cc89e1d67a3d05", "サインアウト。何も返さない"),
        "wall.who": Reviewed("869addd498ac0a3f", "サインインした本人の名前と職務"),
        "wall.sign_in_material": Reviewed(
            "3161574add2c9627", "塩・手順・封をした秘密。パスワードの照合値は返さない。authn だけが呼ぶ"
        ),
        "wall.sign_in_by_password": Reviewed("7044e6e73166bd60", "サインインできたかどうか。理由は返さない"),
        "wall.account": Reviewed("8298c7bfcd9769e2", "本人のサインインの一覧と、登録した日時。お客さまは現れない"),
        "wall.account_material": Reviewed(
            "9277c5ae31983ed1", "本人の塩・手順・封をした秘密。サインインした本人の分だけ"
        ),
        "wall.set_password": Reviewed("36595ea213beff6c", "パスワードを設定したかどうか"),
        "wall.begin_totp": Reviewed("616f640534477f7f", "認証アプリの登録を始めたかどうか"),
        "wall.confirm_totp": Reviewed("e351a3abb8a9c7ad", "認証アプリを登録したかどうか"),
        "wall.renew_recovery_codes": Reviewed("0381d86ddc0e5217", "回復コードを作り直したかどうか"),
        "wall.end_sessions": Reviewed("36da377fe9ff8a78", "終えた本人のサインインの数"),
        "wall.reset_link": Reviewed("6131a6f4650a1d6a", "本人の登録を消し、リンクの指紋を残す。何も返さない"),
        "wall.use_external_round": Reviewed("bc479a585047cc58", "会社の ID 基盤との往復が初めて使われたかどうか"),
        "wall.sign_in_by_external": Reviewed("18241b8e7172d405", "サインインできたかどうか。理由は返さない"),
        "wall.external_failed": Reviewed("dd8382a4b2eaeffc", "会社の ID 基盤での失敗を残す。何も返さない"),
        "wall.external_account": Reviewed("d909dcbac33214b7", "本人が追加した、会社の ID 基盤のアカウント"),
        "wall.link_external": Reviewed("4951403da19cc27c", "本人のアカウントを追加したかどうか。語だけを返す"),
        "wall.unlink_external": Reviewed("db3c027b365c6fb3", "本人のアカウントを取り消したかどうか"),
        "wall.passkey_material": Reviewed("81c7bec5c3bedc44", "パスキーの公開鍵。authn だけが呼ぶ"),
        "wall.sign_in_by_passkey": Reviewed("e69cf50f75ae25ea", "サインインできたかどうか。理由は返さない"),
        "wall.passkeys": Reviewed("c5a0d17296f543c7", "本人のパスキーの番号と日時。サインインした本人の分だけ"),
        "wall.add_passkey": Reviewed("a385f27499621794", "本人のパスキーを登録したかどうか。語だけを返す"),
        "wall.remove_passkey": Reviewed("669be66d0d525047", "本人のパスキーを削除したかどうか。語だけを返す"),
        "wall.issue_client": Reviewed("1126ea11f7727dbc", "小売の利用者の資格情報を残したかどうか"),
        "wall.clients": Reviewed("01cf63cc053a2324", "失効していない資格情報の名前と会社。秘密は返さない"),
        "wall.end_clients": Reviewed("d3fe1a45a92c9bfc", "失効させた資格情報の数"),
        "wall.sign_in_by_client": Reviewed("5e621346157c5bf0", "サインインできたかどうか。理由は返さない"),
        "wall.beginning": Reviewed("d50d606c97c7778e", "だれもいないか、だれも登録していないときの管理者のコード"),
        "wall.first_compliance": Reviewed(
            "833b069df89f0ffe", "情報管理・監査の最初の人を作ったかどうか。配備のログインだけ"
        ),
        "wall.first_administrator": Reviewed("873b8064bddbb744", "最初の管理者を作ったかどうか。配備のログインだけ"),
        "wall.open": Reviewed("483b405e9e634f74", "閲覧票を開く。見せてよい供給地点の鍵だけを返す"),
        "wall.preference": Reviewed("7aeeeb3e17f359a5", "本人の画面の設定。お客さまは現れない"),
        "wall.keep_preference": Reviewed("fdac72dabf6fac43", "本人の画面の設定を残す。できたかどうかだけを返す"),
        "wall.open_search": Reviewed("55f382ee78575f25", "一覧・検索の閲覧票を開く。見せてよい供給地点の鍵だけを返す"),
        "wall.state_purpose": Reviewed("dd0684889df57632", "利用目的を残す。受付番号だけを返す"),
        "wall.close": Reviewed("4ea3f00000fdc2d9", "結果を残して閲覧票を閉じる。3 通りの語だけを返す"),
        "wall.may_write": Reviewed("7e2547dfc9920af1", "書き込みの閲覧票かどうか"),
        "wall.open_cases": Reviewed("abc28f338626723e", "申込の閲覧票を開く。見せてよい申込と供給地点の鍵だけを返す"),
        "wall.granted_cases": Reviewed("b1a7c7dfd9632f9c", "閲覧票が名指す申込の鍵"),
        "wall.filing": Reviewed("4067efda6646a0f0", "登録の閲覧票の会社と利用者。effector だけが呼ぶ"),
        "reception.file": Reviewed("f7980d6aeb3b7022", "申込を残す。閲覧票のある登録。受付番号だけを返す"),
        "reception.instruct": Reviewed("7a32763183604940", "回答・指示を残す。閲覧票のある登録。受付番号だけを返す"),
        "reception.find": Reviewed("8f715d8def0a0c3d", "画面が名指す申込の鍵。小売は自社の写しだけ。opener だけが呼ぶ"),
        "reception.take_next": Reviewed(
            "456cf86200e0ada8", "だれも取っていない次の案件。閲覧票のある登録。受付番号だけを返す"
        ),
        "reception.due": Reviewed("a0b4ec1cb0c266f6", "何かを待つ申込の鍵。reception だけが呼ぶ"),
        "reception.turn": Reviewed(
            "4e3efae560eb00d5", "申込が待つ供給地点の状況。名義を含む。reception だけが呼び、待つもののない所は空"
        ),
        "reception.carry": Reviewed("0b25373d9766e93d", "申込を進め、効果を記録する。件数だけを返す。待つ所だけ"),
        "reception.stumbled": Reviewed("6582fb09f896abe3", "進められなかったことを数える。何も返さない"),
        "reception.standing": Reviewed("ba5765d6ed3ce957", "待つ申込と進められない申込の件数"),
        "wall.sweep": Reviewed("74f2b0ac09bf6a55", "期限切れを片付ける。件数だけを返す"),
        "wall.standing": Reviewed("b3c0eb42fd28a49b", "規則の版・時計。お客さまは現れない"),
        "search.find": Reviewed("ad8d5cad970c98f5", "検索語に合う供給地点の鍵。opener だけが呼ぶ"),
        "search.key_of": Reviewed("e71927e33639027a", "並び順の鍵。opener だけが呼ぶ"),
        "search.put_entries": Reviewed("da1738f3cfcb4714", "検索の鍵を入れる。件数だけを返す"),
        "search.entries": Reviewed("9b1593c2b92fdd76", "検索の鍵と刻印。effector だけが呼ぶ"),
        "search.analyze": Reviewed("24cdcdd961e818dc", "検索の統計を取り直す。何も返さない"),
        "points.restamp": Reviewed("e77aca4264dd77eb", "刻印を改める。件数だけを返す"),
        "points.due": Reviewed("c4de2ffb2d9a0108", "効果の日が来た供給地点の鍵。batch だけが呼ぶ"),
        "points.take_effect": Reviewed("49146f8d3a34cf9c", "異動の効果。できたかどうかだけを返す"),
        "points.record_supply": Reviewed(
            "1ff57147bdbab57a", "供給者の記録・訂正。閲覧票のある書き込み。件数だけを返す"
        ),
        "points.stamp_differences": Reviewed("0d8dd08174f93578", "刻印と履歴の違い。表ごとの件数だけを返す"),
        "wall.stamps_in_turn": Reviewed("1b4bdbae756a8fc9", "刻印と履歴の違い。供給地点を順に、件数だけを返す"),
        "points.load": Reviewed("945b8a0b1182362d", "移行の読み込み。配備のログインだけ"),
        "points.renew_all_entries": Reviewed(
            "48591e585db9ac28", "検索の鍵を作り直す。件数だけを返す。配備のログインだけ"
        ),
        "wall.deploy": Reviewed("b7fd583595c1d8ae", "規則と画面定義の読み込み。配備のログインだけ"),
        "wall.declare_home": Reviewed("da41390601af54dd", "ホームの種類と時計のずれ。配備のログインだけ"),
        "points.analyze": Reviewed("5cb2cf1022976aa8", "統計を取り直す。何も返さない"),
        "wall.unclassified": Reviewed("1cee02f8f0764da8", "分類のない列の名前"),
        "wall.classes": Reviewed("a53466f7e7248774", "列の分類"),
        "wall.approved_rules": Reviewed("afaa7299d9c4c6fb", "承認した規則の変更と、規則の行の履歴。お客さまは現れない"),
        "wall.seen": Reviewed("da95b0883f7f26be", "職務がいまのお客さまについて見る区分"),
        "wall.in_force": Reviewed("b1be4c1f57d05c42", "いま効いている規則・画面定義"),
        "wall.export_step": Reviewed("726085bcc32c0579", "持出しの申請・承認・受取り。お客さまは現れない"),
        "wall.log_points": Reviewed("a3fd6c86facedc8d", "番号（14 桁・22 桁）の供給地点の鍵。閲覧記録の閲覧票の下だけ"),
        "wall.log_customer": Reviewed("1032f6c87c02ebb2", "供給地点のお客さまコード。閲覧記録の閲覧票の下だけ"),
        "wall.log_typed": Reviewed("2786ed9360394a38", "打たれた番号による記録の受付番号。閲覧記録の閲覧票の下だけ"),
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
        "wall.office_granted": Reviewed("8741962efcb24180", "管理の閲覧票かどうか"),
        "wall.administering": Reviewed("c5e601714e201b93", "管理の閲覧票を持つ人の番号。effector だけが呼ぶ"),
        "wall.carry_sessions": Reviewed(
            "42870d1b3b4b9d51", "期間だけが改まった発令のサインインを引き継ぐ。何も返さない"
        ),
        "wall.office_persons": Reviewed(
            "f51871c847bae5a4", "利用者と現在の発令。お客さまは現れない。管理の閲覧票の下だけ"
        ),
        "wall.office_appointments": Reviewed(
            "5dc6ff507bcc7ba0", "利用者 1 人の発令の履歴。お客さまは現れない。管理の閲覧票の下だけ"
        ),
        "wall.office_companies": Reviewed("130f985d3b5e2bc1", "会社の一覧。管理の閲覧票の下だけ"),
        "wall.office_relations": Reviewed("b7cbfe5c7dcd2181", "特定関係事業者と委託関係の履歴。管理の閲覧票の下だけ"),
        "wall.office_screens": Reviewed("ccda20f352454974", "画面定義の履歴。管理の閲覧票の下だけ"),
        "wall.appoint": Reviewed(
            "2d0d8501508e9ecf", "発令・訂正・終了。自分自身にはできない。管理の閲覧票のある書き込み。語だけを返す"
        ),
        "wall.add_person": Reviewed("f66cd1d6c02b7fd7", "利用者の登録。管理の閲覧票のある書き込み。語だけを返す"),
        "wall.add_company": Reviewed("79667a7b57d0e363", "会社の登録。管理の閲覧票のある書き込み。語だけを返す"),
        "wall.relate": Reviewed(
            "7770453f2de11886", "特定関係事業者・委託関係の登録。管理の閲覧票のある書き込み。語だけを返す"
        ),
        "wall.end_relation": Reviewed(
            "4f5ed20e00e78153", "特定関係事業者・委託関係の終了。管理の閲覧票のある書き込み。語だけを返す"
        ),
        "wall.office_proposals": Reviewed("d90a1035f8fcf0f1", "申請と承認の履歴。管理の閲覧票の下だけ"),
        "wall.office_rules": Reviewed("9a4d1fbd8e53b2f8", "いま効いている規則の行。管理の閲覧票の下だけ"),
        "wall.propose_rule": Reviewed(
            "b50e3ae0847054e6", "規則の変更の申請。効力はない。管理の閲覧票のある書き込み。語だけを返す"
        ),
        "wall.decide_proposal": Reviewed(
            "1bb0778cfa2f2f9a",
            "申請の承認・却下・取下げ。申請した人は承認できない。管理の閲覧票のある書き込み。語だけを返す",
        ),
    }
)
