"""本人確認の手段: what a person signs in with; the database decides, this room does the arithmetic (ADR 0017)."""
