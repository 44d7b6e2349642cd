"""Flat text records of older crawls: files in, articles out."""
