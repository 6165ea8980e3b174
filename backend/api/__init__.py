"""The API: one module a resource, thin: validate, call, return."""
