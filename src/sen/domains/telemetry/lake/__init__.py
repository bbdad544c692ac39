"""The cold lake: finished days of observations as sorted Parquet, read together with the hot."""
