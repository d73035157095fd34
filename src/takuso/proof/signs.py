"""What every marker is made of, and what every canary customer can be found by."""

from collections.abc import Mapping
from typing import Final

from takuso.kernel.finding import Kind

KANA_SIGN: Final = "シルシ"
"""Every kana marker begins with it."""
HAN: Final = "柊椿楓榛樒槐欅檀櫟柘梓棕椋榧槇樅栃楢樫椹杉桧梶桂"
"""Seven of these in a row are a marker."""
EVERYBODY: Final[Mapping[Kind, str]] = {
    "kana": KANA_SIGN,
    "name": "商店",
    "address": "大阪市",
    "phone": "4321",
    "meter": "0077",
    "pole": "支線",
}
"""By kind of search a term that every customer has: whose stamp is forgotten shows at once."""
