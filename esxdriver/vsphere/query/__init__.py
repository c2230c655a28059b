"""What is asked of a host: properties, the inventory, tasks."""
