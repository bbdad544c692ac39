"""GDAL as a program apart: reads rasters of others and writes cloud-optimised ones."""
