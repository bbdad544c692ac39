-- The same rows on every run. Degrees of WGS 84; the box of the province.
SELECT setseed(0.597);

INSERT INTO kernel_access_organisation (code, name, kind, path, is_active, is_demo, short_name)
SELECT 'B' || n, 'Đơn vị ' || n, 'DIVISION', '/b' || n || '/', true, true, ''
FROM generate_series(1, 20) n;
INSERT INTO kernel_access_area (code, name, kind, path, is_active, is_demo)
SELECT 'B' || n, 'Xã ' || n, 'COMMUNE', '/b' || n || '/', true, true FROM generate_series(1, 102) n;

INSERT INTO bench_road (owner_org_id, area_id, data_class, version, is_demo, geom, code, name,
  road_class, surface, lanes, width_m, commune, status, km_from, km_to)
SELECT org, area, 0, 1, true, line, 'R' || n, 'Đường số ' || n, 1 + n % 6,
  (ARRAY['asphalt', 'concrete', 'gravel'])[1 + n % 3], 1 + n % 4, 3.5 + n % 9, n % 102,
  (ARRAY['open', 'closed', 'planned'])[1 + n % 3], n % 100, n % 100 + 0.4
FROM (
  SELECT n, (SELECT min(id) FROM kernel_access_organisation WHERE code LIKE 'B%') + n % 20 AS org,
    (SELECT min(id) FROM kernel_access_area WHERE code LIKE 'B%') + n % 102 AS area,
    ST_SetSRID(ST_MakeLine(ARRAY(
      SELECT ST_MakePoint(x + k * dx + 0.0002 * sin(k * n), y + k * dy + 0.0002 * cos(k * n))
      FROM generate_series(0, 7) k)), 4326) AS line
  FROM (
    SELECT n, 105.2 + random() * 1.6 AS x, 10.14 + random() * 0.82 AS y,
      0.0012 * cos(n) * random() AS dx, 0.0012 * sin(n) * random() AS dy
    FROM generate_series(1, :roads) n) seeds) segments;

INSERT INTO bench_zone (owner_org_id, area_id, data_class, version, is_demo, geom, plan_code,
  land_use, far, max_floors, density, commune, status, decision)
SELECT org, area, 0, 1, true, shape, 'QH' || n, (ARRAY['ODT', 'DGT', 'LUC', 'SKC'])[1 + n % 4],
  n % 8, n % 30, n % 60, n % 102, 'approved', n || '/QĐ-UBND'
FROM (
  SELECT n, (SELECT min(id) FROM kernel_access_organisation WHERE code LIKE 'B%') + n % 20 AS org,
    (SELECT min(id) FROM kernel_access_area WHERE code LIKE 'B%') + n % 102 AS area,
    ST_Buffer(ST_SetSRID(ST_MakePoint(105.2 + random() * 1.6, 10.14 + random() * 0.82), 4326),
      0.0005 + random() * 0.003, 6) AS shape
  FROM generate_series(1, :zones) n) shapes;

-- What the peers serve: the same rows with one geometry column.
CREATE SCHEMA peer;
CREATE TABLE peer.road AS SELECT id, code, name, road_class, surface, lanes, width_m, commune,
  owner_org_id, status, km_from, km_to, updated_at, geom::geometry(LineString, 4326) FROM bench_road;
CREATE TABLE peer.zone AS SELECT id, plan_code, land_use, far, max_floors, density, commune,
  owner_org_id, status, decision, updated_at, geom::geometry(Polygon, 4326) FROM bench_zone;
ALTER TABLE peer.road ADD PRIMARY KEY (id);
ALTER TABLE peer.zone ADD PRIMARY KEY (id);
CREATE INDEX ON peer.road USING gist (geom);
CREATE INDEX ON peer.zone USING gist (geom);
GRANT USAGE ON SCHEMA peer TO PUBLIC;
GRANT SELECT ON peer.road, peer.zone TO PUBLIC;
