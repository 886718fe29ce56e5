"""The clinic of lesson 12: twelve sick parts of a network, and two instruments."""

from chainrule_lessons.clinic import patients
from chainrule_lessons.clinic.ward import (
    PATIENTS,
    RATE,
    STEPS,
    Body,
    Look,
    Patient,
    Record,
    record,
    with_patient,
)

__all__ = [
    "PATIENTS",
    "RATE",
    "STEPS",
    "Body",
    "Look",
    "Patient",
    "Record",
    "patients",
    "record",
    "with_patient",
]
