"""What a person may vary in how a model is scored."""

from reprodx.metrics.bootstrap import Bootstrap


def test_settings_say_how_to_resample(settings):
    assert settings.bootstrap == Bootstrap(num_resamples=200, seed=0, confidence_level=0.95)
