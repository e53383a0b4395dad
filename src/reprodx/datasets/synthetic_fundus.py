"""Synthetic fundus photographs: diabetic retinopathy drawn with the lesions that define its grade.

No photograph of a person has any part in them. They are for trying a pipeline on pictures, never for medical claims.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import polars as pl

from reprodx.datasets.acknowledged import Acknowledged
from reprodx.datasets.fundus_anatomy import Traits, Vessels, add_disc, draw_background
from reprodx.datasets.fundus_camera import CAMERAS, Camera
from reprodx.datasets.fundus_lesions import Lesions, add_bright_lesions, add_harmless_spots, bead, blood
from reprodx.datasets.groups import group_of
from reprodx.datasets.keys import refuse_split_column
from reprodx.errors import ConfigError
from reprodx.inputs import Inputs, Modality, room
from reprodx.schemas import CASE_ID, GROUP_PREFIX, PATIENT_ID, SITE, Y_TRUE, RawCases, Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from reprodx.datasets.fundus_canvas import Image

logger = logging.getLogger(__name__)

GRADES = ("none", "mild", "moderate", "severe", "proliferative")
"""The classes in their order, named as in the ICDR scale."""
ANSWERS = ("negative", "positive")
"""The classes where the task is whether a grade is one of some."""
LATERALITIES = ("R", "L")
"""Right and left eye."""
SUPERSAMPLING = 2
"""Pictures are drawn with so many times their size, and averaged."""
SHARED_SEVERITY = 0.8
"""Correlation of the severities of a patient's two eyes."""
AGE_CUTS_YEARS = (50.0, 65.0)
"""Where the bands of age begin and end."""
CARD = """# Synthetic fundus photographs

- **Synthetic: every picture is drawn by this program.** No photograph of a person has any part in it; nothing that a
  model reaches here says anything about patients.
- Cohort: patients with two eyes each, one photograph an eye, at two sites whose cameras differ in angle of view, crop,
  colour, blur, noise and the notch at the rim. Grades are equally common at both.
- Truth: the ICDR grade of diabetic retinopathy (Wilkinson et al., Ophthalmology 2003), 0 to 4. The grade is drawn
  first, then the lesions that define it, so it is free of error. A patient's eyes share traits and tend to share a
  grade.
- What is wrong with them: grade 1 is a few microaneurysms, which may be smaller than a pixel. Drusen of age, clumps of
  pigment and haze are drawn at every grade, but no laser scars and no other disease.
"""
"""What the pictures are, in Markdown."""


