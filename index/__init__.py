"""From files to an index on disk: reading, repair, structure, encoder, terms, vectors, store."""
