"""What statuses, actions and kinds are called on screens and in refusals, Chinese first; a file for each subject."""
