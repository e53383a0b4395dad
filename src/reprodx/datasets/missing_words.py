"""Words that mean that there is no value."""

USUAL_WORDS = ("NA", "N/A", "NaN", "nan", "NULL", "null", "None", "?")
"""What means missing in every column unless something else was said of every column."""
MISSING_IN_NUMBERS = frozenset(
    (
        *("", "-", "--", "---", "–", "—", ".", "..", "?", "??", "*", "**", "***", "/"),
        *(
            "na",
            "n/a",
            "n.a.",
            "n.a",
            "n a",
            "nan",
            "-nan",
            "null",
            "none",
            "<na>",
            "nat",
            "\\n",
            "(null)",
            "[null]",
        ),
        *(
            "#n/a",
            "#na",
            "#nv",
            "#null!",
            "#value!",
            "#wert!",
            "#div/0!",
            "#num!",
            "#zahl!",
            "#ref!",
            "#bezug!",
            "#name?",
        ),
        *("unknown", "unk", "missing", "not available", "not applicable", "not done", "not measured", "not known"),
        *("not recorded", "not reported", "no value", "no data", "nd", "n/d", "n.d.", "nk", "n.k.", "tbd", "pending"),
        *("unbekannt", "fehlt", "fehlend", "keine angabe", "k.a.", "ka", "k. a.", "nicht gemessen", "o.b.", "entfällt"),
        *("inconnu", "manquant", "non mesuré", "non disponible", "desconocido", "sin dato", "no disponible", "s/d"),
    )
)
"""What means missing, in small letters, where the other values of a column are numbers."""
