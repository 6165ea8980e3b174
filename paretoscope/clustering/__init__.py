"""Clustering of weights and images."""
