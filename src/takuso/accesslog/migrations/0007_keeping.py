"""What the log keeps and for how long: erasures of what was typed, dated rules, holds, deletions of whole days."""

from django.db import migrations

from takuso.store.migrate import sql_migration


class Migration(migrations.Migration):
    """Erasures by two persons; rules of retention, holds and deletions."""

    dependencies = [("accesslog", "0006_key")]
    operations = sql_migration(__file__, "0007_keeping.sql")
