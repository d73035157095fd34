"""読み: how names of screens and operations are read, so that people find them by kanji, kana, romaji or English.

Both ways of romaji and both ways of long vowels are folded into one: shi = si, menyuu = menyu- = menyu. The script
palette.js folds what is typed by the same table.
"""

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final
from unicodedata import normalize

from takuso.doors.web.language import catalogue

READINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "メニュー": "めにゅー",
        "口振異動通知 一覧": "こうふりいどうつうち いちらん",
        "口振異動通知": "こうふりいどうつうち",
        "お客さま情報Ⅰ": "おきゃくさまじょうほう1",
        "お客さま情報Ⅱ": "おきゃくさまじょうほう2",
        "過去契約": "かこけいやく",
        "お客さま検索": "おきゃくさまけんさく",
        "規則の変更と承認": "きそくのへんこうとしょうにん",
        "閲覧記録の持出し": "えつらんきろくのもちだし",
        "閲覧記録": "えつらんきろく",
        "ログ調査": "ろぐちょうさ",
        "権限の棚卸し": "けんげんのたなおろし",
        "サインインの記録": "さいんいんのきろく",
        "人と発令": "ひととはつれい",
        "会社と関係": "かいしゃとかんけい",
        "画面の登録簿": "がめんのとうろくぼ",
        "個人設定": "こじんせってい",
        "申込一覧": "もうしこみいちらん",
        "申込 1 件": "もうしこみ 1けん",
        "廃止取次の回答待ち": "はいしとりつぎのかいとうまち",
        "申込の入力": "もうしこみのにゅうりょく",
        "受付一覧": "うけつけいちらん",
        "案件 1 件": "あんけん 1けん",
        "次へ": "つぎへ",
        "閲覧記録 1 件": "えつらんきろく 1けん",
        "はじめての案内": "はじめてのあんない",
        "絞り込み": "しぼりこみ",
        "絞り込む": "しぼりこむ",
        "調査開始": "ちょうさかいし",
        "比べる": "くらべる",
        "検索": "けんさく",
        "検索実行": "けんさくじっこう",
        "一覧": "いちらん",
        "前行複写": "ぜんぎょうふくしゃ",
        "情報Ⅰ": "じょうほう1",
        "情報Ⅱ": "じょうほう2",
        "履歴": "りれき",
        "印刷": "いんさつ",
        "確定": "かくてい",
        "確認": "かくにん",
        "申込": "もうしこみ",
        "登録": "とうろく",
        "申込の代行入力": "もうしこみのだいこうにゅうりょく",
        "発令": "はつれい",
        "申告": "しんこく",
        "保存": "ほぞん",
        "戻る": "もどる",
        "次の50件": "つぎの50けん",
        "サインイン": "さいんいん",
        "サインアウト": "さいんあうと",
        "キー操作の一覧": "きーそうさのいちらん へるぷ",
        "表示言語の切替": "ひょうじげんごのきりかえ",
    }
)
"""Japanese text to its reading in hiragana; the name of every screen of the menu and the label of every key is here."""

_ROWS: Final = {
    "a": "あいうえお", "k": "かきくけこ", "s": "さしすせそ", "t": "たちつてと", "n": "なにぬねの",
    "h": "はひふへほ", "m": "まみむめも", "r": "らりるれろ", "g": "がぎぐげご", "z": "ざじずぜぞ",
    "d": "だぢづでど", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ",
}  # fmt: skip
_KANA: Final = {
    kana: vowel if row == "a" else row + vowel
    for row, kanas in _ROWS.items()
    for kana, vowel in zip(kanas, "aiueo", strict=True)
} | {"や": "ya", "ゆ": "yu", "よ": "yo", "わ": "wa", "を": "o", "ん": "n", "ぢ": "zi", "づ": "zu", "ゔ": "bu"}
_SMALL: Final = {"ゃ": "ya", "ゅ": "yu", "ょ": "yo", "ぁ": "a", "ぃ": "i", "ぅ": "u", "ぇ": "e", "ぉ": "o"}
_TO_HIRAGANA: Final = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
_DROPPED: Final = re.compile(r"[\s\-ー‐−・'’]")
_ONE_ROMAJI: Final = (
    (re.compile(r"tch"), "tty"),
    (re.compile(r"(s|c)h(?=[aueo])"), r"\1y"),
    (re.compile(r"cy"), "ty"),
    (re.compile(r"shi"), "si"),
    (re.compile(r"chi|tyi"), "ti"),
    (re.compile(r"tsu"), "tu"),
    (re.compile(r"fu"), "hu"),
    (re.compile(r"ji"), "zi"),
    (re.compile(r"jy?(?=[aueo])"), "zy"),
    (re.compile(r"m(?=[bp])"), "n"),
    (re.compile(r"nn"), "n"),
    (re.compile(r"ou"), "o"),
    (re.compile(r"([aiueo])\1+"), r"\1"),
)


def fold(text: str) -> str:
    """Narrow, lower case, hiragana, without blanks, hyphens and long-vowel marks."""
    return _DROPPED.sub("", normalize("NFKC", text).lower().translate(_TO_HIRAGANA))


def one_romaji(folded: str) -> str:
    """Romaji of any kind in the one form that is compared."""
    for found, instead in _ONE_ROMAJI:
        folded = found.sub(instead, folded)
    return folded


def romaji(reading: str) -> str:
    """Of hiragana, in the form that is compared; what is no kana stays."""
    said = ""
    double = False
    for kana in fold(reading):
        if kana == "っ":
            double = True
            continue
        if kana in _SMALL:
            sound = _SMALL[kana]
            said = (said[:-1] if sound.startswith("y") and said.endswith("i") else said) + sound
            continue
        sound = _KANA.get(kana, kana)
        said += sound[0] + sound if double else sound
        double = False
    return one_romaji(said)


@cache
def words(text: str) -> str:
    """What a name is found by: itself, its reading in kana and romaji, and its English; each folded."""
    reading = READINGS.get(text, "")
    english = catalogue("en").get(text, "")
    return " ".join(dict.fromkeys(filter(None, (fold(text), fold(reading), romaji(reading), fold(english)))))
