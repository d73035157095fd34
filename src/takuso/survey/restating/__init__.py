"""Restatement: what a run's verdicts rest on, older versions of an answer, and why two answers differ."""
