"""Messages to the merchant's own systems about orders: signed, retried, told apart by their ids."""
