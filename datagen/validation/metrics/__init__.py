"""One file, one quality measure: observed slice by slice, merged, then judged."""
