"""Who may do what in penalties. The auditor may read everything besides."""
