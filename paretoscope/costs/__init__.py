"""What a network costs: exact counts on the modules that would really be trained."""
