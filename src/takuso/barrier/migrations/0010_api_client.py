"""What retailers' systems sign in with."""

from django.db import migrations

from takuso.store.migrate import sql_migration


class Migration(migrations.Migration):
    """A credential of the API belongs to one person of a retailer."""

    dependencies = [("barrier", "0009_cases")]
    operations = sql_migration(__file__, "0010_api_client.sql")
