"""How the monthly reports reach their recipients (D26): by e-mail, into a folder, to a webhook."""
