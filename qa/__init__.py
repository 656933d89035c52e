"""From a question to cited paragraphs: retrieval, ranking, evidence, verdict; command line and page."""
