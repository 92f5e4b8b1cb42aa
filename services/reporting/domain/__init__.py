"""Pure: the figures of a month and the lives of the reports. No database, no clock, no network."""
