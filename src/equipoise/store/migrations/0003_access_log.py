"""The access log, which only grows, and the table in which processes share their counts."""

from typing import ClassVar

from django.conf import settings
from django.core.management import call_command
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

EVENTS = """
log_in failed_log_in failed_second_factor failed_signature lock_out log_out session_end reset_link
second_factor_on second_factor_off recovery_codes
""".split()
_LIST = ", ".join(f"'{event}'" for event in EVENTS)
GUARDS = f"""
CREATE FUNCTION refuse_change_of_access_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the access log is only ever added to: % is refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER access_line_stays BEFORE UPDATE OR DELETE ON access_line
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_access_log();
CREATE TRIGGER access_log_stays BEFORE TRUNCATE ON access_line
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_access_log();
ALTER TABLE access_line ADD CONSTRAINT access_line_event CHECK (event IN ({_LIST}));
"""


def _grant_rights(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001
    """The application adds to the access log and reads it, nothing else."""
    role = settings.DATABASES["default"]["USER"]
    if role and role != editor.connection.settings_dict["USER"]:
        name = editor.quote_name(role)
        editor.execute(f"GRANT SELECT, INSERT ON access_line TO {name}")
        editor.execute(f"REVOKE UPDATE, DELETE ON access_line FROM {name}")


def _make_shared_table(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001
    call_command("createcachetable", database=editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    """The access log and the shared table."""

    dependencies: ClassVar = [("store", "0002_guards")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="AccessLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("event", models.TextField()),
                ("username", models.TextField()),
                ("address", models.TextField()),
            ],
            options={
                "db_table": "access_line",
                "indexes": [
                    models.Index(fields=["username", "-at"], name="access_line_of_account")
                ],
            },
        ),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
        migrations.RunPython(_grant_rights, migrations.RunPython.noop),
        migrations.RunPython(_make_shared_table, migrations.RunPython.noop),
    ]
