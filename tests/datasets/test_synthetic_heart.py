"""Invented hearts: rhythm, diseases, and people who differ."""

from __future__ import annotations

import numpy as np

from reprodx.datasets.synthetic_heart import (
    BEAT,
    CLASSES,
    CONDUCTION,
    FIBRILLATION,
    NORMAL,
    SITES,
    ST_T,
    Patient,
    draw_beats,
    draw_gain,
    draw_noise,
    draw_patient,
    fibrillation,
    waves_of,
)


def patient(disease: str, *, severity: float = 1.0, is_left: bool = True) -> Patient:
    return Patient(disease, severity, is_left, BEAT.copy(), 60.0, "north", "male", 50.0)


def test_intervals_are_irregular_in_fibrillation_alone() -> None:
    rng = np.random.default_rng(0)
    spreads = {
        is_fibrillating: np.median([
            np.std(gaps) / np.mean(gaps) for _, gaps in (draw_beats(75, 10, is_fibrillating, rng) for _ in range(200))
        ])
        for is_fibrillating in (False, True)
    }  # fmt: skip
    assert spreads[False] < 0.07
    assert spreads[True] > 0.14
    beats, gaps = draw_beats(75, 10, True, rng)
    np.testing.assert_allclose(np.diff(beats), gaps[1:])
    assert beats[0] < 0 < 10 < beats[-1] + 1


def test_each_disease_changes_the_waves_that_it_should() -> None:
    healthy = waves_of(patient(NORMAL), NORMAL)
    np.testing.assert_array_equal(healthy, BEAT)
    assert len(waves_of(patient(FIBRILLATION), FIBRILLATION)) == len(BEAT) - 2
    ischaemic = waves_of(patient(ST_T), ST_T)
    assert (ischaemic[6:8, 2] * BEAT[6:8, 2] < 0).all()
    assert (waves_of(patient(ST_T, severity=0.3), ST_T)[6:8, 2] * BEAT[6:8, 2] > 0).all()
    left, right = (waves_of(patient(CONDUCTION, is_left=is_left), CONDUCTION) for is_left in (True, False))
    late = {"left": left[left[:, 0].argsort()], "right": right[right[:, 0].argsort()]}
    for block in late.values():
        assert ((block[:, 0] > 0.04) & (block[:, 0] < 0.08)).any()
    np.testing.assert_array_equal(waves_of(patient(CONDUCTION), NORMAL), BEAT)


def test_people_differ_and_age_with_fibrillation() -> None:
    rng = np.random.default_rng(0)
    people = [draw_patient(rng) for _ in range(600)]
    assert {person.disease for person in people} == set(CLASSES)
    assert all(0 < person.severity < 1 and 20 <= person.age <= 90 for person in people)
    ages = {name: np.mean([person.age for person in people if person.disease == name]) for name in CLASSES}
    assert ages[FIBRILLATION] > ages[NORMAL] + 3
    assert len({person.waves.tobytes() for person in people}) == len(people)


def test_f_waves_lie_between_4_and_10_hertz() -> None:
    time = np.arange(1000) / 100
    lead = fibrillation(time, 1.0, np.random.default_rng(0))[:, 6]
    power = np.abs(np.fft.rfft(lead - lead.mean())) ** 2
    frequencies = np.fft.rfftfreq(1000, 0.01)
    assert 4 < frequencies[power.argmax()] < 10
    assert 0.02 < np.ptp(lead) < 0.5


def test_the_second_site_is_noisier_and_stronger() -> None:
    rng = np.random.default_rng(0)
    time = np.arange(500) / 100
    noises, gains = (
        [np.mean([of(site) for _ in range(60)]) for site in SITES]
        for of in (lambda site: draw_noise(time, site, rng).std(), lambda site: draw_gain(site, rng))
    )
    assert noises[1] > 1.3 * noises[0]
    assert gains[1] > gains[0] + 0.05
