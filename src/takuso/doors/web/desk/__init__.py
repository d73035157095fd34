"""The compliance desk: who looked at whom, read by the one duty that may, each look a record of its own."""
