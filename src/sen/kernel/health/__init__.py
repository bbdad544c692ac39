"""Whether the platform works, for supervisors, balancers and monitoring."""
