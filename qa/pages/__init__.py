"""The web pages: the chat and the panel of its sources."""
