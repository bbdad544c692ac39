"""OGC API Features (Core, CRS) and Tiles over every registered layer, under the access rule."""
