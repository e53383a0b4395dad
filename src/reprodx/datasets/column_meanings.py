"""What the name of a column says of it, in English, German, French and Spanish."""

from __future__ import annotations

import re

from reprodx.datasets.spelling import without_accents

UNIT = (
    r"(hours?|days?|weeks?|months?|years?|hrs?|stunden|tage|wochen|monate|jahre|heures|jours|mois|ans|horas|dias|meses"
    r"|anos)"
)
"""Of time."""
TIME = re.compile(
    rf"(time|duration|zeit|dauer|temps|duree|tiempo|duracion|tte|ttd|futime|(overall_)?survival|(follow_?up|fu)"
    rf"|(survival|overall_survival|event|follow_?up|fu|os|pfs|dfs|rfs)_(time|{UNIT})|uberlebenszeit|ueberlebenszeit"
    rf"|(time|{UNIT})_to_(event|death|relapse|last_contact)|(time|zeit|temps|tiempo|survival|os|pfs|dfs|rfs)_(in_)?{UNIT})"
)
"""What a column of times to an event is called."""
EVENT = re.compile(
    r"event|events|status|event_(status|observed|indicator)|censor(ed|ing)?|cens|observed|fustat|ereignis|zensiert|"
    r"zensur|evenement|evento"
)
"""What a column is called that says whether an event came."""
LATE = re.compile(
    rf"(?<![a-z])(follow_?up|length_?of_?(hospital_|icu_)?stay|(hospital|icu|vent\w*)_({UNIT}|stay)"
    rf"|(?<!nasal_)(?<!vaginal_)(?<!urethral_)(?<!ear_)(?<!eye_)(?<!purulent_)(discharged?|dischtime)"
    r"|death|died|dead|deceased|mortality|dod|survival|survived|surv|autopsy|censor\w*|readmission|readmitted"
    r"|nachbeobachtung\w*|nachsorge\w*|verweildauer|liegedauer|liegetage|aufenthaltsdauer|entlass\w*|todes\w*|sterbe\w*"
    r"|gestorben|verstorben|tod|uberleb\w*|ueberleb\w*|obduktion\w*|wiederaufnahme\w*"
    r"|suivi|duree_(de_|du_)?(sejour|hospitalisation)|sortie|deces|survie|autopsie|rehospitalisation"
    r"|seguimiento|(dias|duracion)_(de_)?(la_)?(estancia|hospitalizacion|ingreso)|estancia|egreso|(fecha|motivo)_(de_)?alta"
    r"|muerte|fallec\w*|defuncion|supervivencia|autopsia|reingreso)(?![a-z])"
)
"""What is known only after the outcome, anywhere in a name."""
STAY = re.compile(rf"((hosp\w*|icu|total)_)?los(_({UNIT}|hosp\w*|icu))?")
"""Length of stay in short: as a part of other names it is an article of Spanish."""


def plain_name(column: str) -> str:
    """Return a name in small letters without accents, its words joined by `_`.

    >>> plain_name("Durée de séjour (jours)"), plain_name("FollowUp-Time")
    ('duree_de_sejour_jours', 'follow_up_time')
    """
    return re.sub(r"[\W_]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", without_accents(column))).strip("_").lower()


def is_time(column: str) -> bool:
    """Return whether a column is called as times to an event are."""
    return TIME.fullmatch(plain_name(column)) is not None


def is_event(column: str) -> bool:
    """Return whether a column is called as one that says whether an event came."""
    return EVENT.fullmatch(plain_name(column)) is not None


def is_known_late(column: str) -> bool:
    """Return whether a column is called like what is known only after the outcome.

    >>> is_known_late("LOS"), is_known_late("time"), is_known_late("discharge_date"), is_known_late("Prothrombin time")
    (True, True, True, False)
    """
    name = plain_name(column)
    return is_time(column) or STAY.fullmatch(name) is not None or LATE.search(name) is not None
