"""`datagen ui`: a page on this machine that checks, completes, pictures and samples a document as one writes it."""
