"""What is granted: templates rendered to policies. The only importer of jinja2."""
