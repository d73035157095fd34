"""What is taken as a password, and RFC 6238's own examples."""

import pytest

from takuso.barrier.credentials import passwords
from takuso.barrier.credentials.passwords import Derivation, PasswordRefused, Recipe, must_be_good
from takuso.barrier.credentials.totp import TotpSecret, new_recovery_codes, typed

ABOUT = ("yamada-taro", "山田 太郎")
GOOD = [
    "ゆうやけ こやけの赤とんぼ",
    "correct horse battery stapler",
    "tK9#x!mQ2$vL",
    "     ひと つ ふた つ     ",
    "yamada-taro は川で鮎を釣る",
    "x" * 4 + "ymnopqrstuvw" + "z" * 112,
]
BAD = {
    "short": ["", "short", "elevenchars"],
    "long": ["あいうえおかきくけこ" * 13],
    "common": [
        "password1234",
        "PassWord1234",
        "ｐａｓｓｗｏｒｄ１２３４",
        "1q2w3e4r5t6y",
        "correct horse battery staple",
    ],
    "repeated": ["aaaaaaaaaaaa", "abababababab", "あああああああああああああ", "1212121212121"],
    "row": ["qwertyuiopqw", "345678901234", "lkjhgfdsalkj", "cdefghijklmnop"],
    "about": [
        "yamada-taroyamada-taro",
        "yamadataro2026",
        "2026-Yamada-Taro",
        "山田太郎山田太郎山田太郎",
        "山田 太郎 19800101",
    ],
}


@pytest.mark.parametrize("password", GOOD)
def test_long_ones_are_taken_whatever_they_are_made_of(password: str) -> None:
    must_be_good(password, *ABOUT)


@pytest.mark.parametrize("password", [p for ps in BAD.values() for p in ps])
def test_others_are_refused_with_the_rule(password: str) -> None:
    with pytest.raises(PasswordRefused) as said:
        must_be_good(password, *ABOUT)
    assert password == "" or password not in str(said.value)
    assert "ください" in str(said.value)


def test_the_limits_are_said_as_they_are() -> None:
    for password, limit in (("x", passwords.SHORTEST), ("あいう" * 100, passwords.LONGEST)):
        with pytest.raises(PasswordRefused, match=f"^{limit}文字"):
            must_be_good(password)


def test_every_common_one_is_long_enough_to_matter() -> None:
    listed = passwords._common() - {""}
    assert len(listed) > 150
    for password in listed:
        assert len(password) >= passwords.SHORTEST
        with pytest.raises(PasswordRefused):
            must_be_good(password)


def test_the_key_depends_on_password_salt_and_recipe() -> None:
    derivation = Derivation(b"s" * 16, Recipe(1, 1024, 1))
    key = derivation.key("ｶﾞｷﾞｸﾞ pass")
    assert key == derivation.key("ガギグ pass"), "NFKC: however it is typed"
    assert len({key, derivation.key("ガギク pass"), Derivation(b"t" * 16, Recipe(1, 1024, 1)).key("ガギグ pass")}) == 3
    assert key != Derivation(b"s" * 16, Recipe(2, 1024, 1)).key("ガギグ pass")


def test_a_recipe_is_read_as_written() -> None:
    assert Recipe.parse(str(Recipe())) == Recipe()
    for text in ("", "argon2i t=3 m=32768 p=1", "argon2id t=0 m=32768 p=1", "argon2id t=3 m=327680000 p=1"):
        with pytest.raises(ValueError, match="recipe"):
            Recipe.parse(text)


# RFC 6238, appendix B, SHA-1: the last six of eight digits.
@pytest.mark.parametrize(
    ("at", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_of_the_standard(at: int, code: str) -> None:
    secret = TotpSecret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    assert secret.step_of(code, at) == at // 30
    assert secret.step_of(code, at + 30) == at // 30, "a telephone may be a step behind"
    assert secret.step_of(code, at + 61) is None
    assert secret.step_of("12345x", at) is None


def test_codes_as_they_are_typed() -> None:
    assert typed("１２３ 456") == "123456"
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert typed(codes[0].lower()) == codes[0].replace("-", "")


def test_secrets_are_not_printed() -> None:
    assert "GEZD" not in repr(TotpSecret("GEZDGNBVGY3TQOJQ"))
