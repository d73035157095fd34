"""出入口: translate between the outside and the work; hold no rule, run no SQL."""
