"""Kibana's saved objects and alert rules, written as code; `make kibana` renders them."""
