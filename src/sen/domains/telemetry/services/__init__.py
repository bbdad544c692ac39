"""Everything that changes telemetry."""

from __future__ import annotations

from sen.domains.telemetry.services.bulk import bring_stations
from sen.domains.telemetry.services.catalogue import (
    create_feature,
    create_observed_property,
    create_sensor,
    delete_feature,
    delete_observed_property,
    delete_sensor,
    update_feature,
    update_observed_property,
    update_sensor,
)
from sen.domains.telemetry.services.devices import (
    give_key,
    mark_silent,
    provision_device,
    provision_unknown,
    quarantine_device,
    release_device,
    retire_device,
    revoke_key,
    update_device,
)
from sen.domains.telemetry.services.mappings import create_mapping, delete_mapping, update_mapping
from sen.domains.telemetry.services.pulling import connect_device
from sen.domains.telemetry.services.streams import (
    create_calibration,
    create_datastream,
    create_service_entry,
    delete_calibration,
    delete_datastream,
    delete_service_entry,
    forget_observations,
    update_calibration,
    update_datastream,
    update_service_entry,
)
from sen.domains.telemetry.services.things import (
    create_location,
    create_thing,
    delete_location,
    delete_thing,
    set_locations,
    update_location,
    update_thing,
)

__all__ = [
    "bring_stations",
    "connect_device",
    "create_calibration",
    "create_datastream",
    "create_feature",
    "create_location",
    "create_mapping",
    "create_observed_property",
    "create_sensor",
    "create_service_entry",
    "create_thing",
    "delete_calibration",
    "delete_datastream",
    "delete_feature",
    "delete_location",
    "delete_mapping",
    "delete_observed_property",
    "delete_sensor",
    "delete_service_entry",
    "delete_thing",
    "forget_observations",
    "give_key",
    "mark_silent",
    "provision_device",
    "provision_unknown",
    "quarantine_device",
    "release_device",
    "retire_device",
    "revoke_key",
    "set_locations",
    "update_calibration",
    "update_datastream",
    "update_device",
    "update_feature",
    "update_location",
    "update_mapping",
    "update_observed_property",
    "update_sensor",
    "update_service_entry",
    "update_thing",
]
