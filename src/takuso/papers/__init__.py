"""帳票: documents from figures that others computed. Papers know nothing of where these came from."""
