"""What row sources share: views of a process, and calendar periods."""
