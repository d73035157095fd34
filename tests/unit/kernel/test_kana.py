"""Search keys fold what people vary; bank kana say what they cannot hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from takuso.kernel.kana import BANK_MARKS, SAME_NAME_KANJI, NotBankKana, bank_kana, bigrams, search_key

KANA = "".join(map(chr, [*range(0x3041, 0x3097), *range(0x30A1, 0x30FB)]))


@pytest.mark.parametrize(
    ("key", "spellings"),
    [
        (
            "トウキヨウデンリヨク",
            ["とうきょうでんりょく", "トウキョウ デンリョク", "ﾄｳｷﾖｳﾃﾞﾝﾘﾖｸ", "ﾄｳｷｮｳﾃﾞﾝﾘｮｸ"],
        ),
        ("ガツコウ", ["がっこう", "ガッコウ", "ｶﾞｯｺｳ", "ｶﾞﾂｺｳ", "か\u3099っこう", "か゛っこう", "カﾞツコウ"]),
        ("パン", ["ぱん", "ﾊﾟﾝ", "は゜ん", "ハ\u309aン"]),
        (
            "ローソン",
            ["ローソン", "ろーそん", "ﾛｰｿﾝ", "ロ-ソン", "ロ−ソン", "ロ―ソン", "ロ‐ソン", "ロ－ソン"],
        ),
        ("バイオリン", ["ヴァイオリン", "ゔぁいおりん", "ｳﾞｧｲｵﾘﾝ", "ｳﾞｱｲｵﾘﾝ", "バイオリン"]),
        ("バビブベボビユ", ["ヴァヴィヴヴェヴォヴュ", "バビブベボビュ", "ヴ ァヴィヴ ヴェヴォヴュ"]),
        ("ラブ", ["ラヴ", "らゔ", "ﾗｳﾞ"]),
        ("バビベボ", ["ヷヸヹヺ"]),
        ("イスズ", ["いすゞ", "いすず", "イスヾ", "ｲｽｽﾞ"]),
        ("ココロ", ["こゝろ", "コヽロ"]),
        ("アアア", ["アヽヽ", "ヽヽアヽヽ", "アヾヽ"]),
        ("ワバ", ["ヮヾ", "ワヾ"]),
        ("ウブ", ["うゞ"]),
        ("エビス", ["ヱビス", "ゑびす", "エビス"]),
        ("鶴ケ丘", ["鶴ヶ丘", "鶴ケ丘"]),
        ("ヤマダタロウ", ["ヤマダ　タロウ", "ヤマダ・タロウ", "ﾔﾏﾀﾞ･ﾀﾛｳ", "ヤマダ\u200bタロウ"]),
        ("高橋", ["髙橋", "高　橋", "高\ufe00橋"]),
        ("辺", ["邊", "邉", "辺\U000e0101"]),
        ("山崎", ["山﨑"]),
        ("(株)ABC1", ["㈱ａｂｃ①", "（株）ABC１"]),
        ("", ["", "　", "・", "゛", "\u3099", "ゞ", "\ufe00"]),
    ],
)
def test_spellings_of_one_name_have_one_key(key: str, spellings: list[str]) -> None:
    assert {spelling: search_key(spelling) for spelling in spellings} == dict.fromkeys(spellings, key)


@pytest.mark.parametrize(
    ("one", "other"), [("ハナ", "バナ"), ("オオタ", "オタ"), ("ヂ", "ジ"), ("ヲ", "オ"), ("コウ", "コー")]
)
def test_different_names_keep_different_keys(one: str, other: str) -> None:
    assert search_key(one) != search_key(other)


@given(st.text() | st.text(alphabet=KANA + "゛゜ﾞﾟヽヾゝゞヴー・ -ｶﾊｳ\u3099\u309a"))
def test_the_key_of_a_key_is_itself(text: str) -> None:
    key = search_key(text)
    assert search_key(key) == key


@given(st.text(alphabet=KANA))
def test_hiragana_and_katakana_have_one_key(text: str) -> None:
    katakana = "".join(chr(ord(c) + 0x60) if c <= "ゖ" else c for c in text)
    assert search_key(text) == search_key(katakana)


def test_kanji_shapes_do_not_chain() -> None:
    assert not set(SAME_NAME_KANJI) & set(SAME_NAME_KANJI.values())


@pytest.mark.parametrize(
    ("key", "pairs"),
    [
        ("", []),
        ("ア", []),
        ("アオ", ["アオ"]),
        ("アオイ", ["アオ", "オイ"]),
        ("アアアア", ["アア"]),
        ("𠮷田𠮷田", ["𠮷田", "田𠮷"]),
    ],
)
def test_bigrams(key: str, pairs: list[str]) -> None:
    assert bigrams(key) == pairs


@given(st.text(alphabet="アイウ", min_size=2), st.data())
def test_a_part_of_a_key_has_its_bigrams(key: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(key) - 2))
    part = key[start : data.draw(st.integers(start + 2, len(key)))]
    assert set(bigrams(part)) <= set(bigrams(key))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("カ)アオイデンリョク", "ｶ)ｱｵｲﾃﾞﾝﾘﾖｸ"),
        ("きゅうよ　いちろう", "ｷﾕｳﾖ ｲﾁﾛｳ"),
        ("ガッコー", "ｶﾞﾂｺ-"),
        ("ﾊﾟﾝﾔ", "ﾊﾟﾝﾔ"),
        ("か\u3099", "ｶﾞ"),
        ("か゛は゜", "ｶﾞﾊﾟ"),
        ("ヴァイオリン", "ｳﾞｱｲｵﾘﾝ"),
        ("Ａｂｃ－１２／３．４（カ）", "ABC-12/3.4(ｶ)"),
        ("テスト−テスト", "ﾃｽﾄ-ﾃｽﾄ"),
        ("", ""),
    ],
)
def test_bank_kana(text: str, expected: str) -> None:
    assert bank_kana(text) == expected


@pytest.mark.parametrize(
    ("text", "position", "character", "advice"),
    [
        ("ヤマダ太郎", 4, "太", "読みのカナ"),
        ("ヤマダ・タロウ", 4, "・", "空白かピリオド"),
        ("ヲ", 1, "ヲ", "「オ」"),
        ("を", 1, "を", "「オ」"),
        ("ｦ", 1, "ｦ", "「オ」"),
        ("ヰ", 1, "ヰ", "「イ」"),
        ("ゑ", 1, "ゑ", "「エ」"),
        ("ヷ", 1, "ヷ", "読みのカナ"),
        ("アﾞ", 2, "ﾞ", "読みのカナ"),
        ("ガﾞ", 2, "ﾞ", "読みのカナ"),
        ("サ゜", 2, "゜", "読みのカナ"),
        ("㈱アオイ", 1, "㈱", "読みのカナ"),
        ("みすゞ", 3, "ゞ", "読みのカナ"),
        ("ア,イ", 2, ",", "読みのカナ"),
        ("ア\nイ", 2, "\n", "読みのカナ"),
        ("é", 1, "é", "読みのカナ"),
    ],
)
def test_what_banks_cannot_hold_is_named(text: str, position: int, character: str, advice: str) -> None:
    with pytest.raises(NotBankKana) as refused:
        bank_kana(text)
    error = refused.value
    assert (error.position, error.character) == (position, character)
    assert f"{position}文字目" in error.rule
    assert advice in error.advice
    assert "\n" not in str(error)


@given(st.text() | st.text(alphabet=KANA + "ﾞﾟ゛゜ー-()./ aZ9"))
def test_bank_kana_is_bank_kana_or_refused(text: str) -> None:
    refused: NotBankKana | None = None
    try:
        converted = bank_kana(text)
    except NotBankKana as error:
        refused = error
    if refused:
        assert text[refused.position - 1] == refused.character
        return
    assert set(converted) <= {*"ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝﾞﾟ", *BANK_MARKS} | {
        *"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    }
    assert bank_kana(converted) == converted
    assert all(len(sign.encode("cp932")) == 1 for sign in converted)
