"""冷たい日: closed days of the own log that lie in an S3-compatible store, each under the hash that the log has."""
