"""The recordings that the seeds are taken from."""

from pathlib import Path

CASSETTES = Path(__file__).parents[2] / "cassettes"

# Recordings, and the domain that is in them.
DUMP, EDIT = "test_domain/test_flags_of_a_dump", "test_define/test_a_mode_is_edited_in_place_by_one_reconfiguration"
RECORDED = {DUMP: "db01", EDIT: "web01"}
LOOKUPS = "test_connect/test_domains_are_looked_up_by_name_uuid_and_id"
