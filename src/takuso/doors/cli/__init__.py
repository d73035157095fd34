"""The command `takuso`: Japanese help, one JSON document on request, and an exit code that a script can trust."""
