"""What the database itself holds: an append-only ledger, a closed list of verbs, two roles."""

from typing import ClassVar

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

VERBS = """
open_trial add_site close_site add_account change_account deactivate_account set_password
grant_role revoke_role
upload_protocol approve_protocol migrate_entries fix_sequence back_up
enrol keep_identity save_form complete_form change_form delete_entry sign_eligibility randomise
correct_stratum record_deviation open_query answer_query close_query reopen_query verify unverify
sign freeze unfreeze lock unlock
read_forms read_identity read_allocations read_balance read_sequence read_ledger read_accounts
read_protocol read_monitoring read_report cut export
""".split()

_LIST = ", ".join(f"'{verb}'" for verb in VERBS)
GUARDS = """
CREATE FUNCTION refuse_change_of_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is only ever added to: % is refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER ledger_line_stays BEFORE UPDATE OR DELETE ON ledger_line
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_ledger();
CREATE TRIGGER ledger_stays BEFORE TRUNCATE ON ledger_line
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger();

CREATE FUNCTION require_next_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last ledger_line;
BEGIN
    SELECT * INTO last FROM ledger_line ORDER BY number DESC LIMIT 1;
    IF NEW.number <> coalesce(last.number, 0) + 1
        OR NEW.previous <> coalesce(last.digest, repeat('0', 64))
        OR NEW.at < last.at
    THEN
        RAISE EXCEPTION 'line % does not follow line % of the ledger', NEW.number, last.number
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_line_follows BEFORE INSERT ON ledger_line
    FOR EACH ROW EXECUTE FUNCTION require_next_line();

ALTER TABLE ledger_line
    ADD CONSTRAINT ledger_line_verb CHECK (verb IN (VERBS)),
    ADD CONSTRAINT ledger_line_digest CHECK (digest ~ '^[0-9a-f]{64}$'),
    ADD CONSTRAINT ledger_line_request CHECK (request_id <> '');
ALTER TABLE form_entry ADD CONSTRAINT form_entry_version CHECK (version > 0);
ALTER TABLE allocation ADD CONSTRAINT allocation_number CHECK (number > 0);
""".replace("VERBS", _LIST)


def _grant_rights(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """The application reads and adds; on tables of the trial it changes, and never removes.

    Tables of other applications (sessions and such), present and to come, it may also empty.
    """
    role = settings.DATABASES["default"]["USER"]
    if not role or role == editor.connection.settings_dict["USER"]:
        return  # one role for everything: the triggers alone hold the ledger
    name = editor.quote_name(role)
    rights = "SELECT, INSERT, UPDATE, DELETE"
    editor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
    editor.execute(f"GRANT {rights} ON ALL TABLES IN SCHEMA public TO {name}")
    editor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}")
    to_come = "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT"
    editor.execute(f"{to_come} {rights} ON TABLES TO {name}")
    editor.execute(f"{to_come} USAGE ON SEQUENCES TO {name}")
    for table in _trial_tables(apps):
        editor.execute(f"REVOKE DELETE ON {editor.quote_name(table)} FROM {name}")
    editor.execute(f"REVOKE UPDATE ON ledger_line FROM {name}")
    editor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {name}")


def _trial_tables(apps: StateApps) -> list[str]:
    """The tables of the store."""
    return [model._meta.db_table for model in apps.get_app_config("store").get_models()]


class Migration(migrations.Migration):
    """Guards on the tables of a trial."""

    dependencies: ClassVar = [("store", "0001_tables")]
    operations: ClassVar = [
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
        migrations.RunPython(_grant_rights, migrations.RunPython.noop),
    ]
