"""ログ調査: a question to an access log, answered in steps with exact figures."""
