"""Row sources: one file each."""
