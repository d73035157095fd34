"""Takuso (託送): a wheeling-service and customer-information system behind a proved information barrier."""
