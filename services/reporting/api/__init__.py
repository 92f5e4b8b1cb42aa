"""HTTP: request and response models, routes. No rule lives here."""
