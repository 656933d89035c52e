"""Question sets, measures and reports: judges any retriever that ``qa`` offers."""
