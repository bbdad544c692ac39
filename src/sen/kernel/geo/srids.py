"""VN-2000 in the database: the SRIDs with the official seven parameters.

PostGIS ships some of these SRIDs and lets PROJ choose the operation to WGS 84, which lands 0.81 m
beside the official one; others are missing. The rows are written by the database sync and not by
a migration, because restoring a dump or upgrading the extension brings the shipped rows back.

They carry no authority: with ``EPSG`` PostGIS would look the code up and ignore the row.
"""

from __future__ import annotations

from typing import Final

from sen.lib.vn2000 import GEOGRAPHIC_SRID, SRIDS, TOWGS84, Projection, proj4

_GEOGCS: Final = (
    'GEOGCS["VN-2000",DATUM["Vietnam_2000",SPHEROID["WGS 84",6378137,298.257223563],'
    f'TOWGS84[{TOWGS84}]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'
)


def wkt(srid: int) -> str:
    """The definition of an SRID of VN-2000 as clients of the database read it."""
    if srid == GEOGRAPHIC_SRID:
        return _GEOGCS
    projection = SRIDS[srid]
    return (
        f'PROJCS["{_name(projection)}",{_GEOGCS},PROJECTION["Transverse_Mercator"],'
        'PARAMETER["latitude_of_origin",0],'
        f'PARAMETER["central_meridian",{projection.central_meridian_deg:g}],'
        f'PARAMETER["scale_factor",{projection.scale:g}],'
        'PARAMETER["false_easting",500000],PARAMETER["false_northing",0],'
        'UNIT["metre",1],AXIS["Easting",EAST],AXIS["Northing",NORTH]]'
    )


def _name(projection: Projection) -> str:
    degrees, minutes = divmod(round(projection.central_meridian_deg * 60), 60)
    kind = "UTM" if projection.scale < 0.9999 else "TM-3"
    return f"VN-2000 / {kind} {degrees}-{minutes:02d}"


def srids_sql() -> str:
    """A statement that writes the rows that differ; without the right to, it says what to grant."""
    rows = ",\n    ".join(
        f"({srid}, '{wkt(srid)}', '{proj4(srid)}')" for srid in (GEOGRAPHIC_SRID, *sorted(SRIDS))
    )
    return f"""
DO $$ BEGIN
  CREATE TEMPORARY TABLE sen_srids ON COMMIT DROP AS
    SELECT * FROM (VALUES
    {rows}) AS v(srid, srtext, proj4text);
  IF NOT EXISTS (
    SELECT srid, srtext, proj4text, NULL FROM sen_srids EXCEPT
    SELECT srid, srtext, proj4text, auth_name FROM spatial_ref_sys)
  THEN
    DROP TABLE sen_srids;
    RETURN;
  END IF;
  DELETE FROM spatial_ref_sys WHERE srid IN (SELECT srid FROM sen_srids);
  INSERT INTO spatial_ref_sys (srid, srtext, proj4text)
    SELECT srid, srtext, proj4text FROM sen_srids;
  DROP TABLE sen_srids;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE EXCEPTION 'The SRIDs of VN-2000 cannot be written' USING HINT = format(
    'An administrator of the server runs: %s;', {_grant_literal()});
END $$;
"""  # noqa: S608  constants of the library


def _grant_literal() -> str:
    return "format('GRANT SELECT, INSERT, UPDATE, DELETE ON spatial_ref_sys TO %I', current_user)"


def grant_sql(owner: str) -> str:
    """What a superuser runs once so that the owner's sync can write the rows."""
    return f'GRANT SELECT, INSERT, UPDATE, DELETE ON spatial_ref_sys TO "{owner}"'
