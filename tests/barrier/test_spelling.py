"""The spelling of search keys in the database and that of typed terms are one."""

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from takuso.kernel import finding
from takuso.kernel.kana import SAME_NAME_KANJI, bigrams, search_key
from takuso.kernel.widths import HYPHENS, INVISIBLES, LONG_VOWELS, SPACES

SPELLED = {
    "name_key": search_key,
    "written_key": finding.written_key,
    "address_key": finding.address_key,
    "phone_key": finding.phone_key,
    "meter_key": finding.meter_key,
}
KANA = "".join(
    map(chr, [*range(0x3041, 0x3097), *range(0x3099, 0x30FF), *range(0x31F0, 0x3200), *range(0xFF61, 0xFFA0)])
)
SIGNS = HYPHENS + LONG_VOWELS + SPACES + INVISIBLES + "・·‧•\ufe00\U000e0101\u3099\u309a゛゜、，,〒<>＜＞()（）㈱㈲①ⅷ㍿"
ADDRESS = "〇一二三四五六七八九十百丁目番地号室棟館のノ大字町ヶヵがケ0123456789０１９"
ALPHABET = (
    KANA
    + SIGNS
    + ADDRESS
    + "".join(SAME_NAME_KANJI)
    + "".join(SAME_NAME_KANJI.values())
    + "azAZａＺ!\"#$%&'*+./:;?@[]^_`{|}~\\株有"
)
TEXT = st.text(alphabet=ALPHABET, max_size=14) | st.text(alphabet=ADDRESS + "-ー ", max_size=14)


@pytest.mark.parametrize("function", SPELLED)
def test_the_database_spells_as_the_program_does(behind: psycopg.Connection[tuple[str]], function: str) -> None:
    @settings(max_examples=40, deadline=None)
    @given(st.lists(TEXT, min_size=1, max_size=40))
    def compared(texts: list[str]) -> None:
        rows = behind.execute(
            f"SELECT search.{function}(t) FROM unnest(%s::text[]) WITH ORDINALITY u(t, no) ORDER BY no".encode(),
            [texts],
        ).fetchall()
        assert {t: row[0] for t, row in zip(texts, rows, strict=True)} == {t: SPELLED[function](t) for t in texts}

    compared()


def test_pairs_of_kana(behind: psycopg.Connection[tuple[list[str]]]) -> None:
    @settings(max_examples=60, deadline=None)
    @given(st.text(alphabet=KANA, max_size=12))
    def compared(text: str) -> None:
        key = search_key(text)
        row = behind.execute("SELECT search.grams('kana', %s)", [key]).fetchone()
        assert row is not None
        assert list(dict.fromkeys(row[0])) == bigrams(key)

    compared()
