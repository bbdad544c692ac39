"""What runs inside the confined process: no Django, no database, one answer in JSON."""
