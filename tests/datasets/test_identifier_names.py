"""Names of columns that say whose case a row is."""

from __future__ import annotations

import pytest

from reprodx.datasets.identifier_names import Naming, is_personal, naming

SURELY = """
    patient Patient_ID patientId PATIENTID subject SubjectNo participant MRN pid id ID uuid Patienten-Nr.
    id_paciente idPaciente patient_nbr PatientNumber patientin identifiant_patient 患者ID Paciente subject_code
    Pat.ID record_id stay_id hadm_id ICUSTAY_ID icu_stay_id stayid PT_ID encounter_id USUBJID src_subject_id surname
"""
PERHAPS = """
    case_no Fallnummer Fall-Nr RecordNo STUDYID subj-id hospital_number hospital_id visit_id admissioncode
    chart_no numéro_de_dossier n°_dossier medical_record_number visit_code nhs_number sample_id
"""
NONE = """
    patient_age patient_type outpatient case record visit stay number code no name index key ID1 PID1 hospital n
    hospital_name doctor_id ethnicity_id number_of_visits sex age platelets rapid liquid bid idiom pt fall
    source icu
    nonsense hidden kidney
"""


@pytest.mark.parametrize(
    ("names", "expected"), [(SURELY, Naming.SURELY), (PERHAPS, Naming.PERHAPS), (NONE, Naming.NONE)]
)
def test_words_of_a_name_decide(names: str, expected: Naming) -> None:
    found = {name: naming(name.replace("_", " ")) for name in names.split()}
    assert found == dict.fromkeys(found, expected)
    assert naming("case_id") == naming("CaseID") == Naming.ROW


def test_what_stays_with_a_patient() -> None:
    assert all(map(is_personal, ["sex", "Gender (m/f)", "Geschlecht", "género", "birthYear", "date_of_birth"]))
    assert not any(map(is_personal, ["sextant", "age", "sexual partners", "trace", "birthmark"]))
