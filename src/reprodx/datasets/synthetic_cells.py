"""Synthetic blood smears: single cells of ten kinds, drawn with the morphology that defines their kind.

No blood of a person has any part in them. They are for trying a pipeline on pictures, never for medical claims.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import polars as pl

from reprodx.datasets.acknowledged import Acknowledged
from reprodx.datasets.blood_cells import KINDS, draw_cell
from reprodx.datasets.blood_smear import Field, Smear, draw_red_cells
from reprodx.datasets.keys import refuse_split_column
from reprodx.errors import ConfigError
from reprodx.inputs import Inputs, Modality, room
from reprodx.schemas import CASE_ID, GROUP_PREFIX, PATIENT_ID, SITE, Y_TRUE, RawCases

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

CLASSES = tuple(KINDS)
"""The kinds of cells."""
CARD = """# Synthetic blood cells

- **Synthetic: every picture is drawn by this program.** No blood of a person has any part in it; nothing that a model
  reaches here says anything about patients.
- Cohort: patients with several cells each, every picture one cell amid red cells, stained and photographed in one of
  two laboratories. A patient's cells share stain, thickness of the smear and red cells. The ten kinds are equally
  common in all patients, as they are in nobody's blood.
- Truth: the kind of the cell, which is drawn first, then its size, nucleus, cytoplasm and granules. It is free of
  error, but forms between two kinds occur: band and segmented neutrophils, and lymphocytes, reactive ones and blasts,
  overlap in all that tells them apart.
- What is wrong with them: no smudged, overlapping or dying cells, no other kinds, and colours that are simpler than
  those of a stain.
"""
"""What the pictures are, in Markdown."""


@dataclass(frozen=True, kw_only=True)
class SyntheticCells:
    """Pictures of single blood cells of ten kinds, drawn by this program."""

    modality: ClassVar[Modality] = Modality.IMAGE
    """What kind of measurement a case is judged by."""

    size: Sequence[int]
    """Height and width in pixels, which are equal."""
    num_patients: int
    """Each with a smear of its own."""
    cells_per_patient: int
    """Cells that are photographed of a smear."""
    seed: int
    """Of the drawings."""
    acknowledge: Mapping[str, object]
    """Leaks to let through, see `Acknowledged`."""

    def __post_init__(self) -> None:
        """Check the keys.

        Raises:
            ConfigError: If one holds what it cannot.
        """
        if len(self.size) != 2 or self.size[0] != self.size[1] or self.size[0] < 16:
            raise ConfigError("data.size: must be [height, width], equal and at least 16 pixels")
        for name, least in (("num_patients", 1), ("cells_per_patient", 1), ("seed", 0)):
            if getattr(self, name) < least:
                raise ConfigError(f"data.{name}: {getattr(self, name)} is below {least}")
        Acknowledged.from_config(self.acknowledge)

    @property
    def acknowledged(self) -> Acknowledged:
        """Leaks that the leakage gate lets through."""
        return Acknowledged.from_config(self.acknowledge)

    def read(self, split_column: str | None, *, scratch: Path | None = None) -> RawCases:
        """Draw the cells.

        Args:
            split_column: Must be None, since the data name no split.
            scratch: A folder for the pictures; None to keep them in memory.

        Returns:
            So many cases a patient.

        Raises:
            ConfigError: If a column for the split is asked for.
        """
        refuse_split_column(split_column, "synth_cells")
        num_cases = self.num_patients * self.cells_per_patient
        logger.info("drawing %d blood cells", num_cases)
        pictures, field = room((num_cases, *self.size, 3), np.uint8, scratch), Field(self.size[0])
        rows: list[dict[str, object]] = []
        for patient in range(1, self.num_patients + 1):
            rng = np.random.default_rng([self.seed, patient])
            smear, sex = Smear.draw(rng), str(rng.choice(["female", "male"]))
            for cell in range(1, self.cells_per_patient + 1):
                own = np.random.default_rng([self.seed, patient, cell])
                kind = CLASSES[int(own.integers(len(CLASSES)))]
                pictures[len(rows)] = draw_picture(field, smear, kind, own)
                rows.append(
                    {
                        CASE_ID: f"p{patient:04d}_{cell:02d}",
                        PATIENT_ID: f"p{patient:04d}",
                        SITE: smear.laboratory.site,
                        Y_TRUE: kind,
                        GROUP_PREFIX + "sex": sex,
                    }
                )
        logger.info("drew %d blood cells", num_cases)
        return RawCases(
            is_synthetic=True,
            cases=pl.DataFrame(rows),
            features=pl.DataFrame(height=num_cases),
            classes=CLASSES,
            num_read=num_cases,
            exclusions=(),
            has_patients=True,
            card=CARD,
            reference_standard="synthetic: drawn with the morphology of its kind",
            inputs=Inputs.of_rows(
                Modality.IMAGE,
                pictures,
                channels=("red", "green", "blue"),
                settings={"size": list(self.size), "fit": "pad", "colour": "rgb"},
            ),
        )


def draw_picture(field: Field, smear: Smear, kind: str, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return the photograph of a cell.

    Args:
        field: Its field of view.
        smear: Of the patient.
        kind: One of `CLASSES`.
        rng: What differs between the cells of a smear.

    Returns:
        Shape (side, side, 3).
    """
    cell, depth = draw_cell(field, KINDS[kind], smear.cell_size, rng)
    return smear.photograph(field, cell + draw_red_cells(field, smear, depth, rng), rng)
