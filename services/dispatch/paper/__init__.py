"""What is printed: the company's forms as PDF, in Chinese."""
