"""Invented customers' names: common surnames and given names put together, and made-up firms and shops."""

from dataclasses import dataclass
from random import Random
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A party's name: as written, its kana (full width, without the legal form), and as a bank's kana takes it."""

    written: str
    kana: str
    for_bank: str


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    words = text.split()
    return tuple(zip(words[::2], words[1::2], strict=True))


_SURNAMES: Final = _pairs("""
佐藤 サトウ 鈴木 スズキ 高橋 タカハシ 髙橋 タカハシ 田中 タナカ 伊藤 イトウ 渡辺 ワタナベ 渡邊 ワタナベ
渡邉 ワタナベ 山本 ヤマモト 中村 ナカムラ 小林 コバヤシ 加藤 カトウ 吉田 ヨシダ 𠮷田 ヨシダ 山田 ヤマダ
佐々木 ササキ 山口 ヤマグチ 松本 マツモト 井上 イノウエ 木村 キムラ 林 ハヤシ 斎藤 サイトウ 齋藤 サイトウ
清水 シミズ 山崎 ヤマサキ 山﨑 ヤマサキ 森 モリ 池田 イケダ 橋本 ハシモト 阿部 アベ 石川 イシカワ
前田 マエダ 藤田 フジタ 小川 オガワ 後藤 ゴトウ 岡田 オカダ 長谷川 ハセガワ 村上 ムラカミ 近藤 コンドウ
石井 イシイ 坂本 サカモト 遠藤 エンドウ 青木 アオキ 藤井 フジイ 西村 ニシムラ 福田 フクダ 太田 オオタ
三浦 ミウラ 岡本 オカモト 松田 マツダ 中川 ナカガワ 中野 ナカノ 原田 ハラダ 小野 オノ 田村 タムラ
竹内 タケウチ 金子 カネコ 和田 ワダ 中山 ナカヤマ 石田 イシダ 上田 ウエダ 森田 モリタ 柴田 シバタ
酒井 サカイ 工藤 クドウ 横山 ヨコヤマ 宮崎 ミヤザキ 宮﨑 ミヤザキ 宮本 ミヤモト 内田 ウチダ 高木 タカギ
髙木 タカギ 安藤 アンドウ 谷口 タニグチ 大野 オオノ 丸山 マルヤマ 今井 イマイ 河野 コウノ 藤本 フジモト
村田 ムラタ 武田 タケダ 上野 ウエノ 杉山 スギヤマ 増田 マスダ 平野 ヒラノ 大塚 オオツカ 千葉 チバ
久保 クボ 松井 マツイ 小島 コジマ 岩崎 イワサキ 桜井 サクライ 櫻井 サクライ 野口 ノグチ 松尾 マツオ
菊地 キクチ 木下 キノシタ 佐野 サノ 新井 アライ 西川 ニシカワ 浜田 ハマダ 濵田 ハマダ 濱口 ハマグチ
尾﨑 オザキ 辻 ツジ 東 ヒガシ 奥村 オクムラ 北村 キタムラ 南 ミナミ 植田 ウエダ 吉川 ヨシカワ 阪本 サカモト
廣瀨 ヒロセ 邊見 ヘンミ 嶋田 シマダ 德永 トクナガ 京極 キョウゴク 長曽我部 チョウソカベ 久堀 クボリ
""")

_GIVEN: Final = _pairs("""
翔太 ショウタ 大輔 ダイスケ 健一 ケンイチ 拓也 タクヤ 直樹 ナオキ 誠 マコト 隆 タカシ 浩二 コウジ 純一 ジュンイチ
涼 リョウ 俊介 シュンスケ 修平 シュウヘイ 龍之介 リュウノスケ 勇気 ユウキ 康平 コウヘイ 哲也 テツヤ 正夫 マサオ
清 キヨシ 茂 シゲル 実 ミノル 進 ススム 博 ヒロシ 豊 ユタカ 和夫 カズオ 昭 アキラ 蓮 レン 湊 ミナト 悠真 ユウマ
陽翔 ハルト 大翔 ヒロト 颯太 ソウタ 樹 イツキ 恵一 ケイイチ 幸一郎 コウイチロウ 雄大 ユウダイ 亮 リョウ
京子 キョウコ 陽子 ヨウコ 幸子 サチコ 和子 カズコ 洋子 ヨウコ 節子 セツコ 恵子 ケイコ 由美子 ユミコ 真由美 マユミ
明美 アケミ 直美 ナオミ 美咲 ミサキ 愛 アイ 彩 アヤ 優子 ユウコ 裕子 ユウコ 智子 トモコ 久美子 クミコ 純子 ジュンコ
順子 ジュンコ 涼子 リョウコ 祥子 ショウコ 麻衣 マイ 結衣 ユイ 陽菜 ヒナ 凛 リン 杏 アン さくら サクラ
ひまり ヒマリ 美優 ミユウ 莉子 リコ 百合子 ユリコ 千代 チヨ ハル ハル キヨ キヨ フミ フミ 弥生 ヤヨイ
眞理子 マリコ 惠美 エミ 禮子 レイコ 柊 シュウ 朱莉 アカリ 珠代 タマヨ 周平 シュウヘイ 瞭 リョウ
""")

_FOREIGN: Final = _pairs("""
グエン・ティ・フォン グエン・ティ・フォン マリア・ヴァルガス マリア・ヴァルガス ジョアン・シルヴァ ジョアン・シルヴァ
チャン・ヴァン・ミン チャン・ヴァン・ミン キム・ジュヒョン キム・ジュヒョン アナ・フェルナンデス アナ・フェルナンデス
""")

# Two halves that nobody would put together, so that a firm of this name is unlikely to exist.
_HEADS: Final = _pairs("""
月白 ツキシロ 茜雲 アカネグモ 風待 カゼマチ 星屑 ホシクズ 霧笛 ムテキ 浮舟 ウキフネ 花筏 ハナイカダ 朝凪 アサナギ
雨音 アマオト 銀杏坂 イチョウザカ 千鳥堀 チドリボリ 夕映 ユウバエ 若草橋 ワカクサバシ 水無瀬野 ミナセノ 真菰 マコモ
ひょうたん山 ヒョウタンヤマ ちゃのま チャノマ きょうぶ キョウブ
""")
_TAILS: Final = _pairs("""
ヴェルデ ヴェルデ ヴィオラ ヴィオラ ジョリー ジョリー シャトル シャトル ウォーク ウォーク フィオーレ フィオーレ
チェルシー チェルシー ティーノ ティーノ キューブ キューブ ドゥーエ ドゥーエ ビッキー ビッキー ルーチェ ルーチェ
""")
_TRADES: Final = _pairs("""
製作所 セイサクショ 工業 コウギョウ 商会 ショウカイ 建設 ケンセツ 運輸 ウンユ 印刷 インサツ 食品 ショクヒン
製菓 セイカ 倉庫 ソウコ 設備 セツビ 繊維 センイ 不動産 フドウサン システム システム 精機 セイキ
""")
_SHOPS: Final = _pairs("""
喫茶 キッサ 居酒屋 イザカヤ 理容 リヨウ 美容室 ビヨウシツ 焼肉 ヤキニク 洋菓子 ヨウガシ 鮮魚 センギョ 青果 セイカ
寿司 スシ うどん ウドン 書店 ショテン 薬局 ヤッキョク 時計店 トケイテン 花店 ハナテン
""")

# Legal form, whether it stands before the name, and the banks' abbreviation (EXAMPLE of common usage).
_FORMS: Final = (
    ("株式会社", True, "カ)"),
    ("株式会社", False, "(カ"),
    ("㈱", True, "カ)"),
    ("㈱", False, "(カ"),
    ("有限会社", True, "ユ)"),
    ("㈲", False, "(ユ"),
    ("合同会社", True, "ド)"),
    ("医療法人", True, "イ)"),
    ("社会福祉法人", True, "フク)"),
)

_BUILDINGS: Final = _pairs("""
コーポ コーポ ハイツ ハイツ メゾン メゾン グラン グラン シャトー シャトー パレス パレス レジデンス レジデンス
ヴィラ ヴィラ 第二 ダイニ サンライズ サンライズ
""")

_VARIANTS: Final = str.maketrans("髙﨑濵邊邉齋櫻𠮷廣瀨德嶋", "高崎浜辺辺斎桜吉広瀬徳島")


def person(rng: Random) -> Name:
    """A private customer."""
    if rng.random() < 0.012:
        written, kana = _pick(rng, _FOREIGN)
        return Name(written=written, kana=kana, for_bank=kana.replace("・", " "))
    surname, surname_kana = _pick(rng, _SURNAMES)
    given, given_kana = _pick(rng, _GIVEN)
    kana = f"{surname_kana} {given_kana}"
    return Name(written=f"{surname} {given}", kana=kana, for_bank=kana)


def company(rng: Random) -> Name:
    """A firm with its legal form before or after the name."""
    head, head_kana = _pick(rng, _HEADS)
    tail, tail_kana = _pick(rng, _TAILS)
    trade, trade_kana = _pick(rng, _TRADES)
    form, before, short = _FORMS[rng.randrange(len(_FORMS))]
    if form.endswith("法人"):
        trade, trade_kana = "会", "カイ"
    name, kana = f"{head}{tail}{trade}", f"{head_kana}{tail_kana}{trade_kana}"
    return Name(
        written=f"{form}{name}" if before else f"{name}{form}",
        kana=kana,
        for_bank=f"{short}{kana}" if before else f"{kana}{short}",
    )


def shop(rng: Random) -> Name:
    """A shop under its sign."""
    trade, trade_kana = _pick(rng, _SHOPS)
    head, head_kana = _pick(rng, _HEADS)
    tail, tail_kana = _pick(rng, _TAILS)
    kana = f"{trade_kana} {head_kana}{tail_kana}"
    return Name(written=f"{trade} {head}{tail}", kana=kana, for_bank=kana)


def building(rng: Random) -> Name:
    """An apartment house."""
    kind, kind_kana = _pick(rng, _BUILDINGS)
    head, head_kana = _pick(rng, _HEADS)
    kana = f"{kind_kana}{head_kana}"
    return Name(written=f"{kind}{head}", kana=kana, for_bank=kana)


def owners(house: Name) -> Name:
    """The owners of an apartment house, who pay for the light of its stairs."""
    kana = f"{house.kana}カンリクミアイ"
    return Name(written=f"{house.written}管理組合", kana=kana, for_bank=kana)


def mistyped(written: str) -> str:
    """The name as someone types it who has no variant characters; the same text if it holds none."""
    return written.translate(_VARIANTS)


def _pick(rng: Random, pairs: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    return pairs[rng.randrange(len(pairs))]
