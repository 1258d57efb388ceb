"""The roles of the people of a trial; what each may do stands in capture/roles.py."""

from enum import StrEnum


class Role(StrEnum):
    """Who somebody is in the trial (D7.5); the value is how it is written."""

    INVESTIGATOR = "investigator"
    SUB_INVESTIGATOR = "sub_investigator"
    COORDINATOR = "coordinator"
    RADIATION_ONCOLOGIST = "radiation_oncologist"
    PHYSICIST = "physicist"  # plans at a site, or reviews plans of every site (RTQA)
    MONITOR = "monitor"
    DATA_MANAGER = "data_manager"
    BLINDED_READER = "blinded_reader"  # reads images, adjudicates
    RANDOMISATION_STATISTICIAN = "randomisation_statistician"  # holds the list
    BLINDED_STATISTICIAN = "blinded_statistician"  # the statistician of the trial
    DSMB_STATISTICIAN = "dsmb_statistician"  # reports by arm to the monitoring committee
    SAFETY_OFFICER = "safety_officer"
    PROJECT_MANAGER = "project_manager"  # of the sponsor
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
