"""What is printed: the evidence of a penalty as PDF, in Chinese."""
