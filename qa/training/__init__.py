"""How the weights of ranking, evidence and confidence are learned: ``python -m qa.training``."""
