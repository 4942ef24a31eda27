"""The plan as frozen data: families, steps, blocks, partitions, encodings, estimates."""
