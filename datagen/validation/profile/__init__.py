"""What the data looks like, column by column, whatever was declared: observed in slices, merged, and bounded in size."""
