"""A demo office: invented cases at every stage and the published ones, recorded through the real use cases."""
