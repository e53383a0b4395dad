"""What is raised for signals that cannot be used, and the rules that they break."""

from __future__ import annotations

from reprodx.errors import SchemaError

FILES_MISSING = "a file of the record is missing"
NO_WFDB = "the file is no WFDB record: convert it to .hea and .dat, as with wfdb.io.convert"
UNREADABLE = "the record cannot be read"
OTHER_LENGTH = "a file of samples is shorter or longer than the header says"
OTHER_CHECKSUM = "the samples are not those of the header's checksums: the record is damaged"
OUTSIDE = "the header names a file outside its folder"
NO_RATE = "the header names no sampling rate"
OTHER_SEGMENTS = "a segment differs from its record in rate, length or leads"
TOO_HIGH = "the amplitudes are none of an ECG, but too large: look at the header's gains and units"
TOO_LOW = "the amplitudes are none of an ECG, but too small or none: look at the header's gains and units"
UNCALIBRATED = "a lead has no gain, so that its millivolts are unknown: write the gain into the header"
NO_ANNOTATIONS = "the record's annotations are absent, damaged or of no beat, so that its beats count as one"
ANNOTATED_BEYOND = "the annotations are of another record: they go on behind its end"
LEAD_MISSING = "a lead is missing"
NO_LEAD_NAMES = "the record does not name its leads: choose them by number in data.leads, as [0,1]"
TWO_OF_ONE_NAME = "two leads have the name of one: choose them by number in data.leads, as [0,1]"
ONE_LEAD_TWICE = "two of data.leads are one lead of the record"
OTHER_RATE = "sampled at another rate than data.sampling_rate"
ABSURD_RATE = "sampled at a rate a thousand times off data.sampling_rate"
TOO_SHORT = "shorter than it should be"
TOO_MANY_GAPS = "a lead has more missing samples than data.max_missing_share"


class UnusableSignalError(SchemaError):
    """A signal that cannot be brought to the common form; the message is the rule that it breaks."""


class FaultyRecordError(UnusableSignalError):
    """A record whose files, not what was asked of them, are at fault."""
