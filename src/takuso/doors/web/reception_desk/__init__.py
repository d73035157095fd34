"""異動受付 at the network company: the inbox, one case with its point, and what the staff order."""
