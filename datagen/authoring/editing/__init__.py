"""Help for editors: the tree of a document that is not finished yet, its places, and completions at the cursor."""
