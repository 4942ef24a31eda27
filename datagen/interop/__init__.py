"""Export to other tools and sidecar files beside a dataset."""
