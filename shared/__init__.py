"""What every service is built on. It knows none of them."""
