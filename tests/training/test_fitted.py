"""The summary of a fit."""

from reprodx.training.fitted import FitSummary


def test_a_tracked_run_shows_the_counts_beside_its_curves():
    summary = FitSummary(best_epoch=3, num_epochs=5, num_parameters=7, metrics={"val/loss": 0.5})

    assert summary.as_metrics() == {"fit/best_epoch": 3.0, "fit/num_epochs": 5.0, "fit/num_parameters": 7.0}
