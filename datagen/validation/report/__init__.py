"""Reports of a validation: terminal, JSON, JUnit and HTML."""
