"""Changes of the key that signs the log's checkpoints, as leaves of its tree."""

from django.db import migrations

from takuso.store.migrate import sql_migration


class Migration(migrations.Migration):
    """Kinds of leaves: the changes of the key, what is erased and deleted, and by which rules."""

    dependencies = [("accesslog", "0005_evidence")]
    operations = sql_migration(__file__, "0006_key.sql")
