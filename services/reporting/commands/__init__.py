"""The application: commands that need a look at the figures, the archive or several streams."""