@dataclass(frozen=True, kw_only=True)
class SyntheticFundus:
    """Colour fundus photographs with the ICDR grades of diabetic retinopathy, drawn by this program."""

    modality: ClassVar[Modality] = Modality.IMAGE
    """What kind of measurement a case is judged by."""

    size: Sequence[int]
    """Height and width in pixels; the round field of view fills the shorter one."""
    num_patients: int
    """Two eyes each."""
    grade_shares: Sequence[float]
    """How common each grade is, 0 to 4."""
    positive: Sequence[int] | None
    """Grades that mean disease, which makes the task binary; None asks for the grade."""
    seed: int
    """Of the drawings."""
    acknowledge: Mapping[str, object]
    """Leaks to let through, see `Acknowledged`."""

    def __post_init__(self) -> None:
        """Check the keys.

        Raises:
            ConfigError: If one holds what it cannot.
        """
        if len(self.size) != 2 or min(self.size) < 16:
            raise ConfigError("data.size: must be [height, width] of at least 16 pixels each")
        if self.num_patients < 1:
            raise ConfigError(f"data.num_patients: {self.num_patients} is below 1")
        if self.seed < 0:
            raise ConfigError(f"data.seed: {self.seed} is below 0")
        shares = self.grade_shares
        if len(shares) != len(GRADES) or min(shares) < 0 or abs(sum(shares) - 1) > 1e-6:
            raise ConfigError(f"data.grade_shares: must be {len(GRADES)} shares that add up to 1")
        if self.positive is not None and not set() < set(self.positive) < set(range(len(GRADES))):
            raise ConfigError("data.positive: must be some of the grades 0 to 4 and not all; or null to ask for grades")
        Acknowledged.from_config(self.acknowledge)

    @property
    def acknowledged(self) -> Acknowledged:
        """Leaks that the leakage gate lets through."""
        return Acknowledged.from_config(self.acknowledge)

    def read(self, split_column: str | None, *, scratch: Path | None = None) -> RawCases:
        """Draw the photographs.

        Args:
            split_column: Must be None, since the data name no split.
            scratch: A folder for the pictures; None to keep them in memory.

        Returns:
            Two cases a patient, right eye first.

        Raises:
            ConfigError: If a column for the split is asked for.
        """
        refuse_split_column(split_column, "synth_fundus")
        num_cases = 2 * self.num_patients
        logger.info("drawing %d fundus photographs", num_cases)
        pictures = room((num_cases, *self.size, 3), np.uint8, scratch)
        rows: list[dict[str, object]] = []
        for patient in range(1, self.num_patients + 1):
            rng = np.random.default_rng([self.seed, patient])
            traits, camera = Traits.draw(rng), CAMERAS[int(rng.integers(len(CAMERAS)))]
            sex, grades = str(rng.choice(["female", "male"])), self._grades(rng)
            for eye, grade in zip(LATERALITIES, grades, strict=True):
                pictures[len(rows)] = self._picture(traits, camera, eye, grade, rng)
                rows.append(
                    {
                        CASE_ID: f"p{patient:04d}_{eye}",
                        PATIENT_ID: f"p{patient:04d}",
                        SITE: camera.site,
                        Y_TRUE: self._answer(grade),
                        GROUP_PREFIX + "sex": sex,
                        GROUP_PREFIX + "age": traits.age_years,
                        GROUP_PREFIX + "laterality": {"R": "right", "L": "left"}[eye],
                    }
                )
        cases = pl.DataFrame(rows)
        logger.info("drew %d fundus photographs", num_cases)
        return RawCases(
            is_synthetic=True,
            cases=cases.with_columns(group_of(cases[GROUP_PREFIX + "age"], AGE_CUTS_YEARS)),
            features=pl.DataFrame(height=num_cases),
            classes=GRADES if self.positive is None else ANSWERS,
            num_read=num_cases,
            exclusions=(),
            has_patients=True,
            card=CARD + self._question(),
            reference_standard="synthetic: drawn with the lesions of its grade",
            inputs=Inputs.of_rows(
                Modality.IMAGE,
                pictures,
                channels=("red", "green", "blue"),
                settings={"size": list(self.size), "fit": "pad", "colour": "rgb"},
            ),
            declared_task=Task.ORDINAL if self.positive is None else None,
        )

    def _answer(self, grade: int) -> str:
        return GRADES[grade] if self.positive is None else ANSWERS[grade in self.positive]

    def _question(self) -> str:
        if self.positive is None:
            return ""
        return f"- Question: disease or not. Positive are the grades {', '.join(map(str, sorted(self.positive)))}.\n"

    def _grades(self, rng: np.random.Generator) -> tuple[int, int]:
        from scipy.stats import norm

        shared, own = rng.standard_normal(), rng.standard_normal(2)
        severities = SHARED_SEVERITY**0.5 * shared + (1 - SHARED_SEVERITY) ** 0.5 * own
        bounds = np.cumsum(self.grade_shares)[:-1]
        right, left = np.searchsorted(bounds, norm.cdf(severities), side="right")
        return int(right), int(left)

    def _picture(
        self, traits: Traits, camera: Camera, eye: str, grade: int, rng: np.random.Generator
    ) -> NDArray[np.uint8]:
        height, width = self.size
        side = min(height, width)
        image = draw_eye(traits, camera, grade, is_left=eye == "L", side=side * SUPERSAMPLING, rng=rng)
        averaged = image.reshape(side, SUPERSAMPLING, side, SUPERSAMPLING, 3).mean(axis=(1, 3))
        picture = np.zeros((height, width, 3), dtype=np.uint8)
        top, left = (height - side) // 2, (width - side) // 2
        picture[top : top + side, left : left + side] = camera.digitise(averaged, rng)
        return picture


def draw_eye(
    traits: Traits, camera: Camera, grade: int, *, is_left: bool, side: int, rng: np.random.Generator
) -> Image:
    """Return the photograph of an eye.

    Args:
        traits: Of the patient.
        camera: Of the site.
        grade: Of diabetic retinopathy, 0 to 4.
        is_left: Whether the optic disc lies at the left.
        side: Height and width in pixels.
        rng: What differs between eyes of the same traits.

    Returns:
        Shape (side, side, 3), values in [0, 1], without the sensor's noise.
    """
    canvas = camera.canvas(side, rng)
    lesions, vessels = Lesions.of_grade(grade, rng), Vessels.grow(traits, rng)
    if lesions.beaded_veins:
        vessels = bead(vessels, rng)
    image = add_disc(draw_background(canvas, traits, rng), canvas, traits, rng)
    image = image * np.exp(-vessels.absorbance(canvas))
    image = add_harmless_spots(image, canvas, traits, rng)
    image = add_bright_lesions(image, canvas, lesions, rng)
    image = image * np.exp(-blood(canvas, traits, lesions, rng))
    if is_left:
        image = image[:, ::-1]
    return camera.photograph(image, canvas, rng)
