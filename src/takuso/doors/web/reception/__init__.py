"""異動受付 as a retailer has it: its own applications, the relays it answers, and the forms by which it applies."""
