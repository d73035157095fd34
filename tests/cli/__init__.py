"""Tests of the command `takuso`, as a user runs it."""
