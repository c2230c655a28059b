"""What is taken out of a recording: secrets, names, addresses."""
