"""The one door to MLflow: stores, runs, and what is logged in them.

`open_store` finds the store, `start_run` and `open_run_for_evaluation` give a `Run`, and what is written to it never
fails. MLflow takes seconds to import, so it is imported by the first call that needs it.
"""
