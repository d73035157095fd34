"""拒否: codes, their texts, and the decision that carries them."""
