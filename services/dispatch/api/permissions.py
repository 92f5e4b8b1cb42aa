"""Who may do what in dispatch. The auditor may read everything besides."""

from shared.auth import Role

R = Role
