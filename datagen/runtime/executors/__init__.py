"""Who runs the partitions: this process or a Dask cluster."""
