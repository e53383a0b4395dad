"""MLflow on PostgreSQL with files on S3 as plain processes on this machine, for who has no Docker and for the tests.

`python -m services start` makes all three at first, starts what does not run, and says how to use them; `stop` ends
them. All that they keep lies in one folder; its passwords are made at random and stand in files of the owner alone,
never in arguments, environments or logs. Everything listens on 127.0.0.1.
"""
