"""What choosers share: domains of rows, distributions over them, and draws with and without replacement."""
