"""A demo is made anew after its jobs have run: nothing of the former one is in the way."""

from tests.cli.conftest import Takuso


def test_a_demo_whose_log_was_sealed_can_be_rebuilt(empty: Takuso) -> None:
    assert empty("demo", "--points", "20").code == 0
    assert empty("jobs", "once").code == 0
    assert (empty.folder / "log.checkpoint").is_file()
    again = empty("demo", "--rebuild", "--points", "20")
    assert again.code == 0, again.err
    assert empty("jobs", "once").code == 0
    assert empty("doctor").code == 0
