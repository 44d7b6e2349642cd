"""The frontier for any Scrapy project, by settings alone (docs/scrapy.md). Kept empty: importing it costs nothing."""
