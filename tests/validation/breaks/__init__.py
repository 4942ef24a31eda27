"""A corpus of breaks: small documents, and named ways to break what they make."""
