"""What a person may vary in how a model is scored."""

import dataclasses

from reprodx.metrics.bootstrap import Bootstrap


def test_settings_say_how_to_resample(settings):
    assert settings.bootstrap == Bootstrap(num_resamples=200, seed=0, confidence_level=0.95)


def test_a_stated_prevalence_is_of_one_question_alone(settings):
    stated = dataclasses.replace(settings, prevalence=0.1)
    assert stated.of_questions(1).prevalence == 0.1
    assert stated.of_questions(3) == settings
