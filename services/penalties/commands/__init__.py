"""The application: commands that need a look-up or several streams. The rest goes straight to a lifecycle.

Every function takes the ``Streams`` of one piece of work, decides on them, and returns the answer of the command.
"""
