"""Messages, hints, places and the order of the problems of a document."""
