"""How well the core rooms are tested: what their tests reach, and what they would notice."""
