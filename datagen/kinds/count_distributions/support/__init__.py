"""What the kinds of this family share."""
