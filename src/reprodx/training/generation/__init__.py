"""Networks that make new cases instead of judging them: pictures by an adversary, texts token by token."""
