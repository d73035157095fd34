"""閲覧記録: the access log."""
