"""How the bundled encoder was made: `python -m index.training --data ../shared/data`."""
