"""newswire: crawl news sites, keep every article whole, search it. This file holds the version only."""

__version__ = "0.1.0"
