"""The indexer room: articles from the stream into the index, and searches in it."""
