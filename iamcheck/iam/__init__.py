"""How IAM decides: model, reference data, engine, policy input. No network, no template, no command line, no clock."""
