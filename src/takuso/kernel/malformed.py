"""What every refused input says: which field, what its rule is, and what to do now."""


class Malformed(ValueError):
    """An input that its value type refuses.

    `field` is the name users know, `rule` and `advice` are whole Japanese sentences. The refused text itself
    is never repeated: numbers and names are personal information and messages reach logs.
    """

    def __init__(self, field: str, rule: str, advice: str) -> None:
        super().__init__(field, rule, advice)
        self.field = field
        self.rule = rule
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.field}: {self.rule}{self.advice}"
