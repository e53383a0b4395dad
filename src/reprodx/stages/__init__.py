"""The stages of `dvc.yaml`, one file each; what a stage does is read top to bottom on one screen."""
