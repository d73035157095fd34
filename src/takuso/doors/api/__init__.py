"""小売電気事業者向けの API: what a retailer's screens do, for its systems; the same gate, the same records."""
