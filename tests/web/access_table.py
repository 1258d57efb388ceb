"""Who may open and send which page: written by hand from D7.5, walked by test_access_walk.py.

Columns: address by name | its arguments | GET, and for whom | POST, and for whom. `subject` is a
subject of site 01. A POST is sent empty. Whoever is not named reads 403, from another site 404.
For whom: a group, or roles by their letters, several answers after `;`; `-` where the page cannot
be sent (405). What tells the arm is not there (404) for who is blinded.
"""

from equipoise.capture.roles import Role

LETTERS = {
    "inv": Role.INVESTIGATOR,
    "sub": Role.SUB_INVESTIGATOR,
    "coo": Role.COORDINATOR,
    "rad": Role.RADIATION_ONCOLOGIST,
    "phy": Role.PHYSICIST,
    "mon": Role.MONITOR,
    "dat": Role.DATA_MANAGER,
    "bli": Role.BLINDED_READER,
    "ran": Role.RANDOMISATION_STATISTICIAN,
    "sta": Role.BLINDED_STATISTICIAN,
    "dsm": Role.DSMB_STATISTICIAN,
    "saf": Role.SAFETY_OFFICER,
    "pro": Role.PROJECT_MANAGER,
    "aud": Role.AUDITOR,
    "adm": Role.ADMINISTRATOR,
}

GROUPS = {
    "all": frozenset(Role),
    "readers": frozenset(Role)  # who reads forms: those that do not are named
    - {Role.RANDOMISATION_STATISTICIAN, Role.PROJECT_MANAGER, Role.ADMINISTRATOR},
    "recorders": frozenset(
        LETTERS[each] for each in "inv sub coo rad phy mon dat saf".split()
    ),  # of deviations
}

TABLE = """
home                          |              | 200 all          | -
profile                       |              | 200 all          | -
resume                        |              | 302 all          | -
choose_role                   |              | 302 all          | 302 all
entry                         | subject=SUBJECT form=dm | 200 readers | 200 inv sub coo rad
entry_check                   | subject=SUBJECT form=dm | 302 inv sub coo rad | 200 inv sub coo rad
entry_codes                   | subject=SUBJECT form=dm item=sex | 200 readers | -
entry_history                 | subject=SUBJECT form=dm | 200 readers | -
entry_keys                    |              | 200 all          | -
entry_take_back               | subject=SUBJECT form=dm | 200 readers | 422 inv sub coo rad
access_log                    |              | 200 pro aud adm  | -
queries                       |              | 200 readers | -
queries_ask                   |              | 200 mon dat saf | 302 mon dat saf
query                         | number=1     | 200 readers | -
query_answer                  | number=1     | 302 readers | 422 inv sub coo rad phy bli saf
query_close                   | number=99    | 302 readers | 404 mon dat saf
query_reopen                  | number=1     | 302 readers | 422 mon dat saf
query_open                    | subject=SUBJECT form=dm | 200 mon dat saf | 422 mon dat saf
casebook                      | subject=SUBJECT | 200 readers | -
casebook_sign                 | subject=SUBJECT | 422 inv | 422 inv
casebook_verify               | subject=SUBJECT | 302 readers | 422 mon
casebook_unverify             | subject=SUBJECT | 302 readers | 422 mon
casebook_freeze               | subject=SUBJECT | 302 readers | 422 dat
casebook_unfreeze             | subject=SUBJECT | 302 readers | 422 dat
casebook_lock                 | subject=SUBJECT | 302 readers | 422 dat
casebook_unlock               | subject=SUBJECT | 302 readers | 422 dat
deviations                    |              | 200 readers; 404 bli sta | -
deviation                     | number=99    | 404 readers | 404 recorders
deviation_new                 | subject=SUBJECT | 200 recorders | 422 recorders
work                          |              | 200 readers | -
subjects                      |              | 200 readers | -
enrol                         |              | 200 inv sub coo  | 422 inv sub coo
subject                       | subject=SUBJECT | 200 readers | -
lesions                       | subject=SUBJECT | 200 readers | -
timeline                      | subject=SUBJECT | 200 readers | -
scan                          | subject=SUBJECT visit=M3 | 200 readers | -
sbrt                          | subject=SUBJECT | 200 readers; 404 bli sta | -
events                        | subject=SUBJECT | 200 readers; 404 bli sta | -
visit                         | subject=SUBJECT visit=SCR | 200 readers | -
identity                      | subject=SUBJECT | 200 inv sub coo rad | 422 inv sub coo
eligibility                   | subject=SUBJECT | 200 readers | 403 inv sub
randomise                     | subject=SUBJECT | 200 inv sub coo | 422 inv sub coo
randomised                    | subject=SUBJECT | 404 readers | -
correct_stratum               | subject=SUBJECT | 404 inv sub | 404 inv sub
sequence                      |              | 200 all | 409 ran
sequence_prove                |              | 302 ran | 409 ran
balance                       |              | 200 ran dsm | -
ledger                        |              | 200 mon dat aud  | -
ledger_verify                 |              | 200 mon dat aud  | 200 mon dat aud
ledger_csv                    |              | 200 mon dat aud  | -
ledger_jsonl                  |              | 200 mon dat aud  | -
monitoring                    |              | 200 inv sub coo mon dat saf sta dsm pro aud | -
sites                         |              | 200 pro aud adm  | 422 adm
site_close                    | site=02      | 302 pro aud adm  | 302 adm
people                        |              | 200 pro aud adm  | 422 adm
person                        | username=kim | 200 pro aud adm  | -
person_change                 | username=kim | 302 pro aud adm  | 422 adm
person_link                   | username=kim | 302 pro aud adm  | 409 adm
person_grant                  | username=kim | 302 pro aud adm  | 422 adm
person_revoke                 | username=kim | 302 pro aud adm  | 422 adm
person_close                  | username=kim | 302 pro aud adm  | 302 adm
versions                      |              | 200 all          | -
versions_compare              |              | 404 all          | -
version_approve               |              | 302 all          | 404 pro
version_upload                |              | 200 dat          | 422 dat
version_migrate               |              | 200 dat          | 404 dat
"""

# Pages of allauth and what machines ask here, which know no roles: status of GET and POST for
# nobody, then for anybody.
DOOR = """
health                                |                    | 200 405 | 200 405
metrics                               |                    | 200 405 | 200 405
set_language                          |                    | 302 302 | 302 302
account_login                         |                    | 200 200 | 302 302
account_logout                        |                    | 302 302 | 200 302
account_inactive                      |                    | 200 405 | 200 405
account_reauthenticate                |                    | 302 302 | 200 200
account_change_password               |                    | 302 302 | 200 200
account_set_password                  |                    | 302 302 | 302 302
account_reset_password                |                    | 200 200 | 200 200
account_reset_password_done           |                    | 200 405 | 200 405
account_reset_password_from_key       | uidb36=1 key=forged| 200 200 | 200 200
account_reset_password_from_key_done  |                    | 200 405 | 200 405
mfa_index                             |                    | 302 302 | 200 405
mfa_authenticate                      |                    | 302 302 | 302 302
mfa_reauthenticate                    |                    | 302 302 | 302 302
mfa_activate_totp                     |                    | 302 302 | 302 302
mfa_deactivate_totp                   |                    | 302 302 | 404 404
mfa_view_recovery_codes               |                    | 302 302 | 404 405
mfa_generate_recovery_codes           |                    | 302 302 | 302 302
mfa_download_recovery_codes           |                    | 302 302 | 404 404
"""
