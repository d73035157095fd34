"""Accounts at the company's identity provider, and the round trips to it that are used up."""

from django.db import migrations

from takuso.store.migrate import sql_migration


class Migration(migrations.Migration):
    """wall.external_identity and wall.external_round."""

    dependencies = [("barrier", "0005_search")]
    operations = sql_migration(__file__, "0006_external_identity.sql")
