"""Node kinds, one function with its derivative each; ``engine.library`` finds them by folder."""
